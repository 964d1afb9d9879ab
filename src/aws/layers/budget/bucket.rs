//! One quota's token bucket.

use super::limits::Rate;
use super::places::{Place, Places};
use std::sync::{Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep};

/// Calls that we space evenly reach AWS less evenly, so a quota is not spent to its last call.
const HEADROOM: f64 = 0.95;
/// Share of the full rate that comes back in each second without a throttle: a tenth in ten seconds.
const RECOVERY: f64 = 0.01;
/// However often AWS refuses, this share of the full rate stays, or nothing would ever show that it has recovered.
const FLOOR: f64 = 1.0 / 32.0;
/// Sums of fractions come out a little short of a whole token.
const WHOLE: f64 = 1.0 - 1e-6;

/// A token bucket whose waiters are served in the order in which they came, the urgent ones before all others.
pub(super) struct Bucket {
    /// The queue: tokio's mutex is fair. Its holder alone waits for the next token.
    turn: Mutex<()>,
    urgent_turn: Mutex<()>,
    /// How many urgent callers there are.
    urgent: watch::Sender<usize>,
    state: StdMutex<State>,
}

/// An urgent caller, for as long as it waits.
struct Hurry<'a>(&'a watch::Sender<usize>);

impl<'a> Hurry<'a> {
    fn new(urgent: &'a watch::Sender<usize>) -> Self {
        urgent.send_modify(|count| *count += 1);
        Self(urgent)
    }
}

impl Drop for Hurry<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

struct State {
    full: f64,
    rate: f64,
    burst: f64,
    tokens: f64,
    updated: Instant,
    halved: Option<Instant>,
}

impl Bucket {
    pub fn new(rate: Rate) -> Self {
        let full = HEADROOM * f64::from(rate.calls) / rate.per.as_secs_f64();
        let burst = f64::from(rate.burst);
        let state = State {
            full,
            rate: full,
            burst,
            tokens: burst,
            updated: Instant::now(),
            halved: None,
        };
        Self {
            turn: Mutex::default(),
            urgent_turn: Mutex::default(),
            urgent: watch::Sender::new(0),
            state: StdMutex::new(state),
        }
    }

    /// Waits for a token and a place, and takes both: while there is no place, no token is spent.
    pub async fn take(&self, places: &Places, is_urgent: bool) -> Place {
        if is_urgent {
            let _hurry = Hurry::new(&self.urgent);
            let _turn = self.urgent_turn.lock().await;
            return self.take_in_turn(places, true).await;
        }
        let _turn = self.turn.lock().await;
        let mut urgent = self.urgent.subscribe();
        loop {
            // Nobody drops the sender while it is borrowed.
            let _ = urgent.wait_for(|count| *count == 0).await;
            tokio::select! {
                biased;
                _ = urgent.wait_for(|count| *count > 0) => {}
                place = self.take_in_turn(places, false) => return place,
            }
        }
    }

    async fn take_in_turn(&self, places: &Places, is_urgent: bool) -> Place {
        loop {
            let missing = self.state().missing();
            if let Some(wait) = missing {
                sleep(wait).await;
                continue;
            }
            let place = places.take(is_urgent).await;
            if self.state().try_take() {
                return place;
            }
        }
    }

    /// Takes a token for a call that was made without asking.
    pub fn debit(&self) {
        let mut state = self.state();
        state.refill();
        state.tokens = (state.tokens - 1.0).max(-state.burst);
    }

    /// Halves the rate because AWS refused a call that `began` then.
    ///
    /// A call from before the last halving says nothing about the rate since: of many calls that were under way
    /// together, one counts.
    pub fn throttled(&self, began: Instant) {
        let mut state = self.state();
        state.refill();
        if state.halved.is_none_or(|halved| began >= halved) {
            state.rate = (state.rate / 2.0).max(state.full * FLOOR);
            state.tokens = state.tokens.min(0.0);
            state.halved = Some(Instant::now());
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How long it takes until there is a token; `None` where there is one.
    fn missing(&mut self) -> Option<Duration> {
        self.refill();
        let is_missing = self.tokens < WHOLE;
        is_missing.then(|| Duration::from_secs_f64((1.0 - self.tokens) / self.rate))
    }

    /// Takes a token, if there is one.
    fn try_take(&mut self) -> bool {
        let is_there = self.missing().is_none();
        if is_there {
            self.tokens -= 1.0;
        }
        is_there
    }

    fn refill(&mut self) {
        let now = Instant::now();
        let passed = now.duration_since(self.updated).as_secs_f64();
        self.tokens = (self.tokens + self.rate * passed).min(self.burst);
        self.rate = (self.rate + self.full * RECOVERY * passed).min(self.full);
        self.updated = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(calls: u32, burst: u32) -> Bucket {
        Bucket::new(Rate {
            calls,
            per: Duration::from_secs(1),
            burst,
        })
    }

    async fn take(bucket: &Bucket) {
        drop(bucket.take(&Places::new(), false).await);
    }

    /// How many tokens come in `time`.
    async fn taken_in(bucket: &Bucket, time: Duration) -> u32 {
        let end = Instant::now() + time;
        let mut count = 0;
        while tokio::time::timeout_at(end, take(bucket)).await.is_ok() {
            count += 1;
        }
        count
    }

    #[tokio::test(start_paused = true)]
    async fn over_a_minute_no_more_than_the_quota_and_one_burst_is_spent() {
        let spent = taken_in(&bucket(5, 10), Duration::from_mins(1)).await;
        assert!((5 * 57..=5 * 60 + 10).contains(&spent), "{spent}");
    }

    #[tokio::test(start_paused = true)]
    async fn single_calls_are_spaced_by_the_quotas_period() {
        let bucket = bucket(1, 1);
        take(&bucket).await;
        let first = Instant::now();
        take(&bucket).await;
        let gap = first.elapsed();
        assert!(
            gap >= Duration::from_secs(1) && gap < Duration::from_millis(1100),
            "{gap:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_halves_the_rate() {
        let bucket = bucket(10, 1);
        bucket.throttled(Instant::now());
        let spent = taken_in(&bucket, Duration::from_secs(2)).await;
        assert!((9..=10).contains(&spent), "{spent}");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_were_under_way_together_halve_the_rate_once() {
        let bucket = bucket(10, 1);
        let began = Instant::now();
        sleep(Duration::from_millis(100)).await;
        for _ in 0..8 {
            bucket.throttled(began);
        }
        let spent = taken_in(&bucket, Duration::from_secs(2)).await;
        assert!((9..=10).contains(&spent), "{spent}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_rate_comes_back_by_a_tenth_in_ten_seconds() {
        let bucket = bucket(10, 1);
        bucket.throttled(Instant::now());
        sleep(Duration::from_secs(10)).await;
        let partly = taken_in(&bucket, Duration::from_secs(1)).await;
        sleep(Duration::from_secs(50)).await;
        let wholly = taken_in(&bucket, Duration::from_secs(1)).await;
        assert!((5..=7).contains(&partly), "{partly}");
        assert!((9..=10).contains(&wholly), "{wholly}");
    }

    #[tokio::test(start_paused = true)]
    async fn endless_throttles_leave_a_trickle() {
        let bucket = bucket(1, 1);
        for _ in 0..20 {
            sleep(Duration::from_millis(1)).await;
            bucket.throttled(Instant::now());
        }
        tokio::time::timeout(Duration::from_secs(40), take(&bucket))
            .await
            .unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_made_without_asking_delays_the_next_one() {
        let bucket = bucket(1, 1);
        bucket.debit();
        let start = Instant::now();
        take(&bucket).await;
        assert!(start.elapsed() >= Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_gives_up_lets_the_next_one_in_and_spends_nothing() {
        let bucket = bucket(1, 1);
        take(&bucket).await;
        let start = Instant::now();
        let impatient = tokio::time::timeout(Duration::from_millis(100), take(&bucket));
        let (gave_up, ()) = tokio::join!(impatient, take(&bucket));
        assert!(gave_up.is_err());
        assert!(
            start.elapsed() < Duration::from_millis(1100),
            "{:?}",
            start.elapsed()
        );
    }
}
