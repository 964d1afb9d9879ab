//! Names and their records: what is not ours is never touched, whatever stands in the zone.

use super::specs::{owner, wanted};
use super::world::World;
use palisade::domain::edge::certificate;
use palisade::domain::edge::dns_records::removal;
use palisade::domain::edge::hosted_zone::{
    Deed, Head, Record, RecordChange, Zone, cname, leading_to, mark_name, mark_of,
};
use palisade::domain::edge::names::ZoneSeen;
use palisade::domain::kernel::identity::Owner;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::desired::Desired;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Action, plan};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const ZONE: &str = "Z1";
const POOL: [&str; 5] = [
    "api.example.com",
    "www.example.com",
    "*.example.com",
    "example.com",
    "a.b.example.com",
];

fn zone() -> Zone {
    let head = Head {
        id: ZONE.into(),
        name: "example.com".into(),
        is_private: false,
    };
    Zone::new(head, vec![])
}

/// What is wanted of an object with these aliases, whose certificate is the team's own.
fn naming(aliases: &[&str]) -> Desired {
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
    let aliases: Vec<String> = aliases.iter().map(|alias| format!("'{alias}'")).collect();
    let aliases = aliases.join(", ");
    wanted(&format!(
        "distribution: {{aliases: [{aliases}], certificateArn: '{certificate}', hostedZoneId: {ZONE}}}"
    ))
}

/// A world whose zone is that.
fn world(zone: Zone) -> World {
    let mut world = World::new(Observed::of(owner()));
    let found = ZoneSeen::Found(Arc::new(zone));
    world.observed.names.zones.insert(ZONE.into(), found);
    world
}

fn found(world: &World) -> &Zone {
    world.observed.names.zone(ZONE).unwrap()
}

fn put(zone: &mut Zone, record: &Record) {
    zone.apply(&[RecordChange {
        deed: Deed::Upsert,
        record: record.clone(),
    }]);
}

fn stands(world: &World, alias: &str) -> bool {
    let ours = leading_to(alias, "d1.cloudfront.net");
    ours.iter().all(|record| found(world).at(alias).contains(record))
}

#[test]
fn records_and_marks_come_in_one_batch_and_go_in_one() {
    let mut world = world(zone());
    let plan = world.build(&naming(&["api.example.com", "*.example.com"]));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    let batches = |world: &World| {
        let steps = world.done.iter();
        steps.filter(|step| step.id.kind == Kind::Records).count()
    };
    assert_eq!(batches(&world), 1);
    assert!(stands(&world, "api.example.com") && stands(&world, "*.example.com"));
    let plan = world.build(&naming(&["api.example.com"]));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert_eq!(batches(&world), 2);
    assert!(found(&world).at("*.example.com").is_empty());
    assert_eq!(found(&world).marked(&owner()), ["api.example.com"]);
}

#[test]
fn no_record_is_made_before_the_distribution_is_deployed() {
    let mut world = world(zone());
    world.build(&naming(&["api.example.com"]));
    let wanted = naming(&["api.example.com", "www.example.com"]);
    if let Seen::Present(found) = &mut world.observed.distribution {
        found.content.status = "InProgress".into();
    }
    // The world deploys at once: only what was seen first counts.
    let first = plan(&wanted, &world.observed);
    assert!(
        first.ready.iter().all(|step| step.id.kind != Kind::Records),
        "{}",
        first.to_yaml()
    );
}

#[test]
fn a_zone_of_before_is_remembered_until_its_records_are_gone() {
    let mut world = world(zone());
    world.build(&naming(&["api.example.com"]));
    let is_marked = |world: &World| {
        let tags = world.observed.distribution_tags().unwrap();
        tags.contains_key("palisade.dev/hosted-zones")
    };
    let plan = world.build(&wanted(""));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert!(found(&world).at("api.example.com").is_empty());
    assert!(is_marked(&world), "what was read before may lack a record");
    world.observed.names.settled.insert(ZONE.into());
    let plan = world.build(&wanted(""));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert!(!is_marked(&world));
}

#[test]
fn the_first_name_of_a_certificate_is_one_that_fits() {
    let long = format!("{}.example.com", "a".repeat(60));
    let aliases = [long.clone(), "z.example.com".into(), "b.example.com".into()];
    let wanted = certificate::desired(&owner(), &aliases, &owner().tags());
    assert_eq!(wanted.names[0], "z.example.com");
    assert_eq!(wanted.names.len(), 3);
    let mut turned = aliases.clone();
    turned.reverse();
    let same = certificate::desired(&owner(), &turned, &owner().tags());
    assert_eq!(
        same.tags, wanted.tags,
        "the order of aliases asks for no other certificate"
    );
}

/// A record that somebody else may have made.
fn foreign() -> impl Strategy<Value = Record> {
    let name = prop::sample::select(POOL.to_vec());
    let kind = prop::sample::select(vec!["A", "AAAA", "CNAME", "mark", "text", "weighted"]);
    (name, kind).prop_map(|(name, kind)| {
        let rival = Owner {
            uid: "99999999-0000-4000-8000-000000000000".into(),
            ..owner()
        };
        let [mut record, _] = leading_to(name, "d2.cloudfront.net");
        match kind {
            "mark" => mark_of(name, &rival, "d2.cloudfront.net"),
            "text" => {
                record = mark_of(name, &rival, "x");
                record.values = vec!["\"v=spf1 -all\"".into()];
                record
            }
            "CNAME" => cname(name, "elsewhere.example.org"),
            "weighted" => {
                record.set_identifier = Some("blue".into());
                record
            }
            kind => {
                record.r#type = kind.into();
                record
            }
        }
    })
}

fn some_names() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(POOL.to_vec(), 1..=POOL.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever others have in the zone when the object comes, it is there unchanged when the object is there, when it has
    /// other names, and when it is gone; and of ours nothing is left then.
    #[test]
    fn records_of_others_stay_as_they_are(
        theirs in prop::collection::vec(foreign(), 0..6),
        first in some_names(),
        second in some_names(),
    ) {
        let mut zone = zone();
        for record in &theirs {
            put(&mut zone, record);
        }
        let before = zone.clone();
        let mut world = world(zone);
        for names in [&first, &second] {
            let plan = world.build(&naming(names));
            for name in POOL {
                let of_others = before.at(name).iter().chain(before.at(&mark_name(name)));
                for record in of_others {
                    prop_assert!(found(&world).at(&record.name).contains(record), "{record:?} is lost");
                }
                let is_free = before.leading(name).next().is_none() && before.at(&mark_name(name)).is_empty();
                prop_assert_eq!(stands(&world, name), is_free && names.contains(&name), "{}", name);
            }
            let is_taken = names.iter().any(|name| {
                before.leading(name).next().is_some() || !before.at(&mark_name(name)).is_empty()
            });
            let told = plan.problems.iter().any(|problem| problem.reason == Reason::RecordTaken);
            prop_assert_eq!(told, is_taken);
        }
        let mut left = found(&world).clone();
        left.apply(&removal(&owner(), found(&world), &BTreeSet::new()));
        prop_assert_eq!(left.marked(&owner()).len(), 0);
        for name in POOL.iter().flat_map(|name| [(*name).to_owned(), mark_name(name)]) {
            let (mut now, mut then) = (left.at(&name).to_vec(), before.at(&name).to_vec());
            now.sort();
            then.sort();
            prop_assert_eq!(now, then);
        }
        for step in &world.done {
            if let Action::Records(batch) = &step.action {
                let names: BTreeSet<_> = batch.changes.iter().map(|change| (change.deed == Deed::Delete, &change.record.name, &change.record.r#type)).collect();
                prop_assert_eq!(names.len(), batch.changes.len(), "Route 53 takes one change of a record a batch");
            }
        }
    }
}
