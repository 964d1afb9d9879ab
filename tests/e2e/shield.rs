//! Shield Advanced around a perimeter, with the emulated AWS and a real Kubernetes API.

use crate::foreign_hand::{automatic_response, count_since, set_count_since, update_web_acl, web_acl};
use crate::iam::printed_policy_and;
use crate::scene::{Scene, aws};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::sync::RwLock;

/// The subscription is the account's, which all tests share. Held for reading by tests that need it, for writing by those that take
/// it away.
static SUBSCRIPTION: RwLock<()> = RwLock::const_new(());

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
    let _subscription = SUBSCRIPTION.read().await;
    subscribe(true);
    let scene = Scene::new().await;
    let _controller = scene.launch().policy(printed_policy_and("--shield")).start();
    scene.apply("petstore", &everything(&topic("attacks")));
    scene.until_ready("petstore").await;
    let message = until_counting(&scene).await;
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

/// A time as the protection's tag has it.
fn days_ago(days: i64) -> String {
    let time = Timestamp::now() - SignedDuration::from_hours(24 * days);
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Waits until petstore is protected and counts; answers what is said of it.
async fn until_counting(scene: &Scene) -> String {
    scene
        .until_condition("petstore", "ShieldProtected", "True", "Counting")
        .await
}

/// Waits until the status says that the protection counts since `time`.
async fn until_counting_since(scene: &Scene, time: &str) {
    scene
        .until_object(&format!("Count since {time}"), "petstore", |object| {
            object["status"]["shield"]["countSince"] == time
        })
        .await;
}

#[tokio::test]
async fn count_becomes_block_after_the_baseline_with_an_event_before_and_after() {
    let _subscription = SUBSCRIPTION.read().await;
    subscribe(true);
    let scene = Scene::new().await;
    // Tags of a protection are in no list: they are read in full.
    let _controller = scene.launch().option("--deep-resync", "1s").start();
    scene.apply("petstore", &everything(&topic("promotion")));
    until_counting(&scene).await;

    let nearly = days_ago(29);
    set_count_since(&scene, "petstore", Some(&nearly)).await;
    let message = scene
        .until_condition("petstore", "ShieldProtected", "True", "PromotionDue")
        .await;
    assert!(message.contains(&format!("Count since {nearly}")), "{message}");
    scene.until_event("PromotionDue", &[&nearly, "Block due "]).await;
    assert_eq!(automatic_response(&scene, "petstore").await, "Count");

    let long = days_ago(31);
    set_count_since(&scene, "petstore", Some(&long)).await;
    let message = scene
        .until_condition("petstore", "ShieldProtected", "True", "Promoted")
        .await;
    assert!(message.contains(&format!("since {long}")), "{message}");
    scene.until_event("Promoted", &["block from now on"]).await;
    assert_eq!(automatic_response(&scene, "petstore").await, "Block");
    let shield = scene.object("petstore").await["status"]["shield"].clone();
    assert_eq!(
        (&shield["automaticResponse"], &shield["blockDue"]),
        (&json!("Block"), &Value::Null)
    );

    let edited = json!({"automaticResponse": {"promoteAfter": "744h"}});
    scene.change("petstore", json!({"shield": edited})).await;
    until_counting(&scene).await;
    assert_eq!(automatic_response(&scene, "petstore").await, "Count");
}

#[tokio::test]
async fn a_clock_that_somebody_sets_ahead_or_takes_away_begins_anew_and_promotes_nothing() {
    let _subscription = SUBSCRIPTION.read().await;
    subscribe(true);
    let scene = Scene::new().await;
    let _controller = scene.launch().option("--deep-resync", "1s").start();
    scene.apply("petstore", &everything(&topic("clock")));
    until_counting(&scene).await;
    for tampered in [Some(days_ago(-3650)), None] {
        let since = days_ago(20);
        set_count_since(&scene, "petstore", Some(&since)).await;
        until_counting_since(&scene, &since).await;

        let (was, now) = (days_ago(0), tampered.as_deref());
        set_count_since(&scene, "petstore", now).await;
        let mut anew = String::new();
        scene
            .until(&format!("a clock of now in place of {now:?}"), async || {
                let clock = count_since(&scene, "petstore").await.map(|clock| clock.0);
                anew = clock.unwrap_or_default();
                was <= anew && anew <= days_ago(0)
            })
            .await;
        until_counting_since(&scene, &anew).await;
        until_counting(&scene).await;
        assert_eq!(automatic_response(&scene, "petstore").await, "Count");
    }
    let calls = scene.calls(0);
    let mut promotions = calls
        .iter()
        .filter(|call| call["operation"] == "UpdateApplicationLayerAutomaticResponse");
    assert_eq!(promotions.next(), None);
}

#[tokio::test]
async fn shields_own_rule_that_somebody_removes_is_put_back_and_told_and_the_clock_runs_on() {
    let _subscription = SUBSCRIPTION.read().await;
    subscribe(true);
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &everything(&topic("rule")));
    until_counting(&scene).await;
    // Soon after the response was switched on, Shield may not have put its rule there yet.
    let since = days_ago(3);
    set_count_since(&scene, "petstore", Some(&since)).await;

    let is_shields = |rule: &Value| {
        rule["Name"]
            .as_str()
            .is_some_and(|name| name.starts_with("ShieldMitigationRuleGroup_"))
    };
    update_web_acl(&scene, "petstore", |acl| {
        let rules = acl["Rules"].as_array_mut().expect("rules");
        let before = rules.len();
        rules.retain(|rule| !is_shields(rule));
        assert_eq!(rules.len(), before - 1, "Shield's rule was there");
    })
    .await;
    let rule = "had taken its rule out of the web ACL";
    scene.until_event("DriftCorrected", &[rule]).await;
    let acl = web_acl(&scene, "petstore").await;
    assert!(
        acl["Rules"].as_array().expect("rules").iter().any(is_shields),
        "{acl}"
    );
    until_counting_since(&scene, &since).await;
    until_counting(&scene).await;
    assert_eq!(automatic_response(&scene, "petstore").await, "Count");
    scene.until_ready("petstore").await;
}

#[tokio::test]
async fn without_a_subscription_the_rest_is_ready_and_none_is_ever_made() {
    let _subscription = SUBSCRIPTION.write().await;
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
    let refusal = scene.refusal(&scene.manifest("petstore", &both)).await;
    assert!(refusal.contains("would work against each other"), "{refusal}");
}
