//! What is known of the custom domain name: whose it is, where DNS has to lead, and which truststore it uses.

use super::seen::Observed;
use crate::domain::kernel::identity::{Ownership, ownership_proven};
use crate::domain::kernel::observing::{Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::mutual_tls::{Desired, Inputs};

pub(super) fn id() -> Id {
    Id::of(Kind::OriginDomain)
}

/// Hash of what is wanted of it. Certificate and truststore version come from others, and are compared each time.
#[must_use]
pub fn hash_of(desired: &Desired) -> String {
    let Desired {
        owner,
        gate,
        origin_domain,
        certificate_arn,
        mapping_key,
        ..
    } = desired;
    let stage = (&gate.region, &gate.api_id, &gate.stage);
    let uri = desired.truststore_uri();
    desired_hash(&(owner, stage, origin_domain, certificate_arn, mapping_key, uri))
}

/// ARN of the custom domain name.
#[must_use]
pub fn arn_of(desired: &Desired) -> String {
    arn_of_domain(&desired.gate.region, &desired.origin_domain)
}

/// The same of any custom domain name, as tags are written by it.
#[must_use]
pub fn arn_of_domain(region: &str, name: &str) -> String {
    format!("arn:aws:apigateway:{region}::/domainnames/{name}")
}

/// Whose it is: by its tags, or, where somebody took them away, by what was verified before of this name and truststore.
#[must_use]
pub fn owns(inputs: &Inputs<'_>, found: &Observed) -> Ownership {
    let content = &found.content;
    ownership_proven(&found.tags, inputs.owner, || {
        let is_ours = if let Some(desired) = inputs.desired {
            let uri = desired.truststore_uri();
            content.name == desired.origin_domain && content.truststore_uri == Some(uri)
        } else {
            let known = inputs.remembered.and_then(|known| known.target.as_ref());
            known.is_some() && known == content.target.as_ref()
        };
        inputs.pass.has_record(Kind::OriginDomain) && is_ours
    })
}

/// API Gateway's own name for it, and the hosted zone of that name: where DNS has to lead the origin's name.
#[must_use]
pub fn target(inputs: &Inputs<'_>) -> Option<(String, String)> {
    match &inputs.seen.domain {
        Seen::Present(found) if owns(inputs, found) == Ownership::Foreign => None,
        Seen::Present(found) => found
            .content
            .target
            .clone()
            .zip(found.content.target_zone.clone()),
        Seen::Absent => None,
        Seen::Listed(_) => {
            let known = inputs.remembered?;
            known.target.clone().zip(known.target_zone.clone())
        }
    }
}

/// The version of our truststore that API Gateway uses, as it was read or as status remembers it.
#[must_use]
pub fn version_in_use(inputs: &Inputs<'_>) -> Option<String> {
    match &inputs.seen.domain {
        Seen::Present(found) => {
            let uri = inputs.desired.map(Desired::truststore_uri);
            let version = found.content.truststore_version.clone();
            version.filter(|_| found.content.truststore_uri == uri)
        }
        Seen::Absent => None,
        Seen::Listed(_) => inputs.remembered?.truststore_version.clone(),
    }
}
