//! Nothing that is not provably this object's is ever touched.

use super::specs::{RICH, owner, wanted};
use super::world::World;
use palisade::domain::identity::{Owner, TAG_CLUSTER, TAG_UID, Tags};
use palisade::domain::observed::{Observed, Seen};
use palisade::domain::plan::{Id, Kind, Plan, plan};
use palisade::domain::teardown::{Lists, retain, teardown};

/// Everything stands; then one resource's tags are somebody else's.
fn with_foreign(id: &Id, tags: &Tags) -> Observed {
    let mut world = World::new(Observed::of(owner()));
    world.build(&wanted(RICH));
    let mut observed = world.observed;
    let tags = tags.clone();
    match (id.kind, &mut observed) {
        (
            Kind::Role,
            Observed {
                role: Seen::Present(found),
                ..
            },
        ) => found.tags = tags,
        (
            Kind::Function,
            Observed {
                function: Seen::Present(found),
                ..
            },
        ) => found.tags = tags,
        (
            Kind::WebAcl,
            Observed {
                web_acl: Seen::Present(found),
                ..
            },
        ) => found.tags = tags,
        (
            Kind::Distribution,
            Observed {
                distribution: Seen::Present(found),
                ..
            },
        ) => found.tags = tags,
        (Kind::IpSet, Observed { ip_sets, .. }) => {
            if let Some(Seen::Present(found)) = ip_sets.get_mut(&id.part) {
                found.tags = tags;
            }
        }
        _ => panic!("no {id:?}"),
    }
    observed
}

fn ids() -> Vec<Id> {
    let mut ids = [Kind::Role, Kind::Function, Kind::WebAcl, Kind::Distribution]
        .map(Id::of)
        .to_vec();
    ids.push(Id {
        kind: Kind::IpSet,
        part: "block-v4".into(),
    });
    ids
}

/// Tags that name nobody, another object, another cluster, or only half of us.
fn foreign_tags() -> Vec<Tags> {
    let half = |key: &str| {
        let mut tags = owner().tags();
        tags.remove(key);
        tags
    };
    vec![
        Tags::new(),
        Owner {
            uid: "99999999-0000-4000-8000-000000000000".into(),
            ..owner()
        }
        .tags(),
        Owner {
            cluster: "another".into(),
            ..owner()
        }
        .tags(),
        half(TAG_CLUSTER),
        half(TAG_UID),
    ]
}

fn touches(plan: &Plan, id: &Id) -> bool {
    plan.ready.iter().any(|step| step.id == *id)
}

#[test]
fn what_is_not_ours_gets_no_action_whatever_is_wanted() {
    for id in ids() {
        for tags in foreign_tags() {
            let observed = with_foreign(&id, &tags);
            for spec in [
                RICH,
                "",
                "webAcl: {blockCidrs: [198.51.100.0/24]}",
                "tags: {team: a}",
            ] {
                let plan = plan(&wanted(spec), &observed);
                assert!(!touches(&plan, &id), "{id:?} {tags:?}\n{}", plan.to_yaml());
            }
            let said = plan(&wanted(RICH), &observed)
                .problems
                .into_iter()
                .any(|problem| problem.id == id);
            assert!(said, "{id:?} is passed over in silence");
        }
    }
}

#[test]
fn what_is_not_ours_is_neither_taken_down_nor_marked() {
    for id in ids() {
        for tags in foreign_tags() {
            for settled in [true, false] {
                let mut world = World::new(with_foreign(&id, &tags));
                world.run(|observed| teardown(&owner(), observed, Lists { settled }, "now"));
                assert!(
                    !world.done.iter().any(|step| step.id == id),
                    "{id:?} was taken down"
                );
                let mut world = World::new(with_foreign(&id, &tags));
                world.run(|observed| retain(&owner(), observed, Lists { settled }, "now"));
                assert!(!world.done.iter().any(|step| step.id == id), "{id:?} was marked");
            }
        }
    }
}
