//! The custom resource as a real API server takes it: what it refuses, with which words, and what it leaves alone.

mod account_settings;
mod accounts;
mod classes;
mod gitops;
mod moves;
mod plans;
mod refusals;
mod schema;

use crate::kubernetes;
use crate::petstore::{petstore, untyped};
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (key, value) in fields {
        merge(&mut into[key], value);
    }
}

/// The part of a spec that declares mutual TLS, with a JSON merge patch.
fn mutual_tls(patch: &Value) -> Value {
    let mut spec = json!({"access": {"mode": "MutualTls", "mutualTls": {
        "hostedZoneId": "Z0123456789ABCDEFGHIJ", "originDomain": "origin.example.com", "truststoreBucket": "shop-truststores"}}});
    merge(&mut spec, patch);
    spec
}

/// [`petstore`] with a JSON merge patch for its spec.
fn petstore_with(spec: &Value) -> Value {
    let mut object = petstore();
    merge(&mut object["spec"], spec);
    object
}

/// What the API server says to a creation; `Ok` where it takes the object.
async fn creation(api: &Api<DynamicObject>, object: &Value) -> Result<Value, String> {
    let object = serde_json::from_value(object.clone()).expect("an object");
    let options = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    match api.create(&options, &object).await {
        Ok(created) => Ok(created.data),
        Err(error) => Err(error.to_string()),
    }
}

const CERTIFICATE: &str =
    "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012";

#[tokio::test]
async fn a_wrong_spec_is_refused_with_the_field_and_the_remedy() {
    let api = untyped(&kubernetes::client().await, "default");
    let mut surprises = Vec::new();
    let mut said = String::new();
    for (spec, parts) in refusals::refused() {
        match creation(&api, &petstore_with(&spec)).await {
            Ok(_) => surprises.push(format!("{spec}: taken")),
            Err(message) if parts.iter().all(|part| message.contains(part)) => said.push_str(&message),
            Err(message) => surprises.push(format!("{spec}: wanted {parts:?} in: {message}")),
        }
    }
    let untested = schema::messages("protectedapis")
        .into_iter()
        .filter(|message| !said.contains(message));
    // These need more than a creation, and have tests of their own.
    let elsewhere = [
        "immutable",
        "cannot change while",
        "as long as that is there",
        "metadata.",
    ];
    let untested = untested.filter(|message| !elsewhere.iter().any(|part| message.contains(part)));
    surprises.extend(untested.map(|message| format!("no case for the rule: {message}")));
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[tokio::test]
async fn a_name_over_63_characters_is_refused() {
    let api = untyped(&kubernetes::client().await, "default");
    let mut object = petstore();
    object["metadata"]["name"] = "x".repeat(64).into();
    let message = creation(&api, &object).await.expect_err("refused");
    assert!(
        message.contains("metadata.name must have at most 63 characters"),
        "{message}"
    );
}

/// Specs that must be taken: the edges of the rules above.
fn accepted() -> Vec<Value> {
    vec![
        json!({}),
        json!({"origin": {"type": "HTTP", "stage": "$default"}}),
        json!({"origin": {"path": "", "probePath": "/"}}),
        json!({"origin": {"path": "/prod/v1"}}),
        json!({"origin": {"endpoint": "a1b2c3d4e5.execute-api.ap-southeast-5.amazonaws.com", "type": "WEBSOCKET"}}),
        json!({"access": {"sigV4": {"viewerAuthorization": "Forward", "logs": true, "exclusive": true}}}),
        mutual_tls(
            &json!({"origin": {"type": "HTTP", "stage": "$default"}, "access": {"rotationPeriod": "1800h", "excludeMethods": [],
            "probe": {"header": "Authorization", "secretRef": {"name": "probe", "key": "token"}}}}),
        ),
        mutual_tls(
            &json!({"access": {"rotationPeriod": "24h", "mutualTls": {"disableForAllStages": true,
            "certificateArn": "arn:aws:acm:eu-north-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"}},
            "distribution": {"aliases": ["api.example.com"], "certificateArn": CERTIFICATE}}),
        ),
        json!({"distribution": {"aliases": []}}),
        json!({"distribution": {"adopt": {"id": "E1ABCDEF2GHIJK"}}}),
        json!({"distribution": {"adopt": {"id": "E1"}, "viewerProtocolPolicy": "allow-all"}}),
        json!({"distribution": {"viewerProtocolPolicy": "https-only"}}),
        json!({"distribution": {"adopt": {"id": "E1"}, "ipv6": false, "allowedMethods": ["HEAD", "GET"]}}),
        json!({"distribution": {"adopt": {"id": "E1"}, "allowedMethods": ["GET", "OPTIONS", "HEAD"]}}),
        json!({"distribution": {"ipv6": true, "allowedMethods": ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]}}),
        json!({"handOver": {"to": "d2d2d2d2-0000-4000-8000-000000000000/shop/petstore"}}),
        json!({"takeOver": {"uid": "0f1e2d3c-0000-4000-8000-000000000000", "keeperIsGone": true}}),
        json!({"distribution": {"adopt": {"id": "E1", "confirm": "0f1e2d3c", "letGo": ["CloudFormation", "ACK", "Crossplane"], "release": true}}}),
        json!({"distribution": {"aliases": ["a.example.com"], "requestCertificate": true, "hostedZoneId": "Z0123456789ABCDEFGHIJ", "takeOverAliases": true, "minimumTlsVersion": "TLSv1.2_2021"}}),
        json!({"distribution": {"aliases": ["a.example.com"], "certificateArn": CERTIFICATE, "requestCertificate": false, "hostedZoneId": "Z1"}}),
        json!({"distribution": {"aliases": ["*.shop.example.com", "a.xn--fiqs8s"], "certificateArn": CERTIFICATE, "minimumTlsVersion": "TLSv1.3_2025"}}),
        json!({"distribution": {"originReadTimeout": "120s", "geoRestriction": {"block": ["KP"]}}}),
        json!({"distribution": {"logging": {"bucket": "my-logs.s3.eu-north-1.amazonaws.com", "prefix": "shop/"}}}),
        json!({"webAcl": {"managedRuleGroups": [], "rateLimits": [], "rules": []}}),
        json!({"webAcl": {"managedRuleGroups": [{"name": "AWSManagedRulesCommonRuleSet", "vendor": "AWS"}, {"name": "OWASP_Rules", "vendor": "Fortinet"}]}}),
        json!({"webAcl": {"rules": [
            {"Name": "bots", "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesBotControlRuleSet"}}, "OverrideAction": {"None": {}}},
            {"Name": "geo", "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}}, "Action": {"Count": {}}}]}}),
        json!({"webAcl": {
            "managedRuleGroups": [{"name": "AWSManagedRulesSQLiRuleSet", "promote": {"from": "Count", "after": "1h", "maxMatches": 0}}],
            "rateLimits": [{"name": "login", "limit": 10, "action": "Captcha", "promote": {"from": "Count", "after": "720h", "maxMatches": 1_000_000}}],
            "rules": [{"Name": "geo", "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}}, "Action": {"Block": {"CustomResponse": {"ResponseCode": 403}}},
                "promote": {"from": "Count", "after": "99h", "maxMatches": 5}}]}}),
        json!({"webAcl": {"allowCidrs": ["192.0.2.44/32", "2001:db8::/32"], "blockCidrs": []}}),
        json!({"webAcl": {"rateLimits": [{"name": "login", "limit": 10, "window": "1m", "action": "Challenge",
            "scope": {"pathPrefix": "/prod/login", "countries": ["SE"], "cidrs": ["10.0.0.0/8"]}}]}}),
        json!({"webAcl": {"rateLimits": [
            {"name": "forwarded", "limit": 10, "by": [{"type": "ForwardedAddress", "fallback": "Match"}]},
            {"name": "most", "limit": 10, "by": [{"type": "Address"}, {"type": "ForwardedAddress", "name": "X-Real-IP"},
                {"type": "Header", "name": "X-A"}, {"type": "Header", "name": "X-B"}, {"type": "Ja4", "fallback": "NoMatch"}]},
            {"name": "session", "limit": 10, "by": [{"type": "Cookie", "name": "session.id"}, {"type": "QueryArgument", "name": "filter[a]"}]},
            {"name": "bots", "limit": 10, "by": [{"type": "LabelNamespace", "name": "awswaf:managed:aws:bot-control:bot:category:"}]}]}}),
        json!({"webAcl": {"logging": {"destinationArn": "arn:aws:s3:::aws-waf-logs-shop/waf", "redactHeaders": ["cookie"]}}}),
        json!({"accountName": "production.eu-1", "className": "public.v2"}),
        json!({"tags": {"cost center": "Köln 4711/a+b=c@d"}, "deletionPolicy": "Retain", "suspend": true}),
    ]
}

#[tokio::test]
async fn a_right_spec_is_taken() {
    let api = untyped(&kubernetes::client().await, "default");
    for spec in accepted() {
        creation(&api, &petstore_with(&spec))
            .await
            .unwrap_or_else(|message| panic!("{spec}: {message}"));
    }
}

#[tokio::test]
async fn the_api_server_adds_nothing_to_a_spec_and_keeps_all_of_a_free_rule() {
    let api = untyped(&kubernetes::client().await, "default");
    let newer = json!({"Than": ["this", 1, {"schema": true}]});
    let spec = json!({"webAcl": {"rules": [{"Name": "mine", "Statement": {"Newer": newer}, "Action": {"Newer": newer}, "Newer": newer}]}});
    let object = petstore_with(&spec);
    let created = creation(&api, &object).await.expect("taken");
    assert_eq!(created["spec"], object["spec"]);
}

#[tokio::test]
async fn a_null_is_the_same_as_nothing() {
    let api = untyped(&kubernetes::client().await, "default");
    let mut object = petstore();
    object["spec"]["distribution"] = json!({"aliases": ["api.example.com"], "certificateArn": null});
    let message = creation(&api, &object).await.expect_err("refused");
    assert!(
        message.contains("spec.distribution.certificateArn is required with aliases"),
        "{message}"
    );
}

#[tokio::test]
async fn what_is_immutable_can_be_neither_changed_nor_unset() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = untyped(&client, &namespace);
    let object = serde_json::from_value(petstore()).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("taken");
    let cases = [
        (
            json!({"origin": {"endpoint": "z9b2c3d4e5.execute-api.eu-north-1.amazonaws.com"}}),
            "spec.origin.endpoint is immutable",
        ),
        (
            json!({"origin": {"type": "HTTP"}}),
            "spec.origin.type is immutable",
        ),
        (
            json!({"origin": {"endpoint": null}}),
            "spec.origin.endpoint: Required value",
        ),
        (
            json!({"origin": {"type": null}}),
            "spec.origin.type: Required value",
        ),
        (json!({"origin": null}), "spec.origin: Required value"),
    ];
    for (spec, expected) in cases {
        let patch = Patch::Merge(json!({"spec": spec}));
        let error = api
            .patch("petstore", &PatchParams::default(), &patch)
            .await
            .expect_err("refused");
        assert!(error.to_string().contains(expected), "{spec}: {error}");
    }
    let patch = Patch::Merge(json!({"spec": {"origin": {"stage": "beta", "path": "/beta"}}}));
    api.patch("petstore", &PatchParams::default(), &patch)
        .await
        .expect("the rest can change");
}

#[tokio::test]
async fn an_adoption_can_be_neither_moved_to_another_distribution_nor_taken_out() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = untyped(&client, &namespace);
    let spec = json!({"distribution": {"adopt": {"id": "E1ABCDEF2GHIJK"}}});
    let object = serde_json::from_value(petstore_with(&spec)).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("taken");
    let edit = async |patch: Value| {
        let patch = Patch::Merge(json!({"spec": patch}));
        let edited = api.patch("petstore", &PatchParams::default(), &patch).await;
        edited.map_err(|error| error.to_string())
    };
    let adopt = |patch: Value| json!({"distribution": {"adopt": patch}});
    for (patch, part) in [
        (
            adopt(json!({"id": "E2"})),
            "spec.distribution.adopt.id is immutable",
        ),
        (adopt(Value::Null), "it cannot be taken out"),
        (json!({"distribution": null}), "it cannot be taken out"),
    ] {
        let message = edit(patch.clone()).await.expect_err("refused");
        assert!(message.contains(part), "{patch}: {message}");
    }
    let confirmed = adopt(json!({"confirm": "0f1e2d3c", "release": true}));
    edit(confirmed).await.expect("the rest can change");
}

#[tokio::test]
async fn kubectl_shows_what_matters() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let object = serde_json::from_value(petstore()).expect("an object");
    untyped(&client, &namespace)
        .create(&PostParams::default(), &object)
        .await
        .expect("taken");
    let header = |arguments: &[&str]| {
        let table = kubernetes::kubectl(&[&["--namespace", &namespace, "get", "papi"], arguments].concat());
        table
            .lines()
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(header(&[]), "NAME READY URL LOCKED REASON AGE");
    assert_eq!(
        header(&["-o", "wide"]),
        "NAME READY URL LOCKED REASON AGE ENDPOINT STAGE ACCOUNT DISTRIBUTION STATE SHIELD MESSAGE"
    );
    let explained = kubernetes::kubectl(&["explain", "papi.spec.deletionPolicy"]);
    assert!(explained.contains("Baseline: Delete"), "{explained}");
}
