//! AWS WAF blocks more of an object's requests since its class changed, with the whole controller on all objects: nobody else changes.

use super::rollouts::{Crowd, declare_halting};
use serde_json::Value;

const OBJECTS: usize = 8;
const HALTS: &[&str] = &["ViewersRefused", "BlockedShare"];
const USUAL: (i64, i64) = (990, 10);

fn rolled_out(crowd: &Crowd) -> Value {
    let conditions = crowd.class()["status"]["conditions"].clone();
    let mut conditions = conditions.as_array().into_iter().flatten();
    let found = conditions.find(|found| found["type"] == "RolledOut");
    found.cloned().unwrap_or_default()
}

async fn seconds(crowd: &mut Crowd, count: usize) {
    for _ in 0..count {
        crowd.second().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_object_of_whose_requests_more_are_blocked_is_the_last_one_that_changes() {
    let mut crowd = Crowd::new(OBJECTS, 1).await;
    crowd.cloud().count_steadily(USUAL, USUAL);
    declare_halting(&crowd.api, 1, "PriceClass_200", HALTS);
    crowd.until("three have moved", |crowd| crowd.moved() == 3).await;
    let before = crowd.updates;
    crowd.cloud().count_steadily(USUAL, (700, 300));
    crowd
        .until("it is halted", |crowd| crowd.state() == "Halted")
        .await;
    let halted_by = crowd.rollout()["haltedBy"].clone();
    assert_eq!(halted_by["reason"], "BlockedShareRose", "{halted_by}");
    let message = halted_by["message"].as_str().unwrap();
    for part in ["30.0% (300 of 1000)", "1.0% (10 of 1000)", "maxBlockedRise"] {
        assert!(message.contains(part), "{message}");
    }
    crowd.kill().await;
    // Whoever looked at the class before that was written has counted, too.
    seconds(&mut crowd, 5).await;
    let counts = crowd.counts;
    seconds(&mut crowd, 600).await;
    assert_eq!(crowd.state(), "Halted");
    // One may have been counted before.
    assert!(crowd.updates <= before + 2, "{before}, then {}", crowd.updates);
    assert_eq!(crowd.counts, counts, "nobody counts for a rollout that is halted");
    crowd.cloud().count_steadily(USUAL, USUAL);
    declare_halting(&crowd.api, 1, "PriceClass_100", HALTS);
    crowd
        .until("all are as before", |crowd| {
            crowd.state() == "Complete" && crowd.moved() == OBJECTS
        })
        .await;
    assert_eq!(crowd.rollout()["unjudged"], Value::Null, "{}", crowd.rollout());
    seconds(&mut crowd, 5).await;
    let counts = crowd.counts;
    seconds(&mut crowd, 600).await;
    assert_eq!(crowd.counts, counts, "nobody counts once it is complete");
}

#[tokio::test(start_paused = true)]
async fn without_the_permission_objects_move_and_the_class_says_what_is_not_known_of_them() {
    let mut crowd = Crowd::new(OBJECTS, 2).await;
    crowd.cloud().count_steadily(USUAL, (0, 1000));
    crowd.cloud().configure(|settings| {
        settings.denied.insert("cloudwatch:GetMetricData".to_owned());
    });
    declare_halting(&crowd.api, 2, "PriceClass_200", HALTS);
    crowd
        .until("it begins", |crowd| crowd.state() == "Progressing")
        .await;
    crowd.until("four have moved", |crowd| crowd.moved() >= 4).await;
    crowd.kill().await;
    crowd
        .until("all have", |crowd| {
            crowd.state() == "Complete" && crowd.moved() == OBJECTS
        })
        .await;
    assert_eq!(
        crowd.rollout()["unjudged"]["denied"],
        OBJECTS,
        "{}",
        crowd.rollout()
    );
    let message = rolled_out(&crowd)["message"].clone();
    let message = message.as_str().unwrap();
    for part in ["is not read", "cloudwatch:GetMetricData", "--traffic"] {
        assert!(message.contains(part), "{message}");
    }
}
