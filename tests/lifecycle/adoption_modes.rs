//! Signatures where a distribution has behaviours of others that lead to the API.

use super::adoption_scenes::{Theirs, adopt, confirmed_with, guide};
use super::petstore::{API, METHODS, ask};
use super::scenes::{NAME, ready, the};
use super::support::cluster::Cluster;
use super::support::simulation::resources::Kind;
use palisade::domain::access::proof::Proof;
use palisade::domain::edge::config::sent_of;
use palisade::domain::edge::xml::{self, Element};
use std::collections::BTreeSet;
use std::time::Duration;

/// Has the distribution lead `/v2/*` to the API as the default behaviour does, without a function.
fn lead_beside(config: &mut Element) {
    let mut behaviour = config.get_child("DefaultCacheBehavior").unwrap().clone();
    behaviour.name = "CacheBehavior".into();
    xml::put(
        &mut behaviour,
        xml::list("LambdaFunctionAssociations", vec![]),
        &[],
    );
    let pattern = xml::text("PathPattern", "/v2/*");
    behaviour.children.insert(0, xmltree::XMLNode::Element(pattern));
    xml::put(config, xml::list("CacheBehaviors", vec![behaviour]), &[]);
}

fn sent(cluster: &Cluster, theirs: &Theirs) -> BTreeSet<Proof> {
    sent_by(cluster, &theirs.id)
}

fn sent_by(cluster: &Cluster, id: &str) -> BTreeSet<Proof> {
    sent_of(&cluster.cloud.config_of(id)).proofs()
}

/// Has the default behaviour alone lead anywhere.
fn lead_by_default(config: &mut Element) {
    xml::put(config, xml::list("CacheBehaviors", vec![]), &[]);
}

/// What each method asks for, as deployed.
fn asked(cluster: &Cluster) -> Vec<String> {
    let served = METHODS
        .iter()
        .map(|method| cluster.cloud.served(API, "prod", method));
    served
        .map(|asked| asked.map(|asked| asked.kind).unwrap_or_default())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_change_to_signatures_waits_while_a_behaviour_leads_to_the_api_without_the_signer() {
    let (mut cluster, theirs) = guide().await;
    ask(&cluster, &METHODS, "NONE");
    cluster.cloud.edit_distribution(&theirs.id, lead_beside);
    tokio::time::sleep(Duration::from_mins(10)).await;
    confirmed_with(&mut cluster, &theirs, "access: {mode: SecretHeader}").await;
    cluster.ready(NAME).await;
    let (before, header) = (asked(&cluster), sent(&cluster, &theirs));
    assert!(!header.contains(&Proof::Signature), "{header:?}");

    cluster.apply(
        NAME,
        &format!("{}\naccess: {{mode: SigV4}}", adopt(&theirs.id, "")),
    );
    assert_eq!(cluster.stalled(NAME).await, "BehaviorInTheWay");
    // Also where only the row in the list is looked at.
    cluster.resync(NAME).await;
    cluster.resync(NAME).await;
    let story = cluster.story(NAME);
    assert_eq!(cluster.reason(NAME, "Stalled"), "BehaviorInTheWay", "{story}");
    assert_eq!(asked(&cluster), before, "{story}");
    assert_eq!(sent(&cluster, &theirs), header, "{story}");
    let told = cluster.message(NAME, "AccessRestricted");
    assert!(told.contains("/v2/*"), "{told}");
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{story}");

    // The default behaviour serves those paths by now.
    cluster.cloud.edit_distribution(&theirs.id, lead_by_default);
    cluster.resync(NAME).await;
    cluster.settle_patiently(NAME).await;
    let story = cluster.story(NAME);
    assert_eq!(
        sent(&cluster, &theirs),
        BTreeSet::from([Proof::Signature]),
        "{story}"
    );
    assert_eq!(asked(&cluster), ["AWS_IAM"; 3], "{story}");
}

#[tokio::test(start_paused = true)]
async fn a_first_lock_waits_for_behaviours_that_came_while_cloudfront_signed_already() {
    let (mut cluster, theirs) = guide().await;
    ask(&cluster, &METHODS, "NONE");
    tokio::time::sleep(Duration::from_mins(10)).await;
    confirmed_with(&mut cluster, &theirs, "access: {enforcement: Observe}").await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(
        sent(&cluster, &theirs),
        BTreeSet::from([Proof::Signature]),
        "{}",
        cluster.story(NAME)
    );
    cluster.cloud.edit_distribution(&theirs.id, lead_beside);
    tokio::time::sleep(Duration::from_mins(10)).await;

    cluster.apply(NAME, &adopt(&theirs.id, ""));
    assert_eq!(cluster.stalled(NAME).await, "BehaviorInTheWay");
    assert_eq!(asked(&cluster), ["NONE"; 3], "{}", cluster.story(NAME));
    let told = cluster.message(NAME, "AccessRestricted");
    assert!(told.contains("/v2/*"), "{told}");

    cluster.cloud.edit_distribution(&theirs.id, lead_by_default);
    cluster.resync(NAME).await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(asked(&cluster), ["AWS_IAM"; 3], "{}", cluster.story(NAME));

    // What is locked stays so.
    cluster.cloud.edit_distribution(&theirs.id, lead_beside);
    cluster.resync(NAME).await;
    cluster.settle_patiently(NAME).await;
    assert_eq!(asked(&cluster), ["AWS_IAM"; 3], "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_change_to_signatures_waits_for_behaviours_on_a_distribution_that_palisade_made() {
    let mut cluster = ready("access: {mode: SecretHeader}").await;
    let id = the(&cluster, Kind::Distribution).id;
    cluster.cloud.edit_distribution(&id, lead_beside);
    cluster.resync(NAME).await;
    cluster.settle_patiently(NAME).await;
    let (before, header) = (asked(&cluster), sent_by(&cluster, &id));

    cluster.apply(NAME, "access: {mode: SigV4}");
    assert_eq!(cluster.stalled(NAME).await, "BehaviorInTheWay");
    assert_eq!(asked(&cluster), before, "{}", cluster.story(NAME));
    assert_eq!(sent_by(&cluster, &id), header, "{}", cluster.story(NAME));
}
