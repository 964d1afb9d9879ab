//! One quota's token bucket.

use super::limits::Rate;
use std::sync::{Mutex as StdMutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// Calls that we space evenly reach AWS less evenly, so a quota is not spent to its last call.
const HEADROOM: f64 = 0.95;
/// Share of the full rate that comes back in each second without a throttle: a tenth in ten seconds.
const RECOVERY: f64 = 0.01;
/// However often AWS refuses, this share of the full rate stays, or nothing would ever show that it has recovered.
const FLOOR: f64 = 1.0 / 32.0;
/// Sums of fractions come out a little short of a whole token.
const WHOLE: f64 = 1.0 - 1e-6;

/// A token bucket whose waiters are served in the order in which they came.
pub(super) struct Bucket {
    /// The queue: tokio's mutex is fair. Its holder alone sleeps for the next token.
    turn: Mutex<()>,
    state: StdMutex<State>,
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
            state: StdMutex::new(state),
        }
    }

    /// Waits for a token and takes it.
    pub async fn take(&self) {
        let _turn = self.turn.lock().await;
        loop {
            let wait = self.state().try_take();
            match wait {
                None => return,
                Some(wait) => sleep(wait).await,
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
    /// Takes a token, or says how long to wait before asking again.
    fn try_take(&mut self) -> Option<Duration> {
        self.refill();
        if self.tokens >= WHOLE {
            self.tokens -= 1.0;
            None
        } else {
            Some(Duration::from_secs_f64((1.0 - self.tokens) / self.rate))
        }
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

    /// How many tokens come in `time`.
    async fn taken_in(bucket: &Bucket, time: Duration) -> u32 {
        let end = Instant::now() + time;
        let mut count = 0;
        while tokio::time::timeout_at(end, bucket.take()).await.is_ok() {
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
        bucket.take().await;
        let first = Instant::now();
        bucket.take().await;
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
        tokio::time::timeout(Duration::from_secs(40), bucket.take())
            .await
            .unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_made_without_asking_delays_the_next_one() {
        let bucket = bucket(1, 1);
        bucket.debit();
        let start = Instant::now();
        bucket.take().await;
        assert!(start.elapsed() >= Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_waiter_that_gives_up_lets_the_next_one_in_and_spends_nothing() {
        let bucket = bucket(1, 1);
        bucket.take().await;
        let start = Instant::now();
        let impatient = tokio::time::timeout(Duration::from_millis(100), bucket.take());
        let (gave_up, ()) = tokio::join!(impatient, bucket.take());
        assert!(gave_up.is_err());
        assert!(
            start.elapsed() < Duration::from_millis(1100),
            "{:?}",
            start.elapsed()
        );
    }
}
