//! The custom domain name that asks for the client certificate, and its mapping to the stage.
//!
//! API Gateway changes one custom domain name of an account in 30 seconds, and applies a change for minutes: it is changed only where
//! it differs, never again while a change is fresh, and never to a truststore without the CA of the certificate that CloudFront shows.

pub(super) mod known;
mod others;
pub(super) mod seen;
mod steps;

pub use self::known::{arn_of, arn_of_domain, hash_of, owns, target, version_in_use};
pub use self::others::{has_accepted_others, is_mark};
pub use self::seen::{AVAILABLE, Action, Change, Content, Creation, Listed, Mapping, Observed};

use self::known::id;
use self::steps::{
    certificate_wanted, create, difference, is_by_mappings, mapping, retag, told, version_wanted,
};
use super::client_certificate::records::is_clearing;
use super::desired::{TAG_BUCKET, TAG_ORIGIN, TAG_ZONE};
use super::{Desired, Inputs, probes, words};
use crate::domain::kernel::identity::Ownership;
use crate::domain::kernel::observing::{Look, Seen};
use crate::domain::kernel::planning::Next;
use crate::domain::kernel::tagging::{RowTags, TagStep, row_tags, tag_step_changes, tags_back};

/// States that only a person ends.
const STUCK: [&str; 3] = [
    "FAILED",
    "PENDING_CERTIFICATE_REIMPORT",
    "PENDING_OWNERSHIP_VERIFICATION",
];

/// Whether it serves, asks for certificates of our truststore alone, and leads to the stage.
#[must_use]
pub fn is_ready(inputs: &Inputs<'_>) -> bool {
    let Some(desired) = inputs.desired.filter(|_| !inputs.seen.is_unread) else {
        return false;
    };
    match &inputs.seen.domain {
        Seen::Present(found) => {
            owns(inputs, found) != Ownership::Foreign
                && found.content.status == AVAILABLE
                && is_by_mappings(&found.content)
                && difference(desired, found, inputs).is_none()
                && mapping(desired, found).is_none()
        }
        Seen::Listed(Some(_)) => {
            inputs.pass.was_verified(&id(), &hash_of(desired)) && !is_read_due(desired, inputs)
        }
        Seen::Listed(None) | Seen::Absent => false,
    }
}

/// Whether what was there before may serve: API Gateway has not applied what it is configured with, or has so for a moment.
#[must_use]
pub fn is_unsettled(inputs: &Inputs<'_>) -> bool {
    let found = inputs.seen.domain.present();
    found.is_some_and(|found| found.content.status != AVAILABLE) || has_accepted_others(inputs)
}

/// What it needs next.
#[must_use]
pub fn next(inputs: &Inputs<'_>) -> Next<Action> {
    let Some(desired) = inputs.desired.filter(|_| !inputs.seen.is_unread) else {
        return Next::Done;
    };
    match inputs.pass.look(&id(), &hash_of(desired), &inputs.seen.domain) {
        Look::Present(found) => next_of_present(desired, found, inputs),
        Look::Absent if inputs.seen.domain == Seen::Absent => create(desired, inputs),
        Look::Verified(row) if !is_read_due(desired, inputs) => {
            match row_tags(row.tags.as_ref(), &desired.owner, &desired.tags) {
                RowTags::Right => Next::Done,
                RowTags::Unknown => Next::Read,
                RowTags::Wrong(changes, step) => retag(desired, changes, step),
            }
        }
        // A list need not show yet what a crash left behind: only a direct read tells that there is none.
        Look::Absent | Look::Verified(_) | Look::Outdated(_) | Look::Read => Next::Read,
    }
}

fn next_of_present(desired: &Desired, found: &Observed, inputs: &Inputs<'_>) -> Next<Action> {
    match owns(inputs, found) {
        Ownership::Foreign => return Next::Problem(words::domain_taken(desired)),
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &desired.tags);
            return retag(desired, changes, TagStep::Set(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    let (informing, retagged) = match tag_step_changes(&found.tags, &desired.tags) {
        Some((changes, step)) if informs(&step) => (Some(retag(desired, changes, step)), None),
        Some((changes, step)) => (None, Some(retag(desired, changes, step))),
        None => (None, None),
    };
    if let Some(retagged) = retagged {
        return retagged;
    }
    if let Some(mark) = others::found(desired, found, inputs) {
        return mark;
    }
    let content = &found.content;
    if STUCK.contains(&content.status.as_str()) {
        // Another certificate is what mends it.
        let wanted = certificate_wanted(desired, inputs).filter(|_| content.certificate_arn.is_some());
        let is_another = wanted.is_some() && wanted != content.certificate_arn;
        let mended = is_another.then(|| difference(desired, found, inputs)).flatten();
        let mended = mended.or(informing);
        return mended.unwrap_or_else(|| Next::Problem(words::domain_failed(desired, content)));
    }
    if content.status != AVAILABLE {
        return informing.unwrap_or_else(|| Next::Wait(words::domain_pending(desired, content)));
    }
    difference(desired, found, inputs)
        .or_else(|| mapping(desired, found))
        .or_else(|| others::shut_out(desired, found, inputs))
        .or(informing)
        .unwrap_or_else(|| told(desired, found))
}

/// Whether it writes only what tells where the rest is, once status is lost: what lets viewers in does not wait for that.
fn informs(step: &TagStep) -> bool {
    let informing = [TAG_ORIGIN, TAG_ZONE, TAG_BUCKET];
    matches!(step, TagStep::Set(tags) if tags.keys().all(|key| informing.contains(&key.as_str())))
}

/// Whether it has to be read, though it was verified before: no list shows what it asks for.
fn is_read_due(desired: &Desired, inputs: &Inputs<'_>) -> bool {
    let is_open = probes::is_origin_open(inputs);
    let differs = |wanted: Option<String>, known: Option<&String>| {
        wanted.is_some_and(|wanted| known.is_none_or(|known| *known != wanted))
    };
    let known = inputs.remembered;
    inputs.is_read_due
        || has_accepted_others(inputs)
        || is_clearing(inputs)
        || is_open
        || probes::is_viewer_in_doubt(inputs)
        || differs(
            version_wanted(inputs),
            known.and_then(|known| known.truststore_version.as_ref()),
        )
        || differs(
            certificate_wanted(desired, inputs),
            known.and_then(|known| known.origin_certificate_arn.as_ref()),
        )
}

#[cfg(test)]
mod tests;
