//! What an operator and Prometheus see, and how quiet a steady object is.

use crate::scene::Scene;
use serde_json::{Value, json};

#[tokio::test]
async fn health_readiness_and_metrics_answer() {
    let scene = Scene::new().await;
    let controller = scene.start();
    let ok = |(status, body): (String, String)| status.contains(" 200 ") && body == "ok\n";
    scene
        .until("/readyz", async || ok(controller.health("/readyz")))
        .await;
    assert!(ok(controller.health("/healthz")));
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let ready =
        "palisade_conditions{type=\"Ready\",status=\"True\",reason=\"Ready\",enforcement=\"Enforce\"} 1";
    scene
        .until(ready, async || controller.metrics().1.contains(ready))
        .await;
    let (status, metrics) = controller.metrics();
    assert!(status.contains(" 200 "), "{status}");
    for line in [
        "palisade_reconciles_total{outcome=\"ok\"} ",
        "palisade_reconcile_duration_seconds_count ",
        "palisade_waits_total{reason=\"Deploying\"} ",
        "palisade_aws_calls_total{service=\"cloudfront\",operation=\"CreateDistributionWithTags\",outcome=\"ok\"} 1",
        "palisade_aws_calls_total{service=\"wafv2\",operation=\"CreateWebACL\",outcome=\"ok\"} 1",
        "palisade_aws_budget_wait_seconds_count{service=\"wafv2\"} ",
        "palisade_leader 1",
        "palisade_build_info{version=",
    ] {
        assert!(metrics.contains(line), "{line} is missing in:\n{metrics}");
    }
    scene
        .until("orphans are counted", async || {
            controller
                .metrics()
                .1
                .contains("palisade_orphans{kind=\"role\"} ")
        })
        .await;
}

#[tokio::test]
async fn without_aws_it_is_alive_and_not_ready_and_says_why() {
    let scene = Scene::new().await;
    let controller = scene
        .launch()
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .start();
    scene
        .until("/readyz waits for credentials", async || {
            let (status, body) = controller.health("/readyz");
            status.contains(" 503 ") && body == "waiting for AWS credentials\n"
        })
        .await;
    assert!(controller.health("/healthz").0.contains(" 200 "));
}

#[tokio::test]
async fn a_steady_object_costs_a_few_lists_a_resync_and_no_write() {
    let scene = Scene::new().await;
    let _controller = scene
        .launch()
        .option("--resync", "1500ms")
        // The condemned of other tests, in the same account, are none of this object's cost.
        .option("--sweep", "10m")
        .start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let lists = |calls: &[Value]| {
        calls
            .iter()
            .filter(|call| call["operation"] == "ListDistributions")
            .count()
    };
    // What the last writes still bring about comes to its end within one resync.
    let written = last(&scene.calls(0));
    scene
        .until("a resync", async || lists(&scene.calls(written)) >= 2)
        .await;

    let version = scene.object("petstore").await["metadata"]["resourceVersion"].clone();
    let settled = last(&scene.calls(0));
    scene
        .until("two resyncs", async || lists(&scene.calls(settled)) >= 3)
        .await;
    let calls = scene.calls(settled);
    let is_list = |call: &Value| {
        let operation = call["operation"].as_str().unwrap_or_default();
        operation.starts_with("List")
            || ["GetResources", "GetAccountAuthorizationDetails"].contains(&operation)
    };
    let others: Vec<&Value> = calls.iter().filter(|call| !is_list(call)).collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(
        scene.object("petstore").await["metadata"]["resourceVersion"],
        version,
        "the object was written"
    );
}

/// The number of the last call.
pub fn last(calls: &[Value]) -> u64 {
    calls
        .last()
        .and_then(|call| call["n"].as_u64())
        .unwrap_or_default()
}

#[tokio::test]
async fn each_line_of_the_log_names_the_object() {
    let scene = Scene::new().await;
    let controller = scene.launch().option("--log-format", "json").start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let text = controller.text();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let done: Vec<&Value> = lines.iter().filter(|line| line["message"] == "done").collect();
    assert!(done.len() >= 4, "{text}");
    for line in done {
        assert_eq!(line["span"]["object"], format!("{}/petstore", scene.namespace));
    }
}
