//! Wishes in the annotation of an `AwsAccount` to have deleted what nobody owns: the whole controller on a Kubernetes API in memory.

use super::controllers::World;
use super::processes::{Fate, OWN};
use palisade::domain::kernel::identity::TAG_CONDEMNED;
use serde_json::{Value, json};

const PETSTORE: &str = "shop/petstore";

/// A process, an account, and the switched off perimeter of an object that vanished, listed for long.
async fn vanished(world: &mut World) -> String {
    world.declare("own", &json!({"allowedNamespaces": {"selector": {}}}));
    world.apply(PETSTORE, "ownownowno", &json!({}));
    world.until_ready(&[PETSTORE]).await;
    let object = world.object(PETSTORE);
    let uid = object["metadata"]["uid"].as_str().expect("a UID").to_owned();
    let id = object["status"]["distribution"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    world.api.vanish("protectedapis", "shop", "petstore");
    world.aws.clouds[OWN].disable_distribution(&id);
    world
        .until("it is listed as switched off", |world| {
            let account = world.api.get("awsaccounts", "", "own");
            let all = account["status"]["orphans"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            !all.is_empty() && all.iter().all(|found| found["mayServe"] == false)
        })
        .await;
    world.api.change("awsaccounts", "", "own", |account| {
        let all = account["status"]["orphans"].as_array_mut().expect("orphans");
        for found in all {
            // The wall clock stands still while time is paused.
            found["since"] = "2026-01-01T00:00:00Z".into();
        }
    });
    uid
}

fn deletion(world: &World) -> Value {
    world.api.get("awsaccounts", "", "own")["status"]["orphanDeletions"][0].clone()
}

fn is_asked(world: &World) -> bool {
    !world.api.get("awsaccounts", "", "own")["metadata"]["annotations"]["palisade.dev/delete-orphans"]
        .is_null()
}

fn ask(world: &World, uid: &str) {
    let wish = json!({"palisade.dev/delete-orphans": uid});
    world.api.annotate("awsaccounts", "", "own", &wish);
}

fn left_of(world: &World, uid: &str) -> usize {
    let all = world.aws.clouds[OWN].resources_of(uid).into_iter();
    all.filter(|found| !found.tags.contains_key(TAG_CONDEMNED))
        .count()
}

#[tokio::test(start_paused = true)]
async fn an_annotation_has_it_deleted_by_processes_that_live_or_die_and_is_taken_off() {
    for fate in [Fate::Lives, Fate::AfterWrites, Fate::BeforeWrites] {
        let mut world = World::new(&["shop"]);
        let uid = vanished(&mut world).await;
        world.aws.decide(fate.clone());
        ask(&world, &uid);
        world
            .until("it is over", |world| {
                !is_asked(world) && deletion(world)["state"] == "Deleted"
            })
            .await;
        assert_eq!(left_of(&world, &uid), 0, "{fate:?}");
        world.until_empty(OWN).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_of_the_same_name_that_is_restored_keeps_it() {
    let mut world = World::new(&["shop"]);
    let uid = vanished(&mut world).await;
    let before = left_of(&world, &uid);
    world.apply(PETSTORE, "ownownowno", &json!({"suspend": true}));
    ask(&world, &uid);
    world
        .until("it is over", |world| {
            !is_asked(world) && deletion(world)["state"] == "Kept"
        })
        .await;
    assert_eq!(left_of(&world, &uid), before);
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_was_answered_and_could_not_be_taken_off_asks_for_nothing_more() {
    let mut world = World::new(&["shop"]);
    let uid = vanished(&mut world).await;
    let before = left_of(&world, &uid);
    world.api.change("awsaccounts", "", "own", |account| {
        let told = json!({"uid": uid, "state": "Kept", "message": "it was young", "since": "2026-01-01T00:00:00Z", "stillNamed": true});
        account["status"]["orphanDeletions"] = json!([told]);
        account["metadata"]["annotations"]["palisade.dev/delete-orphans"] = uid.clone().into();
    });
    world
        .until("it is taken off", |world| {
            !is_asked(world) && deletion(world)["stillNamed"].is_null()
        })
        .await;
    assert_eq!(deletion(&world)["message"], "it was young");
    assert_eq!(left_of(&world, &uid), before);
    ask(&world, &uid);
    world
        .until("it is over", |world| {
            !is_asked(world) && deletion(world)["state"] == "Deleted"
        })
        .await;
    assert_eq!(left_of(&world, &uid), 0);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_permits_its_takeover_keeps_it_and_what_is_no_uid_is_told() {
    let mut world = World::new(&["shop", "store"]);
    let uid = vanished(&mut world).await;
    let before = left_of(&world, &uid);
    let permits = json!({"palisade.dev/allowed-perimeters": uid});
    world.api.annotate("namespaces", "", "store", &permits);
    world.seconds(2).await;
    ask(&world, &format!("{uid},*"));
    world.until("it is over", |world| !is_asked(world)).await;
    let account = world.api.get("awsaccounts", "", "own");
    let all = account["status"]["orphanDeletions"]
        .as_array()
        .expect("answers")
        .clone();
    let message =
        |uid: &str| all.iter().find(|told| told["uid"] == uid).expect("an answer")["message"].to_string();
    assert!(message(&uid).contains("Namespace store"), "{all:?}");
    assert!(message("*").contains("no UID"), "{all:?}");
    assert_eq!(left_of(&world, &uid), before);
}
