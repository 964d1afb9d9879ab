//! A certificate that the spec names, and that nobody here renews: what is told of when it expires.

use super::petstore::NAMED;
use super::scenes::{CERTIFICATE, NAME, cluster, deny, hours, quiet, ready};
use super::support::cluster::Cluster;
use super::support::simulation::settings::Settings;
use jiff::{SignedDuration, Timestamp};
use palisade::api::{LOOK, NamedCertificateStatus};
use palisade::controller::events::of_pass;
use palisade::domain::kernel::reason::Reason;

fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

fn described(cluster: &Cluster) -> usize {
    cluster.cloud.journal().count("DescribeCertificate")
}

fn known(cluster: &Cluster) -> NamedCertificateStatus {
    let status = cluster.objects[NAME].status.clone().unwrap();
    status.names.unwrap().named_certificate.unwrap()
}

/// Reasons of the object's notes.
fn noted(cluster: &Cluster) -> Vec<String> {
    let status = cluster.objects[NAME].status.clone().unwrap();
    status.notes.into_iter().map(|note| note.reason).collect()
}

/// A resync; answers how many warnings it gives for this reason.
async fn warned(cluster: &mut Cluster, reason: Reason) -> usize {
    let before = cluster.objects[NAME].clone();
    let outcome = cluster.resync(NAME).await;
    let notes = of_pass::notes(&before, &outcome).into_iter();
    notes.filter(|note| note.warning && note.reason == reason).count()
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_is_named_is_read_once_and_then_with_each_full_read() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, NAMED);
    cluster.ready(NAME).await;
    assert_eq!(described(&cluster), 1, "{}", cluster.story(NAME));
    assert_eq!(known(&cluster).arn, CERTIFICATE);
    assert_eq!(known(&cluster).status.as_deref(), Some("ISSUED"));
    assert!(noted(&cluster).is_empty());
    quiet(&mut cluster, NAME).await;
    cluster.restart();
    cluster.resync(NAME).await;
    assert_eq!(described(&cluster), 0, "status remembers it");
    hours(25).await;
    cluster.resync(NAME).await;
    cluster.resync(NAME).await;
    assert_eq!(described(&cluster), 1, "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn people_are_told_a_month_before_it_expires_and_once_it_has_until_it_is_renewed() {
    let mut cluster = ready(NAMED).await;
    let end: Timestamp = cluster.now() + days(31);
    cluster.cloud.set_not_after(CERTIFICATE, end);
    hours(25).await;
    assert_eq!(warned(&mut cluster, Reason::CertificateExpires).await, 1);
    assert_eq!(warned(&mut cluster, Reason::CertificateExpires).await, 0, "once");
    assert_eq!(noted(&cluster), ["CertificateExpires"]);
    assert_eq!(cluster.condition(NAME, "Ready"), "True");
    for is in ["Ready", "DistributionDeployed"] {
        let message = cluster.message(NAME, is);
        assert!(message.contains("expires at 2026-02-01T"), "{is}: {message}");
    }

    hours(30 * 24).await;
    assert_eq!(warned(&mut cluster, Reason::CertificateExpired).await, 1);
    assert_eq!(warned(&mut cluster, Reason::CertificateExpired).await, 0, "once");
    assert_eq!(noted(&cluster), ["CertificateExpired"]);
    for (is, status) in [("NamesReady", "False"), ("Ready", "False"), ("Stalled", "True")] {
        assert_eq!(cluster.condition(NAME, is), status, "{is}");
        assert_eq!(cluster.reason(NAME, is), "CertificateExpired", "{is}");
    }
    cluster.restart();
    cluster.resync(NAME).await;
    assert_eq!(cluster.reason(NAME, "Ready"), "CertificateExpired");

    let end = cluster.now() + days(395);
    cluster.cloud.set_not_after(CERTIFICATE, end);
    cluster.annotate(NAME, LOOK, "renewed");
    cluster.ready(NAME).await;
    assert!(noted(&cluster).is_empty());
    assert_eq!(cluster.condition(NAME, "NamesReady"), "");
}

#[tokio::test(start_paused = true)]
async fn without_the_right_to_read_it_the_object_stands_and_says_that_nobody_watches() {
    let mut cluster = cluster(Settings::default());
    deny(&cluster, "acm:DescribeCertificate");
    cluster.apply(NAME, NAMED);
    cluster.ready(NAME).await;
    assert_eq!(noted(&cluster), ["CertificateNotRead"]);
    let message = cluster.message(NAME, "Ready");
    assert!(message.contains("palisade iam-policy"), "{message}");
    cluster.resync(NAME).await;
    assert_eq!(described(&cluster), 1, "it is not asked for again at once");
}
