//! What was given back, or is about to be, takes its place again: where viewers are refused by what stood before, and where the release is
//! taken back.

use super::adoption_scenes::{Theirs, adopt, adopted, adoption, assert_served, hash};
use super::scenes::NAME;
use super::support::cluster::Cluster;
use palisade::api::AdoptionState;
use palisade::domain::edge::config::settings_of;
use palisade::domain::kernel::identity::TAG_ADOPTED;
use std::time::Duration;

fn releasing(theirs: &Theirs, hash: &str) -> String {
    adopt(&theirs.id, &format!("confirm: '{hash}', release: true"))
}

fn kept(theirs: &Theirs, hash: &str) -> String {
    adopt(&theirs.id, &format!("confirm: '{hash}'"))
}

async fn passes(cluster: &mut Cluster) {
    for _ in 0..80 {
        let outcome = cluster.pass_surviving(NAME).await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_by_which_viewers_are_refused_is_taken_back_once_and_tried_again_when_asked() {
    let (mut cluster, theirs) = adopted().await;
    let hash = hash(&cluster);
    let ours = settings_of(&cluster.cloud.config_of(&theirs.id));
    let role = theirs.role(&cluster);
    let policies = cluster.cloud.role_of(&role).policies;
    cluster.cloud.edit_role(&role, |role| role.policies.clear());
    cluster.cloud.clear_journal();
    cluster.apply(NAME, &releasing(&theirs, &hash));
    passes(&mut cluster).await;
    let story = cluster.story(NAME);
    let found = settings_of(&cluster.cloud.config_of(&theirs.id));
    assert_eq!(found, ours, "{story}");
    assert_served(&cluster, &theirs);
    let told = adoption(&cluster);
    assert_eq!(told.state, AdoptionState::Refused, "{story}");
    assert_eq!(told.refusals[0].reason, "ViewersRefused", "{told:?}");
    cluster.restart();
    passes(&mut cluster).await;
    let updates = cluster.cloud.journal().count("UpdateDistribution");
    assert_eq!(updates, 2, "there and back: {}", cluster.story(NAME));

    cluster.cloud.edit_role(&role, |role| role.policies = policies);
    cluster.apply(NAME, &kept(&theirs, &hash));
    cluster.settle_patiently(NAME).await;
    assert_eq!(adoption(&cluster).state, AdoptionState::Adopted);
    cluster.apply(NAME, &releasing(&theirs, &hash));
    passes(&mut cluster).await;
    assert_eq!(
        adoption(&cluster).state,
        AdoptionState::Released,
        "{}",
        cluster.story(NAME)
    );
    assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config);
}

#[tokio::test(start_paused = true)]
async fn without_the_role_that_the_former_function_signs_with_nothing_is_given_back() {
    let (mut cluster, theirs) = adopted().await;
    let hash = hash(&cluster);
    let config = cluster.cloud.config_of(&theirs.id);
    let role = theirs.role(&cluster);
    cluster.cloud.remove_role(&role);
    cluster.apply(NAME, &releasing(&theirs, &hash));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionRefused");
    let told = adoption(&cluster);
    assert_eq!(told.refusals[0].reason, "FormerResourceGone", "{told:?}");
    assert!(told.refusals[0].message.contains(&role), "{told:?}");
    assert_eq!(cluster.cloud.config_of(&theirs.id), config, "it stays as it is");
    assert_served(&cluster, &theirs);
}

/// A refused release asks for no second confirmation, and loses no proof: whoever takes the tags away meanwhile takes nothing.
#[tokio::test(start_paused = true)]
async fn what_was_adopted_stays_known_while_a_release_is_refused() {
    let (mut cluster, theirs) = adopted().await;
    let hash = hash(&cluster);
    cluster.cloud.remove_web_acl(&theirs.web_acl_id);
    cluster.apply(NAME, &releasing(&theirs, &hash));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionRefused");
    cluster.resync(NAME).await;
    cluster.cloud.set_tags(&theirs.arn, &theirs.tags);
    cluster.apply(NAME, &kept(&theirs, &hash));
    cluster.settle_patiently(NAME).await;
    let told = adoption(&cluster);
    assert_eq!(told.state, AdoptionState::Adopted, "{told:?}");
    // Tags are read anew with the next look at everything.
    tokio::time::sleep(Duration::from_hours(2)).await;
    cluster.settle_patiently(NAME).await;
    let tags = theirs.tags(&cluster);
    assert!(tags.contains_key(TAG_ADOPTED), "{tags:?}");
    assert_served(&cluster, &theirs);
}

/// The spec was edited since it was confirmed, so that the hash is another one: viewers would wait for a person.
#[tokio::test(start_paused = true)]
async fn a_release_that_is_taken_back_half_way_is_undone_without_a_new_confirmation() {
    let (mut cluster, theirs) = adopted().await;
    let hash = hash(&cluster);
    let edited = |more: &str| {
        format!(
            "distribution: {{adopt: {{id: {}, confirm: '{hash}'{more}}}, priceClass: PriceClass_100}}",
            theirs.id
        )
    };
    cluster.apply(NAME, &edited(""));
    cluster.ready(NAME).await;
    let ours = settings_of(&cluster.cloud.config_of(&theirs.id));
    cluster.apply(NAME, &edited(", release: true"));
    for _ in 0..20 {
        cluster.pass_surviving(NAME).await;
        if cluster.cloud.config_of(&theirs.id) == theirs.config {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(cluster.cloud.config_of(&theirs.id), theirs.config);
    cluster.pass_surviving(NAME).await;
    cluster.apply(NAME, &edited(""));
    cluster.settle_patiently(NAME).await;
    assert_eq!(settings_of(&cluster.cloud.config_of(&theirs.id)), ours);
    assert_served(&cluster, &theirs);
}
