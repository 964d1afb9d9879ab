//! A rollout is planned before its first object moves, and does not begin with one that the revision refuses.

use super::rollout_world::{World, at_a_time};
use palisade::api::{ClassRollout, RolloutState, RolloutStatus};
use palisade::domain::cost::money::Money;
use palisade::domain::rollout::machine::{Declared, next};
use palisade::domain::rollout::member::{Health, Member, Trouble};
use palisade::domain::rollout::outlook::{Outlook, Reckoned};
use palisade::domain::rollout::words::{news, said};

const CHANGED: Outlook = Outlook::Changed {
    is_visible: false,
    seconds: 300,
};

fn refused() -> Outlook {
    Outlook::Refused {
        reason: "ForbiddenByClass".into(),
        message: "spec.access.mode: ApiKey is not allowed: write SigV4".into(),
    }
}

/// Objects that all go by a revision, for which the next one comes to this.
fn world(outlooks: &[Outlook], spec: ClassRollout) -> World {
    let mut world = World::new(outlooks.len(), spec, 1);
    for (object, outlook) in world.objects.iter_mut().zip(outlooks) {
        object.member.outlook = Some(Reckoned {
            outlook: outlook.clone(),
            monthly: Some((Money::cents(500), Money::cents(600))),
        });
    }
    world.seen.clear();
    world.declared = "r1".into();
    world
}

#[test]
fn what_a_change_comes_to_is_told_in_the_very_write_that_lets_the_first_object_move() {
    let visible = Outlook::Changed {
        is_visible: true,
        seconds: 20,
    };
    let outlooks = [refused(), CHANGED, visible, Outlook::Unchanged, Outlook::Unknown];
    let mut world = world(&outlooks, at_a_time(1));
    let before = world.rollout.clone();
    while world.rollout == before {
        world.tick();
    }
    let rollout = world.rollout.clone().unwrap();
    let plan = rollout.plan.as_ref().expect("a plan");
    assert_eq!(
        (
            plan.objects,
            plan.changed,
            plan.visible,
            plan.refused,
            plan.unknown
        ),
        (5, 2, 1, 1, 1)
    );
    assert_eq!(
        (
            plan.monthly_before.as_str(),
            plan.monthly_after.as_str(),
            plan.longest_wait_seconds
        ),
        ("25.00", "30.00", 300)
    );
    assert_eq!(plan.refusals[0].object, "shop/api-000");
    let told = said(&rollout);
    for part in [
        "of 5 objects 2 change",
        "shop/api-000",
        "ForbiddenByClass",
        "write SigV4",
    ] {
        assert!(told.contains(part), "{told}");
    }
    let news = news(before.as_ref(), &rollout).expect("an event");
    assert!(
        news.is_warning && news.message.contains("shop/api-000"),
        "{news:?}"
    );
}

#[test]
fn whom_the_revision_refuses_moves_last_though_it_is_a_canary() {
    let mut outlooks = vec![CHANGED; 8];
    outlooks[0] = refused();
    outlooks[3] = refused();
    let mut world = world(&outlooks, at_a_time(1));
    world.objects[3].member.is_canary = true;
    for _ in 0..20_000 {
        if world.is_complete() {
            return;
        }
        world.tick();
        let rollout = world.rollout.as_ref().unwrap();
        let is_last = |uid: &str| ["u0", "u3"].contains(&uid);
        let left = world.objects.iter().filter(|object| {
            let is_there = object.member.held.as_deref() == Some("r1");
            !is_last(&object.member.uid) && !is_there
        });
        let is_begun = rollout.moving.iter().any(|moving| is_last(&moving.uid));
        assert!(!is_begun || left.count() == 0, "{rollout:?}");
    }
    panic!("it does not end: {:?}", world.rollout);
}

#[test]
fn all_stages_of_an_api_of_which_one_is_refused_move_last() {
    let mut outlooks = vec![CHANGED; 6];
    outlooks[4] = refused();
    let mut world = world(&outlooks, at_a_time(1));
    let api = world.objects[4].member.api.clone();
    world.objects[0].member.api = api;
    world.seen.clear();
    world.run(|world| !world.rollout.as_ref().unwrap().moving.is_empty());
    let moving = world.rollout.as_ref().unwrap().moving.clone();
    assert_eq!(moving[0].object, "shop/api-001");
}

#[test]
fn a_suspended_rollout_shows_its_plan_and_follows_the_objects_until_it_goes_on() {
    let mut world = world(
        &[refused(), CHANGED],
        ClassRollout {
            suspend: Some(true),
            ..at_a_time(1)
        },
    );
    let refusals = |world: &World| {
        world
            .rollout
            .as_ref()
            .unwrap()
            .plan
            .clone()
            .map(|plan| plan.refused)
    };
    world.run(|world| world.state() == RolloutState::Suspended);
    assert_eq!((refusals(&world), world.at("r1")), (Some(1), 0));
    world.objects[0].member.outlook.as_mut().unwrap().outlook = CHANGED;
    world.run(|world| refusals(world) == Some(0));
    assert_eq!(world.at("r1"), 0);
    world.spec.suspend = None;
    world.run(|world| world.at("r1") == 1);
    let plan = world.rollout.as_ref().unwrap().plan.clone().unwrap();
    assert_eq!(
        plan.objects, 2,
        "it stays what it was when the first object moved"
    );
}

/// What is next once the class is at `revision`.
fn next_at(world: &World, revision: &str, before: Option<&RolloutStatus>) -> RolloutStatus {
    let declared = Declared {
        revision,
        rollout: &world.spec,
        resume: None,
        undo: None,
    };
    let members: Vec<Member> = world.objects.iter().map(|object| object.member.clone()).collect();
    next(&declared, before, &members, world.now).rollout
}

fn moving(rollout: &RolloutStatus) -> Vec<&str> {
    rollout
        .moving
        .iter()
        .map(|moving| moving.object.as_str())
        .collect()
}

#[test]
fn whose_viewers_are_refused_is_rescued_first_though_another_stage_of_its_api_is_refused() {
    let mut world = world(&[CHANGED, CHANGED, refused()], at_a_time(1));
    let api = world.objects[1].member.api.clone();
    world.objects[2].member.api = api;
    let harmed = &mut world.objects[1].member;
    harmed.held = Some("given-up".into());
    harmed.health = Health::Refused(Trouble {
        reason: "SignatureRefused".into(),
        message: "403".into(),
        since: world.now,
    });
    let rollout = next_at(&world, "r1", world.rollout.as_ref());
    assert_eq!(moving(&rollout), ["shop/api-001", "shop/api-002"]);
    // What is refused itself is not rescued by it.
    world.objects[1].member.outlook = world.objects[2].member.outlook.clone();
    let rollout = next_at(&world, "r1", world.rollout.as_ref());
    assert_eq!(moving(&rollout), ["shop/api-000"]);
}

#[test]
fn a_change_while_objects_are_on_the_way_is_planned_for_them_as_well() {
    let world = world(&[CHANGED, CHANGED, Outlook::Unchanged], at_a_time(1));
    let first = next_at(&world, "r1", world.rollout.as_ref());
    assert_eq!(moving(&first), ["shop/api-000"]);
    let second = next_at(&world, "r2", Some(&first));
    assert_eq!(moving(&second), ["shop/api-000"]);
    let plan = second.plan.expect("a plan");
    assert_eq!((plan.objects, plan.changed), (3, 2));
}

#[test]
fn a_rollout_whose_canaries_are_all_refused_says_that_it_moves_without_one() {
    let mut world = world(&[CHANGED, refused(), refused(), CHANGED], at_a_time(1));
    world.objects[1].member.is_canary = true;
    world.objects[2].member.is_canary = true;
    let told = said(&next_at(&world, "r1", world.rollout.as_ref()));
    assert!(told.contains("moves without a canary"), "{told}");
    world.objects[3].member.is_canary = true;
    let told = said(&next_at(&world, "r1", world.rollout.as_ref()));
    assert!(!told.contains("without a canary"), "{told}");
    assert!(told.contains("2 were refused when it was reckoned"), "{told}");
}
