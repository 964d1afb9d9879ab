//! Mutual TLS from the first pass until both ways are proven: what is made, in which calls, and what a resync costs.

use super::petstore::API;
use super::scenes::{
    BUCKET, MUTUAL_TLS, NAME, ORIGIN, ZONE, assert_proven, cluster, config, found, own_calls, pair, passes,
    quiet, ready, ready_on, setting, shape, the,
};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::api::{MutualTlsStatus, ProtectedApiSpec};
use palisade::domain::access::probe::Way;
use palisade::domain::mutual_tls::pair::certificates;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Where the distribution says which certificate it shows.
const SHOWN: &str = "Origins/Items/Origin/CustomOriginConfig/OriginMtlsConfig/ClientCertificateArn";

/// ARN of the client certificate that CloudFront shows.
pub fn shown(cluster: &Cluster) -> String {
    setting(cluster, SHOWN)
}

pub fn status(cluster: &Cluster) -> MutualTlsStatus {
    let status = cluster.objects[NAME].status.clone().unwrap();
    status
        .access
        .and_then(|access| access.mutual_tls)
        .unwrap_or_default()
}

/// The CAs that the custom domain name accepts.
pub fn trusted(cluster: &Cluster) -> BTreeSet<String> {
    let truststore = cluster
        .cloud
        .truststore_of(ORIGIN)
        .expect("it asks for a certificate");
    certificates(&truststore.content).into_iter().collect()
}

/// ARNs of the object's client certificates.
pub fn client_certificates(cluster: &Cluster) -> BTreeSet<String> {
    let all = cluster.cloud.resources_of(&cluster.uid(NAME)).into_iter();
    all.filter(|found| found.kind == Kind::Certificate && found.name.starts_with("client "))
        .map(|found| found.arn)
        .collect()
}

/// It is locked, and both ways are proven.
#[track_caller]
pub fn assert_locked(cluster: &Cluster) {
    let story = cluster.story(NAME);
    assert_eq!(
        found(cluster, "AccessRestricted"),
        pair("True", "Locked"),
        "{story}"
    );
    assert_proven(cluster);
    let endpoint = &cluster.objects[NAME].spec.origin.endpoint;
    let api = endpoint.split('.').next().unwrap_or_default();
    assert!(cluster.cloud.is_endpoint_off(api), "{story}");
}

/// An HTTP API whose routes ask for a user's token.
const HTTP: &str = "orders0000";

fn users_api(auto_deploy: bool) -> Preloaded {
    Preloaded {
        routes: vec![("GET /orders", "JWT"), ("POST /orders", "JWT")],
        auto_deploy,
        ..Preloaded::http("eu-north-1", HTTP, &["$default"])
    }
}

fn spec_of(id: &str, kind: &str, stage: &str, more: &str) -> ProtectedApiSpec {
    let origin = format!(
        "origin: {{endpoint: {id}.execute-api.eu-north-1.amazonaws.com, type: {kind}, stage: {stage}}}"
    );
    serde_yaml::from_str(&format!("{origin}\n{more}")).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_rest_api_is_reached_by_its_custom_domain_name_alone() {
    let cluster = ready(MUTUAL_TLS).await;
    assert_locked(&cluster);
    assert_eq!(setting(&cluster, "Origins/Items/Origin/DomainName"), ORIGIN);
    assert_eq!(client_certificates(&cluster), BTreeSet::from([shown(&cluster)]));
    let records = cluster.cloud.records_at(ZONE, ORIGIN);
    assert!(
        records.iter().any(|record| record.starts_with("A d-")),
        "{records:?}"
    );
    let known = status(&cluster);
    assert_eq!(known.client_certificate_arn, Some(shown(&cluster)));
    assert!(
        known.default_endpoint_off && known.target.is_some() && known.truststore_version.is_some(),
        "{known:?}"
    );
    assert!(
        known.client_certificate_not_before < known.client_certificate_not_after,
        "{known:?}"
    );
    let objects = cluster.cloud.objects_of(BUCKET);
    assert_eq!(objects.len(), 1, "{objects:?}");
    assert_eq!(trusted(&cluster).len(), 1);
    // No method asks for anything.
    let served = cluster.cloud.served(API, "prod", "GET /pets").unwrap();
    assert!(served.is_open() && !served.api_key_required);
}

#[tokio::test(start_paused = true)]
async fn an_http_api_whose_routes_ask_for_tokens_keeps_its_authorizers() {
    for auto_deploy in [true, false] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.preload_api(&users_api(auto_deploy));
        cluster.apply_spec(NAME, spec_of(HTTP, "HTTP", "$default", MUTUAL_TLS));
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        assert_locked(&cluster);
        let served = cluster.cloud.served(HTTP, "$default", "GET /orders").unwrap();
        assert_eq!(served.kind, "JWT", "{auto_deploy}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_thing_is_made_by_one_call_and_no_method_is_changed() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, MUTUAL_TLS);
    cluster.ready(NAME).await;
    let journal = cluster.cloud.journal();
    let mut writes = BTreeMap::<&str, usize>::new();
    for entry in journal.writes().iter().filter(|entry| entry.code.is_none()) {
        *writes.entry(entry.operation.name).or_default() += 1;
    }
    let expected = [
        ("ChangeResourceRecordSets", 2),
        ("CreateApiMapping", 1),
        ("CreateDistributionWithTags", 1),
        ("CreateDomainName", 1),
        ("CreateRole", 1),
        ("CreateWebACL", 1),
        ("ImportCertificate", 1),
        ("PutObject", 1),
        ("PutRolePolicy", 1),
        ("RequestCertificate", 1),
        // The mark: before the switch, and once that is proven.
        ("TagResource", 2),
        ("UpdateRestApi", 1),
        ("UpdateStage", 1),
    ];
    assert_eq!(writes, BTreeMap::from(expected));
    let read = journal.count("GetRestApi");
    assert!(read <= 6, "{read}: {}", journal.summary());
    assert!(config(&cluster).get_child("Origins").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_resync_reads_what_lists_show() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.resync(NAME).await;
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
    assert_eq!(own_calls(&cluster), [""; 0], "{}", journal.summary());
}

#[tokio::test(start_paused = true)]
async fn the_way_is_proven_with_the_certificate_before_cloudfront_has_it() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, MUTUAL_TLS);
    for _ in 0..200 {
        let outcome = cluster.pass(NAME).await;
        if cluster.cloud.journal().count("ImportCertificate") > 0 {
            break;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    let ways: BTreeSet<Way> = cluster.cloud.probes().iter().map(|probe| probe.way).collect();
    assert!(
        ways.contains(&Way::Certificate) && ways.contains(&Way::Origin),
        "{ways:?}"
    );
    assert!(!cluster.cloud.is_endpoint_off(API));
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn without_probes_it_is_built_and_locked_by_what_is_read() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, &format!("probes: Disabled\n{MUTUAL_TLS}"));
    passes(&mut cluster, 80).await;
    assert!(!shown(&cluster).is_empty(), "{}", cluster.story(NAME));
    assert!(cluster.cloud.probes().is_empty(), "{:?}", cluster.cloud.probes());
    assert!(cluster.cloud.is_endpoint_off(API), "{}", cluster.story(NAME));
    assert_eq!(found(&cluster, "AccessRestricted"), pair("True", "Locked"));
}

#[tokio::test(start_paused = true)]
async fn under_observe_all_is_built_and_the_default_endpoint_stays_on() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, &MUTUAL_TLS.replace("mode:", "enforcement: Observe, mode:"));
    cluster.settle_patiently(NAME).await;
    for _ in 0..8 {
        cluster.resync(NAME).await;
    }
    assert!(!cluster.cloud.is_endpoint_off(API));
    assert_eq!(cluster.cloud.journal().count("UpdateRestApi"), 0);
    assert!(!shown(&cluster).is_empty());
    assert_eq!(
        cluster.condition(NAME, "ViewerAccessVerified"),
        "True",
        "{}",
        cluster.story(NAME)
    );
    // What is only looked at is locked as soon as that is asked for.
    cluster.apply(NAME, MUTUAL_TLS);
    cluster.ready(NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_restart_in_between_makes_another_pair_and_leaves_nothing_over() {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, MUTUAL_TLS);
    for number in 0..200 {
        let outcome = cluster.pass(NAME).await;
        if number % 3 == 2 {
            cluster.restart();
        }
        if cluster.condition(NAME, "Ready") == "True" {
            break;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
    assert_eq!(client_certificates(&cluster), BTreeSet::from([shown(&cluster)]));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_of_the_teams_own_is_taken_as_it_is() {
    let own = "arn:aws:acm:eu-north-1:123456789012:certificate/22222222-2222-3333-4444-555555555555";
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_certificate(own, &["*.example.com"]);
    let more = format!("truststoreBucket: shop-truststores, certificateArn: '{own}'");
    cluster.apply(
        NAME,
        &MUTUAL_TLS.replace("truststoreBucket: shop-truststores", &more),
    );
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
    assert_eq!(cluster.cloud.journal().count("RequestCertificate"), 0);
    assert_eq!(status(&cluster).origin_certificate_arn.as_deref(), Some(own));
}

#[tokio::test(start_paused = true)]
async fn an_aws_that_takes_its_time_is_waited_for() {
    let slow = Settings {
        domain_name_delay: Duration::from_mins(9),
        stage_propagation: Duration::from_secs(40),
        dns_propagation: Duration::from_mins(2),
        tag_lag: Duration::from_secs(50),
        ..Settings::default()
    };
    let cluster = ready_on(slow, MUTUAL_TLS).await;
    assert_locked(&cluster);
    assert_eq!(the(&cluster, Kind::DomainName).name, ORIGIN);
    let kinds: Vec<Kind> = shape(&cluster, NAME).into_iter().map(|(kind, _)| kind).collect();
    assert!(kinds.contains(&Kind::Truststore), "{kinds:?}");
}
