use super::world_fixtures::{IN, REFUSED, World};
use super::*;
use crate::domain::access::probe::Verdict;
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::object_fixtures::{ARN, Fixture, at};
use std::time::Duration;

fn reasons(plan: &Plan<Action, Probe>) -> Vec<Reason> {
    plan.problems.iter().map(|problem| problem.reason).collect()
}

#[test]
fn it_is_marked_switched_off_published_proven_and_marked() {
    let mut world = World::open();
    let plan = world.pass();
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);
    assert!(is_locked(&world.fixture.inputs()));
}

#[test]
fn a_stage_that_deploys_by_itself_is_not_touched() {
    let mut world = World::open();
    world.fixture.endpoint_mut().auto_deploy = true;
    world.is_off = true;
    world.pass();
    assert_eq!(world.told(), ["trying", "off", "locked"]);
}

#[test]
fn nothing_is_switched_while_a_viewer_does_not_get_in() {
    let mut world = World::open();
    world.viewer = REFUSED;
    let plan = world.pass();
    assert!(world.told().is_empty());
    assert_eq!(reasons(&plan), [Reason::ClientCertificateRefused]);
}

#[test]
fn nothing_is_switched_before_cloudfront_shows_the_certificate_everywhere() {
    let mut deploying = World::open();
    deploying.fixture.distribution.is_deployed = false;
    let mut shows_none = World::open();
    shows_none.fixture.distribution.shows = Some(None);
    let mut elsewhere = World::open();
    elsewhere.fixture.distribution.origin = Some("a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".into());
    let mut unfinished = World::open();
    unfinished.fixture.domain_mut().content.status = "UPDATING".into();
    for mut world in [deploying, shows_none, elsewhere, unfinished] {
        let plan = world.pass();
        assert!(world.told().is_empty());
        assert_eq!(plan.blocked.len(), 1);
    }
}

#[test]
fn nothing_is_switched_while_viewers_of_another_stages_object_may_come_by_it() {
    let mut world = World::open();
    world.fixture.desired.for_all_stages = true;
    world.fixture.by_default_endpoint = vec!["shop/orders (stage beta)".to_owned()];
    let plan = world.pass();
    assert!(world.told().is_empty());
    assert_eq!(plan.waits.len(), 1, "{plan:?}");
    assert!(plan.waits[0].message.contains("shop/orders (stage beta)"));
    world.fixture.by_default_endpoint.clear();
    world.pass();
    assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);

    // What is off already is taken from nobody.
    let mut off = World::new(Fixture::ready().with_endpoint(true));
    off.fixture.by_default_endpoint = vec!["shop/orders (stage beta)".to_owned()];
    off.is_off = true;
    off.pass();
    assert_eq!(off.told(), ["locked"]);
}

#[test]
fn under_observe_it_is_never_switched_and_what_was_begun_is_undone() {
    let mut world = World::open();
    world.fixture.desired.enforcement = Enforcement::Observe;
    world.pass();
    assert!(world.told().is_empty());

    let trying = Fixture::ready()
        .with_endpoint(true)
        .with_mark(&Mark::new(Step::Trying, at(0)));
    let mut world = World::new(trying);
    world.fixture.desired.enforcement = Enforcement::Observe;
    world.pass();
    assert_eq!(world.told(), ["on", "change", "unmark"]);

    let mut world = World::locked();
    world.fixture.desired.enforcement = Enforcement::Observe;
    world.pass();
    assert!(world.told().is_empty(), "what is locked stays locked");
}

#[test]
fn a_switch_without_effect_is_published_again_after_a_minute_and_told_after_five() {
    let mut world = World::open();
    world.takes_effect = false;
    let plan = world.pass();
    assert_eq!(world.told(), ["trying", "off", "publish"]);
    assert_eq!(plan.waits.len(), 1);
    world.later(Duration::from_secs(20));
    assert!(world.told().is_empty());
    world.later(Duration::from_secs(45));
    assert_eq!(world.told(), ["change"]);
    let plan = world.later(Duration::from_mins(5));
    assert_eq!(reasons(&plan), [Reason::DirectAccessOpen]);
    world.takes_effect = true;
    world.later(Duration::from_mins(1));
    assert_eq!(world.told(), ["change", "change", "locked"]);
}

#[test]
fn viewers_who_are_refused_have_it_back_and_the_next_attempt_waits() {
    let mut world = World::open();
    world.fixture.is_probe_due = true;
    world.takes_effect = false;
    world.pass();
    world.told();
    world.takes_effect = true;
    world.viewer = Verdict::EdgeFailed {
        status: 502,
        said: "OriginError".into(),
    };
    let plan = world.later(Duration::from_secs(15));
    assert_eq!(world.told(), ["refused", "on", "change", "back"]);
    assert_eq!(reasons(&plan), [Reason::ClientCertificateRefused]);
    world.viewer = IN;
    world.later(Duration::from_secs(50));
    assert!(world.told().is_empty());
    world.later(Duration::from_secs(15));
    assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);
}

#[test]
fn a_viewer_who_is_refused_for_a_moment_changes_nothing() {
    let trying = Fixture::ready()
        .with_endpoint(true)
        .with_mark(&Mark::new(Step::Trying, at(0)));
    let mut world = World::new(trying);
    world.viewer = REFUSED;
    let plan = world.pass();
    assert_eq!(world.told(), ["publish"]);
    assert_eq!(plan.waits.len(), 1);
    world.viewer = IN;
    world.later(Duration::from_secs(5));
    assert_eq!(world.told(), ["locked"]);
}

#[test]
fn a_person_who_asks_for_a_look_has_it_tried_at_once() {
    let mark = Mark {
        count: 5,
        ..Mark::new(Step::Back, at(0))
    };
    let mut world = World::new(Fixture::ready().with_endpoint(false).with_mark(&mark));
    world.pass();
    assert!(world.told().is_empty());
    world.fixture.is_tried_at_once = true;
    world.pass();
    assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);
}

#[test]
fn a_refusal_is_put_back_whatever_else_is_missing() {
    let mark = Mark {
        count: 1,
        ..Mark::new(Step::Refused, at(0))
    };
    let mut world = World::new(Fixture::ready().with_endpoint(true).with_mark(&mark));
    world.fixture.distribution = crate::domain::mutual_tls::inputs::Distribution::default();
    world.fixture.domain_mut().content.status = "FAILED".into();
    world.fixture.asked = None;
    world.fixture.probes.insert(Way::Viewer, REFUSED);
    let inputs = world.fixture.inputs();
    let mut plan: Plan<Action, Probe> = Plan::default();
    next_all(&inputs, &mut plan, &mut |_, _| {});
    let actions: Vec<&Action> = plan.ready.iter().map(|step| &step.action).collect();
    assert_eq!(actions, [&Action::Switch { off: false }]);
}

#[test]
fn a_crash_at_any_call_is_gone_on_with() {
    for steps in 0..4 {
        let mut world = World::open();
        world.fixture.probes.insert(Way::Viewer, IN);
        for _ in 0..steps {
            let plan = world.plan();
            for probe in &plan.probes {
                let answer = world.answer(probe.way);
                world.fixture.probes.insert(probe.way, answer);
            }
            let plan = if plan.probes.is_empty() {
                plan
            } else {
                world.plan()
            };
            let step = plan.ready.into_iter().next().unwrap();
            world.call(step.action);
        }
        world.later(Duration::from_secs(30));
        world.later(Duration::from_secs(45));
        assert_eq!(world.state(), State::Locked, "after {steps} calls");
        assert!(world.is_off);
    }
}

#[test]
fn somebody_who_switches_it_on_again_has_it_off_at_once_and_the_fourth_time_is_contested() {
    let mut world = World::locked();
    let open_again = |world: &mut World| {
        world.fixture.endpoint_mut().is_off = false;
        world.is_off = false;
        world.later(Duration::from_mins(10))
    };
    for _ in 0..3 {
        let plan = open_again(&mut world);
        assert!(plan.is_empty(), "{plan:?}");
        assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);
    }
    let plan = open_again(&mut world);
    assert!(world.told().is_empty());
    assert_eq!(reasons(&plan), [Reason::ContestedByOtherTool]);
    assert!(
        plan.problems[0]
            .message
            .contains("disable_execute_api_endpoint = true")
    );
    world.later(Duration::from_mins(51));
    assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);
}

#[test]
fn an_endpoint_that_is_off_already_is_proven_and_never_switched_on() {
    let mut world = World::new(Fixture::ready().with_endpoint(true));
    world.is_off = true;
    world.viewer = REFUSED;
    world.pass();
    assert!(world.told().is_empty());
    world.viewer = IN;
    world.later(Duration::from_secs(30));
    assert_eq!(world.told(), ["locked"]);
}

#[test]
fn without_probes_what_was_read_counts() {
    let mut world = World::open();
    world.fixture.desired.probes = false;
    world.pass();
    // Nothing would show whether a stage that is given what it has makes the switch effective.
    assert_eq!(world.told(), ["trying", "off", "change", "locked"]);
}

#[test]
fn a_mark_from_the_future_counts_from_now() {
    let mark = Mark {
        count: 1,
        ..Mark::new(Step::Back, at(365))
    };
    let mut world = World::new(Fixture::ready().with_endpoint(false).with_mark(&mark));
    world.pass();
    assert_eq!(world.told(), ["back"]);
    world.later(Duration::from_secs(61));
    assert_eq!(world.told(), ["trying", "off", "publish", "locked"]);
}

#[test]
fn nothing_is_switched_where_nothing_is_deployed() {
    let mut world = World::open();
    world.fixture.endpoint_mut().deployment = None;
    let plan = world.pass();
    assert!(world.told().is_empty());
    assert_eq!(reasons(&plan), [Reason::StageNotDeployed]);
}

#[test]
fn an_origin_that_lets_in_without_a_certificate_is_told() {
    let mut world = World::locked();
    world
        .fixture
        .probes
        .insert(Way::Origin, Verdict::Reached { status: 200 });
    let plan = world.plan();
    assert_eq!(reasons(&plan), [Reason::DirectAccessOpen]);
}

#[test]
fn what_was_verified_is_not_read_until_it_is_due_or_a_probe_says_otherwise() {
    let mark = Mark::new(Step::Locked, at(-1));
    let mut fixture = Fixture::new()
        .with_row(ARN, at(-10), at(110))
        .with_verified_domain("v1")
        .with_distribution(ARN);
    if let Seen::Listed(Some(row)) = &mut fixture.seen.domain {
        let tags = row.tags.get_or_insert_default();
        tags.insert(TAG_LOCK.to_owned(), mark.tag());
    }
    let found = Observed {
        is_off: true,
        deployment: Some("dep1".into()),
        auto_deploy: false,
        stages: vec![],
        description: String::new(),
        security_policy: None,
        endpoint_access_mode: None,
        published_at: None,
        switched_off: None,
        rests: false,
    };
    let line = crate::domain::kernel::observing::record(&hash_of(&fixture.desired), &found);
    fixture.pass.recorded.insert(id().key(), line);
    let remembered = fixture.remembered.get_or_insert_default();
    remembered.default_endpoint_off = true;
    let mut world = World::new(fixture);
    assert!(world.plan().is_empty());
    assert!(is_locked(&world.fixture.inputs()));

    world.fixture.probes.insert(Way::Direct, IN);
    assert_eq!(world.plan().reads, [id()]);
    assert!(!is_locked(&world.fixture.inputs()));

    world.fixture.probes.clear();
    world.fixture.is_read_due = true;
    assert_eq!(world.plan().reads, [id()]);
}

#[test]
fn what_was_switched_on_while_it_was_only_observed_is_no_contest() {
    let mut world = World::locked();
    for _ in 0..5 {
        let found = world.fixture.endpoint_mut();
        found.is_off = false;
        let found = found.clone();
        world.is_off = false;
        let observed = Desired {
            enforcement: Enforcement::Observe,
            ..world.fixture.desired.clone()
        };
        let line = crate::domain::kernel::observing::record(&hash_of(&observed), &found);
        world.fixture.pass.recorded.insert(id().key(), line);
        world.later(Duration::from_mins(5));
        assert!(is_locked(&world.fixture.inputs()));
    }
    assert_eq!(mark(&world.fixture.inputs()).unwrap().reopened, 0);
}

#[test]
fn due_probes_go_all_ways() {
    let mut world = World::locked();
    world.fixture.probes.clear();
    world.fixture.is_probe_due = true;
    let ways: Vec<Way> = world.plan().probes.iter().map(|probe| probe.way).collect();
    assert_eq!(
        ways,
        [Way::Direct, Way::Viewer, Way::Origin, Way::Stranger, Way::Fronted]
    );
}

#[test]
fn while_the_domain_name_is_changed_probes_tell_what_serves() {
    let mut world = World::locked();
    world.fixture.probes.clear();
    assert!(world.plan().probes.is_empty());
    world.fixture.domain_mut().content.status = "UPDATING".into();
    let ways: Vec<Way> = world.plan().probes.iter().map(|probe| probe.way).collect();
    assert_eq!(
        ways,
        [Way::Direct, Way::Viewer, Way::Origin, Way::Stranger, Way::Fronted]
    );
}

#[test]
fn while_other_parts_are_missing_it_is_read_once() {
    let mut fixture = Fixture::new()
        .with_row(ARN, at(-10), at(110))
        .with_verified_domain("v1")
        .with_distribution(ARN);
    fixture.distribution.is_deployed = false;
    let found = Fixture::new().with_endpoint(false).endpoint_mut().clone();
    let mut world = World::new(fixture);
    assert_eq!(world.plan().reads, [id()]);

    let hash = awaiting_hash_of(&world.fixture.desired);
    let line = crate::domain::kernel::observing::record(&hash, &found);
    world.fixture.pass.recorded.insert(id().key(), line);
    let plan = world.plan();
    assert!(plan.reads.is_empty());
    assert_eq!(plan.blocked.len(), 1);

    world.fixture.is_read_due = true;
    assert_eq!(world.plan().reads, [id()]);
    world.fixture.is_read_due = false;
    world.fixture.distribution.is_deployed = true;
    assert_eq!(world.plan().reads, [id()]);
}
