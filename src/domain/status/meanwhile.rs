//! What is told of a lock that stands while another proof takes the place of an earlier one.

use super::conditions::{Pass, Verdict, is_by_wanted, is_true, types};
use crate::domain::access::lock::{Doors, KINDS};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// While nothing of the stage is read, what was read of it counts so long. CloudFront deploys within minutes.
const READ_COUNTS: SignedDuration = SignedDuration::from_hours(1);

/// What `read` says is under way, told of an API that stays locked by an earlier proof until then; `None` where that is not
/// known to be so. The reason stays: it is why the API is not locked as it should be.
pub(super) fn locked_meanwhile(pass: &Pass<'_>, read: &Verdict) -> Option<Verdict> {
    let conditions = &pass.previous.conditions;
    let is_of_lock = |kind| KINDS.contains(&kind);
    let is_stuck = pass
        .plan
        .problems
        .iter()
        .any(|problem| is_of_lock(problem.id.kind))
        || pass
            .failures
            .iter()
            .any(|failure| failure.id.as_ref().is_none_or(|id| is_of_lock(id.kind)));
    let is_known = is_true(conditions, types::ACCESS_RESTRICTED) && !is_open(conditions);
    if read.status == "True" || is_stuck || !is_known {
        return None;
    }
    let (desired, observed) = pass.desired.zip(pass.observed)?;
    let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
    let stands = match Doors::of(&declared, &inputs) {
        Some(doors) => doors.is_locked_by_earlier(),
        None => stood_meanwhile(pass),
    };
    stands.then(|| {
        let message = format!(
            "stage {} as deployed stays locked by the proof of the earlier spec.access, which CloudFront goes on sending, until \
             the {} takes its place: {}",
            desired.access.gate.stage,
            desired.access.proof.noun(),
            read.message
        );
        Verdict::yes(types::ACCESS_RESTRICTED, read.reason, message)
    })
}

/// Whether `verdict` says that the API is locked by an earlier proof, and by the wanted one later.
pub(super) fn is_awaited(verdict: &Verdict) -> bool {
    is_meanwhile(verdict.is, verdict.status, verdict.reason.as_str())
}

/// The same of a condition.
pub(super) fn is_meanwhile(is: &str, status: &str, reason: &str) -> bool {
    is == types::ACCESS_RESTRICTED && status == "True" && !is_by_wanted(reason)
}

/// Whether an earlier pass over the same generation, not long ago, has read that it stands.
fn stood_meanwhile(pass: &Pass<'_>) -> bool {
    let is_told = |condition: &Condition| {
        condition.observed_generation == pass.generation
            && is_meanwhile(&condition.type_, &condition.status, &condition.reason)
    };
    let read = pass.previous.access.as_ref();
    let read = read.and_then(|access| access.verified_at.parse::<Timestamp>().ok());
    let is_recent = read.is_some_and(|read| pass.now.duration_since(read) < READ_COUNTS);
    is_recent && pass.previous.conditions.iter().any(is_told)
}

/// Whether a probe past the perimeter has got in.
fn is_open(conditions: &[Condition]) -> bool {
    let mut conditions = conditions.iter();
    conditions.any(|condition| condition.type_ == types::DIRECT_ACCESS_BLOCKED && condition.status == "False")
}
