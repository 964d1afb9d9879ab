//! What is known of the client certificates: whose they are, and which can be used.

use super::records::{Standing, is_recorded, record_of, records, shown, standing};
use super::seen::{Listed, Observed, TAG_ROTATE};
use crate::api::ImportedCertificateStatus as Record;
use crate::domain::edge::certificate;
use crate::domain::kernel::identity::{Owner, Ownership, Tags, ownership, ownership_proven};
use crate::domain::kernel::observing::{Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind};
use crate::domain::mutual_tls::{Desired, Inputs, SERVES_CLIENT, TAG_SERVES};
use jiff::{SignedDuration, Timestamp};

/// One that cannot be used is not followed by another within this time.
const YOUNG: SignedDuration = SignedDuration::from_hours(2);

/// A certificate of ours that can be used, as it was read, or as status remembers it.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its ARN.
    pub arn: &'a String,
    /// Its tags.
    pub tags: &'a Tags,
    /// What status records of its import; `None` where it has lost that.
    pub record: Option<&'a Record>,
    /// Since when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

impl<'a> Known<'a> {
    /// Hash of the annotation that it was made for.
    #[must_use]
    pub fn rotate(&self) -> Option<&'a String> {
        match self.record {
            Some(record) => record.rotate.as_ref(),
            None => self.tags.get(TAG_ROTATE),
        }
    }
}

/// A client certificate, as far as it is seen.
pub(super) type SeenOne = Seen<Listed, Observed>;

/// The resource of that ARN.
#[must_use]
pub fn id_of(arn: &str) -> Id {
    certificate::id(Kind::ClientCertificate, arn)
}

/// Hash of what is wanted of the newest; `None` of one that is left over.
#[must_use]
pub fn hash_of(id: &Id, inputs: &Inputs<'_>) -> Option<String> {
    let newest = newest(inputs)?;
    (id_of(newest.arn) == *id).then(|| hash(inputs.owner))
}

/// Hash of what is wanted of a client certificate: it is the same of each.
pub(in crate::domain::mutual_tls) fn hash(owner: &Owner) -> String {
    desired_hash(&(owner, SERVES_CLIENT))
}

/// Whose a certificate is, as far as calls go that change or delete it: by its tags, or, where somebody took them away, as one that was
/// imported or verified before. What it is trusted with is another matter, of `records`.
#[must_use]
pub fn owns(inputs: &Inputs<'_>, found: &Observed) -> Ownership {
    ownership_proven(&found.tags, inputs.owner, || {
        let arn = &found.content.arn;
        record_of(inputs, arn).is_some() || inputs.pass.recorded.contains_key(&id_of(arn).key())
    })
}

/// The certificate of ours that was imported last, of those that can be used: whatever times ACM has of them.
#[must_use]
pub fn newest<'a>(inputs: &Inputs<'a>) -> Option<Known<'a>> {
    usable(inputs).into_iter().next_back()
}

/// Those of ours that can be used, the one that was imported last as the last.
pub(super) fn usable<'a>(inputs: &Inputs<'a>) -> Vec<Known<'a>> {
    let records = records(inputs);
    let mut all: Vec<Known<'a>> = if records.is_empty() {
        without_records(inputs)
    } else {
        let records = records.into_iter().filter(|record| !record.shut_out);
        records.filter_map(|record| recorded(record, inputs)).collect()
    };
    all.retain(|known| known.not_after > inputs.pass.at);
    all
}

/// Where status has lost its records, of several that may be shown that counts as the last which CloudFront is configured to show.
fn without_records<'a>(inputs: &Inputs<'a>) -> Vec<Known<'a>> {
    let seen = inputs.seen;
    let present = seen.client_certificates.iter();
    let present = present.filter_map(|(arn, seen)| Some((arn, seen.present()?)));
    let counts = present.filter(|(_, found)| standing(inputs, found) == Standing::Counts && is_fit(found));
    let mut all: Vec<Known<'a>> = counts.filter_map(|(arn, found)| read(arn, found, None)).collect();
    let shown = shown(inputs);
    all.sort_by_key(|known| (Some(known.arn) == shown, known.not_before, known.arn));
    all
}

fn recorded<'a>(record: &'a Record, inputs: &Inputs<'a>) -> Option<Known<'a>> {
    let seen = inputs.seen;
    let (arn, seen) = seen.client_certificates.get_key_value(&record.arn)?;
    match seen {
        Seen::Present(found) if !is_recorded(record, found) || !is_fit(found) => None,
        Seen::Present(found) => read(arn, found, Some(record)),
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
                record: Some(record),
                not_before: time(remembered.client_certificate_not_before.as_ref())?,
                not_after: time(remembered.client_certificate_not_after.as_ref())?,
            };
            is_verified.then_some(known)
        }
        Seen::Listed(None) | Seen::Absent => None,
    }
}

fn read<'a>(arn: &'a String, found: &'a Observed, record: Option<&'a Record>) -> Option<Known<'a>> {
    Some(Known {
        arn,
        tags: &found.tags,
        record,
        not_before: found.content.not_before?,
        not_after: found.content.not_after?,
    })
}

/// Whether CloudFront can show it.
fn is_fit(found: &Observed) -> bool {
    found.content.status == certificate::ISSUED && found.content.is_for_clients
}

/// A certificate of ours that ACM has had for a short time, and that it does not offer to clients.
#[must_use]
pub fn unfit<'a>(inputs: &Inputs<'a>) -> Option<&'a Observed> {
    let seen = inputs.seen;
    let mut read = seen.client_certificates.values().filter_map(Seen::present);
    read.find(|found| {
        // It is valid since it was made, which may be days before the import.
        let content = &found.content;
        let since = content.requested_at.or(content.not_before);
        let is_young = since.is_none_or(|since| inputs.pass.at.duration_since(since) < YOUNG);
        is_young && !is_fit(found) && standing(inputs, found) == Standing::Counts
    })
}

/// Whether one that may be ours has to be read before anything is decided.
#[must_use]
pub fn is_any_unread(inputs: &Inputs<'_>) -> bool {
    let seen = &inputs.seen.client_certificates;
    let records = records(inputs);
    if records.is_empty() {
        return seen.values().any(|seen| is_undecided(seen, inputs));
    }
    let mut records = records.into_iter().filter(|record| !record.shut_out);
    records.any(|record| {
        let is_listed = matches!(seen.get(&record.arn), Some(Seen::Listed(_)));
        is_listed && recorded(record, inputs).is_none()
    })
}

/// Where status has lost its records: whether it was not read what this one is.
pub(super) fn is_undecided(seen: &SeenOne, inputs: &Inputs<'_>) -> bool {
    match seen {
        Seen::Listed(_) => true,
        Seen::Present(found) => standing(inputs, found) == Standing::Undecided,
        Seen::Absent => false,
    }
}

/// Whether CloudFront shows a certificate of ours that can be used.
#[must_use]
pub fn is_ours_shown(inputs: &Inputs<'_>) -> bool {
    let shown = shown(inputs);
    usable(inputs).iter().any(|known| Some(known.arn) == shown)
}

/// The tags of every client certificate.
pub(super) fn tags_of(desired: &Desired) -> Tags {
    let mut tags = desired.tags.clone();
    tags.insert(TAG_SERVES.to_owned(), SERVES_CLIENT.to_owned());
    tags
}
