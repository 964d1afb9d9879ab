//! What was done about the default endpoint so far, as a tag of the custom domain name: AWS remembers it over a crash.

use crate::domain::kernel::identity::Tags;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The mark of the lock, as a tag of the custom domain name.
pub const TAG_LOCK: &str = "palisade.dev/endpoint";
const FIRST_BACKOFF: Duration = Duration::from_mins(1);
const LONGEST_BACKOFF: Duration = Duration::from_hours(1);
/// What is switched on again so soon counts as a contest.
const CONTEST: SignedDuration = SignedDuration::from_hours(1);
/// So often it is switched off again at once.
const MOST_REOPENED: u32 = 3;

/// What was done about the default endpoint so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What.
    pub step: Step,
    /// Since when.
    pub since: Timestamp,
    /// How often viewers were refused, in a row.
    pub count: u32,
    /// How often somebody switched it on again, in a row.
    pub reopened: u32,
    /// Of [`Step::Free`]: the deployment of the stage by which the next lock stands.
    pub deployment: Option<String>,
}

/// What was done about the default endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Step {
    /// It is being switched off, and that is not proven.
    Trying,
    /// It is off, and both ways were proven.
    Locked,
    /// Viewers were refused: it is switched on again.
    Refused,
    /// It is on again; the next attempt waits.
    Back,
    /// Another mode locks the stage by now: for this object it may be on. Other clusters read that.
    Free,
    /// It must be off for this object again. Others may act still upon what the mark said before.
    Returning,
}

impl Step {
    const ALL: [Self; 6] = [
        Self::Trying,
        Self::Locked,
        Self::Refused,
        Self::Back,
        Self::Free,
        Self::Returning,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Trying => "trying",
            Self::Locked => "locked",
            Self::Refused => "refused",
            Self::Back => "back",
            Self::Free => "free",
            Self::Returning => "returning",
        }
    }
}

impl Mark {
    /// A mark of this moment, the first of its kind.
    #[must_use]
    pub fn new(step: Step, now: Timestamp) -> Self {
        Self {
            step,
            since: now,
            count: 0,
            reopened: 0,
            deployment: None,
        }
    }

    /// A mark of this moment, that the stage is locked by what `deployment` asks for.
    #[must_use]
    pub fn free(deployment: &str, now: Timestamp) -> Self {
        Self {
            deployment: Some(deployment.to_owned()),
            ..Self::new(Step::Free, now)
        }
    }

    /// Whether it says that a stage that serves `deployment` is locked by that.
    #[must_use]
    pub fn frees(&self, deployment: &str) -> bool {
        self.step == Step::Free && self.deployment.as_deref() == Some(deployment)
    }

    /// As it stands in the tag: `trying.1767225600.0.0`.
    #[must_use]
    pub fn tag(&self) -> String {
        let (word, since) = (self.step.word(), self.since.as_second());
        let deployment = self.deployment.as_ref();
        let deployment = deployment.map(|id| format!(".{id}")).unwrap_or_default();
        format!("{word}.{since}.{}.{}{deployment}", self.count, self.reopened)
    }

    /// Reads [`Self::tag`]; `None` where it says nothing. A word of another version counts as the most careful: what is there is not
    /// proven. A time that cannot be read counts as one to come, so that nothing is done too early.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let word = parts.next().filter(|word| !word.is_empty())?;
        let step = Step::ALL.into_iter().find(|step| step.word() == word);
        let since = parts.next().and_then(|since| since.parse().ok());
        let since = since.and_then(|since| Timestamp::from_second(since).ok());
        let mut number = || parts.next().and_then(|number| number.parse().ok());
        let [count, reopened] = [number(), number()].map(Option::unwrap_or_default);
        let deployment = parts.next().filter(|_| step == Some(Step::Free));
        Some(Self {
            step: step.unwrap_or(Step::Trying),
            since: since.unwrap_or(Timestamp::MAX),
            count,
            reopened,
            deployment: deployment.map(ToOwned::to_owned),
        })
    }

    /// A mark of this moment, after the endpoint was switched on for a mode that did not keep anybody out: the next attempt waits as after
    /// a contest.
    #[must_use]
    pub fn closed_again(now: Timestamp) -> Self {
        Self {
            reopened: MOST_REOPENED,
            ..Self::new(Step::Trying, now)
        }
    }

    /// Whether its time is known: it can be read, and does not lie in the future.
    #[must_use]
    pub fn is_dated(&self, now: Timestamp) -> bool {
        self.since <= now
    }

    /// How long ago it was written; nothing, where its time is not known.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Duration {
        if self.is_dated(now) {
            now.duration_since(self.since).unsigned_abs()
        } else {
            Duration::ZERO
        }
    }

    /// How long after a refusal the next attempt has to wait; `None` when it is due.
    #[must_use]
    pub fn backoff(&self, now: Timestamp) -> Option<Duration> {
        let doubled = 2_u32.saturating_pow(self.count.saturating_sub(1));
        let pause = FIRST_BACKOFF.saturating_mul(doubled).min(LONGEST_BACKOFF);
        let left = pause.checked_sub(self.age(now))?;
        (!left.is_zero()).then_some(left)
    }

    /// How long an endpoint is left on that somebody has switched on again and again; `None` where it may be switched off now.
    #[must_use]
    pub fn contested_for(&self, now: Timestamp) -> Option<Duration> {
        let left = CONTEST.unsigned_abs().checked_sub(self.age(now))?;
        (self.reopened >= MOST_REOPENED && !left.is_zero()).then_some(left)
    }

    /// The mark once somebody has switched the endpoint on again: it is to be switched off, and proven, once more.
    #[must_use]
    pub fn begun_again(&self, was_reopened: bool, now: Timestamp) -> Self {
        let is_soon = self.age(now) < CONTEST.unsigned_abs();
        let before = if is_soon { self.reopened } else { 0 };
        Self {
            reopened: before.saturating_add(u32::from(was_reopened)),
            ..Self::new(Step::Trying, now)
        }
    }
}

/// The mark that the tags of the custom domain name bear.
#[must_use]
pub fn mark_of(tags: &Tags) -> Option<Mark> {
    tags.get(TAG_LOCK).and_then(|text| Mark::parse(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + seconds).unwrap()
    }

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        for step in Step::ALL {
            let mark = Mark {
                count: 2,
                reopened: 1,
                ..Mark::new(step, at(0))
            };
            assert_eq!(Mark::parse(&mark.tag()), Some(mark));
        }
        assert_eq!(Mark::new(Step::Trying, at(0)).tag(), "trying.1767225600.0.0");
        assert_eq!(Mark::parse(""), None);
        assert_eq!(mark_of(&Tags::new()), None);
    }

    #[test]
    fn only_the_deployment_that_it_names_is_free_by_a_mark() {
        let mark = Mark::free("dep7", at(0));
        assert_eq!(mark.tag(), "free.1767225600.0.0.dep7");
        let read = Mark::parse(&mark.tag()).unwrap();
        assert_eq!(read, mark);
        assert!(read.frees("dep7") && !read.frees("dep8"));
        for text in [
            "free.1767225600.0.0",
            "locked.1767225600.0.0.dep7",
            "gone.1.0.0.dep7",
        ] {
            assert!(!Mark::parse(text).unwrap().frees("dep7"), "{text}");
        }
    }

    #[test]
    fn a_word_of_another_version_counts_as_not_proven() {
        let mark = Mark::parse("holding.1767225600.1.2.x").unwrap();
        assert_eq!((mark.step, mark.count, mark.reopened), (Step::Trying, 1, 2));
    }

    #[test]
    fn a_time_that_cannot_be_read_or_is_to_come_makes_nothing_earlier() {
        for text in [
            "back.x.1",
            "back",
            "back.99999999999.1",
            "back.9223372036854775807.1",
        ] {
            let mark = Mark::parse(text).unwrap();
            assert!(!mark.is_dated(at(0)), "{text}");
            assert_eq!(mark.age(at(0)), Duration::ZERO, "{text}");
            assert_eq!(mark.backoff(at(0)), Some(FIRST_BACKOFF), "{text}");
        }
    }

    #[test]
    fn refusals_back_off_up_to_an_hour() {
        let after = |count| {
            let mark = Mark {
                count,
                ..Mark::new(Step::Back, at(0))
            };
            mark.backoff(at(0))
        };
        assert_eq!(after(1), Some(Duration::from_mins(1)));
        assert_eq!(after(2), Some(Duration::from_mins(2)));
        assert_eq!(after(40), Some(LONGEST_BACKOFF));
        let mark = Mark {
            count: 1,
            ..Mark::new(Step::Back, at(0))
        };
        assert_eq!(mark.backoff(at(60)), None);
    }

    #[test]
    fn what_is_switched_on_a_fourth_time_within_an_hour_is_contested() {
        let mut mark = Mark::new(Step::Locked, at(0));
        for seconds in [600, 1200, 1800] {
            assert_eq!(mark.contested_for(at(seconds)), None);
            let again = mark.begun_again(true, at(seconds));
            mark = Mark {
                step: Step::Locked,
                ..again
            };
        }
        assert_eq!(mark.contested_for(at(2400)), Some(Duration::from_mins(50)));
        assert_eq!(mark.contested_for(at(1800 + 3600)), None);
        assert_eq!(mark.begun_again(true, at(1800 + 3600)).reopened, 1);
        assert_eq!(mark.begun_again(false, at(2400)).reopened, 3);
    }
}
