//! How the names of a certificate are proved: by records that ACM asks for, and looks for.

use super::certificate::{PENDING, ProofRecord, SeenCertificate};
use super::hosted_zone::{Deed, Record, RecordChange, Zone, cname, plain_name};
use super::inputs::Inputs;
use super::{certificate, dns_records, names};
use crate::domain::kernel::planning::{Id, Next};
use std::collections::BTreeMap;

/// One call for the names: records of the zone prove a certificate, too.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Certificate(certificate::Action),
    Records(dns_records::Action),
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
pub(in crate::domain) fn missing_proofs(
    proofs: &[ProofRecord],
    zone: &Zone,
) -> (Vec<RecordChange>, Vec<String>) {
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
