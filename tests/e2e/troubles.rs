//! What AWS refuses or delays is told with its own words and with what to do, and passes when its cause does.

use crate::foreign_hand::make_role;
use crate::scene::{Scene, aws, fault};
use serde_json::{Value, json};

fn everything_but(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "NotAction": action, "Resource": "*"},
    ]})
}

#[tokio::test]
async fn a_missing_permission_of_the_controller_is_named_with_action_and_resource() {
    let scene = Scene::new().await;
    let _controller = scene
        .launch()
        .policy(everything_but("wafv2:CreateWebACL"))
        .start();
    scene.apply("petstore", &json!({}));
    let message = scene
        .until_condition("petstore", "WebAclReady", "False", "AccessDenied")
        .await;
    for part in [
        "wafv2:CreateWebACL",
        "arn:aws:wafv2:us-east-1:123456789012:global/webacl/palisade-",
        "palisade iam-policy",
    ] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    scene.until_event("AccessDenied", &["wafv2:CreateWebACL"]).await;
    scene
        .until_condition("petstore", "Stalled", "True", "AccessDenied")
        .await;

    let key = scene.key("one");
    aws().control(
        "POST",
        "seed",
        &json!({"users": [{"name": key, "accessKeyId": key}]}),
    );
    scene.change("petstore", json!({"tags": {"try": "again"}})).await;
    scene.until_ready("petstore").await;
}

#[tokio::test]
async fn a_throttled_object_says_so_and_goes_on() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let uid = scene.uid("petstore").await;
    let throttle = json!({"kind": "throttle", "operation": "UpdateWebACL", "match": uid[..8], "count": -1});
    let fault = fault(&throttle);
    scene
        .change(
            "petstore",
            json!({"webAcl": {"rateLimits": [{"name": "per-ip", "limit": 500}]}}),
        )
        .await;
    let message = scene
        .until_condition("petstore", "WebAclReady", "False", "Throttled")
        .await;
    assert!(
        message.contains("ThrottlingException") && message.contains("since "),
        "{message}"
    );
    let (_, metrics) = controller.metrics();
    assert!(
        metrics.contains("palisade_aws_throttles_total{service=\"wafv2\"}"),
        "{metrics}"
    );
    aws().control("DELETE", &format!("faults/{fault}"), &Value::Null);
    scene.until_ready("petstore").await;
}

#[tokio::test]
async fn a_new_role_that_lambda_does_not_know_yet_is_waited_for() {
    let scene = Scene::new().await;
    scene.apply("petstore", &json!({}));
    let refusal = json!({
        "kind": "error", "operation": "CreateFunction", "match": scene.uid("petstore").await, "count": 1,
        "code": "InvalidParameterValueException", "status": 400,
        "message": "The role defined for the function cannot be assumed by Lambda.",
    });
    fault(&refusal);
    let _controller = scene.start();
    let note = scene.until_event("RolePropagating", &["cannot be assumed"]).await;
    assert!(note.contains("usually takes seconds"), "{note}");
    scene.until_ready("petstore").await;
    let warnings = scene
        .events()
        .await
        .into_iter()
        .filter(|(reason, _)| reason == "AwsRefused")
        .count();
    assert_eq!(warnings, 0);
}

#[tokio::test]
async fn an_alias_in_use_elsewhere_stalls_with_what_to_do() {
    let scene = Scene::new().await;
    scene.apply("petstore", &json!({}));
    let refusal = json!({
        "kind": "error", "operation": "CreateDistributionWithTags", "match": scene.uid("petstore").await, "count": -1,
        "code": "CNAMEAlreadyExists", "status": 409,
        "message": "One or more of the CNAMEs you provided are already associated with a different resource.",
    });
    fault(&refusal);
    let _controller = scene.start();
    let message = scene
        .until_condition("petstore", "DistributionDeployed", "False", "AliasInUse")
        .await;
    assert!(message.contains("CNAMEAlreadyExists"), "{message}");
    scene
        .until_condition("petstore", "Stalled", "True", "AliasInUse")
        .await;
}

#[tokio::test]
async fn a_role_of_our_name_that_somebody_else_made_is_left_alone_and_told() {
    let scene = Scene::new().await;
    scene.apply("petstore", &json!({}));
    let uid = scene.uid("petstore").await;
    make_role(&format!("palisade-{}-petstore-{}", scene.namespace, &uid[..8]));
    let _controller = scene.start();
    let message = scene
        .until_condition("petstore", "SignerReady", "False", "NameTaken")
        .await;
    assert!(message.contains("palisade-"), "{message}");
    scene
        .until_condition("petstore", "Stalled", "True", "NameTaken")
        .await;
    let roles: Vec<Value> = scene
        .resources()
        .into_iter()
        .filter(|resource| resource["type"] == "role")
        .collect();
    assert_eq!(
        (roles.len(), &roles[0]["tags"], &roles[0]["policies"]),
        (1, &json!({}), &json!([]))
    );
}

#[tokio::test]
async fn while_cloudfront_deploys_the_object_says_since_when_and_about_how_long() {
    let scene = Scene::new().await;
    let _controller = scene.launch().option("--deployment-poll", "4s").start();
    scene.apply("petstore", &json!({}));
    let message = scene
        .until_condition("petstore", "DistributionDeployed", "False", "Deploying")
        .await;
    assert!(message.contains("3 to 10 minutes (since 20"), "{message}");
    scene
        .until_condition("petstore", "Reconciling", "True", "Deploying")
        .await;
    let columns = scene.kubectl(&["get", "papi"]);
    assert!(
        columns.contains("False") && columns.contains("Deploying"),
        "{columns}"
    );
    scene.until_ready("petstore").await;
    assert_eq!(
        scene.condition("petstore", "Reconciling").await,
        None,
        "present only while true"
    );
}
