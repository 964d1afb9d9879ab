//! Another mode takes the place: when the endpoint is switched on for it, and when it is seen to be.

use super::world_fixtures::World;
use super::{Action, Mark, Next, State, Step, comers_read, is_locked, is_seen_on, others_read, told_anew};
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::comers::{Comer, Comers, Keeper};
use crate::domain::mutual_tls::leaving::shows_on;
use crate::domain::mutual_tls::object_fixtures::declared;
use std::time::Duration;

fn leaving() -> World {
    let mut world = World::locked();
    world.fixture.leave = Some(true);
    remember(&mut world, true);
    world.fixture.later(Duration::from_mins(10));
    world
}

/// What the last pass told of the endpoint.
fn remember(world: &mut World, is_off: bool) {
    let known = world.fixture.remembered.get_or_insert_default();
    known.default_endpoint_off = is_off;
}

fn is_seen(world: &World) -> bool {
    is_seen_on(&world.fixture.desired, &world.fixture.inputs())
}

#[test]
fn the_lock_is_kept_until_the_next_one_is_made_and_nobody_elses_hangs_on_it() {
    let mut world = leaving();
    world.fixture.leave = Some(false);
    world.pass();
    assert!(world.told().is_empty() && world.state() == State::Locked);

    world.fixture.leave = Some(true);
    world.fixture.by_endpoint_off = vec!["shop/orders (stage beta)".to_owned()];
    world.pass();
    assert!(world.told().is_empty() && world.state() == State::Locked);

    world.fixture.by_endpoint_off.clear();
    world.pass();
    assert_eq!(world.told(), ["unmark", "on", "publish"]);
    assert!(is_seen(&world));
}

#[test]
fn what_hangs_on_the_endpoint_is_asked_only_once_all_else_is_ready_for_the_switch() {
    let mut world = leaving();
    world.fixture.is_endpoint_asked = false;
    for (is_ready, others, is_read) in [
        (false, vec![], false),
        (true, vec!["shop/orders (stage beta)".to_owned()], false),
        (true, vec![], true),
    ] {
        world.fixture.leave = Some(is_ready);
        world.fixture.by_endpoint_off = others;
        let plan = world.plan();
        assert_eq!(plan.reads.contains(&others_read()), is_read, "{is_ready}");
        assert!(!is_seen(&world));
        let mut switches = plan.ready.iter().map(|step| &step.action);
        assert!(!switches.any(|action| matches!(action, Action::Switch { .. } | Action::Mark { .. })));
    }
    world.fixture.is_endpoint_asked = true;
    world.pass();
    assert_eq!(world.told(), ["unmark", "on", "publish"]);
}

#[test]
fn a_switch_that_is_not_in_effect_is_published_again_by_the_next_pass() {
    let mut world = leaving();
    world.takes_effect = false;
    world.pass();
    assert_eq!(world.told(), ["unmark", "on", "publish"]);
    assert!(!is_seen(&world));
    // What had no effect is not done once more: the stage is changed, there and back.
    world.changes_take_effect = true;
    remember(&mut world, false);
    world.later(Duration::from_secs(5));
    assert_eq!(world.told(), ["change"]);
    assert!(is_seen(&world));
}

#[test]
fn a_stage_that_was_touched_in_vain_again_and_again_is_left_alone_for_a_while() {
    let mut world = leaving();
    world.takes_effect = false;
    world.pass();
    world.told();
    remember(&mut world, false);
    world.fixture.endpoint_mut().rests = true;
    world.later(Duration::from_secs(30));
    assert!(world.told().is_empty() && !is_seen(&world));
    world.fixture.endpoint_mut().rests = false;
    world.later(Duration::from_secs(30));
    assert_eq!(world.told(), ["change"]);
}

#[test]
fn without_probes_a_person_says_that_the_switch_is_in_effect_and_the_stage_is_touched_once() {
    let mut world = leaving();
    world.fixture.desired.probes = false;
    world.fixture.is_tried_at_once = true;
    world.pass();
    assert_eq!(world.told(), ["unmark", "on", "change"]);
    assert!(!is_seen(&world), "who asked had not been told that it is on");

    remember(&mut world, false);
    world.fixture.is_tried_at_once = false;
    world.later(Duration::from_secs(30));
    assert!(world.told().is_empty() && !is_seen(&world));

    world.fixture.is_tried_at_once = true;
    world.later(Duration::from_secs(30));
    assert!(world.told().is_empty() && is_seen(&world));
}

#[test]
fn an_endpoint_that_lets_in_whoever_comes_is_switched_off_again_for_an_hour() {
    let mut world = leaving();
    world.is_unlocked = true;
    world.pass();
    let all = ["unmark", "on", "publish", "trying", "off", "publish", "locked"];
    assert_eq!(world.told(), all);
    assert!(!is_seen(&world));
    world.later(Duration::from_mins(50));
    assert!(world.told().is_empty() && world.state() == State::Locked);
    world.is_unlocked = false;
    world.later(Duration::from_mins(11));
    assert_eq!(world.told(), ["unmark", "on", "publish"]);
    assert!(is_seen(&world));
}

#[test]
fn what_is_set_back_after_the_mark_went_is_proven_again() {
    let mut world = leaving();
    for step in world.plan().ready {
        world.call(step.action);
    }
    assert_eq!(
        (world.told(), world.state()),
        (vec!["unmark".to_owned()], State::Off)
    );
    world.fixture.leave = None;
    world.later(Duration::from_secs(5));
    assert_eq!(world.told(), ["locked"]);
}

#[test]
fn nothing_is_begun_of_an_endpoint_that_is_on() {
    let mut world = World::open();
    world.fixture.leave = Some(false);
    world.pass();
    assert!(world.told().is_empty());
    world.fixture.leave = Some(true);
    world.later(Duration::from_mins(1));
    assert!(world.told().is_empty() && is_seen(&world));
}

#[test]
fn what_an_endpoint_that_is_off_may_say_does_not_show_that_it_is_on() {
    let desired = declared();
    assert!(desired.is_rest());
    for (answer, is_on) in [
        (Verdict::Reached { status: 200 }, true),
        (Verdict::Reached { status: 404 }, true),
        (Verdict::Reached { status: 403 }, false),
        (Verdict::EndpointOff { status: 403 }, false),
        (Verdict::NoRoute, false),
        (Verdict::KeyMissing { status: 403 }, false),
    ] {
        assert_eq!(shows_on(&desired, &answer), is_on, "{answer:?}");
    }
    let mut http = desired;
    http.gate.r#type = crate::api::OriginType::Http;
    assert!(!shows_on(&http, &Verdict::Reached { status: 404 }));
    assert!(!leaving().fixture.probes.contains_key(&Way::Next));
}

#[test]
fn beside_other_clusters_the_mark_says_that_it_may_be_on_before_it_is_switched_on() {
    let mut world = leaving();
    world.fixture.is_endpoint_shared = true;
    world.fixture.by_endpoint_off = vec!["a name of another cluster".to_owned()];
    world.pass();
    assert_eq!(
        (world.told(), world.state()),
        (vec!["free".to_owned()], State::Free)
    );
    world.later(Duration::from_secs(30));
    assert!(world.told().is_empty(), "it is said once");

    world.fixture.by_endpoint_off.clear();
    world.later(Duration::from_secs(30));
    assert_eq!(world.told(), ["on", "change"]);
    assert!(is_seen(&world) && world.state() == State::Free);
}

#[test]
fn a_deployment_that_is_another_by_now_is_said_anew() {
    let mut world = leaving();
    world.fixture.is_endpoint_shared = true;
    world.fixture.by_endpoint_off = vec!["a name of another cluster".to_owned()];
    world.call(mark(Mark::free("dep0", world.fixture.pass.at)));
    world.told();
    world.pass();
    assert_eq!(world.told(), ["free"]);
    assert!(endpoint_mark(&world).frees("dep1"));
}

#[test]
fn whoever_comes_back_or_loses_the_next_lock_takes_the_word_back_and_waits_until_nobody_acts_upon_it() {
    for (leave, is_undone) in [(None, false), (Some(false), true)] {
        let mut world = leaving();
        world.fixture.is_endpoint_shared = true;
        world.fixture.by_endpoint_off = vec!["a name of another cluster".to_owned()];
        world.pass();
        world.told();
        (world.fixture.leave, world.fixture.is_undone) = (leave, is_undone);
        world.later(Duration::from_secs(30));
        assert_eq!(
            (world.told(), world.state()),
            (vec!["returning".to_owned()], State::Returning)
        );
        world.later(Duration::from_mins(4));
        assert!(world.told().is_empty() && !is_locked(&world.fixture.inputs()));
        world.later(Duration::from_mins(2));
        assert_eq!(world.told(), ["unmark", "locked"]);
    }
}

#[test]
fn what_others_switched_on_meanwhile_is_no_lock_of_whoever_came_back() {
    let mut world = leaving();
    world.call(mark(Mark::new(Step::Returning, world.fixture.pass.at)));
    world.fixture.leave = None;
    world.fixture.endpoint_mut().is_off = false;
    world.is_off = false;
    world.told();
    world.later(Duration::from_mins(4));
    assert!(world.told().is_empty() && !is_locked(&world.fixture.inputs()));
    world.later(Duration::from_mins(2));
    // It is begun as ever.
    assert_eq!(world.told(), ["unmark", "trying", "off", "publish", "locked"]);
}

#[test]
fn a_next_lock_that_was_not_read_in_a_pass_is_not_taken_back() {
    let mut world = leaving();
    world.fixture.is_endpoint_shared = true;
    world.fixture.by_endpoint_off = vec!["a name of another cluster".to_owned()];
    world.pass();
    world.told();
    world.fixture.leave = Some(false);
    world.later(Duration::from_secs(30));
    assert!(world.told().is_empty() && world.state() == State::Free);
}

#[test]
fn a_switch_during_which_another_cluster_came_back_is_taken_back_by_the_same_pass() {
    let mut world = leaving();
    world.fixture.is_endpoint_shared = true;
    for word in ["free", "on"] {
        for step in world.plan().ready {
            world.call(step.action);
        }
        assert_eq!(world.told(), [word]);
    }
    // It is asked again before anything else.
    world.fixture.is_endpoint_asked = false;
    assert!(world.plan().reads.contains(&others_read()) && world.plan().ready.is_empty());
    world.fixture.is_endpoint_asked = true;
    world.fixture.by_endpoint_off = vec!["a name of another cluster".to_owned()];
    world.pass();
    assert_eq!(world.told(), ["off", "change"]);
    assert!(!is_seen(&world));
    // One that an earlier pass has told to be on is not: viewers may come by it.
    world.fixture.endpoint_mut().is_off = false;
    remember(&mut world, false);
    world.later(Duration::from_secs(30));
    assert!(world.told().is_empty());
}

/// A pass died after it had switched it on, and the lock of another cluster hangs on it again.
fn switched_on_and_died() -> World {
    let mut world = leaving();
    world.fixture.is_endpoint_shared = true;
    for _ in 0..2 {
        for step in world.plan().ready {
            world.call(step.action);
        }
    }
    assert_eq!(world.told(), ["free", "on"]);
    world.fixture.by_endpoint_off = vec!["a name of another cluster".to_owned()];
    world
}

#[test]
fn what_a_pass_has_switched_on_before_it_died_is_taken_back_by_the_next_one() {
    let mut world = switched_on_and_died();
    world.fixture.seen.comers = None;
    world.later(Duration::from_secs(30));
    assert!(world.plan().reads.contains(&comers_read()) && world.told().is_empty());
    world.fixture.seen.comers = Some(Comers::Known(vec![]));
    world.pass();
    assert_eq!(world.told(), ["off", "change"]);
    assert!(world.is_off && world.state() == State::Free);
    world.later(Duration::from_secs(30));
    assert!(world.told().is_empty());
}

#[test]
fn what_viewers_may_come_by_is_not_taken_back() {
    let comer = Comer {
        id: "E2".to_owned(),
        domain_name: "d2.cloudfront.net".to_owned(),
        aliases: vec![],
        path: Some(String::new()),
        made_for: None,
        arn: String::new(),
        keeper: Keeper::Team,
    };
    let mut of_others = switched_on_and_died();
    of_others.fixture.seen.comers = Some(Comers::Known(vec![comer]));
    let mut not_known = switched_on_and_died();
    not_known.fixture.seen.comers = Some(Comers::Unread {
        reason: Reason::EndpointSwitching,
        why: "a name of a third cluster says that it leaves the mode, too".to_owned(),
        needs_person: false,
    });
    let mut of_siblings = switched_on_and_died();
    of_siblings.fixture.by_default_endpoint = vec!["shop/orders (stage dev)".to_owned()];
    // A list may show the object's own distribution as it was before.
    let mut unread = switched_on_and_died();
    unread.fixture.is_distribution_read = false;
    let mut told = switched_on_and_died();
    remember(&mut told, false);
    for mut world in [of_others, not_known, of_siblings, unread, told] {
        world.later(Duration::from_secs(30));
        assert!(world.told().is_empty());
    }
}

#[test]
fn whoever_is_led_back_tells_others_of_the_deployment_that_locks_the_stage_by_now() {
    let mut world = leaving();
    world.call(mark(Mark::free("dep0", world.fixture.pass.at)));
    let told = told_anew(&world.fixture.inputs());
    let Some(Next::Act(step)) = told else {
        panic!("it is not told: {told:?}");
    };
    world.call(step.action);
    assert!(endpoint_mark(&world).frees("dep1"));
    assert_eq!(told_anew(&world.fixture.inputs()), None);
    // What does not stand is not told, and a mark that says something else is not made to say that.
    world.fixture.leave = Some(false);
    world.call(mark(Mark::free("dep0", world.fixture.pass.at)));
    assert_eq!(told_anew(&world.fixture.inputs()), None);
    world.fixture.leave = Some(true);
    world.call(mark(Mark::new(Step::Locked, world.fixture.pass.at)));
    assert_eq!(told_anew(&world.fixture.inputs()), None);
}

fn mark(mark: Mark) -> Action {
    Action::Mark {
        arn: String::new(),
        mark: Some(mark),
    }
}

fn endpoint_mark(world: &World) -> Mark {
    super::mark(&world.fixture.inputs()).unwrap()
}
