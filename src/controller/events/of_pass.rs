//! What a person is told by events: what was done, what is awaited, what failed.

pub use super::drift::is_drift;

use super::EventNote;
use super::before::{conditions, had_reason};
use super::of_access::{access_note, is_route, route_notes};
use super::of_adoption;
use super::of_mutual_tls;
use super::of_names;
use super::of_other_doors;
use super::of_promotions;
use super::of_shield;
use super::of_step::done_note;
use crate::api::{ProtectedApi, StatusNote};
use crate::controller::engine::{Done, Outcome};
use crate::domain::edge::distribution;
use crate::domain::kernel::planning::Verb;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::plan::Action;
use crate::domain::status::conditions::{is_true, refusal_told_elsewhere, told_elsewhere, types};
use crate::domain::status::since::undated;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// The events of one pass, oldest first. Waits and failures are told when they begin, not at every look.
#[must_use]
pub fn notes(object: &ProtectedApi, outcome: &Outcome) -> Vec<EventNote> {
    let mut notes: Vec<EventNote> = took_over(object, outcome).into_iter().collect();
    notes.extend(of_steps(object, outcome));
    notes.extend(of_troubles(object, outcome));
    notes.extend(noted(object, outcome));
    notes.extend(turned(object, outcome));
    notes.extend(of_other_doors::notes(object, outcome));
    notes.extend(of_adoption::notes(object, outcome));
    notes.extend(of_promotions::notes(object, outcome));
    let is_told = |stalled: &EventNote| {
        let mut warnings = notes.iter().filter(|note| note.warning);
        warnings.any(|note| note.reason == stalled.reason)
    };
    let stalled = stalled(object, outcome).filter(|stalled| !is_told(stalled));
    notes.extend(stalled);
    notes
}

/// That the object goes on with what another one left.
fn took_over(object: &ProtectedApi, outcome: &Outcome) -> Option<EventNote> {
    let before = object.status.as_ref();
    let uid = outcome.status.perimeter_uid.as_ref()?;
    let is_known = before.is_some_and(|before| before.perimeter_uid.is_some());
    (!is_known).then(|| {
        let whose = match &outcome.status.take_over {
            Some(taken) => format!("{} kept", taken.taken_from),
            None => "an object of this name left".to_owned(),
        };
        let message =
            format!("What {whose}, whose UID was {uid}, is looked after as it stands: nothing was made anew");
        EventNote::normal(Reason::TookOver, "TakeOver", message)
    })
}

/// What was done, in its order: methods that were locked, or opened again, together.
fn of_steps(object: &ProtectedApi, outcome: &Outcome) -> Vec<EventNote> {
    let done = &outcome.done;
    let done = done
        .iter()
        .enumerate()
        .filter(|(at, _)| !completes_creation(done, *at));
    let (routes, others): (Vec<_>, Vec<_>) = done.partition(|(_, done)| is_route(done));
    let others = others.into_iter().filter_map(|(at, done)| {
        let note = of_step(object, outcome, done)?;
        Some((at, note))
    });
    // A lock that was put back is told before that it was.
    let mut all: Vec<(usize, EventNote)> = others.chain(route_notes(object, outcome, &routes)).collect();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, note)| note).collect()
}

/// What a call that was made is told as.
fn of_step(object: &ProtectedApi, outcome: &Outcome, done: &Done) -> Option<EventNote> {
    match &done.step.action {
        Action::Access(action) => access_note(object, outcome, done, action),
        Action::Protection(action) => of_shield::note(object, outcome, done, action),
        Action::OriginDomain(_) | Action::ClientCertificate(_) | Action::Endpoint(_) => {
            of_mutual_tls::note(object, outcome, done)
        }
        Action::Distribution(distribution::Action::MoveAlias { alias, from, .. }) => {
            Some(of_names::moved(&done.step, alias, from))
        }
        _ => Some(done_note(object, outcome, done)),
    }
}

/// What fails, what a person has to solve and what is awaited, as far as it has just begun.
fn of_troubles(object: &ProtectedApi, outcome: &Outcome) -> Vec<EventNote> {
    let is_new = |reason: Reason| !had_reason(object, reason);
    let failures = outcome.failures.iter();
    let failures = failures.filter(|failure| is_new(failure.reason) || failure.id.is_none());
    let failures =
        failures.map(|failure| EventNote::warning(failure.reason, "Reconcile", failure.message.clone()));
    let problems = outcome.plan.problems.iter();
    let problems = problems.filter(|problem| is_new(problem.reason));
    let problems =
        problems.map(|problem| EventNote::warning(problem.reason, "Reconcile", told_elsewhere(problem)));
    let waits = outcome.plan.waits.iter();
    let waits = waits.filter(|wait| is_new(wait.reason));
    let waits = waits.map(|wait| EventNote::normal(wait.reason, "Wait", wait.message.clone()));
    failures.chain(problems).chain(waits).collect()
}

/// `Stalled` turning true: what was waited for until now waits for a person, under the same reason.
fn stalled(object: &ProtectedApi, outcome: &Outcome) -> Option<EventNote> {
    let find = |conditions: &[Condition]| {
        let mut conditions = conditions.iter();
        conditions
            .find(|condition| condition.type_ == types::STALLED)
            .cloned()
    };
    let found = find(&outcome.status.conditions).filter(|_| find(conditions(object)).is_none())?;
    let reason = Reason::parse(&found.reason)?;
    Some(EventNote::warning(reason, "Reconcile", undated(&found.message)))
}

/// What is worth knowing of resources that stand: once, and again when there is something else to know. No note counts or measures
/// anything, so another message is another fact.
fn noted(object: &ProtectedApi, outcome: &Outcome) -> Vec<EventNote> {
    let known = object.status.as_ref().map(|status| status.notes.as_slice());
    let known = known.unwrap_or_default();
    let is_new = |note: &&StatusNote| !known.contains(note);
    let notes = outcome.status.notes.iter().filter(is_new);
    notes
        .filter_map(|note| {
            let reason = Reason::parse(&note.reason)?;
            Some(EventNote::warning(reason, "Reconcile", note.message.clone()))
        })
        .collect()
}

/// Whether the step at `at` belongs to a creation that is told already, such as the policy of a role just made.
fn completes_creation(done: &[Done], at: usize) -> bool {
    let step = &done[at].step;
    let created = |earlier: &Done| earlier.step.id == step.id && earlier.step.verb == Verb::Create;
    let is_told = matches!(step.action, Action::Protection(_));
    step.verb == Verb::Update && !is_told && done[..at].iter().any(created)
}

/// `Ready` turning true, a deletion that begins to wait because of `spec.suspend`, a stage that is opened meanwhile, or a refusal of the
/// spec that is new.
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
    let rotated = of_mutual_tls::rotated(object, &outcome.status);
    let ready = ready.map(|condition| EventNote::normal(Reason::Ready, "Reconcile", condition.message));
    let suspended = is(after, types::READY, "False").filter(|condition| {
        condition.reason == Reason::Suspended.as_str() && !had_reason(object, Reason::Suspended)
    });
    let suspended =
        suspended.map(|condition| EventNote::normal(Reason::Suspended, "Wait", undated(&condition.message)));
    // What stands open meanwhile stays so until a person takes the suspension back.
    let opened = is(after, types::ACCESS_RESTRICTED, "False").filter(|condition| {
        is_true(before, types::ACCESS_RESTRICTED) && condition.reason == Reason::Suspended.as_str()
    });
    let opened =
        opened.map(|condition| EventNote::warning(Reason::Suspended, "Look", undated(&condition.message)));
    let refused = refused
        .map(|rejection| EventNote::warning(rejection.reason, "Accept", refusal_told_elsewhere(rejection)));
    let announced = of_shield::announced(object, outcome);
    rotated
        .into_iter()
        .chain(ready)
        .chain(suspended)
        .chain(opened)
        .chain(refused)
        .chain(announced)
        .collect()
}
