//! What Shield Advanced is asked for, and when its response may block.

use super::specs::{BASELINE, owner, spec, wanted};
use super::world::{World, first_status};
use super::world_shield::is_shields;
use jiff::{SignedDuration, Timestamp};
use palisade::domain::edge::xml;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::{Action, Plan, plan};
use palisade::domain::perimeter::teardown::{Lists, teardown};
use palisade::domain::shield::automatic_response::{Response, TAG_COUNT_SINCE, Wanted, since, stamp};
use palisade::domain::shield::health_check::Health;
use palisade::domain::shield::protection::{self, TAG_HEALTH_CHECK};
use palisade::domain::tenancy::permissions::{ALLOWED_APIS, Namespace, Tenancy, permit};
use proptest::prelude::*;
use std::collections::BTreeMap;

const COUNT: &str = "shield: {automaticResponse: {action: Count, promoteAfter: 720h}}";
const ALL: &str = "shield: {automaticResponse: {promoteAfter: 720h}, healthCheck: {path: /prod/pets}, ddosAlarm: {snsTopicArn: 'arn:aws:sns:us-east-1:123456789012:attacks'}}";

fn built(yaml: &str) -> World {
    let mut world = World::subscribed(Observed::of(owner()));
    let plan = world.build(&wanted(yaml));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    world
}

/// The steps since `from`, in words.
fn told(world: &World, from: usize) -> Vec<String> {
    let steps = world.done[from..].iter();
    steps
        .map(|step| {
            let action = match &step.action {
                Action::Protection(action) => format!("{action:?}"),
                Action::HealthCheck(action) => format!("{action:?}"),
                Action::Alarm(action) => format!("{action:?}"),
                action => format!("{action:?}"),
            };
            let action = action.split([' ', '(']).next().unwrap().to_owned();
            format!("{} {action}", step.id.key())
        })
        .collect()
}

fn later(world: &mut World, hours: i64) {
    world.observed.pass.at += SignedDuration::from_hours(hours);
    world.observed.shield.switched = false;
}

fn response(world: &World) -> Response {
    world.protection().content.response
}

fn clock(world: &World) -> Option<String> {
    world.protection().tags.get(TAG_COUNT_SINCE).cloned()
}

#[test]
fn the_steps_of_a_protection() {
    let mut world = built(BASELINE);
    let before = world.done.len();
    let plan = world.build(&wanted(ALL));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    insta::assert_yaml_snapshot!("steps_of_a_protection", told(&world, before));
}

#[test]
fn the_steps_of_taking_a_protection_back() {
    let mut world = built(ALL);
    let before = world.done.len();
    let plan = world.build(&wanted(BASELINE));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    insta::assert_yaml_snapshot!("steps_of_taking_a_protection_back", told(&world, before));
}

#[test]
fn the_steps_of_a_teardown_with_shield() {
    let mut world = built(ALL);
    let before = world.done.len();
    let lists = Lists {
        settled: true,
        lasting: std::time::Duration::ZERO,
    };
    let torn = |observed: &Observed| teardown(&owner(), observed, lists, "2026-01-02T00:00:00Z");
    for _ in 0..2 {
        world.run(torn);
        if let Seen::Present(found) = &mut world.observed.distribution {
            found.content.status = "Deployed".into();
        }
    }
    insta::assert_yaml_snapshot!("steps_of_a_teardown_with_shield", told(&world, before));
}

#[test]
fn without_the_field_nothing_of_shield_is_asked_for_or_touched() {
    let world = built(BASELINE);
    let of_shield = [Kind::HealthCheck, Kind::Protection, Kind::Alarm];
    assert!(world.done.iter().all(|step| !of_shield.contains(&step.id.kind)));
    let mut foreign = built(COUNT).observed;
    foreign.shield.protection = Seen::Present(protection::Observed {
        tags: [].into(),
        ..foreign.shield.protection.present().unwrap().clone()
    });
    let plan = plan(&wanted(BASELINE), &foreign);
    assert!(!plan.concerns(Kind::Protection), "{}", plan.to_yaml());
}

#[test]
fn without_a_subscription_nothing_is_made() {
    let mut world = World::new(Observed::of(owner()));
    world.observed.shield.subscribed = Some(false);
    let plan = world.build(&wanted(ALL));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert!(world.done.iter().all(|step| step.id.kind != Kind::Protection));
}

#[test]
fn the_clock_is_set_before_the_response_is_switched_on() {
    let world = built(COUNT);
    let steps = told(&world, 0);
    let at = |step: &str| steps.iter().position(|found| found == step).unwrap();
    // It is among the tags of the creation.
    assert!(at("protection Create") < at("protection Enable"));
    assert!(clock(&world).unwrap().starts_with("2026-01-01T00:00:00Z "));
    assert_eq!(response(&world), Response::Count);
}

#[test]
fn count_becomes_block_after_the_declared_time_and_not_before() {
    let mut world = built(COUNT);
    later(&mut world, 719);
    world.build(&wanted(COUNT));
    assert_eq!(response(&world), Response::Count);
    let before = clock(&world);
    later(&mut world, 1);
    let from = world.done.len();
    world.build(&wanted(COUNT));
    assert_eq!(response(&world), Response::Block);
    assert_eq!(told(&world, from), ["protection Change"]);
    assert_eq!(clock(&world), before, "the clock is the proof of the baseline");
}

#[test]
fn a_response_without_a_promotion_counts_for_good() {
    let yaml = "shield: {automaticResponse: {}}";
    let mut world = built(yaml);
    later(&mut world, 9_999);
    assert!(world.build(&wanted(yaml)).is_empty());
    assert_eq!(response(&world), Response::Count);
}

#[test]
fn a_clock_that_is_missing_unreadable_or_ahead_is_set_to_now() {
    for value in [
        None,
        Some("soon"),
        Some("2026-01-01T00:00:00Z"),
        Some("2030-01-01T00:00:00Z 0123456789abcdef"),
    ] {
        let mut world = built(COUNT);
        later(&mut world, 10_000);
        let tags = &mut world.protection_mut().tags;
        tags.remove(TAG_COUNT_SINCE);
        tags.extend(value.map(|value| (TAG_COUNT_SINCE.to_owned(), value.to_owned())));
        world.build(&wanted(COUNT));
        assert_eq!(response(&world), Response::Count, "{value:?}");
        assert!(
            clock(&world).unwrap().starts_with("2027-02-"),
            "{:?}",
            clock(&world)
        );
    }
}

#[test]
fn editing_the_declared_response_undoes_a_promotion() {
    let mut world = built(COUNT);
    later(&mut world, 720);
    world.build(&wanted(COUNT));
    assert_eq!(response(&world), Response::Block);
    let edited = COUNT.replace("720h", "700h");
    world.build(&wanted(&edited));
    assert_eq!(response(&world), Response::Count);
    later(&mut world, 699);
    world.build(&wanted(&edited));
    assert_eq!(response(&world), Response::Count);
}

#[test]
fn another_web_acl_begins_a_new_baseline() {
    let mut world = built(COUNT);
    later(&mut world, 720);
    if let Seen::Present(acl) = &mut world.observed.web_acl {
        acl.content.entity.arn.push_str("-anew");
    }
    let arn = world
        .observed
        .web_acl
        .present()
        .unwrap()
        .content
        .entity
        .arn
        .clone();
    if let Seen::Present(found) = &mut world.observed.distribution {
        xml::put(&mut found.content.config, xml::text("WebACLId", arn), &[]);
    }
    world.build(&wanted(COUNT));
    assert_eq!(response(&world), Response::Count);
}

#[test]
fn a_response_that_somebody_promoted_too_early_counts_again_from_now() {
    let mut world = built(COUNT);
    later(&mut world, 100);
    world.protection_mut().content.response = Response::Block;
    let from = world.done.len();
    world.build(&wanted(COUNT));
    assert_eq!(told(&world, from), ["protection Tag", "protection Change"]);
    assert_eq!(response(&world), Response::Count);
}

#[test]
fn a_response_that_somebody_switched_off_is_on_again_with_a_new_clock() {
    let mut world = built(COUNT);
    later(&mut world, 719);
    world.protection_mut().content.response = Response::Off;
    world.shield_rules().retain(|rule| !is_shields(rule));
    world.build(&wanted(COUNT));
    later(&mut world, 1);
    world.build(&wanted(COUNT));
    assert_eq!(response(&world), Response::Count);
}

#[test]
fn shields_rule_is_missed_and_brought_back() {
    let mut world = built(COUNT);
    later(&mut world, 1);
    let (before, from) = (clock(&world), world.done.len());
    world.shield_rules().retain(|rule| !is_shields(rule));
    world.build(&wanted(COUNT));
    assert_eq!(told(&world, from), ["protection Reinstate"]);
    assert_eq!(clock(&world), before);
    assert_eq!(
        world
            .shield_rules()
            .iter()
            .filter(|rule| is_shields(rule))
            .count(),
        1
    );
}

#[test]
fn a_health_check_is_associated_only_once_it_is_healthy() {
    let mut world = built(ALL);
    let id = world.protection().content.health_checks.first().unwrap().clone();
    world.protection_mut().content.health_checks.clear();
    if let Seen::Present(found) = &mut world.observed.shield.own_check {
        found.health = Health::Unhealthy("Failure: HTTP Status Code 403".into());
    }
    let plan = world.build(&wanted(ALL));
    let wait = &plan.waits[0];
    assert_eq!(wait.reason, Reason::HealthCheckUnhealthy);
    assert!(wait.message.contains("HTTP Status Code 403"), "{}", wait.message);
    if let Seen::Present(found) = &mut world.observed.shield.own_check {
        found.health = Health::Healthy;
    }
    world.build(&wanted(ALL));
    assert!(world.protection().content.health_checks.contains(&id));
}

#[test]
fn associations_of_others_are_left_alone() {
    let mut world = built(ALL);
    world
        .protection_mut()
        .content
        .health_checks
        .insert("theirs".into());
    world.build(&wanted(COUNT));
    let left: Vec<_> = world.protection().content.health_checks.iter().collect();
    assert_eq!(left, ["theirs"]);
    assert!(!world.protection().tags.contains_key(TAG_HEALTH_CHECK));
}

#[test]
fn another_interval_takes_another_health_check() {
    let mut world = built(ALL);
    let old = world.protection().content.health_checks.clone();
    let plan = world.build(&wanted(&ALL.replace("/prod/pets", "/prod/pets, interval: 10s")));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    let new = &world.protection().content.health_checks;
    assert_eq!((new.len(), new == &old), (1, false));
}

#[test]
fn a_health_check_gets_its_tags_back_before_its_settings_are_put_right() {
    let mut world = built(ALL);
    let Seen::Present(check) = &mut world.observed.shield.own_check else {
        panic!("no health check");
    };
    check.tags.clear();
    check.content.settings.failure_threshold += 1;
    check.content.version += 1;
    let from = world.done.len();
    let plan = world.build(&wanted(ALL));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    assert_eq!(told(&world, from), ["healthCheck Tag", "healthCheck Update"]);
}

#[test]
fn countries_that_refuse_route_53s_checkers_are_named_and_no_check_is_made() {
    let blocked = |geo: &str| {
        let mut world = World::subscribed(Observed::of(owner()));
        let plan: Plan = world.build(&wanted(&format!(
            "distribution: {{geoRestriction: {geo}}}\n{ALL}"
        )));
        let is_made = world.done.iter().any(|step| step.id.kind == Kind::HealthCheck);
        (plan.problems.first().map(|problem| problem.reason), is_made)
    };
    assert_eq!(
        blocked("{allow: [SE]}"),
        (Some(Reason::HealthCheckersBlocked), false)
    );
    assert_eq!(
        blocked("{allow: [SE, IE]}"),
        (Some(Reason::HealthCheckersBlocked), false)
    );
    assert_eq!(blocked("{allow: [SE, US]}"), (None, true));
    assert_eq!(blocked("{block: [US]}"), (None, true));
}

#[test]
fn a_health_check_asks_by_the_alias_that_probes_ask_by() {
    const CERTIFICATE: &str =
        "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555";
    let names = format!("distribution: {{aliases: [api.example.com], certificateArn: '{CERTIFICATE}'}}");
    let asked = |access: &str| {
        let world = built(&format!("{names}\n{access}\n{ALL}"));
        let Seen::Present(check) = &world.observed.shield.own_check else {
            panic!("no health check");
        };
        (check.content.settings.domain.clone(), check.content.settings.sni)
    };
    let by_alias = "access: {probe: {host: api.example.com}}";
    assert_eq!(asked(by_alias), ("api.example.com".to_owned(), true));
    assert_eq!(asked(""), ("d1.cloudfront.net".to_owned(), true));
    // The same check is put right when the name is declared later.
    let mut world = built(&format!("{names}\n{ALL}"));
    let before = world.done.len();
    world.build(&wanted(&format!("{names}\n{by_alias}\n{ALL}")));
    assert!(told(&world, before).contains(&"healthCheck Update".to_owned()));
}

#[test]
fn a_response_without_a_rate_limit_is_taken_and_told() {
    let reasons = |yaml: &str| {
        let desired = wanted(yaml);
        let world = built(yaml);
        let notes = first_status(&desired, &world.observed).notes.into_iter();
        notes.map(|note| note.reason).collect::<Vec<_>>()
    };
    assert_eq!(
        reasons(&format!("webAcl: {{rateLimits: []}}\n{COUNT}")),
        ["NoRateLimit"]
    );
    assert_eq!(reasons(COUNT), [""; 0]);
    assert_eq!(reasons("webAcl: {rateLimits: []}"), [""; 0]);
    let own = "webAcl: {rateLimits: [], rules: [{Name: mine, Statement: {RateBasedStatement: \
               {Limit: 100, AggregateKeyType: IP}}, Action: {Block: {}}}]}";
    assert_eq!(reasons(&format!("{own}\n{COUNT}")), [""; 0]);
}

#[test]
fn what_a_namespace_may_name_is_asked_of_its_annotations() {
    let annotations = BTreeMap::from([(ALLOWED_APIS.to_owned(), "*".to_owned())]);
    for (yaml, field) in [
        (ALL, "spec.shield.ddosAlarm.snsTopicArn"),
        (
            "shield: {healthCheck: {id: 0f1e2d3c-0000-4000-8000-000000000000}}",
            "spec.shield.healthCheck.id",
        ),
    ] {
        let namespace = Namespace {
            name: "shop",
            annotations: &annotations,
        };
        let refusal = permit(Tenancy::Enforced, &spec(yaml), namespace).unwrap_err();
        assert!(refusal.message.starts_with(field), "{}", refusal.message);
    }
}

fn at(hours: i64) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the tag says, and whatever is declared: from the moment that Count began, Block is a day away at least.
    #[test]
    fn no_promotion_is_early(
        hours in prop::option::of(0_i64..2_000),
        began in 0_i64..2_000,
        waited in 0_i64..4_000,
        tag in prop_oneof![Just(None), "[ -~]{0,30}".prop_map(Some)],
    ) {
        let wanted = Wanted { action: palisade::api::ResponseAction::Count, promote_after: hours };
        let basis = wanted.basis("acl");
        let now = at(began + waited);
        let (key, value) = stamp(&basis, at(began));
        let tags = [(key.clone(), value)].into();
        let is_due = wanted.due(since(&tags, &basis, now), now) == Response::Block;
        prop_assert_eq!(is_due, hours.is_some_and(|hours| waited >= hours.max(24)));
        // Another declaration or web ACL, and a time ahead, count for nothing.
        prop_assert_eq!(since(&tags, &wanted.basis("another"), now), None);
        prop_assert_eq!(since(&tags, &basis, at(began - 1)), None);
        let foreign = tag.map(|tag| [(key, tag)].into()).unwrap_or_default();
        prop_assert_eq!(wanted.due(since(&foreign, &basis, now), now), Response::Count);
    }
}
