//! The phase of a cut-over: where a lock stands that is neither proven nor put back, as the tag remembers it.

use super::cause::Cause;
use crate::domain::kernel::hash::short;
use crate::domain::kernel::words::moment;
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// The form in which a phase is written. It is the last word, which earlier readers leave alone; there was none before it.
const VERSION: &str = "v1";
/// What routes asked for before that asked for nothing, as API Gateway calls it.
const NOTHING: &str = "NONE";
const FIRST_BACKOFF: Duration = Duration::from_mins(1);
pub(in crate::domain::access) const LONGEST_BACKOFF: Duration = Duration::from_hours(1);

/// Where a cut-over stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Step {
    /// The lock is being made, or is made and unproven.
    Trying,
    /// HTTP: one route is locked and proven, the others follow.
    Rest,
    /// The lock stands; who else is let in changes, and is unproven.
    Narrowing,
    /// API Gateway refused the perimeter, and what was before is being put back.
    Refused,
    /// All is as it was before the refusal, and belongs to nobody: the next attempt waits for its time.
    Back,
}

impl Step {
    /// As it stands in the tag.
    fn word(self) -> &'static str {
        match self {
            Self::Trying => "trying",
            Self::Rest => "rest",
            Self::Narrowing => "narrowing",
            Self::Refused => "refused",
            Self::Back => "back",
        }
    }

    /// Reads [`Self::word`]. What is not known counts as the most careful: viewers may meet what is not proven.
    fn parse(word: Option<&str>) -> Self {
        let known = [Self::Rest, Self::Narrowing, Self::Refused, Self::Back];
        let known = known.into_iter().find(|step| word == Some(step.word()));
        known.unwrap_or(Self::Trying)
    }
}

/// The phase of a cut-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// Where it stands.
    pub step: Step,
    /// What the stage served before.
    pub before: Option<String>,
    /// HTTP and WebSocket: id of the only route that is tried.
    pub route: Option<String>,
    /// HTTP and WebSocket: what the routes asked for before, as [`crate::domain::access::authorization::Authorization::kind`].
    pub from: String,
    /// How often API Gateway has refused the perimeter.
    pub refusals: u32,
    /// Since when.
    pub since: Timestamp,
    /// What the routes are made to ask for, as [`crate::domain::access::proof::Proof::mark`]; `None` in marks that do not tell.
    pub tried: Option<String>,
    /// Which routes asked for it already, so that they are no one's to open; `None` where they were too many to be told.
    pub locked_before: Option<LockedBefore>,
    /// What disproved the lock, once it is refused.
    pub cause: Option<Cause>,
}

/// Routes that were locked before a cut-over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum LockedBefore {
    /// All: who else is let in is what changes.
    All,
    /// These, by a hash of their keys.
    These(Vec<String>),
}

impl LockedBefore {
    /// As many as a tag has room for.
    const MOST: usize = 3;
    const ALL: &'static str = "all";
    const NONE: &'static str = "none";

    /// `None` where they are too many to be remembered.
    #[must_use]
    pub fn of<'a>(keys: impl Iterator<Item = &'a str>) -> Option<Self> {
        let hashes: Vec<String> = keys.map(Self::hash).collect();
        (hashes.len() <= Self::MOST).then_some(Self::These(hashes))
    }

    /// Whether the route of this key is one of them. Of two keys with one hash both are: none is opened by mistake.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(hashes) => hashes.contains(&Self::hash(key)),
        }
    }

    fn hash(key: &str) -> String {
        short(&key).chars().take(4).collect()
    }

    fn value(&self) -> String {
        match self {
            Self::All => Self::ALL.to_owned(),
            Self::These(hashes) if hashes.is_empty() => Self::NONE.to_owned(),
            Self::These(hashes) => hashes.join("+"),
        }
    }

    fn parse(value: &str) -> Self {
        if value == Self::ALL {
            return Self::All;
        }
        let hashes = value.split('+').filter(|hash| *hash != Self::NONE);
        Self::These(hashes.map(ToOwned::to_owned).collect())
    }
}

impl Phase {
    /// What disproved the lock, where it is put back: marks of earlier versions tell of no cause but a refusal.
    #[must_use]
    pub fn disproof(&self) -> Option<Cause> {
        let is_put_back = matches!(self.step, Step::Refused | Step::Back);
        is_put_back.then(|| self.cause.unwrap_or(Cause::Refused))
    }

    /// How long after its refusal the next attempt has to wait; `None` when it is due, or nothing was refused.
    #[must_use]
    pub fn backoff(&self, now: Timestamp) -> Option<Duration> {
        if !matches!(self.step, Step::Refused | Step::Back) {
            return None;
        }
        self.pause()
            .checked_sub(now.duration_since(self.since).unsigned_abs())
    }

    /// When the next attempt after a refusal is due, for people (UTC).
    #[must_use]
    pub fn due_at(&self) -> String {
        let due = self.since.saturating_add(self.pause());
        due.unwrap_or(self.since).strftime("%H:%M:%SZ").to_string()
    }

    /// How long it waits between a refusal and the next attempt.
    fn pause(&self) -> Duration {
        let doubled = 2_u32.saturating_pow(self.refusals.saturating_sub(1));
        FIRST_BACKOFF.saturating_mul(doubled).min(LONGEST_BACKOFF)
    }

    pub(in crate::domain::access) fn value(&self) -> String {
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let (before, route) = (or_none(&self.before), or_none(&self.route));
        let known = self.locked_before.as_ref().map(LockedBefore::value);
        let cause = self.cause.map(|cause| cause.word().to_owned());
        let words = [
            self.step.word().to_owned(),
            before,
            route,
            self.refusals.to_string(),
            moment(self.since),
            self.from.clone(),
            or_none(&self.tried),
            or_none(&known),
            or_none(&cause),
            VERSION.to_owned(),
        ];
        words.join(" ")
    }

    /// Reads [`Self::value`], and what was written before it had a version, which left words out at its end.
    pub(in crate::domain::access) fn parse(value: &str, now: Timestamp) -> Self {
        let mut parts = value.split(' ');
        let step = Step::parse(parts.next());
        let mut id = || parts.next().filter(|id| *id != "-").map(ToOwned::to_owned);
        let (before, route) = (id(), id());
        Self {
            step,
            before,
            route,
            refusals: parts.next().and_then(|count| count.parse().ok()).unwrap_or(1),
            since: time(parts.next().unwrap_or_default(), now),
            from: parts.next().unwrap_or(NOTHING).to_owned(),
            tried: parts.next().filter(|tried| *tried != "-").map(ToOwned::to_owned),
            locked_before: parts
                .next()
                .filter(|known| *known != "-")
                .map(LockedBefore::parse),
            cause: parts.next().and_then(Cause::parse),
        }
    }
}

/// A time that cannot be read, or lies in the future, means `now`.
pub(in crate::domain::access) fn time(text: &str, now: Timestamp) -> Timestamp {
    text.parse().map_or(now, |time: Timestamp| time.min(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn phase(step: Step) -> Phase {
        Phase {
            step,
            before: None,
            route: None,
            from: "NONE".into(),
            refusals: 0,
            since: at("2026-01-01T00:00:00Z"),
            tried: None,
            locked_before: None,
            cause: None,
        }
    }

    #[test]
    fn a_phase_is_read_as_it_was_written_and_as_it_was_before_it_had_a_version() {
        let now = at("2026-01-02T00:00:00Z");
        for (step, plain) in [
            (Step::Trying, "trying - - 0 2026-01-01T00:00:00Z NONE"),
            (Step::Rest, "rest - - 0 2026-01-01T00:00:00Z NONE"),
            (Step::Narrowing, "narrowing - - 0 2026-01-01T00:00:00Z NONE"),
            (Step::Refused, "refused - - 0 2026-01-01T00:00:00Z NONE"),
            (Step::Back, "back - - 0 2026-01-01T00:00:00Z NONE"),
        ] {
            let phase = phase(step);
            assert_eq!(phase.value(), format!("{plain} - - - v1"));
            assert_eq!(Phase::parse(&phase.value(), now), phase);
            assert_eq!(Phase::parse(plain, now), phase);
        }
        let whole = Phase {
            before: Some("dep123".into()),
            tried: Some("signature".into()),
            locked_before: Some(LockedBefore::All),
            cause: Some(Cause::Refused),
            ..phase(Step::Refused)
        };
        let plain = "refused dep123 - 0 2026-01-01T00:00:00Z NONE signature all refused";
        assert_eq!(Phase::parse(plain, now), whole);
        assert_eq!(whole.value(), format!("{plain} v1"));
    }

    #[test]
    fn a_state_of_a_later_version_counts_as_the_most_careful() {
        let now = at("2026-01-02T00:00:00Z");
        let read = Phase::parse("resting d1 - 0 2026-01-01T00:00:00Z NONE - - - v2 more", now);
        assert_eq!((read.step, read.before), (Step::Trying, Some("d1".into())));
    }

    #[test]
    fn routes_that_were_locked_before_are_remembered_as_far_as_a_tag_has_room() {
        let keys = ["GET /a", "GET /b", "GET /c", "GET /d"];
        assert_eq!(LockedBefore::of(keys.into_iter()), None);
        for few in [&keys[..0], &keys[..1], &keys[..3]] {
            let known = LockedBefore::of(few.iter().copied()).unwrap();
            let read = LockedBefore::parse(&known.value());
            for key in keys {
                assert_eq!(read.has(key), few.contains(&key), "{key} of {few:?}");
            }
        }
    }

    #[test]
    fn a_time_that_is_missing_or_in_the_future_means_now() {
        let now = at("2026-01-02T00:00:00Z");
        for value in ["refused a - 1 2027-01-01T00:00:00Z", "refused a - 1", "refused"] {
            let phase = Phase::parse(value, now);
            assert_eq!(
                (phase.since, phase.backoff(now)),
                (now, Some(FIRST_BACKOFF)),
                "{value}"
            );
        }
    }

    #[test]
    fn refusals_back_off_up_to_an_hour() {
        let since = at("2026-01-01T00:00:00Z");
        let after = |refusals| {
            Phase {
                step: Step::Refused,
                before: None,
                route: None,
                from: "NONE".into(),
                refusals,
                since,
                tried: None,
                locked_before: None,
                cause: None,
            }
            .backoff(since)
        };
        assert_eq!(after(1), Some(Duration::from_mins(1)));
        assert_eq!(after(2), Some(Duration::from_mins(2)));
        assert_eq!(after(40), Some(LONGEST_BACKOFF));
    }
}
