//! A default endpoint that is being switched off, or on again, and of which that is not proven: viewers may be refused meanwhile.

use super::Seen;
use super::endpoint::{Mark, Step, mark_of};
use crate::domain::kernel::observing::Seen as SeenOne;
use jiff::{SignedDuration, Timestamp};

/// So long viewers are watched after the endpoint was switched off.
const WATCHED: SignedDuration = SignedDuration::from_mins(5);

impl Seen {
    /// The mark of the lock, as the custom domain name's tags tell it.
    #[must_use]
    pub fn endpoint_mark(&self) -> Option<Mark> {
        match &self.domain {
            SeenOne::Present(found) => mark_of(&found.tags),
            SeenOne::Listed(Some(row)) => mark_of(row.tags.as_ref()?),
            SeenOne::Listed(None) | SeenOne::Absent => None,
        }
    }

    /// Whether the default endpoint is switched off and was proven, as the mark says.
    #[must_use]
    pub fn is_endpoint_locked(&self) -> bool {
        self.endpoint_mark().is_some_and(|mark| mark.step == Step::Locked)
    }

    /// Whether the default endpoint is being switched off, or on again.
    #[must_use]
    pub fn is_endpoint_unproven(&self) -> bool {
        self.endpoint_mark().is_some_and(|mark| mark.is_unproven())
    }

    /// The same, for so short that viewers may be refused by it and nobody has seen it.
    #[must_use]
    pub fn is_endpoint_in_doubt(&self, now: Timestamp) -> bool {
        let mark = self.endpoint_mark().filter(Mark::is_unproven);
        mark.is_some_and(|mark| mark.step == Step::Refused || !mark.is_old(now))
    }
}

impl Mark {
    /// Whether viewers may be refused by what was begun.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        matches!(self.step, Step::Trying | Step::Refused)
    }

    /// Whether it was begun so long ago that viewers have met it. A time in the future says nothing.
    #[must_use]
    pub fn is_old(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.since);
        age.is_negative() || age > WATCHED
    }
}
