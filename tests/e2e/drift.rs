//! What others change is set right, and what others add stays.

use crate::foreign_hand::{
    distribution, put_role_policy, role_policies, tamper_distribution, tamper_web_acl, web_acl,
};
use crate::scene::Scene;
use crate::update::rate_limit;
use serde_json::{Value, json};

#[tokio::test]
async fn what_others_change_is_set_right_with_an_event_that_names_the_fields() {
    let scene = Scene::new().await;
    let controller = scene.start();
    scene.apply("petstore", &json!({"tags": {"team": "shop"}}));
    scene.until_ready("petstore").await;

    let mut rules = web_acl(&scene, "petstore").await["Rules"].clone();
    let rule = rules
        .as_array_mut()
        .expect("rules")
        .iter_mut()
        .find(|rule| rule["Name"] == "palisade-rate-per-ip");
    rule.expect("the rate rule")["Statement"]["RateBasedStatement"]["Limit"] = json!(1_000_000);
    tamper_web_acl(&scene, "petstore", &json!({"Rules": rules})).await;
    scene.until_event("DriftCorrected", &["web ACL", "per-ip"]).await;
    assert_eq!(rate_limit(&web_acl(&scene, "petstore").await), 2000);

    scene.until_ready("petstore").await;
    tamper_distribution(&scene, "petstore", &json!({"enabled": false})).await;
    scene
        .until_event("DriftCorrected", &["distribution", "enabled"])
        .await;
    let config = distribution(&scene, "petstore").await;
    assert!(config.contains("<Enabled>true</Enabled>"), "{config}");

    scene.until_ready("petstore").await;
    let mut tags = resource(&scene, "distribution")["tags"].clone();
    tags.as_object_mut().expect("tags").remove("team");
    tamper_distribution(&scene, "petstore", &json!({"tags": tags})).await;
    scene
        .until_event("DriftCorrected", &["distribution", "team"])
        .await;
    assert_eq!(resource(&scene, "distribution")["tags"]["team"], "shop");

    scene.until_ready("petstore").await;
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    put_role_policy(&scene, "palisade-signer", &everything);
    scene
        .until_event("DriftCorrected", &["role", "palisade-signer"])
        .await;
    put_role_policy(&scene, "backdoor", &everything);
    scene.until_event("DriftCorrected", &["role", "backdoor"]).await;
    assert_eq!(role_policies(&scene), ["palisade-signer"]);

    let (_, metrics) = controller.metrics();
    for kind in ["webAcl", "distribution", "role"] {
        assert!(
            metrics.contains(&format!("palisade_drift_corrected_total{{kind=\"{kind}\"}}")),
            "{metrics}"
        );
    }
}

fn resource(scene: &Scene, is: &str) -> Value {
    scene
        .resources()
        .into_iter()
        .find(|resource| resource["type"] == is)
        .expect("a resource")
}

#[tokio::test]
async fn rules_of_others_survive_an_update_byte_for_byte_and_in_place() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;

    let visibility = |name: &str| json!({"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name});
    let shield = "ShieldMitigationRuleGroup_123456789012_b3a1_e2e";
    let group = "arn:aws:wafv2:us-east-1:153427709519:global/rulegroup/ShieldMitigationRuleGroup_123456789012_b3a1_e2e/1";
    tamper_web_acl(&scene, "petstore", &json!({
        "appendRules": [
            {
                "Name": shield, "Priority": 4_000_000,
                "Statement": {"RuleGroupReferenceStatement": {"ARN": group, "FromTheFuture": {"a": [1, 2.50, "\u{e9}"]}}},
                "OverrideAction": {"None": {}}, "VisibilityConfig": visibility("shield"),
            },
            {
                "Priority": 5_000_000, "Name": "made-by-hand", "Statement": {"StatementFromTheFuture": {"b": null, "a": {}}},
                "Action": {"Count": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "x", "Value": "y"}]}}},
                "VisibilityConfig": visibility("hand"), "AnotherField": true,
            },
        ],
        "PostProcessFirewallManagerRuleGroups": [{
            "Name": "POSTFMManaged-e2e", "Priority": 1, "FirewallManagerStatement": {"RuleGroupReferenceStatement": {"ARN": group}},
            "OverrideAction": {"None": {}}, "VisibilityConfig": visibility("fm"), "FromTheFuture": 1,
        }],
    })).await;
    let foreign = |acl: &Value| {
        let rules = acl["Rules"].as_array().expect("rules");
        let foreign = rules.iter().filter(|rule| {
            !rule["Name"]
                .as_str()
                .is_some_and(|name| name.starts_with("palisade-"))
        });
        let foreign: Vec<String> = foreign.map(ToString::to_string).collect();
        (foreign, acl["PostProcessFirewallManagerRuleGroups"].to_string())
    };
    let before = foreign(&web_acl(&scene, "petstore").await);
    assert_eq!(before.0.len(), 2);

    scene
        .change(
            "petstore",
            json!({"webAcl": {"rateLimits": [{"name": "per-ip", "limit": 777}]}}),
        )
        .await;
    scene
        .until("the update", async || {
            rate_limit(&web_acl(&scene, "petstore").await) == 777
        })
        .await;
    scene.until_ready("petstore").await;
    assert_eq!(foreign(&web_acl(&scene, "petstore").await), before);
}
