//! How the names of a certificate are proved: by records that ACM asks for, and looks for.

use super::certificate::{Content, PENDING, ProofRecord, SeenCertificate, id_of, problem};
use super::hosted_zone::{Deed, Record, RecordChange, Zone, cname, plain_name};
use super::inputs::Inputs;
use super::{certificate, dns_records, names};
use crate::domain::kernel::planning::{Id, Next, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::time::Duration;

/// One call for the names: records of the zone prove a certificate, too.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Certificate(certificate::Action),
    Records(dns_records::Action),
}

/// ACM says which records it wants some seconds after the request.
const RECORDS_RETRY: Duration = Duration::from_secs(5);

/// ACM looks at the records every few minutes.
const PENDING_RETRY: Duration = Duration::from_secs(20);

/// A validation usually takes minutes; after this it is said what to look at.
const PATIENCE: SignedDuration = SignedDuration::from_mins(30);

const LATE_RETRY: Duration = Duration::from_mins(5);

/// The time until ACM has seen the records that prove the names.
pub(super) fn pending<A>(content: &Content, inputs: &Inputs<'_>) -> Next<A> {
    let is_late = content
        .requested_at
        .is_some_and(|since| inputs.pass.at.duration_since(since) > PATIENCE);
    let (what, retry_after) = if content.proofs.is_empty() {
        ("ACM prepares the request", RECORDS_RETRY)
    } else if is_late {
        (
            "ACM has not seen the records that prove its names for long: check that the name servers at the registrar, or in \
             the parent domain, are those of spec.distribution.hostedZoneId, and that CAA records allow amazon.com",
            LATE_RETRY,
        )
    } else {
        (
            "ACM looks for the records that prove its names; this usually takes minutes",
            PENDING_RETRY,
        )
    };
    Next::Wait(Wait {
        id: id_of(&content.arn),
        reason: Reason::CertificatePending,
        message: format!("certificate {}: {what}", content.arn),
        retry_after,
    })
}

/// Makes the records that prove the names of a certificate.
pub(super) fn prove(
    names: &names::Desired,
    seen: &SeenCertificate,
    inputs: &Inputs<'_>,
) -> Vec<(Id, Next<dns_records::Action>)> {
    let mut all = Vec::new();
    let zone = names.zone.as_ref().and_then(|zone| inputs.seen.zone(zone));
    let pending = seen.present().filter(|found| found.content.status == PENDING);
    let (Some(zone), Some(found)) = (zone, pending) else {
        return all;
    };
    let (changes, taken) = missing_proofs(&found.content.proofs, zone);
    let id = dns_records::id_of(&zone.head.id);
    if !taken.is_empty() {
        let remedy = "the certificate is proved once whoever made them has them give way, or with spec.distribution.certificateArn \
                      in place of requestCertificate";
        all.push((id.clone(), dns_records::taken(&zone.head.id, &taken, remedy)));
    }
    if !changes.is_empty() {
        all.push((id, dns_records::act(zone, changes)));
    }
    all
}

/// Records to make, and records of others that stand in their place.
fn missing_proofs(proofs: &[ProofRecord], zone: &Zone) -> (Vec<RecordChange>, Vec<String>) {
    let wanted: BTreeMap<&str, &str> = proofs
        .iter()
        .map(|proof| (proof.name.as_str(), proof.value.as_str()))
        .collect();
    let mut changes = Vec::new();
    let mut taken = Vec::new();
    for (name, value) in wanted {
        let mut found = zone.leading(name).peekable();
        if found.peek().is_none() {
            let record = cname(name, value);
            let deed = Deed::Create;
            changes.push(RecordChange { deed, record });
        }
        let proves = |record: &&Record| {
            record.r#type == "CNAME" && record.values.iter().any(|found| is_same_name(found, value))
        };
        taken.extend(found.filter(|record| !proves(record)).map(Record::words));
    }
    (changes, taken)
}

fn is_same_name(one: &str, other: &str) -> bool {
    plain_name(one) == plain_name(other)
}

/// A certificate that ACM has given up, or that is valid no more. Until another takes its place, viewers may still be shown it.
pub(super) fn failed(content: &Content) -> Problem {
    let Content { arn, status, .. } = content;
    let why = content
        .failure
        .as_ref()
        .map(|failure| format!(" ({failure})"))
        .unwrap_or_default();
    let remedy = if content.is_in_use {
        "it is in use, so ACM keeps it: name an issued certificate of us-east-1 for the same names in \
         spec.distribution.certificateArn, in place of requestCertificate"
            .to_owned()
    } else {
        format!(
            "check that the hosted zone is the one that the parent domain delegates to and that CAA records allow amazon.com, \
             then have another requested by deleting it: aws acm delete-certificate --region us-east-1 --certificate-arn {arn}"
        )
    };
    let message = format!("ACM says {status}{why} of certificate {arn}: {remedy}");
    problem(id_of(arn), Reason::CertificateFailed, message)
}
