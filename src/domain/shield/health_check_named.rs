//! A health check that the spec names: it is looked at, and never written.

use super::health_check::{Action, Content, Desired, Observed, problem};
use super::inputs::Inputs;
use crate::domain::kernel::observing::{Look, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next};
use crate::domain::kernel::reason::Reason;

/// Part of the id of the health check that the spec names.
pub const NAMED: &str = "named";

/// What the health check that the spec names needs next.
#[must_use]
pub fn next_of_named(
    declared: Option<&Desired>,
    seen: &Seen<Content, Observed>,
    inputs: &Inputs<'_>,
) -> Next<Action> {
    let Some(Desired::Named(wanted)) = declared.filter(|_| !inputs.is_unsubscribed) else {
        return Next::Done;
    };
    match inputs.pass.look(&named(), &desired_hash(wanted), seen) {
        Look::Verified(row) if inputs.has_associated(&row.id) => Next::Done,
        Look::Verified(_) | Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent if *seen == Seen::Listed(None) => Next::Read,
        Look::Absent => {
            let problem = problem(
                NAMED,
                Reason::HealthCheckNotFound,
                format!(
                    "spec.shield.healthCheck.id: there is no health check {wanted} in this account; name one that is there, or \
                 write path in place of id and one is made"
                ),
            );
            Next::Problem(problem.about("spec.shield.healthCheck.id"))
        }
        Look::Present(_) => Next::Done,
    }
}

/// Hash of what is wanted of the health check that the spec names.
#[must_use]
pub fn hash_of_named(declared: Option<&Desired>) -> Option<String> {
    match declared? {
        Desired::Named(id) => Some(desired_hash(id)),
        Desired::Made { .. } => None,
    }
}

/// The id of the health check that the spec names.
#[must_use]
pub fn named() -> Id {
    Id {
        kind: Kind::HealthCheck,
        part: NAMED.to_owned(),
    }
}
