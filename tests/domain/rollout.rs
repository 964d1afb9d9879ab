//! The rollout of a class: hundreds of objects in memory, whose passes see what was so some time ago, and a leader that dies.
//! At most `maxUnavailable` objects are on the way at a time, and the first one whose viewers are refused halts it.

use super::rollout_world::{TICK, World, at_a_time, run_within};
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use palisade::api::{ClassRollout, HaltOn, RolloutState, RolloutStatus};
use palisade::domain::rollout::goes_by::{GoesBy, Own, goes_by};
use palisade::domain::rollout::machine::{Declared, next};
use palisade::domain::rollout::member::{Health, Member, Trouble};
use palisade::domain::rollout::settings::{MOST_KEPT, MOST_MOVING};
use palisade::domain::rollout::words::{news, said};
use std::collections::BTreeSet;

#[test]
fn five_hundred_objects_move_a_few_at_a_time_though_the_leader_dies() {
    for (seed, most) in [(1, 7), (2, 1), (3, 50)] {
        let objects = if most == 1 { 60 } else { 500 };
        let mut world = World::new(objects, at_a_time(most), seed);
        world.deaths = 0.2;
        world.declared = "r1".into();
        run_within(&mut world, most.try_into().unwrap(), World::is_complete);
        assert_eq!(world.at("r1"), objects);
    }
}

#[test]
fn the_first_object_whose_viewers_are_refused_halts_it() {
    for seed in 1..6 {
        let mut world = World::new(500, at_a_time(1), seed);
        world.deaths = 0.2;
        world.bad.insert("r1".into());
        world.declared = "r1".into();
        run_within(&mut world, 1, |world| world.state() == RolloutState::Halted);
        for _ in 0..200 {
            world.tick();
            assert!(world.refused() <= 1, "{} are refused", world.refused());
            assert_eq!(world.state(), RolloutState::Halted);
        }
        let rollout = world.rollout.clone().unwrap();
        assert_eq!(rollout.halted_by.as_ref().unwrap().object, "shop/api-000");
        assert_eq!((rollout.moved, rollout.remaining), (0, 499));
        let told = said(&rollout);
        for told_of in [
            "shop/api-000",
            "SignatureRefused",
            "palisade.dev/undo-rollout: r1",
        ] {
            assert!(told.contains(told_of), "{told}");
        }
        assert!(news(None, &rollout).unwrap().is_warning);
    }
}

#[test]
fn a_class_that_is_reverted_gives_the_refused_object_its_revision_back_first() {
    for undo in [false, true] {
        let mut world = World::new(40, at_a_time(1), 9);
        world.bad.insert("r1".into());
        world.declared = "r1".into();
        world.run(|world| world.state() == RolloutState::Halted);
        if undo {
            world.undo = Some("r1".into());
        } else {
            world.declared = "r0".into();
        }
        world.tick();
        run_within(&mut world, 1, World::is_complete);
        assert_eq!((world.at("r0"), world.refused()), (40, 0));
    }
}

#[test]
fn a_halted_rollout_that_is_edited_begins_anew() {
    let mut world = World::new(40, at_a_time(2), 4);
    world.bad.insert("r1".into());
    world.declared = "r1".into();
    world.run(|world| world.state() == RolloutState::Halted);
    world.declared = "r2".into();
    run_within(&mut world, 2, World::is_complete);
    assert_eq!((world.at("r2"), world.refused()), (40, 0));
    assert_eq!(world.kept, BTreeSet::from(["r2".to_owned()]));
}

#[test]
fn an_edit_that_does_not_help_halts_at_the_same_object() {
    let mut world = World::new(40, at_a_time(1), 5);
    world.bad.extend(["r1".into(), "r2".into()]);
    world.declared = "r1".into();
    world.run(|world| world.state() == RolloutState::Halted);
    world.declared = "r2".into();
    world.tick();
    run_within(&mut world, 1, |world| world.state() == RolloutState::Halted);
    assert_eq!(world.refused(), 1);
}

#[test]
fn a_halted_rollout_goes_on_once_for_each_new_text() {
    let mut world = World::new(10, at_a_time(1), 6);
    world.bad.insert("r1".into());
    world.declared = "r1".into();
    world.resume = Some("an old one".into());
    world.run(|world| world.state() == RolloutState::Halted);
    world.resume = Some("go on".into());
    world.tick();
    assert_ne!(world.state(), RolloutState::Halted);
    world.run(|world| world.state() == RolloutState::Halted);
    assert_eq!(world.refused(), 2, "the next object halts it again");
}

#[test]
fn canaries_have_all_arrived_before_another_object_moves() {
    let mut world = World::new(60, at_a_time(10), 7);
    for index in [11, 29, 47] {
        world.objects[index].member.is_canary = true;
    }
    world.seen.clear();
    world.declared = "r1".into();
    run_within(&mut world, 10, |world| world.at("r1") > 3);
    let canaries = world.objects.iter().filter(|object| object.member.is_canary);
    for canary in canaries {
        assert_eq!(
            (canary.served.as_deref(), &canary.member.health),
            (Some("r1"), &Health::Ready)
        );
    }
}

#[test]
fn a_suspended_rollout_lets_nobody_move_and_goes_on_after() {
    let mut world = World::new(20, at_a_time(3), 8);
    world.spec.suspend = Some(true);
    world.declared = "r1".into();
    for _ in 0..100 {
        world.tick();
        assert_eq!((world.at("r1"), world.state()), (0, RolloutState::Suspended));
    }
    world.spec.suspend = None;
    run_within(&mut world, 3, World::is_complete);
}

#[test]
fn a_suspended_object_keeps_its_revision_and_its_spec_is_kept() {
    let mut world = World::new(20, at_a_time(5), 10);
    world.objects[3].member.can_move = false;
    world.seen.clear();
    world.declared = "r1".into();
    world.run(|world| world.at("r1") == 19 && world.state() == RolloutState::Complete);
    assert_eq!(world.objects[3].member.held.as_deref(), Some("r0"));
    assert_eq!(world.kept, BTreeSet::from(["r0".to_owned(), "r1".to_owned()]));
    assert_eq!(world.rollout.as_ref().unwrap().held, Some(1));
    world.objects[3].member.can_move = true;
    run_within(&mut world, 5, World::is_complete);
}

#[test]
fn objects_that_cannot_move_keep_no_revision_from_the_others() {
    let world = World::new(8, at_a_time(1), 16);
    let mut members: Vec<Member> = world.objects.iter().map(|object| object.member.clone()).collect();
    for (number, member) in members.iter_mut().enumerate().skip(1) {
        member.held = Some(format!("old{number}"));
        member.can_move = false;
    }
    let declared = Declared {
        revision: "r1",
        rollout: &world.spec,
        resume: None,
        undo: None,
    };
    let then = next(&declared, world.rollout.as_ref(), &members, world.now);
    assert_eq!(
        (then.rollout.state, then.rollout.revision.as_str()),
        (RolloutState::Progressing, "r1")
    );
    assert!(then.kept.contains("old7"), "it goes on by it");
}

#[test]
fn a_class_that_is_edited_ever_again_keeps_few_revisions_and_comes_to_its_last_one() {
    let mut world = World::new(60, at_a_time(2), 11);
    world.deaths = 0.1;
    for edit in 1..20 {
        world.declared = format!("r{edit}");
        for _ in 0..70 {
            world.tick();
            assert!(world.kept.len() <= MOST_KEPT, "{:?}", world.kept);
            let in_use: BTreeSet<String> = world
                .objects
                .iter()
                .filter_map(|object| object.member.held.clone())
                .collect();
            assert!(in_use.len() <= MOST_KEPT, "{in_use:?}");
            assert!(world.on_the_way() <= 2);
        }
    }
    run_within(&mut world, 2, World::is_complete);
    assert_eq!(world.at("r19"), 60);
}

#[test]
fn an_object_that_others_bring_to_a_class_waits_for_its_turn() {
    let mut world = World::new(12, at_a_time(1), 12);
    for index in 0..4 {
        let member = &mut world.objects[index].member;
        (member.held, member.joins_at_once) = (None, false);
    }
    world.seen.clear();
    let own = Own {
        uid: "u2",
        held: None,
        joins_at_once: false,
    };
    assert_eq!(goes_by(world.rollout.as_ref(), own), GoesBy::Before);
    run_within(&mut world, 1, |world| world.at("r0") == 12);
}

#[test]
fn what_is_not_known_makes_nobody_act_early() {
    let new = Own {
        uid: "u",
        held: None,
        joins_at_once: true,
    };
    assert_eq!(goes_by(None, new), GoesBy::NotYet);
    let brought = Own {
        joins_at_once: false,
        ..new
    };
    assert_eq!(goes_by(None, brought), GoesBy::Before);
    let held = Own {
        held: Some("r0"),
        ..new
    };
    assert_eq!(goes_by(None, held), GoesBy::Revision("r0".into()));
    let under_way = RolloutStatus {
        revision: "r1".into(),
        completed: Some("r0".into()),
        ..RolloutStatus::default()
    };
    assert_eq!(goes_by(Some(&under_way), new), GoesBy::Revision("r0".into()));
    assert_eq!(goes_by(Some(&under_way), held), GoesBy::Revision("r0".into()));
}

#[test]
fn times_that_are_missing_or_in_the_future_settle_nobody() {
    let world = World::new(2, at_a_time(1), 13);
    let now = world.now;
    let declared = Declared {
        revision: "r1",
        rollout: &world.spec,
        resume: None,
        undo: None,
    };
    let members: Vec<Member> = world.objects.iter().map(|object| object.member.clone()).collect();
    let begun = next(&declared, world.rollout.as_ref(), &members, now).rollout;
    assert_eq!(begun.moving.len(), 1);
    let later = now + SignedDuration::from_hours(1);
    for (since, verified_at) in [
        (None, None),
        (None, Some(later)),
        (Some(now), None),
        (Some(now), Some(later + TICK)),
        (Some(later + TICK), Some(later)),
    ] {
        let mut members = members.clone();
        let moved = &mut members[0];
        (moved.held, moved.health, moved.since, moved.verified_at) =
            (Some("r1".into()), Health::Ready, since, verified_at);
        let then = next(&declared, Some(&begun), &members, later).rollout;
        assert_eq!(then.moving, begun.moving, "{since:?} {verified_at:?}");
        members[0].since = Some(now);
        members[0].verified_at = Some(later);
        let then = next(&declared, Some(&begun), &members, later).rollout;
        assert_ne!(then.moving, begun.moving);
    }
}

#[test]
fn what_is_not_to_halt_it_does_not() {
    let spec = |halt_on: Option<Vec<HaltOn>>| ClassRollout {
        halt_on,
        ..at_a_time(1)
    };
    for (halt_on, halts) in [
        (None, true),
        (Some(vec![HaltOn::ViewersRefused]), false),
        (Some(vec![HaltOn::BlockedShare]), false),
        (Some(vec![HaltOn::Stalled]), true),
        (Some(vec![]), false),
    ] {
        let mut world = World::new(3, spec(halt_on), 14);
        world.declared = "r1".into();
        world.run(|world| world.at("r1") == 1);
        let index = world
            .objects
            .iter()
            .position(|object| object.member.held.as_deref() == Some("r1"));
        let trouble = Trouble {
            reason: "CapacityExceeded".into(),
            message: "too much".into(),
            since: world.now,
        };
        let mut members: Vec<Member> = world.objects.iter().map(|object| object.member.clone()).collect();
        members[index.unwrap()].health = Health::Stalled(trouble);
        members[index.unwrap()].verified_at = Some(world.now);
        let declared = Declared {
            revision: "r1",
            rollout: &world.spec,
            resume: None,
            undo: None,
        };
        let then = next(&declared, world.rollout.as_ref(), &members, world.now).rollout;
        assert_eq!(then.state == RolloutState::Halted, halts);
    }
}

#[test]
fn shares_are_of_all_objects_one_at_least_and_few_at_most() {
    let share = |text: &str, objects: usize| {
        let spec = ClassRollout {
            max_unavailable: Some(IntOrString::String(text.into())),
            ..ClassRollout::default()
        };
        palisade::domain::rollout::settings::at_a_time(&spec, objects)
    };
    assert_eq!(share("10%", 100), 10);
    assert_eq!(share("10%", 3), 1);
    assert_eq!(share("100%", 500), MOST_MOVING);
    assert_eq!(
        palisade::domain::rollout::settings::at_a_time(&ClassRollout::default(), 500),
        1
    );
}

#[test]
fn a_pass_with_nothing_new_changes_nothing() {
    let world = World::new(20, at_a_time(2), 15);
    let members: Vec<Member> = world.objects.iter().map(|object| object.member.clone()).collect();
    let declared = Declared {
        revision: "r0",
        rollout: &world.spec,
        resume: None,
        undo: None,
    };
    let then = next(&declared, world.rollout.as_ref(), &members, world.now + TICK);
    assert_eq!(Some(&then.rollout), world.rollout.as_ref());
    assert_eq!(then.again_in, None);
}
