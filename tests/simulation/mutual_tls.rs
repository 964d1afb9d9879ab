//! Requests to a custom domain name that asks for a client certificate, through the perimeter and past it.

use crate::support::pairs::pair;
use crate::support::pieces::{CLUSTER, deployed, distribution_config, tags, web_acl, with};
use crate::support::simulation::SimulatedCloud;
use crate::support::simulation::apigateway::Preloaded;
use crate::support::simulation::invariants::Invariants;
use crate::support::simulation::settings::Settings;
use jiff::Timestamp;
use palisade::aws::cloud::Cloud;
use palisade::controller::probes::Prober;
use palisade::domain::access::probe::{Answer, Probe, Way};
use palisade::domain::edge::distribution::Content;
use palisade::domain::edge::hosted_zone::{Deed, Record, RecordChange, Target};
use palisade::domain::edge::xml::{self, Element};
use palisade::domain::mutual_tls::origin_domain::{Change, Creation};
use palisade::domain::mutual_tls::pair::Pair;
use std::time::Duration;

const REGION: &str = "eu-north-1";
const API: &str = "a1b2c3d4e5";
const ENDPOINT: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
const DOMAIN: &str = "origin.example.com";
const ZONE: &str = "Z0123456789ABCDEFGHIJ";
const BUCKET: &str = "shop-truststores";
const KEY: &str = "palisade/c1c1c1c1-0000-4000-8000-000000000000/petstore-0000-4000-8000-000000000000.pem";

fn text(value: &str) -> String {
    value.to_owned()
}

fn began() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// A custom domain name that trusts the CAs of `trusted`, and a distribution that shows the certificate of `shown` to it.
struct Scene {
    cloud: SimulatedCloud,
    distribution: Content,
    shown: Pair,
}

impl Scene {
    async fn of(api: &Preloaded, settings: Settings) -> Self {
        let shown = pair(DOMAIN, 1, began());
        Self::with(api, settings, shown.clone(), &shown).await
    }

    async fn with(api: &Preloaded, settings: Settings, shown: Pair, trusted: &Pair) -> Self {
        let cloud = SimulatedCloud::new(settings);
        cloud.preload_api(api);
        cloud.preload_bucket(REGION, BUCKET, true);
        cloud.preload_zone(ZONE, "example.com");
        let certificate_arn = format!("arn:aws:acm:{REGION}:123456789012:certificate/origin");
        cloud.preload_certificate(&certificate_arn, &[DOMAIN]);
        let version = put(&cloud, &trusted.ca).await;
        let creation = Creation {
            name: text(DOMAIN),
            certificate_arn,
            truststore_uri: format!("s3://{BUCKET}/{KEY}"),
            truststore_version: version,
            tags: tags("petstore"),
        };
        let calls: &dyn Cloud = &cloud;
        let made = calls.create_domain_name(text(REGION), creation).await.unwrap();
        let stage = text(api.stages[0]);
        let (key, id) = (String::new(), text(api.id));
        let mapped = calls
            .create_api_mapping(text(REGION), text(DOMAIN), key, id, stage)
            .await;
        mapped.unwrap();
        let record = RecordChange {
            deed: Deed::Create,
            record: leading(&made.target.unwrap(), &made.target_zone.unwrap()),
        };
        calls.change_records(text(ZONE), vec![record]).await.unwrap();
        let arn = calls
            .import_certificate(Box::new(shown.clone()), tags("petstore"))
            .await;
        let distribution = distribute(&cloud, &arn.unwrap()).await;
        Self {
            cloud,
            distribution,
            shown,
        }
    }

    async fn view(&self, path: &str) -> (u16, String) {
        let host = &self.distribution.domain_name;
        said(&self.cloud.probe(&probe(Way::Viewer, host, path)).await)
    }

    async fn call(&self, path: &str) -> (u16, String) {
        said(&self.cloud.probe(&probe(Way::Direct, ENDPOINT, path)).await)
    }

    /// Past the perimeter, with a certificate or without.
    async fn knock(&self, shown: Option<&Pair>) -> Answer {
        let way = if shown.is_some() {
            Way::Certificate
        } else {
            Way::Origin
        };
        let certificate = shown.map(|pair| (pair.leaf.clone(), pair.key.clone()));
        let probe = Probe {
            certificate,
            ..probe(way, DOMAIN, "/pets")
        };
        self.cloud.probe(&probe).await
    }
}

fn leading(target: &str, zone: &str) -> Record {
    Record {
        name: text(DOMAIN),
        r#type: text("A"),
        set_identifier: None,
        ttl: None,
        values: vec![],
        target: Some(Target {
            zone: text(zone),
            name: text(target),
            evaluates_health: false,
        }),
    }
}

async fn put(cloud: &SimulatedCloud, content: &str) -> String {
    let calls: &dyn Cloud = cloud;
    let put = calls.put_object(text(REGION), text(BUCKET), text(KEY), text(content));
    put.await.unwrap().unwrap()
}

/// The configuration with its origin there, which is shown that certificate.
fn showing(config: &Element, arn: &str) -> Element {
    let mut origin = xml::items_at(config, "Origins")[0].clone();
    let mut custom = xml::at(&origin, "CustomOriginConfig").unwrap().clone();
    let shown = xml::parent("OriginMtlsConfig", vec![xml::text("ClientCertificateArn", arn)]);
    xml::put(&mut custom, shown, &[]);
    xml::put(&mut origin, custom, &[]);
    xml::put(&mut origin, xml::text("DomainName", DOMAIN), &[]);
    with(config, xml::list("Origins", vec![origin]))
}

async fn distribute(cloud: &SimulatedCloud, arn: &str) -> Content {
    let calls: &dyn Cloud = cloud;
    let acl = calls
        .create_web_acl(text("petstore"), web_acl(&[]), tags("petstore"))
        .await;
    let config = distribution_config("petstore", None, &acl.unwrap().arn, vec![]);
    let made = calls
        .create_distribution(showing(&config, arn), tags("petstore"))
        .await;
    deployed(calls, &made.unwrap().id).await
}

fn probe(way: Way, host: &str, path: &str) -> Probe {
    let mut probe = Probe::plain(way, host, path);
    probe.known.by_certificate = way != Way::Direct;
    probe
}

fn said(answer: &Answer) -> (u16, String) {
    match answer {
        Answer::Http { status, body, .. } => (*status, body.clone()),
        Answer::EndedForCertificate(why) | Answer::Failed(why) => (0, why.clone()),
    }
}

fn rest() -> Preloaded {
    Preloaded::rest(REGION, API, &["prod"])
}

fn http() -> Preloaded {
    Preloaded {
        routes: vec![("GET /pets", "NONE")],
        ..Preloaded::http(REGION, API, &["$default"])
    }
}

const FORBIDDEN: &str = r#"{"message":"Forbidden"}"#;

#[tokio::test(start_paused = true)]
async fn viewers_get_in_by_the_certificate_that_cloudfront_shows() {
    for api in [rest(), http()] {
        let scene = Scene::of(&api, Settings::instant()).await;
        let (status, body) = scene.view("/pets").await;
        assert_eq!(status, 200, "{}: {body}", api.protocol);
        scene.cloud.viewer_is_served(&scene.distribution.id).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn past_the_perimeter_only_the_right_certificate_gets_in() {
    let scene = Scene::of(&rest(), Settings::instant()).await;
    let ended = scene.knock(None).await;
    assert!(matches!(ended, Answer::EndedForCertificate(_)), "{ended:?}");
    let (status, _) = said(&scene.knock(Some(&scene.shown)).await);
    assert_eq!(status, 200);
    let (status, body) = said(&scene.knock(Some(&pair(DOMAIN, 2, began()))).await);
    assert_eq!((status, body.as_str()), (403, FORBIDDEN));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_whose_authority_is_not_trusted_shuts_viewers_out() {
    let (shown, trusted) = (pair(DOMAIN, 1, began()), pair(DOMAIN, 2, began()));
    let scene = Scene::with(&rest(), Settings::instant(), shown, &trusted).await;
    assert_eq!(scene.view("/pets").await, (403, FORBIDDEN.to_owned()));
    let told = scene.cloud.viewer_is_served(&scene.distribution.id).unwrap_err();
    assert!(told.contains("refused by its origin: 403"), "{told}");
    assert!(!scene.cloud.take_shut_out().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_has_expired_shuts_viewers_out() {
    let scene = Scene::of(&rest(), Settings::instant()).await;
    tokio::time::sleep(Duration::from_hours(121 * 24)).await;
    assert_eq!(scene.view("/pets").await.0, 403);
}

#[tokio::test(start_paused = true)]
async fn a_truststore_that_is_only_written_changes_nothing_and_the_former_serves_while_the_next_is_on_its_way()
 {
    let scene = Scene::of(&rest(), Settings::instant()).await;
    let next = pair(DOMAIN, 2, began());
    let version = put(&scene.cloud, &next.ca).await;
    assert_eq!(said(&scene.knock(Some(&next)).await).0, 403);
    let delay = Duration::from_mins(10);
    scene
        .cloud
        .configure(|settings| settings.domain_name_delay = delay);
    let cloud: &dyn Cloud = &scene.cloud;
    let (found, _) = cloud.get_domain_name(text(REGION), text(DOMAIN)).await.unwrap();
    let change = Change {
        name: found.name,
        certificate_arn: found.certificate_arn.unwrap(),
        truststore_uri: found.truststore_uri.unwrap(),
        truststore_version: version,
    };
    cloud.update_domain_name(text(REGION), change).await.unwrap();
    assert_eq!(scene.view("/pets").await.0, 200);
    tokio::time::sleep(delay).await;
    assert_eq!(scene.view("/pets").await.0, 403);
    assert_eq!(said(&scene.knock(Some(&next)).await).0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_rest_api_serves_the_switch_of_its_default_endpoint_with_the_next_change_of_a_stage() {
    let scene = Scene::of(&rest(), Settings::instant()).await;
    let cloud: &dyn Cloud = &scene.cloud;
    cloud
        .switch_rest_endpoint(text(REGION), text(API), true)
        .await
        .unwrap();
    assert_eq!(scene.call("/prod/pets").await.0, 200);
    let stage = scene.cloud.stage_of(API, "prod").unwrap();
    let (region, api, stage) = (text(REGION), text(API), stage.deployment.unwrap());
    cloud
        .update_rest_stage(region, api, text("prod"), stage)
        .await
        .unwrap();
    assert_eq!(scene.call("/prod/pets").await, (403, FORBIDDEN.to_owned()));
    assert_eq!(
        scene.view("/pets").await.0,
        200,
        "the custom domain name is another door"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_is_given_what_it_has_may_make_the_switch_count_or_not_and_a_change_does() {
    let scene = Scene::of(&rest(), Settings::instant()).await;
    let cloud: &dyn Cloud = &scene.cloud;
    scene
        .cloud
        .configure(|settings| settings.unchanged_stage_publishes = false);
    let off = cloud.switch_rest_endpoint(text(REGION), text(API), true);
    off.await.unwrap();
    let stage = scene.cloud.stage_of(API, "prod").unwrap();
    let same = cloud.update_rest_stage(text(REGION), text(API), text("prod"), stage.deployment.unwrap());
    same.await.unwrap();
    assert_eq!(scene.call("/prod/pets").await.0, 200);
    let described =
        |words: &str| cloud.describe_rest_stage(text(REGION), text(API), text("prod"), words.to_owned());
    described("").await.unwrap();
    assert_eq!(scene.call("/prod/pets").await.0, 200, "nothing is changed");
    described("x").await.unwrap();
    assert_eq!(scene.call("/prod/pets").await.0, 403);
}

#[tokio::test(start_paused = true)]
async fn an_http_api_serves_it_at_once_where_a_stage_deploys_by_itself() {
    for auto_deploy in [true, false] {
        let api = Preloaded {
            auto_deploy,
            ..http()
        };
        let scene = Scene::of(&api, Settings::instant()).await;
        let cloud: &dyn Cloud = &scene.cloud;
        cloud
            .switch_endpoint(text(REGION), text(API), true)
            .await
            .unwrap();
        assert_eq!(scene.cloud.is_endpoint_off(API), auto_deploy);
        if !auto_deploy {
            let stage = scene.cloud.stage_of(API, "$default").unwrap();
            let (region, api, stage) = (text(REGION), text(API), stage.deployment.unwrap());
            cloud
                .update_stage(region, api, text("$default"), stage)
                .await
                .unwrap();
        }
        let off = (404, r#"{"message":"Not Found"}"#.to_owned());
        assert_eq!(scene.call("/pets").await, off);
        assert_eq!(scene.view("/pets").await.0, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_dns_leads_nowhere_is_not_served() {
    let scene = Scene::of(&rest(), Settings::instant()).await;
    let record = scene.cloud.records_of(ZONE).remove(0);
    scene.cloud.edit_records(ZONE, Deed::Delete, record);
    assert_eq!(scene.view("/pets").await.0, 502);
    assert!(matches!(scene.knock(Some(&scene.shown)).await, Answer::Failed(_)));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_shuts_viewers_out_breaks_an_invariant() {
    let scene = Scene::of(&rest(), Settings::instant()).await;
    let invariants = Invariants::watch(&scene.cloud, CLUSTER);
    let broken = invariants.broken(&scene.cloud);
    assert!(
        broken.iter().all(|words| !words.contains("refused")),
        "{broken:?}"
    );
    let cloud: &dyn Cloud = &scene.cloud;
    cloud
        .delete_domain_name(text(REGION), text(DOMAIN))
        .await
        .unwrap();
    let broken = invariants.broken(&scene.cloud).join("\n");
    assert!(broken.contains("after DeleteDomainName: viewers of"), "{broken}");
}

#[tokio::test(start_paused = true)]
async fn a_private_key_in_a_tag_breaks_an_invariant() {
    let scene = Scene::of(&rest(), Settings::instant()).await;
    let invariants = Invariants::watch(&scene.cloud, CLUSTER);
    let line = scene.shown.key.expose().lines().nth(1).unwrap().to_owned();
    let arn = scene.distribution.arn.clone();
    let cloud: &dyn Cloud = &scene.cloud;
    cloud
        .tag_distribution(arn, [(text("key"), line)].into())
        .await
        .unwrap();
    let broken = invariants.broken(&scene.cloud).join("\n");
    assert!(broken.contains("tells a private key"), "{broken}");
}
