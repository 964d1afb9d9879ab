//! `PerimeterPlan` as a real API server takes it.

use super::{creation, kubernetes, petstore_with, refusals, schema};
use crate::petstore::petstore;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};

fn plan(name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterPlan", "metadata": {"name": name}, "spec": spec})
}

/// A plan for this perimeter.
fn of(perimeter: &Value) -> Value {
    json!({"objectName": "petstore", "perimeter": perimeter})
}

/// A plan for petstore, with another field beside it.
fn with(field: &str, value: &str) -> Value {
    let mut spec = of(&petstore()["spec"]);
    spec[field] = value.into();
    spec
}

/// A plan of what stands already.
fn adopting(standing: &Value) -> Value {
    json!({"objectName": "petstore", "adopt": standing})
}

/// A plan of a perimeter and of what stands already.
fn with_both() -> Value {
    let mut spec = of(&petstore()["spec"]);
    spec["adopt"] = json!({"distributionId": "E1ABCDEF2GHIJK"});
    spec
}

async fn plans() -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "PerimeterPlan");
    Api::namespaced_with(
        kubernetes::client().await,
        "default",
        &ApiResource::from_gvk(&kind),
    )
}

#[tokio::test]
async fn a_wrong_plan_is_refused_as_its_object_would_be() {
    let api = plans().await;
    let mut surprises = Vec::new();
    let mut said = String::new();
    let of_perimeters = refusals::refused().into_iter();
    let of_perimeters = of_perimeters.map(|(spec, parts)| (of(&petstore_with(&spec)["spec"]), parts));
    let own = [
        (
            with("objectName", "Petstore"),
            ["spec.objectName", "such as petstore"],
        ),
        (
            with("objectName", &"x".repeat(64)),
            ["spec.objectName", "63 characters"],
        ),
        (
            json!({"objectName": "petstore"}),
            ["spec.perimeter", "the name and spec of a PerimeterClass"],
        ),
        (
            json!({"objectName": "petstore", "perimeter": petstore()["spec"], "class": {"name": "public", "spec": {}}}),
            ["spec.perimeter", "set exactly one of perimeter"],
        ),
        (
            json!({"objectName": "petstore", "class": {"name": "public", "spec": {}}}),
            ["spec.objectName", "belongs to spec.perimeter"],
        ),
        (
            json!({"class": {"name": "Public", "spec": {}}}),
            ["spec.class.name", "such as public"],
        ),
        (with("ttl", "30s"), ["spec.ttl", "from 1m to 24h"]),
        (with("ttl", "25h"), ["spec.ttl", "such as 10m"]),
        (with("ttl", "soon"), ["spec.ttl", "a number of s, m or h"]),
        (
            json!({"objectName": "petstore"}),
            ["spec", "exactly one of perimeter"],
        ),
        (
            with_both(),
            ["spec", "adopt, the distribution that a spec is written from"],
        ),
        (
            adopting(&json!({"distributionId": "d111111abcdef8.cloudfront.net"})),
            ["spec.adopt.distributionId", "such as E1ABCDEF2GHIJK"],
        ),
        (
            adopting(&json!({"distributionId": "E1ABCDEF2GHIJK", "accountName": "Production"})),
            ["spec.adopt.accountName", "kubectl get awsaccounts"],
        ),
        (
            adopting(&json!({"distributionId": "E1ABCDEF2GHIJK", "stage": "a b"})),
            ["spec.adopt.stage", "or be $default"],
        ),
        (
            adopting(&json!({"distributionId": "E1ABCDEF2GHIJK", "letGo": ["Terraform"]})),
            ["spec.adopt.letGo", "as the plan's rivals name them"],
        ),
    ];
    for (spec, parts) in of_perimeters.chain(own) {
        match creation(&api, &plan("refused", &spec)).await {
            Ok(_) => surprises.push(format!("{spec}: taken")),
            // The message names the field as the object has it, and the API server where it stands here.
            Err(message) if message.contains(parts[1]) => said.push_str(&message),
            Err(message) => surprises.push(format!("{spec}: wanted {parts:?} in: {message}")),
        }
    }
    let untested = schema::messages("perimeterplans").into_iter();
    let untested = untested.filter(|message| !said.contains(message) && !message.contains("immutable"));
    surprises.extend(untested.map(|message| format!("no case for the rule: {message}")));
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[tokio::test]
async fn a_right_plan_is_taken_and_nothing_is_added_to_it() {
    let api = plans().await;
    for spec in [
        of(&petstore()["spec"]),
        with("ttl", "1m"),
        with("ttl", "24h"),
        with("ttl", "90s"),
        adopting(&json!({"distributionId": "E1ABCDEF2GHIJK"})),
        adopting(
            &json!({"distributionId": "E1ABCDEF2GHIJK", "accountName": "production", "stage": "$default", "letGo": ["ACK"]}),
        ),
        json!({"class": {"name": "public", "spec": {"defaults": {"tags": {"a": "b"}}, "anything": {"goes": 1}}, "isDefault": true}}),
    ] {
        let created = creation(&api, &plan("taken", &spec)).await;
        let created = created.unwrap_or_else(|message| panic!("{spec}: {message}"));
        assert_eq!(created["spec"], spec);
    }
}

#[tokio::test]
async fn nobody_has_looked_at_a_plan_that_was_just_made_and_its_spec_never_changes() {
    let api = plans().await;
    let object = serde_json::from_value(plan("immutable", &of(&petstore()["spec"]))).expect("an object");
    let created = api.create(&PostParams::default(), &object).await.expect("taken");
    assert_eq!(created.data["status"]["observedGeneration"], -1);
    let change = json!({"spec": {"perimeter": {"tags": {"team": "pets"}}}});
    let refused = api
        .patch("immutable", &PatchParams::default(), &Patch::Merge(&change))
        .await
        .expect_err("refused")
        .to_string();
    assert!(
        refused.contains("immutable: create another PerimeterPlan"),
        "{refused}"
    );
    api.delete("immutable", &DeleteParams::default())
        .await
        .expect("deleted");
}

#[test]
fn a_plan_has_no_rule_that_compares_its_perimeter_with_an_earlier_one() {
    let immutable = schema::messages("perimeterplans");
    let immutable: Vec<_> = immutable
        .iter()
        .filter(|message| message.contains("immutable"))
        .collect();
    assert_eq!(immutable.len(), 1, "{immutable:?}");
}
