//! From `kubectl apply` to Ready, as a person sees it.

use crate::foreign_hand::{distribution, web_acl};
use crate::scene::{Scene, seed_certificate};
use serde_json::json;

#[tokio::test]
async fn a_minimal_manifest_becomes_ready_and_kubectl_tells_its_story() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    scene.kubectl(&["wait", "papi/petstore", "--for=condition=Ready", "--timeout=5s"]);
    assert_eq!(scene.kinds(), ["distribution", "function", "role", "webacl"]);

    let columns = scene.kubectl(&["get", "papi"]);
    let (head, row) = columns.split_once('\n').expect("two lines");
    let head: Vec<&str> = head.split_whitespace().collect();
    assert_eq!(head, ["NAME", "READY", "URL", "LOCKED", "REASON", "AGE"]);
    assert!(row.starts_with("petstore") && row.contains("True"), "{columns}");
    assert!(
        row.contains("https://") && row.contains(".cloudfront.net"),
        "{columns}"
    );

    let description = scene.kubectl(&["describe", "papi", "petstore"]);
    for part in [
        "DistributionDeployed",
        "AWS_IAM",
        "Created distribution E",
        "Created web ACL",
        "Locked stage prod",
        "ViewerAccessVerified",
        "DirectAccessBlocked",
    ] {
        assert!(description.contains(part), "{part} is missing in:\n{description}");
    }
}

#[tokio::test]
async fn a_rich_manifest_becomes_ready_with_all_that_it_asks_for() {
    let scene = Scene::new().await;
    let _controller = scene.start();
    let certificate = seed_certificate(&format!("{}.shop.example.com", scene.namespace));
    scene.apply("rich", &rich(&scene, &certificate));
    scene.until_ready("rich").await;
    assert_eq!(
        scene.kinds(),
        [
            "distribution",
            "function",
            "ipset",
            "ipset",
            "ipset",
            "role",
            "webacl"
        ]
    );

    let config = distribution(&scene, "rich").await;
    let alias = format!("<CNAME>{}.shop.example.com</CNAME>", scene.namespace);
    for part in [
        alias.as_str(),
        &certificate,
        "PriceClass_100",
        "<OriginPath>/prod</OriginPath>",
        "<Location>KP</Location>",
    ] {
        assert!(config.contains(part), "{part} is missing in:\n{config}");
    }
    let rules = web_acl(&scene, "rich").await["Rules"].to_string();
    for part in ["palisade-rate-login", "AWSManagedRulesSQLiRuleSet", "no-curl"] {
        assert!(rules.contains(part), "{part} is missing in:\n{rules}");
    }
    let tagged = scene
        .resources()
        .iter()
        .all(|resource| resource["tags"]["team"] == "shop");
    assert!(tagged, "{:?}", scene.resources());
}

/// A spec that uses every resource kind.
pub fn rich(scene: &Scene, certificate: &str) -> serde_json::Value {
    json!({
        "origin": {"path": "/prod", "probePath": "/pets"},
        "distribution": {
            "aliases": [format!("{}.shop.example.com", scene.namespace)],
            "certificateArn": certificate,
            "priceClass": "PriceClass_100",
            "geoRestriction": {"block": ["KP", "AQ"]},
            "logging": {"bucket": "shop-logs.s3.amazonaws.com", "prefix": "pets/"},
        },
        "webAcl": {
            "antiDdos": {"sensitivity": "Low"},
            "managedRuleGroups": [{"name": "AWSManagedRulesCommonRuleSet"}, {"name": "AWSManagedRulesSQLiRuleSet", "action": "Count"}],
            "rateLimits": [
                {"name": "per-ip", "limit": 1000},
                {"name": "login", "limit": 20, "window": "1m", "scope": {"pathPrefix": "/prod/login", "cidrs": ["192.0.2.0/24"]}},
            ],
            "allowCidrs": ["198.51.100.0/24"],
            "blockCidrs": ["203.0.113.0/24"],
            "countries": {"block": ["AQ"]},
            "rules": [{
                "Name": "no-curl", "Action": {"Block": {}},
                "Statement": {"ByteMatchStatement": {
                    "SearchString": "Y3VybA==", "FieldToMatch": {"SingleHeader": {"Name": "user-agent"}},
                    "TextTransformations": [{"Priority": 0, "Type": "NONE"}], "PositionalConstraint": "STARTS_WITH",
                }},
                "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "no-curl"},
            }],
            "logging": {"destinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-shop"},
        },
        "tags": {"team": "shop"},
    })
}

#[tokio::test]
async fn kubectl_explains_the_fields() {
    let scene = Scene::new().await;
    // Discovery learns of a new CRD's short name a moment after the CRD is established.
    scene
        .until("kubectl knows papi", async || {
            scene
                .kubectl(&["api-resources", "--cached=false"])
                .contains("papi")
        })
        .await;
    let text = scene.kubectl(&["explain", "papi.spec.webAcl.rateLimits"]);
    for part in [
        "Requests allowed per client, as `by` tells clients apart, in one window",
        "Baseline: 5m",
    ] {
        assert!(text.contains(part), "{part} is missing in:\n{text}");
    }
}
