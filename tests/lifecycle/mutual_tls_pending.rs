//! A custom domain name that API Gateway does not call AVAILABLE: it is waited for or told, and nothing that serves is touched.

use super::mutual_tls::{assert_locked, shown};
use super::petstore::API;
use super::scenes::{MUTUAL_TLS, NAME, ORIGIN, cluster, found, hours, pair, passes, quiet, ready, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::settings::Settings;
use std::time::Duration;

const FAILED: &str = "FAILED";
/// Words that only a person can do something about.
const STUCK: [&str; 3] = [
    FAILED,
    "PENDING_CERTIFICATE_REIMPORT",
    "PENDING_OWNERSHIP_VERIFICATION",
];
/// Words that pass, one of them none that we know.
const PASSING: [&str; 3] = ["PENDING", "UPDATING", "REBALANCING"];

/// Passes until the custom domain name is made, of which API Gateway then says this.
async fn made(word: &str) -> Cluster {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, MUTUAL_TLS);
    for _ in 0..200 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.journal().count("CreateDomainName") > 0 {
            cluster
                .cloud
                .set_domain_status(ORIGIN, Some((word, "API Gateway's words.")));
            return cluster;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    panic!("{word}: it is not made: {}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn while_it_is_made_it_is_told_and_the_default_endpoint_stays_on() {
    for word in STUCK.into_iter().chain(PASSING) {
        let mut cluster = made(word).await;
        passes(&mut cluster, 30).await;
        let story = cluster.story(NAME);
        let reason = if STUCK.contains(&word) {
            "DomainFailed"
        } else {
            "DomainPending"
        };
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("False", reason),
            "{word}: {story}"
        );
        let message = cluster.message(NAME, "AccessRestricted");
        assert!(
            message.contains(word) && message.contains("(since "),
            "{word}: {message}"
        );
        assert!(!cluster.cloud.is_endpoint_off(API), "{word}: {story}");
        cluster.cloud.set_domain_status(ORIGIN, None);
        hours(1).await;
        cluster.settle_patiently(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn of_one_that_serves_it_is_told_and_nothing_is_opened_or_made_anew() {
    for word in STUCK.into_iter().chain(PASSING) {
        let mut cluster = ready(MUTUAL_TLS).await;
        let before = shown(&cluster);
        // One that failed serves nobody, whatever we do.
        if word == FAILED {
            cluster.invariants = None;
        }
        cluster
            .cloud
            .set_domain_status(ORIGIN, Some((word, "API Gateway's words.")));
        resyncs(&mut cluster, 12).await;
        let story = cluster.story(NAME);
        assert!(cluster.cloud.is_endpoint_off(API), "{word}: {story}");
        assert!(story.contains(word), "{word}: {story}");
        let journal = cluster.cloud.journal();
        for operation in [
            "CreateDomainName",
            "UpdateDomainName",
            "DeleteDomainName",
            "UpdateRestApi",
            "UpdateDistribution",
        ] {
            assert_eq!(
                journal.count(operation),
                0,
                "{word}, {operation}: {}",
                journal.summary()
            );
        }
        cluster.cloud.set_domain_status(ORIGIN, None);
        hours(1).await;
        cluster.settle_patiently(NAME).await;
        cluster.watch();
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
        if word != FAILED {
            assert_eq!(shown(&cluster), before, "{word}");
        }
    }
}
