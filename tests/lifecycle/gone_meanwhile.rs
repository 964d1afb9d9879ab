//! A distribution that somebody has deleted, while lists go on showing it.

use super::scenes::{HEADER, KEY, NAME, ready, the};
use super::support::simulation::resources::Kind;
use palisade::api::LOOK;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn a_distribution_that_lists_still_show_is_missed_by_its_tags_and_nothing_is_told_to_fail() {
    for spec in ["", KEY, HEADER] {
        let mut cluster = ready(spec).await;
        cluster.invariants = None;
        let gone = the(&cluster, Kind::Distribution).id;
        cluster.cloud.remove_distribution(&gone);
        cluster.annotate(NAME, LOOK, "now");
        let outcome = cluster.pass(NAME).await;
        let failed: Vec<&String> = outcome.failures.iter().map(|failure| &failure.message).collect();
        assert!(failed.is_empty(), "{spec}: {failed:?}\n{}", cluster.story(NAME));
        tokio::time::sleep(Duration::from_mins(10)).await;
        cluster.ready(NAME).await;
        assert_ne!(the(&cluster, Kind::Distribution).id, gone, "{spec}");
    }
}
