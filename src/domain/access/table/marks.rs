//! Phase and history of our locks, as a tag of the distribution: AWS remembers them over a crash.

pub use super::marked_value::{Rotated, Unprobed};
use super::phase::{LONGEST_BACKOFF, time};
pub use super::phase::{LockedBefore, Phase, Step};
use crate::domain::access::probe::Class;
use crate::domain::kernel::hash::short;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::words::moment;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::time::Duration;

/// Phase and history in one tag, so that they change together.
pub const TAG_ACCESS: &str = "palisade.dev/access";
/// Stands between the phase and the times of locks.
const LOCKED: &str = "/locked ";
/// Stands between those and the last rotation.
const ROTATED: &str = "/rotated ";
/// Stands before since when a value waits to be sent.
const NEXT: &str = "/next ";
/// Stands before what probes were answered before the lock.
const BEFORE: &str = "/before ";
/// Stands before the stage that the rest is of. It comes last, after [`BEFORE`]: a reader that does not know it takes it for a
/// part of those answers that it cannot read.
const STAGE: &str = "/stage ";
/// As many characters as the value of a tag has.
const LONGEST: usize = 256;
/// As many times as tell that a lock is contested.
const LOCKS: usize = 3;
/// A lock that was removed twice within this time is contested.
const CONTEST: SignedDuration = SignedDuration::from_hours(24);

/// What the probed route answered while it asked for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Before {
    /// Through the perimeter.
    pub viewer: Option<Class>,
    /// Past it.
    pub direct: Option<Class>,
}

impl Before {
    fn value(&self) -> String {
        let text = |class: Option<Class>| class.map_or_else(|| "-".to_owned(), Class::tag);
        format!("{} {}", text(self.viewer), text(self.direct))
    }

    fn parse(value: &str) -> Self {
        let (viewer, direct) = value.split_once(' ').unwrap_or((value, "-"));
        Self {
            viewer: Class::parse(viewer),
            direct: Class::parse(direct),
        }
    }
}

/// What the distribution's tags say of our locks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Marks {
    /// The phase of a cut-over.
    pub cut_over: Option<Phase>,
    /// When the API was locked, the last times, oldest first.
    pub locks: Vec<Timestamp>,
    /// Modes with a secret value: when it was last replaced. Stays until nothing of these modes is left.
    pub rotated: Option<Rotated>,
    /// Modes with a secret value: the next one, which no probe can try.
    pub next: Option<Unprobed>,
    /// What was answered before the lock: later answers are compared with it.
    pub before: Option<Before>,
    /// Hash of the name of the stage that phase, locks and answers are of; `None` in marks that do not tell.
    pub stage: Option<String>,
    /// The same of an earlier stage, where the tag says that its cut-over is neither proven nor put back: that comes first, since the
    /// next mark takes the place of it.
    pub earlier: Option<String>,
}

impl Marks {
    /// Whether they tell that their stage was locked. Where they do not name it, a secret value that was replaced tells the same:
    /// that was marked without the lock's time.
    #[must_use]
    pub fn was_locked(&self) -> bool {
        !self.locks.is_empty() || (self.stage.is_none() && self.rotated.is_some())
    }

    /// These marks, with the name of the stage that they are of.
    #[must_use]
    pub fn named(self, stage: &str) -> Self {
        let mut locks = self.locks.clone();
        if let Some(rotated) = self
            .rotated
            .as_ref()
            .filter(|_| locks.is_empty() && self.was_locked())
        {
            locks.push(rotated.at);
        }
        Self {
            locks,
            stage: Some(stage_hash(stage)),
            ..self
        }
    }

    /// Reads the tag as the object's for this stage. An object that names another stage keeps its distribution: of the tag's phase,
    /// locks and answers, nothing is true of the new stage. The secret value is the object's, whatever its stage.
    #[must_use]
    pub fn of_stage(tags: &Tags, stage: &str, now: Timestamp) -> Self {
        let found = Self::of(tags, now);
        let stage = stage_hash(stage);
        if found.stage.as_ref().is_none_or(|known| *known == stage) {
            return found;
        }
        let is_unproven = found.is_unproven();
        Self {
            rotated: found.rotated,
            next: found.next,
            stage: Some(stage),
            earlier: found.stage.filter(|_| is_unproven),
            ..Self::default()
        }
    }

    /// Whether a cut-over is begun that is neither proven nor put back, at this stage or at an earlier one.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        let phase = self.cut_over.as_ref();
        self.earlier.is_some() || phase.is_some_and(|phase| phase.step != Step::Back)
    }

    /// Reads the tag. What cannot be read counts as the most careful: a time that is missing or lies in the future means
    /// `now`.
    #[must_use]
    pub fn of(tags: &Tags, now: Timestamp) -> Self {
        let Some(value) = tags.get(TAG_ACCESS) else {
            return Self::default();
        };
        let (value, stage) = value.split_once(STAGE).unwrap_or((value, ""));
        let (value, before) = value.split_once(BEFORE).unwrap_or((value, ""));
        let (value, next) = value.split_once(NEXT).unwrap_or((value, ""));
        let (value, rotated) = value.split_once(ROTATED).unwrap_or((value, ""));
        let (phase, locks) = value.split_once(LOCKED).unwrap_or((value, ""));
        Self {
            rotated: (!rotated.is_empty()).then(|| Rotated::parse(rotated, now)),
            cut_over: (!phase.is_empty()).then(|| Phase::parse(phase, now)),
            locks: locks
                .split(' ')
                .filter(|text| !text.is_empty())
                .map(|text| time(text, now))
                .collect(),
            next: (!next.is_empty()).then(|| Unprobed::parse(next, now)),
            before: Some(Before::parse(before)).filter(|before| *before != Before::default()),
            stage: (!stage.is_empty()).then(|| stage.to_owned()),
            earlier: None,
        }
    }

    /// The tag's value. It leaves out the stage where it has no room for it.
    #[must_use]
    pub fn value(&self) -> String {
        let phase = self.cut_over.as_ref().map(Phase::value).unwrap_or_default();
        let locks: Vec<String> = self.locks.iter().copied().map(moment).collect();
        let rotated = self.rotated.as_ref().map(Rotated::value);
        let rotated = rotated.map_or_else(String::new, |rotated| format!("{ROTATED}{rotated}"));
        let next = self.next.as_ref().map(Unprobed::value);
        let next = next.map_or_else(String::new, |next| format!("{NEXT}{next}"));
        let value = format!("{phase}{LOCKED}{}{rotated}{next}", locks.join(" "));
        let before = self.before.as_ref().map(Before::value);
        let unnamed = before
            .as_ref()
            .map_or_else(|| value.clone(), |before| format!("{value}{BEFORE}{before}"));
        let Some(stage) = &self.stage else { return unnamed };
        let before = before.unwrap_or_else(|| Before::default().value());
        let named = format!("{value}{BEFORE}{before}{STAGE}{stage}");
        if named.len() <= LONGEST { named } else { unnamed }
    }

    /// The times of our locks, with one more at `now`.
    #[must_use]
    pub fn locked_at(&self, now: Timestamp) -> Vec<Timestamp> {
        let mut locks = self.locks.clone();
        locks.push(now);
        locks.split_off(locks.len().saturating_sub(LOCKS))
    }

    /// How long to leave an API open whose lock somebody keeps removing; `None` where it may be locked now.
    #[must_use]
    pub fn contested_for(&self, now: Timestamp) -> Option<Duration> {
        let (first, last) = (self.locks.first()?, self.locks.last()?);
        let is_contested = self.locks.len() >= LOCKS && last.duration_since(*first) < CONTEST;
        let age = now.duration_since(*last).unsigned_abs();
        is_contested.then(|| LONGEST_BACKOFF.checked_sub(age)).flatten()
    }
}

/// Whether marks mean the stage of this name by `hash`.
#[must_use]
pub fn is_hash_of(hash: &str, name: &str) -> bool {
    stage_hash(name) == hash
}

/// Whether the tags say that what was locked is another stage than the one of this name.
#[must_use]
pub fn are_of_another_stage(tags: &Tags, name: &str) -> bool {
    let stage = tags.get(TAG_ACCESS).and_then(|value| value.split_once(STAGE));
    stage.is_some_and(|(_, known)| !is_hash_of(known, name))
}

/// Of a stage's name, which may have characters that tags do not: as much as a tag has room for.
fn stage_hash(stage: &str) -> String {
    short(stage).chars().take(4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::table::cause::Cause;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn tagged(value: &str) -> Tags {
        Tags::from([(TAG_ACCESS.to_owned(), value.to_owned())])
    }

    #[test]
    fn marks_are_read_as_they_were_written() {
        let phase = Phase {
            step: Step::Refused,
            before: Some("dep123".into()),
            route: None,
            from: "AWS_IAM".into(),
            refusals: 3,
            since: at("2026-01-01T00:00:00Z"),
            tried: Some("header:0a1b2c3d4e5f6071".into()),
            locked_before: LockedBefore::of(["GET /a", "GET /b", "GET /c"].into_iter()),
            cause: Some(Cause::AuthorizerFirst),
        };
        let locks = vec![at("2025-01-01T00:00:00Z"), at("2025-02-01T00:00:00Z")];
        for (cut_over, locks) in [
            (Some(phase.clone()), locks.clone()),
            (None, locks),
            (Some(phase), vec![]),
        ] {
            let rotated = Rotated {
                at: at("2026-01-01T00:00:00Z"),
                request: "0a1b2c3d".into(),
            };
            let before = Before {
                viewer: Class::parse("403wF"),
                direct: Class::parse("403w"),
            };
            let next = Unprobed {
                since: at("2026-01-01T00:00:00Z"),
                acceptor: "0a1b2c3d".into(),
            };
            for (rotated, next, before) in [
                (None, None, Some(before.clone())),
                (Some(rotated.clone()), None, None),
                (Some(rotated), Some(next), Some(before)),
                (None, None, None),
            ] {
                let unnamed = Marks {
                    cut_over: cut_over.clone(),
                    locks: locks.clone(),
                    rotated,
                    next,
                    before,
                    stage: None,
                    earlier: None,
                };
                for marks in [unnamed.clone(), unnamed.named("$default")] {
                    let read = Marks::of(&tagged(&marks.value()), at("2026-01-02T00:00:00Z"));
                    assert_eq!(read, marks);
                    assert!(marks.value().len() <= 256, "{}", marks.value());
                }
            }
        }
        assert_eq!(
            Marks::of(&Tags::new(), at("2026-01-02T00:00:00Z")),
            Marks::default()
        );
    }

    #[test]
    fn marks_of_another_stage_tell_nothing_of_this_one_but_of_the_secret_value() {
        let now = at("2026-01-02T00:00:00Z");
        let rotated = Rotated {
            at: at("2026-01-01T00:00:00Z"),
            request: "0a1b2c3d".into(),
        };
        let prod = Marks {
            cut_over: Some(Phase::parse("back d1 - 1 2026-01-01T00:00:00Z NONE", now)),
            locks: vec![at("2025-01-01T00:00:00Z")],
            rotated: Some(rotated.clone()),
            ..Marks::default()
        };
        let tags = tagged(&prod.named("prod").value());
        let (prod, dev) = (
            Marks::of_stage(&tags, "prod", now),
            Marks::of_stage(&tags, "dev", now),
        );
        assert!(prod.was_locked() && prod.cut_over.is_some());
        assert!(!dev.was_locked());
        let value_alone = Marks {
            rotated: Some(rotated),
            ..Marks::default()
        };
        assert_eq!(Marks { stage: None, ..dev }, value_alone);
    }

    #[test]
    fn a_cut_over_of_another_stage_that_is_not_proven_is_left_in_doubt_and_not_forgotten() {
        let now = at("2026-01-02T00:00:00Z");
        let of_prod = |step: &str| {
            let marks = Marks {
                cut_over: Some(Phase::parse(
                    &format!("{step} d1 - 0 2026-01-01T00:00:00Z NONE"),
                    now,
                )),
                ..Marks::default()
            };
            tagged(&marks.named("prod").value())
        };
        for step in ["trying", "rest", "narrowing", "refused"] {
            let dev = Marks::of_stage(&of_prod(step), "dev", now);
            assert!(dev.is_unproven() && dev.cut_over.is_none(), "{step}");
            assert!(
                dev.earlier.is_some_and(|hash| is_hash_of(&hash, "prod")),
                "{step}"
            );
            assert_eq!(Marks::of_stage(&of_prod(step), "prod", now).earlier, None);
        }
        assert!(!Marks::of_stage(&of_prod("back"), "dev", now).is_unproven());
    }

    #[test]
    fn marks_that_name_no_stage_are_those_of_the_objects_stage() {
        let now = at("2026-01-02T00:00:00Z");
        for value in [
            "/locked 2025-01-01T00:00:00Z",
            "/locked /rotated 2025-01-01T00:00:00Z -",
        ] {
            let read = Marks::of_stage(&tagged(value), "dev", now);
            assert_eq!((read.was_locked(), &read.stage), (true, &None), "{value}");
            let named = Marks::of_stage(&tagged(&read.named("dev").value()), "dev", now);
            assert!(named.was_locked() && named.stage.is_some(), "{value}");
        }
    }

    #[test]
    fn a_stage_for_which_the_tag_has_no_room_is_left_out() {
        let locks = vec![at("2025-01-01T00:00:00Z"); 11];
        let marks = Marks {
            locks,
            ..Marks::default()
        };
        let value = marks.clone().named("prod").value();
        assert_eq!(value, marks.value());
        assert!(value.len() <= LONGEST, "{value}");
    }

    #[test]
    fn a_lock_removed_twice_within_a_day_is_contested_for_an_hour_after_the_last() {
        let locks = |times: &[&str]| Marks {
            locks: times.iter().map(|time| at(time)).collect(),
            ..Marks::default()
        };
        let now = at("2026-01-01T03:10:00Z");
        let thrice = locks(&[
            "2026-01-01T01:00:00Z",
            "2026-01-01T02:00:00Z",
            "2026-01-01T03:00:00Z",
        ]);
        assert_eq!(thrice.contested_for(now), Some(Duration::from_mins(50)));
        assert_eq!(thrice.contested_for(at("2026-01-01T04:00:01Z")), None);
        let twice = locks(&["2026-01-01T01:00:00Z", "2026-01-01T03:00:00Z"]);
        assert_eq!(twice.contested_for(now), None);
        let slowly = locks(&[
            "2025-12-01T01:00:00Z",
            "2026-01-01T02:00:00Z",
            "2026-01-01T03:00:00Z",
        ]);
        assert_eq!(slowly.contested_for(now), None);
    }
}
