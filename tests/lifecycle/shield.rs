//! Shield Advanced around a perimeter, from `spec.shield` to its removal. Its health checks are a file apart.

use super::crashes::crash;
use super::scenes::{
    NAME, SHIELD, TOPIC, cluster, hours, is_shared, nothing_left, own_calls, quiet, ready, rules, setting,
    shape, the,
};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::OPERATIONS;
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::shield::automatic_response::Response;
use serde_json::json;
use std::time::Duration;

/// The ARN of the object's distribution.
pub fn distribution(cluster: &Cluster) -> String {
    the(cluster, Kind::Distribution).arn
}

/// Whether the web ACL has the rule of Shield's automatic response.
pub fn has_shields_rule(cluster: &Cluster) -> bool {
    rules(cluster)
        .iter()
        .any(|name| name.starts_with("ShieldMitigationRuleGroup_"))
}

#[test]
fn no_operation_can_cost_a_subscription() {
    let of_subscriptions: Vec<&str> = OPERATIONS
        .iter()
        .map(|operation| operation.name)
        .filter(|name| name.contains("Subscription"))
        .collect();
    assert_eq!(
        of_subscriptions,
        [
            "GetSubscriptionState",
            "DescribeSubscription",
            "ListSubscriptions"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_protection_stands_as_declared_and_says_so() {
    let cluster = ready(SHIELD).await;
    let arn = distribution(&cluster);
    assert_eq!(cluster.cloud.response_of(&arn), Response::Count);
    assert!(has_shields_rule(&cluster));
    let check = the(&cluster, Kind::HealthCheck);
    assert_eq!(cluster.cloud.checks_of(&arn), std::slice::from_ref(&check.id));
    let settings = cluster.cloud.settings_of_check(&check.id);
    assert_eq!(
        (
            settings.path.as_str(),
            settings.port,
            settings.sni,
            settings.interval,
            settings.failure_threshold
        ),
        ("/prod/pets", 443, true, 10, 5)
    );
    let alarm = cluster.cloud.settings_of_alarm(&the(&cluster, Kind::Alarm).name);
    assert_eq!(
        (alarm.metric.as_str(), alarm.actions),
        ("DDoSDetected", vec![TOPIC.to_owned()])
    );
    assert_eq!(alarm.dimensions, [("ResourceArn".to_owned(), arn)]);

    let status = cluster.objects[NAME].status.clone().unwrap().shield.unwrap();
    assert_eq!(status.automatic_response.as_deref(), Some("Count"));
    assert_eq!(status.health_check_id, Some(check.id));
    let (since, due) = (status.count_since.unwrap(), status.block_due.unwrap());
    let message = cluster.message(NAME, "ShieldProtected");
    assert!(
        message.contains(&format!("Count since {since}, Block due {due}")),
        "{message}"
    );
    assert_eq!(cluster.reason(NAME, "ShieldProtected"), "Counting");
}

#[tokio::test(start_paused = true)]
async fn shield_is_added_to_a_perimeter_that_stands_and_taken_back() {
    let mut cluster = ready("").await;
    let before = shape(&cluster, NAME);
    cluster.apply(NAME, SHIELD);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert!(has_shields_rule(&cluster));
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(shape(&cluster, NAME), before);
    assert!(!has_shields_rule(&cluster));
    assert_eq!(cluster.condition(NAME, "ShieldProtected"), "");
    assert_eq!(cluster.objects[NAME].status.clone().unwrap().shield, None);
    // Not even lists are read for it any more.
    cluster.resync(NAME).await;
    let journal = cluster.cloud.journal();
    assert_eq!(journal.count("GetSubscriptionState"), 0, "{}", journal.summary());
}

#[tokio::test(start_paused = true)]
async fn without_the_field_no_call_is_made_to_any_service_of_shields() {
    let cluster = ready("").await;
    let services = ["shield", "route53", "cloudwatch", "sns"];
    let journal = cluster.cloud.journal();
    assert!(
        journal
            .entries
            .iter()
            .all(|entry| !services.contains(&entry.operation.service.name()))
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_subscription_everything_else_works_and_the_message_says_so() {
    let settings = Settings {
        shield_subscription: false,
        ..Settings::default()
    };
    let mut cluster = cluster(settings);
    cluster.apply(NAME, SHIELD);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(cluster.condition(NAME, "ShieldProtected"), "False");
    assert_eq!(cluster.reason(NAME, "ShieldProtected"), "NotSubscribed");
    let message = cluster.message(NAME, "Ready");
    assert!(
        message.contains("Shield Advanced does not protect it"),
        "{message}"
    );
    // Somebody subscribes.
    cluster
        .cloud
        .configure(|settings| settings.shield_subscription = true);
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert_eq!(cluster.condition(NAME, "ShieldProtected"), "True");
}

#[tokio::test(start_paused = true)]
async fn an_object_goes_whose_subscription_has_ended() {
    let mut cluster = ready(SHIELD).await;
    cluster
        .cloud
        .configure(|settings| settings.shield_subscription = false);
    cluster.resync(NAME).await;
    assert_eq!(cluster.reason(NAME, "ShieldProtected"), "NotSubscribed");
    cluster.delete(NAME).await;
    let left: Vec<Kind> = cluster
        .cloud
        .resources()
        .into_iter()
        .map(|found| found.kind)
        .collect();
    // Without a subscription AWS neither shows nor deletes it.
    assert_eq!(left, [Kind::Protection]);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_aws_does_not_offer_names_the_other_way() {
    let settings = Settings {
        automatic_response_offered: false,
        ..Settings::default()
    };
    let mut cluster = cluster(settings);
    cluster.apply(NAME, SHIELD);
    assert_eq!(cluster.stalled(NAME).await, "AutomaticResponseUnavailable");
    let message = cluster.message(NAME, "ShieldProtected");
    assert!(
        message.contains("set spec.webAcl.antiDdos in its place"),
        "{message}"
    );
    assert_eq!(cluster.condition(NAME, "DistributionDeployed"), "True");
    cluster.apply(NAME, "shield: {}\nwebAcl: {antiDdos: {}}");
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_not_there_is_named() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, &SHIELD.replace("attacks", "elsewhere"));
    assert_eq!(cluster.stalled(NAME).await, "TopicNotFound");
    let message = cluster.message(NAME, "ShieldProtected");
    assert!(message.contains("create it in us-east-1"), "{message}");
    cluster
        .cloud
        .preload_topic(&TOPIC.replace("attacks", "elsewhere"));
    hours(1).await;
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changes_is_changed_back() {
    let mut cluster = ready(SHIELD).await;
    let (check, alarm) = (the(&cluster, Kind::HealthCheck), the(&cluster, Kind::Alarm));
    cluster
        .cloud
        .edit_health_check(&check.id, |settings| settings.disabled = true);
    cluster
        .cloud
        .edit_alarm(&alarm.name, |settings| settings.actions_enabled = false);
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert!(!cluster.cloud.settings_of_check(&check.id).disabled);
    assert!(cluster.cloud.settings_of_alarm(&alarm.name).actions_enabled);
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn shields_rule_stays_through_our_updates_and_comes_back_when_somebody_removes_it() {
    let mut cluster = ready(SHIELD).await;
    let acl = the(&cluster, Kind::WebAcl).id;
    let shields = |cluster: &Cluster| {
        let document = cluster.cloud.document_of(&acl);
        let mut rules = document["Rules"].as_array().unwrap().clone();
        rules.retain(|rule| rule["Name"].as_str().unwrap().starts_with("Shield"));
        json!(rules).to_string()
    };
    let before = shields(&cluster);
    cluster.apply(NAME, &format!("webAcl: {{blockCidrs: [192.0.2.0/24]}}\n{SHIELD}"));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(shields(&cluster), before);
    cluster.cloud.remove_shield_rule(&acl);
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert!(has_shields_rule(&cluster));
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_that_firewall_manager_puts_in_place_of_ours_is_not_fought() {
    let mut cluster = ready(SHIELD).await;
    let id = the(&cluster, Kind::Distribution).id;
    let theirs = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/FMManagedWebACLV2-policy/1";
    cluster.invariants = None;
    let named =
        |arn: &'static str| move |config: &mut Element| xml::put(config, xml::text("WebACLId", arn), &[]);
    cluster.cloud.edit_distribution(&id, named(theirs));
    cluster.apply(
        NAME,
        &format!("distribution: {{priceClass: PriceClass_100}}\n{SHIELD}"),
    );
    assert_eq!(cluster.stalled(NAME).await, "ManagedElsewhere");
    assert_eq!(setting(&cluster, "WebACLId"), theirs);
    assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_100");
    // The policy lets it go.
    cluster.cloud.edit_distribution(&id, named(""));
    hours(1).await;
    cluster.ready(NAME).await;
    assert_eq!(setting(&cluster, "WebACLId"), the(&cluster, Kind::WebAcl).arn);
}

#[tokio::test(start_paused = true)]
async fn the_perimeter_is_kept_while_shield_cannot_be_asked() {
    let mut cluster = ready(SHIELD).await;
    cluster.cloud.inject(Rule::next(
        Scope::Operation("ListProtections"),
        9,
        Fault::ServerError,
    ));
    cluster.apply(
        NAME,
        &format!("distribution: {{priceClass: PriceClass_100}}\n{SHIELD}"),
    );
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.pass(NAME).await;
    assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_100");
    assert_eq!(cluster.reason(NAME, "ShieldProtected"), "AwsUnavailable");
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn retained_resources_of_shield_stay_and_are_marked() {
    let mut cluster = ready(&format!("deletionPolicy: Retain\n{SHIELD}")).await;
    cluster.depart(NAME).await;
    let resources = cluster.cloud.resources();
    assert!(
        resources
            .iter()
            .all(|found| found.tags.contains_key("palisade.dev/retained")),
        "{resources:#?}"
    );
    assert!(resources.iter().any(|found| found.kind == Kind::Protection));
}

#[tokio::test(start_paused = true)]
async fn a_teardown_needs_no_status_to_find_what_serves_shield() {
    let mut cluster = ready(SHIELD).await;
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_protection_with_health_check_and_alarm_takes_at_most_twenty_four_calls() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, SHIELD);
    cluster.ready(NAME).await;
    cluster.resync(NAME).await;
    let services = ["shield:", "route53:", "cloudwatch:", "sns:"];
    let calls = own_calls(&cluster);
    let calls: Vec<_> = calls
        .iter()
        .filter(|call| services.iter().any(|service| call.starts_with(service)))
        .collect();
    assert!(calls.len() <= 24, "{}: {calls:#?}", calls.len());
    assert!(cluster.cloud.journal().entries.iter().any(is_shared));
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_protection_finishes_it_later() {
    crash(Some(""), Some(SHIELD)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_taking_a_protection_back_finishes_it_later() {
    crash(Some(SHIELD), Some("")).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_deletion_with_shield_finishes_it_later() {
    crash(Some(SHIELD), None).await;
}
