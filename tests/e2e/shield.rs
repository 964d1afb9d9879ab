//! Shield Advanced around a perimeter, with the emulated AWS and a real Kubernetes API.

use crate::iam::printed_policy;
use crate::scene::{Scene, aws};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// The subscription is the account's, which all tests share.
static TURN: Mutex<()> = Mutex::const_new(());

fn subscribe(subscribed: bool) {
    aws().control("PATCH", "shield/123456789012", &json!({"subscribed": subscribed}));
}

/// A topic; answers its ARN.
fn topic(name: &str) -> String {
    let topic = json!({"name": name, "region": "us-east-1"});
    aws().control("POST", "seed", &json!({"topics": [topic]}));
    format!("arn:aws:sns:us-east-1:123456789012:{name}")
}

fn everything(topic: &str) -> Value {
    json!({"shield": {
        "automaticResponse": {"action": "Count", "promoteAfter": "720h"},
        "healthCheck": {"path": "/prod/pets"},
        "ddosAlarm": {"snsTopicArn": topic},
    }})
}

#[tokio::test]
async fn a_protection_tells_since_when_it_counts_and_goes_with_its_object() {
    let _turn = TURN.lock().await;
    subscribe(true);
    let scene = Scene::new().await;
    // With what is printed for this, and nothing more.
    let mut policy = printed_policy(&[]);
    let more = printed_policy(&["--shield"])["Statement"]
        .as_array()
        .expect("a list")
        .clone();
    policy["Statement"].as_array_mut().expect("a list").extend(more);
    let _controller = scene.launch().policy(policy).start();
    scene.apply("petstore", &everything(&topic("attacks")));
    scene.until_ready("petstore").await;
    let message = scene
        .until_condition("petstore", "ShieldProtected", "True", "Counting")
        .await;
    assert!(
        message.contains("Count since ") && message.contains("Block due "),
        "{message}"
    );
    let described = scene.kubectl(&["describe", "papi", "petstore"]);
    for part in [
        "Count Since",
        "Block Due",
        "Protection Id",
        "Health Check Id",
        "Alarm",
    ] {
        assert!(described.contains(part), "{part}: {described}");
    }
    let wide = scene.kubectl(&["get", "papi", "petstore", "-o", "wide"]);
    assert!(wide.contains("SHIELD") && wide.contains("Count"), "{wide}");
    scene.until_event("Counting", &["Block due "]).await;
    scene.delete("petstore").await;
    scene.until_gone("petstore").await;
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
}

#[tokio::test]
async fn without_a_subscription_the_rest_is_ready_and_none_is_ever_made() {
    let _turn = TURN.lock().await;
    subscribe(false);
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &everything(&topic("attacks")));
    let message = scene.until_condition("petstore", "Ready", "True", "Ready").await;
    assert!(
        message.contains("Shield Advanced does not protect it"),
        "{message}"
    );
    let message = scene
        .until_condition("petstore", "ShieldProtected", "False", "NotSubscribed")
        .await;
    assert!(message.contains("spec.webAcl.antiDdos"), "{message}");
    let calls = scene.calls(0);
    assert!(calls.iter().all(|call| call["operation"] != "CreateSubscription"));
    assert!(
        calls
            .iter()
            .any(|call| call["operation"] == "GetSubscriptionState")
    );
}

#[tokio::test]
async fn the_two_answers_to_one_attack_are_refused_together_with_the_reason() {
    let scene = Scene::new().await;
    let both = json!({"shield": {"automaticResponse": {}}, "webAcl": {"antiDdos": {}}});
    let refusal = scene.refusal(&scene.manifest("petstore", &both));
    assert!(refusal.contains("would work against each other"), "{refusal}");
}
