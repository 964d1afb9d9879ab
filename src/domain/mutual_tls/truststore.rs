//! The truststore: an object of S3 with one CA for each client certificate that is accepted.
//!
//! A CA that is not needed any more leaves it when the next one comes: each change is one of the domain name, which API Gateway makes
//! in minutes.

use super::pair::certificates;
pub use super::truststore_object::{Action, Bucket, Observed};
use super::{Desired, Inputs, client_certificate, probes};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::hash::short;
use crate::domain::kernel::identity::Ownership;
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

/// The CAs that have to be accepted, as far as they were read: of the next certificate, of the newest one, and of what CloudFront may
/// show.
#[must_use]
pub fn wanted(inputs: &Inputs<'_>) -> Vec<String> {
    let counted = counted(inputs).into_iter().filter_map(|(_, found)| found);
    let mut cas: BTreeSet<String> = counted.flat_map(|found| certificates(&found.ca)).collect();
    cas.extend(inputs.seen.pair.iter().flat_map(|pair| certificates(&pair.ca)));
    cas.into_iter().collect()
}

/// Whether a certificate is this object's, and what was imported: the CA of another would let in whoever has a certificate of its.
fn is_trusted(found: &client_certificate::Observed, inputs: &Inputs<'_>) -> bool {
    let whose = super::client_certificate::owns(inputs, found);
    whose != Ownership::Foreign && !client_certificate::was_replaced(found)
}

/// The client certificates whose CAs have to be accepted, with what was read of each: all, while it is not known, or not everywhere
/// in force, which of them CloudFront shows.
fn counted<'a>(inputs: &Inputs<'a>) -> Vec<(&'a str, Option<&'a client_certificate::Observed>)> {
    let all = inputs.seen.client_certificates.iter();
    let there = all.filter(|(_, seen)| match seen {
        Seen::Present(found) => is_trusted(found, inputs),
        Seen::Listed(_) => true,
        Seen::Absent => false,
    });
    let there: Vec<_> = there.map(|(arn, seen)| (arn.as_str(), seen.present())).collect();
    let newest = there
        .iter()
        .filter_map(|(arn, found)| Some(((*found)?.content.not_before, *arn)));
    let newest = newest.max().map(|(_, arn)| arn);
    let shown = inputs
        .distribution
        .shows
        .as_ref()
        .filter(|_| inputs.distribution.is_deployed);
    let counts = |arn: &str, found: Option<&client_certificate::Observed>| match shown {
        // One that was not read may be the newest.
        Some(shown) => found.is_none() || Some(arn) == newest || shown.as_deref() == Some(arn),
        None => true,
    };
    there
        .into_iter()
        .filter(|(arn, found)| counts(arn, *found))
        .collect()
}

/// The version as it was read, where it accepts certificates of `ca` and of nobody else.
#[must_use]
pub fn version_with(inputs: &Inputs<'_>, ca: &str) -> Option<String> {
    let found = inputs.seen.truststore.present()?;
    let cas = found.cas();
    let wanted = certificates(ca);
    let has_all = !wanted.is_empty() && wanted.iter().all(|ca| cas.contains(ca));
    let is_usable = has_all && foreign(inputs).is_empty();
    found.version.clone().filter(|_| is_usable)
}

/// CAs in the truststore that are of no certificate of ours: whoever has a certificate of theirs would be let in. A version that was
/// verified before is ours as a whole, also where a certificate is gone since.
#[must_use]
pub fn foreign(inputs: &Inputs<'_>) -> Vec<String> {
    let Some(found) = inputs.seen.truststore.present() else {
        return vec![];
    };
    if was_verified(found, inputs) {
        return vec![];
    }
    let mut known: BTreeSet<String> = wanted(inputs).into_iter().collect();
    let ours = inputs.seen.client_certificates.values();
    let ours = ours
        .filter_map(Seen::present)
        .filter(|found| is_trusted(found, inputs));
    known.extend(ours.flat_map(|found| certificates(&found.ca)));
    found.cas().into_iter().filter(|ca| !known.contains(ca)).collect()
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
    if let Some(why) = why_unfit(desired, found) {
        return unfit(&why);
    }
    let is_any_unread = counted(inputs).iter().any(|(_, found)| found.is_none());
    let (cas, wanted) = (found.cas(), wanted(inputs));
    if is_any_unread {
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
    if foreign(inputs).is_empty() && wanted.iter().all(|ca| cas.contains(ca)) {
        return Next::Done;
    }
    put(desired, found, &wanted)
}

/// Whether it was verified before, and nothing asks for another look.
fn is_settled(desired: &Desired, inputs: &Inputs<'_>) -> bool {
    let is_asked_for = inputs.is_read_due || inputs.seen.pair.is_some() || probes::is_viewer_in_doubt(inputs);
    !is_asked_for && inputs.pass.was_verified(&id(), &hash_of(desired))
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

fn why_unfit(desired: &Desired, found: &Observed) -> Option<String> {
    let (bucket, region) = (&desired.bucket, &desired.gate.region);
    match found.bucket {
        Bucket::Fit => None,
        Bucket::Elsewhere => Some(format!(
            "the bucket {bucket} is in another Region, and API Gateway reads the truststore in the API's, {region}: name a bucket there. \
             The field is immutable, so declare this object anew where nothing of it serves viewers yet"
        )),
        Bucket::Unversioned => Some(format!(
            "the bucket {bucket} keeps no versions, so that a truststore could be replaced unseen: aws s3api \
             put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled"
        )),
    }
}

fn missing(desired: &Desired) -> String {
    format!(
        "there is no bucket {} that the controller may read: make it in {}, with versions",
        desired.bucket, desired.gate.region
    )
}

fn unfit(why: &str) -> Next<Action> {
    Next::Problem(problem(
        Reason::BucketUnfit,
        format!("spec.access.mutualTls.truststoreBucket: {why}"),
    ))
}

fn problem(reason: Reason, message: String) -> Problem {
    Problem {
        id: id(),
        reason,
        message,
        remedy: None,
        stands: false,
        retry_after: None,
    }
}

/// What people are told where the domain name accepts certificates of a CA that is none of ours: an open door, until the truststore is
/// replaced.
#[must_use]
pub fn contested(inputs: &Inputs<'_>) -> Option<Problem> {
    let (desired, found) = (inputs.desired?, inputs.seen.truststore.present()?);
    let domain = inputs.seen.domain.present()?;
    let is_in_use = found.version.is_some() && domain.content.truststore_version == found.version;
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
