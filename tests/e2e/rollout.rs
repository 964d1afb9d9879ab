//! A class is changed while viewers of all its objects come at a steady rate; and then so that its rollout halts.

use crate::apis::{endpoint, seed_rest};
use crate::promtool::Scrape;
use crate::scene::{Scene, fault};
use crate::viewers::{Viewers, domain};
use kube::api::Api;
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};
use std::process::Command;

const OBJECTS: [&str; 3] = ["orders", "petstore", "returns"];

/// Only a controller for all namespaces rolls classes out, and it would act on the objects of all other tests: each process of tests
/// has a cluster and an AWS of its own.
#[test]
fn viewers_at_a_steady_rate_notice_no_rollout_and_one_that_is_halted_fires() {
    let output = Command::new(std::env::current_exe().expect("this binary"))
        .args(["--ignored", "--exact", "rollout::in_a_cluster_of_its_own"])
        .output()
        .expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}\n{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    assert!(text(&output.stdout).contains("1 passed"), "it ran");
}

#[tokio::test]
#[ignore = "is a part of the test above"]
async fn in_a_cluster_of_its_own() {
    let scene = Scene::new().await;
    let controller = scene.launch_for_all().start();
    declare(&scene, "PriceClass_100", 2_000);
    for (object, letter) in OBJECTS.into_iter().zip(['a', 'b', 'c']) {
        let api = scene.another_api(letter);
        seed_rest(&api);
        let origin = json!({"endpoint": endpoint(&api)});
        scene.apply(object, &json!({"className": "steady", "origin": origin}));
    }
    for object in OBJECTS {
        scene.until_ready(object).await;
    }
    let first = until_complete(&scene, None).await;
    let mut viewers = Vec::new();
    for object in OBJECTS {
        viewers.push(Viewers::of(domain(&scene, object).await));
    }

    declare(&scene, "PriceClass_200", 500);
    let second = until_complete(&scene, Some(&first)).await;
    for object in OBJECTS {
        let found = scene.object(object).await;
        assert_eq!(found["status"]["class"]["revision"], second, "{object}");
        scene.until_ready(object).await;
    }
    for viewers in viewers {
        viewers.end();
    }

    let refused = scene.uid(OBJECTS[0]).await;
    fault(&json!({
        "kind": "error", "operation": "UpdateDistribution", "match": refused, "count": -1, "code": "AccessDenied", "status": 403,
        "message": "User is not authorized to perform: cloudfront:UpdateDistribution",
    }));
    declare(&scene, "PriceClass_All", 500);
    let halted = ["palisade_rollouts{state=\"Halted\"} 1"];
    let scrape = Scrape::until(&scene, &controller, &halted).await;
    scrape.fires(&["PalisadeRolloutHalted"]);
    let class = scene.kubectl(&["get", "pclass", "steady", "-o", "json"]);
    let class: Value = serde_json::from_str(&class).expect("JSON");
    assert_eq!(class["status"]["rollout"]["haltedBy"]["uid"], refused.as_str());
}

/// What both the distribution and the web ACL of each object have of the class.
fn declare(scene: &Scene, price_class: &str, limit: u32) {
    let class = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass", "metadata": {"name": "steady"},
        "spec": {
            "defaults": {
                "distribution": {"priceClass": price_class},
                "webAcl": {"rateLimits": [{"name": "per-ip", "limit": limit}]},
            },
            "rollout": {"maxUnavailable": 1, "pause": "1s"},
        },
    });
    let file = scene.write(&class);
    scene.kubectl(&["apply", "-f", &file]);
}

/// Waits until all objects go by a revision other than `before`, one at a time; answers it.
async fn until_complete(scene: &Scene, before: Option<&Value>) -> Value {
    let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "PerimeterClass");
    let classes = Api::all_with(scene.client.clone(), &ApiResource::from_gvk(&kind));
    let complete = scene.until_seen("the class is rolled out", classes, "steady", |class| {
        let rollout = &class["status"]["rollout"];
        let on_the_way = rollout["moving"].as_array().map_or(0, Vec::len);
        assert!(on_the_way <= 1, "{rollout}");
        let revision = &rollout["revision"];
        let is_complete = rollout["state"] == "Complete" && rollout["moved"] == OBJECTS.len();
        (is_complete && before != Some(revision)).then(|| revision.clone())
    });
    complete.await
}
