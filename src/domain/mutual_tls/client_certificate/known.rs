//! What is known of the client certificates: whose they are, which can be used, and which of them CloudFront shows.

use super::seen::{Listed, Observed, is_as_imported};
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
    /// Since when it is valid.
    pub not_before: Timestamp,
    /// Until when it is valid.
    pub not_after: Timestamp,
}

/// A client certificate, as far as it is seen.
pub(super) type SeenOne = Seen<Listed, Observed>;

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
pub(in crate::domain::mutual_tls) fn hash(owner: &Owner) -> String {
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

/// Those of ours that can be used.
pub(super) fn usable<'a>(inputs: &Inputs<'a>) -> Vec<Known<'a>> {
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

/// The tags of every client certificate.
pub(super) fn tags_of(desired: &Desired) -> Tags {
    let mut tags = desired.tags.clone();
    tags.insert(TAG_SERVES.to_owned(), SERVES_CLIENT.to_owned());
    tags
}
