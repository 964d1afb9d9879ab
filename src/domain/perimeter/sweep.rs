//! What owners left behind: condemned functions and roles to delete, and orphans to report.

use super::listing::{CERTIFICATES, Listing};
use crate::domain::kernel::identity::{
    IAM_PATH, Owner, TAG_CLUSTER, TAG_CONDEMNED, TAG_RETAINED, TAG_UID, Tags, owner_of,
};
use crate::domain::kernel::packed::Packed;
use crate::domain::kernel::planning::Kind;
use crate::domain::mutual_tls::{SERVES_CLIENT, SERVES_ORIGIN, TAG_SERVES};
use std::collections::{BTreeMap, BTreeSet};

/// One resource for the sweeper, and the object that it was of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Condemned {
    Function {
        name: String,
        owner: Option<Owner>,
    },
    Role {
        name: String,
        arn: String,
        owner: Option<Owner>,
    },
}

/// Condemned resources of `cluster` that may be tried now: a role only once the function that uses it, which bears
/// the same name, is gone.
#[must_use]
pub fn condemned(listing: &Listing, cluster: &str) -> Vec<Condemned> {
    let functions = listing
        .functions
        .values()
        .filter_map(Packed::unpack)
        .filter_map(|function| {
            let tags = listing.tags_of(&function.arn)?;
            may_sweep(&tags, cluster).then(|| Condemned::Function {
                name: function.name,
                owner: owner_of(&tags),
            })
        });
    let roles = listing
        .roles
        .values()
        .filter_map(Packed::unpack)
        .filter(|role| role.path == IAM_PATH && may_sweep(&role.tags, cluster))
        .filter(|role| {
            let function = listing.functions.get(&role.name).and_then(Packed::unpack);
            function.is_none_or(|function| function.settings.role != role.arn)
        })
        .map(|role| Condemned::Role {
            name: role.name,
            arn: role.arn,
            owner: owner_of(&role.tags),
        });
    functions.chain(roles).collect()
}

/// Whether the sweeper may delete a resource with these tags.
#[must_use]
pub fn may_sweep(tags: &Tags, cluster: &str) -> bool {
    tags.get(TAG_CLUSTER).is_some_and(|found| found == cluster)
        && tags.contains_key(TAG_CONDEMNED)
        && !tags.contains_key(TAG_RETAINED)
}

/// Number of resources by kind that carry `cluster`'s tag and an owner that is not in `alive`, and are neither
/// condemned nor retained. They are reported and never deleted. `others` holds the tags of what serves Shield Advanced, and of what
/// serves mutual TLS in the Regions of the APIs, by ARN.
#[must_use]
pub fn orphans(
    listing: &Listing,
    others: &BTreeMap<String, Tags>,
    cluster: &str,
    alive: &BTreeSet<String>,
) -> BTreeMap<Kind, usize> {
    let mut out = BTreeMap::new();
    let mut count = |kind: Kind, tags: Option<Tags>| {
        let Some(tags) = tags else { return };
        let is_ours = tags.get(TAG_CLUSTER).is_some_and(|found| found == cluster);
        let has_owner = tags.get(TAG_UID).is_some_and(|uid| alive.contains(uid));
        let is_released = tags.contains_key(TAG_CONDEMNED) || tags.contains_key(TAG_RETAINED);
        if is_ours && !has_owner && !is_released {
            *out.entry(kind).or_insert(0) += 1;
        }
    };
    for role in listing.roles.values().filter_map(Packed::unpack) {
        count(Kind::Role, Some(role.tags));
    }
    for function in listing.functions.values().filter_map(Packed::unpack) {
        count(Kind::Function, listing.tags_of(&function.arn));
    }
    for set in listing.ip_sets.values() {
        count(Kind::IpSet, listing.tags_of(&set.arn));
    }
    for acl in listing.web_acls.values() {
        count(Kind::WebAcl, listing.tags_of(&acl.arn));
    }
    for row in listing.distributions.values() {
        count(Kind::Distribution, listing.tags_of(&row.arn));
    }
    for (_, tags) in listing.certificates() {
        let tags = tags.unpack();
        count(tags.as_ref().map_or(Kind::Certificate, kind_of_certificate), tags);
    }
    // Certificates of us-east-1 are in the lists, too.
    let is_listed = |arn: &String| arn.starts_with(CERTIFICATES) && listing.tags.contains_key(arn);
    for (arn, tags) in others.iter().filter(|(arn, _)| !is_listed(arn)) {
        if let Some(kind) = kind_of(arn, tags) {
            count(kind, Some(tags.clone()));
        }
    }
    out
}

/// Which certificate bears these tags.
fn kind_of_certificate(tags: &Tags) -> Kind {
    match tags.get(TAG_SERVES).map(String::as_str) {
        Some(SERVES_CLIENT) => Kind::ClientCertificate,
        Some(SERVES_ORIGIN) => Kind::OriginCertificate,
        _ => Kind::Certificate,
    }
}

/// The kind of what serves Shield Advanced or mutual TLS.
fn kind_of(arn: &str, tags: &Tags) -> Option<Kind> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, resource) = (parts.next()?, parts.nth(2)?);
    match (service, resource.split(['/', ':']).find(|part| !part.is_empty())?) {
        ("route53", "healthcheck") => Some(Kind::HealthCheck),
        ("shield", "protection") => Some(Kind::Protection),
        ("cloudwatch", "alarm") => Some(Kind::Alarm),
        ("apigateway", "domainnames") => Some(Kind::OriginDomain),
        ("acm", "certificate") => Some(kind_of_certificate(tags)),
        _ => None,
    }
}
