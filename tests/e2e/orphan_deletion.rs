//! What a vanished object left goes by the plugin's wish: a real kubectl plugin, a real controller, and what AWS has then.

use crate::foreign_hand::distribution_id;
use crate::kubernetes;
use crate::scene::{EVERYTHING, Scene, aws};
use crate::spoke::account;
use serde_json::{Value, json};
use std::process::{Command, Output};

fn delete(scene: &Scene, uid: &str, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(["kubectl", "orphans", "delete", uid])
        .args(more)
        .env("KUBECONFIG", &scene.kubeconfig)
        .output()
        .expect("the plugin runs")
}

fn refused(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    error
}

/// Waits until the account lists what is left, and says so of each part whether viewers may come by it.
async fn until_listed(scene: &Scene, may_serve: bool) {
    scene
        .until("what is left is listed", async || {
            let account = account(scene, "own").await;
            let all = account["status"]["orphans"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            !all.is_empty() && all.iter().all(|found| found["mayServe"] == may_serve)
        })
        .await;
}

#[tokio::test]
async fn what_nobody_owns_goes_by_the_plugins_wish_once_it_serves_nobody_and_not_before() {
    let cluster = kubernetes::start();
    let scene = Scene::within(&cluster.kubeconfig, &EVERYTHING).await;
    let _controller = scene.launch_for_all().start();
    let own = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": "own"},
        "spec": {"allowedNamespaces": {"selector": {}}},
    });
    let file = scene.write(&own);
    scene.kubectl(&["apply", "-f", &file]);
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let (uid, id) = (
        scene.uid("petstore").await,
        distribution_id(&scene, "petstore").await,
    );
    // Held up, so that only its finalizer is gone, and with it the object.
    scene.change("petstore", json!({"suspend": true})).await;
    scene.delete("petstore").await;
    scene
        .until_condition_of_any_generation("petstore", "Ready", "Suspended")
        .await;
    let free = r#"{"metadata": {"finalizers": null}}"#;
    scene.kubectl(&["patch", "papi", "petstore", "--type=merge", "-p", free]);
    scene.until_gone("petstore").await;
    let before = scene.resources();
    assert_eq!(scene.kinds(), ["distribution", "function", "role", "webacl"]);

    until_listed(&scene, true).await;
    let error = refused(&delete(&scene, &uid, &["--yes"]));
    assert!(error.contains("Who comes by distribution"), "{error}");
    assert_eq!(scene.resources(), before);

    let off = json!({"enabled": false});
    aws().control("PATCH", &format!("cloudfront/distributions/{id}"), &off);
    until_listed(&scene, false).await;
    let standing = scene.kinds();
    let error = refused(&delete(&scene, &uid, &[]));
    assert!(error.contains("--yes"), "{error}");
    assert_eq!(scene.kinds(), standing);

    let output = delete(&scene, &uid, &["--yes", "-o", "json", "--timeout", "5m"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{error}");
    let data: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(data["accounts"][0]["result"]["state"], "Deleted", "{data}");
    let kinds = scene.kinds();
    assert!(
        !kinds
            .iter()
            .any(|kind| kind == "distribution" || kind == "webacl"),
        "{kinds:?}"
    );
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
    let told = account(&scene, "own").await;
    assert!(
        told["metadata"]["annotations"]["palisade.dev/delete-orphans"].is_null(),
        "{told}"
    );
    scene
        .until("the list has none of it", async || {
            account(&scene, "own").await["status"]["orphans"].is_null()
        })
        .await;
}
