//! A changed class is planned by the controller itself, before it writes to AWS for any of its objects.

use super::rollouts::Crowd;
use serde_json::{Value, json};
use std::time::Duration;

/// Longer than from one resync to the next.
const A_RESYNC: Duration = Duration::from_mins(11);

/// Asks for another price class, and for a tag that not all objects have.
fn declare(crowd: &Crowd, is_suspended: bool) {
    let class = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass", "metadata": {"name": "public"},
        "spec": {
            "defaults": {"distribution": {"priceClass": "PriceClass_200"}},
            "limits": {"requiredTags": ["team"]},
            // The clock of the wall stands still here.
            "rollout": {"maxUnavailable": 1, "pause": "0s", "suspend": is_suspended},
        },
    });
    crowd.api.apply("perimeterclasses", &class);
}

fn tag(crowd: &Crowd, name: &str) {
    let mut object = crowd.api.get("protectedapis", "shop", name);
    object["spec"]["tags"] = json!({"team": "shop"});
    let manifest = json!({
        "apiVersion": object["apiVersion"], "kind": object["kind"],
        "metadata": {"name": name, "namespace": "shop"}, "spec": object["spec"],
    });
    crowd.api.apply("protectedapis", &manifest);
}

fn refused_by(rollout: &Value) -> Vec<&str> {
    let refusals = rollout["plan"]["refusals"].as_array();
    let objects = refusals.into_iter().flatten();
    objects.filter_map(|refusal| refusal["object"].as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_changed_class_is_planned_and_names_whom_it_refuses_before_anything_is_written_and_begins_with_others()
 {
    let mut crowd = Crowd::new(4, 1).await;
    for name in ["api-001", "api-002", "api-003"] {
        tag(&crowd, name);
    }
    for _ in 0..300 {
        crowd.second().await;
    }
    crowd.updates = 0;
    declare(&crowd, true);
    crowd
        .until("the plan is told", |crowd| {
            crowd.rollout()["plan"]["refused"] == 1
        })
        .await;
    let rollout = crowd.rollout();
    assert_eq!(
        (&rollout["plan"]["objects"], &rollout["plan"]["changed"]),
        (&json!(4), &json!(3)),
        "{rollout}"
    );
    assert_eq!(refused_by(&rollout), ["shop/api-000"]);
    for _ in 0..300 {
        crowd.second().await;
    }
    assert_eq!(crowd.updates, 0, "nothing is written while it is suspended");
    declare(&crowd, false);
    crowd
        .until("it is halted", |crowd| crowd.state() == "Halted")
        .await;
    let rollout = crowd.rollout();
    assert_eq!(
        (&rollout["haltedBy"]["object"], &rollout["haltedBy"]["reason"]),
        (&json!("shop/api-000"), &json!("ForbiddenByClass")),
        "{rollout}"
    );
    assert_eq!(crowd.updates, 3, "all others have moved before");
    tag(&crowd, "api-000");
    crowd.api.annotate(
        "perimeterclasses",
        "",
        "public",
        &json!({"palisade.dev/resume-rollout": "it has its tag"}),
    );
    crowd
        .until("all have moved", |crowd| {
            crowd.state() == "Complete" && crowd.moved() == 4
        })
        .await;
}

/// What AWS is asked in this time.
async fn calls_in(crowd: &Crowd, time: Duration) -> usize {
    crowd.cloud().clear_journal();
    tokio::time::sleep(time).await;
    crowd.cloud().journal().entries.len()
}

#[tokio::test(start_paused = true)]
async fn the_plan_of_a_class_of_a_hundred_objects_takes_at_most_forty_calls_more_than_a_resync() {
    const OBJECTS: usize = 100;
    let crowd = Crowd::new(OBJECTS, 5).await;
    tokio::time::sleep(A_RESYNC).await;
    let resync = calls_in(&crowd, A_RESYNC).await;
    declare(&crowd, true);
    let planned = calls_in(&crowd, A_RESYNC).await;
    let plan = crowd.rollout()["plan"].clone();
    assert_eq!(
        (&plan["objects"], &plan["refused"]),
        (&json!(OBJECTS), &json!(OBJECTS)),
        "{plan}"
    );
    assert!(planned <= resync + 40, "{planned} calls, {resync} without a plan");
}
