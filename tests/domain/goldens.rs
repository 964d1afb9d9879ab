//! Pictures of what is decided. A difference is a decision: look at it, then `INSTA_UPDATE=always` takes it over.

use super::specs::{BASELINE, RICH, facts, owner, spec, wanted};
use super::world::World;
use palisade::domain::edge::distribution::caller_reference;
use palisade::domain::edge::document::new_config;
use palisade::domain::edge::xml::Element;
use palisade::domain::kernel::observing::Seen;
use palisade::domain::perimeter::desired::desired;
use palisade::domain::perimeter::observed::Observed;
use palisade::domain::perimeter::plan::plan;
use serde_json::Value;
use xmltree::EmitterConfig;

fn built(yaml: &str) -> World {
    let mut world = World::new(Observed::of(owner()));
    let plan = world.build(&wanted(yaml));
    assert!(plan.is_empty(), "{}", plan.to_yaml());
    world
}

fn document(element: &Element) -> String {
    let mut out = Vec::new();
    element
        .write_with_config(&mut out, EmitterConfig::new().perform_indent(true))
        .unwrap();
    String::from_utf8(out).unwrap()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

fn rules(world: &World) -> Value {
    world.observed.web_acl.present().unwrap().content.document["Rules"].clone()
}

fn config(world: &World, yaml: &str) -> String {
    let settings = world.observed.wanted_settings(&wanted(yaml)).unwrap();
    document(&new_config(&caller_reference(&owner(), 0), &settings))
}

#[test]
fn what_the_baseline_wants() {
    let world = built(BASELINE);
    insta::assert_yaml_snapshot!("baseline_desired", wanted(BASELINE));
    insta::assert_snapshot!("baseline_rules", pretty(&rules(&world)));
    insta::assert_snapshot!("baseline_distribution", config(&world, BASELINE));
}

#[test]
fn what_a_rich_spec_wants() {
    let world = built(RICH);
    insta::assert_yaml_snapshot!("rich_desired", wanted(RICH));
    insta::assert_snapshot!("rich_rules", pretty(&rules(&world)));
    insta::assert_snapshot!("rich_distribution", config(&world, RICH));
    insta::assert_snapshot!(
        "rich_logging",
        pretty(&world.observed.logging.present().unwrap().document)
    );
}

#[test]
fn what_an_http_or_websocket_api_wants_of_its_role() {
    let mut spec = spec(BASELINE);
    spec.origin.r#type = palisade::api::OriginType::WebSocket;
    let desired = desired(&spec, &facts(&owner(), "code")).unwrap();
    insta::assert_snapshot!("websocket_policy", pretty(&desired.role.policy));
}

#[test]
fn the_plan_of_an_empty_account() {
    insta::assert_snapshot!(
        "plan_of_an_empty_account",
        plan(&wanted(RICH), &Observed::of(owner())).to_yaml()
    );
}

/// Every step, from the first to the last.
#[test]
fn the_steps_of_a_creation() {
    let steps: Vec<_> = built(RICH)
        .done
        .iter()
        .map(|step| format!("{:?} {} {}", step.verb, step.id.key(), step.name))
        .collect();
    insta::assert_yaml_snapshot!("steps_of_a_creation", steps);
}

#[test]
fn the_plan_of_a_change_names_the_fields() {
    let world = built(BASELINE);
    let mut desired = wanted(
        "distribution: {priceClass: PriceClass_100}\nwebAcl: {rateLimits: [{name: per-ip, limit: 10}]}",
    );
    desired.function.code_sha256 = "code-2".into();
    insta::assert_snapshot!("plan_of_a_change", plan(&desired, &world.observed).to_yaml());
}

#[test]
fn the_plan_of_drift_names_the_fields() {
    let mut world = built(RICH);
    if let Seen::Present(role) = &mut world.observed.role {
        role.trust = serde_json::json!({"Statement": []});
    }
    if let Seen::Present(acl) = &mut world.observed.web_acl {
        acl.content.document["Rules"].as_array_mut().unwrap().remove(0);
        acl.content.entity.lock_token = "theirs".into();
    }
    if let Seen::Present(found) = &mut world.observed.distribution {
        found.tags.remove("team");
    }
    insta::assert_snapshot!("plan_of_drift", plan(&wanted(RICH), &world.observed).to_yaml());
}

#[test]
fn the_plan_of_what_was_only_listed_and_is_as_it_was_is_empty() {
    let mut world = built(RICH);
    world.forget(&wanted(RICH));
    let plan = plan(&wanted(RICH), &world.observed);
    assert!(plan.is_empty(), "{}", plan.to_yaml());
}
