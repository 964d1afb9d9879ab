//! Objects that ask no more for what their distribution is marked for: since when this process knows. What they made last, or a process that
//! died, lists may show later, and one list may be cut short. So the mark stays until two were read, the later one long after the last
//! possible creation, and whatever either showed is gone.

use crate::domain::edge::distribution::TAG_SHIELD;
use crate::domain::perimeter::observed::Observed;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How old a list may always be: whoever parts with the same at a time shares one.
const FRESH: Duration = Duration::from_secs(10);

/// A list read this long after the deletion began shows everything that was created before it.
pub(super) const SETTLED_AFTER: Duration = Duration::from_secs(75);

/// By UID and mark, since when its object asks for that no more; forgotten with this process, whose successor begins anew.
#[derive(Debug, Default)]
pub(super) struct Partings(Mutex<HashMap<String, BTreeMap<String, Instant>>>);

/// How a list has to be read to tell what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub max_age: Duration,
    /// What it lacks does not exist.
    pub settled: bool,
}

impl Partings {
    /// How to look for what is left of `mark`, where a list is otherwise read every `usual`.
    pub(super) fn look(&self, uid: &str, mark: &str, usual: Duration) -> Look {
        let known = self.lock();
        let Some(since) = known.get(uid).and_then(|of_object| of_object.get(mark)) else {
            return Look {
                max_age: usual.min(FRESH),
                settled: false,
            };
        };
        // Whoever parts with the same a moment later shares the list.
        let over = since.elapsed().checked_sub(SETTLED_AFTER);
        let over = over.filter(|over| *over >= FRESH);
        Look {
            max_age: over.map_or(usual, |over| usual.min(over)),
            settled: over.is_some(),
        }
    }

    /// A list was read for an object that does not ask for it.
    pub(super) fn begin(&self, uid: &str, mark: &str) {
        let mut known = self.lock();
        let of_object = known.entry(uid.to_owned()).or_default();
        of_object.entry(mark.to_owned()).or_insert_with(Instant::now);
    }

    /// The object asks for it again, and may make something.
    pub(super) fn end(&self, uid: &str, mark: &str) {
        self.keep(uid, |known| known != mark);
    }

    /// Forgets all marks of an object but those.
    pub(super) fn keep(&self, uid: &str, is_kept: impl Fn(&str) -> bool) {
        let mut known = self.lock();
        if let Some(of_object) = known.get_mut(uid) {
            of_object.retain(|mark, _| is_kept(mark));
            if of_object.is_empty() {
                known.remove(uid);
            }
        }
    }

    /// Forgets what an object parted from whose distribution is marked for that no more.
    pub(super) fn note(&self, observed: &Observed) {
        let zones = observed.known_zones();
        self.keep(&observed.owner.uid, |mark| {
            zones.contains(mark) || (mark == TAG_SHIELD && observed.had_shield())
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, BTreeMap<String, Instant>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Duration = Duration::from_mins(10);

    #[tokio::test(start_paused = true)]
    async fn what_a_list_lacks_is_gone_once_it_was_read_long_after_the_parting() {
        let partings = Partings::default();
        let look = |mark: &str| partings.look("u", mark, USUAL);
        let first = Look {
            max_age: FRESH,
            settled: false,
        };
        assert_eq!(look("shield"), first, "what was read before is not believed");
        partings.begin("u", "shield");
        tokio::time::sleep(Duration::from_mins(1)).await;
        partings.begin("u", "shield");
        assert!(!look("shield").settled, "lists may lag");
        assert_eq!(look("zone"), first, "of another mark nothing is known");
        tokio::time::sleep(Duration::from_mins(1)).await;
        let Look { max_age, settled } = look("shield");
        assert_eq!(max_age + SETTLED_AFTER, Duration::from_mins(2));
        assert!(settled);
        tokio::time::sleep(Duration::from_hours(1)).await;
        assert_eq!(look("shield").max_age, USUAL);
    }

    #[tokio::test(start_paused = true)]
    async fn many_that_part_one_after_the_other_ask_for_no_list_of_a_moment_ago() {
        let partings = Partings::default();
        let (mut looks, mut read, mut reads) = (0, None::<Instant>, 0);
        for second in 0..400 {
            for n in 0..100 {
                if n > second || (second - n) % 20 != 0 {
                    continue;
                }
                let uid = n.to_string();
                let Look { max_age, settled } = partings.look(&uid, "zone", USUAL);
                assert!(max_age >= FRESH, "{max_age:?}");
                looks += usize::from(settled);
                if read.is_none_or(|read| read.elapsed() > max_age) {
                    (read, reads) = (Some(Instant::now()), reads + 1);
                }
                partings.begin(&uid, "zone");
            }
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!(looks > 100, "{looks}");
        assert!(reads <= 400 / 10 + 2, "{reads}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_for_it_again_parts_anew() {
        let partings = Partings::default();
        for mark in ["shield", "zone"] {
            partings.begin("u", mark);
        }
        tokio::time::sleep(SETTLED_AFTER + FRESH).await;
        partings.end("u", "shield");
        assert!(!partings.look("u", "shield", USUAL).settled);
        assert!(partings.look("u", "zone", USUAL).settled);
        partings.keep("u", |_| false);
        assert!(partings.lock().is_empty());
    }
}
