//! A Route 53 hosted zone: its records, as far as they matter to names of ours, and the marks that say whose they are.

mod mark;
mod record;

pub use mark::{mark_name, mark_of, marked_name, origin_mark_of};
pub use record::{
    CLOUDFRONT_ZONE, Deed, Record, RecordChange, Target, alias_of, cname, leading_to, plain_name,
};

use crate::domain::kernel::identity::Owner;
use std::collections::{BTreeMap, BTreeSet};

/// What a zone is, besides its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The zone's id.
    pub id: String,
    /// The zone's name, without the dot at its end.
    pub name: String,
    /// Whether only some VPCs see it.
    pub is_private: bool,
}

/// Whose a name is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NameOwner<'a> {
    /// There is no mark.
    Nobodys,
    /// The mark is ours, and says where we had it lead.
    Ours(&'a str),
    /// The mark is another's, or cannot be read.
    Anothers(&'a Record),
}

/// A zone with the records that matter, and the names of all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// What it is.
    pub head: Head,
    /// By name.
    records: BTreeMap<String, Vec<Record>>,
    /// Names with records of which nothing else matters: one of any type keeps a wildcard from answering.
    others: BTreeSet<String>,
    /// Marked names by UID.
    marked: BTreeMap<String, BTreeSet<String>>,
}

impl Zone {
    /// A zone of which all records were read, whether they matter or not.
    #[must_use]
    pub fn new(head: Head, records: impl IntoIterator<Item = Record>) -> Self {
        let mut zone = Self {
            head,
            records: BTreeMap::new(),
            others: BTreeSet::new(),
            marked: BTreeMap::new(),
        };
        records.into_iter().for_each(|record| zone.put(record));
        zone
    }

    /// What the zone is after `changes`.
    pub fn apply(&mut self, changes: &[RecordChange]) {
        for change in changes {
            self.remove(&change.record);
            if change.deed != Deed::Delete {
                self.put(change.record.clone());
            }
        }
    }

    fn put(&mut self, record: Record) {
        if !record.matters() {
            self.others.insert(record.name);
            return;
        }
        if let (Some(name), Some(mark)) = (marked_name(&record.name), record.mark()) {
            self.marked.entry(mark.uid.to_owned()).or_default().insert(name);
        }
        self.records.entry(record.name.clone()).or_default().push(record);
    }

    fn remove(&mut self, record: &Record) {
        let Some(known) = self.records.get_mut(&record.name) else {
            return;
        };
        known.retain(|known| !known.is_same(record));
        if known.is_empty() {
            self.records.remove(&record.name);
        }
        if let Some(name) = marked_name(&record.name).filter(|_| record.r#type == "TXT") {
            self.marked.values_mut().for_each(|names| {
                names.remove(&name);
            });
        }
    }

    /// The records of a name.
    #[must_use]
    pub fn at(&self, name: &str) -> &[Record] {
        self.records.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The records by which a name leads somewhere.
    pub fn leading(&self, name: &str) -> impl Iterator<Item = &Record> {
        self.at(name).iter().filter(|record| record.leads())
    }

    /// The records that answer for a name: its own, or those of the wildcard next above it where no name stands between.
    #[must_use]
    pub fn answers(&self, name: &str) -> Vec<&Record> {
        let mut found: Vec<&Record> = self.leading(name).collect();
        let mut part = name;
        while found.is_empty() && part != self.head.name && !self.exists(part) {
            let Some((_, parent)) = part.split_once('.') else {
                break;
            };
            found = self.leading(&format!("*.{parent}")).collect();
            part = parent;
        }
        found
    }

    /// Whether a name has records of any type, or one below it has.
    fn exists(&self, name: &str) -> bool {
        let is_within = |known: &str| {
            known
                .strip_suffix(name)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.records
            .keys()
            .chain(&self.others)
            .any(|known| is_within(known))
    }

    /// Whose a name is, as its mark says.
    #[must_use]
    pub fn whose(&self, name: &str, owner: &Owner) -> NameOwner<'_> {
        let Some(record) = self.mark_record(name) else {
            return NameOwner::Nobodys;
        };
        match record.mark() {
            Some(mark) if mark.cluster == owner.made_for().cluster && mark.uid == owner.uid => {
                NameOwner::Ours(mark.target)
            }
            _ => NameOwner::Anothers(record),
        }
    }

    /// Viewers' names with a mark of `owner`.
    #[must_use]
    pub fn marked(&self, owner: &Owner) -> Vec<String> {
        self.marked_as(owner, false)
    }

    /// Origins' names with a mark of `owner`.
    #[must_use]
    pub fn marked_origins(&self, owner: &Owner) -> Vec<String> {
        self.marked_as(owner, true)
    }

    fn marked_as(&self, owner: &Owner, is_of_origin: bool) -> Vec<String> {
        let names = self.marked.get(&owner.uid).into_iter().flatten();
        let is_meant = |name: &&String| {
            let is_ours = matches!(self.whose(name, owner), NameOwner::Ours(_));
            let mark = self.mark_record(name).and_then(Record::mark);
            is_ours && mark.is_some_and(|mark| mark.is_of_origin == is_of_origin)
        };
        names.filter(is_meant).cloned().collect()
    }

    fn mark_record(&self, name: &str) -> Option<&Record> {
        let mut records = self.at(&mark_name(name)).iter();
        records.find(|record| record.r#type == "TXT")
    }

    /// Why records of `name` in this zone would not be asked for, if so.
    #[must_use]
    pub fn misses(&self, name: &str) -> Option<String> {
        let zone = &self.head.name;
        let within = name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'));
        if !within {
            return Some(format!("{name} is not within {zone}"));
        }
        let mut part = name;
        while part != zone {
            if self.at(part).iter().any(|record| record.r#type == "NS") {
                return Some(format!("{name} lies within {part}, which has a zone of its own"));
            }
            part = part.split_once('.').map_or(zone.as_str(), |(_, parent)| parent);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::mark::TEXT_LIMIT;
    use super::*;

    fn owner(uid: &str) -> Owner {
        Owner {
            cluster: "c0ffee00".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: uid.into(),
            taken: None,
        }
    }

    fn zone(records: Vec<Record>) -> Zone {
        let head = Head {
            id: "Z1".into(),
            name: "example.com".into(),
            is_private: false,
        };
        Zone::new(head, records)
    }

    #[test]
    fn a_mark_names_its_owner_and_target_again() {
        for name in ["api.example.com", "*.example.com", "example.com"] {
            let zone = zone(vec![mark_of(name, &owner("u1"), "d1.cloudfront.net")]);
            assert_eq!(
                zone.whose(name, &owner("u1")),
                NameOwner::Ours("d1.cloudfront.net")
            );
            assert!(matches!(zone.whose(name, &owner("u2")), NameOwner::Anothers(_)));
            assert_eq!(zone.marked(&owner("u1")), [name]);
            assert!(zone.marked(&owner("u2")).is_empty());
        }
    }

    #[test]
    fn an_origins_name_is_no_name_of_viewers() {
        let name = "origin.example.com";
        let target = "d-a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
        let zone = zone(vec![origin_mark_of(name, &owner("u1"), target)]);
        assert_eq!(zone.whose(name, &owner("u1")), NameOwner::Ours(target));
        assert_eq!(zone.marked_origins(&owner("u1")), [name]);
        assert!(zone.marked(&owner("u1")).is_empty());
        assert!(zone.marked_origins(&owner("u2")).is_empty());
    }

    #[test]
    fn a_wildcard_and_a_name_below_have_marks_of_their_own() {
        assert_ne!(mark_name("*.example.com"), mark_name("wildcard.example.com"));
        assert_eq!(
            marked_name(&mark_name("*.example.com")).as_deref(),
            Some("*.example.com")
        );
        assert_eq!(marked_name("api.example.com"), None);
    }

    #[test]
    fn the_longest_object_s_mark_fits_into_one_string() {
        let long = Owner {
            cluster: "c".repeat(36),
            namespace: "n".repeat(63),
            name: "o".repeat(253),
            uid: "u".repeat(36),
            taken: None,
        };
        let record = mark_of("api.example.com", &long, "d111111abcdef8.cloudfront.net");
        assert_eq!(record.values[0].len(), TEXT_LIMIT + 2);
        let zone = zone(vec![record]);
        assert_eq!(
            zone.whose("api.example.com", &long),
            NameOwner::Ours("d111111abcdef8.cloudfront.net")
        );
    }

    #[test]
    fn a_text_that_is_no_mark_makes_the_name_another_s() {
        let mut record = mark_of("api.example.com", &owner("u1"), "d1.cloudfront.net");
        record.values = vec!["\"v=spf1 -all\"".into()];
        let zone = zone(vec![record]);
        assert!(matches!(
            zone.whose("api.example.com", &owner("u1")),
            NameOwner::Anothers(_)
        ));
    }

    #[test]
    fn a_zone_covers_what_is_within_it_and_not_delegated() {
        let mut delegation = cname("shop.example.com", "ns-1.example.org");
        delegation.r#type = "NS".into();
        let zone = zone(vec![delegation]);
        assert_eq!(zone.misses("example.com"), None);
        assert_eq!(zone.misses("*.example.com"), None);
        assert_eq!(zone.misses("a.b.example.com"), None);
        for name in [
            "api.example.org",
            "notexample.com",
            "shop.example.com",
            "api.shop.example.com",
        ] {
            assert!(zone.misses(name).is_some(), "{name}");
        }
    }

    #[test]
    fn what_was_changed_is_seen() {
        let mut zone = zone(vec![]);
        let [a, _] = leading_to("api.example.com", "d1.cloudfront.net");
        let mark = mark_of("api.example.com", &owner("u1"), "d1.cloudfront.net");
        let change = |deed: Deed, record: &Record| RecordChange {
            deed,
            record: record.clone(),
        };
        zone.apply(&[change(Deed::Create, &a), change(Deed::Create, &mark)]);
        assert_eq!(zone.leading("api.example.com").count(), 1);
        assert_eq!(zone.marked(&owner("u1")), ["api.example.com"]);
        zone.apply(&[change(Deed::Delete, &a), change(Deed::Delete, &mark)]);
        assert!(zone.at("api.example.com").is_empty());
        assert!(zone.marked(&owner("u1")).is_empty());
    }

    #[test]
    fn route_53_s_spelling_of_a_name_is_read() {
        assert_eq!(plain_name("\\052.Example.com."), "*.example.com");
    }
}
