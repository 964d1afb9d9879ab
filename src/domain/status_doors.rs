//! What people are told of the ways around the declared stage, beside the condition that speaks of it.

use super::observed::Observed;
use super::resources::access::Desired;
use super::resources::access_policy::{Policies, is_in_force};
use super::resources::access_words::listed;
use super::status::Pass;
use crate::api::{OtherDoor, OtherDoorState, OtherDoorType};

/// As many statements as status holds.
const STATEMENTS: usize = 20;
/// As long as a statement's name is in status.
const NAME: usize = 128;

/// A door in a few words.
#[must_use]
pub fn told(door: &OtherDoor) -> String {
    let state = match door.state {
        OtherDoorState::Open => "stands open",
        OtherDoorState::Unknown => "API Gateway does not tell what it asks for",
        OtherDoorState::Locked => "locked",
    };
    match door.r#type {
        OtherDoorType::Stage => format!("stage {} ({state})", door.name),
        OtherDoorType::DomainName => format!("{} (stage {}, {state})", door.name, door.stage),
    }
}

/// Names of statements that ask for the caller's address, as status holds them.
pub(super) fn statements(policies: &Policies) -> Vec<String> {
    let names = policies.by_address().into_iter().take(STATEMENTS);
    names.map(|name| name.chars().take(NAME).collect()).collect()
}

/// Who is let in, as a clause.
pub(super) fn accepted(access: &Desired) -> String {
    match &access.exclusive {
        Some(role) => format!("requests that the perimeter's role {role} has signed"),
        None => "requests that are signed for this account".to_owned(),
    }
}

/// Whether the signer's role alone is let in, where that is asked for.
pub(super) fn is_exclusive(access: &Desired, observed: Option<&Observed>) -> bool {
    let found = observed.and_then(|observed| observed.access.present());
    found.is_none_or(|found| is_in_force(access, found))
}

/// What leads around the declared stage, as clauses to add.
pub(super) fn besides(pass: &Pass<'_>) -> String {
    let Some(outputs) = pass.observed.map(|observed| &observed.outputs) else {
        return String::new();
    };
    let of = |is_open: bool| -> Vec<String> {
        let doors = outputs.other_doors.iter();
        let doors = doors.filter(|door| (door.state == OtherDoorState::Open) == is_open);
        doors.map(told).collect()
    };
    let (open, others) = (of(true), of(false));
    let clauses = [
        ("but the API can be called past the perimeter: ", &open),
        ("it is also reached by ", &others),
        (
            "its resource policy asks for the caller's address, which is CloudFront's now: ",
            &outputs.source_ip_statements,
        ),
    ];
    let told = clauses.iter().filter(|(_, names)| !names.is_empty());
    let told: Vec<String> = told
        .map(|(clause, names)| format!("; {clause}{}", listed(names)))
        .collect();
    told.concat()
}
