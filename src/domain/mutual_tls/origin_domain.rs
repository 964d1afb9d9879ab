//! The custom domain name that asks for the client certificate, and its mapping to the stage.
//!
//! API Gateway changes one custom domain name of an account in 30 seconds, and applies a change for minutes: it is changed only where
//! it differs, never again while a change is fresh, and never to a truststore without the CA of the certificate that CloudFront shows.

mod steps;

use self::steps::{
    certificate_wanted, create, difference, is_by_mappings, mapping, retag, told, version_wanted,
};
use super::{Desired, Inputs, probes, words};
use crate::domain::access::probe::Way;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Ownership, Tags, ownership_proven};
use crate::domain::kernel::observing::{Fingerprint, Look, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next};
use crate::domain::kernel::tagging::{RowTags, TagCall, row_tags, tag_step_changes, tags_back};
use jiff::Timestamp;

/// API Gateway's word for a domain name that serves.
pub const AVAILABLE: &str = "AVAILABLE";
/// States that only a person ends.
const STUCK: [&str; 3] = [
    "FAILED",
    "PENDING_CERTIFICATE_REIMPORT",
    "PENDING_OWNERSHIP_VERIFICATION",
];

/// The domain name as the tagging service shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its ARN: `arn:aws:apigateway:<region>::/domainnames/<name>`.
    pub arn: String,
    /// Its tags.
    pub tags: Option<Tags>,
}

/// What API Gateway says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The name.
    pub name: String,
    /// `AVAILABLE`, `UPDATING`, `PENDING_CERTIFICATE_REIMPORT`, `PENDING_OWNERSHIP_VERIFICATION`, `PENDING`, `FAILED`.
    pub status: String,
    /// API Gateway's own words to that.
    pub status_message: Option<String>,
    /// `REGIONAL` or `EDGE`.
    pub endpoint_type: String,
    /// `TLS_1_2` and the like.
    pub security_policy: String,
    /// ARN of its public certificate.
    pub certificate_arn: Option<String>,
    /// The truststore, `s3://…`; `None` where it asks for no certificate.
    pub truststore_uri: Option<String>,
    /// The truststore's version.
    pub truststore_version: Option<String>,
    /// What API Gateway minds about the truststore.
    pub warnings: Vec<String>,
    /// API Gateway's own name for it, to which DNS leads it: `d-….execute-api.<region>.amazonaws.com`.
    pub target: Option<String>,
    /// The hosted zone of that name.
    pub target_zone: Option<String>,
    /// `API_MAPPING_ONLY` and the like.
    pub routing_mode: String,
}

/// A mapping of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its id.
    pub id: String,
    /// The path; empty at the root.
    pub key: String,
    /// The API.
    pub api_id: String,
    /// The API's stage.
    pub stage: String,
}

/// The domain name as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What API Gateway says of it.
    pub content: Content,
    /// Its mappings.
    pub mappings: Vec<Mapping>,
    /// Its tags.
    pub tags: Tags,
    /// When certificate or truststore were last changed by us; known in the pass that did so.
    pub changed_at: Option<Timestamp>,
    /// Whether it asked for no certificate of our truststore before it was changed in this pass: until the change is applied it goes on
    /// letting in whoever came before.
    pub was_open: bool,
}

/// What a domain name of ours is created with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// The name.
    pub name: String,
    /// ARN of its public certificate.
    pub certificate_arn: String,
    /// The truststore.
    pub truststore_uri: String,
    /// Its version.
    pub truststore_version: String,
    /// Tags.
    pub tags: Tags,
}

/// What is changed of it; API Gateway wants the whole configuration again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The name.
    pub name: String,
    /// ARN of its public certificate.
    pub certificate_arn: String,
    /// The truststore.
    pub truststore_uri: String,
    /// Its version.
    pub truststore_version: String,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create {
        region: String,
        creation: Creation,
    },
    Update {
        region: String,
        change: Change,
    },
    Map {
        region: String,
        domain: String,
        key: String,
        api_id: String,
        stage: String,
    },
    Unmap {
        region: String,
        domain: String,
        id: String,
    },
    Tag(TagCall),
    Delete {
        region: String,
        name: String,
    },
}

fn id() -> Id {
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
    let region = &desired.gate.region;
    format!(
        "arn:aws:apigateway:{region}::/domainnames/{}",
        desired.origin_domain
    )
}

/// Whose it is: by its tags, or, where somebody took them away, by what was verified before of this name and truststore.
#[must_use]
pub fn owns(inputs: &Inputs<'_>, found: &Observed) -> Ownership {
    let content = &found.content;
    ownership_proven(&found.tags, inputs.owner, || {
        let is_ours = match inputs.desired {
            Some(desired) => {
                let uri = desired.truststore_uri();
                content.name == desired.origin_domain && content.truststore_uri == Some(uri)
            }
            None => {
                let known = inputs.remembered.and_then(|known| known.target.as_ref());
                known.is_some() && known == content.target.as_ref()
            }
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

/// Whether it serves, asks for certificates of our truststore alone, and leads to the stage.
#[must_use]
pub fn is_ready(inputs: &Inputs<'_>) -> bool {
    let Some(desired) = inputs.desired.filter(|_| !inputs.seen.is_unread) else {
        return false;
    };
    match &inputs.seen.domain {
        Seen::Present(found) => {
            owns(inputs, found) != Ownership::Foreign
                && found.content.status == AVAILABLE
                && is_by_mappings(&found.content)
                && difference(desired, found, inputs).is_none()
                && mapping(desired, found).is_none()
        }
        Seen::Listed(Some(_)) => {
            inputs.pass.was_verified(&id(), &hash_of(desired)) && !is_read_due(desired, inputs)
        }
        Seen::Listed(None) | Seen::Absent => false,
    }
}

/// Whether it was read, and API Gateway says that it does not serve as it is configured: what was there before serves meanwhile.
#[must_use]
pub fn is_unsettled(inputs: &Inputs<'_>) -> bool {
    let found = inputs.seen.domain.present();
    found.is_some_and(|found| found.was_open || found.content.status != AVAILABLE)
}

/// What it needs next.
#[must_use]
pub fn next(inputs: &Inputs<'_>) -> Next<Action> {
    let Some(desired) = inputs.desired.filter(|_| !inputs.seen.is_unread) else {
        return Next::Done;
    };
    match inputs.pass.look(&id(), &hash_of(desired), &inputs.seen.domain) {
        Look::Present(found) => next_of_present(desired, found, inputs),
        Look::Absent if inputs.seen.domain == Seen::Absent => create(desired, inputs),
        Look::Verified(row) if !is_read_due(desired, inputs) => {
            match row_tags(row.tags.as_ref(), &desired.owner, &desired.tags) {
                RowTags::Right => Next::Done,
                RowTags::Unknown => Next::Read,
                RowTags::Wrong(changes, step) => retag(desired, changes, step),
            }
        }
        // A list need not show yet what a crash left behind: only a direct read tells that there is none.
        Look::Absent | Look::Verified(_) | Look::Outdated(_) | Look::Read => Next::Read,
    }
}

fn next_of_present(desired: &Desired, found: &Observed, inputs: &Inputs<'_>) -> Next<Action> {
    match owns(inputs, found) {
        Ownership::Foreign => return Next::Problem(words::domain_taken(desired)),
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &desired.tags);
            return retag(desired, changes, Ok(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    if let Some((changes, step)) = tag_step_changes(&found.tags, &desired.tags) {
        return retag(desired, changes, step);
    }
    let content = &found.content;
    if STUCK.contains(&content.status.as_str()) {
        return Next::Problem(words::domain_failed(desired, content));
    }
    if content.status != AVAILABLE {
        return Next::Wait(words::domain_pending(desired, content));
    }
    difference(desired, found, inputs)
        .or_else(|| mapping(desired, found))
        .unwrap_or_else(|| told(desired, found))
}

/// Whether it has to be read, though it was verified before: no list shows what it asks for.
fn is_read_due(desired: &Desired, inputs: &Inputs<'_>) -> bool {
    let is_open = inputs.probes.get(&Way::Origin).is_some_and(probes::lets_in);
    let differs = |wanted: Option<String>, known: Option<&String>| {
        wanted.is_some_and(|wanted| known.is_none_or(|known| *known != wanted))
    };
    let known = inputs.remembered;
    inputs.is_read_due
        || is_open
        || probes::is_viewer_in_doubt(inputs)
        || differs(
            version_wanted(inputs),
            known.and_then(|known| known.truststore_version.as_ref()),
        )
        || differs(
            certificate_wanted(desired, inputs),
            known.and_then(|known| known.origin_certificate_arn.as_ref()),
        )
}

impl Fingerprint for Listed {
    fn fingerprint(&self) -> String {
        let name = self.arn.rsplit('/').next();
        hash::short(name.unwrap_or_default())
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&self.content.name)
    }
}

#[cfg(test)]
mod tests;
