//! Health checks by which Shield Advanced knows how viewers fare: ours, or one of somebody else; and country rules let those
//! through that ask.

use super::scenes::{NAME, SHIELD, cluster, deny, hours, ip_set, passes, quiet, ready, rule};
use super::shield::distribution;
use super::support::simulation::settings::Settings;
use palisade::controller::events::{EventNote, of_pass};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::shield::automatic_response::Response;
use std::time::Duration;

/// A health check that the team has made.
const NAMED: &str = "0f1e2d3c-0000-4000-8000-000000000000";

#[tokio::test(start_paused = true)]
async fn a_health_check_is_waited_for_until_it_is_healthy() {
    let settings = Settings {
        health_checks_pass: false,
        ..Settings::default()
    };
    let mut cluster = cluster(settings);
    cluster.apply(NAME, SHIELD);
    passes(&mut cluster, 40).await;
    assert_eq!(cluster.reason(NAME, "ShieldProtected"), "HealthCheckUnhealthy");
    assert!(
        cluster
            .message(NAME, "ShieldProtected")
            .contains("HTTP Status Code 403")
    );
    assert_eq!(
        cluster.cloud.response_of(&distribution(&cluster)),
        Response::Count
    );
    cluster
        .cloud
        .configure(|settings| settings.health_checks_pass = true);
    cluster.ready(NAME).await;
    assert_eq!(cluster.cloud.checks_of(&distribution(&cluster)).len(), 1);
    // Once associated it may well fall ill: that is what it is for.
    cluster
        .cloud
        .configure(|settings| settings.health_checks_pass = false);
    quiet(&mut cluster, NAME).await;
    assert_eq!(cluster.cloud.checks_of(&distribution(&cluster)).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_health_check_of_somebody_s_is_used_and_never_changed() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_health_check(NAMED);
    cluster.watch();
    let spec = format!("shield: {{healthCheck: {{id: {NAMED}}}}}");
    cluster.apply(NAME, &spec);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(cluster.cloud.checks_of(&distribution(&cluster)), [NAMED]);
    cluster.apply(NAME, "shield: {healthCheck: {path: /prod/pets}}");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_ne!(cluster.cloud.checks_of(&distribution(&cluster)), [NAMED]);
    cluster.apply(NAME, &spec);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    cluster.delete(NAME).await;
    let left: Vec<String> = cluster
        .cloud
        .resources()
        .into_iter()
        .map(|found| found.id)
        .collect();
    assert_eq!(left, [NAMED]);
}

#[tokio::test(start_paused = true)]
async fn a_health_check_that_is_not_there_is_named() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, &format!("shield: {{healthCheck: {{id: {NAMED}}}}}"));
    assert_eq!(cluster.stalled(NAME).await, "HealthCheckNotFound");
    cluster.cloud.preload_health_check(NAMED);
    cluster.watch();
    hours(1).await;
    cluster.ready(NAME).await;
}

/// The rights of the base policy do not have that call.
#[tokio::test(start_paused = true)]
async fn checkers_that_may_not_be_asked_for_hold_up_the_health_check_and_nothing_else() {
    let spec = "webAcl: {countries: {block: [KP]}}\nshield: {healthCheck: {path: /prod/pets}}";
    let mut cluster = cluster(Settings {
        denied: ["route53:GetCheckerIpRanges".to_owned()].into(),
        ..Settings::default()
    });
    cluster.apply(NAME, spec);
    assert_eq!(cluster.stalled(NAME).await, "AccessDenied");
    for condition in [
        "Accepted",
        "SignerReady",
        "WebAclReady",
        "DistributionDeployed",
        "AccessRestricted",
    ] {
        assert_eq!(
            cluster.condition(NAME, condition),
            "True",
            "{}",
            cluster.story(NAME)
        );
    }
    let message = cluster.message(NAME, "ShieldProtected");
    assert!(message.contains("GetCheckerIpRanges"), "{message}");
    assert_eq!(cluster.cloud.journal().count("CreateHealthCheck"), 0);
    // With the right it goes on, and without it again what is let through stays let through.
    cluster.cloud.configure(|settings| settings.denied.clear());
    tokio::time::sleep(Duration::from_mins(5)).await;
    let mut told = Vec::new();
    for _ in 0..200 {
        let (before, outcome) = (cluster.objects[NAME].clone(), cluster.pass(NAME).await);
        told.extend(of_pass::notes(&before, &outcome));
        if cluster.condition(NAME, "Ready") == "True" {
            break;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    assert_eq!(
        cluster.condition(NAME, "Ready"),
        "True",
        "{}",
        cluster.story(NAME)
    );
    let is_drift = |note: &&EventNote| note.reason == Reason::DriftCorrected;
    assert_eq!(told.iter().find(is_drift), None, "nobody has changed anything");
    assert!(
        told.iter()
            .any(|note| note.note.contains("health-checkers") && note.reason == Reason::Created),
        "{told:?}"
    );
    let checkers = ip_set(&cluster, "-health-checkers-v4");
    deny(&cluster, "route53:GetCheckerIpRanges");
    cluster.restart();
    cluster.apply(NAME, &spec.replace("KP", "AQ"));
    cluster.settle(NAME).await;
    let rule = rule(&cluster, "palisade-countries").to_string();
    assert!(rule.contains(&checkers.arn) && rule.contains("AQ"), "{rule}");
}

#[tokio::test(start_paused = true)]
async fn country_rules_let_route_53s_checkers_through() {
    let countries = "webAcl: {countries: {allow: [SE]}}";
    let cluster = ready(&format!("{countries}\n{SHIELD}")).await;
    let with_check = rule(&cluster, "palisade-countries").to_string();
    let checkers = ip_set(&cluster, "-health-checkers-v4");
    assert!(with_check.contains(&checkers.arn), "{with_check}");
    assert!(
        cluster
            .cloud
            .addresses_of(&checkers.id)
            .contains(&"15.177.0.0/18".to_owned())
    );
    let without = ready(countries).await;
    let without_check = rule(&without, "palisade-countries").to_string();
    assert!(without_check.contains("SE"), "{without_check}");
    assert!(
        !without_check.contains("IPSetReferenceStatement"),
        "{without_check}"
    );
}
