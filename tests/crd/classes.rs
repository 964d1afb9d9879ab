//! `PerimeterClass` as a real API server takes it.

use super::{creation, kubernetes, petstore_with, refusals, schema};
use crate::petstore::untyped;
use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};

fn class(name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass", "metadata": {"name": name}, "spec": spec})
}

async fn classes() -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "PerimeterClass");
    // Its plural is not what one would guess.
    let kind = ApiResource::from_gvk_with_plural(&kind, "perimeterclasses");
    Api::all_with(kubernetes::client().await, &kind)
}

/// The specs of classes that give what an object may not say, or require its rules.
fn of(spec: &Value) -> Vec<Value> {
    let mut defaults = petstore_with(spec)["spec"].clone();
    let own = defaults.as_object_mut().expect("fields");
    own.retain(|field, _| !["origin", "accountName", "className"].contains(&field.as_str()));
    let web_acl = &spec["webAcl"];
    let required = [
        ("requiredRuleGroups", &web_acl["managedRuleGroups"]),
        ("requiredRules", &web_acl["rules"]),
    ];
    let required = required.into_iter().filter(|(_, list)| list.is_array());
    let limits = required.map(|(limit, list)| json!({"limits": {limit: list}}));
    std::iter::once(json!({"defaults": defaults}))
        .chain(limits)
        .collect()
}

#[tokio::test]
async fn a_class_gives_nothing_that_an_object_may_not_say() {
    let api = classes().await;
    let mut said = String::new();
    for (spec, _) in refusals::refused() {
        for given in of(&spec) {
            // What is one object's own the schema does not have, so that it is dropped here, and kubectl refuses it.
            said.extend(creation(&api, &class("refused", &given)).await.err());
        }
    }
    let mut surprises = Vec::new();
    let own = [
        (json!({"append": ["webAcl.countries"]}), "spec.append"),
        (
            json!({"limits": {"allowedModes": []}}),
            "spec.limits.allowedModes",
        ),
        (
            json!({"limits": {"rateLimit": {"limit": 1}}}),
            "spec.limits.rateLimit.limit",
        ),
        (
            json!({"limits": {"requiredTags": ["palisade.dev/uid"]}}),
            "spec.limits.requiredTags: keys starting with palisade.dev/",
        ),
        (
            json!({"limits": {"requiredTags": ["a;b"]}}),
            "spec.limits.requiredTags: write keys of tags",
        ),
        (
            json!({"defaults": {"access": {"mode": "MutualTls"}}}),
            "spec.defaults.access.mode",
        ),
        (
            json!({"rollout": {"maxUnavailable": 0}}),
            "spec.rollout.maxUnavailable must be a number from 1 to 50",
        ),
        (
            json!({"rollout": {"maxUnavailable": "0%"}}),
            "spec.rollout.maxUnavailable",
        ),
        (
            json!({"rollout": {"maxUnavailable": "5"}}),
            "spec.rollout.maxUnavailable",
        ),
        (json!({"rollout": {"pause": "25h"}}), "spec.rollout.pause must be"),
        (
            json!({"rollout": {"haltOn": ["Anything"]}}),
            "spec.rollout.haltOn",
        ),
        (
            json!({"rollout": {"maxBlockedRise": 5, "haltOn": ["Stalled"]}}),
            "spec.rollout.maxBlockedRise goes with BlockedShare",
        ),
        (
            json!({"rollout": {"maxBlockedRise": 0, "haltOn": ["BlockedShare"]}}),
            "spec.rollout.maxBlockedRise must be a number of percentage points from 1 to 100",
        ),
        (
            json!({"rollout": {"maxBlockedRise": 101, "haltOn": ["BlockedShare"]}}),
            "spec.rollout.maxBlockedRise must be",
        ),
        (
            json!({"rollout": {"canaries": {"tier": "a b"}}}),
            "spec.rollout.canaries",
        ),
    ];
    for (spec, part) in own {
        match creation(&api, &class("refused", &spec)).await {
            Ok(_) => surprises.push(format!("{spec}: taken")),
            Err(message) if message.contains(part) => said.push_str(&message),
            Err(message) => surprises.push(format!("{spec}: wanted {part:?} in: {message}")),
        }
    }
    let long = creation(&api, &class(&"x".repeat(64), &json!({}))).await;
    said.extend(long.err());
    let untested = schema::messages("perimeterclasses").into_iter();
    let untested = untested.filter(|message| !said.contains(message));
    surprises.extend(untested.map(|message| format!("no case for the rule: {message}")));
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[tokio::test]
async fn a_right_class_is_taken_and_nothing_is_added_to_it() {
    let api = classes().await;
    let rule = json!({"Name": "no-tor", "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}}, "Action": {"Block": {}}});
    let everything = json!({
        "defaults": {
            "access": {"mode": "SecretHeader", "secretHeader": {"name": "x-shop"}, "rotationPeriod": "48h"},
            "distribution": {"minimumTlsVersion": "TLSv1.2_2021", "logging": {"bucket": "logs.s3.amazonaws.com"}},
            "webAcl": {"rules": [rule], "rateLimits": [{"name": "per-ip", "limit": 100}]},
            "shield": {"healthCheck": {"path": "/health", "interval": "10s"}},
            "tags": {"team": "platform"},
            "deletionPolicy": "Retain",
            "suspend": false,
        },
        "append": ["webAcl.rules", "webAcl.rateLimits", "access.excludeMethods"],
        "limits": {
            "allowedModes": ["SecretHeader", "MutualTls"],
            "requireEnforcement": true,
            "requiredRuleGroups": [{"name": "AWSManagedRulesSQLiRuleSet"}],
            "requiredRules": [rule],
            "rateLimit": {"limit": 100, "window": "1m"},
            "requiredLogging": ["WebAcl", "Distribution"],
            "requireShield": true,
            "requiredTags": ["team"],
            "deletionPolicy": "Retain",
        },
    });
    let canaries = json!({"example.com/tier": "first"});
    let rollout = json!({"rollout": {
        "maxUnavailable": "10%", "pause": "10m", "haltOn": [], "canaries": canaries, "suspend": true,
    }});
    let numbered = json!({"rollout": {"maxUnavailable": 50}});
    let halted = ["ViewersRefused", "Stalled", "BlockedShare"];
    let counted = json!({"rollout": {"haltOn": halted, "maxBlockedRise": 100}});
    let by_baseline = json!({"rollout": {"maxBlockedRise": 7}});
    for spec in [
        json!({}),
        json!({"defaults": {}, "limits": {}}),
        rollout,
        numbered,
        counted,
        by_baseline,
        everything,
    ] {
        let created = creation(&api, &class("taken", &spec)).await;
        let created = created.unwrap_or_else(|message| panic!("{spec}: {message}"));
        assert_eq!(created["spec"], spec);
    }
}

#[tokio::test]
async fn what_is_one_objects_own_is_no_field_of_a_class() {
    let api = classes().await;
    let own = json!({"defaults": {
        "origin": petstore_with(&json!({}))["spec"]["origin"],
        "accountName": "production",
        "access": {"probe": {"host": "api.example.com"}, "apiKey": {}, "mutualTls": {}},
        "distribution": {"aliases": ["api.example.com"], "takeOverAliases": true, "hostedZoneId": "Z1"},
    }});
    let created = creation(&api, &class("own", &own)).await.expect("taken");
    assert_eq!(
        created["spec"],
        json!({"defaults": {"access": {}, "distribution": {}}})
    );
}

#[tokio::test]
async fn an_object_names_its_class() {
    let api = untyped(&kubernetes::client().await, "default");
    let object = petstore_with(&json!({"className": "public"}));
    let created = creation(&api, &object).await.expect("taken");
    assert_eq!(created["spec"]["className"], "public");
}
