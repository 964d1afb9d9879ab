//! Objects that go by a class: what it gives, what it forbids, and what becomes of them when it changes or is missing.

use super::controllers::World;
use super::processes::OWN;
use palisade::controller::process::settings::Tenancy;
use serde_json::{Value, json};

const PETSTORE: &str = "shop/petstore";
const ORDERS: &str = "shop/orders";
const API: &str = "ownownowno";
const OTHER: &str = "ownownown2";

fn declare_class(world: &World, name: &str, annotations: &Value, spec: &Value) {
    let class = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass",
        "metadata": {"name": name, "annotations": annotations}, "spec": spec,
    });
    world.api.apply("perimeterclasses", &class);
}

fn class(world: &World, name: &str) -> Value {
    world.api.get("perimeterclasses", "", name)
}

/// Status, reason and message of a condition of a class.
fn condition(world: &World, name: &str, is: &str) -> [String; 3] {
    let class = class(world, name);
    let mut conditions = class["status"]["conditions"].as_array().into_iter().flatten();
    let found = conditions.find(|condition| condition["type"] == is);
    ["status", "reason", "message"].map(|field| {
        let text = found.and_then(|found| found[field].as_str());
        text.unwrap_or_default().to_owned()
    })
}

/// Operations that wrote in the controller's own account, since the world began.
fn writes(world: &World) -> Vec<&'static str> {
    let own = world.calls.iter().filter(|(account, _)| *account == OWN);
    let writes = own.filter(|(_, entry)| entry.operation.class.is_write());
    writes.map(|(_, entry)| entry.operation.name).collect()
}

fn named(name: &str) -> Value {
    json!({"className": name})
}

#[tokio::test(start_paused = true)]
async fn five_lines_are_enough_and_status_says_what_the_class_gave() {
    let mut world = World::new(&["shop"]);
    let defaults = json!({"distribution": {"priceClass": "PriceClass_100"}, "tags": {"team": "platform"}});
    declare_class(&world, "public", &json!({}), &json!({"defaults": defaults}));
    world.apply(PETSTORE, API, &named("public"));
    world.until_ready(&[PETSTORE]).await;
    let status = world.object(PETSTORE)["status"].clone();
    assert_eq!(status["class"]["name"], "public");
    assert_eq!(status["class"]["chosenBy"], "Object");
    let fields = status["effective"]["fields"].as_array().expect("fields");
    let gave: Vec<(&str, &str)> = fields
        .iter()
        .filter_map(|field| Some((field["field"].as_str()?, field["value"].as_str()?)))
        .collect();
    assert_eq!(
        gave,
        [
            ("spec.distribution.priceClass", "\"PriceClass_100\""),
            ("spec.tags[team]", "\"platform\""),
        ]
    );
    world
        .until("the class counts it", |world| {
            let status = &class(world, "public")["status"];
            status["objects"] == 1 && status["ready"] == 1 && status["refused"] == 0
        })
        .await;
    let revision = class(&world, "public")["status"]["revision"].clone();
    assert_eq!(status["class"]["revision"], revision);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_class_is_carried_out_for_its_objects_and_for_no_others() {
    let mut world = World::new(&["shop"]);
    let of = |price: &str| json!({"defaults": {"distribution": {"priceClass": price}}});
    declare_class(&world, "public", &json!({}), &of("PriceClass_100"));
    world.apply(PETSTORE, API, &named("public"));
    world.apply(ORDERS, OTHER, &json!({}));
    world.until_ready(&[PETSTORE, ORDERS]).await;
    world.seconds(120).await;
    let before = writes(&world).len();
    declare_class(&world, "public", &json!({}), &of("PriceClass_200"));
    world
        .until("the object goes by what the class says now", |world| {
            let effective = world.object(PETSTORE)["status"]["effective"].clone();
            effective.to_string().contains("PriceClass_200") && world.is_ready(PETSTORE)
        })
        .await;
    let after = writes(&world)[before..].to_vec();
    assert_eq!(after, ["UpdateDistribution"], "one object, one update");
}

#[tokio::test(start_paused = true)]
async fn what_the_class_forbids_is_refused_and_what_stands_stays_as_it_is() {
    let mut world = World::new(&["shop"]);
    declare_class(&world, "public", &json!({}), &json!({}));
    world.apply(PETSTORE, API, &named("public"));
    world.until_ready(&[PETSTORE]).await;
    world.seconds(120).await;
    let before = writes(&world).len();
    let limits = json!({"limits": {"allowedModes": ["ApiKey"]}});
    declare_class(&world, "public", &json!({}), &limits);
    world.until_refused(PETSTORE, "ForbiddenByClass").await;
    let [_, _, message] = world.condition(PETSTORE, "Accepted");
    assert!(
        message.contains("spec.access.mode") && message.contains("PerimeterClass public"),
        "{message}"
    );
    world
        .until("the class names it", |world| {
            let refusals = class(world, "public")["status"]["refusals"].clone();
            refusals[0]["object"] == PETSTORE && refusals[0]["reason"] == "ForbiddenByClass"
        })
        .await;
    world.seconds(3600).await;
    assert_eq!(writes(&world)[before..].to_vec(), Vec::<&str>::new());
    declare_class(&world, "public", &json!({}), &json!({}));
    world.until_ready(&[PETSTORE]).await;
}

#[tokio::test(start_paused = true)]
async fn a_class_that_is_missing_changes_nothing_and_is_waited_for() {
    let mut world = World::new(&["shop"]);
    world.apply(PETSTORE, API, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    world.seconds(120).await;
    let before = writes(&world).len();
    world.apply(PETSTORE, API, &named("public"));
    world.until_refused(PETSTORE, "ClassNotFound").await;
    world.seconds(600).await;
    assert_eq!(writes(&world)[before..].to_vec(), Vec::<&str>::new());
    declare_class(&world, "public", &json!({}), &json!({}));
    world.until_ready(&[PETSTORE]).await;
}

#[tokio::test(start_paused = true)]
async fn a_class_that_is_used_goes_after_its_last_object() {
    let mut world = World::new(&["shop"]);
    declare_class(&world, "public", &json!({}), &json!({}));
    world.apply(PETSTORE, API, &named("public"));
    world.until_ready(&[PETSTORE]).await;
    world.api.delete("perimeterclasses", "", "public");
    world
        .until("its deletion waits", |world| {
            let [status, reason, message] = condition(world, "public", "Ready");
            status == "False" && reason == "InUse" && message.contains(PETSTORE)
        })
        .await;
    assert!(world.is_ready(PETSTORE), "the object goes on by it");
    world.delete(PETSTORE);
    world
        .until("the class is gone", |world| class(world, "public").is_null())
        .await;
}

#[tokio::test(start_paused = true)]
async fn two_default_classes_are_refused_by_both_names_until_one_is_left() {
    let mut world = World::new(&["shop"]);
    let is_default = json!({"palisade.dev/is-default-class": "true"});
    for name in ["internal", "public"] {
        declare_class(&world, name, &is_default, &json!({}));
    }
    world.apply(PETSTORE, API, &json!({}));
    world.until_refused(PETSTORE, "DefaultClassAmbiguous").await;
    let [_, _, message] = world.condition(PETSTORE, "Accepted");
    assert!(message.contains("internal, public"), "{message}");
    world
        .until("both classes say so", |world| {
            let is_told = |name| condition(world, name, "IsDefault")[1] == "DefaultClassAmbiguous";
            is_told("internal") && is_told("public")
        })
        .await;
    world.api.delete("perimeterclasses", "", "internal");
    world.until_ready(&[PETSTORE]).await;
    let status = world.object(PETSTORE)["status"].clone();
    assert_eq!(status["class"]["name"], "public");
    assert_eq!(status["class"]["chosenBy"], "Default");
}

#[tokio::test(start_paused = true)]
async fn a_namespaces_class_is_that_of_its_objects_and_what_a_class_names_needs_no_permission() {
    let mut world = World::with(&[], Tenancy::Enforced);
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "shop", "annotations": {
            "palisade.dev/class": "public",
            "palisade.dev/allowed-apis": "eu-north-1/ownownowno,eu-north-1/ownownown2",
        }},
    });
    world.api.apply("namespaces", &namespace);
    let logging =
        |bucket: &str| json!({"distribution": {"logging": {"bucket": format!("{bucket}.s3.amazonaws.com")}}});
    declare_class(
        &world,
        "public",
        &json!({}),
        &json!({"defaults": logging("platform-logs")}),
    );
    world.apply(PETSTORE, API, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    assert_eq!(world.object(PETSTORE)["status"]["class"]["chosenBy"], "Namespace");
    // What the object names itself needs it as ever.
    world.apply(ORDERS, OTHER, &logging("elsewhere"));
    world.until_refused(ORDERS, "NotPermitted").await;
}

#[tokio::test(start_paused = true)]
async fn a_class_that_the_namespace_does_not_let_its_objects_name_decides_nothing_of_them() {
    let mut world = World::with(&[], Tenancy::Enforced);
    let annotations = json!({
        "palisade.dev/class": "public", "palisade.dev/allowed-classes": "public",
        "palisade.dev/allowed-apis": "eu-north-1/ownownowno",
    });
    declare_namespace(&world, &annotations);
    let retain = json!({"defaults": {"deletionPolicy": "Retain"}, "limits": {"deletionPolicy": "Retain"}});
    declare_class(&world, "public", &json!({}), &retain);
    declare_class(&world, "lax", &json!({}), &json!({}));
    world.apply(PETSTORE, API, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    world.apply(PETSTORE, API, &named("lax"));
    world.until_refused(PETSTORE, "NotPermitted").await;
    assert_eq!(world.object(PETSTORE)["status"]["class"]["name"], "public");
    let before = writes(&world).len();
    world.delete(PETSTORE);
    world.seconds(600).await;
    assert!(!world.object(PETSTORE).is_null(), "its deletion waits");
    assert_eq!(writes(&world)[before..].to_vec(), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_taken_down_that_the_class_wants_to_stay() {
    let mut world = World::new(&["shop"]);
    declare_class(
        &world,
        "public",
        &json!({}),
        &json!({"defaults": {"deletionPolicy": "Retain"}}),
    );
    world.apply(PETSTORE, API, &named("public"));
    world.until_ready(&[PETSTORE]).await;
    world.delete(PETSTORE);
    world.until_gone(&[PETSTORE]).await;
    assert!(!writes(&world).iter().any(|name| name.starts_with("Delete")));
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_an_object_that_names_a_class_is_made_with_the_class() {
    let mut world = World::new(&["shop"]);
    let defaults = json!({"distribution": {"priceClass": "PriceClass_100"}});
    declare_class(&world, "public", &json!({}), &json!({"defaults": defaults}));
    world.apply(PETSTORE, API, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    let endpoint = format!("{API}.execute-api.eu-north-1.amazonaws.com");
    let plan = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterPlan",
        "metadata": {"name": "classed", "namespace": "shop"},
        "spec": {"ttl": "24h", "objectName": "petstore", "perimeter": {
            "className": "public", "origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"},
        }},
    });
    world.api.apply("perimeterplans", &plan);
    world
        .until("the plan is made", |world| {
            let plan = world.api.get("perimeterplans", "shop", "classed");
            plan["status"]["plan"].to_string().contains("PriceClass_100")
        })
        .await;
}

fn declare_namespace(world: &World, annotations: &Value) {
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "annotations": annotations},
    });
    world.api.apply("namespaces", &namespace);
}

#[tokio::test(start_paused = true)]
async fn who_takes_a_class_away_from_all_its_objects_opens_none_of_them() {
    let mut world = World::new(&["shop"]);
    let defaults = json!({"distribution": {"priceClass": "PriceClass_100"}, "deletionPolicy": "Retain"});
    let spec = json!({"defaults": defaults});
    let is_default = |is: &str| json!({"palisade.dev/is-default-class": is});
    declare_class(&world, "public", &is_default("true"), &spec);
    world.apply(PETSTORE, API, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    world.seconds(120).await;
    let before = writes(&world).len();
    world
        .api
        .annotate("perimeterclasses", "", "public", &is_default("True"));
    world
        .until("the class names whom it was taken from", |world| {
            class(world, "public")["status"]["leaving"] == json!([PETSTORE])
        })
        .await;
    world.seconds(3600).await;
    assert!(world.is_ready(PETSTORE));
    assert_eq!(world.object(PETSTORE)["status"]["class"]["name"], "public");
    assert_eq!(writes(&world)[before..].to_vec(), Vec::<&str>::new());
    // Who means it says so.
    world
        .api
        .annotate("namespaces", "", "shop", &json!({"palisade.dev/class": ""}));
    world
        .until("it goes by none", |world| {
            world.object(PETSTORE)["status"]["class"].is_null() && world.is_ready(PETSTORE)
        })
        .await;
    assert_eq!(writes(&world)[before..].to_vec(), ["UpdateDistribution"]);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_is_not_seen_has_not_taken_its_class_away() {
    let mut world = World::new(&[]);
    declare_namespace(&world, &json!({"palisade.dev/class": "public"}));
    let defaults = json!({"distribution": {"priceClass": "PriceClass_100"}});
    declare_class(&world, "public", &json!({}), &json!({"defaults": defaults}));
    world.apply(PETSTORE, API, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    world.seconds(120).await;
    let before = writes(&world).len();
    world.api.delete("namespaces", "", "shop");
    world.kill().await;
    world.until_refused(PETSTORE, "ClassNotFound").await;
    assert_eq!(writes(&world)[before..].to_vec(), Vec::<&str>::new());
    declare_namespace(&world, &json!({"palisade.dev/class": "public"}));
    world.until_ready(&[PETSTORE]).await;
    assert_eq!(world.object(PETSTORE)["status"]["class"]["chosenBy"], "Namespace");
}

#[tokio::test(start_paused = true)]
async fn a_malformed_class_that_nobody_uses_can_be_deleted() {
    let mut world = World::new(&["shop"]);
    declare_class(&world, "public", &json!({}), &json!({}));
    world
        .until("it is held", |world| {
            class(world, "public")["metadata"]["finalizers"].is_array()
        })
        .await;
    declare_class(&world, "public", &json!({}), &json!({"append": "no list"}));
    world.api.delete("perimeterclasses", "", "public");
    world
        .until("the class is gone", |world| class(world, "public").is_null())
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_a_class_that_would_be_the_default_tells_of_those_that_name_none() {
    let mut world = World::new(&["shop"]);
    world.apply(PETSTORE, API, &json!({}));
    world.until_ready(&[PETSTORE]).await;
    let spec = json!({"defaults": {"distribution": {"priceClass": "PriceClass_100"}}});
    for (name, is_default, objects) in [("default", true, 1), ("other", false, 0)] {
        let class = json!({"name": "public", "spec": spec, "isDefault": is_default});
        let plan = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterPlan",
            "metadata": {"name": name, "namespace": "shop"}, "spec": {"ttl": "24h", "class": class},
        });
        world.api.apply("perimeterplans", &plan);
        world
            .until("the plan is made", |world| {
                let plan = world.api.get("perimeterplans", "shop", name);
                let report = plan["status"]["classPlan"].clone();
                report["objects"] == objects && report["changed"] == objects
            })
            .await;
    }
}
