//! What is told of an adoption: that a plan is shown, that the distribution is the object's, and that it was given back.

use super::EventNote;
use crate::api::{AdoptionState, AdoptionStatus, ProtectedApi};
use crate::controller::engine::Outcome;
use crate::domain::kernel::reason::Reason;

/// The event of a pass, if there is one.
pub(super) fn notes(object: &ProtectedApi, outcome: &Outcome) -> Option<EventNote> {
    let before = object.status.as_ref().and_then(|status| status.adoption.as_ref());
    let now = outcome.status.adoption.as_ref()?;
    if before.map(|before| before.state) == Some(now.state) {
        return None;
    }
    told(now)
}

fn told(now: &AdoptionStatus) -> Option<EventNote> {
    let id = &now.id;
    let (reason, action, note) = match now.state {
        AdoptionState::Adopted => (
            Reason::Adopted,
            "AdoptDistribution",
            format!(
                "distribution {id} is adopted; status.adoption.noLongerUsed names what it used before, which is left alone"
            ),
        ),
        AdoptionState::Releasing => (
            Reason::Releasing,
            "ReleaseDistribution",
            format!("distribution {id} is being given back with the configuration that it had before"),
        ),
        AdoptionState::Released => (
            Reason::Released,
            "ReleaseDistribution",
            format!(
                "distribution {id} was given back; delete this object, and what Palisade made for it goes"
            ),
        ),
        // What else there is, the problems of the plan tell.
        AdoptionState::Planned | AdoptionState::Adopting | AdoptionState::Refused => return None,
    };
    Some(EventNote::normal(reason, action, note))
}
