//! What the objects of a lost cluster shared: whoever takes a custom domain name over from there takes the certificate that it has, too.
//! Nobody else knows any more whose that is.

use super::key::Shared;
use crate::domain::edge::certificate::{self, Action, Listed};
use crate::domain::kernel::identity::{Ownership, Tags, ownership};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Next, Verb};
use crate::domain::kernel::tagging::{TagCall, tags_back};
use crate::domain::mutual_tls::Inputs;

/// The certificate that tags say objects of the lost cluster shared, if it covers the origin's name.
fn of_tags(inputs: &Inputs<'_>, arn: &str, tags: &Tags) -> Option<Shared> {
    let desired = inputs.desired?;
    let shared = Shared::of_tags(arn, tags, desired.lost_cluster.as_deref()?)?;
    let covers = shared.region == desired.gate.region && shared.covers(&desired.origin_domain);
    covers.then_some(shared)
}

/// Whether a certificate with these tags is such a one.
pub(super) fn is_one(inputs: &Inputs<'_>, arn: &str, tags: &Tags) -> bool {
    of_tags(inputs, arn, tags).is_some()
}

/// The same, where the custom domain name has it.
pub(super) fn is_taken(inputs: &Inputs<'_>, arn: &str, tags: &Tags) -> bool {
    is_one(inputs, arn, tags) && has(inputs, arn) == Some(true)
}

/// Whether it is one of which nobody knows yet whether the custom domain name has it.
pub(super) fn is_unclear(inputs: &Inputs<'_>, arn: &str, row: &Listed) -> bool {
    let tags = row.tags.as_ref();
    tags.is_some_and(|tags| is_one(inputs, arn, tags)) && has(inputs, arn).is_none()
}

/// Whether the object's custom domain name has that certificate; `None` where the name was not read, and status does not tell.
fn has(inputs: &Inputs<'_>, arn: &str) -> Option<bool> {
    match &inputs.seen.domain {
        Seen::Present(found) => {
            let is_ours = ownership(&found.tags, inputs.owner) != Ownership::Foreign;
            Some(is_ours && found.content.certificate_arn.as_deref() == Some(arn))
        }
        Seen::Listed(_) => {
            let known = inputs.remembered?.origin_certificate_arn.as_ref()?;
            Some(known == arn)
        }
        Seen::Absent => Some(false),
    }
}

/// What is next of those that the name has, of an object that shares none itself: they get the tags of this cluster, whose sweeper deletes
/// them once the name has another.
pub(super) fn next_all(inputs: &Inputs<'_>) -> Vec<(Id, Next<Action>)> {
    let mut all = Vec::new();
    for (arn, seen) in &inputs.seen.origin_certificates {
        let tags = certificate::tags_of(seen).filter(|tags| is_taken(inputs, arn, tags));
        let Some((tags, shared)) = tags.and_then(|tags| Some((tags, of_tags(inputs, arn, tags)?))) else {
            continue;
        };
        let id = certificate::id(Kind::OriginCertificate, arn);
        let next = if let Seen::Listed(_) = seen {
            Next::Read
        } else {
            let (changes, missing) = tags_back(tags, &shared.tags(&inputs.owner.cluster));
            let action = Action::Tag(TagCall::setting(arn, missing));
            Next::act(id.clone(), arn, Verb::Update, changes, action)
        };
        all.push((id, next));
    }
    all
}
