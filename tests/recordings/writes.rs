//! What the product writes back of a web ACL that AWS told it of: all that AWS takes, as it is, and nothing else.

use super::folder::{self, by_operation, is_made_by_hand};
use super::replay::Answer;
use crate::support::pieces::text;
use palisade::aws::cloud::Cloud;
use palisade::domain::firewall::rules::Parts;
use palisade::domain::firewall::web_acl::merged;
use serde_json::{Map, Value, json};

/// Members of an update, as WAF's model has them.
const TAKEN: [&str; 17] = [
    "ApplicationConfig",
    "AssociationConfig",
    "CaptchaConfig",
    "ChallengeConfig",
    "CustomResponseBodies",
    "DataProtectionConfig",
    "DefaultAction",
    "Description",
    "Id",
    "LockToken",
    "MonetizationConfig",
    "Name",
    "OnSourceDDoSProtectionConfig",
    "Rules",
    "Scope",
    "TokenDomains",
    "VisibilityConfig",
];
/// What `GetWebACL` answers and no update takes.
const ONLY_TOLD: [&str; 7] = [
    "ARN",
    "Capacity",
    "LabelNamespace",
    "ManagedByFirewallManager",
    "PostProcessFirewallManagerRuleGroups",
    "PreProcessFirewallManagerRuleGroups",
    "RetrofittedByFirewallManager",
];

/// The update of a web ACL of which AWS told this.
async fn update_of(answer: &Value) -> Value {
    let sdk = Answer::json(answer).sdk().await;
    let cloud: &dyn Cloud = &sdk;
    let content = cloud.get_web_acl(text("id"), text("name")).await.unwrap();
    let ours = Parts {
        rules: vec![],
        bodies: Map::new(),
    };
    let document = merged(&content.document, ours);
    let (sdk, asked) = Answer::json(&json!({"NextLockToken": "next"})).asked().await;
    let cloud: &dyn Cloud = &sdk;
    cloud.update_web_acl(content.entity, document).await.unwrap();
    let asked = asked.lock().unwrap();
    serde_json::from_str(&asked[0]).unwrap()
}

async fn check(place: &str, answer: &Value) {
    let sent = update_of(answer).await;
    for (name, told) in answer["WebACL"].as_object().unwrap() {
        // WAF answers an empty description for none, and refuses it.
        let is_taken = !ONLY_TOLD.contains(&name.as_str()) && *told != json!("");
        match (sent.get(name), name.as_str()) {
            (None, _) => assert!(!is_taken, "{place}: {name} is lost"),
            (Some(rules), "Rules") => {
                let (rules, told) = (rules.as_array().unwrap(), told.as_array().unwrap());
                assert!(
                    rules.len() == told.len() && told.iter().all(|rule| rules.contains(rule)),
                    "{place}: {rules:?}"
                );
            }
            (Some(action), "DefaultAction") => assert_eq!(*action, json!({"Allow": {}}), "{place}"),
            (Some(value), _) => {
                assert!(is_taken, "{place}: {name}");
                assert_eq!(value, told, "{place}: {name}");
            }
        }
    }
    let unknown = sent.as_object().unwrap().keys();
    let unknown: Vec<&String> = unknown.filter(|name| !TAKEN.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "{place}: {unknown:?}");
    assert_eq!(
        (&sent["Scope"], &sent["LockToken"]),
        (&json!("CLOUDFRONT"), &answer["LockToken"])
    );
}

#[tokio::test]
async fn recorded_web_acls_are_written_back_with_all_that_aws_takes_and_nothing_else() {
    let Some(folder) = folder::folder() else { return };
    let mut count = 0;
    for recording in by_operation(&folder) {
        let is_whole = recording.data["LockToken"].is_string() && !is_made_by_hand(&recording);
        if recording.operation == "GetWebACL" && is_whole {
            check(&recording.place, &recording.data).await;
            count += 1;
        }
    }
    assert!(count >= 35, "{count}");
}

/// Newer web ACLs are answered with these, of CloudFront's scope as well: whoever leaves them out sets them back.
#[tokio::test]
async fn protection_against_ddos_and_what_the_console_notes_are_written_back() {
    let web_acl = json!({
        "Name": "acl", "Id": "id", "ARN": "arn:aws:wafv2:us-east-1:111122223333:global/webacl/acl/id",
        "DefaultAction": {"Allow": {}}, "Description": "", "Rules": [], "Capacity": 0, "ManagedByFirewallManager": false,
        "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "acl"},
        "LabelNamespace": "awswaf:111122223333:webacl:acl:", "RetrofittedByFirewallManager": false,
        "OnSourceDDoSProtectionConfig": {"ALBLowReputationMode": "ALWAYS_ON"},
        "ApplicationConfig": {"Attributes": [{"Name": "TrafficSource", "Values": ["api"]}]},
        "TokenDomains": ["example.com"],
    });
    check("a web ACL", &json!({"WebACL": web_acl, "LockToken": "t"})).await;
}
