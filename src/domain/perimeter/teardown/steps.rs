//! The steps that every part of a teardown is made of, and how far the lists are believed about what they lack.

use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Next};
use std::time::Duration;

const SETTLING_RETRY: Duration = Duration::from_secs(15);

/// What is known about the lists that `observed` was made from, and about the deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lists {
    /// Whether they were read so long after the last possible creation that what they lack does not exist.
    pub settled: bool,
    /// How long ago the deletion was asked for.
    pub lasting: Duration,
}

/// What a resource needs that no list has.
pub(super) fn unlisted(observed: &Observed, lists: Lists, kind: Kind) -> Next {
    if observed.knows(kind) {
        return Next::Read;
    }
    match observed.role {
        // The role is made first: where it does not exist, nothing was ever built.
        Seen::Absent => Next::Done,
        _ if lists.settled => Next::Done,
        Seen::Listed(_) => Next::Blocked(vec![Kind::Role]),
        Seen::Present(_) => settling(kind),
    }
}

/// The wait for a resource that the lists may not show yet.
pub(super) fn settling(kind: Kind) -> Next {
    Next::Wait(Wait {
        id: Id::of(kind),
        reason: Reason::Propagating,
        message: "waits about a minute, in case a creation that AWS did not confirm still shows up".into(),
        retry_after: SETTLING_RETRY,
    })
}

/// The call that does this to a resource.
pub(super) fn act(kind: Kind, part: &str, name: &str, verb: Verb, action: Action) -> Next {
    let id = Id {
        kind,
        part: part.to_owned(),
    };
    Next::act(id, name, verb, vec![], action)
}
