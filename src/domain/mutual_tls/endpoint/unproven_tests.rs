use super::world_fixtures::{IN, World};
use super::*;
use crate::domain::access::probe::Verdict;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::object_fixtures::{Fixture, at};
use std::time::Duration;

fn silent() -> Verdict {
    Verdict::Unanswered {
        why: "no answer".into(),
    }
}

fn alike() -> Verdict {
    Verdict::Ambiguous {
        status: 404,
        why: "a request through the perimeter is answered just like one past it".into(),
    }
}

#[test]
fn what_is_off_already_and_past_which_nothing_is_proven_is_told_as_such() {
    for direct in [silent(), alike()] {
        let mut world = World::new(Fixture::ready().with_endpoint(true));
        world.direct = Some(direct);
        let plan = world.pass();
        assert!(world.told().is_empty());
        assert_eq!((plan.problems.len(), plan.waits.len()), (0, 1));
        let wait = &plan.waits[0];
        assert_eq!(wait.reason, Reason::EndpointSwitching);
        assert!(wait.message.contains("is off already") && wait.message.contains("A viewer: "));
        assert!(!wait.message.contains("is switched off once"), "{}", wait.message);
    }
}

#[test]
fn what_is_off_already_is_not_told_to_be_switched_off_once_a_viewer_gets_in() {
    let mut world = World::new(Fixture::ready().with_endpoint(true));
    world.is_off = true;
    world.viewer = silent();
    let plan = world.pass();
    let [wait] = &plan.waits[..] else {
        panic!("{plan:?}");
    };
    assert!(!wait.message.contains("is switched off once"), "{}", wait.message);
}

#[test]
fn an_answer_that_viewers_get_as_well_locks_nothing_and_opens_nothing() {
    let mut world = World::open();
    world.direct = Some(alike());
    world.pass();
    assert_eq!(world.told(), ["trying", "off", "publish"]);
    world.later(Duration::from_secs(20));
    assert!(world.told().is_empty());
    let mut locked = World::locked();
    locked.fixture.is_probe_due = true;
    locked.direct = Some(alike());
    locked.later(Duration::from_mins(20));
    assert!(locked.told().is_empty(), "it proves nothing: the lock is kept");
}

#[test]
fn a_stage_is_not_touched_again_where_the_switch_is_seen_in_effect() {
    let trying = Fixture::ready()
        .with_endpoint(true)
        .with_mark(&Mark::new(Step::Trying, at(0)));
    let mut world = World::new(trying);
    world.is_off = true;
    world.viewer = IN;
    world.later(Duration::from_mins(2));
    assert_eq!(world.told(), ["locked"]);
}
