//! What a person is told of Shield Advanced by events.

use super::EventNote;
use super::before::had_reason;
use super::drift::is_drift;
use super::of_step::done_note;
use crate::api::ProtectedApi;
use crate::controller::engine::{Done, Outcome};
use crate::domain::kernel::identity::TAG_RETAINED;
use crate::domain::kernel::reason::Reason;
use crate::domain::shield::protection;
use crate::domain::status::conditions::types;

/// What a step of Shield's is told as; marks are not.
pub(in crate::controller) fn note(
    object: &ProtectedApi,
    outcome: &Outcome,
    done: &Done,
    action: &protection::Action,
) -> Option<EventNote> {
    use protection::Action as Protect;
    let name = &done.step.name;
    match action {
        Protect::Change { promotes: true, .. } => Some(EventNote::normal(
            Reason::Promoted,
            "Promote",
            format!(
                "Had Shield's automatic response of protection {name} block from now on: the declared baseline stands"
            ),
        )),
        Protect::Enable { response, .. } | Protect::Change { response, .. } => Some(EventNote::normal(
            if is_drift(object, outcome, done) {
                Reason::DriftCorrected
            } else {
                Reason::Updated
            },
            "Respond",
            format!(
                "Set Shield's automatic response of protection {name} to {}",
                response.word()
            ),
        )),
        Protect::Reinstate { .. } => Some(EventNote::normal(
            Reason::DriftCorrected,
            "Respond",
            format!(
                "Switched Shield's automatic response of protection {name} off and on again: somebody had taken its rule \
                 out of the web ACL"
            ),
        )),
        Protect::Disable { .. } => Some(EventNote::normal(
            Reason::Updated,
            "Respond",
            format!("Switched Shield's automatic response of protection {name} off"),
        )),
        Protect::Associate { health_check, .. } => Some(EventNote::normal(
            Reason::Updated,
            "Associate",
            format!("Associated health check {health_check} with protection {name}"),
        )),
        Protect::Disassociate { health_check, .. } => Some(EventNote::normal(
            Reason::Updated,
            "Disassociate",
            format!("Took health check {health_check} off protection {name}"),
        )),
        Protect::Tag(call) if call.set().is_none_or(|tags| !tags.contains_key(TAG_RETAINED)) => None,
        Protect::Create(_) | Protect::Tag(_) | Protect::Delete { .. } => {
            Some(done_note(object, outcome, done))
        }
    }
}

/// A baseline that begins, and a promotion that is near: each is told once.
pub(super) fn announced(object: &ProtectedApi, outcome: &Outcome) -> Option<EventNote> {
    let mut conditions = outcome.status.conditions.iter();
    let found = conditions.find(|condition| condition.type_ == types::SHIELD_PROTECTED)?;
    let reason = [Reason::Counting, Reason::PromotionDue]
        .into_iter()
        .find(|reason| found.reason == reason.as_str())?;
    (!had_reason(object, reason)).then(|| EventNote::normal(reason, "Count", found.message.clone()))
}
