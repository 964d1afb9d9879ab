//! What else leads to the stage without a certificate of the perimeter's: it is told, and nothing is called restricted that is not.

use super::mutual_tls::{assert_locked, shown};
use super::petstore::API;
use super::scenes::{MUTUAL_TLS, NAME, cluster, found, hours, pair, passes, quiet, ready, resyncs};
use super::somebodys::made_by_somebody;
use super::support::cluster::Cluster;
use super::support::pairs;
use super::support::pieces;
use super::support::simulation::apigateway::{Preloaded, RoutingRule};
use super::support::simulation::settings::Settings;
use palisade::aws::operations::Call;
use palisade::domain::edge::xml;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::mutual_tls::origin_domain::Creation;

/// It is said that another door stands open, and which.
#[track_caller]
fn assert_open(cluster: &Cluster, name: &str) {
    let story = cluster.story(NAME);
    assert_eq!(
        found(cluster, "AccessRestricted"),
        pair("False", "OtherDoorOpen"),
        "{story}"
    );
    assert!(
        cluster.message(NAME, "AccessRestricted").contains(name),
        "{name}: {story}"
    );
    assert!(
        cluster.cloud.is_endpoint_off(API),
        "what is locked stays so: {story}"
    );
}

#[tokio::test(start_paused = true)]
async fn another_custom_domain_name_that_asks_for_no_certificate_is_an_open_door() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.map_domain("api.example.org", "v1", API, "prod");
    resyncs(&mut cluster, 8).await;
    assert_open(&cluster, "api.example.org");
    cluster.cloud.unmap_domain("api.example.org");
    hours(2).await;
    cluster.settle_patiently(NAME).await;
    assert_locked(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_routing_rule_that_leads_to_the_stage_is_an_open_door() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let rule = RoutingRule {
        domain: "api.example.org",
        mode: "ROUTING_RULE_ONLY",
        priority: 10,
        path: "",
        stage: "prod",
    };
    cluster.cloud.route_domain(&rule, API);
    resyncs(&mut cluster, 8).await;
    assert_open(&cluster, "api.example.org");
}

#[tokio::test(start_paused = true)]
async fn another_custom_domain_name_that_trusts_others_is_an_open_door() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let theirs = pairs::pair("partners.example.com", 9, cluster.now());
    cluster.cloud.preload_bucket("eu-north-1", "partners", true);
    cluster.cloud.write_object("partners", "trust.pem", &theirs.ca);
    let certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/partners".to_owned();
    cluster
        .cloud
        .preload_certificate(&certificate_arn, &["partners.example.com"]);
    let object = Call::GetObject {
        region: "eu-north-1".to_owned(),
        bucket: "partners".to_owned(),
        key: "trust.pem".to_owned(),
    };
    let Ok(palisade::aws::operations::Answer::GetObject((Some(version), _))) =
        cluster.cloud.as_somebody(object)
    else {
        panic!("the bucket keeps versions");
    };
    let creation = Creation {
        name: "partners.example.com".to_owned(),
        certificate_arn,
        truststore_uri: "s3://partners/trust.pem".to_owned(),
        truststore_version: version,
        tags: Tags::new(),
    };
    let region = "eu-north-1".to_owned();
    cluster
        .cloud
        .as_somebody(Call::CreateDomainName { region, creation })
        .unwrap();
    cluster.cloud.map_domain("partners.example.com", "", API, "prod");
    cluster.watch();
    resyncs(&mut cluster, 8).await;
    assert_open(&cluster, "partners.example.com");
}

/// Somebody has another distribution show the client certificate.
fn shown_by_somebody(cluster: &Cluster) -> String {
    let ours = shown(cluster);
    let mut config = pieces::config("theirs", None);
    let mut origin = xml::items_at(&config, "Origins")[0].clone();
    let mut custom = xml::at(&origin, "CustomOriginConfig").unwrap().clone();
    let shown = xml::parent("OriginMtlsConfig", vec![xml::text("ClientCertificateArn", &ours)]);
    xml::put(&mut custom, shown, &[]);
    xml::put(&mut origin, custom, &[]);
    xml::put(&mut origin, xml::text("DomainName", "origin.example.com"), &[]);
    xml::put(&mut config, xml::list("Origins", vec![origin]), &[]);
    made_by_somebody(cluster, config)
}

#[tokio::test(start_paused = true)]
async fn another_distribution_that_shows_our_certificate_is_an_open_door() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let theirs = shown_by_somebody(&cluster);
    cluster.watch();
    hours(25).await;
    resyncs(&mut cluster, 2).await;
    assert_open(&cluster, &theirs);
}

/// An edit of what has nothing to do with doors.
const LIMITED: &str = "webAcl: {rateLimits: [{name: per-ip, limit: 500}]}";

#[tokio::test(start_paused = true)]
async fn a_custom_domain_name_that_stands_open_is_told_whatever_is_edited() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.map_domain("api.example.org", "v1", API, "prod");
    resyncs(&mut cluster, 8).await;
    assert_open(&cluster, "api.example.org");
    cluster.apply(NAME, &format!("{MUTUAL_TLS}\n{LIMITED}"));
    for _ in 0..5 {
        passes(&mut cluster, 1).await;
        assert_open(&cluster, "api.example.org");
    }
}

#[tokio::test(start_paused = true)]
async fn a_distribution_that_shows_our_certificate_is_told_whatever_is_edited() {
    let mut cluster = ready(MUTUAL_TLS).await;
    let theirs = shown_by_somebody(&cluster);
    cluster.watch();
    hours(25).await;
    resyncs(&mut cluster, 2).await;
    assert_open(&cluster, &theirs);
    cluster.apply(NAME, &format!("{MUTUAL_TLS}\n{LIMITED}"));
    for _ in 0..5 {
        passes(&mut cluster, 1).await;
        assert_open(&cluster, &theirs);
        let status = cluster.objects[NAME].status.clone().unwrap();
        let doors = status.access.unwrap().other_doors;
        assert!(
            doors.iter().any(|door| door.name.contains(&theirs)),
            "{theirs}: {doors:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn other_stages_lose_the_default_endpoint_only_where_the_spec_says_that_they_may() {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &["prod", "dev"]));
    cluster.apply(NAME, MUTUAL_TLS);
    assert_eq!(cluster.stalled(NAME).await, "OtherStagesServed");
    let message = cluster.message(NAME, "Stalled");
    assert!(
        message.contains("disableForAllStages") && message.contains("dev"),
        "{message}"
    );
    assert!(!cluster.cloud.is_endpoint_off(API));
    let consent = "disableForAllStages: true, originDomain";
    cluster.apply(NAME, &MUTUAL_TLS.replace("originDomain", consent));
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    quiet(&mut cluster, NAME).await;
    assert_locked(&cluster);
}
