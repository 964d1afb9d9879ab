//! Whether anything of this mode is in place, and what is done by that.

use super::Inputs;
use super::shared_certificate::known::is_one;
use crate::api::MutualTlsStatus;
use crate::domain::edge::certificate::Action;
use crate::domain::kernel::identity::{Ownership, ownership};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Kind, Next};

/// Whether anything that was made for this mode is there, as far as lists, reads and status tell. What is there is looked after, whatever
/// would refuse it today.
#[must_use]
pub fn is_anything(inputs: &Inputs<'_>) -> bool {
    let seen = inputs.seen;
    let has_domain = match &seen.domain {
        Seen::Listed(row) => row.is_some(),
        Seen::Present(found) => ownership(&found.tags, inputs.owner) != Ownership::Foreign,
        Seen::Absent => false,
    };
    // The key is the object's own.
    let has_truststore = seen
        .truststore
        .present()
        .is_some_and(|found| found.content.is_some());
    // What objects share may have been made for others.
    let public = seen.origin_certificates.iter();
    let mut own = public.filter(|(arn, seen)| !is_one(inputs, arn, seen));
    let mut clients = seen.client_certificates.values();
    has_domain
        || has_truststore
        || own.any(|(_, found)| *found != Seen::Absent)
        || clients.any(|found| *found != Seen::Absent)
        || inputs.remembered.is_some_and(names_any)
}

/// Whether status names anything that was made; what the spec says stands there, too.
fn names_any(known: &MutualTlsStatus) -> bool {
    let requested = known.origin_certificate_arn.as_ref();
    let others = [&known.certificate_arn, &known.shared_certificate_arn];
    let is_requested = requested.is_some_and(|arn| !others.into_iter().flatten().any(|other| other == arn));
    is_requested
        || known.target.is_some()
        || known.truststore_version.is_some()
        || known.client_certificate_arn.is_some()
        || !known.client_certificates.is_empty()
}

/// What is next in place of a request, once the spec names another mode: what the custom domain name has serves until that is released,
/// whoever made it. Status may be lost, and with it whether that is shared, or the team's own.
pub(super) fn instead_of_request(inputs: &Inputs<'_>) -> Option<Next<Action>> {
    inputs.desired.filter(|desired| desired.leaves)?;
    let has_one = match &inputs.seen.domain {
        Seen::Present(found) => found.content.certificate_arn.is_some(),
        Seen::Listed(row) => {
            let known = inputs
                .remembered
                .and_then(|known| known.origin_certificate_arn.as_ref());
            if row.is_none() || known.is_none() {
                return Some(Next::Blocked(vec![Kind::OriginDomain]));
            }
            true
        }
        Seen::Absent => false,
    };
    has_one.then_some(Next::Done)
}
