//! Marks that somebody else wrote: others may tag the custom domain name.

use super::world_fixtures::{REFUSED, World};
use super::*;
use crate::domain::access::probe::Verdict;
use crate::domain::mutual_tls::object_fixtures::at;
use std::time::Duration;

/// An endpoint that is off and proven, and a mark that somebody else wrote.
fn forged(step: Step, count: u32) -> World {
    let mut world = World::locked();
    let mark = Mark {
        count,
        ..Mark::new(step, at(-300))
    };
    let tags = &mut world.fixture.domain_mut().tags;
    tags.insert(TAG_LOCK.to_owned(), mark.tag());
    world.fixture.probes.clear();
    world
}

#[test]
fn a_forged_mark_opens_nothing() {
    for enforcement in [Enforcement::Enforce, Enforcement::Observe] {
        for step in [Step::Refused, Step::Trying, Step::Back] {
            let mut world = forged(step, 40);
            world.fixture.desired.enforcement = enforcement;
            world.later(Duration::from_secs(20));
            assert!(world.is_off, "{enforcement:?}, {step:?}");
            assert!(
                !world.told().contains(&"on".to_owned()),
                "{enforcement:?}, {step:?}"
            );
        }
    }
}

#[test]
fn where_viewers_get_in_what_a_forged_mark_says_is_proven_again_at_once() {
    for step in [Step::Refused, Step::Trying, Step::Back] {
        let mut world = forged(step, 40);
        let plan = world.later(Duration::from_secs(20));
        assert!(plan.is_empty(), "{step:?}: {plan:?}");
        assert_eq!(world.state(), State::Locked, "{step:?}");
    }
}

#[test]
fn without_probes_no_mark_switches_it_on() {
    for step in [Step::Refused, Step::Trying] {
        let mut world = forged(step, 1);
        world.fixture.desired.probes = false;
        world.later(Duration::from_secs(20));
        assert!(!world.told().contains(&"on".to_owned()), "{step:?}");
        assert!(world.fixture.endpoint_mut().is_off);
    }
}

#[test]
fn viewers_who_are_refused_still_have_it_back_after_a_crash() {
    let mut world = forged(Step::Refused, 1);
    world.viewer = REFUSED;
    world.later(Duration::from_secs(1));
    assert_eq!(world.told(), ["on", "change", "back"]);
}

#[test]
fn a_refusal_that_no_probe_shows_is_proven_again_and_put_back_in_time() {
    let mut world = forged(Step::Refused, 1);
    world.viewer = Verdict::Unanswered {
        why: "no answer within 10 s".to_owned(),
    };
    world.later(Duration::from_secs(1));
    assert_eq!(world.told(), ["trying", "publish"]);
    world.later(Duration::from_mins(3));
    assert!(
        world
            .told()
            .ends_with(&["on".to_owned(), "change".to_owned(), "back".to_owned()])
    );
}
