//! Whether a pass put back what somebody else had changed.

use super::before::conditions;
use crate::api::{ProtectedApi, ProtectedApiStatus};
use crate::controller::engine::{Done, Outcome};
use crate::domain::access::authorization;
use crate::domain::edge::names::KINDS as OF_NAMES;
use crate::domain::kernel::planning::{Kind, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::{KINDS as OF_MUTUAL_TLS, endpoint};
use crate::domain::perimeter::plan::Action;
use crate::domain::perimeter::repeated::{gives_owner_back, speaks_of_wanted_tags};
use crate::domain::shield::advanced::KINDS as OF_SHIELD;
use crate::domain::shield::protection;
use crate::domain::status::conditions::{holds, is_locked_as_asked, types};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

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
            kind if OF_MUTUAL_TLS.contains(&kind) => mutual_tls_stood(object, outcome),
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
    let takes_off = matches!(&done.step.action, Action::Access(action) if action.takes_off());
    let is_ours_to_do = is_mark || takes_off || is_planned(&done.step.action);
    stood && !is_deleted && !is_wanted_anew && !is_first && !is_ours_to_do
}

/// The part of a resource's fingerprint that speaks of what is wanted.
fn wanted_hash<'a>(status: &'a ProtectedApiStatus, key: &str) -> Option<&'a str> {
    let (wanted, _found) = status.fingerprints.get(key)?.split_once('.')?;
    Some(wanted)
}

/// Whether all of mutual TLS stood before the pass, and is not being replaced: what a rotation writes nobody had changed.
fn mutual_tls_stood(object: &ProtectedApi, outcome: &Outcome) -> bool {
    let before = conditions(object);
    let generation = object.metadata.generation;
    holds(before, generation, types::ACCESS_RESTRICTED)
        && is_locked_as_asked(before)
        && !is_rotating(before)
        && !is_rotating(&outcome.status.conditions)
}

/// Whether what CloudFront sends or shows to the API is being replaced.
pub(super) fn is_rotating(conditions: &[Condition]) -> bool {
    let mut conditions = conditions.iter();
    let restricted = conditions.find(|condition| condition.type_ == types::ACCESS_RESTRICTED);
    restricted.is_some_and(|found| found.status == "True" && found.reason == Reason::Rotating.as_str())
}

/// A promotion was planned, and the clock of the automatic response is ours alone.
fn is_planned(action: &Action) -> bool {
    use protection::Action as Protect;
    match action {
        Action::Protection(Protect::Change { promotes, .. }) => *promotes,
        Action::Protection(Protect::Tag(call)) => call.set().is_some(),
        Action::Protection(Protect::Associate { .. }) => true,
        _ => false,
    }
}
