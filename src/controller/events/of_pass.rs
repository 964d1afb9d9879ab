//! What a person is told by events: what was done, what is awaited, what failed.

use super::of_access::{access_note, is_route, route_notes};
use super::of_mutual_tls;
use super::of_names;
use super::of_other_doors;
use super::of_shield;
use super::{EventNote, conditions};
use crate::api::{ProtectedApi, ProtectedApiStatus, StatusNote};
use crate::controller::engine::{Done, Outcome};
use crate::domain::access::authorization;
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::edge::names::KINDS as OF_NAMES;
use crate::domain::edge::{certificate, distribution};
use crate::domain::firewall::{ip_set, web_acl};
use crate::domain::kernel::identity::{TAG_CONDEMNED, TAG_RETAINED, Tags};
use crate::domain::kernel::planning::{Kind, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::{KINDS as OF_MUTUAL_TLS, client_certificate, endpoint, origin_domain};
use crate::domain::perimeter::plan::{Action, Step};
use crate::domain::perimeter::repeated::{gives_owner_back, speaks_of_wanted_tags};
use crate::domain::shield::advanced::KINDS as OF_SHIELD;
use crate::domain::shield::{alarm, health_check, protection};
use crate::domain::signer::{function, role};
use crate::domain::status::conditions::{
    has_reason, holds, is_locked_as_asked, is_true, refusal_told_elsewhere, told_elsewhere, types,
};
use crate::domain::status::since::undated;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// The events of one pass, oldest first. Waits and failures are told when they begin, not at every look.
#[must_use]
pub fn notes(object: &ProtectedApi, outcome: &Outcome) -> Vec<EventNote> {
    let mut notes = of_steps(object, outcome);
    notes.extend(of_troubles(object, outcome));
    notes.extend(noted(object, outcome));
    notes.extend(turned(object, outcome));
    notes.extend(of_other_doors::notes(object, outcome));
    let is_told = |stalled: &EventNote| {
        let mut warnings = notes.iter().filter(|note| note.warning);
        warnings.any(|note| note.reason == stalled.reason)
    };
    let stalled = stalled(object, outcome).filter(|stalled| !is_told(stalled));
    notes.extend(stalled);
    notes
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

/// The conditions that are true once everything was built.
const STOOD: [&str; 4] = [
    types::ACCEPTED,
    types::SIGNER_READY,
    types::WEB_ACL_READY,
    types::DISTRIBUTION_DEPLOYED,
];

/// Whether a resource was changed because somebody else had changed it, not because something else is wanted now: by a
/// new spec, or by a new version or other options of the controller.
#[must_use]
pub fn is_drift(object: &ProtectedApi, outcome: &Outcome, done: &Done) -> bool {
    let generation = object.metadata.generation;
    let was = |is: &&str| holds(conditions(object), generation, is);
    // Not Ready as a whole: a probe may see what was changed before the lists show it.
    let stood = STOOD.iter().all(was)
        && match done.step.id.kind {
            Kind::Access => was(&types::ACCESS_RESTRICTED) && is_locked_as_asked(conditions(object)),
            kind if OF_MUTUAL_TLS.contains(&kind) => of_mutual_tls::stood(object, outcome),
            kind if OF_SHIELD.contains(&kind) => was(&types::SHIELD_PROTECTED),
            kind if OF_NAMES.contains(&kind) => was(&types::NAMES_READY),
            _ => true,
        };
    let is_deleted = object.metadata.deletion_timestamp.is_some() || done.step.verb == Verb::Delete;
    let key = done.step.id.key();
    let before = object
        .status
        .as_ref()
        .and_then(|status| wanted_hash(status, &key));
    let after = wanted_hash(&outcome.status, &key);
    // The list of our keys comes back together with the owner's tags.
    let changes = &done.step.changes;
    let is_wanted_anew = (before.is_some() && after.is_some() && before != after)
        || (changes.iter().any(speaks_of_wanted_tags) && !changes.iter().any(gives_owner_back));
    // What was never verified nobody has deleted: it is made since more is known, such as the addresses of Route 53's checkers.
    let is_first = before.is_none() && done.step.verb == Verb::Create;
    // A mark says where the lock stands: it is due whenever that changes, or is found.
    let is_mark = matches!(
        &done.step.action,
        Action::Access(authorization::Action::Mark { .. }) | Action::Endpoint(endpoint::Action::Mark { .. })
    );
    stood
        && !is_deleted
        && !is_wanted_anew
        && !is_first
        && !is_mark
        && !of_shield::is_planned(&done.step.action)
}

/// The part of a resource's fingerprint that speaks of what is wanted.
fn wanted_hash<'a>(status: &'a ProtectedApiStatus, key: &str) -> Option<&'a str> {
    let (wanted, _found) = status.fingerprints.get(key)?.split_once('.')?;
    Some(wanted)
}

pub(super) fn done_note(object: &ProtectedApi, outcome: &Outcome, done: &Done) -> EventNote {
    let step = &done.step;
    let what = what(outcome, step);
    let is_deleted = object.metadata.deletion_timestamp.is_some();
    let (reason, action, sentence) = match step.verb {
        Verb::Create if is_drift(object, outcome, done) => (
            Reason::DriftCorrected,
            "Create",
            format!("Made {what} again: somebody had deleted it"),
        ),
        Verb::Create => (Reason::Created, "Create", format!("Created {what}")),
        Verb::Delete => (Reason::Deleted, "Delete", format!("Deleted {what}")),
        Verb::Update if is_deleted => return release_note(step, &what),
        Verb::Update if is_drift(object, outcome, done) => (
            Reason::DriftCorrected,
            "Update",
            format!("Changed back what somebody had changed in {what}{}", fields(step)),
        ),
        Verb::Update => (
            Reason::Updated,
            "Update",
            format!("Updated {what}{}", fields(step)),
        ),
    };
    EventNote::normal(reason, action, sentence)
}

/// The resource as a person calls it.
fn what(outcome: &Outcome, step: &Step) -> String {
    let kind = part(&step.action).unwrap_or_else(|| step.id.kind.noun());
    // Before CloudFront answers, a distribution has no id to call it by.
    let id = outcome
        .status
        .distribution
        .as_ref()
        .map(|distribution| distribution.id.as_str());
    let name = id.filter(|_| step.id.kind == Kind::Distribution && step.verb == Verb::Create);
    format!("{kind} {}", name.unwrap_or(&step.name))
}

/// Which part of a resource an action is about, where AWS has it as a resource of its own.
fn part(action: &Action) -> Option<&'static str> {
    match action {
        Action::ApiKey(
            api_key::Action::CreatePlan(_)
            | api_key::Action::AddStage { .. }
            | api_key::Action::RemoveStage { .. }
            | api_key::Action::DeletePlan(_),
        ) => Some("usage plan"),
        Action::Authorizer(
            authorizer::Action::CreateRole(_)
            | authorizer::Action::DeleteRole
            | authorizer::Action::ChangeRole(_),
        ) => Some("role of the authorizer"),
        Action::Authorizer(
            authorizer::Action::CreateFunction(_)
            | authorizer::Action::UpdateCode { .. }
            | authorizer::Action::UpdateSettings { .. }
            | authorizer::Action::DeleteFunction
            | authorizer::Action::Permit { .. }
            | authorizer::Action::TagFunction(_)
            | authorizer::Action::UntagFunction(_),
        ) => Some("function of the authorizer"),
        _ => None,
    }
}

fn fields(step: &Step) -> String {
    let fields = step.fields();
    if fields.is_empty() {
        String::new()
    } else {
        format!(": {}", fields.join(", "))
    }
}

/// An update on the way out: a resource is left to its user, left to the sweeper, switched off, or made ready for its deletion.
fn release_note(step: &Step, what: &str) -> EventNote {
    let (reason, action, sentence) = match marked(&step.action) {
        Some(tags) if tags.contains_key(TAG_RETAINED) => (
            Reason::Retained,
            "Retain",
            format!("Left {what} as it is, marked as retained: nobody looks after it any more"),
        ),
        Some(tags) if !tags.contains_key(TAG_CONDEMNED) => (
            Reason::DriftCorrected,
            "Update",
            format!("Gave {what} its tags back, which somebody had taken away"),
        ),
        Some(_) if step.id.kind == Kind::Role => (
            Reason::Condemned,
            "Condemn",
            format!("Condemned {what}: it is deleted once its function is"),
        ),
        Some(_) => (
            Reason::Condemned,
            "Condemn",
            format!(
                "Condemned {what}: it is deleted once Lambda has removed its replicas, usually within hours"
            ),
        ),
        None if step.id.kind != Kind::Distribution => (
            Reason::Deleting,
            "Prepare",
            format!("Prepared {what} for its deletion{}", fields(step)),
        ),
        None => (
            Reason::Deleting,
            "SwitchOff",
            format!("Switched off {what}; it is deleted once CloudFront has done so everywhere"),
        ),
    };
    EventNote::normal(reason, action, sentence)
}

/// The tags that a step sets.
fn marked(action: &Action) -> Option<&Tags> {
    match action {
        Action::Function(function::Action::Tag(call))
        | Action::IpSet(ip_set::Action::Tag(call))
        | Action::WebAcl(web_acl::Action::Tag(call))
        | Action::Distribution(distribution::Action::Tag(call))
        | Action::Protection(protection::Action::Tag(call))
        | Action::Certificate(certificate::Action::Tag(call))
        | Action::OriginCertificate(certificate::Action::Tag(call))
        | Action::OriginDomain(origin_domain::Action::Tag(call))
        | Action::ClientCertificate(client_certificate::Action::Tag(call))
        | Action::Alarm(alarm::Action::Tag(call)) => call.set(),
        Action::Role(role::Action::Tag(tags))
        | Action::HealthCheck(health_check::Action::Tag { set: tags, .. })
        | Action::ApiKey(api_key::Action::Tag { tags, .. })
        | Action::Authorizer(
            authorizer::Action::TagFunction(tags) | authorizer::Action::ChangeRole(role::Action::Tag(tags)),
        ) => Some(tags),
        _ => None,
    }
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
    let rotated = of_mutual_tls::rotated(object, after);
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

pub(super) fn had_reason(object: &ProtectedApi, reason: Reason) -> bool {
    has_reason(conditions(object), reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::planning::Id;

    fn told(kind: Kind, action: Action) -> String {
        let step = Step {
            id: Id::of(kind),
            name: "x".to_owned(),
            verb: Verb::Update,
            changes: vec![],
            action,
        };
        release_note(&step, "it").note
    }

    #[test]
    fn a_deletion_calls_condemned_and_switched_off_only_what_is() {
        let tag = |key: &str| Action::Role(role::Action::Tag(Tags::from([(key.to_owned(), "x".to_owned())])));
        assert!(told(Kind::Role, tag(TAG_CONDEMNED)).starts_with("Condemned it"));
        assert!(told(Kind::Role, tag(TAG_RETAINED)).starts_with("Left it as it is"));
        assert!(told(Kind::Role, tag("palisade.dev/uid")).starts_with("Gave it its tags back"));
        let emptied = role::Action::DeletePolicy { name: "p".to_owned() };
        let emptied = Action::Authorizer(authorizer::Action::ChangeRole(emptied));
        assert_eq!(told(Kind::Authorizer, emptied), "Prepared it for its deletion");
    }
}
