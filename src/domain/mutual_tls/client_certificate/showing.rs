//! Which certificate CloudFront shows next, and whether the custom domain name accepts the one that it shows.

use super::known::{Known, owns, shown, usable};
use super::seen::{TAG_TRUSTSTORE, was_replaced};
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
    let Some(in_use) = version_in_use(inputs) else {
        return false;
    };
    let found = inputs.seen.client_certificates.get(known.arn);
    let ca = found.and_then(Seen::present).map(|found| found.ca.as_str());
    let has_ca = ca
        .and_then(|ca| truststore::version_with(inputs, ca))
        .is_some_and(|version| version == in_use);
    has_ca || known.tags.get(TAG_TRUSTSTORE) == Some(&hashes::short(&in_use))
}
