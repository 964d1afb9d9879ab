//! Health checks of Shield's: when one is associated, what it asks and what hinders it.

use super::shield::{ALL, COUNT, built, told};
use super::specs::{owner, wanted};
use super::world::World;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::kernel::planning::Kind;
use palisade::domain::kernel::reason::Reason;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::Plan;
use palisade::domain::shield::health_check::Health;
use palisade::domain::shield::protection::TAG_HEALTH_CHECK;

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
