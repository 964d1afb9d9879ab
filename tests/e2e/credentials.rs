//! Credentials that expire: told as what they are, and work goes on with valid ones.

use crate::foreign_hand::web_acl;
use crate::promtool::Scrape;
use crate::scene::{Scene, aws, fault};
use crate::update::rate_limit;
use serde_json::{Value, json};

/// Which service words it how.
const EXPIRED: [(&str, &[&str]); 2] = [
    ("ExpiredToken", &["cloudfront", "iam", "sts"]),
    (
        "ExpiredTokenException",
        &["apigateway", "lambda", "resourcegroupstaggingapi", "wafv2"],
    ),
];

/// Lets the key of this scene's controller expire; answers the faults to take away.
fn expire(scene: &Scene) -> Vec<String> {
    let rule = |service: &str, code: &str| {
        json!({
            "kind": "error", "service": service, "key": scene.key("one"), "count": -1, "code": code, "status": 403,
            "message": "The security token included in the request is expired",
        })
    };
    let services = EXPIRED
        .iter()
        .flat_map(|(code, services)| services.iter().map(move |service| (*service, *code)));
    services
        .map(|(service, code)| fault(&rule(service, code)))
        .collect()
}

fn renew(faults: &[String]) {
    for id in faults {
        aws().control("DELETE", &format!("faults/{id}"), &Value::Null);
    }
}

/// How many passes ended so.
fn passes(scrape: &Scrape, outcome: &str) -> f64 {
    scrape.value(&format!("palisade_reconciles_total{{outcome=\"{outcome}\"}}"))
}

#[tokio::test]
async fn expired_credentials_are_told_and_fire_and_what_waited_is_done_once_they_are_valid() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let expired = expire(&scene);
    scene
        .change(
            "petstore",
            json!({"webAcl": {"rateLimits": [{"name": "per-ip", "limit": 500}]}}),
        )
        .await;
    let message = scene
        .until_condition("petstore", "Stalled", "True", "CredentialsInvalid")
        .await;
    for part in ["ExpiredToken", "credentials have expired", "IRSA or Pod Identity"] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    scene
        .until_event("CredentialsInvalid", &["credentials have expired"])
        .await;
    let (mut before, mut now) = (Scrape::of(&controller), Scrape::of(&controller));
    scene
        .until("two passes fail, and none succeeds", async || {
            now = Scrape::of(&controller);
            // `AwsAccount`s of other tests are looked at, too.
            if passes(&now, "ok") > passes(&before, "ok") {
                before = Scrape::of(&controller);
            }
            passes(&now, "CredentialsInvalid") >= passes(&before, "CredentialsInvalid") + 2.0
        })
        .await;
    now.since(&before).fires(&["PalisadePassesFail"]);
    renew(&expired);
    scene.until_ready("petstore").await;
    assert_eq!(rate_limit(&web_acl(&scene, "petstore").await), 500);
    assert_eq!(scene.condition("petstore", "Stalled").await, None);
}

#[tokio::test]
async fn a_deletion_goes_on_once_the_credentials_are_valid() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let expired = expire(&scene);
    scene.delete("petstore").await;
    let message = scene
        .until_condition_of_any_generation("petstore", "Stalled", "CredentialsInvalid")
        .await;
    assert!(message.contains("credentials have expired"), "{message}");
    renew(&expired);
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
}

#[tokio::test]
async fn a_controller_that_starts_with_expired_credentials_waits_for_valid_ones() {
    let scene = Scene::new().await;
    let expired = expire(&scene);
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene
        .until("its log says so", async || {
            controller.text().contains("ExpiredToken")
        })
        .await;
    scene
        .until("/readyz waits for nothing else", async || {
            controller.health("/readyz").1 == "waiting for AWS credentials\n"
        })
        .await;
    renew(&expired);
    scene.until_ready("petstore").await;
}
