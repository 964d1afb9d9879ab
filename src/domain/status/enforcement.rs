//! Whether the API is to be locked or only looked at, and what is said where it is only looked at.

use super::conditions::Pass;
use crate::api::Enforcement;
use crate::domain::perimeter::desired::Desired;

/// Under `Observe`, of an API that is locked.
pub(super) const OPENS_NOTHING: &str = "spec.access.enforcement is Observe, which leaves that lock as it is and does not mend it: \
                             docs/access-modes.md says how to open the API";

/// Whether the API is to be locked, or only looked at, as the spec declares it. Under mutual TLS the routes are only looked at, whatever
/// is declared.
pub(super) fn enforcement(desired: &Desired) -> Enforcement {
    let of_mutual_tls = desired.mutual_tls.as_ref().filter(|wanted| !wanted.leaves);
    let of_mutual_tls = of_mutual_tls.map(|wanted| wanted.enforcement);
    of_mutual_tls.unwrap_or(desired.access.enforcement)
}

/// Whether the spec of the pass has the API only looked at.
pub(super) fn is_only_observed(pass: &Pass<'_>) -> bool {
    pass.desired
        .is_some_and(|desired| enforcement(desired) == Enforcement::Observe)
}
