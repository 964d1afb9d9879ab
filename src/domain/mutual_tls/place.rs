//! Where those things of an object are that have no tags: as declared, or as the tags of others tell.

use super::Inputs;
use super::desired::{TAG_BUCKET, TAG_ORIGIN, TAG_ZONE};
use super::origin_domain::seen::Observed;
use crate::domain::edge::certificate;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::endpoint::region_and_id;
use crate::domain::kernel::identity::{Ownership, Tags, ownership};
use crate::domain::kernel::observing::Seen;

/// In the ARN of a custom domain name, before the name.
const DOMAIN_NAMES: &str = "/domainnames/";

/// Where those things of an object are that have no tags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The origin's name.
    pub origin: Option<String>,
    /// The API's Region.
    pub region: Option<String>,
    /// Id of the hosted zone of the origin's name.
    pub zone: Option<String>,
    /// The truststore's bucket.
    pub bucket: Option<String>,
}

/// The same as declared, or else as the tags of other things of the object tell.
#[must_use]
pub fn place(inputs: &Inputs<'_>) -> Place {
    if let Some(desired) = inputs.desired {
        return Place {
            origin: Some(desired.origin_domain.clone()),
            region: Some(desired.gate.region.clone()),
            zone: Some(desired.hosted_zone_id.clone()),
            bucket: Some(desired.bucket.clone()),
        };
    }
    let tagged = tags_of_all(inputs);
    let tag = |key: &str| tagged.iter().find_map(|tags| tags.get(key).cloned());
    Place {
        origin: name_of_domain(inputs).or_else(|| tag(TAG_ORIGIN)),
        region: region(inputs),
        zone: tag(TAG_ZONE),
        bucket: tag(TAG_BUCKET),
    }
}

/// The custom domain name, as it is listed or read.
fn name_of_domain(inputs: &Inputs<'_>) -> Option<String> {
    match &inputs.seen.domain {
        Seen::Listed(row) => {
            let (_, name) = row.as_ref()?.arn.split_once(DOMAIN_NAMES)?;
            Some(name.to_owned())
        }
        Seen::Present(found) => Some(found.content.name.clone()),
        Seen::Absent => None,
    }
}

fn tags_of_all<'a>(inputs: &Inputs<'a>) -> Vec<&'a Tags> {
    let seen = inputs.seen;
    let domain = match &seen.domain {
        Seen::Present(found) => Some(&found.tags),
        Seen::Listed(Some(row)) => row.tags.as_ref(),
        Seen::Listed(None) | Seen::Absent => None,
    };
    let origin = seen.origin_certificates.values().filter_map(certificate::tags_of);
    let client = seen.client_certificates.values();
    let client = client.filter_map(|seen| certificate::tags_in(seen, |found| &found.tags));
    let all = domain.into_iter().chain(origin).chain(client);
    all.filter(|tags| ownership(tags, inputs.owner) != Ownership::Foreign)
        .collect()
}

/// The API's Region, as ARNs of what is in it tell.
fn region(inputs: &Inputs<'_>) -> Option<String> {
    let of_domain = match &inputs.seen.domain {
        Seen::Listed(Some(row)) => Arn::of(&row.arn).map(|arn| arn.region),
        Seen::Present(found) => region_of(found),
        Seen::Listed(None) | Seen::Absent => None,
    };
    let certificates = inputs.seen.origin_certificates.keys();
    let certificates = certificates.filter_map(|arn| Arn::of(arn));
    let mut regions = of_domain.into_iter().chain(certificates.map(|arn| arn.region));
    regions.next().map(ToOwned::to_owned)
}

/// The Region of a custom domain name that was read, as its certificate or API Gateway's own name for it tells.
#[must_use]
pub fn region_of(found: &Observed) -> Option<&str> {
    let content = &found.content;
    let of_certificate = content.certificate_arn.as_deref().and_then(Arn::of);
    let of_target = || Some(region_and_id(content.target.as_deref()?)?.0);
    of_certificate.map(|arn| arn.region).or_else(of_target)
}
