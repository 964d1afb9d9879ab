//! Which client certificates are this object's: those whose import status records. Tags prove nothing here, since whoever may import
//! certificates can copy them, or import another under the ARN of one.
//!
//! CloudFront is had show a certificate only once status has it, so that a crash leaves none that is shown and not recorded.

use super::seen::{Observed, TAG_ROTATE, TAG_TRUSTSTORE, is_as_imported};
use crate::api::ImportedCertificateStatus as Record;
use crate::domain::access::probe::Way;
use crate::domain::kernel::identity::{Ownership, ownership};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::words::moment;
use crate::domain::mutual_tls::origin_domain::known::version_in_use;
use crate::domain::mutual_tls::origin_domain::seen::AVAILABLE;
use crate::domain::mutual_tls::pair::{certificates, fingerprint};
use crate::domain::mutual_tls::{Inputs, probes};
use jiff::Timestamp;

/// As many as status holds.
const MOST: usize = 5;

/// What a certificate that was read is to the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is what Palisade imported; or, where status has lost all records, what viewers stand on.
    Counts,
    /// Somebody imported another in the place of what Palisade had imported under this ARN.
    Replaced,
    /// No import of it is recorded, whatever its tags say.
    Unrecorded,
    /// Status has lost all records, and what tells instead was not read yet.
    Undecided,
}

/// The certificates that Palisade imported, the last one last: as status records them, and what it does not have yet.
#[must_use]
pub fn records<'a>(inputs: &Inputs<'a>) -> Vec<&'a Record> {
    let remembered = inputs
        .remembered
        .map(|known| known.client_certificates.as_slice());
    let remembered: &'a [Record] = remembered.unwrap_or_default();
    let seen = inputs.seen;
    let is_new = |new: &&Record| !remembered.iter().any(|known| known.arn == new.arn);
    remembered
        .iter()
        .chain(seen.imported.iter().filter(is_new))
        .collect()
}

/// The record of the certificate of that ARN.
#[must_use]
pub fn record_of<'a>(inputs: &Inputs<'a>, arn: &str) -> Option<&'a Record> {
    records(inputs).into_iter().find(|record| record.arn == arn)
}

/// Whether status does not have the import of this certificate yet: CloudFront does not show it before.
#[must_use]
pub fn is_unwritten(inputs: &Inputs<'_>, arn: &str) -> bool {
    inputs.seen.imported.iter().any(|new| new.arn == arn)
}

/// Whether ACM has what was recorded.
#[must_use]
pub fn is_recorded(record: &Record, found: &Observed) -> bool {
    // Of one that is shut out the authority is forgotten first.
    let is_ca = record.ca_hash.is_empty() || fingerprint(&found.ca) == record.ca_hash;
    is_ca && fingerprint(&found.leaf) == record.leaf_hash
}

/// What a certificate that was read is to the object.
#[must_use]
pub fn standing(inputs: &Inputs<'_>, found: &Observed) -> Standing {
    let records = records(inputs);
    let record = records.iter().find(|record| record.arn == found.content.arn);
    match record {
        Some(record) if is_recorded(record, found) => Standing::Counts,
        Some(_) => Standing::Replaced,
        None if records.is_empty() => of_lost_status(inputs, found),
        None => Standing::Unrecorded,
    }
}

/// Where status records none, the one counts that CloudFront shows everywhere, where its tags are ours and its CA is in the truststore:
/// viewers stand on it, and nobody can tell more. While CloudFront deploys, each counts of which that may be so.
fn of_lost_status(inputs: &Inputs<'_>, found: &Observed) -> Standing {
    let distribution = &inputs.distribution;
    let is_tagged = ownership(&found.tags, inputs.owner) != Ownership::Foreign && is_as_imported(found);
    if distribution.is_absent || !is_tagged {
        return Standing::Unrecorded;
    }
    match &distribution.shows {
        None => return Standing::Undecided,
        Some(shows) if distribution.is_deployed && shows.as_ref() != Some(&found.content.arn) => {
            return Standing::Unrecorded;
        }
        Some(_) => {}
    }
    match &inputs.seen.truststore {
        Seen::Listed(_) => Standing::Undecided,
        Seen::Absent => Standing::Unrecorded,
        Seen::Present(store) => {
            let (cas, own) = (store.cas(), certificates(&found.ca));
            if !own.is_empty() && own.iter().all(|ca| cas.contains(ca)) {
                Standing::Counts
            } else {
                Standing::Unrecorded
            }
        }
    }
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

/// The record of an import.
#[must_use]
pub fn imported(found: &Observed, shuts_out_former: bool, at: Timestamp) -> Record {
    Record {
        arn: found.content.arn.clone(),
        leaf_hash: fingerprint(&found.leaf),
        ca_hash: fingerprint(&found.ca),
        imported_at: moment(at),
        proven_with: found.tags.get(TAG_TRUSTSTORE).cloned(),
        rotate: found.tags.get(TAG_ROTATE).cloned(),
        shuts_out_former,
        shut_out: false,
        was_shown: false,
    }
}

/// Whether the authority of an earlier certificate is to leave the truststore, and API Gateway may use it still.
#[must_use]
pub fn is_clearing(inputs: &Inputs<'_>) -> bool {
    let records = records(inputs);
    records
        .iter()
        .any(|record| record.shut_out && !record.ca_hash.is_empty())
}

/// Whether a certificate that shuts out those before it was imported, and those are not shut out yet.
#[must_use]
pub fn is_shutting_out(records: &[&Record]) -> bool {
    let mut all = records.iter().enumerate();
    all.any(|(at, record)| {
        let former = records.get(..at).unwrap_or_default();
        record.shuts_out_former && former.iter().any(|former| !former.shut_out)
    })
}

/// Whether a probe through the perimeter has to show that viewers come by such a certificate, which CloudFront shows everywhere.
#[must_use]
pub fn awaits_viewer(inputs: &Inputs<'_>) -> bool {
    successor(inputs).is_some() && probes::is_probed(inputs) && !inputs.probes.contains_key(&Way::Viewer)
}

/// Whether viewers come by it, so that those before it are shut out.
#[must_use]
pub fn is_proven(inputs: &Inputs<'_>) -> bool {
    let is_in = || inputs.probes.get(&Way::Viewer).is_some_and(probes::lets_in);
    successor(inputs).is_some() && (!probes::is_probed(inputs) || is_in())
}

/// The place of the certificate that CloudFront shows everywhere, where it shuts out those before it, and has not yet.
fn successor(inputs: &Inputs<'_>) -> Option<usize> {
    let (records, shown) = (records(inputs), shown(inputs)?);
    let at = records.iter().position(|record| record.arn == *shown)?;
    let former = records.get(..at)?;
    // What came between may never have been shown.
    let meant = records.get(..=at)?;
    let is_due = is_shutting_out(meant) && former.iter().any(|former| !former.shut_out);
    (is_due && inputs.distribution.is_deployed).then_some(at)
}

/// The records as they are at the end of a pass.
#[must_use]
pub fn kept(inputs: &Inputs<'_>) -> Vec<Record> {
    let mut all = known_by_now(inputs);
    if inputs.distribution.is_deployed {
        let shown = shown(inputs);
        let mut all = all.iter_mut();
        if let Some(record) = all.find(|record| Some(&record.arn) == shown) {
            record.was_shown = true;
        }
    }
    all
}

/// Whether CloudFront does not show everywhere yet what takes the place of another certificate.
#[must_use]
pub fn is_being_shown(inputs: &Inputs<'_>) -> bool {
    let (records, shown) = (records(inputs), shown(inputs));
    let is_shown = |record: &Record| Some(&record.arn) == shown;
    let is_next = records.iter().any(|record| is_shown(record) && !record.was_shown);
    let has_former = records.iter().any(|record| !is_shown(record) && record.was_shown);
    is_next && has_former && !inputs.distribution.is_deployed
}

fn known_by_now(inputs: &Inputs<'_>) -> Vec<Record> {
    let mut all: Vec<Record> = records(inputs).into_iter().cloned().collect();
    if all.is_empty() {
        return recorded_anew(inputs);
    }
    let successor = successor(inputs).filter(|_| is_proven(inputs));
    let former = all.iter_mut().take(successor.unwrap_or_default());
    former.for_each(|record| record.shut_out = true);
    for record in all.iter_mut().filter(|record| record.shut_out) {
        if is_out(record, inputs) {
            record.ca_hash.clear();
        }
    }
    let seen = &inputs.seen.client_certificates;
    let is_gone = |record: &Record| matches!(seen.get(&record.arn), None | Some(Seen::Absent));
    all.retain(|record| !record.ca_hash.is_empty() || !is_gone(record));
    let shown = shown(inputs);
    while all.len() > MOST {
        let last = all.len() - 1;
        let mut spare = all.iter().take(last);
        let at = spare.position(|record| Some(&record.arn) != shown);
        drop(all.remove(at.unwrap_or_default()));
    }
    all
}

/// What counts where status has lost all records is recorded anew, once CloudFront shows nothing else.
fn recorded_anew(inputs: &Inputs<'_>) -> Vec<Record> {
    if !inputs.distribution.is_deployed {
        return vec![];
    }
    let read = inputs.seen.client_certificates.values().filter_map(Seen::present);
    let counts = read.filter(|found| standing(inputs, found) == Standing::Counts);
    counts
        .map(|found| {
            let content = &found.content;
            let since = content.requested_at.or(content.not_before);
            Record {
                proven_with: None,
                ..imported(found, false, since.unwrap_or(inputs.pass.at))
            }
        })
        .collect()
}

/// Whether API Gateway uses a truststore without the authority of this one, everywhere.
fn is_out(record: &Record, inputs: &Inputs<'_>) -> bool {
    let (Some(store), Some(domain)) = (inputs.seen.truststore.present(), inputs.seen.domain.present()) else {
        return false;
    };
    let is_in_use = store.version.is_some() && store.version == version_in_use(inputs);
    let has = store.cas().iter().any(|ca| fingerprint(ca) == record.ca_hash);
    is_in_use && domain.content.status == AVAILABLE && !has
}
