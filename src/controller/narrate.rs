//! What a person is told by events: what was done, what is awaited, what failed.

use super::engine::Outcome;
use super::events::EventNote;
use super::execute::Done;
use crate::api::ProtectedApi;
use crate::domain::plan::Verb;
use crate::domain::reason::Reason;
use crate::domain::status::types;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// The events of one pass, oldest first. Waits and failures are told when they begin, not at every look.
#[must_use]
pub fn notes(object: &ProtectedApi, outcome: &Outcome) -> Vec<EventNote> {
    let done = outcome.done.iter().map(|done| done_note(object, done));
    let failures = outcome
        .failures
        .iter()
        .filter(|failure| !had_reason(object, failure.reason) || failure.id.is_none());
    let failures =
        failures.map(|failure| EventNote::warning(failure.reason, "Reconcile", failure.message.clone()));
    let problems = outcome
        .plan
        .problems
        .iter()
        .filter(|problem| !had_reason(object, problem.reason));
    let problems =
        problems.map(|problem| EventNote::warning(problem.reason, "Reconcile", problem.message.clone()));
    let waits = outcome
        .plan
        .waits
        .iter()
        .filter(|wait| !had_reason(object, wait.reason));
    let waits = waits.map(|wait| EventNote::normal(wait.reason, "Wait", wait.message.clone()));
    done.chain(failures)
        .chain(problems)
        .chain(waits)
        .chain(turned(object, outcome))
        .collect()
}

/// Whether a resource was changed because somebody else had changed it, not because something else is wanted now.
#[must_use]
pub fn is_drift(object: &ProtectedApi, done: &Done) -> bool {
    let generation = object.metadata.generation;
    let was_ready = conditions(object).iter().any(|condition| {
        condition.type_ == types::READY
            && condition.observed_generation == generation
            && condition.status == "True"
    });
    was_ready && object.metadata.deletion_timestamp.is_none() && done.step.verb != Verb::Delete
}

fn done_note(object: &ProtectedApi, done: &Done) -> EventNote {
    let step = &done.step;
    let kind = step.id.kind.name();
    let action = match step.verb {
        Verb::Create => "Create",
        Verb::Update => "Update",
        Verb::Delete => "Delete",
    };
    let fields: Vec<&str> = step.changes.iter().map(|change| change.path.as_str()).collect();
    let fields = if fields.is_empty() {
        String::new()
    } else {
        format!(": {}", fields.join(", "))
    };
    let what = format!("{kind} {}{fields}", step.name);
    let (reason, sentence) = match step.verb {
        _ if is_drift(object, done) && step.verb == Verb::Create => (
            Reason::DriftCorrected,
            format!("Made {what} again: somebody had deleted it"),
        ),
        _ if is_drift(object, done) => (
            Reason::DriftCorrected,
            format!("Changed back what somebody had changed in {what}"),
        ),
        Verb::Create => (Reason::Created, format!("Created {what}")),
        Verb::Update if object.metadata.deletion_timestamp.is_some() => deletion_update(kind, &what),
        Verb::Update => (Reason::Updated, format!("Updated {what}")),
        Verb::Delete => (Reason::Deleted, format!("Deleted {what}")),
    };
    EventNote::normal(reason, action, sentence)
}

fn deletion_update(kind: &str, what: &str) -> (Reason, String) {
    match kind {
        "distribution" => (
            Reason::Deleting,
            format!("Switched off {what}, or marked it as retained"),
        ),
        _ => (
            Reason::Condemned,
            format!("Released {what}: it is retained, or deleted once Lambda's replicas have vanished"),
        ),
    }
}

/// `Ready` turning true, or a refusal of the spec that is new.
fn turned(object: &ProtectedApi, outcome: &Outcome) -> Vec<EventNote> {
    let is = |conditions: &[Condition], is: &str, status: &str| {
        conditions
            .iter()
            .find(|condition| condition.type_ == is && condition.status == status)
            .cloned()
    };
    let (before, after) = (conditions(object), outcome.status.conditions.as_slice());
    let ready = is(after, types::READY, "True").filter(|_| is(before, types::READY, "True").is_none());
    let refused = outcome
        .rejection
        .iter()
        .filter(|rejection| !had_reason(object, rejection.reason));
    let ready = ready.map(|condition| EventNote::normal(Reason::Ready, "Reconcile", condition.message));
    let refused =
        refused.map(|rejection| EventNote::warning(rejection.reason, "Accept", rejection.message.clone()));
    ready.into_iter().chain(refused).collect()
}

fn had_reason(object: &ProtectedApi, reason: Reason) -> bool {
    conditions(object)
        .iter()
        .any(|condition| condition.reason == reason.as_str())
}

fn conditions(object: &ProtectedApi) -> &[Condition] {
    object
        .status
        .as_ref()
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default()
}
