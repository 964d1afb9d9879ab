//! What Shield Advanced is asked for, and when its response may block.

use super::specs::{BASELINE, owner, spec, wanted};
use super::world::{World, first_status};
use super::world_shield::is_shields;
use jiff::{SignedDuration, Timestamp};
use palisade::domain::edge::xml;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::perimeter::observed::{Observed, Outputs};
use palisade::domain::perimeter::plan::{Action, plan};
use palisade::domain::perimeter::teardown::{Lists, teardown};
use palisade::domain::shield::automatic_response::{Response, TAG_COUNT_SINCE, Wanted, since, stamp};
use palisade::domain::shield::protection::{self};
use palisade::domain::tenancy::permissions::{ALLOWED_APIS, Namespace, Tenancy, permit};
use proptest::prelude::*;
use std::collections::BTreeMap;

pub const COUNT: &str = "shield: {automaticResponse: {action: Count, promoteAfter: 720h}}";
pub const ALL: &str = "shield: {automaticResponse: {promoteAfter: 720h}, healthCheck: {path: /prod/pets}, ddosAlarm: {snsTopicArn: 'arn:aws:sns:us-east-1:123456789012:attacks'}}";

pub fn built(yaml: &str) -> World {
    let mut world = World::subscribed(Observed::of(owner()));
    let plan = world.build(&wanted(yaml));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    world
}

/// The steps since `from`, in words.
pub fn told(world: &World, from: usize) -> Vec<String> {
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
    world.observed.shield.settled = true;
    let plan = world.build(&wanted(BASELINE));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    insta::assert_yaml_snapshot!("steps_of_taking_a_protection_back", told(&world, before));
}

#[test]
fn the_mark_of_shield_goes_once_lists_that_must_show_all_show_nothing() {
    let mut world = built(ALL);
    let is_marked_after = |world: &mut World| {
        let plan = world.build(&wanted(BASELINE));
        assert!(plan.is_empty(), "{}", plan.to_yaml());
        world.observed.is_marked_for_shield()
    };
    assert!(is_marked_after(&mut world), "a list may lack what was made last");
    world.observed.shield.settled = true;
    world.observed.shield.has_more_checks = true;
    assert!(is_marked_after(&mut world), "another health check is left");
    world.observed.shield.has_more_checks = false;
    assert!(!is_marked_after(&mut world));
}

#[test]
fn a_distribution_does_not_vanish_before_lists_must_show_its_health_check() {
    let mut world = built(ALL);
    let torn =
        |lists: Lists| move |observed: &Observed| teardown(&owner(), observed, lists, "2026-01-02T00:00:00Z");
    // The process that made it died.
    world.observed.shield.own_check = Seen::Listed(None);
    world.observed.outputs = Outputs::default();
    world.observed.pass.recorded.clear();
    for _ in 0..2 {
        world.run(torn(Lists::default()));
        if let Seen::Present(found) = &mut world.observed.distribution {
            found.content.status = "Deployed".into();
        }
    }
    assert!(world.observed.distribution.present().is_some());
    let settled = Lists {
        settled: true,
        ..Lists::default()
    };
    world.observed.shield.own_check = Seen::Absent;
    world.run(torn(settled));
    assert!(world.observed.distribution.present().is_none());
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
