//! What is told of other doors.

use super::EventNote;
use crate::api::{OtherDoor, OtherDoorState, ProtectedApi, ProtectedApiStatus};
use crate::domain::access::words::listed;
use crate::domain::kernel::reason::Reason;
use crate::domain::status::doors::told;

/// What is new among the other doors, and in the policy's statements that ask for addresses.
pub(in crate::controller) fn notes(object: &ProtectedApi, status: &ProtectedApiStatus) -> Vec<EventNote> {
    let Some(after) = &status.access else {
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
    let names = |doors: &[&OtherDoor]| listed(&doors.iter().map(|door| told(door)).collect::<Vec<_>>());
    let mut notes = Vec::new();
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
