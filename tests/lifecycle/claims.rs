//! Which objects count, and from when: only those whose Namespace permits what they name, once it is seen.

use super::controllers::World;
use jiff::Timestamp;
use palisade::controller::settings::Tenancy;
use serde_json::{Value, json};

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

/// The conditions of the object that are True or False for this reason, at any time until it is ready.
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
    let calls = world.object("shop/petstore");
    assert_ne!(calls["status"]["url"], Value::Null);
}
