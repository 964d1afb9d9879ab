//! Bad input is refused with the field and what to write instead: by the API server, or in the conditions.

use crate::apis::{endpoint, seed};
use crate::scene::Scene;
use serde_json::json;

#[tokio::test]
async fn kubectl_apply_tells_the_field_and_the_remedy() {
    let scene = Scene::new().await;
    let cases = [
        (
            json!({"origin": {"endpoint": "https://api.example.com"}}),
            ["spec.origin.endpoint", "without scheme"],
        ),
        (
            json!({"distribution": {"aliases": ["api.example.com"]}}),
            ["spec.distribution.certificateArn", "name an ACM certificate"],
        ),
        (
            json!({"webAcl": {"rateLimits": [{"name": "per-ip", "limit": 9}]}}),
            ["spec.webAcl.rateLimits[0].limit", "greater than or equal to 10"],
        ),
        (
            json!({"webAcl": {"rules": [{"Name": "palisade-mine"}]}}),
            ["spec.webAcl.rules", "choose another"],
        ),
        (json!({"originn": {}}), ["originn", "unknown field"]),
    ];
    for (spec, parts) in cases {
        let refusal = scene.refusal(&scene.manifest("petstore", &spec)).await;
        assert!(
            parts.iter().all(|part| refusal.contains(part)),
            "wanted {parts:?} in: {refusal}"
        );
    }
    scene.apply("petstore", &json!({}));
    let moved = scene.manifest(
        "petstore",
        &json!({"origin": {"endpoint": endpoint("zzzzzzzzzz")}}),
    );
    let refusal = scene.refusal(&moved).await;
    assert!(
        refusal.contains("spec.origin.endpoint") && refusal.contains("immutable"),
        "{refusal}"
    );
}

#[tokio::test]
async fn an_api_that_is_not_as_declared_is_named() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("gone", &json!({"origin": {"endpoint": endpoint("nosuchapi0")}}));
    let chat = seed(&scene, "WEBSOCKET", &json!(["prod"]), &json!(["$connect"]));
    scene.apply("stage", &json!({"origin": {"stage": "test"}}));
    scene.apply(
        "type",
        &json!({"origin": {"endpoint": endpoint(&chat), "type": "HTTP"}}),
    );

    let message = scene
        .until_condition("gone", "Accepted", "False", "ApiNotFound")
        .await;
    assert!(
        message.contains("nosuchapi0") && message.contains("check endpoint"),
        "{message}"
    );
    let message = scene
        .until_condition("stage", "Accepted", "False", "StageNotFound")
        .await;
    assert!(
        message.contains("spec.origin.stage") && message.contains("test"),
        "{message}"
    );
    let message = scene
        .until_condition("type", "Accepted", "False", "ApiTypeMismatch")
        .await;
    assert!(
        message.contains("spec.origin.type") && message.contains("of type WEBSOCKET, not HTTP"),
        "{message}"
    );
    for name in ["gone", "stage", "type"] {
        scene
            .until_condition(
                name,
                "Ready",
                "False",
                &scene.condition(name, "Accepted").await.expect("it").1,
            )
            .await;
    }
    assert!(scene.resources().is_empty(), "{:?}", scene.resources());
}

#[tokio::test]
async fn rules_beyond_a_web_acls_capacity_are_refused_before_anything_is_made() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    let groups: Vec<_> = [
        "CommonRuleSet",
        "SQLiRuleSet",
        "KnownBadInputsRuleSet",
        "LinuxRuleSet",
        "UnixRuleSet",
        "WindowsRuleSet",
        "PHPRuleSet",
        "WordPressRuleSet",
        "AdminProtectionRuleSet",
        "AmazonIpReputationList",
        "AnonymousIpList",
    ]
    .iter()
    .map(|name| json!({"name": format!("AWSManagedRules{name}")}))
    .collect();
    let costly = json!({"RegexMatchStatement": {
        "RegexString": "a+", "FieldToMatch": {"Body": {"OversizeHandling": "CONTINUE"}},
        "TextTransformations": [{"Priority": 0, "Type": "CMD_LINE"}, {"Priority": 1, "Type": "JS_DECODE"}, {"Priority": 2, "Type": "CSS_DECODE"}],
    }});
    let heavy: Vec<_> = (0..40).map(|n| json!({
        "Name": format!("heavy-{n}"), "Action": {"Block": {}},
        "Statement": {"OrStatement": {"Statements": vec![costly.clone(); 3]}},
        "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "heavy"},
    })).collect();
    scene.apply(
        "petstore",
        &json!({"webAcl": {"managedRuleGroups": groups, "rules": heavy}}),
    );
    scene
        .until("the refusal", async || {
            let ready = scene.condition("petstore", "Ready").await;
            ready.is_some_and(|(status, reason, message)| {
                status == "False" && reason == "CapacityExceeded" && message.contains("5,000")
            })
        })
        .await;
    assert!(!scene.kinds().contains(&"webacl".to_owned()));
}

#[tokio::test]
async fn of_two_objects_for_one_stage_the_older_owns_it_and_the_other_goes_on_when_it_goes() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("older", &json!({}));
    scene.until_ready("older").await;
    scene.until_others_are_younger("older").await;
    scene.apply("younger", &json!({}));
    let message = scene
        .until_condition("younger", "Accepted", "False", "OwnedByAnother")
        .await;
    assert!(
        message.contains(&format!("{}/older", scene.namespace)),
        "{message}"
    );
    let made_for = |name: &str| {
        scene
            .resources()
            .iter()
            .any(|resource| resource["tags"]["palisade.dev/name"] == name)
    };
    assert!(!made_for("younger"));

    scene.delete("older").await;
    scene.until_ready("younger").await;
    scene
        .until("the older's are gone", async || !made_for("older"))
        .await;
}
