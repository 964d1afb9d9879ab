//! What people are told of an adoption that waits for them, or is refused, and of a release.

use super::desired::Desired;
use super::observed::Observed;
use crate::api::{AdoptionRefusal, DeletionPolicy};
use crate::domain::edge::distribution;
use crate::domain::kernel::planning::{Id, Kind, Problem};
use crate::domain::kernel::reason::Reason;

pub(super) fn problem(reason: Reason, message: String) -> Problem {
    Problem::new(Id::of(Kind::Distribution), reason, message)
}

/// The first refusal, and how many there are.
pub(super) fn refused(id: &str, refusals: &[AdoptionRefusal]) -> Problem {
    let more = match refusals.len() {
        0 | 1 => String::new(),
        count => format!(" ({} more in status.adoption.refusals)", count - 1),
    };
    let told = refusals.first().map_or_else(String::new, |refusal| {
        let subject = Some(id).filter(|id| !id.is_empty());
        let subject = subject.map_or_else(String::new, |id| format!("distribution {id}: "));
        format!("{}: {subject}{}{more}", refusal.field, refusal.message)
    });
    let remedy = refusals.first().map(|refusal| refusal.remedy.clone());
    let problem = problem(Reason::AdoptionRefused, told).with_remedy(remedy);
    match refusals.first() {
        Some(refusal) => problem.about(&refusal.field),
        None => problem,
    }
}

pub(super) fn unconfirmed(desired: &Desired, observed: &Observed, found: &distribution::Observed) -> Problem {
    let plan = observed.adoption_plan(desired, found);
    let confirm = desired
        .adoption
        .as_ref()
        .and_then(|declared| declared.confirm.as_ref());
    let (id, hash, count) = (&found.content.id, &plan.hash, plan.changes.len());
    let to_do = format!(
        "Look at changes and worthKnowing in status.adoption, and set spec.distribution.adopt.confirm to '{hash}'. Until then nothing is written"
    );
    let problem = match confirm {
        None => problem(
            Reason::AdoptionPlanned,
            format!(
                "spec.distribution.adopt.confirm: the adoption of distribution {id} changes {count} fields of it. {to_do}"
            ),
        ),
        Some(confirm) => problem(
            Reason::AdoptionPlanChanged,
            format!(
                "spec.distribution.adopt.confirm: '{confirm}' is not the hash of the present plan: the spec, its class, distribution {id}, its \
                 web ACL or the controller's release has changed since. {to_do}"
            ),
        ),
    };
    problem.about("spec.distribution.adopt.confirm")
}

/// What is left of an object that has given back what it had adopted; `policy` is what its spec or its class says of a deletion.
pub(super) fn released(id: &str, policy: Option<DeletionPolicy>) -> Problem {
    let left = if policy == Some(DeletionPolicy::Retain) {
        "Delete this object: the distribution stays, and its role, function and web ACL stay, too, since the deletion policy is Retain \
         (spec.deletionPolicy or its class). kubectl palisade orphans lists them then"
    } else {
        "Delete this object: its role, function and web ACL then go, and the distribution stays"
    };
    problem(
        Reason::Released,
        format!(
            "spec.distribution.adopt.release: distribution {id} is not this object's, and serves as it did before. The lock of the API, if \
             there is one, stays. {left}"
        ),
    )
    .about("spec.distribution.adopt.release")
}
