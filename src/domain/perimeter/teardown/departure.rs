//! Whether what an object leaves goes or stays.

use super::{Lists, retain, teardown};
use crate::api::DeletionPolicy;
use crate::domain::kernel::identity::{Owner, Ownership, TAG_ADOPTED};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::perimeter::adoption::{is_unswitched, stood_before};
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Next, Plan};

/// What is wanted of the resources of an object that goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What becomes of them.
    pub wanted: DeletionPolicy,
    /// Whether the spec itself says so, and not a baseline.
    pub is_written: bool,
    /// Whether they would stay for no other reason than that a distribution was to be adopted.
    pub is_for_adoption: bool,
}

/// What has to happen next of what `owner` leaves. A distribution that stood before its object stays, with all that it uses, unless
/// the spec itself says that it goes: who has it now may not know that it was adopted. What was made for an adoption that came to nothing
/// serves nobody, and goes. `now` is RFC 3339.
#[must_use]
pub fn departure(owner: &Owner, observed: &Observed, lists: Lists, now: &str, policy: Policy) -> Plan {
    if policy.wanted == DeletionPolicy::Retain {
        return match was_never_adopted(observed).filter(|_| policy.is_for_adoption) {
            Some(Sure::Yes) => teardown(owner, observed, lists, now),
            Some(Sure::NotYet) => read_distribution(),
            None => retain(owner, observed, lists, now),
        };
    }
    let tags = observed.distribution_tags();
    let present = observed.distribution.present();
    let was_adopted = tags.is_some_and(|tags| tags.contains_key(TAG_ADOPTED))
        || present.is_some_and(|found| stood_before(observed, found));
    if policy.is_written || !was_adopted {
        return teardown(owner, observed, lists, now);
    }
    match &observed.distribution {
        Seen::Present(found)
            if is_unswitched(observed, found) || observed.owns(found) == Ownership::Foreign =>
        {
            teardown(owner, observed, lists, now)
        }
        Seen::Present(_) => retain(owner, observed, lists, now),
        // Whether it was updated, only a read of it tells.
        Seen::Listed(_) | Seen::Absent => read_distribution(),
    }
}

fn read_distribution() -> Plan {
    let mut plan = Plan::default();
    plan.add(Id::of(Kind::Distribution), Next::Read);
    plan
}

/// How sure it is that a distribution never became the object's.
enum Sure {
    Yes,
    /// A read of it has to tell.
    NotYet,
}

/// Whether the distribution that was to be adopted never became the object's: it was never updated, by what is noted and by what it uses.
/// `None` where it did.
fn was_never_adopted(observed: &Observed) -> Option<Sure> {
    if observed.was_adopted() {
        return None;
    }
    match &observed.distribution {
        Seen::Present(found) => {
            let is_theirs = observed.owns(found) == Ownership::Foreign && !observed.is_switched(found);
            (is_theirs || is_unswitched(observed, found)).then_some(Sure::Yes)
        }
        Seen::Absent => Some(Sure::Yes),
        Seen::Listed(_) => Some(Sure::NotYet),
    }
}
