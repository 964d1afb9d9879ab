//! An adoption that is given up, one for which the account has no room, and what is left of one that was given back.

use super::adoption_scenes::{Theirs, adopt, adopted_with, adoption, assert_served, confirmed, guide, hash};
use super::plans::{made, planned_within};
use super::scenes::{NAME, deny, history};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::api::{AccountQuotas, AdoptionState};
use std::time::Duration;

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

/// An adoption that comes to this call and no further; besides, all that there was before it.
async fn given_up_at(call: &str) -> (Cluster, Theirs, Vec<(String, Option<u64>)>) {
    let (mut cluster, theirs) = guide().await;
    let before = Theirs::everything(&cluster);
    confirmed(&mut cluster, &theirs).await;
    deny(&cluster, call);
    for _ in 0..20 {
        let outcome = cluster.pass_surviving(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
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
    let (mut cluster, theirs, before) = given_up_at("cloudfront:UpdateDistribution").await;
    assert!(
        ours(&cluster).contains(&Kind::Distribution),
        "{}",
        cluster.story(NAME)
    );
    cluster.delete(NAME).await;
    assert_eq!(Theirs::everything(&cluster), before, "{}", history(&cluster));
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
