//! A controller that is killed in the middle of a call leaves nothing behind that the next one does not find.

use crate::scene::{Scene, fault};
use serde_json::{Value, json};

/// Kills the controller while `operation` is under way or its answer lost, and lets another one finish.
async fn survives_a_kill_at(operation: &str, kind: &str) {
    let scene = Scene::new().await;
    scene.apply("petstore", &json!({}));
    let uid = scene.uid("petstore").await;
    let fault = fault(&json!({"kind": kind, "operation": operation, "match": uid, "seconds": 1.5}));
    let first = scene.start();
    scene.until_struck(&fault).await;
    first.kill();

    let _second = scene.start();
    scene.until_ready("petstore").await;
    assert_eq!(
        scene.kinds(),
        ["distribution", "function", "role", "webacl"],
        "duplicates or orphans"
    );
    let versions: Vec<Value> = scene
        .resources()
        .iter()
        .filter_map(|resource| resource.get("versions").cloned())
        .collect();
    assert_eq!(versions, [json!(["1"])]);
}

#[tokio::test]
async fn killed_while_the_function_is_made_it_continues() {
    survives_a_kill_at("CreateFunction", "delay").await;
}

#[tokio::test]
async fn killed_while_the_web_acl_is_made_it_continues() {
    survives_a_kill_at("CreateWebACL", "delay").await;
}

#[tokio::test]
async fn killed_while_the_distribution_is_made_it_continues() {
    survives_a_kill_at("CreateDistributionWithTags", "delay").await;
}

#[tokio::test]
async fn killed_after_an_answer_was_lost_it_continues() {
    survives_a_kill_at("CreateDistributionWithTags", "lostAnswer").await;
}

#[tokio::test]
async fn told_to_stop_it_finishes_the_call_in_hand_and_releases_the_lease() {
    let scene = Scene::new().await;
    scene.apply("petstore", &json!({}));
    let uid = scene.uid("petstore").await;
    let fault = fault(
        &json!({"kind": "delay", "operation": "CreateDistributionWithTags", "match": uid, "seconds": 2.5}),
    );
    let controller = scene.launch().replica("one").start();
    scene.until_struck(&fault).await;
    controller.terminate();
    let log = controller.log.clone();
    let status = controller.ended().await;
    assert!(status.success(), "{status}\n{}", scene.story());

    let created = scene
        .calls(0)
        .into_iter()
        .find(|call| call["operation"] == "CreateDistributionWithTags");
    assert_eq!(created.expect("the call")["status"], 201);
    let log = std::fs::read_to_string(log).expect("a log");
    assert!(
        log.contains("CreateDistribution") || log.contains("resource=\"distribution\""),
        "the answer was not read:\n{log}"
    );
    let lease = scene.kubectl(&[
        "get",
        "lease",
        "palisade",
        "-o",
        "jsonpath={.spec.holderIdentity}",
    ]);
    assert_eq!(lease, "", "the Lease is still held:\n{log}");
}
