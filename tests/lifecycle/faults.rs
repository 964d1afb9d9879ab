//! Calls fail in every way, at every place, and the object becomes what was asked for all the same.

use super::controllers::World;
use super::every_call::Scene;
use super::scenes::{NAME, RICH, fail, quiet, ready, setting};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::journal::Entry;
use palisade::aws::operations::Operation;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// AWS does not act, in one way or another.
const REFUSED: &[Fault] = &[Fault::LostRequest, Fault::Throttle, Fault::ServerError];
/// AWS acts and nobody hears of it; somebody else acts in between.
const DOUBTFUL: &[Fault] = &[Fault::LostAnswer, Fault::ForeignWrite];
const LISTS: &[Fault] = &[Fault::TruncatedPage, Fault::ServerError];

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_write_of_a_creation_leaves_nothing_undone() {
    Scene {
        before: None,
        after: Some(RICH),
    }
    .with_each(Scope::Writes, &[REFUSED, &DOUBTFUL[..1]].concat())
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_write_of_a_change_of_everything_leaves_nothing_undone() {
    Scene {
        before: Some(""),
        after: Some(RICH),
    }
    .with_each(Scope::Writes, DOUBTFUL)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_write_of_a_change_back_to_the_baseline_leaves_nothing_undone() {
    Scene {
        before: Some(RICH),
        after: Some(""),
    }
    .with_each(Scope::Writes, DOUBTFUL)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_any_write_of_a_deletion_leaves_nothing_behind() {
    Scene {
        before: Some(RICH),
        after: None,
    }
    .with_each(Scope::Writes, DOUBTFUL)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_or_is_cut_short_at_any_time_of_a_creation_leaves_nothing_undone() {
    Scene {
        before: None,
        after: Some(RICH),
    }
    .with_each(Scope::Lists, LISTS)
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_fails_or_is_cut_short_at_any_time_of_a_deletion_leaves_nothing_behind() {
    Scene {
        before: Some(RICH),
        after: None,
    }
    .with_each(Scope::Lists, LISTS)
    .await;
}

const OBJECTS: [(&str, &str, Option<&str>); 4] = [
    ("shop/petstore", "ownownowno", None),
    ("shop/orders", "ownownown2", None),
    ("shop/carts", "aaaaaaaaaa", Some("a")),
    ("shop/bills", "bbbbbbbbbb", Some("b")),
];

/// How long it takes until four objects are ready, where calls fail by these rules.
async fn seconds_until_ready(rules: &[Rule], seed: u64) -> u64 {
    // Pauses are drawn by chance as well.
    fastrand::seed(seed);
    let mut world = World::new(&["shop"]);
    world.declare_both();
    for cloud in world.aws.clouds.values() {
        cloud.seed_faults(seed);
        for rule in rules {
            cloud.inject(rule.clone());
        }
    }
    let began = Instant::now();
    for (object, api, account) in OBJECTS {
        let more = account.map_or_else(|| json!({}), |account| json!({"accountName": account}));
        world.apply(object, api, &more);
    }
    world.until_ready(&OBJECTS.map(|(object, _, _)| object)).await;
    began.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn with_almost_half_of_all_calls_failing_objects_are_ready_in_three_times_the_time() {
    let without = seconds_until_ready(&[], 0).await;
    let rules = [
        Rule::random(Scope::Every, 0.30, &[Fault::Throttle]),
        Rule::random(Scope::Every, 0.10, &[Fault::ServerError]),
        Rule::random(Scope::Every, 0.05, &[Fault::LostAnswer]),
    ];
    let mut all = Vec::new();
    for seed in 1..=20 {
        all.push(seconds_until_ready(&rules, seed).await);
    }
    assert!(
        all.iter().all(|seconds| *seconds <= 3 * without),
        "{all:?}, without {without}"
    );
}

const LISTED: [&str; 7] = [
    "ListDistributions",
    "ListWebACLs",
    "ListIPSets",
    "GetAccountAuthorizationDetails",
    "ListFunctions",
    "ListLoggingConfigurations",
    "tagging:GetResources",
];

/// How often a list was asked for.
fn asked(cluster: &Cluster, list: &str) -> usize {
    let journal = cluster.cloud.journal();
    let is_meant = |entry: &&Entry| {
        let Operation { service, name, .. } = entry.operation;
        name == list || format!("{}:{name}", service.name()) == list
    };
    journal.entries.iter().filter(is_meant).count()
}

#[tokio::test(start_paused = true)]
async fn while_one_list_fails_for_an_hour_the_rest_goes_on() {
    for list in LISTED {
        let mut cluster = ready("").await;
        fail(&cluster, list, Fault::ServerError);
        tokio::time::sleep(Duration::from_mins(11)).await;
        cluster.pass(NAME).await;
        cluster.cloud.clear_journal();
        cluster.apply(NAME, "distribution: {priceClass: PriceClass_100}");
        let end = Instant::now() + Duration::from_hours(1);
        while Instant::now() < end {
            let outcome = cluster.pass(NAME).await;
            let is_failed = !outcome.failures.is_empty();
            let delay = if is_failed {
                Duration::from_secs(5)
            } else {
                outcome.requeue
            };
            tokio::time::sleep(delay).await;
        }
        assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_100", "{list}");
        assert_eq!(
            cluster.condition(NAME, "Stalled"),
            "",
            "{list}: {}",
            cluster.story(NAME)
        );
        // It is asked for again every two minutes, four times, and the others no more often than ever.
        let count = asked(&cluster, list);
        assert!((80..200).contains(&count), "{list}: {count}");
        for other in LISTED.iter().filter(|other| **other != list) {
            let polls = if *other == "ListDistributions" { 30 } else { 16 };
            let count = asked(&cluster, other);
            assert!(count <= polls, "{list} fails: {count} {other}");
        }
        cluster.cloud.clear_faults();
        tokio::time::sleep(Duration::from_mins(2)).await;
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_was_never_read_holds_back_what_it_shows_alone() {
    for list in ["ListIPSets", "ListLoggingConfigurations"] {
        let mut cluster = ready("").await;
        cluster.restart();
        fail(&cluster, list, Fault::ServerError);
        cluster.cloud.clear_journal();
        cluster.apply(
            NAME,
            "webAcl: {blockCidrs: [192.0.2.0/24]}\ndistribution: {priceClass: PriceClass_100}",
        );
        for _ in 0..20 {
            cluster.pass(NAME).await;
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        assert_eq!(
            setting(&cluster, "PriceClass"),
            "PriceClass_100",
            "{list}: {}",
            cluster.story(NAME)
        );
        let is_made = cluster.cloud.journal().count("CreateIPSet") > 0;
        assert_eq!(is_made, list != "ListIPSets", "{list}");
        assert_ne!(
            cluster.condition(NAME, "WebAclReady"),
            "True",
            "{list}: {}",
            cluster.story(NAME)
        );
        cluster.cloud.clear_faults();
        tokio::time::sleep(Duration::from_mins(2)).await;
        cluster.ready(NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_fail_for_a_minute_ask_for_nobody() {
    let mut cluster = ready("").await;
    let failing = Fault::Refusal("CredentialsUnavailable", "the agent restarts");
    cluster
        .cloud
        .inject(Rule::next(Scope::Every, usize::MAX, failing));
    cluster.apply(NAME, "distribution: {priceClass: PriceClass_100}");
    let end = Instant::now() + Duration::from_mins(1);
    while Instant::now() < end {
        cluster.pass(NAME).await;
        assert_eq!(cluster.condition(NAME, "Stalled"), "", "{}", cluster.story(NAME));
        assert_eq!(cluster.condition(NAME, "Reconciling"), "True");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    cluster.cloud.clear_faults();
    cluster.ready(NAME).await;
    assert_eq!(setting(&cluster, "PriceClass"), "PriceClass_100");
}
