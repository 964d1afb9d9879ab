//! Where no lock is begun, or a refused one was put back: nobody is asked for it, and the API stays as it is.

use super::scenes::{NAME, cluster, found, pair, quiet, resyncs};
use super::support::simulation::settings::Settings;
use super::unproven::quick;
use palisade::aws::operations::Service;

#[tokio::test(start_paused = true)]
async fn suspension_waits_for_no_list_and_asks_nothing_where_nothing_was_begun() {
    // Made by this very process.
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    cluster.cloud.clear_journal();
    cluster.apply(NAME, "suspend: true");
    cluster.pass(NAME).await;
    assert_eq!(cluster.cloud.journal().count("ListTagsForResource"), 0);
    // After a start, its tags are asked for once.
    cluster.restart();
    cluster.pass(NAME).await;
    cluster.resync(NAME).await;
    assert_eq!(cluster.cloud.journal().count("ListTagsForResource"), 1);
}

#[tokio::test(start_paused = true)]
async fn after_a_start_nobody_is_asked_for_locks_of_objects_that_only_observe_and_are_in_order() {
    let mut cluster = cluster(quick());
    cluster.apply(NAME, "access: {enforcement: Observe}");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    cluster.restart();
    cluster.cloud.clear_journal();
    cluster.pass(NAME).await;
    let journal = cluster.cloud.journal();
    let one_by_one = journal.entries.iter().filter(|entry| {
        entry.operation.service == Service::CloudFront && entry.operation.name == "ListTagsForResource"
    });
    assert_eq!(one_by_one.count(), 0, "{}", journal.summary());
}

#[tokio::test(start_paused = true)]
async fn an_object_that_only_observes_after_a_refusal_leaves_the_api_as_it_was_put_back() {
    let mut cluster = cluster(broken());
    cluster.invariants = None;
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    cluster.cloud.clear_journal();
    cluster.apply(NAME, "access: {enforcement: Observe}");
    cluster.ready(NAME).await;
    resyncs(&mut cluster, 8).await;
    assert_eq!(found(&cluster, "AccessRestricted"), pair("False", "Open"));
    assert_eq!(
        found(&cluster, "DirectAccessBlocked"),
        pair("False", "DirectAccessOpen")
    );
    assert_eq!(
        found(&cluster, "ViewerAccessVerified"),
        pair("True", "ViewerReached")
    );
    let journal = cluster.cloud.journal();
    let locks = ["UpdateMethod", "CreateDeployment", "UpdateStage"];
    let locked: usize = locks.iter().map(|call| journal.count(call)).sum();
    assert_eq!(locked, 0, "{}", cluster.story(NAME));
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = false);
    cluster.apply(NAME, "");
    cluster.settle_patiently(NAME).await;
    assert_eq!(
        found(&cluster, "DirectAccessBlocked"),
        pair("True", "DirectRefused")
    );
}

/// An AWS on which no signature is right.
fn broken() -> Settings {
    Settings {
        signer_is_broken: true,
        ..Settings::default()
    }
}
