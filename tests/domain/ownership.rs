//! Nothing that is not provably this object's is ever touched.

use super::specs::{RICH, owner, wanted};
use super::world::World;
use palisade::domain::edge::{distribution, xml};
use palisade::domain::firewall::{ip_set, web_acl};
use palisade::domain::kernel::identity::{Owner, Ownership, TAG_CLUSTER, TAG_UID, Tags};
use palisade::domain::kernel::observing::{Seen, record};
use palisade::domain::kernel::planning::{Id, Kind, Verb};
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Action, Plan, Step, plan};
use palisade::domain::perimeter::teardown::{Lists, retain, teardown};
use palisade::domain::signer::{function, role};
use serde_json::json;

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

/// Tags that name another object, or another cluster.
fn foreign_tags() -> Vec<Tags> {
    vec![
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
        Owner {
            name: "another".into(),
            ..owner()
        }
        .tags(),
    ]
}

/// Tags that name nobody, or only half of us.
fn stripped_tags() -> Vec<Tags> {
    let half = |key: &str| {
        let mut tags = owner().tags();
        tags.remove(key);
        tags
    };
    vec![Tags::new(), half(TAG_CLUSTER), half(TAG_UID)]
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
                .find(|problem| problem.id == id);
            let said = said.unwrap_or_else(|| panic!("{id:?} is passed over in silence"));
            let words = said.message.to_lowercase();
            assert!(!words.contains("delete") && !words.contains("rename"), "{words}");
        }
    }
}

#[test]
fn what_is_not_ours_is_neither_taken_down_nor_marked() {
    for id in ids() {
        for tags in foreign_tags() {
            for settled in [true, false] {
                let lists = Lists {
                    settled,
                    ..Lists::default()
                };
                let mut world = World::new(with_foreign(&id, &tags));
                world.run(|observed| teardown(&owner(), observed, lists, "now"));
                assert!(
                    !world.done.iter().any(|step| step.id == id),
                    "{id:?} was taken down"
                );
                let mut world = World::new(with_foreign(&id, &tags));
                world.run(|observed| retain(&owner(), observed, lists, "now"));
                assert!(!world.done.iter().any(|step| step.id == id), "{id:?} was marked");
            }
        }
    }
}

/// The tags that the only step for `id` sets, if it does nothing else.
fn tags_set(plan: &Plan, id: &Id) -> Option<Tags> {
    let mut steps = plan.ready.iter().filter(|step| step.id == *id);
    let (step, None) = (steps.next()?, steps.next()) else {
        return None;
    };
    match &step.action {
        Action::Role(role::Action::Tag(tags)) => Some(tags.clone()),
        Action::Function(function::Action::Tag(call))
        | Action::IpSet(ip_set::Action::Tag(call))
        | Action::WebAcl(web_acl::Action::Tag(call))
        | Action::Distribution(distribution::Action::Tag(call)) => call.set().cloned(),
        _ => None,
    }
}

#[test]
fn what_lost_its_tags_and_is_proven_ours_gets_them_back_before_anything_else() {
    for id in ids() {
        for tags in stripped_tags() {
            let plan = plan(&wanted("tags: {team: a}"), &with_foreign(&id, &tags));
            let set = tags_set(&plan, &id).unwrap_or_else(|| panic!("{id:?} {tags:?}\n{}", plan.to_yaml()));
            let has_all = owner()
                .tags()
                .iter()
                .all(|(key, value)| set.get(key).or_else(|| tags.get(key)) == Some(value));
            assert!(has_all, "{id:?}: {set:?}");
        }
    }
}

#[test]
fn what_lost_its_tags_and_is_proven_ours_goes_with_the_rest() {
    for id in ids() {
        let mut world = World::new(with_foreign(&id, &Tags::new()));
        let lists = Lists {
            settled: true,
            ..Lists::default()
        };
        world.run(|observed| teardown(&owner(), observed, lists, "now"));
        let of_id: Vec<_> = world.done.iter().filter(|step| step.id == id).collect();
        assert!(
            tags_set(&as_plan(of_id[0].clone()), &id).is_some(),
            "{id:?}: {of_id:#?}"
        );
        let is_condemned = matches!(id.kind, Kind::Role | Kind::Function);
        let verb = if is_condemned { Verb::Update } else { Verb::Delete };
        assert_eq!(of_id.last().map(|step| step.verb), Some(verb), "{id:?}");
    }
}

fn as_plan(step: Step) -> Plan {
    Plan {
        ready: vec![step],
        ..Plan::default()
    }
}

/// Each clause of the proof: without it, tags that are gone make a resource nobody's.
#[test]
fn without_its_proof_a_resource_that_lost_its_tags_is_nobodys() {
    type Change = fn(&mut Observed);
    let without = |id: &Id, change: Change| {
        let mut observed = with_foreign(id, &Tags::new());
        assert_ne!(whose(&observed, id), Ownership::Foreign, "{id:?}");
        change(&mut observed);
        whose(&observed, id)
    };
    let role = Id::of(Kind::Role);
    let function = Id::of(Kind::Function);
    let web_acl = Id::of(Kind::WebAcl);
    let distribution = Id::of(Kind::Distribution);
    let set = Id {
        kind: Kind::IpSet,
        part: "block-v4".into(),
    };
    let cases: [(&str, &Id, Change); 14] = [
        ("its caller reference", &distribution, |seen| {
            if let Seen::Present(found) = &mut seen.distribution {
                let reference = "99999999-0000-4000-8000-000000000000-0";
                xml::put(
                    &mut found.content.config,
                    xml::text("CallerReference", reference),
                    &[],
                );
            }
        }),
        ("a number in it", &distribution, |seen| {
            if let Seen::Present(found) = &mut seen.distribution {
                let reference = format!("{}-copy", owner().uid);
                xml::put(
                    &mut found.content.config,
                    xml::text("CallerReference", &reference),
                    &[],
                );
            }
        }),
        ("our distribution that names the web ACL", &web_acl, |seen| {
            seen.distribution = Seen::Absent;
        }),
        ("the web ACL's name", &web_acl, |seen| {
            if let Seen::Present(found) = &mut seen.web_acl {
                found.content.entity.name = "theirs".into();
            }
        }),
        ("another id than the one in status", &web_acl, |seen| {
            seen.distribution = Seen::Absent;
            seen.outputs.web_acl_id = Some("another".into());
        }),
        ("a rule that refers to the IP set", &set, |seen| {
            seen.web_acl = Seen::Absent;
        }),
        ("the IP set's name", &set, |seen| {
            if let Some(Seen::Present(found)) = seen.ip_sets.get_mut("block-v4") {
                found.content.entity.name = "theirs".into();
            }
        }),
        ("our function that runs as the role", &role, |seen| {
            seen.function = Seen::Absent;
        }),
        ("the role's trust", &role, |seen| {
            if let Seen::Present(found) = &mut seen.role {
                found.trust["Statement"][0]["Principal"] = json!({"AWS": "arn:aws:iam::999999999999:root"});
            }
        }),
        ("the role's path", &role, |seen| {
            if let Seen::Present(found) = &mut seen.role {
                found.path = "/".into();
            }
        }),
        ("the role's name", &role, |seen| {
            if let Seen::Present(found) = &mut seen.role {
                found.name = "theirs".into();
            }
        }),
        ("our distribution that runs the function", &function, |seen| {
            seen.distribution = Seen::Absent;
        }),
        ("the function's role", &function, |seen| {
            if let Seen::Present(found) = &mut seen.function {
                found.latest.settings.role = "arn:aws:iam::123456789012:role/theirs".into();
            }
        }),
        ("the function's name", &function, |seen| {
            if let Seen::Present(found) = &mut seen.function {
                found.latest.name = "theirs".into();
            }
        }),
    ];
    for (what, id, change) in cases {
        assert_eq!(without(id, change), Ownership::Foreign, "without {what}");
    }
}

/// What status says proves as well as what stands beside it.
#[test]
fn ids_that_aws_gave_and_status_remembers_are_proof() {
    let mut world = World::new(Observed::of(owner()));
    world.build(&wanted(RICH));
    let built = world.observed;
    for id in ids() {
        let mut alone = with_foreign(&id, &Tags::new());
        alone.distribution = Seen::Absent;
        if id.kind != Kind::WebAcl {
            alone.web_acl = Seen::Absent;
        }
        if id.kind == Kind::Role {
            alone.function = Seen::Absent;
        }
        if id.kind == Kind::Distribution {
            continue;
        }
        assert_eq!(whose(&alone, &id), Ownership::Foreign, "{id:?}");
        alone.outputs.role_arn = built.role.present().map(|found| found.arn.clone());
        alone.outputs.function_arn = built.function.present().map(|found| found.latest.arn.clone());
        alone.outputs.web_acl_id = built
            .web_acl
            .present()
            .map(|found| found.content.entity.id.clone());
        if let Some(set) = built.ip_sets["block-v4"].present() {
            let known = record("wanted", set);
            alone.pass.recorded.insert("ipSet/block-v4".into(), known);
        }
        assert_eq!(whose(&alone, &id), Ownership::Stripped, "{id:?}");
    }
}

/// Where nothing signs, no function names the role.
#[test]
fn a_role_that_status_says_was_verified_is_ours_without_a_function() {
    let role = Id::of(Kind::Role);
    let mut alone = with_foreign(&role, &Tags::new());
    alone.function = Seen::Absent;
    assert_eq!(whose(&alone, &role), Ownership::Foreign);
    let known = record("wanted", alone.role.present().unwrap());
    alone.pass.recorded.insert(role.key(), known);
    assert_eq!(whose(&alone, &role), Ownership::Stripped);
}

fn whose(observed: &Observed, id: &Id) -> Ownership {
    match id.kind {
        Kind::Role => observed.owns_role(observed.role.present().unwrap()),
        Kind::Function => observed.owns_function(observed.function.present().unwrap()),
        Kind::WebAcl => observed.owns_web_acl(observed.web_acl.present().unwrap()),
        Kind::IpSet => observed.owns_ip_set(&id.part, observed.ip_sets[&id.part].present().unwrap()),
        _ => observed.owns(observed.distribution.present().unwrap()),
    }
}
