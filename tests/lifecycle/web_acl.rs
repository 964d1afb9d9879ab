//! What AWS WAF makes of our web ACL, and what others put into it: said once, and not fought over.

use super::edge::{notes, writes};
use super::scenes::{NAME, cluster, hours, quiet, ready, rule, setting, the, web_acl};
use super::support::cluster::Cluster;
use super::support::pieces;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::controller::events::of_pass;
use palisade::domain::edge::xml;
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

#[tokio::test(start_paused = true)]
async fn a_web_acl_that_is_deleted_right_after_a_write_of_ours_is_missed_with_the_first_refusal() {
    let mut cluster = cluster(Settings::default());
    cluster.configure(|options| options.resync = Duration::from_secs(5));
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    cluster.apply(NAME, "webAcl: {blockCidrs: [192.0.2.0/24]}");
    cluster.ready(NAME).await;
    cluster.invariants = None;
    let gone = the(&cluster, Kind::WebAcl);
    let distribution = the(&cluster, Kind::Distribution).id;
    cluster.cloud.edit_distribution(&distribution, |config| {
        xml::put(config, xml::text("WebACLId", ""), &[]);
    });
    cluster.cloud.remove_web_acl(&gone.id);
    cluster.cloud.clear_journal();
    // Less than our own writes outrank the lists.
    for _ in 0..9 {
        cluster.resync(NAME).await;
    }
    let anew = the(&cluster, Kind::WebAcl);
    assert_ne!(anew.id, gone.id);
    assert_eq!(setting(&cluster, "WebACLId"), anew.arn, "{}", cluster.story(NAME));
    cluster.ready(NAME).await;
    assert_eq!(cluster.condition(NAME, "WebAclReady"), "True");
}

#[tokio::test(start_paused = true)]
async fn what_waf_leaves_out_of_a_free_rule_is_written_once_and_told_once() {
    let mut cluster = ready(BOTS).await;
    cluster.resync(NAME).await;
    let written = writes(&cluster);
    for _ in 0..3 {
        cluster.restart();
        cluster.resync(NAME).await;
        hours(25).await;
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
    // As it is declared: nobody has to do anything.
    assert_eq!(cluster.reason(NAME, "WebAclReady"), "InPlace");
    document["LogDestinationConfigs"] = json!(["arn:aws:s3:::aws-waf-logs-central"]);
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
