//! What objects shared is not forgotten: by a new leader, by the cluster that takes over from a lost one, nor where status is lost.

use super::mutual_tls_shared::{SHARING, apply, certificates, cluster_of, the_shared_one, two_apis};
use super::mutual_tls_way_back::{assert_locked_otherwise, changes};
use super::scenes::{KEY, NAME, nothing_left, quiet, the};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use super::takeover_by_consent::{NEW, consenting, two_clusters};
use palisade::domain::kernel::planning;
use std::time::Duration;

const ELSEWHERE: &str = "d2d2d2d2-0000-4000-8000-000000000000";

/// A cluster whose only object is gone, and whose certificate ACM sees in use so many times.
async fn left_in_use(times: usize) -> Cluster {
    let mut cluster = two_apis(Settings::default());
    apply(&mut cluster, NAME, true, "");
    cluster.ready(NAME).await;
    cluster.delete(NAME).await;
    let in_use = Fault::Refusal("ResourceInUseException", "Certificate is in use.");
    let deletion = Scope::Operation("DeleteCertificate");
    cluster.cloud.inject(Rule::next(deletion, times, in_use));
    assert_eq!(cluster.sweep_shared().await, 0);
    cluster
}

#[tokio::test(start_paused = true)]
async fn a_new_leader_counts_and_deletes_what_the_last_object_of_a_region_left() {
    let mut cluster = left_in_use(2).await;
    let shared = the_shared_one(&cluster);
    cluster.restart();
    let unowned = cluster.unowned().await;
    let told = unowned.iter().find(|found| found.arn == shared);
    let told = told.expect("it is counted");
    assert_eq!(
        (told.kind, told.may_serve),
        (planning::Kind::OriginCertificate, false)
    );
    assert_eq!(cluster.shared_awaited().await, 1, "it keeps the AwsAccount");
    assert_eq!(cluster.sweep_shared().await, 0);
    cluster.restart();
    assert_eq!(cluster.sweep_shared().await, 1);
    assert_eq!(cluster.shared_awaited().await, 0);
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_region_in_which_nothing_is_left_is_asked_no_more_once_lists_have_caught_up() {
    let mut cluster = left_in_use(1).await;
    cluster.restart();
    assert_eq!(cluster.sweep_shared().await, 1);
    cluster.restart();
    cluster.unowned().await;
    assert!(cluster.engine.known_regions().is_some(), "lists may lag behind");
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.unowned().await;
    assert_eq!(cluster.engine.known_regions(), None);
}

#[tokio::test(start_paused = true)]
async fn what_objects_declare_or_a_retained_name_uses_keeps_no_account() {
    let mut cluster = two_apis(Settings::default());
    apply(&mut cluster, NAME, true, "deletionPolicy: Retain");
    cluster.ready(NAME).await;
    assert_eq!(cluster.shared_awaited().await, 0, "an object declares it");
    cluster.depart(NAME).await;
    cluster.restart();
    assert_eq!(
        cluster.shared_awaited().await,
        0,
        "it stays, and is told as an orphan"
    );
    the_shared_one(&cluster);
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_cluster_shared_serves_on_under_the_tags_of_the_one_that_took_over_and_goes_with_its_object()
 {
    let (theirs, mut ours) = two_clusters(SHARING).await;
    let (uid, distribution) = (theirs.uid(NAME), the(&theirs, Kind::Distribution).id);
    let shared = the_shared_one(&theirs);
    assert_ne!(cluster_of(&theirs, &shared).as_deref(), Some(ELSEWHERE));
    ours.apply(NEW, &consenting(SHARING, &uid));
    let mut requests = 0;
    for _ in 0..200 {
        ours.cloud.clear_journal();
        let outcome = ours.pass_surviving(NEW).await;
        requests += ours.cloud.journal().count("RequestCertificate");
        ours.cloud.viewer_is_served(&distribution).unwrap();
        if ours.condition(NEW, "Ready") == "True" && outcome.plan.is_empty() {
            break;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(30))).await;
    }
    quiet(&mut ours, NEW).await;
    let story = ours.story(NEW);
    assert_eq!(the_shared_one(&ours), shared, "{story}");
    assert_eq!(cluster_of(&ours, &shared).as_deref(), Some(ELSEWHERE), "{story}");
    assert_eq!(requests, 0, "{story}");
    assert_eq!(ours.sweep_shared().await, 0);
    ours.delete(NEW).await;
    ours.restart();
    for _ in 0..10 {
        ours.sweep_shared().await;
        tokio::time::sleep(Duration::from_mins(10)).await;
    }
    nothing_left(&ours);
}

#[tokio::test(start_paused = true)]
async fn an_object_without_status_that_leaves_the_mode_asks_for_no_certificate_of_its_own() {
    for lost_after in 0..6 {
        let mut cluster = two_apis(Settings::default());
        cluster.apply(NAME, SHARING);
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        let shared = the_shared_one(&cluster);
        cluster.apply(NAME, KEY);
        for _ in 0..lost_after {
            let outcome = cluster.pass_surviving(NAME).await;
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(30))).await;
        }
        cluster.objects.get_mut(NAME).unwrap().status = None;
        cluster.restart();
        let told = format!("after {lost_after} passes");
        for _ in 0..4 {
            cluster.cloud.clear_journal();
            let outcome = cluster.pass_surviving(NAME).await;
            let requests = cluster.cloud.journal().count("RequestCertificate");
            assert_eq!(requests, 0, "{told}: {}", cluster.story(NAME));
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
        }
        changes(&mut cluster, &told).await;
        quiet(&mut cluster, NAME).await;
        assert_locked_otherwise(&cluster, &told);
        let story = cluster.story(NAME);
        for _ in 0..10 {
            cluster.sweep_shared().await;
            tokio::time::sleep(Duration::from_mins(10)).await;
        }
        assert!(
            certificates(&cluster).is_empty(),
            "{told}: {shared} is left: {story}"
        );
    }
}
