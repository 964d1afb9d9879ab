//! What the controller answers to a `PerimeterPlan`.

use super::controllers::World;
use palisade::aws::operations::Service;
use palisade::controller::process::settings::Tenancy;
use serde_json::{Value, json};

fn asked(name: &str, more: &Value) -> Value {
    let mut perimeter = json!({
        "origin": {"endpoint": "ownownowno.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"},
    });
    for (field, value) in more.as_object().unwrap() {
        perimeter[field] = value.clone();
    }
    json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterPlan",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"objectName": "petstore", "ttl": "24h", "perimeter": perimeter},
    })
}

fn plan_of(world: &World, name: &str) -> Value {
    world.api.get("perimeterplans", "shop", name)
}

/// Status and reason of `Planned`.
fn answer_of(world: &World, name: &str) -> (String, String) {
    let plan = plan_of(world, name);
    let mut conditions = plan["status"]["conditions"].as_array().into_iter().flatten();
    let found = conditions.find(|found| found["type"] == "Planned");
    let text = |field: &str| {
        let text = found.and_then(|found| found[field].as_str());
        text.unwrap_or_default().to_owned()
    };
    (text("status"), text("reason"))
}

#[tokio::test(start_paused = true)]
async fn the_controller_answers_a_plan_writes_nothing_and_deletes_it_when_its_time_is_over() {
    let mut world = World::new(&["shop"]);
    world
        .api
        .apply("perimeterplans", &asked("petstore-1", &json!({})));
    world
        .until("the plan is made", |world| {
            answer_of(world, "petstore-1").0 == "True"
        })
        .await;
    let plan = plan_of(&world, "petstore-1");
    let created = plan["status"]["plan"]["summary"]["create"].as_i64();
    assert!(created > Some(2), "{plan}");
    assert_eq!(plan["status"]["observedGeneration"], 1);
    let writes: Vec<_> = world
        .calls
        .iter()
        .filter(|(_, entry)| entry.operation.class.is_write())
        .collect();
    assert!(writes.is_empty(), "{writes:?}");

    let mut old = asked("petstore-2", &json!({}));
    old["metadata"]["creationTimestamp"] = "2020-01-01T00:00:00Z".into();
    world.api.apply("perimeterplans", &old);
    world
        .until("the old plan is gone", |world| {
            plan_of(world, "petstore-2").is_null()
        })
        .await;
    assert!(!plan_of(&world, "petstore-1").is_null());
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_the_namespace_does_not_permit_is_refused_and_its_api_is_not_looked_at() {
    let mut world = World::with(&["shop"], Tenancy::Enforced);
    world
        .api
        .apply("perimeterplans", &asked("petstore-1", &json!({})));
    world
        .until("the plan is refused", |world| {
            answer_of(world, "petstore-1") == ("False".to_owned(), "NotPermitted".to_owned())
        })
        .await;
    let mut of_apis = world
        .calls
        .iter()
        .filter(|(_, entry)| entry.operation.service == Service::ApiGateway);
    assert!(of_apis.next().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_another_api_than_the_objects_is_refused() {
    let mut world = World::new(&["shop"]);
    world.apply("shop/petstore", "ownownowno", &json!({}));
    world.until_ready(&["shop/petstore"]).await;
    let other = json!({
        "origin": {"endpoint": "ownownown2.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"},
    });
    world.api.apply("perimeterplans", &asked("petstore-1", &other));
    world
        .until("the plan is refused", |world| {
            answer_of(world, "petstore-1") == ("False".to_owned(), "InvalidSpec".to_owned())
        })
        .await;
    let said = plan_of(&world, "petstore-1")["status"]["conditions"].to_string();
    assert!(
        said.contains("petstore does not take this spec: spec.origin.endpoint is immutable"),
        "{said}"
    );
    world
        .api
        .apply("perimeterplans", &asked("petstore-2", &json!({})));
    world
        .until("the plan is made", |world| {
            answer_of(world, "petstore-2").0 == "True"
        })
        .await;
    let plan = plan_of(&world, "petstore-2");
    assert_eq!(plan["status"]["plan"]["summary"]["changes"], 0, "{plan}");
}
