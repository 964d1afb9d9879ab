//! What AWS makes of our documents, and what others put into them: said once, and not fought over.

use super::scenes::{NAME, cluster, config, quiet, ready, ready_on, rule, setting, the, web_acl};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::StatusNote;
use palisade::domain::xml;
use serde_json::json;

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
