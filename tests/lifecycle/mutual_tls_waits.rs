//! What is awaited says since when, and about how long that takes.

use super::scenes::{KEY, MUTUAL_TLS, NAME, cluster, ready};
use super::support::cluster::Cluster;
use super::support::simulation::settings::Settings;
use std::collections::BTreeSet;
use std::time::Duration;

/// Passes until the object is ready; answers the reasons for which `AccessRestricted` waited meanwhile, each with its message.
async fn awaited(cluster: &mut Cluster) -> BTreeSet<(String, String)> {
    let mut told = BTreeSet::new();
    for _ in 0..600 {
        let outcome = cluster.pass_surviving(NAME).await;
        let reason = cluster.reason(NAME, "AccessRestricted");
        told.insert((reason, cluster.message(NAME, "AccessRestricted")));
        if cluster.condition(NAME, "Ready") == "True" && outcome.plan.is_empty() {
            return told;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(10))).await;
    }
    panic!("{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn the_way_there_says_since_when_and_about_how_long_it_waits() {
    let mut cluster = cluster(Settings {
        stage_propagation: Duration::from_secs(45),
        dns_propagation: Duration::from_mins(6),
        ..Settings::default()
    });
    cluster.apply(NAME, MUTUAL_TLS);
    let told = awaited(&mut cluster).await;
    for (reason, words) in [
        ("EndpointSwitching", "is being switched off"),
        ("DomainPending", "is imported once probes show"),
    ] {
        let mut meant = told
            .iter()
            .filter(|(found, message)| found == reason && message.contains(words))
            .peekable();
        assert!(meant.peek().is_some(), "{reason}: {told:#?}");
        for (_, message) in meant {
            assert!(message.contains("usually takes"), "{reason}: {message}");
            assert!(message.contains("(since 2026-01-01T"), "{reason}: {message}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_way_back_says_since_when_and_about_how_long_it_waits() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.apply(NAME, KEY);
    let told = awaited(&mut cluster).await;
    let mut meant = told
        .iter()
        .filter(|(_, message)| message.contains("CloudFront is led back to the default endpoint"))
        .peekable();
    assert!(meant.peek().is_some(), "{told:#?}");
    for (_, message) in meant {
        assert!(message.contains("usually takes 3 to 10 minutes"), "{message}");
        assert!(message.contains("(since "), "{message}");
    }
}
