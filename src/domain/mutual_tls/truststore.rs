//! The truststore: an object of S3 with one CA for each client certificate that is accepted.
//!
//! A CA that is not needed any more leaves it when the next one comes: each change is one of the domain name, which API Gateway makes
//! in minutes.

use super::client_certificate::records::{Standing, is_clearing, is_recorded, records, standing};
use super::origin_domain::known::version_in_use;
use super::pair::{certificates, fingerprint};
use super::refusals::anew;
pub use super::truststore_object::{Action, Bucket, Observed};
use super::{Desired, Inputs, probes};
use crate::api::ImportedCertificateStatus as Record;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash::short;
use crate::domain::kernel::observing::{Fingerprint as _, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use serde_json::json;
use std::collections::BTreeSet;

/// Hash of where the truststore is. Its content follows from certificates, and is compared where it was read.
#[must_use]
pub fn hash_of(desired: &Desired) -> String {
    desired_hash(&(&desired.owner, &desired.gate.region, desired.truststore_uri()))
}

/// The CAs that have to be accepted, as far as they are known: of the next certificate, of the one that was imported last, and of what
/// CloudFront may show.
#[must_use]
pub fn wanted(inputs: &Inputs<'_>) -> Vec<String> {
    needed(inputs).cas.into_iter().collect()
}

/// The CAs that have to be accepted.
#[derive(Default)]
struct Needed {
    cas: BTreeSet<String>,
    /// Whether a certificate has to be read before all of them are known.
    is_any_unread: bool,
}

/// Of certificates that Palisade imported, and of no others: whoever has the key of a CA that is accepted gets in.
fn needed(inputs: &Inputs<'_>) -> Needed {
    let mut needed = Needed::default();
    let pair = inputs.seen.pair.iter();
    needed.cas.extend(pair.flat_map(|pair| certificates(&pair.ca)));
    let seen = &inputs.seen.client_certificates;
    let records = records(inputs);
    if records.is_empty() {
        for seen in seen.values() {
            match seen.present().map(|found| (found, standing(inputs, found))) {
                Some((found, Standing::Counts)) => needed.cas.extend(certificates(&found.ca)),
                Some((_, Standing::Undecided)) => needed.is_any_unread = true,
                Some(_) => {}
                None => needed.is_any_unread |= matches!(seen, Seen::Listed(_)),
            }
        }
        return needed;
    }
    let last = last_imported(&records, inputs);
    for record in records
        .into_iter()
        .filter(|record| is_needed(record, last, inputs))
    {
        match ca_of(record, inputs) {
            Some(ca) => {
                needed.cas.insert(ca);
            }
            None => needed.is_any_unread |= matches!(seen.get(&record.arn), Some(Seen::Listed(_))),
        }
    }
    needed
}

/// ARN of the certificate that was imported last, of those that are there and that nobody imported another in the place of.
fn last_imported<'a>(records: &[&'a Record], inputs: &Inputs<'_>) -> Option<&'a str> {
    let mut records = records.iter().rev().filter(|record| !record.shut_out);
    let last = records.find(|record| match inputs.seen.client_certificates.get(&record.arn) {
        Some(Seen::Present(found)) => is_recorded(record, found),
        Some(Seen::Listed(_)) => true,
        Some(Seen::Absent) | None => false,
    });
    last.map(|record| record.arn.as_str())
}

/// Whether the CA of a certificate has to be accepted: of each that is there, while it is not known, or not everywhere in force, which of
/// them CloudFront shows.
fn is_needed(record: &Record, last: Option<&str>, inputs: &Inputs<'_>) -> bool {
    let is_there = match inputs.seen.client_certificates.get(&record.arn) {
        Some(Seen::Present(_) | Seen::Listed(_)) => true,
        Some(Seen::Absent) | None => false,
    };
    if record.shut_out || !is_there {
        return false;
    }
    match &inputs.distribution.shows {
        Some(shows) if inputs.distribution.is_deployed => {
            last == Some(record.arn.as_str()) || shows.as_ref() == Some(&record.arn)
        }
        _ => true,
    }
}

/// The CA of a certificate: as ACM has it, or as the truststore has it. Where somebody imported another in its place, ACM has another's.
fn ca_of(record: &Record, inputs: &Inputs<'_>) -> Option<String> {
    let found = inputs.seen.client_certificates.get(&record.arn);
    let of_acm = found.and_then(Seen::present).map(|found| certificates(&found.ca));
    let store = inputs.seen.truststore.present();
    let of_store = store.map(Observed::cas).into_iter().flatten();
    let mut all = of_acm.into_iter().flatten().chain(of_store);
    all.find(|ca| fingerprint(ca) == record.ca_hash)
}

/// Hashes of the CAs that may be in the truststore, or that may have been and are to leave it.
fn known_hashes(inputs: &Inputs<'_>, with_shut_out: bool) -> BTreeSet<String> {
    let records = records(inputs);
    let counted = records.iter().filter(|record| with_shut_out || !record.shut_out);
    let mut hashes: BTreeSet<String> = counted.map(|record| record.ca_hash.clone()).collect();
    // Of a pair that an earlier process made.
    let remembered = inputs.remembered;
    hashes.extend(remembered.and_then(|known| known.next_ca_hash.clone()));
    let pair = inputs.seen.pair.iter().flat_map(|pair| certificates(&pair.ca));
    hashes.extend(pair.map(|ca| fingerprint(&ca)));
    if records.is_empty() {
        let read = inputs.seen.client_certificates.values().filter_map(Seen::present);
        let counts = read.filter(|found| standing(inputs, found) == Standing::Counts);
        let cas = counts.flat_map(|found| certificates(&found.ca));
        hashes.extend(cas.map(|ca| fingerprint(&ca)));
    }
    hashes
}

/// The version as it was read, where it accepts certificates of `ca` and of nobody else.
#[must_use]
pub fn version_with(inputs: &Inputs<'_>, ca: &str) -> Option<String> {
    let wanted: Vec<String> = certificates(ca).iter().map(|ca| fingerprint(ca)).collect();
    let has_all = !wanted.is_empty() && wanted.iter().all(|hash| has_hash(inputs, hash));
    usable_version(inputs).filter(|_| has_all)
}

/// The same of the CA with this hash.
#[must_use]
pub fn version_with_hash(inputs: &Inputs<'_>, hash: &str) -> Option<String> {
    usable_version(inputs).filter(|_| has_hash(inputs, hash))
}

/// Whether the truststore, as it was read, has the CA with this hash.
#[must_use]
pub fn has_hash(inputs: &Inputs<'_>, hash: &str) -> bool {
    let found = inputs.seen.truststore.present();
    found.is_some_and(|found| found.cas().iter().any(|ca| fingerprint(ca) == hash))
}

/// Whether that version was read, and has the CA with this hash, whatever else it has.
#[must_use]
pub fn is_read_with(inputs: &Inputs<'_>, version: &str, hash: &str) -> bool {
    let found = inputs.seen.truststore.present();
    let is_read = found.is_some_and(|found| found.version.as_deref() == Some(version));
    is_read && has_hash(inputs, hash)
}

/// The version as it was read, where nothing is in it that should not be.
fn usable_version(inputs: &Inputs<'_>) -> Option<String> {
    let found = inputs.seen.truststore.present()?;
    found.version.clone().filter(|_| unwanted(inputs).is_empty())
}

/// CAs in the truststore that are to be accepted no more, or never were this object's.
#[must_use]
pub fn unwanted(inputs: &Inputs<'_>) -> Vec<String> {
    others_than(&known_hashes(inputs, false), inputs)
}

/// CAs in the truststore that are of no certificate of ours: whoever has a certificate of theirs would be let in.
#[must_use]
pub fn foreign(inputs: &Inputs<'_>) -> Vec<String> {
    others_than(&known_hashes(inputs, true), inputs)
}

/// The same of the version that API Gateway uses, as far as that was read: who has a certificate of theirs is let in. By their hashes.
#[must_use]
pub fn foreign_in_use(inputs: &Inputs<'_>) -> Vec<String> {
    let found = inputs.seen.truststore.present();
    let version = found.and_then(|found| found.version.as_ref());
    if version.is_none() || version != version_in_use(inputs).as_ref() || needed(inputs).is_any_unread {
        return vec![];
    }
    hashes(foreign(inputs).iter())
}

fn others_than(known: &BTreeSet<String>, inputs: &Inputs<'_>) -> Vec<String> {
    let found = inputs.seen.truststore.present();
    let cas = found.map(Observed::cas).into_iter().flatten();
    cas.filter(|ca| !known.contains(&fingerprint(ca))).collect()
}

/// Whether the version that API Gateway uses was found to have CAs of this object's certificates alone: now, or when it was read last.
#[must_use]
pub fn is_in_use_verified(inputs: &Inputs<'_>) -> bool {
    let Some(in_use) = version_in_use(inputs) else {
        return false;
    };
    match inputs.seen.truststore.present() {
        Some(found) if found.version.as_ref() == Some(&in_use) => foreign(inputs).is_empty(),
        _ => {
            let verified = inputs
                .remembered
                .and_then(|known| known.verified_truststore_version.as_ref());
            verified == Some(&in_use)
        }
    }
}

/// Whether the version that API Gateway uses may have CAs of others, as far as all was read that tells.
#[must_use]
pub fn may_have_others(inputs: &Inputs<'_>) -> bool {
    let is_read = inputs.seen.truststore.present().is_some() && !needed(inputs).is_any_unread;
    is_read && !is_in_use_verified(inputs)
}

/// Whether this very version was found as wanted before.
fn was_verified(found: &Observed, inputs: &Inputs<'_>) -> bool {
    let recorded = inputs.pass.recorded.get(&id().key());
    let recorded = recorded.and_then(|recorded| recorded.split_once('.'));
    recorded.is_some_and(|(_, known)| found.version.is_some() && known == found.fingerprint())
}

fn id() -> Id {
    Id::of(Kind::Truststore)
}

/// What the truststore needs next.
#[must_use]
pub fn next(inputs: &Inputs<'_>) -> Next<Action> {
    let Some(desired) = inputs.desired else {
        return Next::Done;
    };
    let found = match &inputs.seen.truststore {
        Seen::Present(found) => found,
        Seen::Listed(Some(never)) => match *never {},
        Seen::Listed(None) if is_settled(desired, inputs) => return Next::Done,
        Seen::Listed(None) => return Next::Read,
        Seen::Absent => return unfit(&missing(desired)),
    };
    if let Some(why) = why_unfit(desired, found, anew(inputs.is_after_another_mode)) {
        return unfit(&why);
    }
    let needed = needed(inputs);
    let (cas, wanted): (_, Vec<String>) = (found.cas(), needed.cas.into_iter().collect());
    if needed.is_any_unread {
        return if was_verified(found, inputs) && wanted.iter().all(|ca| cas.contains(ca)) {
            Next::Done
        } else {
            Next::Blocked(vec![Kind::ClientCertificate])
        };
    }
    if wanted.is_empty() {
        // The next certificate is made first: API Gateway takes no file without one.
        return Next::Blocked(vec![Kind::ClientCertificate]);
    }
    if unwanted(inputs).is_empty() && wanted.iter().all(|ca| cas.contains(ca)) {
        return Next::Done;
    }
    put(desired, found, &wanted)
}

/// Whether it was verified before, and nothing asks for another look.
fn is_settled(desired: &Desired, inputs: &Inputs<'_>) -> bool {
    let is_wanted = inputs.seen.pair.is_some() || is_clearing(inputs);
    let is_asked_for = is_wanted || inputs.is_read_due || probes::is_viewer_in_doubt(inputs);
    // A version that somebody else chose, or that status does not know, is looked at.
    let is_unknown = version_in_use(inputs).is_some() && !is_in_use_verified(inputs);
    // A custom domain name that is to be made is told its version.
    let is_awaited = matches!(inputs.seen.domain, Seen::Absent);
    !is_asked_for && !is_unknown && !is_awaited && inputs.pass.was_verified(&id(), &hash_of(desired))
}

fn put(desired: &Desired, found: &Observed, wanted: &[String]) -> Next<Action> {
    let (verb, changes) = match &found.content {
        None => (Verb::Create, vec![]),
        Some(_) => (Verb::Update, vec![change(found, wanted)]),
    };
    let mut content = wanted.join("\n");
    content.push('\n');
    let action = Action::Put {
        region: desired.gate.region.clone(),
        bucket: desired.bucket.clone(),
        key: desired.key.clone(),
        content,
    };
    Next::act(id(), &desired.truststore_uri(), verb, changes, action)
}

/// Certificates are told by their hashes.
fn change(found: &Observed, wanted: &[String]) -> Change {
    Change {
        path: "certificates".to_owned(),
        from: json!(hashes(found.cas().iter())),
        to: json!(hashes(wanted.iter())),
    }
}

fn hashes<'a>(cas: impl Iterator<Item = &'a String>) -> Vec<String> {
    cas.map(short).collect()
}

fn why_unfit(desired: &Desired, found: &Observed, anew: &str) -> Option<String> {
    let (bucket, region) = (&desired.bucket, &desired.gate.region);
    match found.bucket {
        Bucket::Fit => None,
        Bucket::Elsewhere => Some(format!(
            "the bucket {bucket} is in another Region, and API Gateway reads the truststore in the API's, {region}: name a bucket there; \
             {anew}"
        )),
        Bucket::Unversioned => Some(format!(
            "the bucket {bucket} keeps no versions, so that a truststore could be replaced unseen: aws s3api \
             put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled"
        )),
    }
}

fn missing(desired: &Desired) -> String {
    format!(
        "there is no bucket {}: make it in {}, with versions",
        desired.bucket, desired.gate.region
    )
}

fn unfit(why: &str) -> Next<Action> {
    let message = format!("spec.access.mutualTls.truststoreBucket: {why}");
    Next::Problem(problem(Reason::BucketUnfit, message).about("spec.access.mutualTls.truststoreBucket"))
}

fn problem(reason: Reason, message: String) -> Problem {
    Problem::new(id(), reason, message)
}

/// What people are told where the domain name accepts certificates of a CA that is none of ours: an open door, until the truststore is
/// replaced.
#[must_use]
pub fn contested(inputs: &Inputs<'_>) -> Option<Problem> {
    let (desired, found) = (inputs.desired?, inputs.seen.truststore.present()?);
    let domain = inputs.seen.domain.present()?;
    let is_in_use = found.version.is_some() && domain.content.truststore_version == found.version;
    if needed(inputs).is_any_unread {
        return None;
    }
    let count = foreign(inputs).len();
    (is_in_use && count > 0).then(|| Problem {
        stands: true,
        ..problem(
            Reason::ContestedByOtherTool,
            format!(
                "somebody has written {count} CAs into the truststore {} that are not this object's, and the custom domain name {} \
                 lets in whoever has a certificate of theirs: the truststore is replaced, and the domain name with it. Find out who \
                 may write it: spec.access.mutualTls.truststoreBucket should be writable for Palisade alone",
                desired.truststore_uri(),
                desired.origin_domain
            ),
        )
    })
}

#[cfg(test)]
mod tests;
