//! Every field can be changed in place, and an event names what changed.

use crate::foreign_hand::{distribution, web_acl};
use crate::scene::{Scene, seed_certificate};
use serde_json::{Value, json};

#[tokio::test]
async fn changed_fields_reach_aws_in_place_and_are_named_by_an_event() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let before = scene.object("petstore").await["status"].clone();

    scene
        .change(
            "petstore",
            json!({
                "origin": {"path": "/prod"},
                "distribution": {"priceClass": "PriceClass_100"},
                "webAcl": {"rateLimits": [{"name": "per-ip", "limit": 500}]},
            }),
        )
        .await;
    scene.until_ready("petstore").await;
    let config = distribution(&scene, "petstore").await;
    assert!(
        config.contains("<PriceClass>PriceClass_100</PriceClass>"),
        "{config}"
    );
    assert!(config.contains("<OriginPath>/prod</OriginPath>"), "{config}");
    assert_eq!(rate_limit(&web_acl(&scene, "petstore").await), 500);
    scene
        .until_event("Updated", &["distribution", "origin.path", "priceClass"])
        .await;
    scene.until_event("Updated", &["web ACL", "per-ip"]).await;

    let certificate = seed_certificate("pets.example.com");
    let alias = format!("{}.pets.example.com", scene.namespace);
    scene
        .change(
            "petstore",
            json!({"distribution": {"aliases": [alias], "certificateArn": certificate}}),
        )
        .await;
    scene.until_ready("petstore").await;
    let config = distribution(&scene, "petstore").await;
    assert!(
        config.contains(&alias) && config.contains(&certificate),
        "{config}"
    );
    scene
        .until_event("Updated", &["distribution", "aliases", "certificate"])
        .await;

    let after = scene.object("petstore").await["status"].clone();
    assert_eq!(
        before["distribution"]["id"], after["distribution"]["id"],
        "made anew"
    );
    assert_eq!(before["webAcl"]["id"], after["webAcl"]["id"], "made anew");
    assert_eq!(
        before["signer"], after["signer"],
        "the signer has nothing to do with it"
    );
}

#[tokio::test]
async fn another_way_with_authorization_headers_is_another_function_version() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let before = scene.object("petstore").await["status"]["signer"].clone();

    scene
        .change(
            "petstore",
            json!({"access": {"sigV4": {"viewerAuthorization": "Forward"}}}),
        )
        .await;
    scene.until_ready("petstore").await;
    let after = scene.object("petstore").await["status"]["signer"].clone();
    assert_ne!(before["codeSha256"], after["codeSha256"]);
    assert_eq!(before["functionArn"], after["functionArn"]);
    let version = after["versionArn"].as_str().expect("a version");
    assert_ne!(before["versionArn"], after["versionArn"]);
    let config = distribution(&scene, "petstore").await;
    assert!(
        config.contains(&format!("<LambdaFunctionARN>{version}</LambdaFunctionARN>")),
        "{config}"
    );
    scene.until_event("Updated", &["function", "code"]).await;
}

/// The limit of the rate rule `per-ip`.
pub fn rate_limit(web_acl: &Value) -> u64 {
    let rules = web_acl["Rules"].as_array().expect("rules");
    let rule = rules
        .iter()
        .find(|rule| rule["Name"] == "palisade-rate-per-ip")
        .expect("the rate rule");
    rule["Statement"]["RateBasedStatement"]["Limit"]
        .as_u64()
        .expect("a limit")
}
