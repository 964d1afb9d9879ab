//! What cannot be looked at, is not looked at any more, or that nothing may be done for, is said to be so.

use super::petstore::ask;
use super::scenes::{NAME, UNREADABLE, fail, found, pair, ready, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::faults::Fault;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_locked_stage_that_cannot_be_read_any_more_is_not_called_open() {
    let mut cluster = ready("").await;
    fail(&cluster, "apigateway:GetResources", UNREADABLE);
    tokio::time::sleep(Duration::from_hours(1)).await;
    for _ in 0..4 {
        cluster.resync(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("Unknown", "AccessDenied"),
            "{story}"
        );
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(
            said.contains("was Locked when it was last read at 2026-"),
            "{said}"
        );
        assert_eq!(
            found(&cluster, "DirectAccessBlocked"),
            pair("True", "DirectRefused"),
            "{story}"
        );
        assert_eq!(cluster.reason(NAME, "Stalled"), "AccessDenied", "{story}");
    }
}

const EXPIRED: Fault = Fault::Refusal("ExpiredToken", "the security token is expired");

/// Another process, which has read nothing yet, finds its credentials expired: no pass comes to look at anything.
async fn with_expired_credentials(cluster: &mut Cluster) {
    cluster.restart();
    fail(cluster, "ListDistributions", EXPIRED);
    tokio::time::sleep(Duration::from_hours(2)).await;
}

#[tokio::test(start_paused = true)]
async fn as_long_as_nothing_can_be_read_it_is_told_when_the_api_was_read_last_and_that_it_was_locked_then() {
    let mut cluster = ready("").await;
    let status = cluster.objects[NAME].status.as_ref();
    let access = status.and_then(|status| status.access.as_ref());
    let read_at = access.expect("it was read").verified_at.clone();
    with_expired_credentials(&mut cluster).await;
    for pass in 0..4 {
        cluster.resync(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("Unknown", "CredentialsInvalid"),
            "{pass}: {story}"
        );
        let said = cluster.message(NAME, "AccessRestricted");
        let expected = format!("the API was locked when it was last read at {read_at}");
        assert!(
            said.starts_with(&expected) && said.contains("ExpiredToken"),
            "{pass}: {said}"
        );
    }
    cluster.cloud.clear_faults();
    cluster.settle_patiently(NAME).await;
    assert_eq!(found(&cluster, "AccessRestricted"), pair("True", "Locked"));
}

#[tokio::test(start_paused = true)]
async fn of_an_api_that_was_read_to_be_open_nobody_says_that_it_was_locked_when_it_was_read_last() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, "access: {enforcement: Observe}");
    cluster.ready(NAME).await;
    ask(&cluster, &["GET /pets"], "NONE");
    resyncs(&mut cluster, 8).await;
    assert_eq!(found(&cluster, "AccessRestricted"), pair("False", "Open"));
    with_expired_credentials(&mut cluster).await;
    for pass in 0..3 {
        cluster.resync(NAME).await;
        let said = cluster.message(NAME, "AccessRestricted");
        assert_eq!(
            cluster.condition(NAME, "AccessRestricted"),
            "Unknown",
            "{pass}: {said}"
        );
        assert!(
            said.starts_with("the API was last read at 2026-"),
            "{pass}: {said}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_is_opened_while_its_object_is_suspended_is_said_to_stay_open() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, "suspend: true");
    cluster.ready(NAME).await;
    ask(&cluster, &["GET /pets", "POST /pets"], "NONE");
    for pass in 0..3 {
        cluster.resync(NAME).await;
        let story = cluster.story(NAME);
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("False", "Suspended"),
            "{pass}: {story}"
        );
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(
            said.starts_with(
                "GET /pets, POST /pets of stage prod stand open; nothing is locked while spec.suspend is true"
            ),
            "{said}"
        );
        assert_eq!(
            found(&cluster, "DirectAccessBlocked"),
            pair("False", "DirectAccessOpen"),
            "{pass}: {story}"
        );
        assert_eq!(cluster.condition(NAME, "Reconciling"), "", "{pass}: {story}");
        assert_eq!(cluster.reason(NAME, "Ready"), "Suspended", "{pass}: {story}");
    }
    cluster.apply(NAME, "suspend: false");
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn while_an_object_goes_what_was_proven_of_it_is_told_and_not_said_to_be_so() {
    let mut cluster = ready("").await;
    cluster.begin_deletion(NAME);
    let mut told = String::new();
    for _ in 0..2 {
        cluster.pass(NAME).await;
        for (condition, before) in [
            ("ViewerAccessVerified", "True (ViewerReached)"),
            ("DirectAccessBlocked", "True (DirectRefused)"),
        ] {
            assert_eq!(found(&cluster, condition), pair("Unknown", "Deleting"));
            let said = cluster.message(NAME, condition);
            assert!(said.contains("until 2026-") && said.contains(before), "{said}");
        }
        let said = cluster.message(NAME, "ViewerAccessVerified");
        assert!(told.is_empty() || told == said, "{told} and then {said}");
        told = said;
    }
}
