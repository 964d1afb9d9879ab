//! Which objects tell something of a revision: those that were in order, and moved to it in this rollout.

use super::rollout_world::{World, at_a_time};
use jiff::{SignedDuration, Timestamp};
use palisade::api::{RolloutState, RolloutStatus};
use palisade::domain::rollout::machine::{Declared, next};
use palisade::domain::rollout::member::{Health, Member, Trouble};

struct Scene {
    world: World,
    members: Vec<Member>,
    rollout: RolloutStatus,
    undo: Option<&'static str>,
}

impl Scene {
    /// A class whose three objects all go by `r0`, and that is `r1` now: the first object is on the way.
    fn new() -> Self {
        let world = World::new(3, at_a_time(1), 41);
        let mut scene = Self {
            members: world.objects.iter().map(|object| object.member.clone()).collect(),
            rollout: world.rollout.clone().unwrap(),
            world,
            undo: None,
        };
        scene.look_at(0);
        assert_eq!(scene.rollout.moving[0].object, "shop/api-000");
        scene
    }

    fn after(&self, minutes: i64) -> Timestamp {
        self.world.now + SignedDuration::from_mins(minutes)
    }

    fn look_at(&mut self, minutes: i64) -> RolloutState {
        let declared = Declared {
            revision: "r1",
            rollout: &self.world.spec,
            resume: None,
            undo: self.undo,
        };
        let now = self.after(minutes);
        self.rollout = next(&declared, Some(&self.rollout), &self.members, now).rollout;
        self.rollout.state
    }

    fn refuse(&mut self, index: usize, minutes: i64) {
        let since = self.after(minutes);
        self.members[index].health = Health::Refused(Trouble {
            reason: "SignatureRefused".into(),
            message: "403".into(),
            since,
        });
    }
}

#[test]
fn an_object_that_was_in_order_and_moved_halts_the_rollout_and_no_other_one_does() {
    for (was_ready, verified_after, state) in [
        (None, None, RolloutState::Progressing),
        (Some(false), Some(1), RolloutState::Progressing),
        (Some(true), Some(-60), RolloutState::Progressing),
        (Some(true), Some(1), RolloutState::Halted),
    ] {
        let mut scene = Scene::new();
        let (since, verified_at) = (scene.after(1), verified_after.map(|minutes| scene.after(minutes)));
        let there = &mut scene.members[2];
        there.held = Some("r1".into());
        (there.since, there.verified_at, there.was_ready) = (Some(since), verified_at, was_ready);
        scene.refuse(2, 2);
        assert_eq!(scene.look_at(3), state, "{was_ready:?} {verified_after:?}");
    }
}

#[test]
fn an_object_that_has_the_revision_already_does_not_halt_the_way_back_to_it() {
    let mut scene = Scene::new();
    // It came to r0 in the rollout of r0.
    scene.members[1].was_ready = Some(true);
    scene.members[1].verified_at = Some(scene.after(-60));
    scene.members[0].held = Some("r1".into());
    scene.undo = Some("r1");
    assert_eq!(scene.look_at(3), RolloutState::Progressing);
    assert_eq!(scene.rollout.revision, "r0");
    scene.refuse(1, 4);
    assert_eq!(scene.look_at(5), RolloutState::Progressing);
    // The one that moves back does.
    scene.members[0].held = Some("r0".into());
    scene.members[0].since = Some(scene.after(4));
    scene.members[0].is_applied = true;
    scene.refuse(0, 5);
    assert_eq!(scene.look_at(6), RolloutState::Halted);
    assert_eq!(scene.rollout.halted_by.unwrap().object, "shop/api-000");
}

#[test]
fn an_object_that_moved_in_a_rollout_that_is_over_halts_nobody_who_comes_later() {
    let world = World::new(3, at_a_time(1), 43);
    let mut members: Vec<Member> = world.objects.iter().map(|object| object.member.clone()).collect();
    let after = |minutes| world.now + SignedDuration::from_mins(minutes);
    let look_at = |before: &RolloutStatus, members: &[Member], minutes| {
        let declared = Declared {
            revision: "r0",
            rollout: &world.spec,
            resume: None,
            undo: None,
        };
        next(&declared, Some(before), members, after(minutes)).rollout
    };
    (members[1].was_ready, members[1].verified_at) = (Some(true), Some(world.now));
    // Its Namespace brings it to the class.
    (members[2].held, members[2].joins_at_once) = (None, false);
    let begun = look_at(world.rollout.as_ref().unwrap(), &members, 1);
    assert_eq!(begun.moving[0].object, "shop/api-002");
    members[1].health = Health::Refused(Trouble {
        reason: "SignatureRefused".into(),
        message: "403".into(),
        since: after(2),
    });
    let then = look_at(&begun, &members, 3);
    assert_eq!(then.state, RolloutState::Progressing, "{then:?}");
}
