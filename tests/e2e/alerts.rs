//! Alerts and dashboard, against what a running controller tells in the states that they are for.

use crate::apis::{self, policy_against_the_signer};
use crate::controller::Controller;
use crate::foreign_hand::tamper_web_acl;
use crate::promtool::Scrape;
use crate::scene::{Scene, fault};
use crate::spoke::{Spoke, until_account};
use crate::viewers::get;
use palisade::api::ROTATE;
use serde_json::{Value, json};
use std::path::Path;

/// Waits until the sweeper has counted for the first time.
async fn leftovers_are_counted(scene: &Scene, controller: &Controller) {
    Scrape::until(
        scene,
        controller,
        &["palisade_leftovers_counted_timestamp_seconds 1"],
    )
    .await;
}

#[tokio::test]
async fn of_a_ready_object_no_alert_fires() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    leftovers_are_counted(&scene, &controller).await;
    let parts = ["palisade_conditions", "\"Ready\"", "\"True\""];
    let scrape = Scrape::until(&scene, &controller, &parts).await;
    scrape.is_quiet();
}

#[tokio::test]
async fn a_lock_that_was_put_back_fires_and_a_route_that_is_open_as_declared_does_not() {
    let scene = Scene::new().await;
    let policy = policy_against_the_signer();
    apis::edit(&scene, &json!({"policy": policy, "deploy": "prod"}));
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene
        .until_condition("petstore", "AccessRestricted", "False", "SignatureRefused")
        .await;
    let parts = [
        "palisade_conditions",
        "SignatureRefused",
        "enforcement=\"Enforce\"",
    ];
    let scrape = Scrape::until(&scene, &controller, &parts).await;
    scrape.fires(&[
        "PalisadeNotLocked",
        "PalisadeViewersRefused",
        "PalisadeObjectStalled",
        "PalisadeObjectNotReady",
    ]);

    scene
        .change("petstore", json!({"access": {"enforcement": "Observe"}}))
        .await;
    scene
        .until_condition("petstore", "AccessRestricted", "False", "Open")
        .await;
    scene.until_ready("petstore").await;
    leftovers_are_counted(&scene, &controller).await;
    let open = ["palisade_conditions", "\"Open\"", "enforcement=\"Observe\""];
    let scrape = Scrape::until(&scene, &controller, &open).await;
    assert!(scrape.text.contains("DirectAccessOpen"), "{}", scrape.text);
    scrape.is_quiet();
}

#[tokio::test]
async fn viewers_whom_nobody_answers_fire() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({"webAcl": {"blockCidrs": ["127.0.0.0/8"]}}));
    scene
        .until_condition(
            "petstore",
            "ViewerAccessVerified",
            "False",
            "ProbeBlockedByWebAcl",
        )
        .await;
    let parts = ["palisade_conditions", "ViewerAccessVerified", "\"False\""];
    let scrape = Scrape::until(&scene, &controller, &parts).await;
    scrape.fires(&["PalisadeViewersRefused", "PalisadeObjectNotReady"]);
}

#[tokio::test]
async fn a_lock_that_another_tool_keeps_removing_and_the_open_route_fire() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let open = json!({"authorization": {"GET /pets": "NONE"}, "deploy": "prod"});
    scene
        .until("the lock is contested", async || {
            // Each lock is removed once it stands.
            if get(&scene.endpoint(), "/prod/pets").0 == 403 {
                apis::edit(&scene, &open);
            }
            let found = scene.condition("petstore", "AccessRestricted").await;
            found.is_some_and(|(_, reason, _)| reason == "ContestedByOtherTool")
        })
        .await;
    let open = [
        "palisade_conditions",
        "DirectAccessOpen",
        "enforcement=\"Enforce\"",
    ];
    let scrape = Scrape::until(&scene, &controller, &open).await;
    scrape.fires(&["PalisadeLockContested", "PalisadeDoorOpen", "PalisadeNotLocked"]);
}

#[tokio::test]
async fn a_replica_that_stands_by_alone_fires() {
    let scene = Scene::new().await;
    let first = scene.launch().replica("first").start();
    let leads = ["palisade_leader 1"];
    Scrape::until(&scene, &first, &leads).await;
    let second = scene.launch().replica("second").start();
    let scrape = Scrape::until(&scene, &second, &["palisade_leader 0"]).await;
    drop(first);
    scrape.fires(&["PalisadeHasNoLeader"]);
}

#[tokio::test]
async fn a_value_that_is_being_replaced_fires_should_it_last() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({"access": {"mode": "ApiKey"}}));
    scene.until_ready("petstore").await;
    let calls = json!({"kind": "delay", "operation": "UpdateDistribution", "match": scene.uid("petstore").await, "seconds": 2});
    fault(&calls);
    scene.kubectl(&["annotate", "papi", "petstore", &format!("{ROTATE}=now")]);
    let scrape = Scrape::until(&scene, &controller, &["palisade_conditions", "\"Rotating\""]).await;
    scrape.fires(&["PalisadeRotationStuck"]);
}

#[tokio::test]
async fn a_certificate_that_is_not_issued_fires_should_it_last() {
    let scene = Scene::new().await;
    let controller = scene.start();
    let (zone, domain) = crate::names::zone(&scene);
    scene.apply("petstore", &crate::names::named(&zone, &format!("api.{domain}")));
    let parts = ["palisade_conditions", "\"False\"", "\"CertificatePending\""];
    let scrape = Scrape::until(&scene, &controller, &parts).await;
    scrape.fires(&["PalisadeCertificateStuck"]);
}

#[tokio::test]
async fn what_is_left_of_an_object_whose_finalizer_somebody_took_off_fires_and_so_does_what_can_no_longer_be_counted()
 {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    scene.change("petstore", json!({"suspend": true})).await;
    scene.delete("petstore").await;
    scene
        .until_condition_of_any_generation("petstore", "Ready", "Suspended")
        .await;
    scene.kubectl(&[
        "patch",
        "papi",
        "petstore",
        "--type=merge",
        "-p",
        r#"{"metadata": {"finalizers": null}}"#,
    ]);
    scene.until_gone("petstore").await;
    let scrape = Scrape::until(&scene, &controller, &["palisade_orphans{kind=\"role\"} 1"]).await;
    scrape.fires(&["PalisadeOrphans"]);

    fault(&json!({
        "kind": "error", "operation": "GetResources", "key": scene.key("one"), "count": -1, "code": "AccessDeniedException",
        "status": 400, "message": "User is not authorized to perform: tag:GetResources",
    }));
    let failures = || controller.text().matches("could not be counted").count();
    scene.until("a count fails", async || failures() > 0).await;
    let (before, failed) = (Scrape::of(&controller), failures());
    scene
        .until("two more do", async || failures() >= failed + 2)
        .await;
    let scrape = Scrape::of(&controller).since(&before);
    scrape.fires(&["PalisadeLeftoversUncounted"]);
}

#[tokio::test]
async fn on_a_bad_day_alerts_fire_and_no_panel_of_the_dashboard_is_empty() {
    let scene = Scene::new().await;
    let controller = scene.start();
    let (full, closed) = (Spoke::trusting(&scene, 'a'), Spoke::new(&scene, 'b'));
    let full_name = full.declare("a", &json!({}));
    full.apply(&full_name);
    scene.until_ready("petstore").await;
    // A change of the account has it looked at now.
    full.declare("a", &json!({"quotas": {"distributions": 1}}));
    until_account(&scene, &full_name, "QuotaHeadroom", "False", "QuotaLow").await;
    let closed_name = closed.declare("b", &json!({}));
    until_account(&scene, &closed_name, "Ready", "False", "RoleNotAssumable").await;

    scene.apply("orders", &json!({}));
    scene.until_condition("orders", "Ready", "True", "Ready").await;
    tamper_web_acl(&scene, "orders", &json!({"Rules": []})).await;
    scene.until_event("DriftCorrected", &["web ACL"]).await;
    scene.until_condition("orders", "Ready", "True", "Ready").await;
    let uid = scene.uid("orders").await;
    fault(&json!({"kind": "throttle", "operation": "UpdateWebACL", "match": uid[..8], "count": -1}));
    let limits = json!([{"name": "per-ip", "limit": 500}]);
    scene
        .change("orders", json!({"webAcl": {"rateLimits": limits}}))
        .await;
    scene
        .until_condition("orders", "WebAclReady", "False", "Throttled")
        .await;

    let parts = ["palisade_conditions", "\"Throttled\"", "\"Ready\""];
    let scrape = Scrape::until(&scene, &controller, &parts).await;
    scrape.fires(&[
        "PalisadeObjectNotReady",
        "PalisadeThrottled",
        "PalisadeDriftStorm",
        "PalisadeQuotaLow",
        "PalisadeAccountNotReady",
    ]);
    let queries = queries_of_the_dashboard();
    assert!(queries.len() > 15, "{queries:?}");
    scrape.answers(&queries);
}

/// The queries of all panels, as Grafana sends them.
fn queries_of_the_dashboard() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/monitoring/dashboard.json");
    let text = std::fs::read_to_string(path).expect("the dashboard");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels
        .iter()
        .flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    targets
        .map(|target| {
            let query = target["expr"].as_str().expect("an expression");
            query
                .replace("$__rate_interval", "5m")
                .replace("$namespace", ".*")
        })
        .collect()
}
