//! What is told by comparison with status is told before status is written: a process that dies in between tells it again.

use super::controllers::World;
use serde_json::Value;

const PETSTORE: &str = "shop/petstore";

#[tokio::test(start_paused = true)]
async fn an_object_that_gets_ready_is_told_while_status_still_says_that_it_is_not() {
    let mut world = World::new(&["shop"]);
    world.apply(PETSTORE, "ownownowno", &serde_json::json!({}));
    world.until_ready(&[PETSTORE]).await;
    let told = world.api.told("Ready");
    assert_eq!(told.len(), 1);
    assert!(!is_ready(&told[0]), "{}", told[0]);
    assert!(is_ready(&world.object(PETSTORE)));
}

fn is_ready(object: &Value) -> bool {
    let mut conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    conditions.any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
}
