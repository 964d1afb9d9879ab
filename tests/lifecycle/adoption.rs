//! A distribution that stands already is adopted: nothing is written before its plan is confirmed, and all that the plan does not name
//! stays to the byte. Viewers are let in all the while.

use super::adoption_scenes::{
    Theirs, adopt, adopted, adoption, assert_served, confirmed, guide, hash, passes_with_viewers, unnamed,
};
use super::scenes::{NAME, deny, history, hours, quiet};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::pricing_plans::PricingPlan;
use super::support::simulation::resources::Kind;
use palisade::api::{AdoptionState, PlanEffect};
use palisade::domain::edge::config::settings_of;
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::{TAG_ADOPTED, Tags};
use std::time::Duration;

fn writes(cluster: &Cluster) -> usize {
    cluster.cloud.journal().writes().len()
}

#[tokio::test(start_paused = true)]
async fn the_plan_is_shown_and_nothing_is_written_before_it_is_confirmed() {
    let (mut cluster, theirs) = guide().await;
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    assert_eq!(
        cluster.stalled(NAME).await,
        "AdoptionPlanned",
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
    let told = adoption(&cluster);
    assert_eq!(told.state, AdoptionState::Planned);
    assert_eq!(told.hash.map(|hash| hash.len()), Some(8));
    let fields: Vec<&str> = told.changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["comment", "webAclArn", "signerVersionArn"]);
    assert_eq!(told.changes[2].effect, PlanEffect::Visible);
    assert_eq!(told.rivals.len(), 1, "Terraform may always be one");
    assert!(!told.rivals[0].needs_consent);
    for condition in ["SignerReady", "WebAclReady", "DistributionDeployed", "Ready"] {
        assert_eq!(cluster.condition(NAME, condition), "False", "{condition}");
    }
    let access = cluster.condition(NAME, "AccessRestricted");
    assert_eq!(access, "Unknown", "nobody has read what the API asks for");
    let message = cluster.message(NAME, "Ready");
    assert!(message.contains(&hash(&cluster)), "{message}");
    assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config);
}

#[tokio::test(start_paused = true)]
async fn a_confirmed_plan_is_carried_out_without_one_refused_viewer() {
    let (mut cluster, theirs) = guide().await;
    confirmed(&mut cluster, &theirs).await;
    passes_with_viewers(&mut cluster, &theirs).await;
    cluster.ready(NAME).await;
    let uid = cluster.uid(NAME);
    let config = cluster.cloud.config_of(&theirs.id);
    assert!(xml::text_at(&config, "Comment").unwrap().contains(&uid));
    assert!(
        xml::text_at(&config, "WebACLId")
            .unwrap()
            .contains("palisade-shop-petstore-02020202")
    );
    let updates = cluster.cloud.journal().count("UpdateDistribution");
    assert_eq!(updates, 1, "{}", history(&cluster));
    assert_eq!(cluster.cloud.journal().count("CreateDistributionWithTags"), 0);
    let told = adoption(&cluster);
    assert_eq!(told.state, AdoptionState::Adopted);
    let unused: Vec<&str> = told
        .no_longer_used
        .iter()
        .map(|unused| unused.arn.as_str())
        .collect();
    assert_eq!(unused, [theirs.web_acl.as_str(), theirs.version.as_str()]);
    assert_served(&cluster, &theirs);
    quiet(&mut cluster, NAME).await;
    assert_eq!(
        cluster.cloud.journal().count("GetDistribution"),
        0,
        "nothing more is read"
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_plan_does_not_name_is_as_before_to_the_byte() {
    let (cluster, theirs) = adopted().await;
    let config = cluster.cloud.config_of(&theirs.id);
    assert_ne!(config, theirs.config);
    assert_eq!(unnamed(&config, &theirs), theirs.config);
    // Nothing else of theirs was touched.
    assert_eq!(theirs.others(&cluster), theirs.others);
}

#[tokio::test(start_paused = true)]
async fn rules_of_the_former_web_acl_are_copied_where_the_spec_says_nothing_else() {
    let (cluster, theirs) = adopted().await;
    let resources = cluster.cloud.resources_of(&cluster.uid(NAME));
    let ours = resources.iter().find(|found| found.kind == Kind::WebAcl).unwrap();
    let document = cluster.cloud.document_of(&ours.id);
    let rules = document["Rules"].as_array().unwrap();
    assert!(rules.contains(&theirs.rule), "{rules:#?}");
    let name = |rule: &serde_json::Value| rule["Name"].as_str().unwrap_or_default().to_owned();
    let groups = rules.iter().filter(|rule| name(rule).contains("their-managed"));
    assert_eq!(groups.count(), 0, "the spec has these groups");
}

#[tokio::test(start_paused = true)]
async fn another_hash_confirms_nothing() {
    let (mut cluster, theirs) = guide().await;
    cluster.apply(NAME, &adopt(&theirs.id, "confirm: '00000000'"));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanChanged");
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
    assert_eq!(adoption(&cluster).state, AdoptionState::Planned);
}

#[tokio::test(start_paused = true)]
async fn a_world_that_changed_since_the_plan_was_shown_is_shown_again() {
    let (mut cluster, theirs) = guide().await;
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    cluster.settle(NAME).await;
    let before = hash(&cluster);
    cluster.cloud.edit_distribution(&theirs.id, |config| {
        xml::put(config, xml::text("DefaultRootObject", "other.html"), &[]);
    });
    cluster.apply(NAME, &adopt(&theirs.id, &format!("confirm: '{before}'")));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanChanged");
    assert_ne!(hash(&cluster), before);
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_changed_since_the_plan_was_shown_is_shown_again() {
    let (mut cluster, theirs) = guide().await;
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    cluster.settle(NAME).await;
    let before = hash(&cluster);
    cluster.cloud.edit_web_acl(&theirs.web_acl_id, |document| {
        let rules = document["Rules"].as_array_mut().unwrap();
        rules.retain(|rule| *rule != theirs.rule);
    });
    cluster.apply(NAME, &adopt(&theirs.id, &format!("confirm: '{before}'")));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanChanged");
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_each_write_of_an_adoption_leaves_nothing_undone() {
    for n in 1.. {
        let (mut cluster, theirs) = guide().await;
        confirmed(&mut cluster, &theirs).await;
        cluster
            .cloud
            .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
        passes_with_viewers(&mut cluster, &theirs).await;
        cluster.settle_patiently(NAME).await;
        assert_served(&cluster, &theirs);
        let config = cluster.cloud.config_of(&theirs.id);
        assert_eq!(unnamed(&config, &theirs), theirs.config, "after write {n}");
        assert_eq!(cluster.cloud.journal().count("CreateDistributionWithTags"), 0);
        if writes(&cluster) < n {
            assert!(n > 4, "few writes: {}", history(&cluster));
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_tool_has_is_refused_until_that_lets_it_go() {
    let (mut cluster, theirs) = guide().await;
    let marks = Tags::from([("services.k8s.aws/namespace".to_owned(), "infra".to_owned())]);
    cluster.cloud.set_tags(&theirs.arn, &marks);
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionRefused");
    let told = adoption(&cluster);
    assert_eq!(told.state, AdoptionState::Refused);
    assert_eq!(told.refusals[0].reason, "RivalNotLetGo");
    assert!(
        told.refusals[0].remedy.contains("deletion-policy"),
        "{:?}",
        told.refusals
    );
    cluster.apply(NAME, &adopt(&theirs.id, "letGo: [ACK]"));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanned");
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_distribution_in_a_pricing_plan_is_refused_until_the_plan_has_ended() {
    let (mut cluster, theirs) = guide().await;
    let plan = PricingPlan::of("PRO", vec![theirs.arn.clone(), theirs.web_acl.clone()]);
    cluster
        .cloud
        .configure(|settings| settings.pricing_plans = vec![plan]);
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionRefused");
    let refusal = adoption(&cluster).refusals[0].clone();
    assert_eq!(
        (refusal.reason.as_str(), refusal.field.as_str()),
        ("PricingPlan", "spec.distribution.adopt.id")
    );
    assert!(refusal.message.contains("Pro"), "{}", refusal.message);

    cluster
        .cloud
        .configure(|settings| settings.pricing_plans = vec![]);
    hours(1).await;
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanned");
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
}

#[tokio::test(start_paused = true)]
async fn where_plans_may_not_be_read_the_plan_of_an_adoption_says_so_and_nothing_is_refused() {
    let (mut cluster, theirs) = guide().await;
    deny(&cluster, "pricingplanmanager:ListSubscriptions");
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanned");
    let told = adoption(&cluster).worth_knowing;
    assert!(told[0].contains("before you confirm"), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_is_not_there_and_one_of_another_api_are_refused() {
    let (mut cluster, _) = guide().await;
    cluster.apply(NAME, &adopt("E0NOTTHERE", ""));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionRefused");
    assert_eq!(adoption(&cluster).refusals[0].reason, "NotFound");
    let (mut cluster, _) = guide().await;
    let other = super::somebodys::put_in_front(&mut cluster, "www.example.com", "").await;
    cluster.cloud.clear_journal();
    cluster.apply(NAME, &adopt(&other, ""));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionRefused");
    let reasons: Vec<String> = adoption(&cluster)
        .refusals
        .into_iter()
        .map(|refusal| refusal.reason)
        .collect();
    assert!(reasons.contains(&"AnotherOrigin".to_owned()), "{reasons:?}");
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
}

#[tokio::test(start_paused = true)]
async fn of_two_objects_that_name_one_distribution_the_older_has_it() {
    let (mut cluster, theirs) = adopted().await;
    cluster.apply("second", &adopt(&theirs.id, ""));
    cluster.pass("second").await;
    assert_eq!(cluster.reason("second", "Accepted"), "OwnedByAnother");
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_former_owner_who_goes_on_writing_is_named_and_not_fought_for_ever() {
    let (mut cluster, theirs) = adopted().await;
    for _ in 0..6 {
        cluster
            .cloud
            .edit_distribution(&theirs.id, |config| *config = theirs.config.clone());
        cluster.resync(NAME).await;
    }
    assert_eq!(
        cluster.reason(NAME, "DistributionDeployed"),
        "WriteContested",
        "{}",
        cluster.story(NAME)
    );
    let message = cluster.message(NAME, "DistributionDeployed");
    assert!(message.contains("removed { from"), "{message}");
}

/// The hash does not tell of it, and requests would be let in that were refused before.
#[tokio::test(start_paused = true)]
async fn a_web_acl_that_blocks_by_default_since_the_tags_were_set_keeps_the_update_from_being_made() {
    let (mut cluster, theirs) = guide().await;
    confirmed(&mut cluster, &theirs).await;
    for _ in 0..60 {
        let outcome = cluster.pass_surviving(NAME).await;
        if theirs.tags(&cluster).contains_key(TAG_ADOPTED) {
            break;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    assert!(
        theirs.tags(&cluster).contains_key(TAG_ADOPTED),
        "{}",
        history(&cluster)
    );
    cluster.cloud.edit_web_acl(&theirs.web_acl_id, |document| {
        document["DefaultAction"] = serde_json::json!({"Block": {}});
    });
    assert_eq!(
        cluster.stalled(NAME).await,
        "AdoptionRefused",
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(adoption(&cluster).refusals[0].reason, "WebAclBlocks");
    assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config);
}

/// The hash that was confirmed is that of another spec by now, and is not asked for once more: else viewers would be refused until
/// somebody confirms.
#[tokio::test(start_paused = true)]
async fn what_a_former_owner_writes_after_an_edit_of_the_spec_is_put_back_with_tags_and_without() {
    for with_tags in [true, false] {
        let (mut cluster, theirs) = adopted().await;
        let edited = format!(
            "distribution: {{adopt: {{id: {}, confirm: '{}'}}, priceClass: PriceClass_100}}",
            theirs.id,
            hash(&cluster)
        );
        cluster.apply(NAME, &edited);
        cluster.ready(NAME).await;
        let ours = settings_of(&cluster.cloud.config_of(&theirs.id));
        cluster
            .cloud
            .edit_distribution(&theirs.id, |config| *config = theirs.config.clone());
        if !with_tags {
            cluster.cloud.set_tags(&theirs.arn, &theirs.tags);
        }
        cluster.resync(NAME).await;
        cluster.settle(NAME).await;
        let story = cluster.story(NAME);
        let found = settings_of(&cluster.cloud.config_of(&theirs.id));
        assert_eq!(found, ours, "{with_tags}: {story}");
        assert_eq!(adoption(&cluster).state, AdoptionState::Adopted, "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn rules_that_others_have_put_into_our_web_acl_stay_when_the_former_owner_writes() {
    let (mut cluster, theirs) = adopted().await;
    let resources = cluster.cloud.resources_of(&cluster.uid(NAME));
    let ours = resources.iter().find(|found| found.kind == Kind::WebAcl).unwrap();
    let mut rule = theirs.rule.clone();
    rule["Name"] = serde_json::json!("added-since");
    rule["Priority"] = serde_json::json!(4321);
    rule["VisibilityConfig"]["MetricName"] = serde_json::json!("added-since");
    cluster.cloud.edit_web_acl(&ours.id, |document| {
        document["Rules"].as_array_mut().unwrap().push(rule.clone());
    });
    cluster
        .cloud
        .edit_distribution(&theirs.id, |config| *config = theirs.config.clone());
    cluster.resync(NAME).await;
    cluster.settle(NAME).await;
    let document = cluster.cloud.document_of(&ours.id);
    let names: Vec<_> = document["Rules"].as_array().unwrap().iter().collect();
    assert!(
        names.iter().any(|found| found["Name"] == "added-since"),
        "{names:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deletion_leaves_what_was_adopted_and_a_restored_object_recognises_it() {
    let (mut cluster, theirs) = adopted().await;
    let config = cluster.cloud.config_of(&theirs.id);
    let former = cluster.uid(NAME);
    cluster.depart(NAME).await;
    assert_eq!(
        cluster.cloud.config_of(&theirs.id),
        config,
        "Retain is the baseline"
    );
    cluster.cloud.clear_journal();
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    cluster.ready(NAME).await;
    // It goes on under the UID of the object that is gone.
    let resources = cluster.cloud.resources_of(&former);
    let ours = resources.iter().find(|found| found.kind == Kind::Distribution);
    let ours = ours.unwrap_or_else(|| panic!("{}", cluster.story(NAME)));
    assert_eq!(ours.id, theirs.id);
    assert!(ours.tags.contains_key(TAG_ADOPTED));
    assert_eq!(adoption(&cluster).no_longer_used[0].arn, theirs.web_acl);
}

#[tokio::test(start_paused = true)]
async fn an_object_whose_plan_was_never_confirmed_goes_and_leaves_all_as_it_is() {
    let (mut cluster, theirs) = guide().await;
    let before = Theirs::everything(&cluster);
    cluster.apply(
        NAME,
        &format!("{}\ndeletionPolicy: Delete", adopt(&theirs.id, "")),
    );
    cluster.settle(NAME).await;
    cluster.depart(NAME).await;
    assert_eq!(Theirs::everything(&cluster), before, "{}", history(&cluster));
}
