//! How often stages were touched so that a switch of their default endpoint takes effect: what has none again and again is tried ever more
//! seldom, since each touch is a change of the team's stage.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The stage is given what it has, and changed once.
const AT_ONCE: u32 = 2;
const FIRST: Duration = Duration::from_mins(1);
const LONGEST: Duration = Duration::from_hours(1);

/// The touches since the last switch, by UID; forgotten with this process.
#[derive(Debug, Default)]
pub struct Touches(Mutex<HashMap<String, (u32, Instant)>>);

impl Touches {
    /// Notes one that was made now.
    pub(in crate::controller::engine) fn note(&self, uid: &str) {
        let mut all = self.lock();
        let before = all.get(uid).map_or(0, |(count, _)| *count);
        all.insert(uid.to_owned(), (before.saturating_add(1), Instant::now()));
    }

    /// Forgets those of an object that is gone, or whose endpoint was switched anew.
    pub(in crate::controller::engine) fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    /// Whether the last ones had no effect, and the next one waits.
    pub(super) fn rest(&self, uid: &str) -> bool {
        self.lock().get(uid).is_some_and(|(count, last)| {
            let more = count.checked_sub(AT_ONCE + 1);
            let pause = more.map(|more| FIRST.saturating_mul(2_u32.saturating_pow(more)).min(LONGEST));
            pause.is_some_and(|pause| last.elapsed() < pause)
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (u32, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_has_no_effect_is_tried_ever_more_seldom_until_it_is_switched_anew() {
        let touches = Touches::default();
        let mut made = Vec::new();
        for second in 0..3 * 3600 {
            if second % 30 == 0 && !touches.rest("u") {
                touches.note("u");
                made.push(second);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(made[..6], [0, 30, 60, 120, 240, 480]);
        assert!(made.len() < 12, "{made:?}");
        assert!(!touches.rest("another"));
        touches.forget("u");
        assert!(!touches.rest("u"));
    }
}
