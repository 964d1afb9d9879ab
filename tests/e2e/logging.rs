//! WAF's logs, to each kind of destination that WAF takes.

use crate::foreign_hand::logging;
use crate::scene::Scene;
use serde_json::{Value, json};

const STREAM: &str = "arn:aws:firehose:us-east-1:123456789012:deliverystream/aws-waf-logs-shop";
const BUCKET: &str = "arn:aws:s3:::aws-waf-logs-shop/waf";
const GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-shop";

#[tokio::test]
async fn logs_go_to_a_stream_a_bucket_or_a_log_group_and_end_when_they_are_no_longer_wanted() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    for destination in [STREAM, BUCKET, GROUP] {
        let wanted = json!({"destinationArn": destination, "redactHeaders": ["cookie"]});
        scene
            .change("petstore", json!({"webAcl": {"logging": wanted}}))
            .await;
        scene.until_ready("petstore").await;
        let found = logging(&scene, "petstore").await;
        assert_eq!(found["LogDestinationConfigs"], json!([destination]));
        assert_eq!(
            found["RedactedFields"],
            json!([{"SingleHeader": {"Name": "cookie"}}])
        );
    }
    scene
        .change("petstore", json!({"webAcl": {"logging": null}}))
        .await;
    scene.until_ready("petstore").await;
    assert_eq!(logging(&scene, "petstore").await, Value::Null);
}

#[tokio::test]
async fn a_right_that_a_destination_needs_is_named_and_the_rest_stands() {
    let scene = Scene::new().await;
    let without = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "NotAction": "s3:PutBucketPolicy", "Resource": "*"},
    ]});
    let _controller = scene.launch().policy(without).start();
    scene.apply(
        "petstore",
        &json!({"webAcl": {"logging": {"destinationArn": BUCKET}}}),
    );
    let message = scene
        .until_condition("petstore", "WebAclReady", "False", "AccessDenied")
        .await;
    for part in [
        "s3:PutBucketPolicy",
        "arn:aws:s3:::aws-waf-logs-shop",
        "DeliverWafLogsToBuckets",
    ] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    scene
        .until_condition("petstore", "DistributionDeployed", "True", "Deployed")
        .await;
    assert_eq!(logging(&scene, "petstore").await, Value::Null);
}
