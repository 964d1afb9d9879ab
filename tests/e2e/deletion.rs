//! Deleted objects leave nothing in AWS, whatever became of their spec, their permission and their namespace.

use crate::kubernetes::kubectl;
use crate::promtool::Scrape;
use crate::scene::{Scene, aws, fault};
use serde_json::{Value, json};

const FINALIZER: &str = "palisade.dev/perimeter";

#[tokio::test]
async fn a_deleted_object_leaves_nothing() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({"webAcl": {"blockCidrs": ["203.0.113.0/24"]}}));
    scene.until_ready("petstore").await;
    assert_eq!(
        scene.object("petstore").await["metadata"]["finalizers"],
        json!([FINALIZER])
    );

    scene.delete("petstore").await;
    scene
        .until_condition_of_any_generation("petstore", "Ready", "Deleting")
        .await;
    scene.until_gone("petstore").await;
    for (reason, part) in [
        ("Deleting", "Switched off distribution E"),
        ("Deleted", "Deleted distribution E"),
        ("Deleted", "Deleted web ACL palisade-"),
        ("Deleted", "Deleted IP set palisade-"),
        ("Condemned", "function palisade-"),
        ("Condemned", "role palisade-"),
    ] {
        scene.until_event(reason, &[part]).await;
    }
    // Lambda lets the function go when its replicas are gone, and the role follows it.
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
}

#[tokio::test]
async fn while_replicas_live_the_condemned_wait_and_the_object_does_not_and_what_is_refused_fires() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let refusal = json!({
        "kind": "error", "operation": "DeleteFunction", "match": scene.namespace, "count": -1, "code": "InvalidParameterValueException",
        "status": 400, "message": "Lambda was unable to delete arn:aws:lambda:us-east-1:123456789012:function:x because it is a replicated function.",
    });
    let replicated = fault(&refusal);
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene.until_struck(&replicated).await;
    assert_eq!(scene.kinds(), ["function", "role"]);
    let condemned = |resource: &Value| resource["tags"]["palisade.dev/condemned"].is_string();
    assert!(scene.resources().iter().all(condemned), "{:?}", scene.resources());
    scene
        .until("metrics count it", async || {
            controller
                .metrics()
                .1
                .contains("palisade_condemned{kind=\"function\"} 1")
        })
        .await;

    let denied = fault(&json!({
        "kind": "error", "operation": "DeleteFunction", "match": scene.namespace, "count": -1, "code": "AccessDeniedException",
        "status": 403, "message": "User is not authorized to perform: lambda:DeleteFunction",
    }));
    aws().control("DELETE", &format!("faults/{replicated}"), &Value::Null);
    let parts = [
        "palisade_condemned_refused",
        "kind=\"function\"",
        "reason=\"AccessDenied\"",
    ];
    let scrape = Scrape::until(&scene, &controller, &parts).await;
    scrape.fires(&["PalisadeCondemnedRefused"]);

    aws().control("DELETE", &format!("faults/{denied}"), &Value::Null);
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
}

#[tokio::test]
async fn a_deletion_waits_while_suspended_says_so_and_goes_on() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    scene.change("petstore", json!({"suspend": true})).await;
    scene.delete("petstore").await;
    scene.until_event("Suspended", &["set it to false"]).await;
    let message = scene
        .until_condition_of_any_generation("petstore", "Ready", "Suspended")
        .await;
    assert!(message.contains("set it to false"), "{message}");
    assert_eq!(scene.kinds(), ["distribution", "function", "role", "webacl"]);

    scene.change("petstore", json!({"suspend": false})).await;
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
}

#[tokio::test]
async fn what_is_retained_stays_and_is_tagged() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({"deletionPolicy": "Retain"}));
    scene.until_ready("petstore").await;
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    let resources = scene.resources();
    assert_eq!(scene.kinds(), ["distribution", "function", "role", "webacl"]);
    let retained = |resource: &Value| resource["tags"]["palisade.dev/retained"].is_string();
    assert!(resources.iter().all(retained), "{resources:?}");
    let distribution = resources
        .iter()
        .find(|resource| resource["type"] == "distribution");
    assert_eq!(distribution.expect("it")["enabled"], true);
    for what in ["distribution E", "web ACL ", "function ", "role "] {
        scene.until_event("Retained", &[what]).await;
    }
}

#[tokio::test]
async fn with_its_namespace_an_object_goes_too() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    kubectl(&["delete", "namespace", &scene.namespace, "--wait=false"]);
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
    kubectl(&[
        "wait",
        "--for=delete",
        &format!("namespace/{}", scene.namespace),
        "--timeout=60s",
    ]);
}

#[tokio::test]
async fn a_revoked_permission_stops_changes_and_not_the_deletion() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    kubectl(&[
        "annotate",
        "namespace",
        &scene.namespace,
        "palisade.dev/allowed-apis-",
    ]);
    scene
        .until_condition("petstore", "Accepted", "False", "NotPermitted")
        .await;
    assert_eq!(
        scene.kinds(),
        ["distribution", "function", "role", "webacl"],
        "nothing is taken down"
    );
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
}

#[tokio::test]
async fn an_object_made_again_does_not_fight_its_predecessor() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let first = scene.uid("petstore").await;
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let of_first = |resource: &&Value| resource["tags"]["palisade.dev/uid"] == first.as_str();
    scene
        .until("the first is gone", async || {
            !scene.resources().iter().any(|resource| of_first(&resource))
        })
        .await;
    scene.until_ready("petstore").await;
    assert_eq!(scene.kinds(), ["distribution", "function", "role", "webacl"]);
}
