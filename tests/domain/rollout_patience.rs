//! No rollout waits for one object without end, and until then it says for which.

use super::rollout_world::{World, at_a_time};
use jiff::SignedDuration;
use palisade::api::{ClassRollout, RolloutState, RolloutStatus};
use palisade::domain::rollout::machine::{Declared, Next, next};
use palisade::domain::rollout::member::{Health, Member, Trouble};
use palisade::domain::rollout::words::said;

/// A class whose objects all go by `r0`, and is `r1` now.
struct Scene {
    world: World,
    members: Vec<Member>,
    rollout: RolloutStatus,
    resume: Option<String>,
}

impl Scene {
    fn new(objects: usize, spec: ClassRollout) -> Self {
        let world = World::new(objects, spec, 31);
        Self {
            members: world.objects.iter().map(|object| object.member.clone()).collect(),
            rollout: world.rollout.clone().unwrap(),
            world,
            resume: None,
        }
    }

    /// Looks at the class so many minutes after its change.
    fn at(&mut self, minutes: i64) -> Next {
        let declared = Declared {
            revision: "r1",
            rollout: &self.world.spec,
            resume: self.resume.as_deref(),
            undo: None,
        };
        let now = self.world.now + SignedDuration::from_mins(minutes);
        let next = next(&declared, Some(&self.rollout), &self.members, now);
        self.rollout = next.rollout.clone();
        next
    }

    fn moving(&self) -> Vec<&str> {
        let moving = self.rollout.moving.iter();
        moving.map(|moving| moving.object.as_str()).collect()
    }

    /// The object goes by the new revision from the change on, and stands like this.
    fn moved(&mut self, index: usize, health: Health) {
        let now = self.world.now;
        let member = &mut self.members[index];
        member.held = Some("r1".into());
        member.since = Some(now);
        member.is_applied = health != Health::Unsettled;
        member.health = health;
    }
}

fn halted_by(scene: &Scene) -> (&str, &str) {
    let by = scene.rollout.halted_by.as_ref().unwrap();
    (by.object.as_str(), by.message.as_str())
}

#[test]
fn a_canary_that_is_neither_ready_nor_failed_is_named_and_waited_for_ten_minutes() {
    let mut scene = Scene::new(3, at_a_time(3));
    scene.members[1].is_canary = true;
    scene.members[1].health = Health::Unsettled;
    for minutes in [0, 9] {
        let next = scene.at(minutes);
        assert!(scene.moving().is_empty(), "{:?}", scene.rollout);
        assert_eq!(scene.rollout.waits_for.as_deref(), Some("shop/api-001"));
        let told = said(&scene.rollout);
        let wanted = "waits for canary shop/api-001, which is neither ready nor failed";
        assert!(told.contains(wanted), "{told}");
        assert!(next.again_in.is_some(), "nothing else may call for the next look");
    }
    scene.at(10);
    assert_eq!(scene.moving(), ["shop/api-000", "shop/api-002", "shop/api-001"]);
    assert_eq!(scene.rollout.waits_for, None);
    assert!(!said(&scene.rollout).contains("waits for"));
}

#[test]
fn a_rollout_that_is_resumed_waits_for_its_canary_anew() {
    let mut scene = Scene::new(2, at_a_time(1));
    scene.members[1].is_canary = true;
    scene.members[1].health = Health::Unsettled;
    scene.at(0);
    let resumed = scene.world.now + SignedDuration::from_mins(8);
    scene.rollout.resumed_at = Some(resumed.to_string());
    scene.at(17);
    assert_eq!(scene.rollout.waits_for.as_deref(), Some("shop/api-001"));
    scene.at(18);
    assert_eq!(scene.moving(), ["shop/api-000"]);
}

#[test]
fn an_object_that_stays_neither_ready_nor_failed_halts_the_rollout_whatever_is_to_halt_it() {
    for halt_on in [None, Some(vec![])] {
        let spec = ClassRollout {
            halt_on,
            ..at_a_time(1)
        };
        let mut scene = Scene::new(3, spec);
        scene.at(0);
        scene.moved(0, Health::Unsettled);
        scene.at(60);
        assert_eq!(scene.rollout.state, RolloutState::Progressing);
        scene.at(61);
        assert_eq!(scene.rollout.state, RolloutState::Halted);
        let (object, message) = halted_by(&scene);
        assert_eq!(object, "shop/api-000");
        assert!(message.contains("neither ready nor failed"), "{message}");
        scene.resume = Some("go on".into());
        scene.at(62);
        assert_eq!(scene.rollout.state, RolloutState::Progressing);
        assert_eq!(scene.moving(), ["shop/api-001"], "the others go on without it");
    }
}

#[test]
fn an_object_that_does_not_come_to_the_revision_halts_the_rollout_and_is_waited_for_anew() {
    let mut scene = Scene::new(2, at_a_time(1));
    scene.at(0);
    scene.at(61);
    assert_eq!(scene.rollout.state, RolloutState::Halted);
    let (object, message) = halted_by(&scene);
    assert_eq!(object, "shop/api-000");
    assert!(message.contains("does not go by the revision"), "{message}");
    scene.resume = Some("go on".into());
    scene.at(70);
    assert_eq!(scene.moving(), ["shop/api-000"]);
    scene.at(130);
    assert_eq!(scene.rollout.state, RolloutState::Progressing);
    scene.at(131);
    assert_eq!(scene.rollout.state, RolloutState::Halted);
}

#[test]
fn an_object_that_was_not_ready_before_gives_its_place_to_the_next_one() {
    let mut scene = Scene::new(2, at_a_time(1));
    for member in &mut scene.members {
        member.health = Health::Unsettled;
    }
    scene.at(0);
    assert_eq!(scene.moving(), ["shop/api-000"]);
    scene.moved(0, Health::Unsettled);
    scene.at(60);
    assert_eq!(scene.moving(), ["shop/api-000"]);
    scene.at(61);
    assert_eq!(scene.moving(), ["shop/api-001"]);
    assert_eq!(scene.rollout.state, RolloutState::Progressing);
}

#[test]
fn a_trouble_that_is_to_halt_nothing_holds_nobody_up() {
    let spec = ClassRollout {
        halt_on: Some(vec![]),
        ..at_a_time(1)
    };
    let mut scene = Scene::new(2, spec);
    scene.at(0);
    let trouble = Trouble {
        reason: "SignatureRefused".into(),
        message: "403".into(),
        since: scene.world.now,
    };
    scene.moved(0, Health::Refused(trouble));
    scene.members[0].verified_at = Some(scene.world.now);
    scene.at(2);
    assert_eq!(
        scene.moving(),
        ["shop/api-000"],
        "it was not looked at after its pause"
    );
    scene.members[0].verified_at = Some(scene.world.now + SignedDuration::from_mins(1));
    scene.at(2);
    assert_eq!(scene.moving(), ["shop/api-001"]);
}
