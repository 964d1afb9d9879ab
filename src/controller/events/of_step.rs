//! What a person is told of a call that was made, where nothing else is told of its kind.

use super::EventNote;
use super::drift::is_drift;
use crate::api::ProtectedApi;
use crate::controller::engine::{Done, Outcome};
use crate::domain::access::credentials::api_key;
use crate::domain::access::credentials::authorizer;
use crate::domain::edge::{certificate, distribution};
use crate::domain::firewall::{ip_set, web_acl};
use crate::domain::kernel::identity::{TAG_CONDEMNED, TAG_RETAINED, Tags};
use crate::domain::kernel::planning::{Kind, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::{client_certificate, origin_domain};
use crate::domain::perimeter::plan::{Action, Step};
use crate::domain::shield::{alarm, health_check, protection};
use crate::domain::signer::{function, role};

/// What was done, in a sentence.
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
        None if step.id.kind != Kind::Distribution || is_tagging(&step.action) => (
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

/// Whether the step changes nothing but a distribution's tags.
fn is_tagging(action: &Action) -> bool {
    matches!(action, Action::Distribution(distribution::Action::Tag(_)))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::planning::Id;
    use crate::domain::kernel::tagging::TagCall;

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
        let untag = TagCall::removing("arn", vec![TAG_RETAINED.to_owned()]);
        let untag = Action::Distribution(distribution::Action::Tag(untag));
        assert_eq!(told(Kind::Distribution, untag), "Prepared it for its deletion");
        let emptied = role::Action::DeletePolicy { name: "p".to_owned() };
        let emptied = Action::Authorizer(authorizer::Action::ChangeRole(emptied));
        assert_eq!(told(Kind::Authorizer, emptied), "Prepared it for its deletion");
    }
}
