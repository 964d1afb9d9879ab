//! `AwsAccount` as a real API server takes it.

use super::{account_settings, creation, kubernetes, schema};
use kube::api::{Api, DynamicObject};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::111122223333:role/palisade-spoke";

fn account(spec: &Value) -> Value {
    json!({"apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": "production"}, "spec": spec})
}

async fn accounts() -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "AwsAccount");
    Api::all_with(kubernetes::client().await, &ApiResource::from_gvk(&kind))
}

/// A spec that is refused, and parts of the message: the field, and what to write instead.
#[rustfmt::skip] // One case a line.
fn refused() -> Vec<(Value, [&'static str; 2])> {
    let tags = |tags: Value| json!({"roleArn": ROLE, "sessionTags": tags});
    let names = |names: Value| json!({"allowedNamespaces": {"names": names}});
    let expression = |expression: Value| json!({"allowedNamespaces": {"selector": {"matchExpressions": [expression]}}});
    vec![
        (json!({"roleArn": "palisade-spoke"}), ["spec.roleArn", "such as arn:aws:iam::111122223333:role/palisade-spoke"]),
        (json!({"roleArn": "arn:aws:iam::111122223333:user/palisade"}), ["spec.roleArn", "must be a role's ARN"]),
        (json!({"roleArn": "arn:aws:sts::111122223333:assumed-role/x/y"}), ["spec.roleArn", "must be a role's ARN"]),
        (json!({}), ["spec.allowedNamespaces", "selector: {} is all, names: [] none"]),
        (json!({"shield": {"proactiveEngagement": false}, "quotas": {"webAcls": 300}}), ["spec.allowedNamespaces", "say which may go on"]),
        (json!({"externalId": "tenant-7"}), ["spec.externalId", "set spec.roleArn beside it"]),
        (json!({"roleArn": ROLE, "externalId": "x"}), ["spec.externalId", "2 to 1224"]),
        (json!({"roleArn": ROLE, "externalId": "two words"}), ["spec.externalId", "letters, digits and"]),
        (json!({"sessionTags": {"team": "shop"}}), ["spec.sessionTags", "set spec.roleArn beside them"]),
        (tags(json!({"": "x"})), ["spec.sessionTags", "1 to 128 characters"]),
        (tags(json!({"aws:x": "y"})), ["spec.sessionTags", "may not start with aws:"]),
        (tags(json!({"a;b": "y"})), ["spec.sessionTags", "letters, digits, spaces"]),
        (tags(json!({"a": "y;z"})), ["spec.sessionTags", "as AWS accepts it"]),
        (tags(json!({"team": "x", "Team": "y"})), ["spec.sessionTags", "leave one of them out"]),
        (tags((0..11).map(|n| (format!("k{n}"), json!("x"))).collect()), ["spec.sessionTags", "10"]),
        (json!({"allowedNamespaces": {}}), ["spec.allowedNamespaces", "leave allowedNamespaces out to allow none"]),
        (names(json!(["Shop"])), ["spec.allowedNamespaces.names", "such as shop"]),
        (names(json!(["*"])), ["spec.allowedNamespaces.names", "a selector of {} allows all"]),
        (names(json!(["shop", "shop"])), ["spec.allowedNamespaces.names[1]", "Duplicate value"]),
        (expression(json!({"key": "team", "operator": "In"})), ["matchExpressions", "In and NotIn need values"]),
        (expression(json!({"key": "team", "operator": "Exists", "values": ["x"]})), ["matchExpressions", "take none"]),
        (expression(json!({"key": "team", "operator": "Like"})), ["operator", "\"In\", \"NotIn\", \"Exists\", \"DoesNotExist\""]),
    ]
}

#[tokio::test]
async fn a_wrong_account_is_refused_with_the_field_and_the_remedy() {
    let api = accounts().await;
    let mut surprises = Vec::new();
    let mut said = String::new();
    for (spec, parts) in refused() {
        match creation(&api, &account(&spec)).await {
            Ok(_) => surprises.push(format!("{spec}: taken")),
            Err(message) if parts.iter().all(|part| message.contains(part)) => said.push_str(&message),
            Err(message) => surprises.push(format!("{spec}: wanted {parts:?} in: {message}")),
        }
    }
    for (spec, part) in account_settings::refused() {
        match creation(&api, &account(&spec)).await {
            Ok(_) => surprises.push(format!("{spec}: taken")),
            Err(message) if message.contains(part) => said.push_str(&message),
            Err(message) => surprises.push(format!("{spec}: wanted {part:?} in: {message}")),
        }
    }
    let messages = schema::messages("awsaccounts").into_iter();
    let untested = messages.filter(|message| !said.contains(message));
    surprises.extend(untested.map(|message| format!("no case for the rule: {message}")));
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[tokio::test]
async fn a_right_account_is_taken_and_nothing_is_added_to_it() {
    let api = accounts().await;
    let everything = json!({
        "roleArn": "arn:aws:iam::111122223333:role/teams/shop/palisade-spoke",
        "externalId": "cluster/prod:7",
        "sessionTags": {"cost center": "Köln 4711/a+b=c@d", "cluster": "prod"},
        "allowedNamespaces": {
            "names": ["shop", "bank-2"],
            "selector": {
                "matchLabels": {"palisade.dev/account": "production"},
                "matchExpressions": [
                    {"key": "team", "operator": "NotIn", "values": ["guests"]},
                    {"key": "sandbox", "operator": "DoesNotExist"},
                ],
            },
        },
    });
    let all = json!({"allowedNamespaces": {"selector": {}}});
    let nobody = json!({"allowedNamespaces": {"names": []}});
    for spec in [nobody, json!({"roleArn": ROLE}), all, everything] {
        let created = creation(&api, &account(&spec)).await;
        let created = created.unwrap_or_else(|message| panic!("{spec}: {message}"));
        assert_eq!(created["spec"], spec);
    }
}

#[tokio::test]
async fn right_settings_of_an_account_are_taken() {
    let api = accounts().await;
    for mut spec in account_settings::taken() {
        spec["allowedNamespaces"] = json!({"selector": {}});
        let taken = creation(&api, &account(&spec)).await;
        assert!(taken.is_ok(), "{spec}: {taken:?}");
    }
}
