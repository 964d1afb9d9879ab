//! Two stages of one API, each with an object, change to mutual TLS together: they share the default endpoint, by which viewers of
//! both come until CloudFront shows a certificate for theirs.

use super::petstore::API;
use super::scenes::{KEY, MUTUAL_TLS, cluster};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::Kind;
use super::support::simulation::settings::Settings;
use palisade::domain::edge::xml;
use std::collections::BTreeSet;
use std::time::Duration;

const STAGES: [&str; 2] = ["prod", "dev"];

/// An HTTP API, whose routes know no key.
const HTTP: &str = "orders0000";

fn apply(cluster: &mut Cluster, stage: &str, access: &str) {
    apply_to(cluster, (API, "REST"), stage, access);
}

fn apply_to(cluster: &mut Cluster, (api, kind): (&str, &str), stage: &str, access: &str) {
    let origin =
        format!("{{endpoint: {api}.execute-api.eu-north-1.amazonaws.com, type: {kind}, stage: {stage}}}");
    let spec = format!("origin: {origin}\n{access}");
    cluster.apply_spec(stage, serde_yaml::from_str(&spec).unwrap());
}

/// Mutual TLS by a name of the stage's own, which lets all stages lose the default endpoint.
pub fn by_certificate(stage: &str) -> String {
    let with_consent = MUTUAL_TLS.replace("mutualTls: {", "mutualTls: {disableForAllStages: true, ");
    with_consent.replace("origin.example.com", &origin_of(stage))
}

pub fn origin_of(stage: &str) -> String {
    format!("origin-{stage}.example.com")
}

pub fn leads_to(cluster: &Cluster, stage: &str) -> String {
    let mut all = cluster.cloud.resources_of(&cluster.uid(stage)).into_iter();
    let distribution = all.find(|found| found.kind == Kind::Distribution).unwrap();
    let config = cluster.cloud.config_of(&distribution.id);
    xml::text_at(&config, "Origins/Items/Origin/DomainName").unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn the_default_endpoint_stays_on_until_no_viewer_of_either_stage_comes_by_it() {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &STAGES));
    for stage in STAGES {
        apply(&mut cluster, stage, KEY);
        cluster.ready(stage).await;
    }
    for stage in STAGES {
        apply(&mut cluster, stage, &by_certificate(stage));
    }
    // Nobody comes to the other object meanwhile.
    for _ in 0..120 {
        let outcome = cluster.pass_surviving("prod").await;
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(30))).await;
    }
    let story = cluster.story("prod");
    assert_eq!(leads_to(&cluster, "prod"), origin_of("prod"), "{story}");
    assert!(!cluster.cloud.is_endpoint_off(API), "{story}");
    let said = cluster.message("prod", "AccessRestricted");
    assert!(said.contains("shop/dev (stage dev)"), "{said}");
    for _ in 0..200 {
        if cluster.cloud.is_endpoint_off(API) {
            break;
        }
        for stage in STAGES {
            cluster.pass_surviving(stage).await;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    assert!(cluster.cloud.is_endpoint_off(API), "{}", cluster.story("prod"));
    for stage in STAGES {
        assert_eq!(leads_to(&cluster, stage), origin_of(stage));
    }
}

/// A route asks one authorizer, and no key: nothing can take the place of the signatures of both before a certificate does.
#[tokio::test(start_paused = true)]
async fn signatures_of_two_objects_give_way_to_no_secret_header_of_one() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&Preloaded {
        routes: vec![("GET /orders", "NONE")],
        auto_deploy: false,
        ..Preloaded::http("eu-north-1", HTTP, &STAGES)
    });
    let of_http = (HTTP, "HTTP");
    for stage in STAGES {
        apply_to(
            &mut cluster,
            of_http,
            stage,
            "access: {deployPendingChanges: true}",
        );
        cluster.ready(stage).await;
    }
    for stage in STAGES {
        let access = by_certificate(stage).replace("access: {", "access: {deployPendingChanges: true, ");
        apply_to(&mut cluster, of_http, stage, &access);
    }
    let mut told = BTreeSet::new();
    for _ in 0..60 {
        for stage in STAGES {
            cluster.pass_surviving(stage).await;
            let said = cluster.message(stage, "AccessRestricted");
            if said.contains("a method asks one authorizer") {
                told.insert(stage);
            }
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    assert!(!cluster.cloud.is_endpoint_off(HTTP));
    for stage in STAGES {
        let story = cluster.story(stage);
        let served = cluster.cloud.served(HTTP, stage, "GET /orders").unwrap();
        assert_eq!(served.kind, "AWS_IAM", "{story}");
        assert!(told.contains(stage), "{story}");
        assert_eq!(cluster.condition(stage, "AccessRestricted"), "True", "{story}");
    }
}
