//! How long an object that failed waits: exponentially, with jitter, each object on its own.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The first pause after a failure.
pub const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// The first pause after somebody else wrote at the same time: to look again is mostly enough.
pub const AFTER_CONFLICT: Duration = Duration::from_secs(1);
const MAX: Duration = Duration::from_mins(10);
/// Shorter intervals are not spread: what waits for them shares one look at AWS.
const SPREAD_FROM: Duration = Duration::from_mins(1);

/// `interval`, or up to a twentieth less: what began at one time does not come back at one time for ever. No more than that,
/// so that lists which passes share are read once an interval still.
#[must_use]
pub fn spread(interval: Duration) -> Duration {
    if interval < SPREAD_FROM {
        return interval;
    }
    interval.mul_f64(fastrand::f64().mul_add(0.05, 0.95))
}

/// Consecutive failures by object UID.
#[derive(Debug, Default)]
pub struct Backoff(Mutex<HashMap<String, u32>>);

impl Backoff {
    /// Notes a failure; answers how long to wait before the next attempt: `first`, and longer the more failed before.
    pub fn failed(&self, uid: &str, first: Duration) -> Duration {
        let mut entries = self.entries();
        let failures = entries.entry(uid.to_owned()).or_default();
        let delay = delay(first, *failures);
        *failures = failures.saturating_add(1);
        // Downwards only, so that the maximum holds.
        delay.mul_f64(fastrand::f64().mul_add(0.25, 0.75))
    }

    /// Notes a success: the next failure starts over.
    pub fn succeeded(&self, uid: &str) {
        self.entries().remove(uid);
    }

    /// Forgets all objects but those in `uids`.
    pub fn retain(&self, uids: &HashSet<String>) {
        self.entries().retain(|uid, _| uids.contains(uid));
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn delay(first: Duration, failures: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(failures)).min(MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_ten_minutes() {
        let delays =
            |first| -> Vec<u64> { (0..9).map(|failures| delay(first, failures).as_secs()).collect() };
        assert_eq!(delays(AFTER_FAILURE), [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(delays(AFTER_CONFLICT), [1, 2, 4, 8, 16, 32, 64, 128, 256]);
        assert_eq!(delay(AFTER_CONFLICT, u32::MAX), MAX);
    }

    #[test]
    fn intervals_are_spread_over_their_last_twentieth_and_short_ones_are_not() {
        let interval = Duration::from_mins(10);
        let spreads: Vec<Duration> = (0..100).map(|_| spread(interval)).collect();
        assert!(
            spreads
                .iter()
                .all(|spread| *spread <= interval && *spread >= interval.mul_f64(0.95))
        );
        assert!(
            spreads.iter().any(|spread| *spread != spreads[0]),
            "no two differ"
        );
        assert_eq!(spread(Duration::from_secs(20)), Duration::from_secs(20));
    }

    #[test]
    fn jitter_only_shortens_and_by_a_quarter_at_most() {
        let backoff = Backoff::default();
        let first = backoff.failed("uid", AFTER_FAILURE);
        assert!(
            first <= AFTER_FAILURE && first >= AFTER_FAILURE.mul_f64(0.75),
            "{first:?}"
        );
    }

    #[test]
    fn a_success_starts_over_and_objects_do_not_share_failures() {
        let backoff = Backoff::default();
        for _ in 0..5 {
            backoff.failed("failing", AFTER_FAILURE);
        }
        assert!(backoff.failed("other", AFTER_FAILURE) <= AFTER_FAILURE);
        backoff.succeeded("failing");
        assert!(backoff.failed("failing", AFTER_FAILURE) <= AFTER_FAILURE);
    }

    #[test]
    fn objects_that_are_gone_are_forgotten() {
        let backoff = Backoff::default();
        backoff.failed("gone", AFTER_FAILURE);
        backoff.failed("here", AFTER_FAILURE);
        backoff.retain(&HashSet::from(["here".to_owned()]));
        assert_eq!(backoff.entries().len(), 1);
    }
}
