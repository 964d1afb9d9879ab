//! The share of requests that AWS WAF blocks halts a rollout where it rises, and where it cannot be told, that is said.

use super::rollout_world::{World, at_a_time, run_within};
use jiff::{SignedDuration, Timestamp};
use palisade::api::{ClassRollout, HaltOn, RequestCount, RolloutState, RolloutStatus};
use palisade::domain::rollout::machine::{Declared, next};
use palisade::domain::rollout::member::{Health, Member};
use palisade::domain::rollout::traffic::{Answer, Counted, is_due, noted};
use palisade::domain::rollout::words::said;
use std::collections::BTreeMap;

fn halting(most: i32) -> ClassRollout {
    ClassRollout {
        halt_on: Some(vec![HaltOn::ViewersRefused, HaltOn::BlockedShare]),
        ..at_a_time(most)
    }
}

/// A class whose objects all go by `r0`, and is `r1` from the first look on.
struct Scene {
    spec: ClassRollout,
    members: Vec<Member>,
    rollout: RolloutStatus,
    begun: Timestamp,
    declared: &'static str,
    resume: Option<&'static str>,
}

impl Scene {
    /// The first of two objects is on the way, and goes by the revision.
    fn new(spec: ClassRollout) -> Self {
        let world = World::new(2, at_a_time(1), 41);
        let mut scene = Self {
            spec,
            members: world.objects.iter().map(|object| object.member.clone()).collect(),
            rollout: world.rollout.clone().unwrap(),
            begun: world.now,
            declared: "r1",
            resume: None,
        };
        scene.at(0, None);
        scene.first_goes_by("r1", 0);
        scene
    }

    fn first_goes_by(&mut self, revision: &str, minutes: i64) {
        let member = &mut self.members[0];
        member.held = Some(revision.to_owned());
        member.since = Some(self.begun + SignedDuration::from_mins(minutes));
        member.is_applied = true;
        member.health = Health::Ready;
    }

    /// Looks at the class so many minutes after its change, with the counters of the first object; it was read and probed just before.
    fn at(&mut self, minutes: i64, answer: Option<Answer>) {
        let now = self.begun + SignedDuration::from_mins(minutes);
        self.members[0].verified_at = Some(now);
        let uid = self.members[0].uid.clone();
        let answers: BTreeMap<String, Answer> = answer.map(|answer| (uid, answer)).into_iter().collect();
        let declared = Declared {
            revision: self.declared,
            rollout: &self.spec,
            resume: self.resume,
            undo: None,
        };
        let before = noted(self.rollout.clone(), &self.members, &answers, now);
        self.rollout = next(&declared, Some(&before), &self.members, now).rollout;
    }

    /// (requests, blocked) so many minutes after the change.
    fn counted(&self, minutes: &[(i64, i64, i64)]) -> Answer {
        let of = |(at, requests, blocked): &(i64, i64, i64)| {
            [(requests - blocked, false), (*blocked, true)].map(|(requests, are_blocked)| Counted {
                web_acl: "palisade-shop-api-000".into(),
                at: self.begun + SignedDuration::from_mins(*at),
                requests,
                are_blocked,
            })
        };
        Answer::Counted(minutes.iter().flat_map(of).collect())
    }

    fn is_moving(&self, object: &str) -> bool {
        self.rollout.moving.iter().any(|moving| moving.object == object)
    }

    /// Whether the first object has arrived, so that the second one is on the way.
    fn has_arrived(&self) -> bool {
        self.rollout.state == RolloutState::Progressing
            && !self.is_moving("shop/api-000")
            && self.is_moving("shop/api-001")
    }

    fn is_halted(&self) -> bool {
        self.rollout.state == RolloutState::Halted
    }
}

#[test]
fn the_first_object_of_whose_requests_more_are_blocked_halts_it_though_the_leader_dies() {
    for seed in 1..6 {
        let mut world = World::new(500, halting(1), seed);
        world.deaths = 0.2;
        world.blocking.insert("r1".into());
        world.declared = "r1".into();
        run_within(&mut world, 1, |world| world.state() == RolloutState::Halted);
        for _ in 0..200 {
            world.tick();
            assert_eq!((world.state(), world.at("r1")), (RolloutState::Halted, 1));
        }
        let halted_by = world.rollout.as_ref().unwrap().halted_by.clone().unwrap();
        assert_eq!(
            (halted_by.object.as_str(), halted_by.reason.as_str()),
            ("shop/api-000", "BlockedShareRose")
        );
        world.declared = "r0".into();
        world.tick();
        run_within(&mut world, 1, World::is_complete);
        assert_eq!(world.at("r0"), 500);
    }
}

#[test]
fn a_change_by_which_no_more_are_blocked_reaches_all_objects() {
    let mut world = World::new(60, halting(3), 7);
    world.deaths = 0.1;
    world.declared = "r1".into();
    run_within(&mut world, 3, World::is_complete);
    assert_eq!(world.rollout.as_ref().unwrap().unjudged, None);
}

#[test]
fn a_share_that_rises_by_more_than_is_allowed_halts_it_and_the_message_has_both_shares() {
    for (blocked, most, is_halted) in [
        (150, None, false),
        (151, None, true),
        (300, Some(20), false),
        (301, Some(20), true),
    ] {
        let mut scene = Scene::new(ClassRollout {
            max_blocked_rise: most,
            ..halting(1)
        });
        let counted = scene.counted(&[(-30, 1000, 100), (1, 1000, blocked)]);
        scene.at(2, Some(counted));
        assert_eq!(scene.is_halted(), is_halted, "{blocked} of 1000, {most:?}");
        assert_eq!(scene.has_arrived(), !is_halted);
        if is_halted {
            let told = said(&scene.rollout);
            for part in [
                "shop/api-000",
                "BlockedShareRose",
                "10.0% (100 of 1000)",
                "palisade.dev/resume-rollout",
            ] {
                assert!(told.contains(part), "{told}");
            }
        }
    }
}

#[test]
fn a_rise_that_chance_explains_halts_nothing() {
    // In each case by more than five percentage points.
    for (before, after, is_halted) in [
        ((200, 20), (100, 19), false),
        ((200, 20), (100, 30), true),
        ((4000, 400), (100, 16), false),
        ((4000, 400), (100, 25), true),
        ((100, 0), (100, 6), false),
        ((100, 0), (100, 10), true),
        ((3_000_000, 300_000), (3_000_000, 460_000), true),
    ] {
        let mut scene = Scene::new(halting(1));
        let counted = scene.counted(&[(-30, before.0, before.1), (1, after.0, after.1)]);
        scene.at(2, Some(counted));
        assert_eq!(scene.is_halted(), is_halted, "{before:?} {after:?}");
    }
}

/// Of a class that says nothing of what halts it.
fn by_baseline() -> ClassRollout {
    ClassRollout {
        halt_on: None,
        ..at_a_time(1)
    }
}

#[test]
fn a_share_that_rises_halts_it_though_the_class_does_not_say_so() {
    let mut scene = Scene::new(by_baseline());
    assert!(is_due(&scene.spec, &scene.rollout, scene.begun));
    let counted = scene.counted(&[(-30, 1000, 0), (1, 1000, 900)]);
    scene.at(2, Some(counted));
    assert!(scene.is_halted());
}

#[test]
fn who_did_not_ask_for_shares_is_held_up_by_none_that_cannot_be_read_and_is_told() {
    for (answer, told) in [
        (Answer::Denied, "allow cloudwatch:GetMetricData"),
        (
            Answer::Failed,
            "for 1 of them the share of requests that AWS WAF blocks could not be read",
        ),
    ] {
        let mut scene = Scene::new(by_baseline());
        scene.at(2, Some(answer));
        assert!(scene.has_arrived(), "{told}");
        let words = said(&scene.rollout);
        assert!(words.contains(told), "{words}");
    }
    // Nor where nobody could even ask.
    let mut scene = Scene::new(by_baseline());
    scene.at(10, None);
    assert!(scene.is_moving("shop/api-000"));
    scene.at(11, None);
    assert!(scene.has_arrived());
    assert_eq!(scene.rollout.unjudged.as_ref().unwrap().failed, Some(1));
}

#[test]
fn an_object_that_nobody_called_before_is_not_waited_for() {
    for spec in [halting(1), by_baseline()] {
        let mut scene = Scene::new(spec);
        let counted = scene.counted(&[(-30, 99, 0), (1, 5, 5)]);
        scene.at(1, Some(counted));
        assert!(scene.has_arrived());
        assert_eq!(scene.rollout.unjudged.as_ref().unwrap().quiet, 1);
    }
}

#[test]
fn it_halts_before_the_pause_is_over() {
    let mut scene = Scene::new(ClassRollout {
        pause: Some("1h".into()),
        ..halting(1)
    });
    let counted = scene.counted(&[(-30, 1000, 0), (1, 1000, 900)]);
    scene.at(2, Some(counted));
    assert!(scene.is_halted());
}

#[test]
fn requests_of_the_minutes_around_the_change_and_of_more_than_an_hour_before_are_not_counted() {
    let mut scene = Scene::new(halting(1));
    let counted = scene.counted(&[(-61, 1000, 1000), (-60, 200, 0), (-1, 100, 50), (0, 100, 2)]);
    scene.at(0, Some(counted));
    let share = scene.rollout.moving[0].blocked_share.clone().unwrap();
    let count = |requests, blocked| Some(RequestCount { requests, blocked });
    assert_eq!((share.before, share.after), (count(300, 50), count(100, 2)));
    // What began in the minute before the change has a part of it.
    let mut scene = Scene::new(halting(1));
    scene.first_goes_by("r1", 1);
    let counted = scene.counted(&[(-2, 200, 0), (0, 100, 100)]);
    scene.at(1, Some(counted));
    let share = scene.rollout.moving[0].blocked_share.clone().unwrap();
    assert_eq!((share.before, share.after), (count(200, 0), count(0, 0)));
}

#[test]
fn requests_that_met_the_former_web_acl_say_nothing_of_the_revision() {
    let mut scene = Scene::new(halting(1));
    scene.members[0].web_acl_since = Some(scene.begun + SignedDuration::from_mins(40));
    let counted = scene.counted(&[(-30, 1000, 0), (20, 5000, 0)]);
    scene.at(40, Some(counted));
    assert!(scene.is_moving("shop/api-000"), "nothing is known yet");
    let counted = scene.counted(&[(-30, 1000, 0), (20, 5000, 0), (41, 200, 100)]);
    scene.at(43, Some(counted));
    assert!(scene.is_halted());
    let message = scene.rollout.halted_by.clone().unwrap().message;
    assert!(message.contains("50.0% (100 of 200)"), "{message}");
}

#[test]
fn an_object_with_few_requests_is_waited_for_ten_minutes_after_its_pause_and_that_is_said() {
    let mut scene = Scene::new(halting(1));
    for minutes in [1, 5, 10] {
        let counted = scene.counted(&[(-30, 1000, 0), (1, 99, 99)]);
        scene.at(minutes, Some(counted));
        assert_eq!(scene.rollout.state, RolloutState::Progressing);
        assert!(scene.is_moving("shop/api-000"), "{minutes}");
    }
    let counted = scene.counted(&[(-30, 1000, 0), (1, 99, 99)]);
    scene.at(11, Some(counted));
    assert!(scene.has_arrived());
    assert_eq!(scene.rollout.unjudged.as_ref().unwrap().quiet, 1);
    let told = said(&scene.rollout);
    assert!(told.contains("1 of them had too few requests"), "{told}");
}

#[test]
fn nobody_is_waited_for_where_the_counters_may_not_be_read_and_the_missing_permission_is_named() {
    let mut scene = Scene::new(halting(1));
    scene.at(2, Some(Answer::Denied));
    assert!(scene.has_arrived());
    let unjudged = scene.rollout.unjudged.clone().unwrap();
    assert_eq!((unjudged.denied, unjudged.quiet), (1, 0));
    let told = said(&scene.rollout);
    for part in ["not read for 1 of them", "cloudwatch:GetMetricData", "--traffic"] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn counters_that_cannot_be_read_for_an_hour_halt_it_and_a_person_lets_it_go_on() {
    let mut scene = Scene::new(halting(1));
    for minutes in [2, 30, 60] {
        scene.at(minutes, Some(Answer::Failed));
        assert!(scene.is_moving("shop/api-000"));
        assert_eq!(scene.rollout.state, RolloutState::Progressing);
    }
    scene.at(61, Some(Answer::Failed));
    assert!(scene.is_halted());
    let by = scene.rollout.halted_by.clone().unwrap();
    assert!(
        by.message.contains("could not be read from CloudWatch"),
        "{}",
        by.message
    );
    scene.resume = Some("go on");
    scene.at(62, None);
    assert!(scene.has_arrived());
}

#[test]
fn an_object_that_is_to_be_taken_as_it_is_halts_it_no_more() {
    let mut scene = Scene::new(halting(1));
    let counted = scene.counted(&[(-30, 1000, 0), (1, 1000, 900)]);
    scene.at(2, Some(counted));
    assert!(scene.is_halted());
    scene.resume = Some("go on");
    scene.at(3, None);
    assert!(scene.has_arrived());
}

#[test]
fn an_edit_that_does_not_help_halts_at_the_same_object_whose_former_share_is_kept() {
    let mut scene = Scene::new(halting(1));
    let counted = scene.counted(&[(-30, 1000, 0), (1, 1000, 900)]);
    scene.at(2, Some(counted));
    scene.declared = "r2";
    scene.at(120, None);
    assert!(scene.is_moving("shop/api-000"));
    scene.first_goes_by("r2", 121);
    let counted = scene.counted(&[(61, 1000, 900), (122, 1000, 900)]);
    scene.at(123, Some(counted));
    assert!(scene.is_halted());
    assert_eq!(scene.rollout.revision, "r2");
}

#[test]
fn nothing_is_asked_for_that_halts_nothing_nor_more_often_than_once_a_minute() {
    let mut scene = Scene::new(halting(1));
    let at = |scene: &Scene, seconds: i64| scene.begun + SignedDuration::from_secs(seconds);
    assert!(is_due(&scene.spec, &scene.rollout, at(&scene, 0)));
    assert!(!is_due(&at_a_time(1), &scene.rollout, at(&scene, 0)));
    let counted = scene.counted(&[(-30, 1000, 0)]);
    scene.at(1, Some(counted));
    assert!(!is_due(&scene.spec, &scene.rollout, at(&scene, 119)));
    assert!(is_due(&scene.spec, &scene.rollout, at(&scene, 120)));
    let counted = scene.counted(&[(-30, 1000, 0), (1, 1000, 900)]);
    scene.at(2, Some(counted));
    assert!(scene.is_halted());
    assert!(!is_due(&scene.spec, &scene.rollout, at(&scene, 3600)));
}

#[test]
fn a_share_that_is_to_halt_nothing_any_more_is_forgotten() {
    let mut scene = Scene::new(ClassRollout {
        pause: Some("1h".into()),
        ..halting(1)
    });
    scene.at(2, Some(Answer::Denied));
    assert!(said(&scene.rollout).contains("GetMetricData"));
    scene.spec.halt_on = Some(vec![HaltOn::ViewersRefused]);
    scene.at(3, None);
    assert_eq!(scene.rollout.moving[0].blocked_share, None);
    assert!(!said(&scene.rollout).contains("GetMetricData"));
}
