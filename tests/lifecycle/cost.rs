//! What an object says that it costs, over its life.

use super::scenes::{NAME, SHIELD, ready};
use super::support::cluster::Cluster;
use palisade::api::CostStatus;
use palisade::domain::cost::prices::Prices;

fn cost(cluster: &Cluster) -> CostStatus {
    let status = cluster.objects[NAME].status.clone().unwrap_or_default();
    status.cost.expect("a cost")
}

fn sums(cluster: &Cluster) -> (String, String) {
    let cost = cost(cluster);
    (cost.monthly, cost.per_million_requests)
}

fn dollars(monthly: &str, per_million: &str) -> (String, String) {
    (monthly.to_owned(), per_million.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_ready_object_says_what_its_spec_costs_and_an_edit_says_it_anew() {
    let mut cluster = ready("").await;
    assert_eq!(sums(&cluster), dollars("9.00", "2.43"));
    cluster.apply(NAME, "webAcl: {blockCidrs: [192.0.2.0/24], antiDdos: {}}");
    cluster.ready(NAME).await;
    assert_eq!(sums(&cluster), dollars("31.00", "2.58"));
}

/// A status that says the same is not written.
#[tokio::test(start_paused = true)]
async fn a_pass_that_finds_nothing_new_leaves_the_whole_status_as_it_is() {
    let mut cluster = ready("").await;
    cluster.pass(NAME).await;
    let before = cluster.objects[NAME].status.clone();
    for _ in 0..3 {
        cluster.pass(NAME).await;
        assert_eq!(cluster.objects[NAME].status, before);
    }
    cluster.restart();
    let told = cost(&cluster);
    cluster.resync(NAME).await;
    assert_eq!(cost(&cluster), told);
}

#[tokio::test(start_paused = true)]
async fn what_shield_covers_costs_nothing_once_the_protection_stands_and_all_again_without_it() {
    let mut cluster = ready(SHIELD).await;
    assert_eq!(sums(&cluster), dollars("2.60", "1.83"));
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(sums(&cluster), dollars("9.00", "2.43"));
}

#[tokio::test(start_paused = true)]
async fn prices_of_the_operators_own_count_from_the_next_start_on() {
    let mut cluster = ready("").await;
    let prices = Prices::with(r#"{"webAcl": "4.50"}"#).expect("prices");
    cluster.configure(|options| options.prices = prices);
    cluster.resync(NAME).await;
    assert_eq!(sums(&cluster), dollars("8.50", "2.43"));
}

#[tokio::test(start_paused = true)]
async fn a_spec_that_is_refused_leaves_what_was_said_of_the_one_before() {
    let mut cluster = ready("").await;
    cluster.apply(NAME, "webAcl: {blockCidrs: [192.0.2.0/99]}");
    cluster.stalled(NAME).await;
    assert_eq!(sums(&cluster), dollars("9.00", "2.43"));
}
