//! Names of a perimeter: its certificates, and how they come and go. Aliases that move and DNS records are files apart.

use super::crashes::crash;
use super::every_call::Scene;
use super::scenes::{
    CERTIFICATE, NAME, NAMES, ZONE, cluster, config, hours, passes, quiet, ready, ready_on, setting, shape,
    the,
};
use super::support::cluster::Cluster;
use super::support::simulation::faults::{Fault, Scope};
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::domain::edge::xml;
use std::time::Duration;

/// Another alias in place of one of [`NAMES`].
const RENAMED: &str = "distribution: {aliases: [api.example.com, www.example.com], requestCertificate: true, hostedZoneId: Z0123456789ABCDEFGHIJ}";

/// DNS never answers what is written.
fn deaf() -> Settings {
    Settings {
        dns_propagation: Duration::from_hours(10_000),
        ..Settings::default()
    }
}

fn domain(cluster: &Cluster) -> String {
    let status = cluster.objects[NAME].status.clone().unwrap();
    status.distribution.unwrap().domain_name
}

pub fn at(cluster: &Cluster, name: &str) -> Vec<String> {
    cluster.cloud.records_at(ZONE, name)
}

/// What leads a name to the object's distribution.
pub fn ours(cluster: &Cluster) -> Vec<String> {
    let domain = domain(cluster);
    vec![format!("A {domain}"), format!("AAAA {domain}")]
}

/// Names that the distribution answers to, sorted.
pub fn aliases(cluster: &Cluster) -> Vec<String> {
    let mut aliases = xml::texts_at(&config(cluster), "Aliases");
    aliases.sort();
    aliases
}

fn certificate_arn(cluster: &Cluster) -> String {
    let status = cluster.objects[NAME].status.clone().unwrap();
    status.names.unwrap().certificate_arn.unwrap()
}

#[tokio::test(start_paused = true)]
async fn certificate_and_records_stand_as_declared_and_say_so() {
    let cluster = ready(NAMES).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
    assert_eq!(at(&cluster, "*.shop.example.com"), ours(&cluster));
    let mark = at(&cluster, "palisade-owner.api.example.com");
    assert!(
        mark[0].contains(&cluster.uid(NAME)) && mark[0].starts_with("TXT \"heritage=palisade,"),
        "{mark:?}"
    );
    assert_eq!(at(&cluster, "palisade-owner-wildcard.shop.example.com").len(), 1);
    assert_eq!(aliases(&cluster), ["*.shop.example.com", "api.example.com"]);
    let certificate = the(&cluster, Kind::Certificate).arn;
    assert_eq!(
        setting(&cluster, "ViewerCertificate/ACMCertificateArn"),
        certificate
    );
    assert_eq!(
        setting(&cluster, "ViewerCertificate/MinimumProtocolVersion"),
        "TLSv1.2_2021"
    );
    assert_eq!(
        cluster.cloud.certificate_names(&certificate),
        ["api.example.com", "*.shop.example.com"]
    );
    let status = cluster.objects[NAME].status.clone().unwrap().names.unwrap();
    assert_eq!(status.certificate_arn, Some(certificate));
    assert_eq!(status.certificate_status.as_deref(), Some("ISSUED"));
    assert_eq!(status.hosted_zone_ids, [ZONE]);
    assert_eq!(status.records, ["*.shop.example.com", "api.example.com"]);
    assert_eq!(cluster.condition(NAME, "NamesReady"), "True");
}

#[tokio::test(start_paused = true)]
async fn names_are_added_to_a_perimeter_that_stands_and_taken_back() {
    let mut cluster = ready("").await;
    let before = shape(&cluster, NAME);
    cluster.apply(NAME, NAMES);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(shape(&cluster, NAME), before);
    assert!(aliases(&cluster).is_empty());
    assert_eq!(cluster.condition(NAME, "NamesReady"), "");
    assert_eq!(cluster.objects[NAME].status.clone().unwrap().names, None);
    // The zone is not even read for it any more.
    cluster.resync(NAME).await;
    let journal = cluster.cloud.journal();
    assert_eq!(
        journal.count("ListResourceRecordSets"),
        0,
        "{}",
        journal.summary()
    );
}

#[tokio::test(start_paused = true)]
async fn without_the_fields_neither_acm_nor_a_hosted_zone_is_asked() {
    let cluster = ready("").await;
    let journal = cluster.cloud.journal();
    let is_of_names = |name: &str| {
        name.contains("Certificate") || name.contains("HostedZone") || name.contains("RecordSets")
    };
    assert!(
        journal
            .entries
            .iter()
            .all(|entry| !is_of_names(entry.operation.name))
    );
}

#[tokio::test(start_paused = true)]
async fn other_aliases_take_another_certificate_and_the_earlier_one_goes() {
    let mut cluster = ready(NAMES).await;
    let before = the(&cluster, Kind::Certificate).arn;
    cluster.apply(NAME, RENAMED);
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_ne!(the(&cluster, Kind::Certificate).arn, before);
    assert_eq!(at(&cluster, "www.example.com"), ours(&cluster));
    assert!(at(&cluster, "*.shop.example.com").is_empty());
    assert!(at(&cluster, "palisade-owner-wildcard.shop.example.com").is_empty());
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
}

#[tokio::test(start_paused = true)]
async fn viewers_keep_their_names_while_another_certificate_is_not_issued() {
    let mut cluster = ready(NAMES).await;
    cluster
        .cloud
        .configure(|settings| settings.dns_propagation = deaf().dns_propagation);
    cluster.apply(
        NAME,
        &format!("webAcl: {{blockCidrs: [192.0.2.0/24]}}\n{RENAMED}"),
    );
    passes(&mut cluster, 30).await;
    assert_eq!(cluster.reason(NAME, "NamesReady"), "CertificatePending");
    assert_eq!(aliases(&cluster), ["*.shop.example.com", "api.example.com"]);
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
    // Nothing else waits for it.
    assert_eq!(cluster.condition(NAME, "WebAclReady"), "True");
    assert_eq!(cluster.condition(NAME, "DistributionDeployed"), "True");
}

#[tokio::test(start_paused = true)]
async fn a_validation_that_never_comes_says_what_to_look_at_and_the_rest_stands() {
    let mut cluster = cluster(deaf());
    cluster.apply(NAME, NAMES);
    passes(&mut cluster, 20).await;
    assert_eq!(cluster.reason(NAME, "NamesReady"), "CertificatePending");
    let message = cluster.message(NAME, "NamesReady");
    assert!(message.contains("usually takes minutes"), "{message}");
    passes(&mut cluster, 120).await;
    let message = cluster.message(NAME, "NamesReady");
    assert!(
        message.contains("name servers") && message.contains("CAA"),
        "{message}"
    );
    for condition in [
        "Accepted",
        "DistributionDeployed",
        "AccessRestricted",
        "ViewerAccessVerified",
    ] {
        assert_eq!(cluster.condition(NAME, condition), "True", "{condition}");
    }
    assert_eq!(cluster.condition(NAME, "Ready"), "False");
    assert!(at(&cluster, "api.example.com").is_empty());
    cluster
        .cloud
        .configure(|settings| settings.dns_propagation = Duration::ZERO);
    cluster.ready(NAME).await;
    assert_eq!(at(&cluster, "api.example.com"), ours(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_failed_is_named_and_another_is_requested_once_it_is_deleted() {
    for status in ["FAILED", "VALIDATION_TIMED_OUT"] {
        let mut cluster = cluster(deaf());
        cluster.apply(NAME, NAMES);
        passes(&mut cluster, 10).await;
        let arn = certificate_arn(&cluster);
        cluster.cloud.set_certificate_status(&arn, status);
        assert_eq!(cluster.stalled(NAME).await, "CertificateFailed");
        let message = cluster.message(NAME, "NamesReady");
        assert!(
            message.contains(status) && message.contains("aws acm delete-certificate"),
            "{message}"
        );
        hours(1).await;
        cluster.pass(NAME).await;
        assert_eq!(certificate_arn(&cluster), arn, "a failed request is not repeated");
        cluster.cloud.delete_certificate_by_hand(&arn);
        cluster
            .cloud
            .configure(|settings| settings.dns_propagation = Duration::ZERO);
        hours(1).await;
        cluster.ready(NAME).await;
        assert_ne!(certificate_arn(&cluster), arn);
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_expires_in_use_stays_until_the_spec_names_another() {
    let mut cluster = ready(RENAMED).await;
    let arn = certificate_arn(&cluster);
    cluster.cloud.set_certificate_status(&arn, "EXPIRED");
    // No list shows a certificate's state: that is read once a day.
    hours(25).await;
    assert_eq!(cluster.stalled(NAME).await, "CertificateFailed");
    let message = cluster.message(NAME, "NamesReady");
    assert!(
        message.contains("EXPIRED") && message.contains("spec.distribution.certificateArn"),
        "{message}"
    );
    assert!(!message.contains("delet"), "{message}");
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
    let own = format!("certificateArn: '{CERTIFICATE}'");
    cluster.apply(NAME, &RENAMED.replace("requestCertificate: true", &own));
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_eq!(aliases(&cluster), ["api.example.com", "www.example.com"]);
    let of_object = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    let certificates = of_object.filter(|found| found.kind == Kind::Certificate);
    assert_eq!(certificates.count(), 0, "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_somebody_deletes_is_requested_anew() {
    let mut cluster = ready_on(deaf(), "").await;
    cluster.apply(NAME, NAMES);
    passes(&mut cluster, 10).await;
    let arn = certificate_arn(&cluster);
    cluster.cloud.delete_certificate_by_hand(&arn);
    passes(&mut cluster, 10).await;
    assert_ne!(certificate_arn(&cluster), arn);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_creation_with_names_finishes_it_later() {
    crash(None, Some(NAMES)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_change_of_names_finishes_it_later() {
    crash(Some(NAMES), Some(RENAMED)).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_taking_names_back_finishes_it_later() {
    crash(Some(NAMES), Some("")).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_dies_at_any_call_of_a_deletion_with_names_finishes_it_later() {
    crash(Some(NAMES), None).await;
}

#[tokio::test(start_paused = true)]
async fn lost_answers_make_neither_a_second_certificate_nor_a_second_record() {
    let scene = Scene {
        before: None,
        after: Some(NAMES),
    };
    scene.with_each(Scope::Writes, &[Fault::LostAnswer]).await;
}
