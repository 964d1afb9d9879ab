//! Which objects count, and from when: only those whose Namespace permits what they name, once it is seen.

use super::controllers::World;
use super::processes::OWN;
use super::support::simulation::apigateway::Preloaded;
use jiff::Timestamp;
use palisade::controller::process::settings::Tenancy;
use serde_json::{Value, json};
use tokio::time::Instant;

const API: &str = "ownownowno";
const PERMITTED: &str = "eu-north-1/ownownowno";

/// Declares a Namespace that permits these APIs.
fn permit(world: &World, namespace: &str, apis: &str) {
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": namespace, "annotations": {"palisade.dev/allowed-apis": apis}},
    });
    world.api.apply("namespaces", &namespace);
}

#[tokio::test(start_paused = true)]
async fn whoever_names_an_api_first_without_permission_does_not_keep_its_team_from_it() {
    let mut world = World::with(&["squatters"], Tenancy::Enforced);
    permit(&world, "shop", PERMITTED);
    world.apply("squatters/mine", API, &json!({}));
    world.until_refused("squatters/mine", "NotPermitted").await;
    world.apply("shop/petstore", API, &json!({}));
    world.until_ready(&["shop/petstore"]).await;
    // Nor does another stage's way of locking bind it.
    world.until_refused("squatters/mine", "NotPermitted").await;
}

#[tokio::test(start_paused = true)]
async fn of_two_that_are_permitted_the_older_one_goes_first() {
    let mut world = World::with(&[], Tenancy::Enforced);
    permit(&world, "shop", PERMITTED);
    permit(&world, "bank", "*");
    world.apply("bank/first", API, &json!({}));
    world.apply("shop/second", API, &json!({}));
    world.until_ready(&["bank/first"]).await;
    world.until_refused("shop/second", "OwnedByAnother").await;
    let [_, _, message] = world.condition("shop/second", "Accepted");
    assert!(message.contains("bank/first"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_the_stage_goes_on_at_once_also_where_a_person_let_the_other_one_go() {
    let mut world = World::new(&["bank", "shop"]);
    // It holds the stage, and has built nothing that would be left.
    world.apply("bank/first", API, &json!({"suspend": true}));
    world.apply("shop/second", API, &json!({}));
    world.until_refused("shop/second", "OwnedByAnother").await;
    world.delete("bank/first");
    world.seconds(5).await;
    assert!(world.is_refused("shop/second", "OwnedByAnother"));
    world.api.let_go("protectedapis", "bank", "first");
    let since = Instant::now();
    world
        .until("the other one is accepted", |world| {
            world.condition("shop/second", "Accepted")[0] == "True"
        })
        .await;
    assert!(since.elapsed().as_secs() < 60);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_is_not_seen_yet_is_waited_for() {
    let mut world = World::with(&[], Tenancy::Enforced);
    world.seconds(5).await;
    let endpoint = format!("{API}.execute-api.eu-north-1.amazonaws.com");
    let manifest = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
        "metadata": {
            "name": "petstore", "namespace": "shop", "uid": "0a0a0a0a-0000-4000-8000-000000000000",
            "creationTimestamp": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        },
        "spec": {"origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"}},
    });
    world.adopt(API, &manifest);
    for _ in 0..5 {
        world.seconds(2).await;
        let [stalled, reason, _] = world.condition("shop/petstore", "Stalled");
        assert_eq!(
            (stalled.as_str(), reason.as_str()),
            ("", ""),
            "a flash of Stalled"
        );
    }
    let [reconciling, _, message] = world.condition("shop/petstore", "Reconciling");
    assert_eq!(reconciling, "True");
    assert!(message.contains("Namespace"), "{message}");
    permit(&world, "shop", PERMITTED);
    world.until_ready(&["shop/petstore"]).await;
    let object = world.object("shop/petstore");
    assert_ne!(object["status"]["url"], Value::Null);
}

/// An object that the API server takes and that cannot be built: AWS's policy would serve one viewer's answer to others.
fn invalid() -> Value {
    json!({
        "access": {"mode": "ApiKey"},
        "distribution": {"cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6"},
    })
}

#[tokio::test(start_paused = true)]
async fn an_older_object_that_cannot_be_built_keeps_nobody_from_the_stage_and_does_not_take_it_once_it_can() {
    let mut world = World::new(&["bank", "shop"]);
    world.apply("bank/older", API, &invalid());
    world.until_refused("bank/older", "InvalidSpec").await;
    world.seconds(5).await;
    world.apply("shop/younger", API, &json!({}));
    world.until_ready(&["shop/younger"]).await;
    world.apply("bank/older", API, &json!({}));
    world.until_refused("bank/older", "OwnedByAnother").await;
    world.seconds(1200).await;
    assert!(world.is_ready("shop/younger"));
    // What waited goes on once the stage is free.
    world.delete("shop/younger");
    world.until_ready(&["bank/older"]).await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_goes_on_within_a_minute_once_the_first_one_turns_out_not_to_be_buildable() {
    let mut world = World::new(&["bank", "shop"]);
    world.apply("bank/older", API, &invalid());
    world.apply("shop/younger", API, &json!({}));
    world.seconds(60).await;
    let [accepted, reason, _] = world.condition("shop/younger", "Accepted");
    assert_eq!((accepted.as_str(), reason.as_str()), ("True", "Valid"));
    world.until_ready(&["shop/younger"]).await;
}

/// An object of the same second as others.
fn of_one_second(namespace: &str, uid: &str) -> Value {
    let endpoint = format!("{API}.execute-api.eu-north-1.amazonaws.com");
    json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
        "metadata": {
            "name": "petstore", "namespace": namespace, "uid": uid, "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {"origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"}},
    })
}

#[tokio::test(start_paused = true)]
async fn of_two_objects_of_one_second_the_one_that_has_the_stage_keeps_it() {
    let mut world = World::new(&["bank", "shop"]);
    let holder = of_one_second("shop", "ff000000-0000-4000-8000-000000000000");
    world.adopt(API, &holder);
    world.until_ready(&["shop/petstore"]).await;
    let late = of_one_second("bank", "00000000-0000-4000-8000-000000000000");
    world.adopt(API, &late);
    world.until_refused("bank/petstore", "OwnedByAnother").await;
    world.seconds(3600).await;
    assert!(world.is_ready("shop/petstore"));
    world.kill().await;
    world.seconds(1200).await;
    assert!(world.is_ready("shop/petstore"));
    assert!(world.is_refused("bank/petstore", "OwnedByAnother"));
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_declared_with_its_object_is_waited_for() {
    let mut world = World::new(&["shop"]);
    world.seconds(5).await;
    let endpoint = "aaaaaaaaaa.execute-api.eu-north-1.amazonaws.com";
    let manifest = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
        "metadata": {
            "name": "petstore", "namespace": "shop", "uid": "0a0a0a0a-0000-4000-8000-000000000000",
            "creationTimestamp": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        },
        "spec": {
            "origin": {"endpoint": endpoint, "type": "REST", "stage": "prod"},
            "accountName": "a",
        },
    });
    world.adopt("aaaaaaaaaa", &manifest);
    for _ in 0..5 {
        world.seconds(2).await;
        assert_eq!(
            world.condition("shop/petstore", "Stalled")[0],
            "",
            "a flash of Stalled"
        );
    }
    let [reconciling, _, message] = world.condition("shop/petstore", "Reconciling");
    assert_eq!(reconciling, "True");
    assert!(message.contains("AwsAccount"), "{message}");
    world.declare_both();
    world.seconds(30).await;
    let [accepted, _, _] = world.condition("shop/petstore", "Accepted");
    assert_eq!(accepted, "True");
    world.until_ready(&["shop/petstore"]).await;
}

/// A world whose API has two stages.
fn of_two_stages() -> World {
    let world = World::new(&["shop"]);
    let api = Preloaded::rest("eu-north-1", API, &["prod", "dev"]);
    world.aws.clouds[OWN].preload_api(&api);
    world
}

/// An object for this stage, which asks for this mode.
fn of_stage(stage: &str, mode: &str) -> Value {
    let endpoint = format!("{API}.execute-api.eu-north-1.amazonaws.com");
    json!({"origin": {"endpoint": endpoint, "type": "REST", "stage": stage}, "access": {"mode": mode}})
}

#[tokio::test(start_paused = true)]
async fn two_stages_that_stand_never_begin_to_ask_for_a_secret_header_and_go_on_as_they_are() {
    let mut world = of_two_stages();
    let both = [("shop/prod", "prod"), ("shop/dev", "dev")];
    for (object, stage) in both {
        world.apply(object, API, &of_stage(stage, "SigV4"));
    }
    world.until_ready(&["shop/prod", "shop/dev"]).await;
    for (object, stage) in both {
        world.apply(object, API, &of_stage(stage, "SecretHeader"));
        world.until_refused(object, "AccessDiffers").await;
    }
    let [_, _, message] = world.condition("shop/prod", "Accepted");
    assert!(
        message.contains("shop/dev") && message.contains("SigV4, or both to ApiKey"),
        "{message}"
    );
    let cloud = std::sync::Arc::clone(&world.aws.clouds[OWN]);
    let asked = |stage: &str| cloud.served(API, stage, "GET /pets").unwrap().kind;
    world.seconds(3600).await;
    assert_eq!(
        [asked("prod"), asked("dev")],
        ["AWS_IAM", "AWS_IAM"],
        "viewers are let in as before"
    );
    assert!(world.is_refused("shop/prod", "AccessDiffers") && world.is_refused("shop/dev", "AccessDiffers"));
    // Once both ask for what stands, or for what two stages can have, both go on.
    for mode in ["SigV4", "ApiKey"] {
        for (object, stage) in both {
            world.apply(object, API, &of_stage(stage, mode));
        }
        world.until_ready(&["shop/prod", "shop/dev"]).await;
    }
    let asked = |stage: &str| cloud.served(API, stage, "GET /pets").unwrap().api_key_required;
    assert!(asked("prod") && asked("dev"));
}

#[tokio::test(start_paused = true)]
async fn two_stages_change_to_a_key_and_back_one_after_the_other_and_no_viewer_of_either_is_refused() {
    let mut world = of_two_stages();
    let both = [("shop/prod", "prod"), ("shop/dev", "dev")];
    for mode in ["SigV4", "ApiKey", "SigV4"] {
        for (object, stage) in both {
            world.apply(object, API, &of_stage(stage, mode));
            world.seconds(600).await;
        }
        world.until_ready(&["shop/prod", "shop/dev"]).await;
        let cloud = &world.aws.clouds[OWN];
        let asked = |stage: &str| cloud.served(API, stage, "GET /pets").unwrap().api_key_required;
        assert_eq!([asked("prod"), asked("dev")], [mode == "ApiKey"; 2], "{mode}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_stage_of_an_api_that_is_locked_by_a_key_gets_a_key_of_its_own() {
    let mut world = of_two_stages();
    world.apply("shop/prod", API, &of_stage("prod", "ApiKey"));
    world.until_ready(&["shop/prod"]).await;
    world.apply("shop/dev", API, &of_stage("dev", "ApiKey"));
    world.until_ready(&["shop/prod", "shop/dev"]).await;
    let served = world.aws.clouds[OWN].served(API, "dev", "GET /pets").unwrap();
    assert!(served.api_key_required);
}

#[tokio::test(start_paused = true)]
async fn a_secret_header_is_for_the_first_of_two_stages_alone() {
    let mut world = of_two_stages();
    world.apply("shop/prod", API, &of_stage("prod", "SecretHeader"));
    world.until_ready(&["shop/prod"]).await;
    for mode in ["SecretHeader", "SigV4"] {
        world.apply("shop/dev", API, &of_stage("dev", mode));
        world.until_refused("shop/dev", "AccessDiffers").await;
    }
    world.seconds(1200).await;
    assert!(world.is_ready("shop/prod"));
    let [_, _, message] = world.condition("shop/dev", "Accepted");
    assert!(message.contains("SecretHeader"), "{message}");
}
