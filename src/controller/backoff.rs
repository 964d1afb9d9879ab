//! How long an object that failed waits: exponentially, with jitter, each object on its own.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const BASE: Duration = Duration::from_secs(5);
const MAX: Duration = Duration::from_mins(10);

/// Consecutive failures by object UID.
#[derive(Debug, Default)]
pub struct Backoff(Mutex<HashMap<String, u32>>);

impl Backoff {
    /// Notes a failure; answers how long to wait before the next attempt.
    pub fn failed(&self, uid: &str) -> Duration {
        let mut entries = self.entries();
        let failures = entries.entry(uid.to_owned()).or_default();
        let delay = delay(*failures);
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

fn delay(failures: u32) -> Duration {
    BASE.saturating_mul(2_u32.saturating_pow(failures)).min(MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_ten_minutes() {
        let delays: Vec<u64> = (0..9).map(|failures| delay(failures).as_secs()).collect();
        assert_eq!(delays, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(delay(u32::MAX), MAX);
    }

    #[test]
    fn jitter_only_shortens_and_by_a_quarter_at_most() {
        let backoff = Backoff::default();
        let first = backoff.failed("uid");
        assert!(first <= BASE && first >= BASE.mul_f64(0.75), "{first:?}");
    }

    #[test]
    fn a_success_starts_over_and_objects_do_not_share_failures() {
        let backoff = Backoff::default();
        for _ in 0..5 {
            backoff.failed("failing");
        }
        assert!(backoff.failed("other") <= BASE);
        backoff.succeeded("failing");
        assert!(backoff.failed("failing") <= BASE);
    }

    #[test]
    fn objects_that_are_gone_are_forgotten() {
        let backoff = Backoff::default();
        backoff.failed("gone");
        backoff.failed("here");
        backoff.retain(&HashSet::from(["here".to_owned()]));
        assert_eq!(backoff.entries().len(), 1);
    }
}
