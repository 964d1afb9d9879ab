//! The modes with a secret value, seen as a caller.

use crate::apis::{self, endpoint, seed};
use crate::scene::{Scene, current_condition, fault};
use crate::viewers::{Viewers, domain, get, handshake, request};
use palisade::api::ROTATE;
use serde_json::{Value, json};

/// Asks for another value, and waits until the old one is gone.
async fn rotate(scene: &Scene) {
    scene.kubectl(&["annotate", "papi", "petstore", &format!("{ROTATE}=now")]);
    scene.until_event("Rotated", &["accepted no more"]).await;
    scene.until_ready("petstore").await;
}

#[tokio::test]
async fn a_rest_api_takes_the_perimeters_key_and_no_other() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({"access": {"mode": "ApiKey"}}));
    scene.until_ready("petstore").await;
    assert_eq!(get(&domain(&scene, "petstore").await, "/prod/pets").0, 200);
    let forbidden = (403, r#"{"message":"Forbidden"}"#.to_owned());
    assert_eq!(get(&scene.endpoint(), "/prod/pets"), forbidden);
    let guessed = "Connection: close\r\nX-API-Key: 0123456789012345678901234567890123456789\r\n";
    assert_eq!(request(&scene.endpoint(), "/prod/pets", guessed), forbidden);
    let spoofed = request(&domain(&scene, "petstore").await, "/prod/pets", guessed);
    assert_eq!(spoofed.0, 200, "CloudFront's own value takes a viewer's place");
}

#[tokio::test]
async fn apis_of_every_type_take_the_perimeters_secret_and_no_other() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({"access": {"mode": "SecretHeader"}}));
    let http = seed(
        &scene,
        "HTTP",
        &json!([{"name": "$default", "autoDeploy": true}]),
        &json!(["GET /orders", "POST /orders"]),
    );
    let http = endpoint(&http);
    scene.apply(
        "orders",
        &json!({"origin": {"endpoint": http, "type": "HTTP", "stage": "$default"},
            "access": {"mode": "SecretHeader", "secretHeader": {"name": "x-perimeter"}}}),
    );
    let socket = seed(
        &scene,
        "WEBSOCKET",
        &json!([{"name": "prod", "autoDeploy": true}]),
        &json!(["$connect", "$default"]),
    );
    let socket = endpoint(&socket);
    scene.apply(
        "chat",
        &json!({"origin": {"endpoint": socket, "type": "WEBSOCKET", "stage": "prod", "path": "/prod"},
            "access": {"mode": "SecretHeader"}}),
    );
    for name in ["petstore", "orders", "chat"] {
        scene.until_ready(name).await;
    }
    assert_eq!(get(&domain(&scene, "petstore").await, "/prod/pets").0, 200);
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 401);
    let guessed = "Connection: close\r\nX-Origin-Verify: guessed\r\n";
    assert_eq!(request(&scene.endpoint(), "/prod/pets", guessed).0, 403);
    assert_eq!(get(&domain(&scene, "orders").await, "/orders").0, 200);
    assert_eq!(get(&http, "/orders").0, 401);
    assert_eq!(handshake(&domain(&scene, "chat").await, "/"), 101);
    assert_eq!(handshake(&socket, "/prod"), 401);
}

#[tokio::test]
async fn no_viewer_is_refused_while_a_mode_takes_the_place_of_any_other_and_the_controller_dies() {
    let scene = Scene::new().await;
    let mut controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let viewers = Viewers::of(domain(&scene, "petstore").await);
    // Each mode after each other one.
    for mode in [
        "ApiKey",
        "SecretHeader",
        "SigV4",
        "SecretHeader",
        "ApiKey",
        "SigV4",
    ] {
        scene.change("petstore", json!({"access": {"mode": mode}})).await;
        scene
            .until_object("the controller is at work", "petstore", |object| {
                let state = current_condition(object, "DistributionDeployed");
                state.is_some_and(|state| state["status"] == "False")
            })
            .await;
        drop(controller);
        controller = scene.launch().start();
        scene.until_ready("petstore").await;
        assert!(get(&scene.endpoint(), "/prod/pets").0 >= 401, "{mode}");
    }
    viewers.end();
}

/// Replaces the value, with a controller that dies meanwhile, under viewers none of whom may be refused.
async fn replaces_a_value_under_viewers(mode: &str) {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({"access": {"mode": mode}}));
    scene.until_ready("petstore").await;
    let viewers = Viewers::of(domain(&scene, "petstore").await);
    scene.kubectl(&["annotate", "papi", "petstore", &format!("{ROTATE}=now")]);
    scene
        .until_condition("petstore", "AccessRestricted", "True", "Rotating")
        .await;
    drop(controller);
    let _controller = scene.start();
    scene.until_event("Rotated", &["accepted no more"]).await;
    scene.until_ready("petstore").await;
    viewers.end();
}

#[tokio::test]
async fn no_viewer_is_refused_while_an_api_key_is_replaced() {
    replaces_a_value_under_viewers("ApiKey").await;
}

#[tokio::test]
async fn no_viewer_is_refused_while_a_secret_header_is_replaced() {
    replaces_a_value_under_viewers("SecretHeader").await;
}

#[tokio::test]
async fn an_api_that_asks_its_callers_for_keys_is_not_locked_by_one() {
    let scene = Scene::new().await;
    let method = json!({"method": "GET /paid", "apiKeyRequired": true});
    apis::edit(&scene, &json!({"methods": [method], "deploy": "prod"}));
    let _controller = scene.start();
    scene.apply("petstore", &json!({"access": {"mode": "ApiKey"}}));
    let told = scene
        .until_condition("petstore", "AccessRestricted", "False", "ApiKeyInTheWay")
        .await;
    assert!(
        told.contains("GET /paid") && told.contains("spec.access.mode"),
        "{told}"
    );
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 200, "nothing is locked");
}

/// Makes a value and replaces it, and looks for both in all that is told.
async fn tells_no_value(mode: &str) {
    assert!(
        has_value(&format!("a palisade{} b", "0a".repeat(32))),
        "one would be seen"
    );
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({"access": {"mode": mode}}));
    scene.until_ready("petstore").await;
    rotate(&scene).await;
    drop(controller);
    let events = scene.events().await;
    let told = format!(
        "{}{}{events:?}{}",
        scene.all_logs(),
        scene.story(),
        scene.object("petstore").await
    );
    let resources = Value::from(scene.resources());
    for (what, text) in [("told", told), ("a tag or name", resources.to_string())] {
        assert!(!has_value(&text), "{mode}: a value is {what}");
    }
}

#[tokio::test]
async fn an_api_keys_value_stands_in_no_output() {
    tells_no_value("ApiKey").await;
}

#[tokio::test]
async fn a_secret_headers_value_stands_in_no_output() {
    tells_no_value("SecretHeader").await;
}

/// Whether a text holds a value of ours: `palisade` and 64 hex digits.
fn has_value(text: &str) -> bool {
    text.match_indices("palisade").any(|(at, mark)| {
        let digits = text[at + mark.len()..]
            .chars()
            .take_while(char::is_ascii_hexdigit);
        digits.count() >= 64
    })
}

#[tokio::test]
async fn no_viewer_is_refused_while_aws_throttles_a_change_of_mode() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let viewers = Viewers::of(domain(&scene, "petstore").await);
    for (service, operation) in [("cloudfront", "*"), ("apigateway", "*"), ("lambda", "*")] {
        fault(&json!({
            "kind": "throttle", "service": service, "operation": operation, "key": scene.key("one"), "count": 12,
        }));
    }
    scene
        .change("petstore", json!({"access": {"mode": "SecretHeader"}}))
        .await;
    scene.until_ready("petstore").await;
    viewers.end();
    assert_eq!(get(&scene.endpoint(), "/prod/pets").0, 401);
}
