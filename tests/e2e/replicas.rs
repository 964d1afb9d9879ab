//! Of two replicas one acts, and the other goes on when the first dies.

use crate::scene::{Scene, fault};
use serde_json::json;

#[tokio::test]
async fn of_two_replicas_one_acts_and_the_other_finishes_what_a_dead_one_began() {
    let scene = Scene::new().await;
    scene.apply("petstore", &json!({}));
    let uid = scene.uid("petstore").await;
    let fault = fault(&json!({"kind": "delay", "operation": "CreateWebACL", "match": uid, "seconds": 8}));
    let first = scene.launch().replica("first").start();
    scene.until_struck(&fault).await;
    let second = scene.launch().replica("second").start();
    scene
        .until("the second stands by", async || {
            second.text().contains("standing by")
        })
        .await;
    first.kill();

    scene
        .until("the second leads", async || {
            second.text().contains("leading lease")
        })
        .await;
    scene.until_ready("petstore").await;
    assert_eq!(scene.kinds(), ["distribution", "function", "role", "webacl"]);

    // Whoever stood by wrote nothing as long as the other led, and the dead wrote nothing any more.
    let writers: Vec<String> = scene
        .calls(0)
        .iter()
        .filter(|call| is_write(call["operation"].as_str().unwrap_or_default()))
        .map(|call| call["accessKey"].as_str().unwrap_or_default().to_owned())
        .collect();
    let turn = writers
        .iter()
        .position(|key| *key == scene.key("second"))
        .expect("the second wrote");
    assert!(turn > 0, "the first wrote nothing: {writers:?}");
    assert!(
        writers[turn..].iter().all(|key| *key == scene.key("second")),
        "{writers:?}"
    );
}

/// Whether an operation of AWS changes anything.
pub fn is_write(operation: &str) -> bool {
    !["Get", "List", "Describe", "CheckCapacity"]
        .iter()
        .any(|start| operation.starts_with(start))
}
