//! Who was let in, redirected or refused before an adoption is so afterwards, and a confirmation is for what was shown alone.

use super::adoption_scenes::{
    Theirs, adopt, adopted, adoption, assert_served, guide, hash, passes_with_viewers, refused,
};
use super::plans::{made, planned_for};
use super::scenes::{NAME, history};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::api::{AccountQuotas, AdoptionState, ProtectedApiSpec, StandingDistribution};
use palisade::domain::edge::places::Place;
use palisade::domain::edge::xml::{self, Element};
use serde_json::{Value, json};
use std::time::Duration;

fn writes(cluster: &Cluster) -> usize {
    cluster.cloud.journal().writes().len()
}

/// The spec that is written from what stands.
async fn written(cluster: &Cluster, theirs: &Theirs) -> ProtectedApiSpec {
    let standing = StandingDistribution {
        distribution_id: theirs.id.clone(),
        account_name: None,
        stage: None,
        let_go: None,
    };
    let spec = cluster.engine.written(&standing, &|_| Ok(())).await;
    spec.unwrap_or_else(|answer| panic!("{answer:?}"))
}

/// Applies `spec`, and confirms its plan.
async fn confirmed(cluster: &mut Cluster, mut spec: ProtectedApiSpec) {
    cluster.apply_spec(NAME, spec.clone());
    cluster.settle(NAME).await;
    let distribution = spec.distribution.as_mut().unwrap();
    distribution.adopt.as_mut().unwrap().confirm = Some(hash(cluster));
    cluster.apply_spec(NAME, spec);
}

/// The rules of the web ACL that the distribution has, in the order in which they are asked.
fn rules(cluster: &Cluster, theirs: &Theirs) -> Vec<Value> {
    let arn = xml::text_at(&cluster.cloud.config_of(&theirs.id), "WebACLId").unwrap();
    let resources = cluster.cloud.resources();
    let web_acl = resources
        .iter()
        .find(|found| found.arn == arn)
        .expect("it is there");
    assert_eq!(web_acl.uid(), Some(cluster.uid(NAME).as_str()), "it is ours");
    let document = cluster.cloud.document_of(&web_acl.id);
    let mut rules = document["Rules"].as_array().unwrap().clone();
    rules.sort_by_key(|rule| rule["Priority"].as_i64());
    rules
}

fn position(rules: &[Value], name: &str) -> usize {
    let found = rules.iter().position(|rule| rule["Name"] == name);
    found.unwrap_or_else(|| panic!("{name} is not among {rules:#?}"))
}

fn blocking(name: &str, priority: u32) -> Value {
    json!({
        "Name": name, "Priority": priority, "Action": {"Block": {}},
        "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}},
        "VisibilityConfig": {"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name},
    })
}

fn add_rules(cluster: &Cluster, theirs: &Theirs, more: &[Value]) {
    cluster.cloud.edit_web_acl(&theirs.web_acl_id, |document| {
        document["Rules"]
            .as_array_mut()
            .unwrap()
            .extend(more.iter().cloned());
    });
}

/// Has the distribution lead `/pets/*` to the API by another origin, and not by the one that the default behaviour uses.
fn by_another_origin(config: &mut Element) {
    let mut origins: Vec<Element> = xml::items_at(config, "Origins").into_iter().cloned().collect();
    let mut other = origins[0].clone();
    xml::put(&mut other, xml::text("Id", "api2"), &[]);
    origins.push(other);
    xml::put(config, xml::list("Origins", origins), &[]);
    let behaviour = vec![
        xml::text("PathPattern", "/pets/*"),
        xml::text("TargetOriginId", "api2"),
        xml::text("ViewerProtocolPolicy", "https-only"),
        xml::text("CachePolicyId", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"),
    ];
    let behaviours = xml::list("CacheBehaviors", vec![xml::parent("CacheBehavior", behaviour)]);
    xml::put(config, behaviours, &[]);
}

#[tokio::test(start_paused = true)]
async fn a_behaviour_that_leads_to_the_api_by_another_origin_is_refused() {
    let (mut cluster, theirs) = guide().await;
    cluster.cloud.edit_distribution(&theirs.id, by_another_origin);
    let found = cluster.cloud.config_of(&theirs.id);
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    let told = refused(&mut cluster).await;
    assert_eq!(told.refusals[0].reason, "BehaviorLeadsToApi");
    assert!(told.refusals[0].message.contains("/pets/*"), "{told:?}");
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
    assert_eq!(cluster.cloud.config_of(&theirs.id), found);
}

#[tokio::test(start_paused = true)]
async fn a_copied_rule_is_asked_before_an_allow_list_however_late_it_was_asked_before() {
    let (mut cluster, theirs) = guide().await;
    add_rules(&cluster, &theirs, &[blocking("block-evil", 5000)]);
    cluster.cloud.clear_journal();
    let mut spec = written(&cluster, &theirs).await;
    spec.web_acl.as_mut().unwrap().allow_cidrs = Some(vec!["192.0.2.0/24".to_owned()]);
    confirmed(&mut cluster, spec.clone()).await;
    cluster.ready(NAME).await;
    let found = rules(&cluster, &theirs);
    assert!(
        position(&found, "block-evil") < position(&found, "palisade-allow"),
        "{found:#?}"
    );
    assert!(
        position(&found, "their-rate") < position(&found, "block-evil"),
        "in their own order"
    );
    // So it stays with the next edit.
    let mut edited = cluster.objects[NAME].spec.clone();
    edited.web_acl.as_mut().unwrap().block_cidrs = Some(vec!["198.51.100.0/24".to_owned()]);
    cluster.apply_spec(NAME, edited);
    cluster.ready(NAME).await;
    let found = rules(&cluster, &theirs);
    for ours in ["palisade-allow", "palisade-block"] {
        assert!(
            position(&found, "block-evil") < position(&found, ours),
            "{found:#?}"
        );
    }
}

/// Of a perimeter whose cluster is lost: tags and comment are taken off, and the names of the rules are Palisade's still.
#[tokio::test(start_paused = true)]
async fn the_rules_of_a_lost_cluster_go_on_under_other_names() {
    let (mut cluster, theirs) = guide().await;
    let left = [
        "palisade-block",
        "palisade-rate-per-ip",
        "palisade-ours-by-chance",
    ];
    add_rules(
        &cluster,
        &theirs,
        &[
            blocking(left[0], 1000),
            blocking(left[1], 1010),
            blocking(left[2], 1020),
        ],
    );
    cluster.cloud.clear_journal();
    let spec = written(&cluster, &theirs).await;
    let shown = made(planned_for(&cluster, spec.clone(), &AccountQuotas::default()).await);
    let told = shown.adoption.expect("an adoption").worth_knowing.join(" ");
    assert!(told.contains("palisade-block as former-block"), "{told}");
    let not_copied = told
        .split("Not copied, since spec.webAcl says it: ")
        .nth(1)
        .unwrap_or_default();
    let not_copied = not_copied.split(". ").next().unwrap_or_default();
    assert!(
        !not_copied.contains("palisade-block") && !not_copied.contains("rate-per-ip"),
        "{told}"
    );
    confirmed(&mut cluster, spec).await;
    cluster.ready(NAME).await;
    let found = rules(&cluster, &theirs);
    for name in left {
        let rule = &found[position(&found, &name.replace("palisade-", "former-"))];
        assert_eq!(rule["Statement"], blocking(name, 1)["Statement"]);
        assert_eq!(rule["Action"], json!({"Block": {}}));
    }
}

fn set_policy(config: &mut Element, policy: &str) {
    let place = Place::Behavior("ViewerProtocolPolicy");
    place.write(config, "", Some(xml::text("ViewerProtocolPolicy", policy)));
}

#[tokio::test(start_paused = true)]
async fn viewers_who_ask_without_tls_are_answered_as_before_from_the_plan_to_the_release() {
    for policy in ["allow-all", "redirect-to-https"] {
        let (mut cluster, mut theirs) = guide().await;
        cluster
            .cloud
            .edit_distribution(&theirs.id, |config| set_policy(config, policy));
        tokio::time::sleep(Duration::from_mins(10)).await;
        theirs.config = cluster.cloud.config_of(&theirs.id);
        cluster.apply(NAME, &adopt(&theirs.id, ""));
        cluster.settle(NAME).await;
        let told = adoption(&cluster);
        assert!(
            told.changes
                .iter()
                .all(|change| change.field != "viewerProtocolPolicy"),
            "{told:#?}"
        );
        assert!(
            told.worth_knowing.iter().any(|told| told.contains(policy)),
            "{told:#?}"
        );
        let confirm = format!("confirm: '{}'", hash(&cluster));
        cluster.apply(NAME, &adopt(&theirs.id, &confirm));
        for _ in 0..40 {
            let outcome = cluster.pass_surviving(NAME).await;
            let at_the_edge = cluster.cloud.protocol_policies(&theirs.id);
            assert!(at_the_edge.iter().all(|found| found == policy), "{at_the_edge:?}");
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        cluster.ready(NAME).await;
        assert_eq!(adoption(&cluster).state, AdoptionState::Adopted);
        cluster.apply(NAME, &adopt(&theirs.id, &format!("{confirm}, release: true")));
        passes_with_viewers(&mut cluster, &theirs).await;
        assert_eq!(cluster.stalled(NAME).await, "Released");
        assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config, "{policy}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_team_may_have_viewers_without_tls_refused_and_a_release_lets_them_in_again() {
    let (mut cluster, mut theirs) = guide().await;
    cluster
        .cloud
        .edit_distribution(&theirs.id, |config| set_policy(config, "redirect-to-https"));
    tokio::time::sleep(Duration::from_mins(10)).await;
    theirs.config = cluster.cloud.config_of(&theirs.id);
    let mut spec = written(&cluster, &theirs).await;
    let said = serde_json::to_value(&spec).unwrap();
    assert_eq!(said["distribution"]["viewerProtocolPolicy"], "redirect-to-https");
    let field: palisade::api::ViewerProtocolPolicy = serde_json::from_value(json!("https-only")).unwrap();
    spec.distribution.as_mut().unwrap().viewer_protocol_policy = Some(field);
    confirmed(&mut cluster, spec).await;
    let told = adoption(&cluster);
    assert!(
        told.changes
            .iter()
            .any(|change| change.field == "viewerProtocolPolicy"),
        "{told:#?}"
    );
    cluster.ready(NAME).await;
    assert_eq!(cluster.cloud.protocol_policies(&theirs.id), ["https-only"]);
    let mut spec = cluster.objects[NAME].spec.clone();
    let adopt = spec.distribution.as_mut().unwrap().adopt.as_mut().unwrap();
    adopt.release = Some(true);
    cluster.apply_spec(NAME, spec);
    assert_eq!(cluster.stalled(NAME).await, "Released", "{}", cluster.story(NAME));
    assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config);
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_is_for_no_other_block_list_lock_or_deletion_than_was_shown() {
    for edit in [
        "webAcl: {blockCidrs: [0.0.0.0/1, 128.0.0.0/1]}",
        "webAcl: {allowCidrs: [192.0.2.0/24]}",
        "webAcl: {rateLimits: [{name: per-ip, limit: 10}]}",
        "access: {enforcement: Observe}",
        "access: {sigV4: {exclusive: true}}",
        "deletionPolicy: Delete",
    ] {
        let (mut cluster, theirs) = guide().await;
        cluster.apply(NAME, &adopt(&theirs.id, ""));
        cluster.settle(NAME).await;
        let shown = hash(&cluster);
        let confirm = adopt(&theirs.id, &format!("confirm: '{shown}'"));
        cluster.apply(NAME, &format!("{confirm}\n{edit}"));
        assert_eq!(
            cluster.stalled(NAME).await,
            "AdoptionPlanChanged",
            "{edit}: {}",
            cluster.story(NAME)
        );
        assert_ne!(hash(&cluster), shown, "{edit}");
        assert_eq!(writes(&cluster), 0, "{edit}: {}", history(&cluster));
        assert_served(&cluster, &theirs);
    }
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_outlives_tags_of_the_spec_which_nobody_notices() {
    let (mut cluster, theirs) = guide().await;
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    cluster.settle(NAME).await;
    let confirm = adopt(&theirs.id, &format!("confirm: '{}'", hash(&cluster)));
    cluster.apply(NAME, &format!("{confirm}\ntags: {{team: pets}}"));
    cluster.ready(NAME).await;
}

/// As after an upgrade by which the same plan has another hash.
#[tokio::test(start_paused = true)]
async fn what_is_adopted_is_not_disturbed_by_a_plan_that_would_have_another_hash() {
    let (mut cluster, theirs) = adopted().await;
    let config = cluster.cloud.config_of(&theirs.id);
    cluster.apply(NAME, &adopt(&theirs.id, "confirm: '00000000'"));
    cluster.restart();
    cluster.cloud.clear_journal();
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
    assert_eq!(cluster.cloud.config_of(&theirs.id), config);
    let ours = cluster.cloud.resources_of(&cluster.uid(NAME));
    assert!(ours.iter().any(|found| found.kind == Kind::WebAcl));
}

#[tokio::test(start_paused = true)]
async fn rules_that_name_labels_are_confirmed_by_the_hash_that_is_planned_before_the_object_exists() {
    let (mut cluster, theirs) = guide().await;
    let of_former = cluster.cloud.document_of(&theirs.web_acl_id)["LabelNamespace"].clone();
    let key = format!("{}bad", of_former.as_str().unwrap());
    let mut looks = blocking("looks", 7);
    looks["Statement"] = json!({"LabelMatchStatement": {"Scope": "LABEL", "Key": key}});
    add_rules(&cluster, &theirs, &[looks]);
    let spec = written(&cluster, &theirs).await;
    let planned = made(planned_for(&cluster, spec.clone(), &AccountQuotas::default()).await);
    let planned = planned.adoption.expect("an adoption").hash;
    assert!(planned.is_some());
    cluster.apply_spec(NAME, spec);
    cluster.settle(NAME).await;
    assert_eq!(adoption(&cluster).hash, planned);
}
