//! A health check that the spec names: it is looked at, and never written.

use super::health_check::{Desired, problem};
use crate::domain::kernel::observing::{Look, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::perimeter::plan::Next;

/// Part of the id of the health check that the spec names.
pub const NAMED: &str = "named";

/// What the health check that the spec names needs next.
#[must_use]
pub fn next_of_named(all: &DesiredAll, everything: &Everything) -> Next {
    let declared = all
        .shield
        .as_ref()
        .and_then(|shield| shield.health_check.as_ref());
    let Some(Desired::Named(wanted)) = declared.filter(|_| !everything.shield.is_unsubscribed()) else {
        return Next::Done;
    };
    let seen = &everything.shield.named_check;
    match everything.look(&named(), &desired_hash(wanted), seen) {
        Look::Verified(row) if everything.shield.has_associated(&row.id) => Next::Done,
        Look::Verified(_) | Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent if *seen == Seen::Listed(None) => Next::Read,
        Look::Absent => Next::Problem(problem(
            NAMED,
            Reason::HealthCheckNotFound,
            format!(
                "spec.shield.healthCheck.id: there is no health check {wanted} in this account; name one that is there, or \
                 write path in place of id and one is made"
            ),
        )),
        Look::Present(_) => Next::Done,
    }
}

/// Hash of what is wanted of the health check that the spec names.
#[must_use]
pub fn hash_of_named(all: &DesiredAll) -> Option<String> {
    match all.shield.as_ref()?.health_check.as_ref()? {
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
