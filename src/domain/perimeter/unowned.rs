//! What no object owns any more: left when its object vanished, or on purpose. It is told and counted, and never deleted by itself.

use super::listing::{CERTIFICATES, DOMAIN_NAMES, Listing};
use crate::domain::access::asked::authorizer_names;
use crate::domain::edge::distribution::{DEPLOYED, Listed};
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::identity::{
    TAG_ADOPTED, TAG_CLUSTER, TAG_CONDEMNED, TAG_NAME, TAG_NAMESPACE, TAG_RETAINED, TAG_UID, Tags,
};
use crate::domain::kernel::packed::Packed;
use crate::domain::kernel::planning::Kind;
use crate::domain::mutual_tls::shared_certificate::surplus::may_serve;
use crate::domain::mutual_tls::shared_certificate::{SERVES_SHARED, Shared};
use crate::domain::mutual_tls::{SERVES_CLIENT, SERVES_ORIGIN, TAG_SERVES};
use std::collections::{BTreeMap, BTreeSet};

/// A resource that no object owns. Of whose it was, its tags tell what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Unowned {
    pub kind: Kind,
    pub arn: String,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub uid: Option<String>,
    /// When its object was deleted with `deletionPolicy: Retain` (RFC 3339); `None` where the object vanished.
    pub retained: Option<String>,
    /// Whether it stood before its object, which adopted it.
    pub adopted: bool,
    /// Whether viewers may come by it.
    pub may_serve: bool,
}

/// The objects that are there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alive {
    /// The one namespace whose objects are seen; all where `None`.
    pub namespace: Option<String>,
    /// By which their resources are known.
    pub uids: BTreeSet<String>,
    /// The certificates of origins' names that they share; `None` where that is not known, and any may be needed.
    pub shared: Option<BTreeSet<Shared>>,
}

/// All that carries `cluster`'s tag and an owner that is not in `alive`, but for what the sweeper deletes. `others` holds the tags of
/// what serves Shield Advanced, and of what serves mutual TLS in the Regions of the APIs, by ARN.
#[must_use]
pub fn unowned(
    listing: &Listing,
    others: &BTreeMap<String, Tags>,
    cluster: &str,
    alive: &Alive,
) -> Vec<Unowned> {
    let serving = Serving::of(listing);
    let mut found: Vec<Unowned> = tagged(listing, others)
        .filter(|(_, arn, tags)| {
            is_unowned(tags, cluster, alive) && !may_be_shared(arn, tags, cluster, alive)
        })
        .map(|(kind, arn, tags)| {
            let tag = |key: &str| tags.get(key).cloned();
            Unowned {
                may_serve: match Shared::of_tags(&arn, &tags, cluster) {
                    Some(shared) => may_serve(&shared, others.keys()),
                    None => serving.may_need(&arn, &tags),
                },
                kind,
                arn,
                namespace: tag(TAG_NAMESPACE),
                name: tag(TAG_NAME),
                uid: tag(TAG_UID),
                retained: tag(TAG_RETAINED),
                adopted: tags.contains_key(TAG_ADOPTED),
            }
        })
        .collect();
    found.sort_by(|a, b| key(a).cmp(&key(b)));
    found
}

/// The same with what the last count `known` has of Regions that could not be read: nobody knows that it is gone.
#[must_use]
pub fn with_unread(mut found: Vec<Unowned>, known: Vec<Unowned>, unread: &BTreeSet<String>) -> Vec<Unowned> {
    let is_regional = |kind: Kind| [Kind::OriginCertificate, Kind::OriginDomain].contains(&kind);
    let is_unread = |known: &Unowned| {
        let region = Arn::of(&known.arn).map(|arn| arn.region);
        is_regional(known.kind) && region.is_some_and(|region| unread.contains(region))
    };
    // Certificates of us-east-1 are in other lists, too.
    let listed: BTreeSet<String> = found.iter().map(|found| found.arn.clone()).collect();
    let known = known.into_iter().filter(is_unread);
    found.extend(known.filter(|known| !listed.contains(&known.arn)));
    found.sort_by(|a, b| key(a).cmp(&key(b)));
    found
}

/// By object, in the order in which its parts are built.
fn key(found: &Unowned) -> (&Option<String>, &Option<String>, &Option<String>, Kind, &str) {
    (&found.namespace, &found.name, &found.uid, found.kind, &found.arn)
}

fn is_unowned(tags: &Tags, cluster: &str, alive: &Alive) -> bool {
    let is_ours = tags.get(TAG_CLUSTER).is_some_and(|found| found == cluster);
    let has_owner = tags.get(TAG_UID).is_some_and(|uid| alive.uids.contains(uid));
    // Of objects of other namespaces it is not known whether they are there.
    let mut watched = alive.namespace.iter();
    let is_seen = watched.all(|namespace| tags.get(TAG_NAMESPACE) == Some(namespace));
    // What is retained has none, whatever it is named after.
    let is_left = !has_owner || tags.contains_key(TAG_RETAINED);
    // The sweeper deletes what is condemned, and nothing that bears both marks.
    let is_swept = tags.contains_key(TAG_CONDEMNED) && !tags.contains_key(TAG_RETAINED);
    is_ours && is_seen && is_left && !is_swept
}

/// Whether it is a certificate that objects share, and may be needed.
fn may_be_shared(arn: &str, tags: &Tags, cluster: &str, alive: &Alive) -> bool {
    let shared = Shared::of_tags(arn, tags, cluster);
    shared.is_some_and(|shared| alive.shared.as_ref().is_none_or(|known| known.contains(&shared)))
}

/// Everything whose tags are known.
pub(super) fn tagged<'a>(
    listing: &'a Listing,
    others: &'a BTreeMap<String, Tags>,
) -> impl Iterator<Item = (Kind, String, Tags)> + 'a {
    let roles = listing.roles.values().filter_map(Packed::unpack);
    let roles = roles.map(|role| (Kind::Role, role.arn, Some(role.tags)));
    let functions = listing.functions.values().filter_map(Packed::unpack);
    let functions = functions.map(|found| (Kind::Function, found.arn));
    let ip_sets = listing.ip_sets.values().map(|set| (Kind::IpSet, set.arn.clone()));
    let web_acls = listing
        .web_acls
        .values()
        .map(|acl| (Kind::WebAcl, acl.arn.clone()));
    let distributions = listing.distributions.values();
    let distributions = distributions.map(|row| (Kind::Distribution, row.arn.clone()));
    let by_arn = functions.chain(ip_sets).chain(web_acls).chain(distributions);
    let by_arn = by_arn.map(|(kind, arn)| {
        let tags = listing.tags_of(&arn);
        (kind, arn, tags)
    });
    let certificates = listing.certificates().map(|(arn, tags)| {
        let tags = tags.unpack();
        let kind = tags.as_ref().map_or(Kind::Certificate, kind_of_certificate);
        (kind, arn.clone(), tags)
    });
    // Certificates of us-east-1 are in the lists, too.
    let is_listed = |arn: &String| arn.starts_with(CERTIFICATES) && listing.tags.contains_key(arn);
    let others = others.iter().filter(move |(arn, _)| !is_listed(arn));
    let others =
        others.filter_map(|(arn, tags)| Some((kind_of(arn, tags)?, arn.clone(), Some(tags.clone()))));
    let all = roles.chain(by_arn).chain(certificates).chain(others);
    all.filter_map(|(kind, arn, tags)| Some((kind, arn, tags?)))
}

/// Which certificate bears these tags.
fn kind_of_certificate(tags: &Tags) -> Kind {
    match tags.get(TAG_SERVES).map(String::as_str) {
        Some(SERVES_CLIENT) => Kind::ClientCertificate,
        Some(SERVES_ORIGIN | SERVES_SHARED) => Kind::OriginCertificate,
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

/// The distributions by which viewers come, whoever made them.
pub(super) struct Serving<'a> {
    rows: Vec<&'a Listed>,
    /// UIDs that they are tagged with.
    uids: BTreeSet<String>,
}

impl<'a> Serving<'a> {
    pub(super) fn of(listing: &'a Listing) -> Self {
        // Edge locations may serve what is disabled until that is deployed.
        let serves = |row: &&Listed| row.enabled || row.status != DEPLOYED;
        let rows: Vec<&Listed> = listing.distributions.values().filter(serves).collect();
        let tags = rows.iter().filter_map(|row| listing.tags_of(&row.arn));
        let uids = tags.filter_map(|mut tags| tags.remove(TAG_UID)).collect();
        Self { rows, uids }
    }

    /// Whether one of them is this resource or of the same object, or uses it. What does not say whose it was may be anybody's.
    pub(super) fn may_need(&self, arn: &str, tags: &Tags) -> bool {
        let is_of_one = tags.get(TAG_UID).is_none_or(|uid| self.uids.contains(uid));
        let name = arn.split_once(DOMAIN_NAMES).map(|(_, name)| name);
        let uses = |row: &&Listed| {
            let mut functions = row.functions.iter();
            let mut origins = row.origins.iter();
            row.arn == arn
                || row.web_acl_arn == arn
                || row.certificate_arn.as_deref() == Some(arn)
                || functions.any(|version| {
                    version
                        .strip_prefix(arn)
                        .is_some_and(|rest| rest.starts_with(':'))
                })
                || origins.any(|(domain, _)| Some(domain.as_str()) == name)
        };
        // The API may ask an authorizer, whose function runs as that role, without any distribution.
        let is_authorizers = arn.rsplit('/').next().is_some_and(authorizer_names::is_ours);
        is_of_one || is_authorizers || self.rows.iter().any(uses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(kind: Kind, region: &str) -> Unowned {
        Unowned {
            kind,
            arn: format!("arn:aws:acm:{region}:111122223333:certificate/{region}"),
            namespace: None,
            name: None,
            uid: None,
            retained: None,
            adopted: false,
            may_serve: false,
        }
    }

    #[test]
    fn what_is_left_in_a_region_that_cannot_be_read_counts_as_before_and_elsewhere_what_is_read() {
        let of = |region: &str| left(Kind::OriginCertificate, region);
        let known = vec![
            of("us-west-2"),
            of("eu-west-1"),
            of("us-east-1"),
            left(Kind::Certificate, "ap-south-1"),
        ];
        let unread = ["us-west-2", "us-east-1", "ap-south-1"].map(str::to_owned);
        let found = vec![of("eu-north-1"), of("us-east-1")];
        let all = with_unread(found, known, &BTreeSet::from(unread));
        let all: Vec<&str> = all
            .iter()
            .filter_map(|found| Arn::of(&found.arn))
            .map(|arn| arn.region)
            .collect();
        assert_eq!(all, ["eu-north-1", "us-east-1", "us-west-2"]);
    }
}
