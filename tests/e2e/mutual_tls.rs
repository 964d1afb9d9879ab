//! The mode MutualTls, seen as a caller: by real handshakes with the emulated AWS.

use crate::apis::endpoint;
use crate::controller::{Controller, Launch};
use crate::iam::printed_policy_and;
use crate::names::{records, zone};
use crate::promtool::Scrape;
use crate::scene::{Scene, aws, fault};
use crate::viewers::{Viewers, domain, request};
use jiff::Timestamp;
use palisade::api::ROTATE;
use rustls::client::ResolvesClientCert;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, RootCertStore, SignatureScheme, StreamOwned};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub const BEARER: &str = "Connection: close\r\nAuthorization: Bearer emulated-user-token\r\n";
const NOBODY: &str = "Connection: close\r\n";

/// What a caller meets who has no client certificate.
#[derive(Debug, PartialEq, Eq)]
pub enum Met {
    /// An answer with this status.
    Status(u16),
    /// The end of the connection: whether a certificate was asked for by then.
    Ended { asked: bool },
}

/// Shows no certificate, and remembers whether it was asked for one.
#[derive(Debug, Default)]
struct Nothing(AtomicBool);

impl ResolvesClientCert for Nothing {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.store(true, Ordering::Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// A request past the perimeter.
pub fn past(host: &str, path: &str, headers: &str) -> Met {
    let pem = std::fs::read(&aws().ca_file).expect("the CA");
    let mut roots = RootCertStore::empty();
    for ca in CertificateDer::pem_slice_iter(&pem) {
        roots.add(ca.expect("PEM")).expect("a CA");
    }
    let nothing = Arc::new(Nothing::default());
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::clone(&nothing) as Arc<dyn ResolvesClientCert>);
    let name = ServerName::try_from(host.to_owned()).expect("a DNS name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    let tcp = TcpStream::connect(("127.0.0.1", aws().tls)).expect("the emulator listens");
    tcp.set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a time limit");
    let mut stream = StreamOwned::new(connection, tcp);
    let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: test\r\n{headers}\r\n");
    let mut answer = Vec::new();
    // The end may come in whichever part of the connection.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.read_to_end(&mut answer));
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let ended = || Met::Ended {
        asked: nothing.0.load(Ordering::Relaxed),
    };
    status.map_or_else(ended, Met::Status)
}

/// What an object of this mode stands on: made by a team before.
pub struct Ground {
    /// Id of the hosted zone.
    zone: String,
    /// The origin's name in it.
    pub origin: String,
    /// `spec.access`.
    pub access: Value,
}

pub fn ground(scene: &Scene) -> Ground {
    let (zone, name) = zone(scene);
    let bucket = format!("truststores-{}", scene.namespace);
    let seed = json!({"buckets": [{"name": bucket, "region": "eu-north-1"}]});
    aws().control("POST", "seed", &seed);
    let origin = format!("origin.{name}");
    let access = json!({"mode": "MutualTls", "mutualTls": {
        "hostedZoneId": zone, "originDomain": origin, "truststoreBucket": bucket}});
    Ground { zone, origin, access }
}

/// An HTTP API whose orders are shown to holders of a token, and whose health to everybody; answers its id.
fn orders(scene: &Scene) -> String {
    let id = scene.another_api('h');
    let authorizer = json!({
        "id": "jwt001", "name": "customers", "authorizerType": "JWT",
        "identitySource": ["$request.header.Authorization"],
        "jwtConfiguration": {"issuer": "https://login.example.com", "audience": ["orders"]},
    });
    let api = json!({
        "id": id, "region": "eu-north-1", "protocol": "HTTP", "stages": ["$default"], "authorizers": [authorizer],
        "methods": ["GET /health", {"method": "GET /orders", "authorizationType": "JWT", "authorizerId": "jwt001"}],
    });
    aws().control("POST", "seed", &json!({"apis": [api]}));
    id
}

/// A controller that probes over TLS, as it does with AWS.
pub fn launch(scene: &Scene) -> Launch<'_> {
    scene
        .launch()
        .option(
            "--probe-endpoint-url",
            &format!("https://127.0.0.1:{}", aws().tls),
        )
        .env("SSL_CERT_FILE", &aws().ca_file)
}

/// The object `orders` before an HTTP API, ready; answers the API's host.
pub async fn ready(scene: &Scene, ground: &Ground, launch: Launch<'_>) -> (Controller, String) {
    let host = endpoint(&orders(scene));
    let controller = launch.start();
    let origin = json!({"endpoint": host, "type": "HTTP", "stage": "$default", "probePath": "/health"});
    scene.apply("orders", &json!({"origin": origin, "access": ground.access}));
    scene.until_ready("orders").await;
    (controller, host)
}

/// What status tells of mutual TLS.
pub async fn told(scene: &Scene) -> Value {
    scene.object("orders").await["status"]["access"]["mutualTls"].clone()
}

/// The truststore of the object with that UID, among all that there is.
fn truststores(uid: &str) -> usize {
    let all = aws().control("GET", "resources", &Value::Null);
    let all = all.as_array().expect("a list").iter();
    let is_ours = |found: &&Value| {
        found["type"] == "object" && found["name"].as_str().is_some_and(|name| name.contains(uid))
    };
    all.filter(is_ours).count()
}

#[tokio::test]
async fn an_api_with_a_jwt_authorizer_is_reached_with_cloudfronts_certificate_alone() {
    let scene = Scene::new().await;
    let ground = ground(&scene);
    let launch = launch(&scene).policy(printed_policy_and("--mutual-tls"));
    let (_controller, host) = ready(&scene, &ground, launch).await;
    scene
        .until_condition("orders", "AccessRestricted", "True", "Locked")
        .await;
    let viewer = domain(&scene, "orders").await;
    assert_eq!(request(&viewer, "/orders", BEARER).0, 200);
    assert_eq!(request(&viewer, "/orders", NOBODY).0, 401);
    assert_eq!(
        past(&ground.origin, "/orders", BEARER),
        Met::Ended { asked: true },
        "the origin's name"
    );
    assert_eq!(
        past(&host, "/orders", BEARER),
        Met::Status(404),
        "the default endpoint"
    );
    let uid = scene.uid("orders").await;
    assert_eq!(told(&scene).await["defaultEndpointOff"], true);
    assert_eq!(truststores(&uid), 1);
    scene.delete("orders").await;
    scene.until_gone("orders").await;
    scene
        .until("nothing is left", async || {
            scene.resources().is_empty() && truststores(&uid) == 0
        })
        .await;
    let left = records(&ground.zone);
    assert!(left.iter().all(|record| record.starts_with('_')), "{left:?}");
    assert_eq!(
        past(&host, "/orders", BEARER),
        Met::Status(404),
        "no lock is opened"
    );
    assert!(!scene.all_logs().contains("PRIVATE KEY"), "a key is told");
}

#[tokio::test]
async fn no_viewer_is_refused_while_a_client_certificate_is_replaced_and_the_controller_dies_and_one_that_is_not_replaced_in_time_fires()
 {
    let scene = Scene::new().await;
    let ground = ground(&scene);
    let (controller, _) = ready(&scene, &ground, launch(&scene)).await;
    let before = told(&scene).await;
    let viewers = Viewers::asking(domain(&scene, "orders").await, "/orders", BEARER);
    scene.kubectl(&["annotate", "papi", "orders", &format!("{ROTATE}=now")]);
    scene
        .until_object("another truststore is in use", "orders", |object| {
            object["status"]["access"]["mutualTls"]["truststoreVersion"] != before["truststoreVersion"]
        })
        .await;
    drop(controller);
    let launch = launch(&scene).option("--deep-resync", "2s");
    let controller = launch.start();
    scene
        .until(
            "another certificate is shown, and the old one is gone",
            async || {
                let shown = told(&scene).await["clientCertificateArn"].clone();
                let is_left = scene
                    .resources()
                    .iter()
                    .any(|found| found["arn"] == before["clientCertificateArn"]);
                shown.is_string() && shown != before["clientCertificateArn"] && !is_left
            },
        )
        .await;
    scene.until_ready("orders").await;
    viewers.end();
    let met = past(&ground.origin, "/orders", BEARER);
    assert_eq!(met, Met::Ended { asked: true });
    ages(&scene, &controller).await;
}

/// The client certificate is valid for ten days more, and ACM takes no other in its place.
async fn ages(scene: &Scene, controller: &Controller) {
    fault(&json!({
        "kind": "error", "operation": "ImportCertificate", "key": scene.key("one"), "count": -1, "code": "AccessDeniedException",
        "status": 400, "message": "User is not authorized to perform: acm:ImportCertificate",
    }));
    let shown = told(scene).await["clientCertificateArn"].clone();
    let (_, id) = shown
        .as_str()
        .and_then(|arn| arn.rsplit_once('/'))
        .expect("an ARN");
    let end = Timestamp::now().as_second() + 10 * 24 * 60 * 60;
    aws().control(
        "PATCH",
        &format!("acm/certificates/{id}"),
        &json!({"notAfter": end}),
    );
    let series = "palisade_certificate_expiry_seconds{source=\"clientCertificate\"}";
    let mut scrape = Scrape::of(controller);
    scene
        .until("its end is read", async || {
            scrape = Scrape::of(controller);
            (1.0..1e6).contains(&scrape.value(series))
        })
        .await;
    scrape.fires(&["PalisadeClientCertificateExpires"]);
}

#[tokio::test]
async fn a_default_endpoint_that_somebody_switches_on_is_switched_off_again() {
    let scene = Scene::new().await;
    let ground = ground(&scene);
    let (_controller, host) = ready(&scene, &ground, launch(&scene)).await;
    let id = host.split('.').next().expect("an id").to_owned();
    let open = json!({"disableExecuteApiEndpoint": false});
    aws().control("PATCH", &format!("apigateway/eu-north-1/{id}"), &open);
    assert_eq!(past(&host, "/orders", BEARER), Met::Status(200));
    scene
        .until("it is off again", async || {
            past(&host, "/orders", BEARER) == Met::Status(404)
        })
        .await;
    scene.until_ready("orders").await;
    assert_eq!(request(&domain(&scene, "orders").await, "/orders", BEARER).0, 200);
}

#[tokio::test]
async fn a_rest_api_is_locked_by_a_certificate_without_a_deployment() {
    let scene = Scene::new().await;
    let ground = ground(&scene);
    let stages = format!("apigateway/eu-north-1/{}", scene.api);
    let deployed = aws().control("PATCH", &stages, &json!({}))["stages"].clone();
    let _controller = launch(&scene).start();
    scene.apply("petstore", &json!({"access": ground.access}));
    scene.until_ready("petstore").await;
    let viewer = domain(&scene, "petstore").await;
    assert_eq!(request(&viewer, "/prod/pets", NOBODY).0, 200);
    assert_eq!(past(&scene.endpoint(), "/prod/pets", NOBODY), Met::Status(403));
    assert_eq!(
        past(&ground.origin, "/prod/pets", NOBODY),
        Met::Ended { asked: true }
    );
    assert_eq!(aws().control("PATCH", &stages, &json!({}))["stages"], deployed);
}

/// A signature and a client certificate are not sent together, so an API key comes in between; at the end methods ask for nothing.
#[tokio::test]
async fn no_viewer_is_refused_while_a_certificate_takes_the_place_of_signatures_and_the_controller_dies() {
    let scene = Scene::new().await;
    let ground = ground(&scene);
    let mut controller = launch(&scene).start();
    scene.apply("petstore", &json!({}));
    scene.until_ready("petstore").await;
    let viewers = Viewers::of(domain(&scene, "petstore").await);
    scene.change("petstore", json!({"access": ground.access})).await;
    for (what, path, value) in [
        ("a key goes on", "/heldMode/mode", json!("ApiKey")),
        (
            "the endpoint is off",
            "/mutualTls/defaultEndpointOff",
            json!(true),
        ),
    ] {
        scene
            .until_object(what, "petstore", |object| {
                object["status"]["access"].pointer(path) == Some(&value)
            })
            .await;
        drop(controller);
        controller = launch(&scene).start();
    }
    scene.until_ready("petstore").await;
    // The lock before is taken off only once the certificate's stands.
    scene
        .until_object("nothing goes on beside the certificate", "petstore", |object| {
            let access = &object["status"]["access"];
            access.is_object() && access["heldMode"].is_null()
        })
        .await;
    viewers.end();
    assert_eq!(past(&scene.endpoint(), "/prod/pets", NOBODY), Met::Status(403));
    assert_eq!(
        past(&ground.origin, "/prod/pets", NOBODY),
        Met::Ended { asked: true }
    );
    drop(controller);
}

#[tokio::test]
async fn on_the_way_back_to_a_key_no_viewer_is_refused_nobody_gets_past_and_nothing_of_the_certificate_is_left()
 {
    let scene = Scene::new().await;
    let ground = ground(&scene);
    let controller = launch(&scene).start();
    scene.apply("petstore", &json!({"access": ground.access}));
    scene.until_ready("petstore").await;
    let uid = scene.uid("petstore").await;
    let serves_the_certificate = |found: &Value| {
        ["domainname", "certificate"]
            .iter()
            .any(|kind| found["type"] == *kind)
    };
    assert!(
        scene.resources().iter().any(serves_the_certificate) && truststores(&uid) == 1,
        "it would be seen"
    );
    let viewers = Viewers::of(domain(&scene, "petstore").await);
    let others = Viewers::refused(scene.endpoint());
    scene.apply("petstore", &json!({"access": {"mode": "ApiKey"}}));
    scene
        .until_object("the default endpoint is on", "petstore", |object| {
            let access = &object["status"]["access"];
            access.is_object() && access["mutualTls"]["defaultEndpointOff"] != true
        })
        .await;
    drop(controller);
    let _controller = launch(&scene).start();
    scene.until_ready("petstore").await;
    scene
        .until("nothing of the certificate is left", async || {
            let told = scene.object("petstore").await["status"]["access"]["mutualTls"].clone();
            told.is_null() && !scene.resources().iter().any(serves_the_certificate) && truststores(&uid) == 0
        })
        .await;
    scene
        .until_condition("petstore", "AccessRestricted", "True", "Locked")
        .await;
    viewers.end();
    others.end();
    let left = records(&ground.zone);
    assert!(left.iter().all(|record| record.starts_with('_')), "{left:?}");
    assert_eq!(past(&scene.endpoint(), "/prod/pets", NOBODY), Met::Status(403));
}
