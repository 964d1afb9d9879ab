//! What is told of other doors.

use super::EventNote;
use super::before::conditions;
use crate::api::{OtherDoor, OtherDoorState, OtherDoorType, ProtectedApi};
use crate::controller::engine::{Done, Outcome};
use crate::domain::access::authorization as access;
use crate::domain::access::words::listed;
use crate::domain::edge::names::Names;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::endpoint;
use crate::domain::perimeter::plan::Action;
use crate::domain::status::conditions::{is_true, types};
use crate::domain::status::doors::described;

/// Whether a lock was made and proven in this pass of a stage that was not locked before it, and not only found.
fn has_just_locked(object: &ProtectedApi, outcome: &Outcome) -> bool {
    let was_locked = is_true(conditions(object), types::ACCESS_RESTRICTED);
    let ends_lock = |done: &Done| match &done.step.action {
        Action::Access(access::Action::Mark { marks, .. }) => {
            marks.cut_over.is_none() && !marks.locks.is_empty() && done.step.changes.is_empty()
        }
        Action::Endpoint(endpoint::Action::Mark { mark: Some(mark), .. }) => {
            mark.step == endpoint::Step::Locked
        }
        _ => false,
    };
    !was_locked
        && is_true(&outcome.status.conditions, types::ACCESS_RESTRICTED)
        && outcome.done.iter().any(ends_lock)
}

/// Whether viewers of a locked door come past the perimeter: by a distribution of others, or by a name that is no alias.
fn leads_past(object: &ProtectedApi, door: &OtherDoor) -> bool {
    let distribution = object.spec.distribution.as_ref();
    let aliases = distribution.and_then(|wanted| wanted.aliases.clone());
    let names = Names {
        aliases: aliases.unwrap_or_default().into_iter().collect(),
        certificate_arn: None,
    };
    let host = door.name.split(['/', ' ']).next().unwrap_or_default();
    let is_locked = door.state == OtherDoorState::Locked && door.stage == object.spec.origin.stage;
    match door.r#type {
        OtherDoorType::Stage | OtherDoorType::Authority => false,
        OtherDoorType::DomainName => is_locked && !names.cover(host),
        OtherDoorType::Distribution => is_locked,
    }
}

/// What is new among the other doors, and in the policy's statements that ask for addresses.
pub(in crate::controller) fn notes(object: &ProtectedApi, outcome: &Outcome) -> Vec<EventNote> {
    let Some(after) = &outcome.status.access else {
        return vec![];
    };
    let before = object
        .status
        .as_ref()
        .and_then(|status| status.access.clone())
        .unwrap_or_default();
    let is_new = |door: &&OtherDoor| !before.other_doors.contains(door);
    let (open, others): (Vec<&OtherDoor>, Vec<&OtherDoor>) = after
        .other_doors
        .iter()
        .filter(is_new)
        .partition(|door| door.state == OtherDoorState::Open);
    let is_just_locked = has_just_locked(object, outcome);
    let (refused, others): (Vec<&OtherDoor>, Vec<&OtherDoor>) = others
        .into_iter()
        .partition(|door| is_just_locked && leads_past(object, door));
    let names = |doors: &[&OtherDoor]| listed(&doors.iter().map(|door| described(door)).collect::<Vec<_>>());
    let mut notes = Vec::new();
    if !refused.is_empty() {
        let sentence = format!(
            "Viewers who come past the perimeter are refused since it is locked now: {}. Lead them through the perimeter; until \
             then \"Open an API again by hand\" in docs/access-modes.md lets them in",
            names(&refused)
        );
        notes.push(EventNote::warning(Reason::OtherDoorFound, "Look", sentence));
    }
    if !open.is_empty() {
        let sentence = format!("The API can be called past the perimeter: {}", names(&open));
        notes.push(EventNote::warning(Reason::OtherDoorOpen, "Look", sentence));
    }
    if !others.is_empty() {
        let sentence = format!("Something else leads to the API: {}", names(&others));
        notes.push(EventNote::normal(Reason::OtherDoorFound, "Look", sentence));
    }
    let mut statements = after.source_ip_statements.iter();
    if statements.any(|name| !before.source_ip_statements.contains(name)) {
        let sentence = format!(
            "The API's resource policy asks for the caller's address, which is CloudFront's now: {}",
            listed(&after.source_ip_statements)
        );
        notes.push(EventNote::warning(
            Reason::SourceIpPolicyInTheWay,
            "Look",
            sentence,
        ));
    }
    notes
}
