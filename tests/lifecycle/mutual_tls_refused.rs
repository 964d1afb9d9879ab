//! What mutual TLS cannot be built with is named with its field, before anything is built, and goes on once that is mended.

use super::mutual_tls::assert_locked;
use super::petstore::API;
use super::scenes::{BUCKET, MUTUAL_TLS, NAME, ORIGIN, ZONE, cluster, hours, nothing_left, ready, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::settings::Settings;

/// The calls that build, change or switch something of this mode.
const BUILDS: [&str; 8] = [
    "RequestCertificate",
    "ChangeResourceRecordSets",
    "PutObject",
    "CreateDomainName",
    "UpdateDomainName",
    "CreateApiMapping",
    "ImportCertificate",
    "UpdateRestApi",
];

/// Nothing of this mode was written.
#[track_caller]
pub fn assert_nothing_built(cluster: &Cluster, what: &str) {
    let journal = cluster.cloud.journal();
    for name in BUILDS {
        assert_eq!(journal.count(name), 0, "{what}: {name}: {}", journal.summary());
    }
}

/// It stalls for that reason, nothing is built or switched off, and the message says these words.
pub async fn assert_refused(cluster: &mut Cluster, spec: &str, reason: &str, words: &str) {
    cluster.apply(NAME, spec);
    assert_eq!(
        cluster.stalled(NAME).await,
        reason,
        "{spec}: {}",
        cluster.story(NAME)
    );
    let message = cluster.message(NAME, "Stalled");
    assert!(message.contains(words), "{spec}: {message}");
    assert!(!cluster.cloud.is_endpoint_off(API), "{spec}");
    assert_nothing_built(cluster, spec);
}

/// After it was mended.
pub async fn goes_on(cluster: &mut Cluster) {
    hours(1).await;
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert_locked(cluster);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_without_versions_is_refused_until_it_keeps_them() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.set_versioning(BUCKET, false);
    assert_refused(&mut cluster, MUTUAL_TLS, "BucketUnfit", "truststoreBucket").await;
    cluster.cloud.set_versioning(BUCKET, true);
    goes_on(&mut cluster).await;
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_not_there_or_elsewhere_is_refused() {
    for is_elsewhere in [false, true] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.delete_bucket(BUCKET);
        if is_elsewhere {
            cluster.cloud.preload_bucket("us-west-2", BUCKET, true);
        }
        assert_refused(&mut cluster, MUTUAL_TLS, "BucketUnfit", "truststoreBucket").await;
        cluster.cloud.preload_bucket("eu-north-1", BUCKET, true);
        goes_on(&mut cluster).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_hosted_zone_that_cannot_have_the_records_is_refused() {
    for (zone, domain, reason, words) in [
        ("Z0MISSING", ORIGIN, "HostedZoneNotFound", "Z0MISSING"),
        ("Z0PRIVATE", ORIGIN, "HostedZonePrivate", "Z0PRIVATE"),
        (
            ZONE,
            "origin.elsewhere.org",
            "HostedZoneDoesNotCoverAlias",
            "origin.elsewhere.org",
        ),
    ] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.preload_private_zone("Z0PRIVATE", "example.com");
        let spec = MUTUAL_TLS.replace(ZONE, zone).replace(ORIGIN, domain);
        assert_refused(&mut cluster, &spec, reason, words).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_another_account_has_is_named_and_taken_once_it_is_free() {
    let mut cluster = cluster(Settings {
        names_taken_elsewhere: [ORIGIN.to_owned()].into(),
        ..Settings::default()
    });
    cluster.apply(NAME, MUTUAL_TLS);
    assert_eq!(
        cluster.stalled(NAME).await,
        "NameTaken",
        "{}",
        cluster.story(NAME)
    );
    let told = cluster.message(NAME, "Stalled");
    for words in [ORIGIN, "Another AWS account", "certificate", "truststore"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(!cluster.cloud.is_endpoint_off(API));
    cluster.cloud.clear_journal();
    cluster
        .cloud
        .configure(|settings| settings.names_taken_elsewhere.clear());
    goes_on(&mut cluster).await;
    let journal = cluster.cloud.journal();
    assert_eq!(journal.count("RequestCertificate"), 0, "it is used again");
}

#[tokio::test(start_paused = true)]
async fn what_was_made_for_a_name_that_another_account_has_goes_with_the_object() {
    let mut cluster = cluster(Settings {
        names_taken_elsewhere: [ORIGIN.to_owned()].into(),
        ..Settings::default()
    });
    cluster.apply(NAME, MUTUAL_TLS);
    assert_eq!(cluster.stalled(NAME).await, "NameTaken");
    assert_eq!(cluster.cloud.objects_of(BUCKET).len(), 1, "the truststore");
    cluster.delete(NAME).await;
    nothing_left(&cluster);
    assert!(cluster.cloud.objects_of(BUCKET).is_empty());
    assert!(cluster.cloud.records_at(ZONE, ORIGIN).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_name_of_this_account_that_is_not_ours_is_left_alone() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.map_domain(ORIGIN, "", API, "prod");
    cluster.watch();
    cluster.apply(NAME, MUTUAL_TLS);
    assert_eq!(
        cluster.stalled(NAME).await,
        "NameTaken",
        "{}",
        cluster.story(NAME)
    );
    assert_nothing_built(&cluster, "the name is not ours");
    let journal = cluster.cloud.journal();
    for name in ["DeleteDomainName", "DeleteApiMapping"] {
        assert_eq!(journal.count(name), 0, "{name}: {}", journal.summary());
    }
    assert!(!cluster.cloud.is_endpoint_off(API));
}

#[tokio::test(start_paused = true)]
async fn an_origin_request_policy_that_sends_the_viewers_host_is_refused() {
    // AWS's AllViewer.
    let policy = "distribution: {originRequestPolicyId: 216adef6-5c7f-47e4-b989-5492eafa07d3}";
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, &format!("{policy}\n{MUTUAL_TLS}"));
    assert_eq!(cluster.stalled(NAME).await, "InvalidSpec");
    let message = cluster.message(NAME, "Accepted");
    assert!(
        message.contains("spec.distribution.originRequestPolicyId"),
        "{message}"
    );
    assert_eq!(cluster.cloud.journal().writes().len(), 0, "nothing is built");
    assert!(!cluster.cloud.is_endpoint_off(API));
}

#[tokio::test(start_paused = true)]
async fn a_plan_without_client_certificates_is_named() {
    let mut cluster = cluster(Settings {
        flat_rate_plan: true,
        ..Settings::default()
    });
    cluster.apply(NAME, MUTUAL_TLS);
    assert_eq!(
        cluster.stalled(NAME).await,
        "PricingPlan",
        "{}",
        cluster.story(NAME)
    );
    assert!(!cluster.cloud.is_endpoint_off(API));
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_is_lost_afterwards_is_named_and_nothing_is_opened() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.invariants = None;
    cluster.cloud.delete_zone(ZONE);
    resyncs(&mut cluster, 8).await;
    let story = cluster.story(NAME);
    assert!(story.contains("HostedZoneNotFound"), "{story}");
    assert!(cluster.cloud.is_endpoint_off(API), "{story}");
}

#[tokio::test(start_paused = true)]
async fn truststore_warnings_are_told() {
    let warning = "Certificate in the truststore expires soon";
    let mut cluster = cluster(Settings {
        truststore_warnings: vec![warning.to_owned()],
        ..Settings::default()
    });
    cluster.apply(NAME, MUTUAL_TLS);
    cluster.settle_patiently(NAME).await;
    let story = cluster.story(NAME);
    let notes = cluster.objects[NAME].status.clone().unwrap().notes;
    let mut notes = notes.iter().filter(|note| note.reason == "TruststoreWarned");
    assert!(notes.any(|note| note.message.contains(warning)), "{story}");
    assert!(cluster.message(NAME, "Ready").contains(warning), "{story}");
}

#[tokio::test(start_paused = true)]
async fn rights_that_are_missing_are_named_and_it_goes_on_when_they_are_there() {
    for action in [
        "acm:ImportCertificate",
        "s3:PutObject",
        "s3:GetBucketVersioning",
        "acm:RequestCertificate",
    ] {
        let mut cluster = cluster(Settings {
            denied: [action.to_owned()].into(),
            ..Settings::default()
        });
        cluster.apply(NAME, MUTUAL_TLS);
        assert_eq!(
            cluster.stalled(NAME).await,
            "AccessDenied",
            "{action}: {}",
            cluster.story(NAME)
        );
        assert!(
            cluster.story(NAME).contains(action),
            "{action}: {}",
            cluster.story(NAME)
        );
        cluster.cloud.configure(|settings| settings.denied.clear());
        goes_on(&mut cluster).await;
    }
}
