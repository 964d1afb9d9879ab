//! What the platform team did not permit is not done.

use crate::apis::{endpoint, seed_rest};
use crate::kubernetes::kubectl;
use crate::scene::Scene;
use serde_json::{Value, json};

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
    let of_object = |call: &&Value| {
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
        message.contains("adding `api.bank.example.com` to its annotation palisade.dev/allowed-domains")
            && message.contains("`*.shop.example.com`"),
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

#[tokio::test]
async fn the_controllers_own_account_is_for_those_alone_whom_its_aws_account_allows() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    let name = format!("{}-own", scene.namespace);
    let declare = |allowed: &str| {
        let account = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": name},
            "spec": {"allowedNamespaces": {"names": [allowed]}},
        });
        kubectl(&["apply", "-f", &scene.write(&account)]);
    };
    declare("somebody-else");
    scene.apply("petstore", &json!({"accountName": name}));
    let message = scene
        .until_condition("petstore", "Accepted", "False", "NotPermitted")
        .await;
    for part in [&name, &scene.namespace, "spec.allowedNamespaces.names"] {
        assert!(message.contains(part), "{part} is missing in: {message}");
    }
    // Who does not name it is in the same account.
    let other = scene.another_api('o');
    seed_rest(&other);
    scene.apply("unnamed", &json!({"origin": {"endpoint": endpoint(&other)}}));
    let message = scene
        .until_condition("unnamed", "Accepted", "False", "NotPermitted")
        .await;
    assert!(
        message.contains(&name) && message.contains("the controller's own account"),
        "{message}"
    );
    scene
        .until_event("NotPermitted", &["does not allow the namespace"])
        .await;
    // The account's own pass reads the lists.
    let is_for_an_object = |call: &&Value| {
        let text = |field: &str| call[field].as_str().unwrap_or_default();
        let is_read = ["Get", "List", "Describe"]
            .iter()
            .any(|verb| text("operation").starts_with(verb));
        !is_read
            || [&scene.api, &other]
                .iter()
                .any(|api| text("resource").contains(*api))
    };
    assert_eq!(scene.calls(0).iter().find(is_for_an_object), None);
    assert!(scene.object("petstore").await["metadata"]["finalizers"].is_null());

    declare(&scene.namespace);
    scene.until_ready("petstore").await;
    scene.until_ready("unnamed").await;
    assert_eq!(scene.resources().len(), 8, "{:?}", scene.resources());

    // What is there stays as it is.
    declare("somebody-else");
    for object in ["petstore", "unnamed"] {
        scene
            .until_condition(object, "Accepted", "False", "NotPermitted")
            .await;
    }
    assert_eq!(scene.resources().len(), 8, "{:?}", scene.resources());
}
