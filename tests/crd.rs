//! The custom resource as a real API server takes it: what it refuses, with which words, and what it leaves alone.

mod support;

use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use palisade::api::crd_yaml;
use serde_json::{Value, json};
use support::kubernetes;

fn petstore() -> Value {
    json!({
        "apiVersion": "palisade.dev/v1alpha1",
        "kind": "ProtectedApi",
        "metadata": {"name": "petstore"},
        "spec": {"origin": {
            "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
        }},
    })
}

/// [`petstore`] with a JSON merge patch for its spec.
fn petstore_with(spec: &Value) -> Value {
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
    let mut object = petstore();
    merge(&mut object["spec"], spec);
    object
}

fn api(client: kube::Client, namespace: &str) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "ProtectedApi");
    Api::namespaced_with(client, namespace, &ApiResource::from_gvk(&kind))
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

/// A spec that is refused, and parts of the message: the field, and what to write instead.
fn refused() -> Vec<(Value, [&'static str; 2])> {
    let origin = |patch: Value| json!({"origin": patch});
    let distribution = |patch: Value| json!({"distribution": patch});
    let web_acl = |patch: Value| json!({"webAcl": patch});
    let group = |patch: Value| json!({"webAcl": {"managedRuleGroups": [patch]}});
    let limit = |patch: Value| {
        let mut limit = json!({"name": "per-ip", "limit": 2000});
        limit
            .as_object_mut()
            .expect("an object")
            .extend(patch.as_object().expect("an object").clone());
        json!({"webAcl": {"rateLimits": [limit]}})
    };
    let rule = |patch: Value| json!({"webAcl": {"rules": [patch]}});
    let logging = |arn: &str| json!({"webAcl": {"logging": {"destinationArn": arn}}});
    let bucket = |bucket: &str| json!({"distribution": {"logging": {"bucket": bucket}}});
    vec![
        (
            origin(json!({"endpoint": "https://a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"})),
            ["spec.origin.endpoint", "without scheme"],
        ),
        (
            origin(json!({"endpoint": "api.example.com"})),
            ["spec.origin.endpoint", "such as a1b2c3d4e5.execute-api"],
        ),
        (
            origin(json!({"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com/prod"})),
            ["spec.origin.endpoint", "or path"],
        ),
        (
            origin(json!({"type": "GRPC"})),
            ["spec.origin.type", "\"REST\", \"HTTP\", \"WEBSOCKET\""],
        ),
        (
            origin(json!({"type": null})),
            ["spec.origin.type", "Required value"],
        ),
        (
            origin(json!({"stage": "$default"})),
            ["spec.origin.stage", "write the stage's name"],
        ),
        (
            origin(json!({"stage": "prod/v1"})),
            ["spec.origin.stage", "letters, digits, _ and -"],
        ),
        (
            origin(json!({"stage": ""})),
            ["spec.origin.stage", "letters, digits, _ and -"],
        ),
        (
            origin(json!({"path": "prod"})),
            ["spec.origin.path", "start with /"],
        ),
        (
            origin(json!({"path": "/prod/"})),
            ["spec.origin.path", "not end with /"],
        ),
        (
            origin(json!({"probePath": "prod/pets"})),
            ["spec.origin.probePath", "start with /"],
        ),
        (
            json!({"access": {"sigV4": {"viewerAuthorization": "Keep"}}}),
            ["spec.access.sigV4.viewerAuthorization", "\"Drop\", \"Forward\""],
        ),
        (
            json!({"deletionPolicy": "Orphan"}),
            ["spec.deletionPolicy", "\"Delete\", \"Retain\""],
        ),
        (
            json!({"tags": {"palisade.dev/uid": "x"}}),
            ["spec.tags", "choose another prefix"],
        ),
        (
            json!({"tags": {"AWS:x": "y"}}),
            ["spec.tags", "choose another prefix"],
        ),
        (json!({"tags": {"": "x"}}), ["spec.tags", "1 to 128 characters"]),
        (
            json!({"tags": {"a;b": "x"}}),
            ["spec.tags", "letters, digits, spaces"],
        ),
        (
            json!({"tags": {"team": "shop;rm"}}),
            ["spec.tags", "letters, digits, spaces"],
        ),
        (
            distribution(json!({"aliases": ["api.example.com"]})),
            ["spec.distribution.certificateArn", "name an ACM certificate"],
        ),
        (
            distribution(json!({"aliases": ["https://api.example.com"], "certificateArn": CERTIFICATE})),
            ["spec.distribution.aliases", "without scheme"],
        ),
        (
            distribution(json!({"aliases": ["API.example.com"], "certificateArn": CERTIFICATE})),
            ["spec.distribution.aliases", "lower case"],
        ),
        (
            distribution(json!({"aliases": ["a.b.com", "a.b.com"], "certificateArn": CERTIFICATE})),
            ["spec.distribution.aliases[1]", "Duplicate value"],
        ),
        (
            distribution(json!({"certificateArn": CERTIFICATE.replace("us-east-1", "eu-north-1")})),
            ["spec.distribution.certificateArn", "us-east-1"],
        ),
        (
            distribution(json!({"minimumTlsVersion": "TLSv1.2_2021"})),
            ["spec.distribution.minimumTlsVersion", "needs certificateArn"],
        ),
        (
            distribution(json!({"minimumTlsVersion": "TLSv1", "certificateArn": CERTIFICATE})),
            ["spec.distribution.minimumTlsVersion", "supported values"],
        ),
        (
            distribution(json!({"originReadTimeout": "121s"})),
            ["spec.distribution.originReadTimeout", "1s to 120s"],
        ),
        (
            distribution(json!({"originReadTimeout": "0s"})),
            ["spec.distribution.originReadTimeout", "1s to 120s"],
        ),
        (
            distribution(json!({"priceClass": "Cheap"})),
            ["spec.distribution.priceClass", "PriceClass_All"],
        ),
        (
            distribution(json!({"httpVersion": "http4"})),
            ["spec.distribution.httpVersion", "http2and3"],
        ),
        (
            distribution(json!({"geoRestriction": {}})),
            ["spec.distribution.geoRestriction", "exactly one"],
        ),
        (
            distribution(json!({"geoRestriction": {"allow": ["SE"], "block": ["NO"]}})),
            ["spec.distribution.geoRestriction", "exactly one"],
        ),
        (
            distribution(json!({"geoRestriction": {"allow": ["Sweden"]}})),
            ["spec.distribution.geoRestriction.allow", "may not be more than 2"],
        ),
        (
            distribution(json!({"geoRestriction": {"block": ["se"]}})),
            [
                "spec.distribution.geoRestriction.block",
                "in capitals, such as SE",
            ],
        ),
        (
            distribution(json!({"geoRestriction": {"allow": []}})),
            ["spec.distribution.geoRestriction.allow", "at least 1 items"],
        ),
        (
            distribution(json!({"cachePolicyId": "CachingDisabled"})),
            ["spec.distribution.cachePolicyId", "must be a policy's id"],
        ),
        (
            distribution(json!({"responseHeadersPolicyId": "x"})),
            [
                "spec.distribution.responseHeadersPolicyId",
                "must be a policy's id",
            ],
        ),
        (
            distribution(json!({"originRequestPolicyId": "AllViewer"})),
            ["spec.distribution.originRequestPolicyId", "must be a policy's id"],
        ),
        (
            distribution(json!({"originRequestPolicyId": "216adef6-5c7f-47e4-b989-5492eafa07d3"})),
            [
                "spec.distribution.originRequestPolicyId",
                "use b689b0a8-53d0-40ab-baf2-68738e2966ac",
            ],
        ),
        (
            bucket("my-logs"),
            [
                "spec.distribution.logging.bucket",
                "such as my-logs.s3.amazonaws.com",
            ],
        ),
        (
            group(json!({"name": "AWSManagedRulesAntiDDoSRuleSet"})),
            ["spec.webAcl.managedRuleGroups", "not available here yet"],
        ),
        (
            group(json!({"name": "AWSManagedRulesBotControlRuleSet"})),
            ["spec.webAcl.managedRuleGroups", "go into spec.webAcl.rules"],
        ),
        (
            group(json!({"name": "Common Rules"})),
            [
                "spec.webAcl.managedRuleGroups",
                "such as AWSManagedRulesCommonRuleSet",
            ],
        ),
        (
            group(json!({"name": "A", "vendor": "x/y"})),
            ["spec.webAcl.managedRuleGroups", "left out for AWS"],
        ),
        (
            group(json!({"name": "A", "version": "1 0"})),
            ["spec.webAcl.managedRuleGroups", "such as Version_1.10"],
        ),
        (
            group(json!({"name": "A", "action": "Block"})),
            ["action", "\"Enforce\", \"Count\""],
        ),
        (
            group(json!({"name": "A", "overrides": [{"rule": "a b", "action": "Count"}]})),
            ["overrides[].rule", "such as SizeRestrictions_BODY"],
        ),
        (
            group(json!({"name": "A", "overrides": [{"rule": "R", "action": "Drop"}]})),
            ["overrides[0].action", "\"Captcha\""],
        ),
        (
            web_acl(json!({"managedRuleGroups": [{"name": "A"}, {"name": "A"}]})),
            ["spec.webAcl.managedRuleGroups[1]", "Duplicate value"],
        ),
        (
            limit(json!({"limit": 9})),
            ["spec.webAcl.rateLimits[0].limit", "greater than or equal to 10"],
        ),
        (
            limit(json!({"name": "Per IP"})),
            ["spec.webAcl.rateLimits", "such as per-ip"],
        ),
        (
            limit(json!({"window": "3m"})),
            [
                "spec.webAcl.rateLimits[0].window",
                "\"1m\", \"2m\", \"5m\", \"10m\"",
            ],
        ),
        (
            limit(json!({"action": "Allow"})),
            ["spec.webAcl.rateLimits", "use Block, Count, Captcha or Challenge"],
        ),
        (
            limit(json!({"scope": {}})),
            ["spec.webAcl.rateLimits[].scope", "or leave scope out"],
        ),
        (
            limit(json!({"scope": {"pathPrefix": "login"}})),
            ["scope.pathPrefix", "start with /"],
        ),
        (
            limit(json!({"scope": {"cidrs": ["10.0.0.0"]}})),
            ["scope.cidrs", "such as 192.0.2.0/24"],
        ),
        (
            limit(json!({"scope": {"countries": ["S1"]}})),
            ["scope.countries", "such as SE"],
        ),
        (
            web_acl(json!({"rateLimits": vec![json!({"name": "a", "limit": 10}); 11]})),
            ["spec.webAcl.rateLimits", "at most 10 items"],
        ),
        (
            web_acl(json!({"allowCidrs": ["10.0.0.1/8"]})),
            ["spec.webAcl.allowCidrs", "by their network address"],
        ),
        (
            web_acl(json!({"allowCidrs": ["300.0.0.0/8"]})),
            ["spec.webAcl.allowCidrs", "such as 192.0.2.0/24"],
        ),
        (
            web_acl(json!({"blockCidrs": ["0.0.0.0/0"]})),
            ["spec.webAcl.blockCidrs", "AWS WAF takes no /0"],
        ),
        (
            web_acl(json!({"countries": {}})),
            ["spec.webAcl.countries", "exactly one"],
        ),
        (
            web_acl(json!({"countries": {"allow": ["se"]}})),
            ["spec.webAcl.countries.allow", "such as SE"],
        ),
        (
            web_acl(json!({"countries": {"block": ["S "]}})),
            ["spec.webAcl.countries.block", "such as SE"],
        ),
        (
            logging("arn:aws:logs:eu-north-1:111122223333:log-group:aws-waf-logs-x"),
            ["spec.webAcl.logging.destinationArn", "in us-east-1"],
        ),
        (
            logging("arn:aws:s3:::my-logs"),
            ["spec.webAcl.logging.destinationArn", "start with aws-waf-logs-"],
        ),
        (
            web_acl(
                json!({"logging": {"destinationArn": "arn:aws:s3:::aws-waf-logs-x", "redactHeaders": ["Cookie"]}}),
            ),
            ["spec.webAcl.logging.redactHeaders", "in lower case"],
        ),
        (
            rule(json!({"Statement": {}})),
            ["spec.webAcl.rules[0].Name", "Required value"],
        ),
        (
            rule(json!({"Name": "a b"})),
            ["spec.webAcl.rules[].Name", "letters, digits, _ and -"],
        ),
        (
            rule(json!({"Name": "palisade-mine"})),
            ["spec.webAcl.rules[].Name", "choose another"],
        ),
        (
            rule(json!({"Name": "ShieldMitigationRuleGroup_1_2"})),
            ["spec.webAcl.rules[].Name", "choose another"],
        ),
        (
            rule(json!({"Name": "PREFMManaged-x"})),
            ["spec.webAcl.rules[].Name", "choose another"],
        ),
        (
            rule(json!({"Name": "POSTFMManaged-x"})),
            ["spec.webAcl.rules[].Name", "choose another"],
        ),
        (
            rule(json!({"Name": "mine", "Priority": 1})),
            ["spec.webAcl.rules[].Priority", "leave it out"],
        ),
        (
            web_acl(json!({"rules": [{"Name": "a"}, {"Name": "a"}]})),
            ["spec.webAcl.rules[1]", "Duplicate value"],
        ),
    ]
}

#[tokio::test]
async fn a_wrong_spec_is_refused_with_the_field_and_the_remedy() {
    let api = api(kubernetes::client().await, "default");
    let mut surprises = Vec::new();
    for (spec, parts) in refused() {
        match creation(&api, &petstore_with(&spec)).await {
            Ok(_) => surprises.push(format!("{spec}: taken")),
            Err(message) if parts.iter().all(|part| message.contains(part)) => {}
            Err(message) => surprises.push(format!("{spec}: wanted {parts:?} in: {message}")),
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

#[tokio::test]
async fn a_name_over_63_characters_is_refused() {
    let api = api(kubernetes::client().await, "default");
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
        json!({"access": {"sigV4": {"viewerAuthorization": "Forward", "logs": true}}}),
        json!({"distribution": {"aliases": []}}),
        json!({"distribution": {"aliases": ["*.shop.example.com", "a.xn--fiqs8s"], "certificateArn": CERTIFICATE, "minimumTlsVersion": "TLSv1.3_2025"}}),
        json!({"distribution": {"originReadTimeout": "120s", "geoRestriction": {"block": ["KP"]}}}),
        json!({"distribution": {"logging": {"bucket": "my-logs.s3.eu-north-1.amazonaws.com", "prefix": "shop/"}}}),
        json!({"webAcl": {"managedRuleGroups": [], "rateLimits": [], "rules": []}}),
        json!({"webAcl": {"allowCidrs": ["192.0.2.44/32", "2001:db8::/32"], "blockCidrs": []}}),
        json!({"webAcl": {"rateLimits": [{"name": "login", "limit": 10, "window": "1m", "action": "Challenge",
            "scope": {"pathPrefix": "/prod/login", "countries": ["SE"], "cidrs": ["10.0.0.0/8"]}}]}}),
        json!({"webAcl": {"logging": {"destinationArn": "arn:aws:s3:::aws-waf-logs-shop/waf", "redactHeaders": ["cookie"]}}}),
        json!({"tags": {"cost center": "Köln 4711/a+b=c@d"}, "deletionPolicy": "Retain", "suspend": true}),
    ]
}

#[tokio::test]
async fn a_right_spec_is_taken() {
    let api = api(kubernetes::client().await, "default");
    for spec in accepted() {
        creation(&api, &petstore_with(&spec))
            .await
            .unwrap_or_else(|message| panic!("{spec}: {message}"));
    }
}

#[tokio::test]
async fn the_api_server_adds_nothing_to_a_spec_and_keeps_all_of_a_free_rule() {
    let api = api(kubernetes::client().await, "default");
    let spec =
        json!({"webAcl": {"rules": [{"Name": "mine", "Newer": {"Than": ["this", 1, {"schema": true}]}}]}});
    let object = petstore_with(&spec);
    let created = creation(&api, &object).await.expect("taken");
    assert_eq!(created["spec"], object["spec"]);
}

#[tokio::test]
async fn a_null_is_the_same_as_nothing() {
    let api = api(kubernetes::client().await, "default");
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
    let api = api(client, &namespace);
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
async fn kubectl_shows_what_matters() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let object = serde_json::from_value(petstore()).expect("an object");
    api(client, &namespace)
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
        "NAME READY URL LOCKED REASON AGE ENDPOINT STAGE DISTRIBUTION STATE MESSAGE"
    );
    let explained = kubernetes::kubectl(&["explain", "papi.spec.deletionPolicy"]);
    assert!(explained.contains("Baseline: Delete"), "{explained}");
}

#[test]
fn the_committed_definition_is_the_generated_one() {
    let committed = include_str!("../crds/protectedapis.palisade.dev.yaml");
    let generated = crd_yaml().expect("YAML");
    assert!(
        committed == generated,
        "crds/ has drifted from src/api: run `make crds` and commit the result"
    );
}

/// All schemas below the object's, each with its path.
fn schemas() -> Vec<(String, Value)> {
    fn collect(path: &str, schema: &Value, found: &mut Vec<(String, Value)>) {
        found.push((path.to_owned(), schema.clone()));
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            collect(&format!("{path}.{name}"), property, found);
        }
        for (key, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
            if schema[key].is_object() {
                collect(&format!("{path}{mark}"), &schema[key], found);
            }
        }
    }
    let crd: Value = serde_yaml::from_str(&crd_yaml().expect("YAML")).expect("a definition");
    let mut found = Vec::new();
    collect(
        "",
        &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"],
        &mut found,
    );
    found
}

/// Paths of the schemas that break `rule`.
fn offenders(rule: impl Fn(&str, &Value) -> bool) -> Vec<String> {
    schemas()
        .into_iter()
        .filter(|(path, schema)| !rule(path, schema))
        .map(|(path, _)| path)
        .collect()
}

#[test]
fn no_property_has_a_default_that_would_shadow_a_class() {
    assert_eq!(
        offenders(|_, schema| schema.get("default").is_none()),
        Vec::<String>::new()
    );
}

#[test]
fn every_list_map_and_string_is_bounded() {
    let bounded = |_: &str, schema: &Value| match schema["type"].as_str() {
        Some("array") => schema.get("maxItems").is_some(),
        Some("string") => ["maxLength", "enum", "format"]
            .iter()
            .any(|bound| schema.get(bound).is_some()),
        Some("object") => schema["additionalProperties"].is_null() || schema.get("maxProperties").is_some(),
        _ => true,
    };
    assert_eq!(offenders(bounded), Vec::<String>::new());
}

#[test]
fn every_property_is_described() {
    let described = |path: &str, schema: &Value| {
        let is_property = !path.is_empty() && !path.ends_with("[]") && !path.ends_with("{}");
        !is_property
            || schema["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
    };
    assert_eq!(offenders(described), Vec::<String>::new());
}

#[test]
fn nothing_may_be_null() {
    assert_eq!(
        offenders(|_, schema| schema.get("nullable").is_none()),
        Vec::<String>::new()
    );
}

#[test]
fn every_rule_has_a_message_that_names_a_field() {
    let named = |_: &str, schema: &Value| {
        let mut rules = schema["x-kubernetes-validations"]
            .as_array()
            .into_iter()
            .flatten();
        rules.all(|rule| {
            rule["message"]
                .as_str()
                .is_some_and(|text| text.starts_with("spec.") || text.starts_with("metadata."))
        })
    };
    assert_eq!(offenders(named), Vec::<String>::new());
}
