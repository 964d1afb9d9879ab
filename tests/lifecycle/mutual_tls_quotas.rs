//! AWS's quotas on what serves mutual TLS: custom domain names of a Region, and imports of certificates. Which one is full is told, since
//! when, and what helps; nothing is made anew meanwhile, and it goes on once the quota is raised.

use super::mutual_tls_refused::goes_on;
use super::petstore::API;
use super::scenes::{MUTUAL_TLS, NAME, cluster, fail, found, pair};
use super::support::cluster::Cluster;
use super::support::simulation::faults::Fault;
use super::support::simulation::settings::Settings;
use std::time::Duration;

const FULL: &str = "The maximum number of domain names for this account has been reached.";

/// For hours, each pass tries the refused call once and makes nothing else; the condition says which quota is full, since when it says so,
/// and what helps.
async fn assert_told(cluster: &mut Cluster, refused: &str, remedy: &str) {
    assert_eq!(
        cluster.stalled(NAME).await,
        "QuotaReached",
        "{}",
        cluster.story(NAME)
    );
    let since = |cluster: &Cluster| {
        let message = cluster.message(NAME, "AccessRestricted");
        assert!(message.contains(remedy), "{message}");
        let (_, since) = message.rsplit_once(" (since ").expect("it is dated");
        since.to_owned()
    };
    assert_eq!(found(cluster, "AccessRestricted"), pair("False", "QuotaReached"));
    let first = since(cluster);
    cluster.cloud.clear_journal();
    let passes = 24;
    for _ in 0..passes {
        tokio::time::sleep(Duration::from_mins(5)).await;
        cluster.pass_surviving(NAME).await;
        assert_eq!(since(cluster), first);
    }
    let journal = cluster.cloud.journal();
    assert_eq!(journal.count(refused), passes, "{}", journal.summary());
    for entry in journal.writes() {
        let is_other = entry.operation.name != refused;
        assert!(
            !is_other || entry.code.is_some(),
            "{}: {}",
            entry.operation.name,
            journal.summary()
        );
    }
    assert!(!cluster.cloud.is_endpoint_off(API));
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_full_of_domain_names_is_told_and_it_goes_on_once_there_is_room() {
    for code in [
        "LimitExceededException",
        "TooManyRequestsException",
        "BadRequestException",
    ] {
        let mut cluster = cluster(Settings::default());
        fail(&cluster, "CreateDomainName", Fault::Refusal(code, FULL));
        cluster.apply(NAME, MUTUAL_TLS);
        assert_told(&mut cluster, "CreateDomainName", "Public custom domain names").await;
        cluster.cloud.clear_faults();
        goes_on(&mut cluster).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_year_that_is_full_of_imports_is_told_and_it_goes_on_once_there_is_room() {
    let mut settings = Settings::default();
    settings.limits.imported_certificates = 0;
    let mut cluster = cluster(settings);
    cluster.apply(NAME, MUTUAL_TLS);
    let remedy = "Imported certificates in last 365 days";
    assert_told(&mut cluster, "ImportCertificate", remedy).await;
    cluster
        .cloud
        .configure(|settings| settings.limits.imported_certificates = 2500);
    goes_on(&mut cluster).await;
}
