//! The names under which viewers reach the distribution: aliases, the certificate for them, and their DNS records.
//!
//! ```text
//! certificate: requested ─▶ proved by CNAME records ─▶ issued ─┐
//! distribution, without names at first ────────────────────────┴▶ with its aliases ─▶ (Deployed) ─▶ DNS records
//! ```
//!
//! Nothing of the perimeter waits for DNS: until the certificate is issued the distribution keeps the names that it has.

use super::certificate;
use super::distribution::{COMMENT_START, Listed};
use super::hosted_zone::{RecordChange, Zone};
use crate::api::ProtectedApiSpec;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen as SeenOne;
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::desired::Desired as DesiredAll;
use crate::domain::perimeter::listing::Listing;
use crate::domain::perimeter::observed::Observed as Everything;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// On the distribution, from before any record is made: the hosted zones that may have some of its names.
pub const TAG_ZONES: &str = "palisade.dev/hosted-zones";

/// The kinds of resources that serve names.
pub const KINDS: [Kind; 2] = [Kind::Certificate, Kind::Records];

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Whose names they are.
    pub owner: Owner,
    /// The names.
    pub aliases: BTreeSet<String>,
    /// The hosted zone that gets their records.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The certificate to request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<certificate::Desired>,
    /// Whether names are moved here from other distributions of the account.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub take_over: bool,
}

/// A hosted zone as it was read.
#[derive(Debug, Clone, PartialEq)]
pub enum ZoneSeen {
    /// There is none of that id in this account.
    Missing,
    /// With its records.
    Found(Arc<Zone>),
}

/// Another distribution of the account that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The distribution's id.
    pub id: String,
    /// The distribution's ARN.
    pub arn: String,
    /// Its comment, if it is of another object, of this cluster or another.
    pub object: Option<String>,
}

/// What is seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// Hosted zones could not be read: nothing is decided about names.
    pub is_unread: bool,
    /// The controller may not read them.
    pub is_denied: bool,
    /// Hosted zones by id, as far as they were read.
    pub zones: BTreeMap<String, ZoneSeen>,
    /// Batches that were written in this pass, by zone.
    pub written: Vec<(String, Vec<RecordChange>)>,
    /// Zones that were read anew in this pass.
    pub reread: BTreeSet<String>,
    /// Certificates that were requested for the object, by ARN.
    pub certificates: BTreeMap<String, SeenOne<certificate::Listed, certificate::Observed>>,
    /// Which request for a certificate is the next: ACM answers a repeated one with what it made before.
    pub attempt: u32,
    /// Who has the names that the distribution does not have yet.
    pub holders: BTreeMap<String, Holder>,
    /// Whether it was told before that a name is about to be moved.
    pub is_move_told: bool,
}

impl Seen {
    /// The zone of that id, if there is one and it was read.
    #[must_use]
    pub fn zone(&self, id: &str) -> Option<&Zone> {
        match self.zones.get(id)? {
            ZoneSeen::Found(zone) => Some(zone),
            ZoneSeen::Missing => None,
        }
    }

    /// Takes in a batch that was written.
    pub fn wrote(&mut self, zone: &str, changes: &[RecordChange]) {
        if let Some(ZoneSeen::Found(known)) = self.zones.get_mut(zone) {
            Arc::make_mut(known).apply(changes);
        }
        self.written.push((zone.to_owned(), changes.to_vec()));
    }
}

/// What the spec wants; `None` where it has no names.
#[must_use]
pub fn desired(spec: &ProtectedApiSpec, owner: &Owner, tags: &Tags) -> Option<Desired> {
    let wanted = spec.distribution.as_ref()?;
    let aliases = wanted.aliases.clone().filter(|aliases| !aliases.is_empty())?;
    let is_requested = wanted.request_certificate.unwrap_or_default();
    Some(Desired {
        owner: owner.clone(),
        certificate: is_requested.then(|| certificate::desired(owner, &aliases, tags)),
        aliases: aliases.into_iter().collect(),
        zone: wanted.hosted_zone_id.clone(),
        take_over: wanted.take_over_aliases.unwrap_or_default(),
    })
}

/// Whether the spec has records made, or a certificate requested.
#[must_use]
pub fn is_managed(desired: &DesiredAll) -> bool {
    let names = desired.names.as_ref();
    names.is_some_and(|names| names.zone.is_some() || names.certificate.is_some())
}

/// Other distributions that have one of `aliases`.
#[must_use]
pub fn holders(
    listing: &Listing,
    own: Option<&str>,
    aliases: &BTreeSet<&String>,
) -> BTreeMap<String, Holder> {
    let others = listing.distributions.values();
    // A staging copy answers by the names of what it was copied from.
    let others = others.filter(|row| own != Some(row.id.as_str()) && !row.is_staging);
    others
        .flat_map(|row| row.aliases.iter().map(move |alias| (alias, row)))
        .filter(|(alias, _)| aliases.contains(alias))
        .map(|(alias, row)| (alias.clone(), holder(row)))
        .collect()
}

fn holder(row: &Listed) -> Holder {
    Holder {
        id: row.id.clone(),
        arn: row.arn.clone(),
        object: row.comment.strip_prefix(COMMENT_START).map(ToOwned::to_owned),
    }
}

/// The tags of the distribution: the zones that have records of its names, or will have, come first.
#[must_use]
pub fn distribution_tags(tags: &Tags, all: &DesiredAll, everything: &Everything) -> Tags {
    let wanted = all.names.as_ref().and_then(|names| names.zone.clone());
    let left: BTreeSet<String> = everything
        .known_zones()
        .into_iter()
        .filter(|zone| may_have_records(zone, &all.owner, everything))
        .chain(wanted)
        .collect();
    let mut tags = tags.clone();
    if !left.is_empty() {
        let zones: Vec<String> = left.into_iter().collect();
        tags.insert(TAG_ZONES.to_owned(), zones.join(" "));
    }
    tags
}

fn may_have_records(zone: &str, owner: &Owner, everything: &Everything) -> bool {
    match everything.names.zones.get(zone) {
        None => true,
        Some(ZoneSeen::Missing) => false,
        Some(ZoneSeen::Found(found)) => !found.marked(owner).is_empty(),
    }
}

impl Everything {
    /// The hosted zones that may have records of the object's names, as its distribution's tags and status say.
    #[must_use]
    pub fn known_zones(&self) -> BTreeSet<String> {
        let told = self.outputs.names.iter().flat_map(|names| &names.hosted_zone_ids);
        self.marked_zones().chain(told.cloned()).collect()
    }

    /// Whether a record of the object may be in the zone, as status says; where status is lost, any zone may have some.
    #[must_use]
    pub fn is_zone_known(&self, zone: &str) -> bool {
        let names = self.outputs.names.as_ref();
        let told = names.is_some_and(|names| names.hosted_zone_ids.iter().any(|known| known == zone));
        told || self.outputs.distribution_id.is_none()
    }

    /// The hosted zones in the distribution's tags.
    pub fn marked_zones(&self) -> impl Iterator<Item = String> {
        let tag = self.distribution_tags().and_then(|tags| tags.get(TAG_ZONES));
        let zones: Vec<String> = tag
            .into_iter()
            .flat_map(|zones| zones.split(' '))
            .filter(|zone| !zone.is_empty())
            .map(ToOwned::to_owned)
            .collect();
        zones.into_iter()
    }
}
