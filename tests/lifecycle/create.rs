//! An object becomes ready, and everything that it asks for stands.

use super::scenes::{NAME, RICH, cluster, quiet, rules, setting};
use super::support::simulation::settings::Settings;

#[tokio::test(start_paused = true)]
async fn the_baseline_becomes_ready() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(setting(&cluster, "Enabled"), "true");
}

#[tokio::test(start_paused = true)]
async fn everything_that_a_spec_can_say_becomes_ready() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, RICH);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    println!("{:?}", rules(&cluster));
}
