//! Which certificate CloudFront shows next, and whether the custom domain name accepts the one that it shows.

use super::known::{Known, SeenOne, is_undecided, owns, usable};
use super::records::{Standing, is_recorded, is_unwritten, record_of, records, shown, standing};
use crate::api::ImportedCertificateStatus as Record;
use crate::domain::kernel::hash as hashes;
use crate::domain::kernel::identity::Ownership;
use crate::domain::kernel::observing::Seen;
use crate::domain::mutual_tls::origin_domain::known::version_in_use;
use crate::domain::mutual_tls::{Inputs, truststore};
use std::time::Duration;

/// The tagging service shows a new certificate by then.
const LISTED: Duration = Duration::from_mins(10);

/// Whether this version of the truststore keeps the certificate in that CloudFront shows: viewers stand on it.
#[must_use]
pub fn is_shown_kept_by(inputs: &Inputs<'_>, version: &str) -> bool {
    let Some(arn) = shown(inputs) else { return true };
    let seen = inputs.seen.client_certificates.get(arn);
    match record_of(inputs, arn) {
        Some(record) => is_kept(record, seen, inputs, version),
        // What is not this object's is not kept.
        None if !records(inputs).is_empty() => true,
        None => match seen {
            Some(Seen::Present(found)) => match standing(inputs, found) {
                Standing::Counts => truststore::version_with(inputs, &found.ca).as_deref() == Some(version),
                Standing::Undecided => false,
                Standing::Replaced | Standing::Unrecorded => true,
            },
            Some(Seen::Listed(_)) => false,
            Some(Seen::Absent) => true,
            None => !may_be_listed_late(inputs),
        },
    }
}

/// The same of one whose import is recorded. Where somebody imported another in its place, CloudFront may show either: its authority is
/// kept as long as the truststore has it, since ACM does not any more.
fn is_kept(record: &Record, seen: Option<&SeenOne>, inputs: &Inputs<'_>, version: &str) -> bool {
    let has = || truststore::version_with_hash(inputs, &record.ca_hash).as_deref() == Some(version);
    match seen {
        Some(Seen::Present(found)) => {
            let is_lost = !is_recorded(record, found) && !truststore::has_hash(inputs, &record.ca_hash);
            has() || is_lost
        }
        Some(Seen::Listed(_)) => has(),
        Some(Seen::Absent) | None => true,
    }
}

/// Whether a certificate that no list has may be ours, where status has lost its records.
fn may_be_listed_late(inputs: &Inputs<'_>) -> bool {
    let made_at = inputs.seen.pair.as_ref().map(|pair| pair.made_at);
    made_at.is_none_or(|at| inputs.pass.at.duration_since(at).unsigned_abs() < LISTED)
}

/// ARN of the certificate that the distribution should show: the one that was imported last, of those that the custom domain name
/// accepts and that status records. The one that it shows stays until there is another; one of which no import is recorded is none that
/// it is had show.
#[must_use]
pub fn shown_next(inputs: &Inputs<'_>) -> Option<String> {
    let shown = shown(inputs);
    let usable = usable(inputs);
    if let Some(shown) = shown
        && is_unread(shown, &usable, inputs)
    {
        return Some(shown.clone());
    }
    let next = usable.iter().rfind(|known| {
        let is_shown = Some(known.arn) == shown;
        is_shown || (is_accepted(known, inputs) && !is_unwritten(inputs, known.arn))
    });
    next.map(|next| next.arn)
        .or_else(|| shown.filter(|shown| is_kept_shown(shown, inputs)))
        .cloned()
}

/// Whether it was not read what the certificate is that CloudFront shows, and that may be ours.
fn is_unread(shown: &str, usable: &[Known<'_>], inputs: &Inputs<'_>) -> bool {
    let seen = inputs.seen.client_certificates.get(shown);
    let is_listed = matches!(seen, Some(Seen::Listed(_)));
    if record_of(inputs, shown).is_some() {
        return is_listed && !usable.iter().any(|known| known.arn == shown);
    }
    if !records(inputs).is_empty() {
        return false;
    }
    seen.map_or_else(|| may_be_listed_late(inputs), |seen| is_undecided(seen, inputs))
}

/// Whether the certificate that CloudFront shows stays, though it cannot be used, until there is another.
fn is_kept_shown(shown: &str, inputs: &Inputs<'_>) -> bool {
    let seen = inputs.seen.client_certificates.get(shown);
    let Some(found) = seen.and_then(Seen::present) else {
        return false;
    };
    let is_lost = records(inputs).is_empty() && owns(inputs, found) != Ownership::Foreign;
    record_of(inputs, shown).is_some() || is_lost
}

/// Whether the custom domain name accepts it: it was proven with the version in use, or that is read to have its CA.
fn is_accepted(known: &Known<'_>, inputs: &Inputs<'_>) -> bool {
    let (Some(in_use), Some(record)) = (version_in_use(inputs), known.record) else {
        return false;
    };
    let has_ca = truststore::is_read_with(inputs, &in_use, &record.ca_hash);
    has_ca || record.proven_with.as_ref() == Some(&hashes::short(&in_use))
}
