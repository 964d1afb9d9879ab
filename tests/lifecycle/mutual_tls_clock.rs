//! The controller's clock is an hour wrong: certificates are valid for AWS all the same, none is replaced for that, and none too late.

use super::mutual_tls::{assert_locked, client_certificates, shown, status};
use super::scenes::{MUTUAL_TLS, NAME, cluster, hours, passes, quiet, ready};
use super::support::cluster::Cluster;
use super::support::simulation::settings::Settings;
use jiff::{SignedDuration, Timestamp};
use palisade::api::ROTATE;
use std::collections::BTreeSet;
use std::time::Duration;

const WRONG: [SignedDuration; 2] = [SignedDuration::from_hours(1), SignedDuration::from_hours(-1)];

/// From when the certificate that CloudFront shows is valid.
fn not_before(cluster: &Cluster) -> Timestamp {
    let told = status(cluster).client_certificate_not_before.unwrap();
    told.parse().unwrap()
}

/// Days of resyncs, four hours apart.
async fn days(cluster: &mut Cluster, count: u64) {
    for _ in 0..6 * count {
        hours(4).await;
        cluster.pass(NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn certificates_are_valid_at_once_and_replaced_once_in_their_time() {
    for ahead in WRONG {
        let mut cluster = cluster(Settings::default());
        cluster.clock_ahead = ahead;
        cluster.apply(NAME, MUTUAL_TLS);
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
        let of_aws = cluster.now() - ahead;
        let age = of_aws.duration_since(not_before(&cluster));
        assert!(age >= SignedDuration::from_mins(30), "{ahead}: {age}");

        cluster.cloud.clear_journal();
        days(&mut cluster, 38).await;
        assert_eq!(cluster.cloud.journal().count("ImportCertificate"), 0, "{ahead}");
        days(&mut cluster, 3).await;
        cluster.settle_patiently(NAME).await;
        assert_eq!(cluster.cloud.journal().count("ImportCertificate"), 1, "{ahead}");
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
        assert_eq!(client_certificates(&cluster), BTreeSet::from([shown(&cluster)]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_goes_wrong_and_is_set_right_changes_nothing() {
    for ahead in WRONG {
        let mut cluster = ready(MUTUAL_TLS).await;
        let before = shown(&cluster);
        for ahead in [ahead, SignedDuration::ZERO] {
            cluster.clock_ahead = ahead;
            passes(&mut cluster, 10).await;
            for _ in 0..8 {
                cluster.resync(NAME).await;
                assert_locked(&cluster);
            }
        }
        assert_eq!(shown(&cluster), before, "{ahead}");
        let journal = cluster.cloud.journal();
        for operation in [
            "ImportCertificate",
            "UpdateDomainName",
            "UpdateRestApi",
            "UpdateDistribution",
        ] {
            assert_eq!(
                journal.count(operation),
                0,
                "{ahead}, {operation}: {}",
                journal.summary()
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_wrong_clock_began_is_finished_by_a_right_one() {
    for ahead in WRONG {
        for after in [1, 3, 6, 10] {
            let mut cluster = ready(MUTUAL_TLS).await;
            let before = shown(&cluster);
            cluster.clock_ahead = ahead;
            cluster.annotate(NAME, ROTATE, "now");
            passes(&mut cluster, after).await;
            cluster.clock_ahead = SignedDuration::ZERO;
            cluster.settle_patiently(NAME).await;
            tokio::time::sleep(Duration::from_mins(10)).await;
            cluster.settle_patiently(NAME).await;
            quiet(&mut cluster, NAME).await;
            assert_locked(&cluster);
            assert_ne!(shown(&cluster), before, "{ahead} after {after} passes");
            assert_eq!(client_certificates(&cluster), BTreeSet::from([shown(&cluster)]));
        }
    }
}
