//! Two clusters, each with an object for a stage of one API, locked by mutual TLS: they share the default endpoint, and see of each other
//! what AWS tells. Neither opens the other's stage.

use super::mutual_tls_stages::{by_certificate, origin_of};
use super::petstore::API;
use super::scenes::{KEY, cluster, fail};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::Fault;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use std::sync::Arc;
use std::time::Duration;

pub const ELSEWHERE: &str = "d2d2d2d2-0000-4000-8000-000000000000";
pub const PROD: &str = "prod";
pub const BETA: &str = "beta";

pub fn apply(cluster: &mut Cluster, stage: &str, access: &str) {
    // Without a path of its own the distribution of the other cluster would stand before the same.
    let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: {stage}, path: /{stage}}}");
    let spec = format!("{origin}\n{access}");
    cluster.apply_spec(stage, serde_yaml::from_str(&spec).unwrap());
}

/// Rounds over the objects of both clusters.
async fn rounds(clusters: &mut [(&mut Cluster, &str)], count: usize) {
    for _ in 0..count {
        for (cluster, stage) in clusters.iter_mut() {
            cluster.pass_surviving(stage).await;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
}

/// Stage prod is locked by an object of one cluster, stage beta by that of another.
pub async fn two() -> (Cluster, Cluster) {
    let mut ours = cluster(Settings::default());
    // What another cluster makes is none of what this one watches over.
    ours.invariants = None;
    ours.cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &[PROD, BETA]));
    let mut theirs = Cluster::over(Arc::clone(&ours.cloud));
    theirs.rename_cluster(ELSEWHERE, 7);
    apply(&mut ours, PROD, &by_certificate(PROD));
    ours.ready(PROD).await;
    apply(&mut theirs, BETA, &by_certificate(BETA));
    theirs.ready(BETA).await;
    assert_locked(&ours, PROD);
    assert_locked(&theirs, BETA);
    (ours, theirs)
}

#[track_caller]
pub fn assert_locked(cluster: &Cluster, stage: &str) {
    let story = cluster.story(stage);
    assert!(cluster.cloud.is_endpoint_off(API), "{story}");
    assert_eq!(cluster.condition(stage, "AccessRestricted"), "True", "{story}");
    assert_viewers_served(cluster, stage);
}

#[track_caller]
pub fn assert_viewers_served(cluster: &Cluster, stage: &str) {
    let mut all = cluster.cloud.resources_of(&cluster.uid(stage)).into_iter();
    let distribution = all.find(|found| found.kind == Kind::Distribution).unwrap();
    let served = cluster.cloud.viewer_is_served(&distribution.id);
    assert_eq!(served, Ok(()), "{}", cluster.story(stage));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_leaves_the_mode_does_not_open_the_stage_of_another_cluster() {
    let (mut ours, mut theirs) = two().await;
    apply(&mut ours, PROD, KEY);
    for _ in 0..60 {
        rounds(&mut [(&mut ours, PROD), (&mut theirs, BETA)], 1).await;
        assert_locked(&ours, PROD);
        assert_locked(&theirs, BETA);
    }
    let said = ours.message(PROD, "AccessRestricted");
    for words in [
        origin_of(BETA).as_str(),
        "stage beta",
        ELSEWHERE,
        "is switched on again once",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_ne!(ours.condition(PROD, "Ready"), "True");
    // Names of the whole Region are not read again with each pass meanwhile.
    let before = ours.cloud.journal().count("GetDomainNames");
    rounds(&mut [(&mut ours, PROD)], 90).await;
    let reads = ours.cloud.journal().count("GetDomainNames") - before;
    assert!((1..=5).contains(&reads), "{reads} in half an hour");

    // It goes on once the other one is gone, whose own deletion opens nothing either.
    theirs.delete(BETA).await;
    assert!(ours.cloud.is_endpoint_off(API));
    for _ in 0..200 {
        rounds(&mut [(&mut ours, PROD)], 1).await;
        assert_viewers_served(&ours, PROD);
        if ours.condition(PROD, "Ready") == "True" {
            break;
        }
    }
    let story = ours.story(PROD);
    assert_eq!(ours.condition(PROD, "Ready"), "True", "{story}");
    assert_eq!(ours.condition(PROD, "AccessRestricted"), "True", "{story}");
    assert!(!ours.cloud.is_endpoint_off(API), "{story}");
    assert!(ours.cloud.truststore_of(&origin_of(PROD)).is_none(), "{story}");
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_set_back_meanwhile_is_locked_by_its_certificate_as_before() {
    let (mut ours, mut theirs) = two().await;
    apply(&mut ours, PROD, KEY);
    rounds(&mut [(&mut ours, PROD), (&mut theirs, BETA)], 30).await;
    apply(&mut ours, PROD, &by_certificate(PROD));
    rounds(&mut [(&mut ours, PROD), (&mut theirs, BETA)], 60).await;
    for (cluster, stage) in [(&ours, PROD), (&theirs, BETA)] {
        assert_locked(cluster, stage);
        assert_eq!(
            cluster.condition(stage, "Ready"),
            "True",
            "{}",
            cluster.story(stage)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_deleted_leaves_the_stage_of_another_cluster_locked() {
    let (mut ours, mut theirs) = two().await;
    ours.delete(PROD).await;
    rounds(&mut [(&mut theirs, BETA)], 20).await;
    assert_locked(&theirs, BETA);
    assert_eq!(theirs.condition(BETA, "Ready"), "True", "{}", theirs.story(BETA));
}

/// What an object has left on purpose serves viewers, whom nobody looks after.
#[tokio::test(start_paused = true)]
async fn what_another_object_has_left_on_purpose_keeps_the_endpoint_off_as_well() {
    let (mut ours, mut theirs) = two().await;
    apply(
        &mut theirs,
        BETA,
        &format!("deletionPolicy: Retain\n{}", by_certificate(BETA)),
    );
    theirs.depart(BETA).await;
    apply(&mut ours, PROD, KEY);
    rounds(&mut [(&mut ours, PROD)], 60).await;
    assert_locked(&ours, PROD);
    assert!(ours.message(PROD, "AccessRestricted").contains(&origin_of(BETA)));
}

#[tokio::test(start_paused = true)]
async fn custom_domain_names_that_cannot_be_read_keep_the_endpoint_off() {
    let (mut ours, mut theirs) = two().await;
    apply(&mut ours, PROD, KEY);
    rounds(&mut [(&mut ours, PROD), (&mut theirs, BETA)], 60).await;
    // Nothing hangs on it any more, and nobody can tell.
    theirs.delete(BETA).await;
    fail(&ours, "apigatewayv2:GetDomainNames", Fault::ServerError);
    // What was found before is believed for a while.
    tokio::time::sleep(Duration::from_mins(11)).await;
    rounds(&mut [(&mut ours, PROD)], 20).await;
    let story = ours.story(PROD);
    assert!(ours.cloud.is_endpoint_off(API), "{story}");
    let said = ours.message(PROD, "AccessRestricted");
    assert!(said.contains("lead to other stages cannot be read"), "{story}");
    ours.cloud.clear_faults();
    rounds(&mut [(&mut ours, PROD)], 120).await;
    assert!(!ours.cloud.is_endpoint_off(API), "{}", ours.story(PROD));
}
