//! The names under which viewers reach the distribution: aliases, the certificate for them, and their DNS records.
//!
//! ```text
//! certificate: requested ─▶ proved by CNAME records ─▶ issued ─┐
//! distribution, without names at first ────────────────────────┴▶ with its aliases ─▶ (Deployed) ─▶ DNS records
//! ```
//!
//! Nothing of the perimeter waits for DNS: until the certificate is issued the distribution keeps the names that it has.

use super::certificate;
use super::config::Origin;
use super::conflict::Conflict;
use super::hosted_zone::{RecordChange, Zone};
use crate::api::{NamedCertificateStatus, ProtectedApiSpec};
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen as SeenOne;
use crate::domain::kernel::planning::Kind;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// On the distribution, from before any record is made: the hosted zones that may have some of its names.
pub const TAG_ZONES: &str = "palisade.dev/hosted-zones";
/// The kinds of resources that serve names.
pub const KINDS: [Kind; 2] = [Kind::Certificate, Kind::Records];

/// Names and what proves them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// The aliases.
    pub aliases: BTreeSet<String>,
    /// The certificate for them.
    pub certificate_arn: Option<String>,
}

impl Names {
    /// Whether viewers of `name` come by one of the aliases: by itself, or by the wildcard in its place.
    #[must_use]
    pub fn cover(&self, name: &str) -> bool {
        let wildcard = name.split_once('.').map(|(_, parent)| format!("*.{parent}"));
        self.aliases.contains(name) || wildcard.is_some_and(|wildcard| self.aliases.contains(&wildcard))
    }
}

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
    /// (domain, path) of each of its origins; nothing where this account's list of distributions does not have it.
    pub origins: Vec<(String, String)>,
    /// What CloudFront tells of it, where that list does not have it.
    pub unlisted: Option<Conflict>,
}

impl Holder {
    /// What it puts before a viewer's path on the way to `origin`'s API, where that is not what `origin` puts there. It is not
    /// compared where it asks for something else, nor where one of several ways there is as `origin`.
    #[must_use]
    pub fn other_path(&self, origin: &Origin) -> Option<&str> {
        let ours = origin.path.trim_end_matches('/');
        let origins = self.origins.iter();
        let found = origins.filter(|(domain, _)| domain.eq_ignore_ascii_case(&origin.domain_name));
        let mut paths = found.map(|(_, path)| path.trim_end_matches('/'));
        let first = paths.next()?;
        (first != ours && paths.all(|path| path != ours)).then_some(first)
    }
}

/// What is seen.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Seen {
    /// Hosted zones could not be read: nothing is decided about names.
    pub is_unread: bool,
    /// The controller may not read them.
    pub is_denied: bool,
    /// Hosted zones by id, as far as they were read.
    pub zones: BTreeMap<String, ZoneSeen>,
    /// Those that were read again long after the object may have made a record: what they lack does not exist.
    pub settled: BTreeSet<String>,
    /// Batches that were written in this pass, by zone.
    pub written: Vec<(String, Vec<RecordChange>)>,
    /// Zones that were read anew in this pass.
    pub reread: BTreeSet<String>,
    /// Certificates that were requested for the object, by ARN.
    pub certificates: BTreeMap<String, SeenOne<certificate::Listed, certificate::Observed>>,
    /// Which request for a certificate is the next: ACM answers a repeated one with what it made before.
    pub attempt: u32,
    /// The certificate that the spec names, where it was read in this pass.
    pub named_certificate: Option<NamedCertificateStatus>,
    /// Who has the names that the distribution does not have yet.
    pub holders: BTreeMap<String, Holder>,
    /// Who has them could not be found out: none of them is asked for, none is moved here, and the first lock waits.
    pub are_holders_unknown: bool,
    /// Of the names that are to be taken over, those of which CloudFront was asked who has them, in whatever account.
    pub asked: BTreeSet<String>,
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

    /// Takes in a zone that was read anew; `None` where that failed. What was written in this pass is newer.
    pub fn read_anew(&mut self, zone: String, seen: Option<ZoneSeen>) {
        if self.written.iter().any(|(written, _)| *written == zone) {
            return;
        }
        if let Some(seen) = seen {
            self.zones.insert(zone, seen);
        } else {
            self.is_unread = true;
            self.zones.remove(&zone);
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

/// Whether records are made, or a certificate is requested.
#[must_use]
pub fn is_managed(names: Option<&Desired>) -> bool {
    names.is_some_and(|names| names.zone.is_some() || names.certificate.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_distributions_by_itself_or_by_the_wildcard_in_its_place() {
        let is = |name: &str, alias: &str| {
            let names = Names {
                aliases: [alias.to_owned()].into(),
                certificate_arn: None,
            };
            names.cover(name)
        };
        assert!(is("api.example.com", "api.example.com"));
        assert!(is("api.example.com", "*.example.com"));
        assert!(is("*.example.com", "*.example.com"));
        assert!(!is("*.example.com", "api.example.com"));
        assert!(!is("v1.api.example.com", "*.example.com"));
        assert!(!is("example.com", "*.example.com"));
    }
}
