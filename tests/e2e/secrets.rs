//! Secrets stay where they are: in the environment, and in AWS.

use crate::foreign_hand::{distribution, tamper_distribution};
use crate::kubernetes::kubectl;
use crate::scene::Scene;
use serde_json::json;

/// Plants secrets in the environment and in AWS, and looks for them in all that is told of an object's life.
async fn tells_no_secret(format: &str) {
    let scene = Scene::new().await;
    let controller = scene
        .launch()
        .option("--log-level", "trace")
        .option("--log-format", format)
        .env("AWS_SECRET_ACCESS_KEY", "planted-secret-key")
        .env("AWS_SESSION_TOKEN", "planted-session-token")
        .start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let header = "<Quantity>1</Quantity><Items><OriginCustomHeader><HeaderName>x-origin-verify</HeaderName>\
                  <HeaderValue>planted-header-value</HeaderValue></OriginCustomHeader></Items>";
    let change = json!({"setXml": {"Origins/Items/Origin[1]/CustomHeaders": header}});
    tamper_distribution(&scene, "petstore", &change).await;
    // Whether the header stays or goes, the distribution is written and read with it.
    scene
        .change(
            "petstore",
            json!({"distribution": {"priceClass": "PriceClass_100"}}),
        )
        .await;
    scene
        .until("the change", async || {
            distribution(&scene, "petstore").await.contains("PriceClass_100")
        })
        .await;
    scene.until_ready("petstore").await;
    scene.delete("petstore").await;
    scene.until_event("Deleting", &["distribution E"]).await;

    let object = kubectl(&[
        "get",
        "papi",
        "--namespace",
        &scene.namespace,
        "-o",
        "yaml",
        "--show-managed-fields",
    ]);
    let events = kubectl(&["get", "events", "--namespace", &scene.namespace, "-o", "yaml"]);
    let resources: String = scene
        .resources()
        .iter()
        .map(|resource| resource["tags"].to_string())
        .collect();
    let outputs = [
        ("log", scene.all_logs()),
        ("object", object),
        ("events", events),
        ("tags", resources),
        ("metrics", controller.metrics().1),
    ];
    for (name, text) in outputs {
        assert!(!text.is_empty(), "{name} is empty");
        let line = text.lines().find(|line| line.contains("planted-"));
        assert_eq!(line, None, "in {name}, {format}");
    }
}

#[tokio::test]
async fn a_planted_secret_is_in_no_output_with_a_log_of_text() {
    tells_no_secret("text").await;
}

#[tokio::test]
async fn a_planted_secret_is_in_no_output_with_a_log_of_json() {
    tells_no_secret("json").await;
}
