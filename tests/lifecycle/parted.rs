//! A part is begun, and taken out of the spec at once: by a process that died, or whose call was not answered. Lists show what was made
//! later, or leave it out once; it goes all the same.

use super::scenes::{
    HEADER, KEY, NAME, NAMES, RICH, SHIELD, fail, hours, nothing_left, quiet, ready, ready_on, shape, struck,
    the,
};
use super::support::cluster::{BACKOFF, Cluster};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::aws::operations::{OPERATIONS, OperationClass};
use std::time::Duration;

/// AWS whose lists lag for as long as they are known to.
fn lagging() -> Settings {
    Settings {
        list_lag: Duration::from_secs(30),
        tag_lag: Duration::from_secs(40),
        deployment_delay: Duration::from_secs(40),
        replica_retention: Duration::from_mins(15),
        ..Settings::default()
    }
}

/// Each list leaves out half of its next page, and does not say so.
fn cut_short(cluster: &Cluster) {
    let lists = OPERATIONS
        .iter()
        .filter(|operation| operation.class == OperationClass::List);
    for operation in lists {
        cluster.cloud.inject(Rule::next(
            Scope::Operation(operation.name),
            1,
            Fault::TruncatedPage,
        ));
    }
}

/// What the spec does not ask for any more goes, and leaves what was there before; with the object all else goes.
async fn goes(cluster: &mut Cluster, case: &str) {
    // What follows fails without naming the case.
    println!("{case}");
    cluster.settle_patiently(NAME).await;
    cluster.cloud.clear_faults();
    for _ in 0..2 {
        cluster.resync(NAME).await;
        cluster.settle_patiently(NAME).await;
    }
    if case.starts_with(KEY) {
        // A usage plan is in no list that each pass has.
        hours(25).await;
        for _ in 0..2 {
            cluster.resync(NAME).await;
            cluster.settle_patiently(NAME).await;
        }
    }
    quiet(cluster, NAME).await;
    let kinds: Vec<Kind> = shape(cluster, NAME).into_iter().map(|(kind, _)| kind).collect();
    let bare = [Kind::Role, Kind::Function, Kind::WebAcl, Kind::Distribution];
    assert_eq!(kinds, bare, "{case}");
    assert!(!is_marked(cluster), "{case}");
    cluster.delete(NAME).await;
    nothing_left(cluster);
}

/// With the object all goes that was begun.
async fn goes_with_the_object(asked: &str) {
    let mut undisturbed = ready_on(lagging(), "").await;
    undisturbed.record();
    undisturbed.apply(NAME, asked);
    undisturbed.ready(NAME).await;
    for (n, death) in (1..).zip(&undisturbed.deaths_after_writes()) {
        println!("{asked}: a crash after write {n}, and deletion");
        let mut cluster = death.cluster();
        cluster.apply(NAME, "");
        cluster.settle_patiently(NAME).await;
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}

/// Whether the distribution says that something is to be looked for that serves Shield or names.
fn is_marked(cluster: &Cluster) -> bool {
    let tags = the(cluster, Kind::Distribution).tags;
    let marks = ["palisade.dev/shield", "palisade.dev/hosted-zones"];
    marks.into_iter().any(|mark| tags.contains_key(mark))
}

async fn goes_where_the_process_dies(asked: &str) {
    let mut undisturbed = ready_on(lagging(), "").await;
    undisturbed.record();
    undisturbed.apply(NAME, asked);
    undisturbed.ready(NAME).await;
    let deaths = undisturbed.deaths_after_writes();
    assert!(deaths.len() > 1, "{} writes", deaths.len());
    for (n, death) in (1..).zip(&deaths) {
        for is_short in [false, true] {
            let mut cluster = death.cluster();
            tokio::time::sleep(BACKOFF).await;
            if is_short {
                cut_short(&cluster);
            }
            cluster.apply(NAME, "");
            goes(
                &mut cluster,
                &format!("{asked}: a crash after write {n}, cut short: {is_short}"),
            )
            .await;
        }
    }
}

async fn goes_where_an_answer_is_lost(asked: &str) {
    for n in 1.. {
        let mut cluster = ready_on(lagging(), "").await;
        cluster
            .cloud
            .inject(Rule::nth(Scope::Writes, n, Fault::LostAnswer));
        cluster.apply(NAME, asked);
        for _ in 0..200 {
            let outcome = cluster.pass_surviving(NAME).await;
            if struck(&cluster, Fault::LostAnswer) || cluster.condition(NAME, "Ready") == "True" {
                break;
            }
            tokio::time::sleep(outcome.requeue.min(BACKOFF)).await;
        }
        if !struck(&cluster, Fault::LostAnswer) {
            assert!(n > 2, "{n} writes");
            break;
        }
        cluster.apply(NAME, "");
        goes(&mut cluster, &format!("{asked}: the answer to write {n} is lost")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_serves_shield_goes_though_a_list_lacks_it() {
    goes_where_the_process_dies(SHIELD).await;
    goes_where_an_answer_is_lost(SHIELD).await;
}

#[tokio::test(start_paused = true)]
async fn what_serves_names_goes_though_a_list_lacks_it() {
    goes_where_the_process_dies(NAMES).await;
    goes_where_an_answer_is_lost(NAMES).await;
}

#[tokio::test(start_paused = true)]
async fn ip_sets_and_logging_go_though_a_list_lacks_them() {
    goes_where_the_process_dies(RICH).await;
    goes_where_an_answer_is_lost(RICH).await;
}

#[tokio::test(start_paused = true)]
async fn keys_go_though_a_list_lacks_them() {
    goes_where_the_process_dies(KEY).await;
    goes_where_an_answer_is_lost(KEY).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_begun_of_a_mode_goes_with_the_object() {
    for asked in [KEY, HEADER] {
        goes_with_the_object(asked).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_ip_set_that_no_list_shows_goes_with_the_web_acl_that_refers_to_it() {
    let mut cluster = ready(RICH).await;
    cluster.restart();
    fail(&cluster, "ListIPSets", Fault::TruncatedPage);
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn the_marks_go_with_what_they_are_for_and_not_a_resync_later_than_it_is_known() {
    for asked in [SHIELD, NAMES] {
        let mut cluster = ready(asked).await;
        assert!(is_marked(&cluster), "{asked}");
        cluster.apply(NAME, "");
        cluster.ready(NAME).await;
        cluster.resync(NAME).await;
        assert!(!is_marked(&cluster), "{asked}");
        quiet(&mut cluster, NAME).await;
    }
}
