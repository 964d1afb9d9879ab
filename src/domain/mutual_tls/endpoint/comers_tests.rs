//! Viewers of others come by the default endpoint: it is not switched off under them.

use super::world_fixtures::World;
use super::{Enforcement, Mark, State, Step, comers_read, is_locked};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::comers::{Comer, Comers, Keeper};
use crate::domain::mutual_tls::object_fixtures::{Fixture, at};
use std::time::Duration;

fn comer() -> Comer {
    Comer {
        id: "E2THEIRS".to_owned(),
        domain_name: "d2.cloudfront.net".to_owned(),
        aliases: vec![],
        path: Some("/beta".to_owned()),
        made_for: None,
        arn: String::new(),
        keeper: Keeper::Team,
    }
}

fn unread(needs_person: bool) -> Comers {
    Comers::Unread {
        reason: Reason::AccessDenied,
        why: "AccessDenied: no".to_owned(),
        needs_person,
    }
}

#[test]
fn which_distributions_lead_to_it_is_read_once_all_else_is_ready_for_the_switch() {
    let mut world = World::open();
    world.fixture.seen.comers = None;
    assert!(
        !world.plan().reads.contains(&comers_read()),
        "no viewer was seen to get in"
    );
    world.pass();
    assert!(world.told().is_empty());
    assert!(world.plan().reads.contains(&comers_read()));
    world.fixture.seen.comers = Some(Comers::Known(vec![]));
    world.pass();
    assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);
}

#[test]
fn a_distribution_that_leads_to_it_keeps_it_on_whatever_the_field_of_consent_says() {
    for is_for_all in [false, true] {
        let mut world = World::open();
        world.fixture.desired.for_all_stages = is_for_all;
        world.fixture.seen.comers = Some(Comers::Known(vec![comer()]));
        let plan = world.pass();
        assert!(world.told().is_empty() && world.state() == State::Open);
        assert_eq!(plan.problems.len(), 1, "{plan:?}");
        assert_eq!(plan.problems[0].reason, Reason::DistributionInTheWay);
        assert!(plan.problems[0].message.contains("E2THEIRS"), "{plan:?}");
        world.fixture.seen.comers = Some(Comers::Known(vec![]));
        world.later(Duration::from_mins(2));
        assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);
    }
}

#[test]
fn a_list_that_cannot_be_read_keeps_it_on() {
    for needs_person in [false, true] {
        let mut world = World::open();
        world.fixture.seen.comers = Some(unread(needs_person));
        let plan = world.pass();
        assert!(world.told().is_empty() && world.state() == State::Open);
        assert_eq!(
            (plan.problems.len(), plan.waits.len()),
            if needs_person { (1, 0) } else { (0, 1) }
        );
    }
}

#[test]
fn one_that_is_off_already_is_taken_from_nobody_and_one_that_is_not_in_effect_is_not_made_so() {
    let mut off = World::new(Fixture::ready().with_endpoint(true));
    off.fixture.seen.comers = Some(Comers::Known(vec![comer()]));
    off.is_off = true;
    off.pass();
    assert_eq!(off.told(), ["locked"]);
    assert!(is_locked(&off.fixture.inputs()));

    let mut edited = World::new(Fixture::ready().with_endpoint(true));
    edited.fixture.seen.comers = None;
    edited.pass();
    assert!(edited.told().is_empty());
    assert!(edited.plan().reads.contains(&comers_read()));
    edited.fixture.seen.comers = Some(Comers::Known(vec![comer()]));
    let plan = edited.pass();
    assert!(edited.told().is_empty());
    assert_eq!(plan.problems[0].reason, Reason::DistributionInTheWay);
    edited.fixture.seen.comers = Some(Comers::Known(vec![]));
    edited.later(Duration::from_mins(2));
    assert_eq!(edited.told(), ["trying", "publish", "locked"]);
}

#[test]
fn a_switch_that_was_marked_and_not_made_is_made_only_once_nobody_comes_by_it() {
    let begun = || {
        let begun = Fixture::ready()
            .with_endpoint(false)
            .with_mark(&Mark::new(Step::Trying, at(-600)));
        let mut world = World::new(begun);
        world.fixture.seen.comers = None;
        world
    };
    let mut world = begun();
    world.pass();
    assert!(world.told().is_empty());
    assert!(world.plan().reads.contains(&comers_read()));
    for comers in [Comers::Known(vec![comer()]), unread(true)] {
        let mut held = begun();
        held.fixture.seen.comers = Some(comers);
        let plan = held.pass();
        assert_eq!(held.told(), ["change", "unmark"]);
        assert_eq!((held.state(), plan.problems.len()), (State::Open, 1), "{plan:?}");
    }
    world.fixture.seen.comers = Some(Comers::Known(vec![]));
    world.pass();
    assert_eq!(world.told()[0], "off");
    // What somebody switched on again is switched off at once.
    let mut again = begun();
    let mark = Mark::new(Step::Locked, at(-600)).begun_again(true, at(-300));
    again.fixture = Fixture::ready().with_endpoint(false).with_mark(&mark);
    again.fixture.seen.comers = None;
    again.pass();
    assert_eq!(again.told()[0], "off");
}

#[test]
fn what_came_by_it_while_it_was_only_observed_is_waited_for_as_before_the_first_lock() {
    let locked = Fixture::ready()
        .with_endpoint(false)
        .with_mark(&Mark::new(Step::Locked, at(-1)));
    let mut world = World::new(locked);
    let observed = super::Desired {
        enforcement: Enforcement::Observe,
        ..world.fixture.desired.clone()
    };
    let found = world.fixture.endpoint_mut().clone();
    let line = crate::domain::kernel::observing::record(&super::hash_of(&observed), &found);
    world.fixture.pass.recorded.insert(super::seen::id().key(), line);
    world.fixture.seen.comers = Some(Comers::Known(vec![comer()]));
    let plan = world.pass();
    assert_eq!(world.told(), ["unmark"]);
    assert_eq!(plan.problems[0].reason, Reason::DistributionInTheWay);
    // What was locked under Enforce is locked again, whoever has come by it since.
    let locked = Fixture::ready()
        .with_endpoint(false)
        .with_mark(&Mark::new(Step::Locked, at(-1)));
    let mut world = World::new(locked);
    world.fixture.seen.comers = Some(Comers::Known(vec![comer()]));
    world.pass();
    assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);
}
