//! What the platform team did not permit is not done.

use crate::kubernetes::kubectl;
use crate::scene::Scene;
use serde_json::json;

#[tokio::test]
async fn without_permission_nothing_is_done_and_with_it_the_object_goes_on_by_itself() {
    let scene = Scene::permitted(&[]).await;
    let _controller = scene.launch().option("--resync", "10m").start();
    scene.apply("petstore", &json!({}));
    let message = scene
        .until_condition("petstore", "Accepted", "False", "NotPermitted")
        .await;
    let annotation = format!("palisade.dev/allowed-apis=eu-north-1/{}", scene.api);
    assert!(message.contains(&annotation), "{message}");
    scene.until_event("NotPermitted", &[&annotation]).await;
    let of_object = |call: &&serde_json::Value| {
        call["resource"]
            .as_str()
            .is_some_and(|resource| resource.contains(&scene.api))
    };
    assert_eq!(scene.calls(0).iter().find(of_object), None, "AWS was asked");

    kubectl(&["annotate", "namespace", &scene.namespace, &annotation]);
    scene.until_ready("petstore").await;
}

#[tokio::test]
async fn domains_and_arns_need_permission_too() {
    let apis = [
        ("palisade.dev/allowed-apis", "*"),
        ("palisade.dev/allowed-domains", "*.shop.example.com"),
    ];
    let scene = Scene::permitted(&apis).await;
    let _controller = scene.start();
    let certificate = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    let distribution =
        |alias: &str| json!({"distribution": {"aliases": [alias], "certificateArn": certificate}});
    scene.apply("petstore", &distribution("api.bank.example.com"));
    let message = scene
        .until_condition("petstore", "Accepted", "False", "NotPermitted")
        .await;
    assert!(
        message.contains("palisade.dev/allowed-domains=api.bank.example.com"),
        "{message}"
    );
    scene.apply("petstore", &distribution("api.shop.example.com"));
    let message = scene
        .until_condition("petstore", "Accepted", "False", "NotPermitted")
        .await;
    assert!(
        message.contains(&format!("palisade.dev/allowed-arns={certificate}")),
        "{message}"
    );
    assert!(scene.resources().is_empty());
}
