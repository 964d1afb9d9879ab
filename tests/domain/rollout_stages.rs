//! The stages of one API share their methods: by two revisions of their class they may contradict each other, so they move together.

use super::rollout_world::{World, at_a_time};
use palisade::api::{MovingObject, RolloutState, RolloutStatus};
use palisade::domain::rollout::goes_by::{GoesBy, Own, goes_by};
use palisade::domain::rollout::machine::{Declared, next};
use palisade::domain::rollout::member::Member;
use palisade::domain::rollout::settings::MOST_MOVING;
use std::collections::BTreeSet;

/// A world whose objects are, in turn, the stages of so many APIs.
fn world(objects: usize, apis: usize, most: i32, seed: u64) -> World {
    let mut world = World::new(objects, at_a_time(most), seed);
    for (index, object) in world.objects.iter_mut().enumerate() {
        object.member.api = format!("api{}.execute-api.eu-north-1.amazonaws.com", index % apis);
    }
    world.seen.clear();
    world
}

/// What the stages of an API go by now.
fn stages_go_by(world: &World, api: &str) -> Vec<GoesBy> {
    let members = world.objects.iter().map(|object| &object.member);
    let stages = members.filter(|member| member.api == api);
    let goes_by = |member: &Member| {
        let own = Own {
            uid: &member.uid,
            held: member.held.as_deref(),
            joins_at_once: member.joins_at_once,
        };
        goes_by(world.rollout.as_ref(), own)
    };
    stages.map(goes_by).collect()
}

fn apis_on_the_way(world: &World, rollout: &RolloutStatus) -> BTreeSet<String> {
    let is_moving = |member: &&Member| rollout.moving.iter().any(|moving| moving.uid == member.uid);
    let members = world.objects.iter().map(|object| &object.member);
    members
        .filter(is_moving)
        .map(|member| member.api.clone())
        .collect()
}

/// Runs until the rollout is complete; at each tick, one API is on the way, whose stages go by one revision as all others' do.
#[track_caller]
fn run_together(world: &mut World) {
    let apis: BTreeSet<String> = world
        .objects
        .iter()
        .map(|object| object.member.api.clone())
        .collect();
    for _ in 0..20_000 {
        world.tick();
        let rollout = world.rollout.clone().unwrap();
        assert!(apis_on_the_way(world, &rollout).len() <= 1, "{rollout:?}");
        for api in &apis {
            let by = stages_go_by(world, api);
            assert!(by.iter().all(|one| *one == by[0]), "{api}: {by:?} in {rollout:?}");
        }
        if world.is_complete() {
            return;
        }
    }
    panic!("it does not end: {:?}", world.rollout);
}

#[test]
fn two_stages_of_an_api_go_by_the_same_revision_at_every_moment() {
    for seed in 1..6 {
        let mut world = world(12, 6, 1, seed);
        world.deaths = 0.2;
        world.declared = "r1".into();
        run_together(&mut world);
        assert_eq!(world.at("r1"), 12);
    }
}

#[test]
fn a_class_that_is_reverted_takes_the_stages_back_together() {
    let mut world = world(8, 4, 1, 21);
    world.bad.insert("r1".into());
    world.declared = "r1".into();
    world.run(|world| world.state() == RolloutState::Halted);
    world.declared = "r0".into();
    run_together(&mut world);
    assert_eq!((world.at("r0"), world.refused()), (8, 0));
}

fn members(world: &World) -> Vec<Member> {
    world.objects.iter().map(|object| object.member.clone()).collect()
}

fn begun(world: &World, members: &[Member], before: Option<&RolloutStatus>) -> RolloutStatus {
    let declared = Declared {
        revision: "r1",
        rollout: &world.spec,
        resume: None,
        undo: None,
    };
    next(&declared, before, members, world.now).rollout
}

#[test]
fn a_stage_comes_along_with_another_one_that_is_on_the_way_though_the_rollout_is_suspended() {
    let mut world = world(4, 2, 1, 22);
    let mut seen = members(&world);
    seen[2].can_move = false;
    let alone = begun(&world, &seen, world.rollout.as_ref());
    let names = |rollout: &RolloutStatus| -> Vec<String> {
        let moving = rollout.moving.iter();
        moving.map(|moving| moving.object.clone()).collect()
    };
    assert_eq!(names(&alone), ["shop/api-000"]);
    seen[2].can_move = true;
    world.spec.suspend = Some(true);
    let together = begun(&world, &seen, Some(&alone));
    assert_eq!(names(&together), ["shop/api-000", "shop/api-002"]);
    assert_eq!(together.state, RolloutState::Suspended);
}

#[test]
fn no_more_objects_are_on_the_way_than_a_status_holds() {
    // 30 APIs of three stages: 16 of them have room, and one with more stages than that moves as far as it can.
    let world_of_many = world(90, 30, 50, 23);
    let rollout = begun(
        &world_of_many,
        &members(&world_of_many),
        world_of_many.rollout.as_ref(),
    );
    assert_eq!(rollout.moving.len(), 48);
    assert_eq!(apis_on_the_way(&world_of_many, &rollout).len(), 16);
    let world_of_one = world(60, 1, 1, 24);
    let rollout = begun(
        &world_of_one,
        &members(&world_of_one),
        world_of_one.rollout.as_ref(),
    );
    assert_eq!(rollout.moving.len(), MOST_MOVING);
    let known: BTreeSet<&str> = rollout
        .moving
        .iter()
        .map(|moving: &MovingObject| moving.uid.as_str())
        .collect();
    assert_eq!(known.len(), MOST_MOVING, "each is there once");
}
