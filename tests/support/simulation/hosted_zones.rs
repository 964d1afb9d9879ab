//! Route 53's hosted zones: batches of changes that happen as a whole or not at all, and what DNS answers some time after.

use super::account::Account;
use super::clock;
use super::history;
use super::refusal::{Outcome, Refusal};
use palisade::aws::cloud::Page;
use palisade::domain::edge::hosted_zone::{CLOUDFRONT_ZONE, Deed, Head, Record, RecordChange};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

/// Name, type and identifier of a record.
type Key = (String, String, String);

/// A hosted zone.
#[derive(Clone)]
pub struct HostedZone {
    pub head: Head,
    /// With the time since when a record is so.
    pub records: BTreeMap<Key, (Record, Instant)>,
}

fn key(record: &Record) -> Key {
    let identifier = record.set_identifier.clone().unwrap_or_default();
    (record.name.clone(), record.r#type.clone(), identifier)
}

impl Account {
    pub fn get_hosted_zone(&self, id: &str) -> Outcome<Head> {
        Ok(self.hosted_zone(id)?.head.clone())
    }

    pub fn list_records(&self, zone: &str, marker: Option<&str>) -> Outcome<Page<Record>> {
        let records = self.hosted_zone(zone)?.records.iter();
        let records = records.map(|((name, kind, identifier), (record, _))| {
            (format!("{name} {kind} {identifier}"), record.clone())
        });
        Ok(history::page(records.collect(), marker, self.page_size(300)))
    }

    pub fn change_records(&mut self, zone: &str, changes: &[RecordChange]) -> Outcome<()> {
        let known = self.hosted_zone(zone)?;
        let mut records = known.records.clone();
        let mut problems = Vec::new();
        for change in changes {
            if let Some(problem) = problem(known, &records, change) {
                problems.push(problem);
                continue;
            }
            let key = key(&change.record);
            match change.deed {
                Deed::Delete => drop(records.remove(&key)),
                Deed::Create | Deed::Upsert => {
                    let is_same = records
                        .get(&key)
                        .is_some_and(|(found, _)| *found == change.record);
                    if !is_same {
                        records.insert(key, (change.record.clone(), clock::now()));
                    }
                }
            }
        }
        if problems.is_empty() {
            problems.extend(conflicts(known, &records));
        }
        if !problems.is_empty() {
            return Refusal::refuse("InvalidChangeBatch", format!("[{}]", problems.join(", ")));
        }
        if let Some(known) = self.route53.zones.get_mut(zone) {
            known.records = records;
        }
        Ok(())
    }

    pub fn plant_zone(&mut self, id: &str, name: &str, is_private: bool) {
        let head = Head {
            id: id.to_owned(),
            name: name.to_owned(),
            is_private,
        };
        let records = BTreeMap::new();
        let zone = HostedZone { head, records };
        self.route53.zones.insert(id.to_owned(), zone);
    }

    /// Whether DNS answers a CNAME of this value.
    pub fn answers(&self, name: &str, value: &str) -> bool {
        let propagation = self.settings.dns_propagation;
        let zones = self.route53.zones.values().filter(|zone| !zone.head.is_private);
        zones
            .filter_map(|zone| {
                zone.records
                    .get(&(name.to_owned(), "CNAME".to_owned(), String::new()))
            })
            .any(|(record, since)| record.values == [value] && clock::now() >= *since + propagation)
    }

    fn hosted_zone(&self, id: &str) -> Outcome<&HostedZone> {
        let missing = || Refusal::new("NoSuchHostedZone", format!("No hosted zone found with ID: {id}"));
        self.route53.zones.get(id).ok_or_else(missing)
    }
}

fn problem(
    zone: &HostedZone,
    records: &BTreeMap<Key, (Record, Instant)>,
    change: &RecordChange,
) -> Option<String> {
    let Record { name, r#type, .. } = &change.record;
    let existing = records.get(&key(&change.record)).map(|(record, _)| record);
    let which = format!("resource record set [name='{name}.', type='{type}']");
    let (head, within) = (&zone.head.name, format!(".{}", zone.head.name));
    if name != head && !name.ends_with(&within) {
        return Some(format!(
            "RRSet with DNS name {name}. is not permitted in zone {head}."
        ));
    }
    match (change.deed, existing) {
        (Deed::Delete, None) => Some(format!("Tried to delete {which} but it was not found")),
        (Deed::Delete, Some(found)) if *found != change.record => Some(format!(
            "Tried to delete {which} but the values provided do not match the current values"
        )),
        (Deed::Create, Some(_)) => Some(format!("Tried to create {which} but it already exists")),
        (Deed::Delete, _) => None,
        (Deed::Create | Deed::Upsert, _) => unfit(&change.record),
    }
}

fn unfit(record: &Record) -> Option<String> {
    let target = record.target.as_ref()?;
    let is_cloudfronts = target.name.ends_with(".cloudfront.net");
    (target.zone == CLOUDFRONT_ZONE && !is_cloudfronts).then(|| {
        format!(
            "Tried to create an alias that targets {}., type {} in zone {}, but the alias target name does not lie within the \
             target zone",
            target.name, record.r#type, target.zone
        )
    })
}

/// A CNAME stands alone.
fn conflicts(zone: &HostedZone, records: &BTreeMap<Key, (Record, Instant)>) -> Vec<String> {
    let names: BTreeSet<&String> = records
        .keys()
        .filter(|(_, kind, _)| kind == "CNAME")
        .map(|(name, ..)| name)
        .collect();
    let is_alone = |name: &&String| records.keys().filter(|(other, ..)| other == *name).count() == 1;
    names
        .into_iter()
        .filter(|name| !is_alone(name))
        .map(|name| {
            format!(
                "RRSet with DNS name {name}. is not permitted as it conflicts with other records with the same DNS name in zone {}.",
                zone.head.name
            )
        })
        .collect()
}
