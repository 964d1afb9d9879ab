//! An adopted distribution is given back: it is as it was found, to the byte, and viewers are let in all the while.

use super::adoption_scenes::{
    Theirs, adopt, adopted, adopted_with, adoption, assert_served, hash, passes_with_viewers, refused,
};
use super::scenes::{NAME, history};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use palisade::api::AdoptionState;

/// The spec with which the distribution is given back, with `more` lines.
fn releasing(theirs: &Theirs, hash: &str, more: &str) -> String {
    let release = format!("confirm: '{hash}', release: true");
    format!("{}\n{more}", adopt(&theirs.id, &release))
}

fn assert_as_found(cluster: &Cluster, theirs: &Theirs, case: &str) {
    assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config, "{case}");
    assert_eq!(theirs.tags(cluster), theirs.tags, "{case}");
    assert_served(cluster, theirs);
}

#[tokio::test(start_paused = true)]
async fn adoption_then_release_leaves_the_distribution_to_the_byte_as_found() {
    for more in ["", "tags: {team: pets, stage: prod}"] {
        let (mut cluster, theirs) = adopted_with(more).await;
        let hash = hash(&cluster);
        cluster.apply(NAME, &releasing(&theirs, &hash, more));
        passes_with_viewers(&mut cluster, &theirs).await;
        assert_eq!(cluster.stalled(NAME).await, "Released", "{}", cluster.story(NAME));
        assert_eq!(adoption(&cluster).state, AdoptionState::Released);
        assert_as_found(&cluster, &theirs, more);
        let status = cluster.objects[NAME].status.clone().unwrap();
        assert_eq!(status.distribution, None);
        let access = cluster.condition(NAME, "AccessRestricted");
        assert_eq!(access, "Unknown", "the lock that stands is looked at no more");
    }
}

#[tokio::test(start_paused = true)]
async fn once_it_is_given_back_a_deletion_takes_what_palisade_made_and_nothing_else() {
    let (mut cluster, theirs) = adopted().await;
    let hash = hash(&cluster);
    cluster.apply(NAME, &releasing(&theirs, &hash, ""));
    cluster.settle(NAME).await;
    cluster.cloud.clear_journal();
    cluster.delete(NAME).await;
    assert_as_found(&cluster, &theirs, "after the deletion");
    let left = cluster.cloud.resources();
    let ours = left.iter().filter(|found| found.uid().is_some());
    assert_eq!(ours.count(), 0, "{left:#?}");
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_the_spec_after_the_adoption_is_taken_back_too() {
    let (mut cluster, theirs) = adopted().await;
    let hash = hash(&cluster);
    let edited = |more: &str| {
        format!(
            "distribution: {{adopt: {{id: {}, confirm: '{hash}'{more}}}, priceClass: PriceClass_100, originReadTimeout: 45s}}",
            theirs.id
        )
    };
    cluster.apply(NAME, &edited(""));
    cluster.ready(NAME).await;
    cluster.apply(NAME, &edited(", release: true"));
    assert_eq!(cluster.stalled(NAME).await, "Released", "{}", cluster.story(NAME));
    assert_as_found(&cluster, &theirs, "edited");
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_each_write_of_a_release_leaves_nothing_undone() {
    for n in 1.. {
        let (mut cluster, theirs) = adopted().await;
        let hash = hash(&cluster);
        cluster.cloud.clear_journal();
        cluster
            .cloud
            .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
        cluster.apply(NAME, &releasing(&theirs, &hash, ""));
        passes_with_viewers(&mut cluster, &theirs).await;
        cluster.settle(NAME).await;
        assert_eq!(
            cluster.reason(NAME, "Stalled"),
            "Released",
            "after write {n}: {}",
            cluster.story(NAME)
        );
        assert_as_found(&cluster, &theirs, &format!("after write {n}"));
        if cluster.cloud.journal().writes().len() < n {
            assert!(n > 2, "{}", history(&cluster));
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_needed_and_gone_keeps_a_distribution_from_being_given_back() {
    let (mut cluster, theirs) = adopted().await;
    let hash = hash(&cluster);
    let config = cluster.cloud.config_of(&theirs.id);
    cluster.cloud.remove_web_acl(&theirs.web_acl_id);
    cluster.apply(NAME, &releasing(&theirs, &hash, ""));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionRefused");
    let told = adoption(&cluster);
    assert_eq!(told.refusals[0].reason, "FormerResourceGone");
    assert!(told.refusals[0].message.contains(&theirs.web_acl), "{told:?}");
    assert_eq!(cluster.cloud.config_of(&theirs.id), config, "it stays as it is");
    assert_served(&cluster, &theirs);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_viewers_would_not_pass_keeps_a_distribution_from_being_given_back() {
    let more = "access: {sigV4: {exclusive: true}}";
    let (mut cluster, theirs) = adopted_with(more).await;
    let hash = hash(&cluster);
    cluster.apply(NAME, &releasing(&theirs, &hash, more));
    assert_eq!(
        cluster.stalled(NAME).await,
        "AdoptionRefused",
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(adoption(&cluster).refusals[0].reason, "LockInTheWay");
    assert_served(&cluster, &theirs);
}

/// Somebody took the tags away: what Palisade made serves viewers all the same, and what stood before is not known any more.
#[tokio::test(start_paused = true)]
async fn a_distribution_whose_tags_were_taken_away_is_not_said_to_be_given_back() {
    let (mut cluster, theirs) = adopted().await;
    let hash = hash(&cluster);
    let config = cluster.cloud.config_of(&theirs.id);
    cluster.cloud.set_tags(&theirs.arn, &theirs.tags);
    cluster.apply(NAME, &releasing(&theirs, &hash, ""));
    let told = refused(&mut cluster).await;
    assert_eq!(told.state, AdoptionState::Refused);
    assert_eq!(told.refusals[0].reason, "NothingRemembered");
    assert_eq!(cluster.cloud.config_of(&theirs.id), config, "it stays as it is");
    assert_served(&cluster, &theirs);
}

#[tokio::test(start_paused = true)]
async fn where_the_tags_that_remember_what_stood_before_are_gone_that_is_said() {
    let (mut cluster, theirs) = adopted().await;
    let told = |cluster: &Cluster| adoption(cluster).worth_knowing.join(" ");
    assert!(!told(&cluster).contains("way back"), "{}", told(&cluster));
    let mut tags = theirs.tags(&cluster);
    tags.retain(|key, _| !key.starts_with("palisade.dev/before-"));
    cluster.cloud.set_tags(&theirs.arn, &tags);
    cluster.resync(NAME).await;
    cluster.settle_patiently(NAME).await;
    assert!(
        told(&cluster).contains("The way back is lost"),
        "{}",
        told(&cluster)
    );
}
