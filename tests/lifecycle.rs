//! The real engine on a simulated account: an object's life from creation to deletion.
#![allow(clippy::unwrap_used)]

mod support;

use support::cluster::Cluster;
use support::pieces::CLUSTER;
use support::simulation::invariants::Invariants;
use support::simulation::settings::Settings;

#[tokio::test(start_paused = true)]
async fn an_object_becomes_ready_with_at_most_twelve_calls_of_its_own() {
    let mut cluster = Cluster::new(Settings::default());
    let invariants = Invariants::watch(&cluster.cloud, CLUSTER);
    cluster.apply("petstore", "");
    cluster.settle("petstore").await;
    println!("{}", cluster.story("petstore"));
    invariants.check(&cluster.cloud);
    assert_eq!(
        cluster.condition("petstore", "Ready"),
        "True",
        "{}",
        cluster.story("petstore")
    );
}

#[tokio::test(start_paused = true)]
async fn a_deleted_object_leaves_nothing() {
    let mut cluster = Cluster::new(Settings::default());
    cluster.apply("petstore", "");
    cluster.settle("petstore").await;
    cluster.delete("petstore").await;
    assert!(
        cluster.cloud.resources().is_empty(),
        "{:#?}",
        cluster.cloud.resources()
    );
}
