//! The default endpoint under mutual TLS: switched off once the other way is proven, on again where viewers are refused, and off again
//! where somebody switches it on.

use super::mutual_tls::{assert_locked, shown};
use super::petstore::API;
use super::scenes::{MUTUAL_TLS, NAME, cluster, fail, found, hours, pair, passes, quiet, ready, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::faults::Fault;
use super::support::simulation::settings::Settings;
use palisade::api::LOOK;
use palisade::controller::events::of_pass;
use palisade::domain::access::probe::Way;
use palisade::domain::kernel::reason::Reason;
use std::time::Duration;

/// A REST API's custom domain names are shut with its default endpoint, whatever AWS says.
fn shutting() -> Settings {
    Settings {
        names_go_with_endpoint: true,
        ..Settings::default()
    }
}

#[tokio::test(start_paused = true)]
async fn the_default_endpoint_stays_on_until_viewers_come_by_the_other_way() {
    let mut cluster = cluster(Settings::default());
    until_switched(&mut cluster).await;
    assert!(!shown(&cluster).is_empty());
    let viewed = cluster
        .cloud
        .probes()
        .iter()
        .any(|probe| probe.way == Way::Viewer);
    assert!(viewed, "nobody had come through the perimeter");
}

#[tokio::test(start_paused = true)]
async fn where_viewers_are_refused_after_the_switch_it_is_switched_on_again_and_tried_later() {
    let mut cluster = cluster(shutting());
    cluster.apply(NAME, MUTUAL_TLS);
    passes(&mut cluster, 120).await;
    let story = cluster.story(NAME);
    assert!(
        cluster.cloud.journal().count("UpdateRestApi") >= 2,
        "off, and on again: {story}"
    );
    assert_ne!(cluster.condition(NAME, "AccessRestricted"), "True", "{story}");
    assert_ne!(cluster.condition(NAME, "Ready"), "True", "{story}");
    let reasons = [
        cluster.reason(NAME, "AccessRestricted"),
        cluster.reason(NAME, "Stalled"),
    ];
    assert!(
        reasons.iter().any(|reason| reason == "ClientCertificateRefused"),
        "{story}"
    );
    // Tries are rarer and rarer: at most an hour apart.
    cluster.cloud.clear_journal();
    for _ in 0..24 {
        tokio::time::sleep(Duration::from_mins(10)).await;
        cluster.pass(NAME).await;
    }
    let tries = cluster.cloud.journal().count("UpdateRestApi");
    assert!(tries <= 2 * 6, "{tries}: {}", cluster.story(NAME));
    cluster
        .cloud
        .configure(|settings| settings.names_go_with_endpoint = false);
    hours(2).await;
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert_locked(&cluster);
    quiet(&mut cluster, NAME).await;
}

/// Passes until the default endpoint is switched off for the first time.
async fn until_switched(cluster: &mut Cluster) {
    cluster.apply(NAME, MUTUAL_TLS);
    for _ in 0..200 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.journal().count("UpdateRestApi") > 0 {
            return;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    panic!("it is not switched off: {}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn viewers_who_are_refused_have_it_back_whatever_else_fails() {
    for is_restarted in [false, true] {
        for operation in [
            "ListWebACLs",
            "ListDistributions",
            "tagging:GetResources",
            "GetObject",
        ] {
            let mut cluster = cluster(shutting());
            until_switched(&mut cluster).await;
            assert!(cluster.cloud.is_endpoint_off(API));
            fail(&cluster, operation, Fault::Throttle);
            if is_restarted {
                cluster.restart();
            }
            // Lists are read anew.
            tokio::time::sleep(Duration::from_mins(10)).await;
            passes(&mut cluster, 1).await;
            let story = cluster.story(NAME);
            assert!(
                !cluster.cloud.is_endpoint_off(API),
                "{operation}, {is_restarted}: {story}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_cannot_be_written_down_is_remembered_all_the_same() {
    let mut cluster = cluster(shutting());
    until_switched(&mut cluster).await;
    fail(&cluster, "apigatewayv2:TagResource", Fault::ServerError);
    passes(&mut cluster, 12).await;
    let story = cluster.story(NAME);
    assert!(!cluster.cloud.is_endpoint_off(API), "{story}");
    let switches = cluster.cloud.journal().count("UpdateRestApi");
    assert_eq!(switches, 2, "off, and on again: {story}");
    cluster.cloud.clear_faults();
    cluster
        .cloud
        .configure(|settings| settings.names_go_with_endpoint = false);
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn suspension_or_observation_in_between_leaves_no_viewer_out() {
    let observed = MUTUAL_TLS.replace("mode:", "enforcement: Observe, mode:");
    for spec in [format!("suspend: true\n{MUTUAL_TLS}"), observed] {
        let mut cluster = cluster(shutting());
        until_switched(&mut cluster).await;
        cluster.apply(NAME, &spec);
        tokio::time::sleep(Duration::from_secs(15)).await;
        passes(&mut cluster, 3).await;
        let story = cluster.story(NAME);
        assert!(!cluster.cloud.is_endpoint_off(API), "{spec}: {story}");
        let before = cluster.cloud.journal().count("UpdateRestApi");
        passes(&mut cluster, 10).await;
        let after = cluster.cloud.journal().count("UpdateRestApi");
        assert_eq!(after, before, "{spec}: {story}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_status_that_is_lost_in_between_leaves_no_viewer_out() {
    let mut cluster = cluster(shutting());
    until_switched(&mut cluster).await;
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    tokio::time::sleep(Duration::from_secs(15)).await;
    passes(&mut cluster, 3).await;
    assert!(!cluster.cloud.is_endpoint_off(API), "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_person_who_asks_has_it_tried_at_once() {
    let mut cluster = cluster(shutting());
    cluster.apply(NAME, MUTUAL_TLS);
    passes(&mut cluster, 120).await;
    cluster
        .cloud
        .configure(|settings| settings.names_go_with_endpoint = false);
    let before = cluster.now();
    cluster.annotate(NAME, LOOK, "mended");
    passes(&mut cluster, 10).await;
    cluster.settle_patiently(NAME).await;
    assert_locked(&cluster);
    assert!(cluster.now().duration_since(before).as_mins() < 30);
}

/// Somebody switches it on, which the next resync comes to see.
async fn switched_on(cluster: &mut Cluster) {
    cluster.cloud.set_endpoint_off(API, false);
    cluster.resync(NAME).await;
    passes(cluster, 3).await;
}

#[tokio::test(start_paused = true)]
async fn one_that_somebody_switched_on_is_switched_off_again() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.set_endpoint_off(API, false);
    cluster.annotate(NAME, LOOK, "1");
    passes(&mut cluster, 8).await;
    cluster.settle_patiently(NAME).await;
    assert_locked(&cluster);
    // Without being asked, with the next resync.
    switched_on(&mut cluster).await;
    cluster.settle_patiently(NAME).await;
    assert_locked(&cluster);
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn the_fourth_time_within_an_hour_it_is_contested_and_the_line_for_the_other_tool_is_told() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let mut number = 0;
    while cluster.reason(NAME, "AccessRestricted") != "ContestedByOtherTool" {
        number += 1;
        assert!(number <= 5, "{}", cluster.story(NAME));
        switched_on(&mut cluster).await;
    }
    assert_eq!(number, 4);
    let message = cluster.message(NAME, "AccessRestricted");
    for line in ["disable_execute_api_endpoint = true", "DisableExecuteApiEndpoint"] {
        assert!(message.contains(line), "{line}: {message}");
    }
    // It is left to the other tool no longer than that.
    hours(3).await;
    cluster.settle_patiently(NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_switch_that_takes_effect_late_is_waited_for_and_published_again() {
    let mut cluster = cluster(Settings {
        stage_propagation: Duration::from_secs(90),
        ..Settings::default()
    });
    cluster.apply(NAME, MUTUAL_TLS);
    cluster.ready(NAME).await;
    assert_locked(&cluster);
    let published = cluster.cloud.journal().count("UpdateStage");
    assert!((1..=3).contains(&published), "{published}");
}

#[tokio::test(start_paused = true)]
async fn what_the_team_edits_is_not_deployed_with_the_switch() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.add_route(API, "GET /unfinished");
    let before = cluster.cloud.stage_of(API, "prod").unwrap().deployment;
    cluster.apply(NAME, MUTUAL_TLS);
    cluster.ready(NAME).await;
    assert_locked(&cluster);
    assert_eq!(cluster.cloud.stage_of(API, "prod").unwrap().deployment, before);
    assert_eq!(cluster.cloud.served(API, "prod", "GET /unfinished"), None);
}

#[tokio::test(start_paused = true)]
async fn enforcement_that_is_taken_back_opens_nothing() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.apply(NAME, &MUTUAL_TLS.replace("mode:", "enforcement: Observe, mode:"));
    resyncs(&mut cluster, 8).await;
    assert!(cluster.cloud.is_endpoint_off(API), "{}", cluster.story(NAME));
    assert_eq!(found(&cluster, "AccessRestricted"), pair("True", "Locked"));
    let told = cluster.message(NAME, "AccessRestricted");
    assert!(told.contains("leaves that lock as it is"), "{told}");
    assert_eq!(cluster.cloud.journal().count("UpdateRestApi"), 0);
}

/// SAM or Terraform puts the flag back with each deployment of the team's.
#[tokio::test(start_paused = true)]
async fn one_that_another_tool_switches_on_daily_is_switched_off_each_time_with_the_lines_for_that_tool() {
    let mut cluster = ready(MUTUAL_TLS).await;
    for day in 1..=7 {
        for _ in 0..23 {
            hours(1).await;
            cluster.pass(NAME).await;
        }
        cluster.cloud.set_endpoint_off(API, false);
        cluster.cloud.clear_journal();
        let mut told = Vec::new();
        for _ in 0..8 {
            let before = cluster.objects[NAME].clone();
            let outcome = cluster.resync(NAME).await;
            told.extend(of_pass::notes(&before, &outcome));
        }
        cluster.settle_patiently(NAME).await;
        assert_locked(&cluster);
        told.retain(|note| note.reason == Reason::DriftCorrected);
        assert_eq!(told.len(), 1, "day {day}: {told:?}");
        for line in [
            "disable_execute_api_endpoint = true",
            "DisableExecuteApiEndpoint: true",
        ] {
            assert!(told[0].note.contains(line), "{line}: {told:?}");
        }
        // Two marks, the switch, and the stage that puts it in force: once a day.
        let journal = cluster.cloud.journal();
        assert_eq!(
            journal.count("UpdateRestApi"),
            1,
            "day {day}: {}",
            journal.summary()
        );
        assert_eq!(journal.writes().len(), 4, "day {day}: {}", journal.summary());
    }
    quiet(&mut cluster, NAME).await;
}
