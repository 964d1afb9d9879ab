//! Who is brought to a class, and when: by its Namespace at once, and to a class that contradicts itself not at all.

use super::controllers::World;
use serde_json::{Value, json};

const PETSTORE: &str = "shop/petstore";
const ORDERS: &str = "shop/orders";

fn declare_class(world: &World, is_default: &str, limits: &Value) {
    let class = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass",
        "metadata": {"name": "public", "annotations": {"palisade.dev/is-default-class": is_default}},
        // The clock of the wall stands still here.
        "spec": {"defaults": {"access": {"mode": "SigV4"}}, "limits": limits, "rollout": {"pause": "0s"}},
    });
    world.api.apply("perimeterclasses", &class);
}

#[tokio::test(start_paused = true)]
async fn what_stands_is_not_brought_to_a_default_class_that_contradicts_itself() {
    let mut world = World::new(&["shop"]);
    world.apply(PETSTORE, "ownownowno", &json!({}));
    world.until_ready(&[PETSTORE]).await;
    declare_class(&world, "true", &json!({"allowedModes": ["ApiKey"]}));
    world.apply(ORDERS, "ownownown2", &json!({}));
    world.until_refused(ORDERS, "ClassInvalid").await;
    for _ in 0..60 {
        world.seconds(10).await;
        assert!(world.is_ready(PETSTORE), "{}", world.object(PETSTORE)["status"]);
    }
    assert_eq!(world.object(PETSTORE)["status"]["class"], Value::Null);
    declare_class(&world, "true", &json!({"allowedModes": ["SigV4"]}));
    world.until_ready(&[ORDERS]).await;
    world
        .until("both go by it", |world| {
            let goes_by = |object| world.object(object)["status"]["class"]["name"] == "public";
            goes_by(PETSTORE) && goes_by(ORDERS)
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn whom_a_namespace_brings_to_a_class_does_not_wait_for_the_next_resync_of_the_class() {
    let mut world = World::new(&["shop"]);
    declare_class(&world, "false", &json!({}));
    world.apply(PETSTORE, "ownownowno", &json!({}));
    world.until_ready(&[PETSTORE]).await;
    world.seconds(120).await;
    let annotations = json!({"palisade.dev/class": "public"});
    world.api.annotate("namespaces", "", "shop", &annotations);
    world.seconds(20).await;
    assert_eq!(world.object(PETSTORE)["status"]["class"]["name"], "public");
}
