//! What is told of a lock that stands while another proof takes the place of an earlier one.

use super::conditions::{Pass, Verdict, is_by_wanted, is_status, types};
use super::said_before::repeated;
use super::way_back;
use crate::api::AccessMode;
use crate::domain::access::authorization;
use crate::domain::access::held::change_of_mode;
use crate::domain::access::lock::{KINDS, Routes};
use crate::domain::access::probe::Way;
use crate::domain::access::proof::Proof;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// What `read` says is under way, or in the way, told of an API that stays locked by an earlier proof until then; `None` where
/// that is not known to be so. The reason stays: it is why the API is not locked as it should be.
pub(super) fn locked_meanwhile(pass: &Pass<'_>, read: &Verdict) -> Option<Verdict> {
    if read.status == "True" || is_stuck(pass) {
        return None;
    }
    let (desired, observed) = pass.desired.zip(pass.observed)?;
    let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
    let routes = Routes::of(&declared, &inputs);
    if let Some(open) = open_by_policy(pass, routes.as_ref(), read) {
        return Some(open);
    }
    let stands = match routes {
        Some(routes) => routes.is_locked_by_earlier(),
        None => stood_meanwhile(pass, observed),
    };
    (stands && !is_open_past(pass, observed)).then(|| {
        let message = format!(
            "stage {} as deployed stays locked by the proof of the earlier spec.access, which CloudFront goes on sending, until \
             the {} takes its place: {}",
            desired.access.gate.stage,
            desired.access.awaited.as_ref().unwrap_or(&desired.access.proof).noun(),
            read.message
        );
        Verdict::yes(types::ACCESS_RESTRICTED, read.reason, message).with_remedy(read.remedy.clone())
    })
}

/// What is said of an API that an earlier mode has locked, in the pass that finds that this goes on beside a client certificate, or
/// before it can: `read` is what is said of the lock by certificate.
pub(super) fn about_to_be_held(
    pass: &Pass<'_>,
    access: &authorization::Desired,
    read: &Verdict,
) -> Option<Verdict> {
    let (desired, observed) = pass.desired.zip(pass.observed)?;
    if read.status == "True" || access.proof != Proof::Certificate {
        return None;
    }
    let was_locked = is_status(&pass.previous.conditions, types::ACCESS_RESTRICTED, "True");
    let stands = was_locked && is_held_by_earlier(pass, desired, observed) && !is_open_past(pass, observed);
    stands.then(|| {
        let message = format!(
            "stage {} stays locked by the proof of the earlier spec.access, which CloudFront goes on sending, until the {} takes its \
             place: {}",
            access.gate.stage,
            access.proof.noun(),
            read.message
        );
        Verdict::yes(types::ACCESS_RESTRICTED, Reason::InProgress, message).with_remedy(read.remedy.clone())
    })
}

/// Whether an earlier mode locks the API where a client certificate is to, and the pass is the one that finds that: until the default
/// endpoint is off, what routes ask for is the lock.
pub(super) fn is_held_by_earlier(pass: &Pass<'_>, desired: &Desired, observed: &Observed) -> bool {
    let (declared, inputs) = (desired.of_access(), observed.access_inputs(desired));
    let is_found = || {
        if let Some(routes) = Routes::of(&declared, &inputs) {
            routes.held_mode().is_some()
        } else {
            let known = pass.previous.access.as_ref().and_then(|known| known.locked_mode);
            known.is_some_and(|mode| mode != AccessMode::MutualTls)
        }
    };
    desired.access.proof == Proof::Certificate && !inputs.is_endpoint_off && is_found()
}

/// While a change of the mode waits, the mode before is judged as any other, and what the change waits for is told with it: the API
/// is not locked as the spec asks. `later` is what is said of the lock by client certificate, where that takes the place.
pub(super) fn until_the_mode_changes(
    pass: &Pass<'_>,
    access: &authorization::Desired,
    read: Verdict,
    later: Option<&Verdict>,
) -> Verdict {
    // Of the way back from a client certificate more is told.
    let is_left = || way_back::stage(pass).is_some();
    let Some(awaited) = access.awaited.as_ref().filter(|_| !is_left()) else {
        return read;
    };
    let (problems, waits) = (&pass.plan.problems, &pass.plan.waits);
    let problem = problems.iter().find(|problem| problem.id == change_of_mode());
    let wait = waits.iter().find(|wait| wait.id == change_of_mode());
    let told = problem
        .map(|problem| &problem.message)
        .or(wait.map(|wait| &wait.message));
    let told = told.or(later.map(|later| &later.message));
    let told = told.map_or("the methods are read first", String::as_str);
    let change = format!("the change of spec.access.mode to {}", awaited.mode());
    if read.status != "True" {
        let message = format!("{}. Besides, {change} waits: {told}", read.message);
        return Verdict { message, ..read };
    }
    // What stands by an earlier proof yet is told with why.
    let stands = later.filter(|_| !is_by_wanted(read.reason.as_str()));
    let reason = match (problem, later) {
        (Some(problem), _) => problem.reason,
        (None, Some(later)) => stands.map_or(later.reason, |_| read.reason),
        (None, None) => Reason::InProgress,
    };
    let message = format!(
        "{}. It stays locked by the proof of the earlier spec.access until {change} can be made: {told}",
        read.message
    );
    let of_problem = problem.and_then(|problem| problem.remedy.clone());
    let of_others = || later.and_then(|later| read.remedy.or_else(|| later.remedy.clone()));
    Verdict::yes(types::ACCESS_RESTRICTED, reason, message).with_remedy(of_problem.or_else(of_others))
}

/// Whether something of the lock itself cannot be done or read. A mode that cannot be takes the place of none: the earlier lock
/// stands as it was read.
fn is_stuck(pass: &Pass<'_>) -> bool {
    let is_of_lock = |kind| KINDS.contains(&kind);
    let plan = pass.plan;
    let mut problems = plan.problems.iter().filter(|problem| is_of_lock(problem.id.kind));
    let waits = [Reason::AuthorizerInTheWay, Reason::BehaviorInTheWay];
    problems.any(|problem| !waits.contains(&problem.reason))
        || pass
            .failures
            .iter()
            .any(|failure| failure.id.as_ref().is_none_or(|id| is_of_lock(id.kind)))
}

/// What lets others than the perimeter pass the earlier lock, as read now or when the routes were last; `read` is what the mode
/// that takes its place waits for.
fn open_by_policy(pass: &Pass<'_>, routes: Option<&Routes<'_>>, read: &Verdict) -> Option<Verdict> {
    let is = types::ACCESS_RESTRICTED;
    let Some(routes) = routes else {
        let known = repeated(pass, is)?;
        return (known.reason == Reason::PolicyOpenToAllAccounts).then_some(known);
    };
    let problem = routes.policy_of_earlier()?;
    let message = format!("{}: {}", problem.message, read.message);
    let verdict = match problem.reason {
        Reason::DeployedUnknown => Verdict::unknown(is, problem.reason, message),
        reason => Verdict::no(is, reason, message),
    };
    Some(verdict.with_remedy(read.remedy.clone()))
}

/// Whether `verdict` says that the API is locked by an earlier proof, and by the wanted one later.
pub(super) fn is_awaited(verdict: &Verdict) -> bool {
    is_meanwhile(verdict.is, verdict.status, verdict.reason.as_str())
}

/// The same of a condition.
pub(super) fn is_meanwhile(is: &str, status: &str, reason: &str) -> bool {
    is == types::ACCESS_RESTRICTED && status == "True" && !is_by_wanted(reason)
}

/// Whether an earlier pass over the same generation has read that it stands, and it is not due to be read since.
pub(super) fn stood_meanwhile(pass: &Pass<'_>, observed: &Observed) -> bool {
    let is_told = |condition: &Condition| {
        condition.observed_generation == pass.generation
            && is_meanwhile(&condition.type_, &condition.status, &condition.reason)
    };
    let was_read = pass.previous.access.is_some();
    was_read && !observed.due.overdue && pass.previous.conditions.iter().any(is_told)
}

/// Whether a probe past the perimeter gets in, as far as the last one tells.
pub(super) fn is_open_past(pass: &Pass<'_>, observed: &Observed) -> bool {
    match observed.probes.get(&Way::Direct) {
        Some(answer) => answer.gets_in(),
        None => is_status(&pass.previous.conditions, types::DIRECT_ACCESS_BLOCKED, "False"),
    }
}
