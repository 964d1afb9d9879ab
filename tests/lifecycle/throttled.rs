//! What a lock waits for while AWS throttles or fails the call that tells of a team's edits.

use super::scenes::{NAME, cluster, fail};
use super::support::cluster::Cluster;
use super::support::simulation::faults::Fault;
use super::support::simulation::settings::Settings;
use std::time::Duration;
use tokio::time::Instant;

/// An object whose perimeter is there, and whose lock comes next; each `GetExport` fails from the start.
async fn before_its_lock(fault: Fault) -> Cluster {
    let mut cluster = cluster(Settings::default());
    fail(&cluster, "GetExport", fault);
    cluster.apply(NAME, "");
    for _ in 0..200 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.journal().count("GetExport") > 0 {
            return cluster;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(15))).await;
    }
    panic!("never: the lock\n{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn while_aws_throttles_the_export_nothing_is_stalled_and_the_lock_goes_on_by_itself() {
    let mut cluster = before_its_lock(Fault::Throttle).await;
    let end = Instant::now() + Duration::from_mins(10);
    while Instant::now() < end {
        let outcome = cluster.pass(NAME).await;
        let said = cluster.message(NAME, "AccessRestricted");
        assert_eq!(cluster.condition(NAME, "Stalled"), "", "{}", cluster.story(NAME));
        assert_eq!(cluster.reason(NAME, "AccessRestricted"), "Throttled", "{said}");
        assert_eq!(cluster.condition(NAME, "Reconciling"), "True");
        assert!(
            said.contains("AWS throttles") && said.contains("by itself"),
            "{said}"
        );
        assert!(
            outcome.requeue <= Duration::from_secs(10),
            "{:?}",
            outcome.requeue
        );
        tokio::time::sleep(outcome.requeue).await;
    }
    cluster.cloud.clear_faults();
    let began = Instant::now();
    cluster.ready(NAME).await;
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_export_that_fails_for_minutes_asks_for_a_person_and_one_that_fails_for_a_moment_does_not() {
    let mut cluster = before_its_lock(Fault::ServerError).await;
    let began = Instant::now();
    let mut stalled_after = None;
    while stalled_after.is_none() && began.elapsed() < Duration::from_mins(10) {
        let outcome = cluster.pass(NAME).await;
        if cluster.condition(NAME, "Stalled") == "True" {
            stalled_after = Some(began.elapsed());
        } else {
            assert_eq!(cluster.reason(NAME, "AccessRestricted"), "AwsUnavailable");
            tokio::time::sleep(outcome.requeue).await;
        }
    }
    let stalled_after = stalled_after.expect("stalled");
    assert!(stalled_after >= Duration::from_mins(3), "{stalled_after:?}");
    assert_eq!(cluster.reason(NAME, "Stalled"), "UndeployedChanges");
    let said = cluster.message(NAME, "Stalled");
    assert!(said.contains("spec.access.deployPendingChanges"), "{said}");
    // It stays so, and is not said and unsaid by turns.
    cluster.pass(NAME).await;
    assert_eq!(cluster.condition(NAME, "Stalled"), "True");
    cluster.cloud.clear_faults();
    cluster.ready(NAME).await;
}
