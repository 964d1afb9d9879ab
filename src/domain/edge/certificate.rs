//! The certificate that is requested for the aliases, proved through DNS and renewed by ACM.
//!
//! A tag with a hash of its names tells which certificate is for the names that are declared now; others are left over, and
//! deleted once nothing uses them. Records that prove a name are the same for all certificates of an account, so they stay.

use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{Owner, Ownership, Tags, ownership};
use crate::domain::kernel::observing::{Fingerprint, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::kernel::tagging::TagCall;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a certificate of ours is for, as a tag; one for viewers' names has none.
pub const TAG_SERVES: &str = "palisade.dev/serves";
/// Hash of a certificate's names, as a tag.
pub const TAG_NAMES: &str = "palisade.dev/certificate-names";
/// ACM's word for a certificate that can be used.
pub const ISSUED: &str = "ISSUED";
/// ACM's word for a certificate whose names are not all proved.
pub const PENDING: &str = "PENDING_VALIDATION";
/// RFC 5280's limit on the first name of a certificate.
pub(super) const FIRST_NAME_LIMIT: usize = 64;

/// The certificate as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// Its names; the first is the subject's.
    pub names: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A certificate as the tagging service shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: Option<Tags>,
}

/// A record that proves a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProofRecord {
    /// The record's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What ACM says of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its ARN.
    pub arn: String,
    /// `PENDING_VALIDATION`, `ISSUED` and the like.
    pub status: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// What DNS has to say; empty for some seconds after the request.
    pub proofs: Vec<ProofRecord>,
    /// ARNs of what uses it.
    pub in_use_by: Vec<String>,
    /// When it becomes valid, or became.
    pub not_before: Option<Timestamp>,
    /// Of an imported one: whether clients may show it (`TLS_WEB_CLIENT_AUTHENTICATION`).
    pub is_for_clients: bool,
    /// When it was requested.
    pub requested_at: Option<Timestamp>,
    /// Until when it is valid, once it was issued.
    pub not_after: Option<Timestamp>,
    /// Its names, in order.
    pub names: Vec<String>,
}

impl Content {
    /// Whether anything uses it.
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        !self.in_use_by.is_empty()
    }
}

/// A certificate with its tags.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What ACM says of it.
    pub content: Content,
    /// Its tags.
    pub tags: Tags,
}

/// A request for a certificate.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The Region: us-east-1 for viewers' names, the API's for an origin's.
    pub region: String,
    /// Its names; the first is the subject's.
    pub names: Vec<String>,
    /// A request with the token of an earlier one is answered with what that made.
    pub token: String,
    /// Its tags.
    pub tags: Tags,
}

/// One call that brings a certificate nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Request(Request),
    Tag(TagCall),
    Delete { arn: String },
}

/// The certificate for `aliases`.
#[must_use]
pub fn desired(owner: &Owner, aliases: &[String], tags: &Tags) -> Desired {
    let mut names: Vec<String> = aliases.to_vec();
    names.sort();
    let mut tags = tags.clone();
    tags.insert(TAG_NAMES.to_owned(), hash::short(&names));
    let first = aliases.iter().find(|name| name.len() <= FIRST_NAME_LIMIT);
    if let Some(first) = first {
        names.retain(|name| name != first);
        names.insert(0, first.clone());
    }
    Desired {
        owner: owner.clone(),
        names,
        tags,
    }
}

impl Desired {
    pub(super) fn hash(&self) -> String {
        desired_hash(&(&self.owner, self.tags.get(TAG_NAMES)))
    }

    pub(super) fn has_names(&self, names: &[String]) -> bool {
        let all = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        all(names) == all(&self.names)
    }

    pub(super) fn is_for(&self, tags: &Tags) -> bool {
        ownership(tags, &self.owner) != Ownership::Foreign && tags.get(TAG_NAMES) == self.tags.get(TAG_NAMES)
    }
}

pub(in crate::domain) type SeenCertificate = Seen<Listed, Observed>;

/// The tags of a certificate, as far as they are known.
#[must_use]
pub fn tags_of(seen: &Seen<Listed, Observed>) -> Option<&Tags> {
    tags_in(seen, |found| &found.tags)
}

/// The same of a resource in whose rows there is no more than of a certificate.
#[must_use]
pub fn tags_in<T>(seen: &Seen<Listed, T>, of: fn(&T) -> &Tags) -> Option<&Tags> {
    match seen {
        Seen::Present(found) => Some(of(found)),
        Seen::Listed(row) => row.as_ref().and_then(|row| row.tags.as_ref()),
        Seen::Absent => None,
    }
}

/// The resource of that ARN.
#[must_use]
pub fn id_of(arn: &str) -> Id {
    id(Kind::Certificate, arn)
}

/// The same of a certificate of another kind.
pub(in crate::domain) fn id(kind: Kind, arn: &str) -> Id {
    Id {
        kind,
        part: arn.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

impl Fingerprint for Listed {
    fn fingerprint(&self) -> String {
        hash::short(&self.arn)
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&self.content.arn)
    }
}
