//! The printed policy is enough for the whole life of an object, and has nothing that is never needed.

use crate::create::rich;
use crate::foreign_hand::{put_role_policy, tamper_distribution, trust_nobody, web_acl};
use crate::mutual_tls;
use crate::scene::{Scene, aws, seed_certificate};
use palisade::api::ROTATE;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Command;

/// Allowed, and not always seen in this test: some of these depend on how fast AWS is.
#[rustfmt::skip] // One action a line.
const NOT_SEEN: &[(&str, &str)] = &[
    ("cloudfront:GetCachePolicy", "where an object that is not signed alone names a cache policy of the account's own"),
    ("cloudfront:GetOriginRequestPolicy", "the same of an origin request policy"),
    ("apigateway:DELETE", "after a lock was put back"),
    ("apigateway:ListRoutingRules", "where a custom domain name has routing rules"),
    ("cloudfront:ListTagsForResource", "where the tagging service has no tags of a distribution (yet)"),
    ("iam:DetachRolePolicy", "where somebody attached a policy to a role of ours"),
    ("iam:DeleteRolePermissionsBoundary", "after --permissions-boundary was taken away"),
    ("iam:PutRolePermissionsBoundary", "--permissions-boundary"),
    ("lambda:GetFunctionConfiguration", "while a version is Pending"),
    ("lambda:ListVersionsByFunction", "at a full read, and where the version in use is not known"),
    ("lambda:PublishVersion", "after a crash between code and version"),
    ("lambda:UpdateFunctionConfiguration", "where somebody changed the function's settings"),
    ("wafv2:GetLoggingConfiguration", "at a full read, and where the list lacks what was verified before"),
    ("wafv2:ListTagsForResource", "where the tagging service has no tags of a web ACL (yet)"),
];

#[tokio::test]
async fn the_printed_policy_is_enough_and_nothing_in_it_is_never_needed() {
    let scene = Scene::new().await;
    let certificate = seed_certificate(&format!("{}.shop.example.com", scene.namespace));
    let policy = printed_policy(&["--log-bucket", "shop-logs"]);
    let controller = scene.launch().policy(policy.clone()).start();
    scene.apply("rich", &rich(&scene, &certificate));
    scene.until_ready("rich").await;

    scene.change("rich", json!({
        "access": {"sigV4": {"viewerAuthorization": "Forward", "logs": true, "exclusive": true}},
        "webAcl": {"blockCidrs": ["203.0.113.0/25"], "allowCidrs": null, "logging": null, "rateLimits": [{"name": "per-ip", "limit": 99}]},
        "tags": {"team": null, "owner": "shop"},
    })).await;
    scene.until_ready("rich").await;
    for destination in [
        "firehose:us-east-1:123456789012:deliverystream/aws-waf-logs-shop",
        "s3:::aws-waf-logs-shop",
    ] {
        let logging = json!({"destinationArn": format!("arn:aws:{destination}")});
        scene
            .change("rich", json!({"webAcl": {"logging": logging}}))
            .await;
        scene.until_ready("rich").await;
    }
    tamper_distribution(&scene, "rich", &json!({"enabled": false})).await;
    scene.until_event("DriftCorrected", &["enabled"]).await;
    scene.until_ready("rich").await;
    put_role_policy(
        &scene,
        "backdoor",
        &json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}),
    );
    scene.until_event("DriftCorrected", &["backdoor"]).await;
    scene.until_ready("rich").await;
    trust_nobody(&scene);
    scene.until_event("DriftCorrected", &["role", "trust"]).await;
    scene.until_ready("rich").await;
    for mode in ["SecretHeader", "ApiKey"] {
        scene
            .change("rich", json!({"access": {"mode": mode, "sigV4": null}}))
            .await;
        scene.until_ready("rich").await;
    }
    assert_eq!(
        web_acl(&scene, "rich").await["Name"]
            .as_str()
            .map(|name| &name[..9]),
        Some("palisade-")
    );
    scene.delete("rich").await;
    scene.until_gone("rich").await;
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
    drop(controller);

    let refused = refused(&scene);
    assert!(refused.is_empty(), "{refused:?}");

    // What AWS checks besides is not told by caller, but by call; other tests make the same kinds of calls, and others.
    let (all, mut mine) = (calls("AKIA-test-"), calls(&scene.key("")));
    mine.retain(|call| call["operation"] != "ListSubscriptions");
    let made = operations(&mine);
    let dependent = aws().dependent_actions();
    let all_dependent = dependent.iter().map(|(_, action, _)| action.clone());
    let of_mine = dependent.iter().filter(|(call, ..)| made.contains(call));
    let of_mine = of_mine.map(|(_, action, _)| action.clone());
    let own: BTreeSet<String> = called(&mine).chain(of_mine).collect();
    let allowed = actions(&policy);
    let unallowed: Vec<_> = own.difference(&allowed).collect();
    assert!(unallowed.is_empty(), "used and not allowed: {unallowed:?}");
    let used: BTreeSet<String> = own
        .iter()
        .cloned()
        .chain(called(&all))
        .chain(all_dependent)
        .collect();
    let excused: BTreeSet<String> = NOT_SEEN.iter().map(|row| row.0.to_owned()).collect();
    let unused: Vec<_> = allowed
        .difference(&used)
        .filter(|action| !excused.contains(*action))
        .collect();
    assert!(
        unused.is_empty(),
        "allowed, never used, and without a reason: {unused:?}"
    );
}

/// Statement and action of the policy for mutual TLS that no call needed alone, or not in this test.
#[rustfmt::skip] // One action a line.
const NOT_NEEDED_ALONE: &[(&str, &str, &str)] = &[
    ("ChangeOriginDomains", "apigateway:POST", "tags of the V2 API, as AWS's reference has them; the emulated AWS asks for PUT"),
    ("ChangeOriginDomains", "apigateway:PUT", "tags: statement ChangeTagged allows it on their own path, and AWS may ask on the domain name's"),
    ("ChangeOriginDomains", "apigateway:TagResource", "tags, as AWS's reference has them; the emulated AWS asks for PUT"),
    ("ChangeOriginDomains", "apigateway:UntagResource", "tags, as AWS's reference has them; the emulated AWS asks for DELETE"),
    ("LinkApiGateway", "iam:CreateServiceLinkedRole", "once an account: at the first custom domain name of any test"),
    ("ReadOriginCertificates", "acm:ListTagsForCertificate", "where the tagging service has no tags of a certificate (yet)"),
    ("TagNewOriginDomains", "apigateway:PUT", "tags: statement CreateTagged allows it on their own path, and AWS may ask on the domain name's"),
    ("TagNewOriginDomains", "apigateway:TagResource", "tags, as AWS's reference has them; the emulated AWS asks for PUT"),
    ("TagOriginDomains", "apigateway:POST", "tags of the V2 API, as AWS's reference has them; the emulated AWS asks for PUT"),
];

#[tokio::test]
async fn the_printed_policy_for_mutual_tls_is_enough_and_no_action_of_a_statement_is_never_needed() {
    let scene = Scene::new().await;
    let ground = mutual_tls::ground(&scene);
    let launch = mutual_tls::launch(&scene).policy(printed_policy_and("--mutual-tls"));
    let (controller, _) = mutual_tls::ready(&scene, &ground, launch).await;
    let mut access = ground.access.clone();
    access["mutualTls"]["originDomain"] = json!(format!("rest.{}", ground.origin));
    scene.apply("petstore", &json!({"access": access}));
    for tags in [json!({"owner": "shop"}), json!({"owner": null})] {
        scene.change("orders", json!({"tags": tags})).await;
        scene.until_ready("orders").await;
    }
    scene.until_ready("petstore").await;
    let before = mutual_tls::told(&scene).await["clientCertificateArn"].clone();
    scene.kubectl(&["annotate", "papi", "orders", &format!("{ROTATE}=now")]);
    scene
        .until("another certificate is shown", async || {
            let shown = mutual_tls::told(&scene).await["clientCertificateArn"].clone();
            shown.is_string() && shown != before
        })
        .await;
    scene.until_ready("orders").await;
    for name in ["orders", "petstore"] {
        scene.delete(name).await;
        scene.until_gone(name).await;
    }
    scene
        .until("nothing is left", async || scene.resources().is_empty())
        .await;
    drop(controller);
    let refused = refused(&scene);
    assert!(refused.is_empty(), "{refused:?}");

    let needed = aws().control("GET", "needed-statements", &Value::Null);
    let mut needed = needed.as_array().expect("a list").clone();
    needed.retain(|row| {
        row["principal"]
            .as_str()
            .is_some_and(|arn| arn.contains(&scene.key("")))
    });
    let is_needed = |sid: &str, action: &str| {
        let mut rows = needed.iter();
        rows.any(|row| row["sid"] == sid && row["action"] == action)
    };
    let is_excused =
        |sid: &str, action: &str| NOT_NEEDED_ALONE.iter().any(|row| row.0 == sid && row.1 == action);
    let policy = printed_policy(&["--mutual-tls"]);
    let mut unneeded = Vec::new();
    for statement in policy["Statement"].as_array().expect("statements") {
        let sid = statement["Sid"].as_str().expect("a name");
        let actions = actions(&json!({"Statement": [statement]})).into_iter();
        unneeded.extend(
            actions
                .filter(|action| !is_needed(sid, action) && !is_excused(sid, action))
                .map(|action| format!("{sid}: {action}")),
        );
    }
    assert!(
        unneeded.is_empty(),
        "allowed, never needed, and without a reason: {unneeded:?}"
    );
}

/// What was refused to this scene's controllers, and done by nobody.
fn refused(scene: &Scene) -> Vec<Value> {
    // All sweepers share the account: what another test's deleted between our look and our try is refused to us, for
    // what is not there has no tags.
    let all = calls("AKIA-test-");
    let is = |call: &Value, other: &Value| {
        ["operation", "resource"]
            .iter()
            .all(|field| call[field] == other[field])
    };
    let was_done = |call: &Value| all.iter().any(|other| other["code"].is_null() && is(call, other));
    let mut refused = calls(&scene.key(""));
    refused.retain(|call| {
        call["code"]
            .as_str()
            .is_some_and(|code| code.starts_with("AccessDenied"))
    });
    refused.retain(|call| !was_done(call));
    // Plans are read where that is allowed, by a policy of its own; nothing hangs on it.
    refused.retain(|call| call["operation"] != "ListSubscriptions");
    refused
}

/// The calls made with keys that start so.
fn calls(key: &str) -> Vec<Value> {
    let journal = aws().control("GET", "journal", &Value::Null);
    let mut calls = journal.as_array().expect("a list").clone();
    calls.retain(|call| {
        call["accessKey"]
            .as_str()
            .is_some_and(|found| found.starts_with(key))
    });
    calls
}

/// What `palisade iam-policy` prints with these options.
pub fn printed_policy(options: &[&str]) -> Value {
    policy_for("123456789012", options)
}

/// What `palisade iam-policy` prints for every object, and what it prints with this option besides.
pub fn printed_policy_and(option: &str) -> Value {
    let mut policy = printed_policy(&[]);
    let mut more = printed_policy(&[option]);
    let more = more["Statement"].as_array_mut().expect("a list");
    policy["Statement"].as_array_mut().expect("a list").append(more);
    policy
}

/// The same as [`printed_policy`] for another account.
pub fn policy_for(account: &str, options: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(["iam-policy", "--account", account])
        .args(options)
        .output()
        .expect("palisade runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// All actions that a policy allows.
fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().expect("statements");
    let actions = statements
        .iter()
        .flat_map(|statement| match &statement["Action"] {
            Value::Array(actions) => actions.clone(),
            action => vec![action.clone()],
        });
    actions
        .map(|action| action.as_str().unwrap_or_default().to_owned())
        .collect()
}

/// The operations of calls, as `service:Operation`.
fn operations(calls: &[Value]) -> BTreeSet<String> {
    let text = |call: &Value, field: &str| call[field].as_str().unwrap_or_default().to_owned();
    calls
        .iter()
        .map(|call| format!("{}:{}", text(call, "service"), text(call, "operation")))
        .collect()
}

/// API Gateway's actions are the verbs of HTTP.
fn verb(operation: &str) -> &'static str {
    match operation {
        name if name.starts_with("Create") => "POST",
        name if name.starts_with("Delete") => "DELETE",
        name if name.starts_with("Update") => "PATCH",
        _ => "GET",
    }
}

/// The calls' own actions, as IAM names them.
fn called(calls: &[Value]) -> impl Iterator<Item = String> {
    let text = |call: &Value, field: &str| call[field].as_str().unwrap_or_default().to_owned();
    calls.iter().map(
        move |call| match (text(call, "service").as_str(), text(call, "operation").as_str()) {
            ("apigateway" | "apigatewayv2", operation) => format!("apigateway:{}", verb(operation)),
            ("resourcegroupstaggingapi", operation) => format!("tag:{operation}"),
            ("pricing-plan-manager", operation) => format!("pricingplanmanager:{operation}"),
            ("cloudfront", "CreateDistributionWithTags") => "cloudfront:CreateDistribution".to_owned(),
            (service, operation) => format!("{service}:{operation}"),
        },
    )
}
