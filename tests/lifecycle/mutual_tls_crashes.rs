//! The process dies at any call of mutual TLS, or an answer is lost: what was begun is finished, and no viewer is refused meanwhile.

use super::crashes::crash;
use super::every_call::{Scene, before_moments};
use super::mutual_tls::{assert_locked, client_certificates, shown, trusted};
use super::mutual_tls_way_back::{assert_locked_otherwise, changes, leads_to};
use super::scenes::{HEADER, KEY, MUTUAL_TLS, NAME, ORIGIN, hours, quiet, ready_on, struck};
use super::support::cluster::{BACKOFF, Cluster};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::api::ROTATE;
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_creation_with_mutual_tls_finishes_it_later() {
    crash(None, Some(MUTUAL_TLS)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_deletion_with_mutual_tls_finishes_it_later() {
    crash(Some(MUTUAL_TLS), None).await;
}

#[tokio::test(start_paused = true)]
async fn lost_answers_make_neither_a_second_name_nor_a_second_certificate() {
    let scene = Scene {
        before: None,
        after: Some(MUTUAL_TLS),
    };
    scene.with_each(Scope::Writes, &[Fault::LostAnswer]).await;
}

/// Why a certificate is replaced.
#[derive(Debug, Clone, Copy)]
enum Why {
    Asked,
    Due,
}

impl Why {
    /// A locked API whose certificate is to be replaced by the next pass.
    async fn begin(self) -> Cluster {
        let soon = Settings {
            deployment_delay: Duration::from_secs(40),
            ..Settings::default()
        };
        let mut cluster = ready_on(soon, MUTUAL_TLS).await;
        match self {
            Self::Asked => cluster.annotate(NAME, ROTATE, "now"),
            Self::Due => hours(40 * 24 + 4).await,
        }
        cluster
    }
}

/// Waits for the end of a rotation of `before`: one certificate, and no viewer out meanwhile.
async fn finish(cluster: &mut Cluster, before: &str, case: &str) {
    cluster.settle_patiently(NAME).await;
    cluster.cloud.clear_faults();
    tokio::time::sleep(Duration::from_mins(10)).await;
    cluster.settle_patiently(NAME).await;
    quiet(cluster, NAME).await;
    assert_locked(cluster);
    assert_ne!(shown(cluster), before, "{case}");
    assert_eq!(
        client_certificates(cluster),
        BTreeSet::from([shown(cluster)]),
        "{case}"
    );
    assert!(trusted(cluster).len() <= 3, "{case}");
}

/// A process that dies before any call of a rotation, or after any write of it.
async fn die_in_rotation(why: Why) {
    let mut undisturbed = why.begin().await;
    let before = shown(&undisturbed);
    undisturbed.record();
    undisturbed.settle_patiently(NAME).await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    undisturbed.settle_patiently(NAME).await;
    let (calls, writes) = (before_moments(&undisturbed), undisturbed.deaths_after_writes());
    assert!(writes.len() > 3 && calls.len() > writes.len(), "{why:?}");
    let calls = calls.into_iter();
    let calls = calls.map(|(n, death)| (format!("{why:?}: before call {n}"), death));
    let writes = (1..).zip(writes);
    let writes = writes.map(|(n, death)| (format!("{why:?}: after write {n}"), death));
    for (case, death) in calls.chain(writes) {
        let mut cluster = death.cluster();
        tokio::time::sleep(BACKOFF).await;
        finish(&mut cluster, &before, &case).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_rotation_leaves_one_certificate_and_no_viewer_out() {
    Box::pin(die_in_rotation(Why::Asked)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_due_rotation_leaves_one_certificate_and_no_viewer_out() {
    Box::pin(die_in_rotation(Why::Due)).await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_in_a_rotation_leaves_one_certificate_and_no_viewer_out() {
    for why in [Why::Asked, Why::Due] {
        let mut cases = 0;
        for n in 1.. {
            let mut cluster = why.begin().await;
            let before = shown(&cluster);
            cluster.cloud.clear_journal();
            cluster
                .cloud
                .inject(Rule::nth(Scope::Writes, n, Fault::LostAnswer));
            cluster.settle_patiently(NAME).await;
            if !struck(&cluster, Fault::LostAnswer) {
                break;
            }
            finish(&mut cluster, &before, &format!("{why:?}: write {n}")).await;
            cases += 1;
        }
        assert!(cases > 3, "{why:?}: {cases}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_change_from_a_key_to_mutual_tls_finishes_it_later() {
    crash(Some(KEY), Some(MUTUAL_TLS)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_change_from_a_secret_header_to_mutual_tls_finishes_it_later() {
    crash(Some(HEADER), Some(MUTUAL_TLS)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_change_from_signatures_to_mutual_tls_finishes_it_later() {
    crash(Some(""), Some(MUTUAL_TLS)).await;
}

/// The process dies between the update of the distribution and the write of its status; the list shows it as status has it.
#[tokio::test(start_paused = true)]
async fn a_list_that_shows_the_distribution_as_it_was_releases_nothing_that_serves_viewers() {
    let settings = Settings {
        list_lag: Duration::from_secs(30),
        ..Settings::default()
    };
    let mut cluster = ready_on(settings, KEY).await;
    cluster.apply(NAME, MUTUAL_TLS);
    for _ in 0..300 {
        let before = cluster.objects[NAME].status.clone();
        let outcome = cluster.pass_surviving(NAME).await;
        if leads_to(&cluster) == ORIGIN {
            cluster.objects.get_mut(NAME).unwrap().status = before;
            break;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    assert_eq!(leads_to(&cluster), ORIGIN, "{}", cluster.story(NAME));
    cluster.restart();
    cluster.apply(NAME, KEY);
    cluster.pass_surviving(NAME).await;
    assert!(
        cluster.cloud.truststore_of(ORIGIN).is_some(),
        "{}",
        cluster.story(NAME)
    );
    changes(&mut cluster, "goes on").await;
    assert_locked_otherwise(&cluster, "goes on");
}
