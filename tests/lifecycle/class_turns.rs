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

/// Such as under another name.
#[tokio::test(start_paused = true)]
async fn a_default_class_that_is_deleted_leaves_its_objects_to_the_next_one_and_goes() {
    let mut world = World::new(&["shop"]);
    declare_class(&world, "true", &json!({}));
    world.apply(PETSTORE, "ownownowno", &json!({}));
    world.until_ready(&[PETSTORE]).await;
    world.seconds(120).await;
    let next = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass",
        "metadata": {"name": "next", "annotations": {"palisade.dev/is-default-class": "true"}},
        "spec": {"defaults": {"access": {"mode": "SigV4"}}, "rollout": {"pause": "0s"}},
    });
    world.api.apply("perimeterclasses", &next);
    world.until_refused(PETSTORE, "DefaultClassAmbiguous").await;
    world.api.delete("perimeterclasses", "", "public");
    world
        .until("the class is gone", |world| {
            world.api.get("perimeterclasses", "", "public").is_null()
        })
        .await;
    world.until_ready(&[PETSTORE]).await;
    assert_eq!(world.object(PETSTORE)["status"]["class"]["name"], "next");
}

/// A rule that takes 40 capacity units.
fn xss(number: usize) -> Value {
    let transformations = json!([{"Priority": 0, "Type": "NONE"}]);
    let statement = json!({"FieldToMatch": {"UriPath": {}}, "TextTransformations": transformations});
    json!({"Name": format!("x{number}"), "Statement": {"XssMatchStatement": statement}, "Action": {"Block": {}}})
}

/// The object's own rules take 4,445 of 5,000 capacity units, and those of the class 1,000: each is right by itself.
#[tokio::test(start_paused = true)]
async fn rules_that_break_wafs_limits_once_they_are_merged_are_named_by_the_plan_and_refused_and_what_stands_stays()
 {
    let mut world = World::new(&["shop"]);
    declare_class(&world, "false", &json!({}));
    let by =
        json!([{"type": "Address"}, {"type": "Path"}, {"type": "Method"}, {"type": "Asn"}, {"type": "Ja4"}]);
    let limit = |number| json!({"name": format!("l{number}"), "limit": 1000, "by": by});
    let own = json!({
        "rules": (0..50).map(xss).collect::<Vec<_>>(), "rateLimits": (0..10).map(limit).collect::<Vec<_>>(),
    });
    world.apply(
        PETSTORE,
        "ownownowno",
        &json!({"className": "public", "webAcl": own}),
    );
    world.until_ready(&[PETSTORE]).await;
    world.seconds(120).await;
    let before = world.calls.len();
    let groups = ["SQLi", "Linux", "Windows"];
    let groups = groups.map(|name| json!({"name": format!("AWSManagedRules{name}RuleSet")}));
    let rules: Vec<Value> = (100..110).map(xss).collect();
    let limits = json!({"requiredRuleGroups": groups, "requiredRules": rules});
    declare_class(&world, "false", &limits);
    world.until_refused(PETSTORE, "CapacityExceeded").await;
    let class = world.api.get("perimeterclasses", "", "public");
    let refusal = &class["status"]["rollout"]["plan"]["refusals"][0];
    assert_eq!(
        (&refusal["object"], &refusal["reason"]),
        (&json!(PETSTORE), &json!("CapacityExceeded")),
        "{class}"
    );
    world.seconds(600).await;
    let calls = world.calls[before..].iter();
    let writes: Vec<&str> = calls
        .filter(|(_, entry)| entry.operation.class.is_write())
        .map(|(_, entry)| entry.operation.name)
        .collect();
    assert_eq!(writes, Vec::<&str>::new());
    declare_class(&world, "false", &json!({}));
    world.until_ready(&[PETSTORE]).await;
}
