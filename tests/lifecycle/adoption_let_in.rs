//! Whom a distribution lets in, and what its web ACL asks and adds, is the same before, during and after an adoption.

use super::adoption_scenes::{Theirs, adopt, adoption, guide, hash, refused};
use super::scenes::{NAME, history};
use super::support::cluster::Cluster;
use palisade::api::{AdoptionState, PlanEffect, ProbeMethod};
use palisade::domain::edge::places::Place;
use palisade::domain::edge::xml::{self, Element};
use serde_json::{Value, json};
use std::time::Duration;

/// Without IPv6, and for reading alone.
fn narrow(config: &mut Element) {
    Place::Config("IsIPV6Enabled").write(config, "", Some(xml::text("IsIPV6Enabled", false)));
    let methods = || ["HEAD", "GET"].map(|method| xml::text("Method", method)).to_vec();
    let mut allowed = xml::list("AllowedMethods", methods());
    xml::put(&mut allowed, xml::list("CachedMethods", methods()), &[]);
    Place::Behavior("AllowedMethods").write(config, "", Some(allowed));
}

/// The guide's perimeter with this change, once it is deployed.
async fn guide_with(change: impl FnOnce(&mut Element)) -> (Cluster, Theirs) {
    let (cluster, mut theirs) = guide().await;
    cluster.cloud.edit_distribution(&theirs.id, change);
    tokio::time::sleep(Duration::from_mins(10)).await;
    theirs.config = cluster.cloud.config_of(&theirs.id);
    cluster.cloud.clear_journal();
    (cluster, theirs)
}

#[track_caller]
fn assert_narrow(cluster: &Cluster, theirs: &Theirs) {
    let told = history(cluster);
    let by = |method| cluster.cloud.status_by(&theirs.id, "/prod/pets", method);
    assert_eq!(by(ProbeMethod::Post), 403, "{told}");
    assert!(
        cluster.cloud.ipv6_addresses(&theirs.id).iter().all(|has| !has),
        "{told}"
    );
}

/// Passes until the object is at rest, in each of which the distribution is as narrow as before.
async fn narrow_passes(cluster: &mut Cluster, theirs: &Theirs) {
    for _ in 0..40 {
        let outcome = cluster.pass_surviving(NAME).await;
        assert_narrow(cluster, theirs);
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        assert_narrow(cluster, theirs);
    }
}

#[tokio::test(start_paused = true)]
async fn viewers_come_by_no_other_method_and_by_no_ipv6_from_the_plan_to_the_release() {
    let (mut cluster, theirs) = guide_with(narrow).await;
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    cluster.settle(NAME).await;
    let told = adoption(&cluster);
    for field in ["ipv6", "allowedMethods"] {
        assert!(
            told.changes.iter().all(|change| !change.field.starts_with(field)),
            "{told:#?}"
        );
        let named = format!("spec.distribution.{field}");
        assert!(
            told.worth_knowing.iter().any(|told| told.contains(&named)),
            "{told:#?}"
        );
    }
    let confirm = format!("confirm: '{}'", hash(&cluster));
    cluster.apply(NAME, &adopt(&theirs.id, &confirm));
    narrow_passes(&mut cluster, &theirs).await;
    cluster.ready(NAME).await;
    assert_eq!(adoption(&cluster).state, AdoptionState::Adopted);
    for place in [Place::Config("IsIPV6Enabled"), Place::Behavior("AllowedMethods")] {
        let adopted = cluster.cloud.config_of(&theirs.id);
        assert_eq!(place.read(&adopted, ""), place.read(&theirs.config, ""));
    }
    cluster.apply(NAME, &adopt(&theirs.id, &format!("{confirm}, release: true")));
    narrow_passes(&mut cluster, &theirs).await;
    assert_eq!(cluster.stalled(NAME).await, "Released");
    assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config);
}

#[tokio::test(start_paused = true)]
async fn a_team_may_open_ipv6_and_all_methods_and_the_plan_says_that_viewers_notice() {
    let (mut cluster, theirs) = guide_with(narrow).await;
    let all = "[DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT]";
    let open = |more: &str| {
        let id = &theirs.id;
        format!("distribution: {{adopt: {{id: {id}{more}}}, ipv6: true, allowedMethods: {all}}}")
    };
    cluster.apply(NAME, &open(""));
    cluster.settle(NAME).await;
    let told = adoption(&cluster);
    for field in ["ipv6", "allowedMethods"] {
        let mut changes = told.changes.iter();
        let change = changes.find(|change| change.field.starts_with(field));
        let change = change.unwrap_or_else(|| panic!("{field}: {told:#?}"));
        assert_eq!(change.effect, PlanEffect::Visible, "{field}");
    }
    assert_narrow(&cluster, &theirs);
    cluster.apply(NAME, &open(&format!(", confirm: '{}'", hash(&cluster))));
    cluster.ready(NAME).await;
    assert_eq!(cluster.cloud.ipv6_addresses(&theirs.id), [true]);
    let by = |method| cluster.cloud.status_by(&theirs.id, "/prod/pets", method);
    assert_eq!(by(ProbeMethod::Post), by(ProbeMethod::Get));
}

/// The document of the web ACL that the distribution has, once it is adopted.
async fn adopted_web_acl(cluster: &mut Cluster, theirs: &Theirs, more: &str) -> Value {
    cluster.apply(NAME, &format!("{}\n{more}", adopt(&theirs.id, "")));
    cluster.settle(NAME).await;
    let confirm = format!("confirm: '{}'", hash(cluster));
    cluster.apply(NAME, &format!("{}\n{more}", adopt(&theirs.id, &confirm)));
    cluster.ready(NAME).await;
    web_acl(cluster, theirs)
}

fn web_acl(cluster: &Cluster, theirs: &Theirs) -> Value {
    let arn = xml::text_at(&cluster.cloud.config_of(&theirs.id), "WebACLId").unwrap();
    assert_ne!(arn, theirs.web_acl);
    let resources = cluster.cloud.resources();
    let found = resources
        .iter()
        .find(|found| found.arn == arn)
        .expect("it is there");
    cluster.cloud.document_of(&found.id)
}

#[tokio::test(start_paused = true)]
async fn the_headers_that_the_former_web_acl_inserts_are_inserted_still() {
    let (mut cluster, theirs) = guide().await;
    let header = json!({"InsertHeaders": [{"Name": "from-edge", "Value": "1"}]});
    let action = json!({"Allow": {"CustomRequestHandling": header}});
    cluster.cloud.edit_web_acl(&theirs.web_acl_id, |document| {
        document["DefaultAction"] = action.clone();
    });
    let document = adopted_web_acl(&mut cluster, &theirs, "").await;
    assert_eq!(document["DefaultAction"], action);
    // So it stays with the next edit, and is no drift.
    cluster.apply(
        NAME,
        &format!(
            "{}\nwebAcl: {{blockCidrs: [198.51.100.0/24]}}",
            adopt(&theirs.id, "")
        ),
    );
    cluster.ready(NAME).await;
    assert_eq!(web_acl(&cluster, &theirs)["DefaultAction"], action);
}

#[tokio::test(start_paused = true)]
async fn a_copied_rule_looks_at_the_labels_that_the_new_web_acl_sets() {
    let (mut cluster, theirs) = guide().await;
    let of_former = cluster.cloud.document_of(&theirs.web_acl_id)["LabelNamespace"].clone();
    let of_former = of_former.as_str().unwrap().to_owned();
    let visibility = |name: &str| json!({"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name});
    let rules = [
        json!({
            "Name": "sets", "Priority": 6, "Action": {"Count": {}}, "RuleLabels": [{"Name": "bad"}],
            "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}}, "VisibilityConfig": visibility("sets"),
        }),
        json!({
            "Name": "looks", "Priority": 7, "Action": {"Block": {}},
            "Statement": {"LabelMatchStatement": {"Scope": "LABEL", "Key": format!("{of_former}bad")}},
            "VisibilityConfig": visibility("looks"),
        }),
    ];
    cluster.cloud.edit_web_acl(&theirs.web_acl_id, |document| {
        document["Rules"].as_array_mut().unwrap().extend(rules);
    });
    let document = adopted_web_acl(
        &mut cluster,
        &theirs,
        "webAcl: {managedRuleGroups: [], rateLimits: []}",
    )
    .await;
    let of_ours = document["LabelNamespace"].as_str().unwrap();
    assert_ne!(of_ours, of_former);
    let rules = document["Rules"].as_array().unwrap();
    let looks = rules.iter().find(|rule| rule["Name"] == "looks").unwrap();
    let key = &looks["Statement"]["LabelMatchStatement"]["Key"];
    assert_eq!(*key, format!("{of_ours}bad"));
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_that_firewall_manager_has_retrofitted_is_refused_before_anything_is_written() {
    let (mut cluster, theirs) = guide().await;
    cluster.cloud.add_firewall_manager_groups(&theirs.web_acl_id);
    cluster.cloud.clear_journal();
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    assert_eq!(refused(&mut cluster).await.refusals[0].reason, "FirewallManager");
    assert!(
        cluster.cloud.journal().writes().is_empty(),
        "{}",
        history(&cluster)
    );
    assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config);
}

#[tokio::test(start_paused = true)]
async fn a_web_acl_that_is_not_shown_is_refused_and_not_taken_for_none() {
    let (mut cluster, theirs) = guide().await;
    cluster.cloud.remove_web_acl(&theirs.web_acl_id);
    cluster.cloud.clear_journal();
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    assert_eq!(refused(&mut cluster).await.refusals[0].reason, "WebAclUnread");
    assert!(
        cluster.cloud.journal().writes().is_empty(),
        "{}",
        history(&cluster)
    );
}

#[tokio::test(start_paused = true)]
async fn rules_of_the_baseline_are_told_before_they_are_confirmed_where_no_web_acl_was() {
    let (mut cluster, theirs) = guide_with(|config| xml::put(config, xml::text("WebACLId", ""), &[])).await;
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanned");
    let told = adoption(&cluster).worth_knowing.join(" ");
    for part in [
        "palisade-rate-per-ip (Block)",
        "palisade-AWSManagedRulesCommonRuleSet (as its group says)",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let message = cluster.message(NAME, "Stalled");
    assert!(message.contains("worthKnowing"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_rule_of_the_spec_that_looks_at_a_label_of_the_former_web_acl_by_its_full_name_is_refused() {
    let (mut cluster, theirs) = guide().await;
    let of_former = cluster.cloud.document_of(&theirs.web_acl_id)["LabelNamespace"].clone();
    let looking = |key: &str| {
        let label = format!("LabelMatchStatement: {{Scope: LABEL, Key: '{key}'}}");
        format!(
            "{}\nwebAcl: {{rules: [{{Name: looks, Action: {{Block: {{}}}}, Statement: {{{label}}}}}]}}",
            adopt(&theirs.id, "")
        )
    };
    cluster.apply(NAME, &looking(&format!("{}bad", of_former.as_str().unwrap())));
    let told = refused(&mut cluster).await.refusals;
    assert_eq!(told[0].reason, "WebAclLabels");
    assert_eq!(told[0].field, "spec.webAcl.rules");
    cluster.apply(NAME, &looking("bad"));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanned");
}

#[tokio::test(start_paused = true)]
async fn that_own_rules_let_in_without_the_headers_of_the_former_default_action_is_told_beforehand() {
    let (mut cluster, theirs) = guide().await;
    let header = json!({"InsertHeaders": [{"Name": "from-edge", "Value": "1"}]});
    cluster.cloud.edit_web_acl(&theirs.web_acl_id, |document| {
        document["DefaultAction"] = json!({"Allow": {"CustomRequestHandling": header}});
    });
    let web_acl = "webAcl: {allowCidrs: [203.0.113.0/24]}";
    cluster.apply(NAME, &format!("{}\n{web_acl}", adopt(&theirs.id, "")));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanned");
    let told = adoption(&cluster).worth_knowing;
    let of_headers = told.iter().find(|told| told.contains("x-amzn-waf-from-edge"));
    assert!(
        of_headers.is_some_and(|told| told.contains("palisade-allow")),
        "{told:?}"
    );
}
