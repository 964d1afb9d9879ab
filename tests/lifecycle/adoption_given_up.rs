//! An adoption that is given up, one for which the account has no room, and what is left of one that was given back.

use super::adoption_scenes::{
    Theirs, adopt, adopted_with, adoption, assert_served, confirmed_with, guide, hash,
};
use super::plans::{made, planned_within};
use super::scenes::{NAME, deny, history};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::api::{AccountQuotas, AdoptionState};
use palisade::domain::edge::config::settings_of;
use palisade::domain::edge::xml;
use serde_json::json;
use std::time::Duration;

const UPDATE: &str = "cloudfront:UpdateDistribution";
/// Whatever plan is the present one.
const RELEASE: &str = "confirm: '00000000', release: true";

fn writes(cluster: &Cluster) -> usize {
    cluster.cloud.journal().writes().len()
}

/// What of the object's there is: by its UID.
fn ours(cluster: &Cluster) -> Vec<Kind> {
    let resources = cluster.cloud.resources().into_iter();
    resources
        .filter(|found| found.uid().is_some())
        .map(|found| found.kind)
        .collect()
}

fn allow(cluster: &Cluster, call: &str) {
    cluster.cloud.configure(|settings| {
        settings.denied.remove(call);
    });
}

async fn passes(cluster: &mut Cluster) {
    for _ in 0..20 {
        let outcome = cluster.pass_surviving(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
}

/// An adoption that comes to this call and no further; besides, all that there was before it.
async fn given_up_at(call: &str) -> (Cluster, Theirs, Vec<(String, Option<u64>)>) {
    given_up_with(call, "").await
}

/// The same, with `more` lines of spec.
async fn given_up_with(call: &str, more: &str) -> (Cluster, Theirs, Vec<(String, Option<u64>)>) {
    let (mut cluster, theirs) = guide().await;
    let before = Theirs::everything(&cluster);
    confirmed_with(&mut cluster, &theirs, more).await;
    deny(&cluster, call);
    passes(&mut cluster).await;
    (cluster, theirs, before)
}

#[tokio::test(start_paused = true)]
async fn what_was_made_for_an_adoption_that_was_given_up_before_its_tags_goes_with_the_object() {
    let (mut cluster, theirs, before) = given_up_at("cloudfront:TagResource").await;
    let made = ours(&cluster);
    for kind in [Kind::Role, Kind::Function, Kind::WebAcl] {
        assert!(made.contains(&kind), "{made:?}: {}", cluster.story(NAME));
    }
    assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config);
    cluster.delete(NAME).await;
    assert_eq!(Theirs::everything(&cluster), before, "{}", history(&cluster));
    assert_served(&cluster, &theirs);
}

/// The tags are there, and the update was not made.
#[tokio::test(start_paused = true)]
async fn what_was_made_for_an_adoption_that_was_given_up_before_its_update_goes_with_the_object() {
    let (mut cluster, theirs, before) = given_up_at(UPDATE).await;
    assert!(
        ours(&cluster).contains(&Kind::Distribution),
        "{}",
        cluster.story(NAME)
    );
    cluster.delete(NAME).await;
    assert_eq!(Theirs::everything(&cluster), before, "{}", history(&cluster));
    assert_served(&cluster, &theirs);
}

/// Its owners go on with it meanwhile: what it was when the tags were set is as little put back as the perimeter is put in.
#[tokio::test(start_paused = true)]
async fn a_release_before_the_update_takes_tags_off_and_writes_no_configuration() {
    for is_former_function_broken in [false, true] {
        let (mut cluster, theirs, _) = given_up_at(UPDATE).await;
        cluster.cloud.edit_distribution(&theirs.id, |config| {
            xml::put(config, xml::text("PriceClass", "PriceClass_200"), &[]);
        });
        let edited = cluster.cloud.config_of(&theirs.id);
        assert_ne!(edited, theirs.config);
        passes(&mut cluster).await;
        if is_former_function_broken {
            let role = theirs.role(&cluster);
            cluster.cloud.edit_role(&role, |role| role.policies.clear());
        }
        allow(&cluster, UPDATE);
        cluster.cloud.clear_journal();
        cluster.apply(NAME, &adopt(&theirs.id, RELEASE));
        passes(&mut cluster).await;
        let story = cluster.story(NAME);
        assert_eq!(adoption(&cluster).state, AdoptionState::Released, "{story}");
        assert_eq!(cluster.reason(NAME, "Stalled"), "Released", "{story}");
        assert_eq!(cluster.cloud.config_of(&theirs.id), edited, "{story}");
        assert_eq!(cluster.cloud.journal().count("UpdateDistribution"), 0, "{story}");
        assert_eq!(theirs.tags(&cluster), theirs.tags, "{story}");
    }
}

/// The update was made, and status does not have it, as where the process ended in between: viewers have what Palisade made.
#[tokio::test(start_paused = true)]
async fn a_release_before_the_update_is_noted_is_probed_before_its_tags_go_and_taken_back_where_viewers_are_refused()
 {
    for is_former_function_broken in [false, true] {
        let (mut cluster, theirs) = adopted_with("").await;
        let ours = settings_of(&cluster.cloud.config_of(&theirs.id));
        if is_former_function_broken {
            let role = theirs.role(&cluster);
            cluster.cloud.edit_role(&role, |role| role.policies.clear());
        }
        let confirm = hash(&cluster);
        let status = cluster.objects.get_mut(NAME).unwrap().status.as_mut().unwrap();
        status.fingerprints.remove("distribution").expect("a record");
        cluster.restart();
        cluster.cloud.clear_journal();
        cluster.apply(
            NAME,
            &adopt(&theirs.id, &format!("confirm: '{confirm}', release: true")),
        );
        for _ in 0..80 {
            let outcome = cluster.pass_surviving(NAME).await;
            let is_given_back = theirs.tags(&cluster) == theirs.tags;
            let may_be = !is_former_function_broken && cluster.cloud.in_progress() == 0;
            assert!(!is_given_back || may_be, "{}", cluster.story(NAME));
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        let story = cluster.story(NAME);
        if is_former_function_broken {
            assert_eq!(adoption(&cluster).refusals[0].reason, "ViewersRefused", "{story}");
            assert_eq!(settings_of(&cluster.cloud.config_of(&theirs.id)), ours, "{story}");
        } else {
            assert_eq!(adoption(&cluster).state, AdoptionState::Released, "{story}");
            assert_eq!(theirs.tags(&cluster), theirs.tags, "{story}");
        }
        assert_served(&cluster, &theirs);
    }
}

#[tokio::test(start_paused = true)]
async fn tags_of_others_are_back_once_an_adoption_is_given_up_before_its_update() {
    let more = "tags: {team: pets, more: ours}";
    for is_released in [false, true] {
        let (mut cluster, theirs, _) = given_up_with(UPDATE, more).await;
        assert_eq!(theirs.tags(&cluster)["team"], "pets");
        if is_released {
            cluster.apply(NAME, &format!("{}\n{more}", adopt(&theirs.id, RELEASE)));
            passes(&mut cluster).await;
            assert_eq!(theirs.tags(&cluster), theirs.tags, "{}", cluster.story(NAME));
        }
        cluster.delete(NAME).await;
        assert_eq!(theirs.tags(&cluster), theirs.tags, "{}", history(&cluster));
    }
}

#[tokio::test(start_paused = true)]
async fn the_distribution_is_updated_once_the_web_acl_has_the_rules_that_were_confirmed_last() {
    const WEB_ACL: &str = "wafv2:UpdateWebACL";
    let (mut cluster, theirs, _) = given_up_at(UPDATE).await;
    let mut rule = theirs.rule.clone();
    rule["Name"] = json!("their-newest");
    rule["Priority"] = json!(6);
    rule["VisibilityConfig"]["MetricName"] = json!("their-newest");
    cluster.cloud.edit_web_acl(&theirs.web_acl_id, |document| {
        document["Rules"].as_array_mut().unwrap().push(rule.clone());
    });
    passes(&mut cluster).await;
    assert_eq!(
        cluster.reason(NAME, "Stalled"),
        "AdoptionPlanChanged",
        "{}",
        cluster.story(NAME)
    );
    allow(&cluster, UPDATE);
    deny(&cluster, WEB_ACL);
    cluster.cloud.clear_journal();
    let confirm = format!("confirm: '{}'", hash(&cluster));
    cluster.apply(NAME, &adopt(&theirs.id, &confirm));
    passes(&mut cluster).await;
    let journal = cluster.cloud.journal();
    assert!(journal.count("UpdateWebACL") > 0, "{}", cluster.story(NAME));
    assert_eq!(journal.count("UpdateDistribution"), 0, "{}", cluster.story(NAME));
    allow(&cluster, WEB_ACL);
    cluster.settle_patiently(NAME).await;
    assert_eq!(adoption(&cluster).state, AdoptionState::Adopted);
    assert_served(&cluster, &theirs);
}

#[tokio::test(start_paused = true)]
async fn a_lost_status_does_not_take_down_what_viewers_use() {
    let (mut cluster, theirs) = adopted_with("").await;
    let config = cluster.cloud.config_of(&theirs.id);
    let made = ours(&cluster);
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    cluster.delete(NAME).await;
    assert_eq!(cluster.cloud.config_of(&theirs.id), config);
    assert_eq!(ours(&cluster), made);
    assert_served(&cluster, &theirs);
}

#[tokio::test(start_paused = true)]
async fn once_it_is_given_back_it_is_said_what_a_deletion_leaves() {
    for (more, stays) in [("", false), ("deletionPolicy: Retain", true)] {
        let (mut cluster, theirs) = adopted_with(more).await;
        let release = format!("confirm: '{}', release: true", hash(&cluster));
        cluster.apply(NAME, &format!("{}\n{more}", adopt(&theirs.id, &release)));
        assert_eq!(cluster.stalled(NAME).await, "Released");
        let told = cluster.message(NAME, "Stalled");
        assert_eq!(told.contains("web ACL stay"), stays, "{told}");
        assert_eq!(told.contains("web ACL then go"), !stays, "{told}");
        cluster.delete(NAME).await;
        assert_eq!(!ours(&cluster).is_empty(), stays, "{:?}", ours(&cluster));
        assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config);
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_account_has_room_for_a_distribution_that_is_adopted_with_its_function() {
    let (cluster, theirs) = guide().await;
    let full = AccountQuotas {
        distributions: Some(1),
        lambda_associations: Some(1),
        ..AccountQuotas::default()
    };
    let plan = made(planned_within(&cluster, &adopt(&theirs.id, ""), &full).await);
    let reasons: Vec<&str> = plan
        .problems
        .iter()
        .map(|problem| problem.reason.as_str())
        .collect();
    assert!(!reasons.contains(&"QuotaReached"), "{:#?}", plan.problems);
}

#[tokio::test(start_paused = true)]
async fn an_adoption_is_not_begun_where_the_account_has_no_room_for_its_web_acl() {
    let (mut cluster, theirs) = guide().await;
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    cluster.settle(NAME).await;
    let confirm = adopt(&theirs.id, &format!("confirm: '{}'", hash(&cluster)));
    cluster.quotas.web_acls = Some(1);
    cluster.apply(NAME, &confirm);
    cluster.stalled(NAME).await;
    assert_eq!(
        cluster.reason(NAME, "Accepted"),
        "QuotaReached",
        "{}",
        cluster.story(NAME)
    );
    let told = cluster.message(NAME, "Accepted");
    assert!(told.contains("1 of 1 web ACLs"), "{told}");
    assert_eq!(writes(&cluster), 0, "{}", history(&cluster));
    cluster.quotas.web_acls = Some(2);
    cluster.resync(NAME).await;
    cluster.ready(NAME).await;
    assert_eq!(adoption(&cluster).state, AdoptionState::Adopted);
    // What is begun is seen to, however full the account is.
    cluster.quotas.web_acls = Some(1);
    cluster.apply(NAME, &format!("{confirm}\ntags: {{team: pets}}"));
    cluster.ready(NAME).await;
}
