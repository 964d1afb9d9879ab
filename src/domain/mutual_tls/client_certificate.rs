//! The certificate that CloudFront shows to its origin: imported into ACM in us-east-1, and read back from there.
//!
//! Each rotation imports another: the distribution names the one that it shows, and the earlier ones go once nothing uses them. What
//! somebody else imported in the place of ours is known by a tag with the hash of ours: it is not shown any more.

mod importing;

use super::pair::{Pair, certificates};
use super::{Desired, Inputs, SERVES_CLIENT, TAG_SERVES, origin_domain, rotation, truststore};
use crate::domain::access::probe::Probe;
use crate::domain::edge::certificate;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash as hashes;
use crate::domain::kernel::identity::{Owner, Ownership, Tags, ownership, ownership_proven};
use crate::domain::kernel::observing::{Fingerprint, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Plan, Verb};
use crate::domain::kernel::tagging::{RowTags, TagCall, TagStep, row_tags, tag_step_changes, tags_back};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

pub use certificate::Listed;

/// Hash of the annotation that asked for the certificate, as a tag.
pub const TAG_ROTATE: &str = "palisade.dev/rotate";
/// Hash of the certificate that was imported, as a tag.
pub const TAG_LEAF: &str = "palisade.dev/certificate";
/// Hash of the truststore's version that API Gateway used when the certificate was proven, as a tag.
pub const TAG_TRUSTSTORE: &str = "palisade.dev/truststore";
/// The tagging service shows a new certificate by then.
const LISTED: Duration = Duration::from_mins(10);
/// One that cannot be used is not followed by another within this time.
const YOUNG: SignedDuration = SignedDuration::from_hours(2);

/// A client certificate as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What ACM says of it.
    pub content: certificate::Content,
    /// The certificate, PEM.
    pub leaf: String,
    /// The CA that signed it, PEM.
    pub ca: String,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Import { pair: Box<Pair>, tags: Tags },
    Tag(TagCall),
    Delete { arn: String },
}

/// A certificate of ours that can be used, as it was read, or as status remembers it.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its ARN.
    pub arn: &'a String,
    /// Its tags.
    pub tags: &'a Tags,
    /// Since when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

type SeenOne = Seen<Listed, Observed>;

/// The resource of that ARN.
#[must_use]
pub fn id_of(arn: &str) -> Id {
    Id {
        kind: Kind::ClientCertificate,
        part: arn.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

/// Hash of what is wanted of the newest; `None` of one that is left over.
#[must_use]
pub fn hash_of(id: &Id, inputs: &Inputs<'_>) -> Option<String> {
    let newest = newest(inputs)?;
    (id_of(newest.arn) == *id).then(|| hash(inputs.owner))
}

/// Hash of what is wanted of a client certificate: it is the same of each.
pub(super) fn hash(owner: &Owner) -> String {
    desired_hash(&(owner, SERVES_CLIENT))
}

/// Whose a certificate is: by its tags, or, where somebody took them away, as one that was verified before. That CloudFront shows it
/// proves nothing: somebody may have had it show one of theirs.
#[must_use]
pub fn owns(inputs: &Inputs<'_>, found: &Observed) -> Ownership {
    ownership_proven(&found.tags, inputs.owner, || {
        let key = id_of(&found.content.arn).key();
        inputs.pass.recorded.contains_key(&key)
    })
}

/// Whether ACM still has what was imported under this ARN, and no other.
#[must_use]
pub fn is_as_imported(found: &Observed) -> bool {
    found.tags.get(TAG_LEAF) == Some(&leaf_hash(&found.leaf))
}

/// Whether somebody imported another under this ARN: whoever has its key is none of ours, and its CA is to be accepted by nobody.
#[must_use]
pub fn was_replaced(found: &Observed) -> bool {
    found.tags.contains_key(TAG_LEAF) && !is_as_imported(found)
}

/// Hash of a certificate, whoever broke its lines.
pub(super) fn leaf_hash(pem: &str) -> String {
    let first = certificates(pem).into_iter().next();
    let text = first.as_deref().unwrap_or(pem);
    let plain: String = text.split_whitespace().collect();
    hashes::short(&plain)
}

/// The newest certificate of ours that can be used.
#[must_use]
pub fn newest<'a>(inputs: &Inputs<'a>) -> Option<Known<'a>> {
    let shown = shown(inputs);
    let usable = usable(inputs).into_iter();
    // Of one that was imported twice, that one counts which CloudFront shows: the other is left over.
    usable.max_by_key(|known| (known.not_before, Some(known.arn) == shown, known.arn))
}

/// The same, where it was read.
#[must_use]
pub fn current<'a>(inputs: &Inputs<'a>) -> Option<(&'a String, &'a Observed)> {
    let newest = newest(inputs)?;
    let found = inputs.seen.client_certificates.get(newest.arn)?.present()?;
    Some((newest.arn, found))
}

fn usable<'a>(inputs: &Inputs<'a>) -> Vec<Known<'a>> {
    let seen = inputs.seen.client_certificates.iter();
    let known = seen.filter_map(|(arn, seen)| known(arn, seen, inputs));
    known.filter(|known| known.not_after > inputs.pass.at).collect()
}

fn known<'a>(arn: &'a String, seen: &'a SeenOne, inputs: &Inputs<'a>) -> Option<Known<'a>> {
    match seen {
        Seen::Present(found) if owns(inputs, found) == Ownership::Foreign || !is_usable(found) => None,
        Seen::Present(found) => Some(Known {
            arn,
            tags: &found.tags,
            not_before: found.content.not_before?,
            not_after: found.content.not_after?,
        }),
        // What was verified is known by what status remembers of it.
        Seen::Listed(Some(row)) => {
            let remembered = inputs
                .remembered
                .filter(|known| known.client_certificate_arn.as_ref() == Some(arn))?;
            let tags = row.tags.as_ref();
            let tags = tags.filter(|tags| ownership(tags, inputs.owner) != Ownership::Foreign)?;
            let time = |text: Option<&String>| text?.parse::<Timestamp>().ok();
            let is_verified = inputs.pass.was_verified(&id_of(arn), &hash(inputs.owner));
            let known = Known {
                arn,
                tags,
                not_before: time(remembered.client_certificate_not_before.as_ref())?,
                not_after: time(remembered.client_certificate_not_after.as_ref())?,
            };
            is_verified.then_some(known)
        }
        Seen::Listed(None) | Seen::Absent => None,
    }
}

fn is_usable(found: &Observed) -> bool {
    let content = &found.content;
    content.status == certificate::ISSUED && content.is_for_clients && is_as_imported(found)
}

/// A certificate of ours that ACM has had for a short time, and that it does not offer to clients.
#[must_use]
pub fn unfit<'a>(inputs: &Inputs<'a>) -> Option<&'a Observed> {
    let seen = inputs.seen.client_certificates.values();
    seen.filter_map(Seen::present).find(|found| {
        let since = found.content.not_before;
        let is_young = since.is_none_or(|since| inputs.pass.at.duration_since(since) < YOUNG);
        let is_ours = owns(inputs, found) != Ownership::Foreign;
        is_ours && is_young && is_as_imported(found) && !is_usable(found)
    })
}

/// Whether one that may be ours has to be read before anything is decided.
#[must_use]
pub fn is_any_unread(inputs: &Inputs<'_>) -> bool {
    let mut seen = inputs.seen.client_certificates.iter();
    seen.any(|(arn, seen)| matches!(seen, Seen::Listed(_)) && known(arn, seen, inputs).is_none())
}

/// ARN of the certificate that CloudFront shows: as configured, or as status remembers it.
#[must_use]
pub fn shown<'b>(inputs: &'b Inputs<'_>) -> Option<&'b String> {
    match &inputs.distribution.shows {
        _ if inputs.distribution.is_absent => None,
        Some(shows) => shows.as_ref(),
        None => inputs.remembered?.client_certificate_arn.as_ref(),
    }
}

/// Whether CloudFront shows a certificate of ours that can be used.
#[must_use]
pub fn is_ours_shown(inputs: &Inputs<'_>) -> bool {
    let shown = shown(inputs);
    usable(inputs).iter().any(|known| Some(known.arn) == shown)
}

/// Whether this version of the truststore keeps the certificate in that CloudFront shows: viewers stand on it.
#[must_use]
pub fn is_shown_kept_by(inputs: &Inputs<'_>, version: &str) -> bool {
    let Some(arn) = shown(inputs) else { return true };
    match inputs.seen.client_certificates.get(arn) {
        Some(Seen::Present(found)) => {
            was_replaced(found)
                || owns(inputs, found) == Ownership::Foreign
                || truststore::version_with(inputs, &found.ca).as_deref() == Some(version)
        }
        Some(Seen::Listed(_)) => false,
        Some(Seen::Absent) => true,
        None => !may_be_listed_late(inputs),
    }
}

/// Whether a certificate that no list has may be ours, and be imported a moment ago, before a crash.
fn may_be_listed_late(inputs: &Inputs<'_>) -> bool {
    let made_at = inputs.seen.pair.as_ref().map(|pair| pair.made_at);
    made_at.is_none_or(|at| inputs.pass.at.duration_since(at).unsigned_abs() < LISTED)
}

/// ARN of the certificate that the distribution should show: the newest that the custom domain name accepts. The one that it shows
/// stays until a newer one was imported.
#[must_use]
pub fn shown_next(inputs: &Inputs<'_>) -> Option<String> {
    let shown = shown(inputs);
    let usable = usable(inputs);
    let is_shown = |known: &Known<'_>| Some(known.arn) == shown;
    if let Some(shown) = shown {
        let is_unread = match inputs.seen.client_certificates.get(shown) {
            Some(Seen::Listed(_)) => !usable.iter().any(is_shown),
            Some(Seen::Present(_) | Seen::Absent) => false,
            None => may_be_listed_late(inputs),
        };
        if is_unread {
            return Some(shown.clone());
        }
    }
    let usable = usable.into_iter();
    let accepted = usable.filter(|known| is_shown(known) || is_accepted(known, inputs));
    let newest = accepted.max_by_key(|known| (known.not_before, is_shown(known), known.arn));
    let kept = || {
        let found = inputs.seen.client_certificates.get(shown?)?.present()?;
        (owns(inputs, found) != Ownership::Foreign).then_some(shown?)
    };
    newest.map(|newest| newest.arn).or_else(kept).cloned()
}

/// Whether the custom domain name accepts it: it was proven with the version in use, or that is read to have its CA.
fn is_accepted(known: &Known<'_>, inputs: &Inputs<'_>) -> bool {
    let Some(in_use) = origin_domain::version_in_use(inputs) else {
        return false;
    };
    let found = inputs.seen.client_certificates.get(known.arn);
    let ca = found.and_then(Seen::present).map(|found| found.ca.as_str());
    let has_ca = ca
        .and_then(|ca| truststore::version_with(inputs, ca))
        .is_some_and(|version| version == in_use);
    has_ca || known.tags.get(TAG_TRUSTSTORE) == Some(&hashes::short(&in_use))
}

/// Adds what the client certificates need next, and the probes that the next one waits for.
pub fn next_all<A: From<Action>>(inputs: &Inputs<'_>, plan: &mut Plan<A, Probe>) {
    let Some(desired) = inputs.desired.filter(|_| !inputs.seen.is_unread) else {
        return;
    };
    for (arn, seen) in &inputs.seen.client_certificates {
        plan.add(id_of(arn), next_of(desired, arn, seen, inputs));
    }
    if !is_any_unread(inputs) {
        importing::next(desired, inputs, plan);
    }
}

fn next_of(desired: &Desired, arn: &str, seen: &SeenOne, inputs: &Inputs<'_>) -> Next<Action> {
    let wanted = tags_of(desired);
    match seen {
        Seen::Absent => Next::Done,
        Seen::Listed(None) => Next::Read,
        Seen::Listed(Some(row)) => {
            let is_known = newest(inputs).is_some_and(|newest| newest.arn == arn);
            if !is_known || is_looked_at(inputs) {
                return Next::Read;
            }
            match row_tags(row.tags.as_ref(), inputs.owner, &wanted) {
                RowTags::Right => Next::Done,
                RowTags::Unknown => Next::Read,
                RowTags::Wrong(changes, step) => retag(arn, changes, step),
            }
        }
        Seen::Present(found) => match owns(inputs, found) {
            Ownership::Foreign => Next::Done,
            Ownership::Stripped => {
                let (changes, missing) = tags_back(&found.tags, &wanted);
                retag(arn, changes, Ok(missing))
            }
            Ownership::Ours | Ownership::Condemned | Ownership::Retained => {
                match tag_step_changes(&found.tags, &wanted) {
                    Some((changes, step)) => retag(arn, changes, step),
                    None if is_left_over(arn, found, inputs) => delete(arn),
                    None => Next::Done,
                }
            }
        },
    }
}

/// Whether what was verified is read all the same: it is time, or the truststore or the next certificate is decided by it.
fn is_looked_at(inputs: &Inputs<'_>) -> bool {
    let seen = inputs.seen;
    let is_decided_by = seen.domain.present().is_some() || seen.truststore.present().is_some();
    inputs.is_read_due || is_decided_by || seen.pair.is_some() || rotation::needs_pair(inputs)
}

/// Whether CloudFront shows another one everywhere, and nothing uses this one. What somebody else uses stays: `doors` tells of it.
fn is_left_over(arn: &str, found: &Observed, inputs: &Inputs<'_>) -> bool {
    let shows_another = shown(inputs).is_some_and(|shown| shown != arn);
    let is_newest = newest(inputs).is_some_and(|newest| newest.arn == arn);
    shows_another && !is_newest && inputs.distribution.is_deployed && found.content.in_use_by.is_empty()
}

/// The tags of every client certificate.
fn tags_of(desired: &Desired) -> Tags {
    let mut tags = desired.tags.clone();
    tags.insert(TAG_SERVES.to_owned(), SERVES_CLIENT.to_owned());
    tags
}

fn delete(arn: &str) -> Next<Action> {
    let action = Action::Delete { arn: arn.to_owned() };
    Next::act(id_of(arn), arn, Verb::Delete, vec![], action)
}

fn retag(arn: &str, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    let action = Action::Tag(TagCall::new(arn, step));
    Next::act(id_of(arn), arn, Verb::Update, changes, action)
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hashes::short(&self.content.arn)
    }
}

#[cfg(test)]
mod tests;
