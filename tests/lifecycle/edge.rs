//! What AWS makes of our documents, and what others put into them: said once, and not fought over.

use super::scenes::{NAME, cluster, config, quiet, ready, ready_on, rule, setting, the, web_acl};
use super::support::cluster::Cluster;
use super::support::pieces;
use super::support::simulation::cloudfront::policies::OwnPolicy;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::StatusNote;
use palisade::controller::events::of_pass;
use palisade::domain::edge::xml;
use palisade::domain::kernel::reason::Reason;
use serde_json::{Value, json};
use std::time::Duration;

/// Bot control, whose `false` WAF leaves out of its answers.
const BOTS: &str = "
webAcl:
  rules:
  - Name: bots
    OverrideAction: {None: {}}
    Statement:
      ManagedRuleGroupStatement:
        VendorName: AWS
        Name: AWSManagedRulesBotControlRuleSet
        ManagedRuleGroupConfigs:
        - AWSManagedRulesBotControlRuleSet: {InspectionLevel: TARGETED, EnableMachineLearning: false}
";

fn notes(cluster: &Cluster) -> Vec<StatusNote> {
    let status = cluster.objects[NAME].status.clone().unwrap_or_default();
    status.notes
}

/// How often web ACL and distribution were changed.
fn writes(cluster: &Cluster) -> usize {
    let journal = cluster.cloud.journal();
    journal.count("UpdateWebACL") + journal.count("UpdateDistribution")
}

#[tokio::test(start_paused = true)]
async fn what_waf_leaves_out_of_a_free_rule_is_written_once_and_told_once() {
    let mut cluster = ready(BOTS).await;
    cluster.resync(NAME).await;
    let written = writes(&cluster);
    for _ in 0..3 {
        cluster.restart();
        cluster.resync(NAME).await;
        tokio::time::sleep(std::time::Duration::from_hours(25)).await;
        cluster.resync(NAME).await;
    }
    assert_eq!(writes(&cluster), written, "{}", cluster.story(NAME));
    let notes = notes(&cluster);
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(notes[0].reason, "DifferenceStands");
    assert!(notes[0].message.contains("rules.rule-bots"), "{notes:?}");
    assert_eq!(cluster.condition(NAME, "Ready"), "True");
    assert!(
        cluster.message(NAME, "WebAclReady").contains("rules.rule-bots"),
        "{}",
        cluster.story(NAME)
    );
}

#[tokio::test(start_paused = true)]
async fn a_hand_on_a_rule_that_waf_keeps_otherwise_is_still_seen() {
    let mut cluster = ready(BOTS).await;
    cluster.resync(NAME).await;
    quiet(&mut cluster, NAME).await;
    cluster
        .cloud
        .edit_web_acl(&the(&cluster, Kind::WebAcl).id, |document| {
            for rule in document["Rules"].as_array_mut().unwrap() {
                if rule["Name"] == "palisade-rule-bots" {
                    rule["OverrideAction"] = json!({"Count": {}});
                }
            }
        });
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert_eq!(
        rule(&cluster, "palisade-rule-bots")["OverrideAction"],
        json!({"None": {}})
    );
    let written = writes(&cluster);
    cluster.resync(NAME).await;
    cluster.resync(NAME).await;
    assert_eq!(writes(&cluster), written);
}

#[tokio::test(start_paused = true)]
async fn a_hand_between_our_write_and_the_next_look_is_not_taken_for_awss() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, BOTS);
    cluster.pass(NAME).await;
    cluster
        .cloud
        .edit_web_acl(&the(&cluster, Kind::WebAcl).id, |document| {
            document["Rules"]
                .as_array_mut()
                .unwrap()
                .retain(|rule| rule["Name"] != "palisade-rate-per-ip");
        });
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert!(rule(&cluster, "palisade-rate-per-ip").is_object());
}

#[tokio::test(start_paused = true)]
async fn a_field_that_cloudfront_keeps_otherwise_is_not_written_in_every_pass() {
    let settings = Settings {
        keeps_http2: true,
        ..Settings::default()
    };
    let mut cluster = ready_on(settings, "").await;
    let written = writes(&cluster);
    assert!(written <= 2, "{}", cluster.story(NAME));
    cluster.resync(NAME).await;
    cluster.restart();
    tokio::time::sleep(std::time::Duration::from_hours(25)).await;
    cluster.resync(NAME).await;
    assert_eq!(writes(&cluster), written);
    assert!(
        notes(&cluster)[0].message.contains("httpVersion"),
        "{:?}",
        notes(&cluster)
    );
    cluster.apply(NAME, "distribution: {priceClass: PriceClass_100}");
    cluster.ready(NAME).await;
    assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_100");
    assert!(writes(&cluster) <= written + 2, "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn an_empty_description_is_not_sent_back() {
    let mut cluster = ready("").await;
    cluster
        .cloud
        .edit_web_acl(&the(&cluster, Kind::WebAcl).id, |document| {
            document["Description"] = json!("");
        });
    cluster.apply(NAME, "webAcl: {rateLimits: [{name: per-ip, limit: 100}]}");
    cluster.ready(NAME).await;
    assert_eq!(web_acl(&cluster)["Description"], json!(""));
    quiet(&mut cluster, NAME).await;
}

/// The `ErrorCachingMinTTL` of each error that is spoken of.
fn error_ttls(cluster: &Cluster) -> Vec<(String, String)> {
    let config = config(cluster);
    let responses = xml::items_at(&config, "CustomErrorResponses").into_iter();
    let text = |element, name| xml::text_at(element, name).unwrap_or_default();
    responses
        .map(|response| (text(response, "ErrorCode"), text(response, "ErrorCachingMinTTL")))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn no_error_answer_is_cached_and_a_page_of_somebody_elses_is_kept_and_named() {
    let mut cluster = ready("").await;
    assert_eq!(error_ttls(&cluster).len(), 11);
    assert!(error_ttls(&cluster).iter().all(|(_, ttl)| ttl == "0"));
    cluster
        .cloud
        .edit_distribution(&the(&cluster, Kind::Distribution).id, |config| {
            let page = xml::parent(
                "CustomErrorResponse",
                vec![
                    xml::text("ErrorCode", 403),
                    xml::text("ResponsePagePath", "/index.html"),
                    xml::text("ResponseCode", 200),
                    xml::text("ErrorCachingMinTTL", 10),
                ],
            );
            xml::put(config, xml::list("CustomErrorResponses", vec![page]), &[]);
        });
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert_eq!(error_ttls(&cluster).len(), 11);
    assert!(error_ttls(&cluster).iter().all(|(_, ttl)| ttl == "0"));
    let pages = xml::items_at(&config(&cluster), "CustomErrorResponses")
        .into_iter()
        .filter_map(|response| xml::text_at(response, "ResponsePagePath"))
        .collect::<Vec<_>>();
    assert_eq!(pages, ["/index.html"]);
    for condition in ["DistributionDeployed", "Ready"] {
        let message = cluster.message(NAME, condition);
        assert!(message.contains("403 becomes 200 with /index.html"), "{message}");
    }
    // What was said stays said while nothing is read.
    cluster.resync(NAME).await;
    assert_eq!(notes(&cluster)[0].reason, "ErrorPageInTheWay");
    quiet(&mut cluster, NAME).await;
}

/// Somebody puts a page on the distribution for the answer `error`.
fn put_page(cluster: &Cluster, error: u16) {
    let id = the(cluster, Kind::Distribution).id;
    cluster.cloud.edit_distribution(&id, |config| {
        let page = xml::parent(
            "CustomErrorResponse",
            vec![
                xml::text("ErrorCode", error),
                xml::text("ResponsePagePath", "/index.html"),
                xml::text("ResponseCode", 200),
                xml::text("ErrorCachingMinTTL", 10),
            ],
        );
        xml::put(config, xml::list("CustomErrorResponses", vec![page]), &[]);
    });
}

/// What events tell of error pages while the object is looked at for some time.
async fn told_of_pages(cluster: &mut Cluster) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..8 {
        let before = cluster.objects[NAME].clone();
        let outcome = cluster.resync(NAME).await;
        let notes = of_pass::notes(&before, &outcome).into_iter();
        let of_pages = notes.filter(|note| note.reason == Reason::ErrorPageInTheWay);
        told.extend(of_pages.map(|note| note.note));
    }
    told
}

#[tokio::test(start_paused = true)]
async fn what_is_worth_knowing_is_told_once_and_again_when_it_is_something_else() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    for error in [403, 404] {
        put_page(&cluster, error);
        let told = told_of_pages(&mut cluster).await;
        assert_eq!(told.len(), 1, "{error}: {told:?}");
        assert!(told[0].contains(&format!("{error} becomes 200")), "{told:?}");
    }
}

const OWN_POLICY: &str = "11111111-2222-4333-8444-555555555555";

/// Where viewers' own Authorization reaches the API.
const SENDING: [&str; 3] = [
    "access: {mode: ApiKey}",
    "access: {mode: SecretHeader}",
    "access: {sigV4: {viewerAuthorization: Forward}}",
];

/// Settings of an AWS where the team has a cache policy.
fn with_a_policy_of_ones_own() -> Settings {
    Settings {
        own_policies: vec![OwnPolicy {
            id: OWN_POLICY.to_owned(),
            sends_host: false,
        }],
        ..Settings::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_cache_policy_that_nobody_reads_is_warned_of_where_authorization_reaches_the_api() {
    let distribution = format!("distribution: {{cachePolicyId: {OWN_POLICY}}}");
    for access in SENDING {
        let mut cluster = ready_on(with_a_policy_of_ones_own(), &format!("{access}\n{distribution}")).await;
        let notes_of_policy = notes(&cluster);
        let mut told = notes_of_policy.iter().map(|note| note.reason.as_str());
        assert!(
            told.any(|reason| reason == "CachePolicyNotRead"),
            "{access}: {notes_of_policy:?}"
        );
        for condition in ["DistributionDeployed", "Ready"] {
            let said = cluster.message(NAME, condition);
            assert!(
                said.contains(OWN_POLICY) && said.contains("one viewer's answer is served to others"),
                "{access}: {condition}: {said}"
            );
        }
        // It is over with the policy.
        cluster.apply(NAME, access);
        cluster.ready(NAME).await;
        assert!(notes(&cluster).is_empty(), "{access}: {:?}", notes(&cluster));
        assert!(!cluster.message(NAME, "Ready").contains("served to others"));
    }
    // A signer that drops it keeps answers from nobody.
    let cluster = ready_on(with_a_policy_of_ones_own(), &distribution).await;
    assert!(notes(&cluster).is_empty(), "{:?}", notes(&cluster));
}

#[tokio::test(start_paused = true)]
async fn with_a_managed_cache_policy_that_does_not_know_authorization_nothing_is_built() {
    let optimized = "658327ea-f89d-4fab-a63d-7e88639e58f6";
    for access in SENDING {
        let mut cluster = cluster(Settings::default());
        cluster.apply(
            NAME,
            &format!("{access}\ndistribution: {{cachePolicyId: {optimized}}}"),
        );
        assert_eq!(cluster.stalled(NAME).await, "InvalidSpec", "{access}");
        let said = cluster.message(NAME, "Accepted");
        assert!(
            said.contains("spec.distribution.cachePolicyId: CachingOptimized"),
            "{said}"
        );
        assert!(cluster.cloud.journal().writes().is_empty(), "{access}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_team_that_caches_keeps_how_long_errors_are_cached() {
    let caching = format!("distribution: {{cachePolicyId: {OWN_POLICY}}}");
    let mut cluster = ready_on(with_a_policy_of_ones_own(), &caching).await;
    assert_eq!(error_ttls(&cluster), []);
    cluster
        .cloud
        .edit_distribution(&the(&cluster, Kind::Distribution).id, |config| {
            let kept = xml::parent(
                "CustomErrorResponse",
                vec![xml::text("ErrorCode", 404), xml::text("ErrorCachingMinTTL", 30)],
            );
            xml::put(config, xml::list("CustomErrorResponses", vec![kept]), &[]);
        });
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(error_ttls(&cluster), [("404".to_owned(), "30".to_owned())]);
    // Without a cache none is kept.
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(error_ttls(&cluster).len(), 11);
    assert!(error_ttls(&cluster).iter().all(|(_, ttl)| ttl == "0"));
}

#[tokio::test(start_paused = true)]
async fn a_search_string_in_plain_text_builds_nothing() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(
        NAME,
        "webAcl: {rules: [{Name: only-api, Action: {Block: {}}, Statement: {NotStatement: {Statement: {ByteMatchStatement: \
         {SearchString: /api, FieldToMatch: {UriPath: {}}, TextTransformations: [{Priority: 0, Type: NONE}], \
         PositionalConstraint: STARTS_WITH}}}}}]}",
    );
    assert_eq!(cluster.stalled(NAME).await, "InvalidSpec");
    assert!(cluster.message(NAME, "Accepted").contains("L2FwaQ=="));
    assert!(cluster.cloud.journal().writes().is_empty());
}

/// A rule that answers with a body.
const CLOSED: &str = "
webAcl:
  customResponseBodies: [{name: maintenance, contentType: Json, content: '{\"closed\": true}'}]
  rules:
  - Name: closed
    Action: {Block: {CustomResponse: {ResponseCode: 503, CustomResponseBodyKey: maintenance}}}
    Statement: {GeoMatchStatement: {CountryCodes: [SE]}}
";

#[tokio::test(start_paused = true)]
async fn bodies_of_answers_come_and_go_with_the_spec_and_those_of_others_stay() {
    let mut cluster = ready("").await;
    let theirs = json!({"ContentType": "TEXT_PLAIN", "Content": "theirs"});
    cluster
        .cloud
        .edit_web_acl(&the(&cluster, Kind::WebAcl).id, |document| {
            document["CustomResponseBodies"] = json!({"theirs": theirs});
        });
    cluster.apply(NAME, CLOSED);
    cluster.ready(NAME).await;
    let bodies = web_acl(&cluster)["CustomResponseBodies"].clone();
    assert_eq!(bodies["theirs"], theirs);
    let ours = json!({"ContentType": "APPLICATION_JSON", "Content": "{\"closed\": true}"});
    assert_eq!(bodies["palisade-maintenance"], ours);
    quiet(&mut cluster, NAME).await;
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(
        web_acl(&cluster)["CustomResponseBodies"],
        json!({"theirs": theirs})
    );
    quiet(&mut cluster, NAME).await;
}

/// Where a security team has all web ACLs log to.
fn security_logging(cluster: &Cluster) -> (String, Value) {
    let arn = the(cluster, Kind::WebAcl).arn;
    let document = json!({
        "ResourceArn": arn, "LogScope": "CUSTOMER", "LogType": "WAF_LOGS", "ManagedByFirewallManager": false,
        "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-security-eu"],
        "RedactedFields": [{"QueryString": {}}, {"SingleHeader": {"Name": "cookie"}}],
        "LoggingFilter": {"DefaultBehavior": "KEEP", "Filters": []},
    });
    (arn, document)
}

#[tokio::test(start_paused = true)]
async fn logging_that_others_switched_on_is_left_alone_until_the_spec_has_some() {
    let mut cluster = ready("").await;
    let (arn, document) = security_logging(&cluster);
    cluster.cloud.set_logging(&arn, Some(document.clone()));
    for _ in 0..3 {
        cluster.resync(NAME).await;
        cluster.restart();
    }
    quiet(&mut cluster, NAME).await;
    assert_eq!(cluster.cloud.logging_of(&arn), Some(document));
    let spec = |headers: &str| {
        format!(
            "webAcl: {{logging: {{destinationArn: 'arn:aws:s3:::aws-waf-logs-security-eu', redactHeaders: [{headers}]}}}}"
        )
    };
    for headers in ["cookie", "cookie, authorization"] {
        cluster.apply(NAME, &spec(headers));
        cluster.ready(NAME).await;
        let found = cluster.cloud.logging_of(&arn).unwrap();
        let redacted = found["RedactedFields"].as_array().unwrap();
        assert!(redacted.contains(&json!({"QueryString": {}})), "{redacted:?}");
        assert_eq!(redacted.len(), 1 + headers.split(',').count());
        assert_eq!(found["LoggingFilter"]["DefaultBehavior"], "KEEP");
        quiet(&mut cluster, NAME).await;
    }
    // Now it is what was written here, and goes with the spec.
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(cluster.cloud.logging_of(&arn), None);
}

#[tokio::test(start_paused = true)]
async fn logging_that_firewall_manager_took_over_stays_when_the_spec_has_none_any_more() {
    let spec = "webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-security-eu'}}";
    let mut cluster = ready(spec).await;
    let arn = the(&cluster, Kind::WebAcl).arn;
    let mut document = cluster.cloud.logging_of(&arn).unwrap();
    document["ManagedByFirewallManager"] = json!(true);
    cluster.cloud.set_logging(&arn, Some(document.clone()));
    cluster.resync(NAME).await;
    assert_eq!(cluster.reason(NAME, "WebAclReady"), "ManagedByFirewallManager");
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(cluster.cloud.logging_of(&arn), Some(document));
}

/// A rule that refers to an IP set that somebody means to make.
const REFERRING: &str = "
webAcl:
  rules:
  - Name: partners
    Action: {Block: {}}
    Statement: {IPSetReferenceStatement: {ARN: 'arn:aws:wafv2:us-east-1:123456789012:global/ipset/partners/nowhere'}}
distribution: {priceClass: PriceClass_100}
";

#[tokio::test(start_paused = true)]
async fn a_rule_that_refers_to_nothing_is_named_and_all_else_goes_on() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, REFERRING);
    assert_eq!(cluster.stalled(NAME).await, "InvalidReference");
    let message = cluster.message(NAME, "WebAclReady");
    assert!(
        message.starts_with("spec.webAcl.rules[partners] refers to arn:aws:wafv2:"),
        "{message}"
    );
    assert_eq!(cluster.condition(NAME, "Accepted"), "True");
    assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_100");
    assert_eq!(cluster.condition(NAME, "DistributionDeployed"), "True");
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    // The same from the start: what needs no web ACL is made.
    let mut cluster = super::scenes::cluster(Settings::default());
    cluster.apply(NAME, REFERRING);
    assert_eq!(cluster.stalled(NAME).await, "InvalidReference");
    assert_eq!(cluster.condition(NAME, "SignerReady"), "True");
}

#[tokio::test(start_paused = true)]
async fn a_reference_that_is_waited_for_in_vain_is_told_by_one_warning() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, REFERRING);
    let mut told = Vec::new();
    for _ in 0..60 {
        let (before, outcome) = (cluster.objects[NAME].clone(), cluster.pass(NAME).await);
        told.extend(of_pass::notes(&before, &outcome));
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    assert_eq!(cluster.reason(NAME, "Stalled"), "InvalidReference");
    let of = |reason: &str| -> Vec<(bool, &str)> {
        let told = told.iter().filter(|note| note.reason.as_str() == reason);
        told.map(|note| (note.warning, note.note.as_str())).collect()
    };
    let told = of("InvalidReference");
    assert_eq!(
        told.iter().map(|note| note.0).collect::<Vec<_>>(),
        [false, true],
        "{told:?}"
    );
    for (_, note) in told {
        assert!(
            note.starts_with("spec.webAcl.rules[partners] refers to"),
            "{note}"
        );
        assert!(!note.contains("since 20"), "{note}");
    }
}

#[tokio::test(start_paused = true)]
async fn groups_of_others_before_ours_are_judged_as_far_as_they_can_be_read() {
    let mut cluster = ready("").await;
    let acl = the(&cluster, Kind::WebAcl).id;
    let group = |overrides: Value, action: &str| {
        let arn = "arn:aws:wafv2:us-east-1:123456789012:global/rulegroup/theirs/1";
        json!({
            "Name": "theirs", "Priority": 1, "OverrideAction": {action: {}}, "VisibilityConfig": pieces::visibility("theirs"),
            "Statement": {"RuleGroupReferenceStatement": {"ARN": arn, "RuleActionOverrides": overrides}}
        })
    };
    let replace = |cluster: &Cluster, rule: &Value| {
        cluster.cloud.edit_web_acl(&acl, |document| {
            let rules = document["Rules"].as_array_mut().unwrap();
            rules.retain(|rule| rule["Name"] != "theirs");
            rules.insert(0, rule.clone());
        });
    };
    replace(&cluster, &group(json!([]), "None"));
    cluster.resync(NAME).await;
    assert_eq!(notes(&cluster)[0].reason, "RuleGroupNotRead");
    assert!(cluster.message(NAME, "Ready").contains("not read: theirs"));
    replace(&cluster, &group(json!([]), "Count"));
    cluster.resync(NAME).await;
    assert!(notes(&cluster).is_empty(), "{:?}", notes(&cluster));
    cluster.invariants = None;
    replace(
        &cluster,
        &group(json!([{"Name": "r", "ActionToUse": {"Allow": {}}}]), "None"),
    );
    cluster.resync(NAME).await;
    assert_eq!(cluster.reason(NAME, "WebAclReady"), "ForeignAllowRule");
}

#[tokio::test(start_paused = true)]
async fn what_others_have_viewers_and_caches_do_is_kept_and_the_port_is_set_right() {
    let mut cluster = ready(super::scenes::RICH).await;
    let cached = ["GET", "HEAD", "OPTIONS"].map(|method| xml::text("Method", method));
    cluster
        .cloud
        .edit_distribution(&the(&cluster, Kind::Distribution).id, |config| {
            let certificate = config.get_mut_child("ViewerCertificate").unwrap();
            xml::put(certificate, xml::text("SSLSupportMethod", "vip"), &[]);
            let behaviour = config.get_mut_child("DefaultCacheBehavior").unwrap();
            let methods = behaviour.get_mut_child("AllowedMethods").unwrap();
            xml::put(methods, xml::list("CachedMethods", cached.to_vec()), &[]);
            let origins = config
                .get_mut_child("Origins")
                .unwrap()
                .get_mut_child("Items")
                .unwrap();
            let origin = origins.get_mut_child("Origin").unwrap();
            let custom = origin.get_mut_child("CustomOriginConfig").unwrap();
            xml::put(custom, xml::text("HTTPPort", 8080), &[]);
            xml::put(custom, xml::text("HTTPSPort", 8443), &[]);
        });
    let outcome = cluster.resync(NAME).await;
    let changes = outcome.done.iter().flat_map(|done| &done.step.changes);
    let paths: Vec<_> = changes.map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["origin.httpsPort"]);
    cluster.ready(NAME).await;
    assert_eq!(setting(&cluster, "ViewerCertificate/SSLSupportMethod"), "vip");
    let config = config(&cluster);
    let cached = xml::texts_at(&config, "DefaultCacheBehavior/AllowedMethods/CachedMethods");
    assert_eq!(cached.len(), 3);
    let origin = xml::items_at(&config, "Origins")[0];
    let port = |name: &str| xml::text_at(origin, &format!("CustomOriginConfig/{name}"));
    assert_eq!(port("HTTPPort").as_deref(), Some("8080"));
    assert_eq!(port("HTTPSPort").as_deref(), Some("443"));
}
