//! Two clusters, each with an object for a stage of one API: both have left mutual TLS, and viewers come by the default endpoint. One comes
//! back to the mode, and switches nothing off under the viewers of the other.

use super::mutual_tls_clusters::{BETA, PROD, apply, assert_locked, assert_viewers_served};
use super::mutual_tls_clusters_leaving::{Both, saved};
use super::mutual_tls_stages::{by_certificate, leads_to, origin_of};
use super::petstore::API;
use super::scenes::{fail, struck};
use super::somebodys::put_in_front;
use super::support::cluster::{Cluster, REST_ENDPOINT, Saved};
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use std::time::Duration;

/// Both have left, and nothing is left of mutual TLS.
async fn left() -> [Saved; 2] {
    let mut both = Both::restored(&saved().await);
    both.leave(PROD);
    both.leave(BETA);
    both.end("both leave").await;
    both.assert_left("both leave");
    [both.prod.saved(), both.beta.saved()]
}

fn distribution_of(cluster: &Cluster, stage: &str) -> String {
    let mut all = cluster.cloud.resources_of(&cluster.uid(stage)).into_iter();
    all.find(|found| found.kind == Kind::Distribution).unwrap().id
}

/// The one that comes back waits, and says for whom.
#[track_caller]
fn assert_waits(both: &Both, stage: &str, words: &[&str]) {
    let cluster = if stage == PROD { &both.prod } else { &both.beta };
    let story = cluster.story(stage);
    assert!(!cluster.cloud.is_endpoint_off(API), "{story}");
    assert_eq!(leads_to(cluster, stage), origin_of(stage), "{story}");
    assert_ne!(cluster.condition(stage, "Ready"), "True", "{story}");
    let said = cluster.message(stage, "AccessRestricted");
    for words in words {
        assert!(said.contains(words), "{words}: {said}\n{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_switches_nothing_off_under_the_viewers_of_the_other_cluster() {
    let left = left().await;
    for (first, second) in [(PROD, BETA), (BETA, PROD)] {
        let case = format!("{first} comes back");
        let mut both = Both::restored(&left);
        let theirs = distribution_of(both.of(second), second);
        both.come_back(first);
        both.rounds(120, &case).await;
        let names = [
            theirs.as_str(),
            "spec.access.mutualTls.disableForAllStages",
            "Change the object of another cluster that has one to MutualTls, too",
            "set spec.access back here",
        ];
        assert_waits(&both, first, &names);
        // It goes on once viewers of the other one come by a name of their own.
        both.come_back(second);
        both.end(&case).await;
        assert_locked(&both.prod, PROD);
        assert_locked(&both.beta, BETA);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_led_away_is_waited_for_until_that_is_in_force_everywhere() {
    for after in [0, 4, 8, 12] {
        let case = format!("{after} rounds apart");
        let mut both = Both::restored(&left().await);
        both.prod
            .cloud
            .configure(|settings| settings.deployment_delay = Duration::from_mins(12));
        both.come_back(PROD);
        both.rounds(after, &case).await;
        both.come_back(BETA);
        both.end(&case).await;
        assert_locked(&both.prod, PROD);
        assert_locked(&both.beta, BETA);
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_after_any_write_while_one_comes_back_is_continued() {
    let left = left().await;
    for n in 1.. {
        let case = format!("after write {n}");
        let mut both = Both::restored(&left);
        both.prod.cloud.clear_journal();
        both.prod
            .cloud
            .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
        both.come_back(BETA);
        both.rounds(60, &case).await;
        let has_died = struck(&both.prod, Fault::CrashAfter);
        both.prod.cloud.clear_faults();
        both.rounds(20, &case).await;
        assert_waits(&both, BETA, &["spec.access.mutualTls.disableForAllStages"]);
        if !has_died {
            assert!(n > 5, "only {n} writes");
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_distribution_of_the_teams_own_before_another_stage_is_waited_for_as_well() {
    let mut both = Both::restored(&left().await);
    both.come_back(PROD);
    both.come_back(BETA);
    let theirs = put_in_front(&mut both.prod, REST_ENDPOINT, "/beta").await;
    both.rounds(120, "a distribution of the team's own").await;
    for stage in [PROD, BETA] {
        assert_waits(&both, stage, &[theirs.as_str(), "disable it, and leave it there"]);
    }
    both.prod.cloud.disable_distribution(&theirs);
    both.end("it is disabled").await;
    assert_locked(&both.prod, PROD);
    assert_locked(&both.beta, BETA);
}

#[tokio::test(start_paused = true)]
async fn a_list_of_distributions_that_cannot_be_read_keeps_the_endpoint_on() {
    let mut both = Both::restored(&left().await);
    both.come_back(PROD);
    both.come_back(BETA);
    while [(&both.prod, PROD), (&both.beta, BETA)]
        .iter()
        .any(|(cluster, stage)| leads_to(cluster, stage) != origin_of(stage))
    {
        both.rounds(1, "both come back").await;
    }
    // Each is told to be deployed by the list, so it is read until then.
    both.rounds(8, "both are deployed").await;
    if both.prod.cloud.is_endpoint_off(API) {
        return assert_locked(&both.prod, PROD);
    }
    fail(&both.prod, "ListDistributions", Fault::ServerError);
    both.rounds(30, "the list fails").await;
    assert!(!both.prod.cloud.is_endpoint_off(API));
    both.prod.cloud.clear_faults();
    both.end("it can be read").await;
    assert_locked(&both.prod, PROD);
    assert_locked(&both.beta, BETA);
}

/// The switch hung for long in a process that died upon it: the other one came back meanwhile, and its methods ask for nothing any more.
#[tokio::test(start_paused = true)]
async fn what_was_switched_on_too_early_by_a_process_that_died_is_taken_back_by_its_next_pass() {
    let mut both = Both::restored(&saved().await);
    both.leave(PROD);
    both.rounds(40, "prod leaves").await;
    both.prod.cloud.inject(Rule::nth(
        Scope::Operation("UpdateRestApi"),
        1,
        Fault::CrashBefore,
    ));
    both.leave(BETA);
    while !struck(&both.prod, Fault::CrashBefore) {
        both.pass(BETA, "beta leaves").await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    both.prod.cloud.clear_faults();
    both.come_back(PROD);
    for _ in 0..200 {
        both.pass(PROD, "prod comes back").await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    assert_locked(&both.prod, PROD);
    assert_eq!(
        both.prod.condition(PROD, "Ready"),
        "True",
        "{}",
        both.prod.story(PROD)
    );
    // The switch comes now, and somebody changes a stage: that takes effect with it.
    both.prod.cloud.set_endpoint_off(API, false);
    assert!(!both.prod.cloud.is_endpoint_off(API));
    // The list may show the other cluster's distribution as it was, so nothing is called by it.
    both.pass(BETA, "the next pass").await;
    let story = both.beta.story(BETA);
    assert!(both.prod.cloud.is_endpoint_off(API), "{story}");
    both.rounds(5, "later").await;
    assert_locked(&both.prod, PROD);
    assert_viewers_served(&both.beta, BETA);
}

/// Nothing is waited for that is past: the endpoint is off already.
#[tokio::test(start_paused = true)]
async fn an_object_whose_endpoint_is_off_already_is_not_put_back_for_a_distribution_that_comes_later() {
    let mut both = Both::restored(&saved().await);
    let theirs = put_in_front(&mut both.prod, REST_ENDPOINT, "/dev").await;
    both.rounds(10, "a distribution comes").await;
    both.prod.restart();
    apply(
        &mut both.prod,
        PROD,
        &format!("{}\ntags: {{team: shop}}", by_certificate(PROD)),
    );
    both.end("edited").await;
    assert_locked(&both.prod, PROD);
    tokio::time::sleep(Duration::from_hours(2)).await;
    both.rounds(3, "two hours later").await;
    assert_locked(&both.prod, PROD);
    let said = both.prod.message(PROD, "AccessRestricted");
    assert!(
        said.contains(&theirs) && said.contains("are refused by its being off"),
        "{said}"
    );
}
