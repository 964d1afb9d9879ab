//! Requests through the perimeter as deployed, and past it, to the API as deployed.

use crate::support::pieces::{CLUSTER, Perimeter, build, deployed, with};
use crate::support::simulation::SimulatedCloud;
use crate::support::simulation::apigateway::Preloaded;
use crate::support::simulation::invariants::Invariants;
use crate::support::simulation::settings::Settings;
use palisade::api::{Asks, KeyAsked, OriginType, ProbeMethod, RouteAsks};
use palisade::aws::cloud::Cloud;
use palisade::controller::probes::Prober;
use palisade::domain::access::probe::who_answered::verdict;
use palisade::domain::access::probe::{Answer, Known, Probe, Verdict, Way};
use palisade::domain::edge::xml;
use serde_json::json;
use std::time::Duration;

const API: &str = "a1b2c3d4e5";
const HOST: &str = "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com";
const DEPLOYMENT: Duration = Duration::from_secs(30);

/// A perimeter in front of an open API, deployed.
async fn perimeter(api: &Preloaded, settings: Settings) -> (SimulatedCloud, Perimeter) {
    let simulated = SimulatedCloud::new(settings);
    simulated.preload_api(api);
    let built = build(&simulated, "petstore").await;
    deployed(&simulated, &built.distribution.id).await;
    (simulated, built)
}

fn rest() -> Preloaded {
    Preloaded::rest("eu-north-1", API, &["prod"])
}

/// What is known of a locked route.
fn probe(way: Way, host: &str, path: &str, api: OriginType) -> Probe {
    Probe {
        way,
        host: host.to_owned(),
        connect: None,
        method: ProbeMethod::Get,
        path: path.to_owned(),
        headers: vec![],
        web_socket: api == OriginType::WebSocket,
        certificate: None,
        known: Known {
            asks: Some(Asks {
                route: RouteAsks::Signature,
                key: KeyAsked::None,
            }),
            ..Known::nothing_of(api)
        },
    }
}

async fn ask(cloud: &SimulatedCloud, way: Way, host: &str, path: &str, api: OriginType) -> Verdict {
    let probe = probe(way, host, path, api);
    verdict(&probe, &cloud.probe(&probe).await)
}

async fn view(cloud: &SimulatedCloud, built: &Perimeter) -> Verdict {
    ask(
        cloud,
        Way::Viewer,
        &built.distribution.domain_name,
        "/prod/pets",
        OriginType::Rest,
    )
    .await
}

async fn call(cloud: &SimulatedCloud) -> Verdict {
    ask(cloud, Way::Direct, HOST, "/prod/pets", OriginType::Rest).await
}

fn lock(cloud: &SimulatedCloud) {
    cloud.set_authorization(API, "GET /pets", "AWS_IAM");
    cloud.deploy(API, "prod");
}

fn words(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Refused {
            status: 403, said, ..
        } => said,
        other => panic!("not refused: {other:?}"),
    }
}

fn is_the_edges(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::EdgeFailed { status: 403, .. })
}

const REACHED: Verdict = Verdict::Reached { status: 200 };

#[tokio::test(start_paused = true)]
async fn an_open_api_answers_everybody() {
    let (cloud, built) = perimeter(&rest(), Settings::instant()).await;
    assert_eq!(view(&cloud, &built).await, REACHED);
    assert_eq!(call(&cloud).await, REACHED);
    assert_eq!(cloud.probes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_locked_api_answers_the_perimeter_alone() {
    let (cloud, built) = perimeter(&rest(), Settings::instant()).await;
    lock(&cloud);
    assert_eq!(view(&cloud, &built).await, REACHED);
    let refused = call(&cloud).await;
    assert_eq!(
        words(&refused),
        "MissingAuthenticationTokenException: Missing Authentication Token"
    );
    cloud.viewer_is_served(&built.distribution.id).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_only_edited_locks_nothing() {
    let (cloud, _) = perimeter(&rest(), Settings::instant()).await;
    cloud.set_authorization(API, "GET /pets", "AWS_IAM");
    assert_eq!(call(&cloud).await, REACHED);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_signature_is_refused_once_the_api_is_locked() {
    let (cloud, built) = perimeter(&rest(), Settings::instant()).await;
    cloud.configure(|settings| settings.signer_is_broken = true);
    assert_eq!(view(&cloud, &built).await, REACHED);
    lock(&cloud);
    let refused = view(&cloud, &built).await;
    assert!(
        words(&refused).starts_with("InvalidSignatureException"),
        "{refused:?}"
    );
    let told = cloud.viewer_is_served(&built.distribution.id).unwrap_err();
    assert!(told.contains("GET /pets"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_role_that_may_not_invoke_the_api_is_refused_by_it() {
    let (cloud, built) = perimeter(&rest(), Settings::instant()).await;
    lock(&cloud);
    cloud.edit_role("petstore", |role| {
        let elsewhere = "arn:aws:execute-api:eu-north-1:123456789012:other00000/*/*/*";
        role.policies.get_mut("invoke").unwrap()["Statement"][0]["Resource"] = json!(elsewhere);
    });
    let refused = view(&cloud, &built).await;
    assert!(words(&refused).contains("is not authorized to perform: execute-api:Invoke"));
    cloud.viewer_is_served(&built.distribution.id).unwrap_err();
    cloud.remove_role("petstore");
    assert!(matches!(
        view(&cloud, &built).await,
        Verdict::EdgeFailed { status: 502, .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn the_edge_runs_what_was_deployed_last() {
    let settings = Settings {
        deployment_delay: DEPLOYMENT,
        ..Settings::instant()
    };
    let simulated = SimulatedCloud::new(settings);
    simulated.preload_api(&rest());
    let built = build(&simulated, "petstore").await;
    assert!(is_the_edges(&view(&simulated, &built).await));
    let current = deployed(&simulated, &built.distribution.id).await;
    assert_eq!(view(&simulated, &built).await, REACHED);

    let cloud: &dyn Cloud = &simulated;
    let disabled = with(&current.config, xml::text("Enabled", "false"));
    cloud
        .update_distribution(current.id.clone(), current.etag, disabled)
        .await
        .unwrap();
    assert_eq!(view(&simulated, &built).await, REACHED);
    deployed(&simulated, &current.id).await;
    assert!(is_the_edges(&view(&simulated, &built).await));
}

#[tokio::test(start_paused = true)]
async fn a_deployment_takes_effect_after_a_while() {
    let (cloud, _) = perimeter(&rest(), Settings::instant()).await;
    cloud.configure(|settings| settings.stage_propagation = Duration::from_secs(10));
    lock(&cloud);
    assert_eq!(call(&cloud).await, REACHED);
    tokio::time::sleep(Duration::from_secs(10)).await;
    words(&call(&cloud).await);
}

#[tokio::test(start_paused = true)]
async fn the_web_acl_and_the_backend_answer_for_themselves() {
    let (cloud, built) = perimeter(&rest(), Settings::instant()).await;
    lock(&cloud);
    cloud.configure(|settings| settings.backend_status = 404);
    assert_eq!(view(&cloud, &built).await, Verdict::Reached { status: 404 });
    cloud.configure(|settings| settings.web_acl_blocks_probes = true);
    assert_eq!(view(&cloud, &built).await, Verdict::BlockedByWebAcl);
    words(&call(&cloud).await);
}

#[tokio::test(start_paused = true)]
async fn paths_meet_the_method_that_fits_best() {
    let (cloud, _) = perimeter(&rest(), Settings::instant()).await;
    cloud.add_route(API, "GET /pets/hidden");
    cloud.set_authorization(API, "GET /pets/hidden", "AWS_IAM");
    cloud.deploy(API, "prod");
    let ask = async |path| ask(&cloud, Way::Direct, HOST, path, OriginType::Rest).await;
    assert_eq!(ask("/prod/pets/7?full=1").await, REACHED);
    words(&ask("/prod/pets/hidden").await);
    assert_eq!(
        words(&ask("/prod/owners").await),
        "MissingAuthenticationTokenException: Missing Authentication Token"
    );
    let elsewhere = probe(Way::Direct, HOST, "/dev/pets", OriginType::Rest);
    let Answer::Http { status, headers, .. } = cloud.probe(&elsewhere).await else {
        panic!("no answer")
    };
    assert_eq!(
        (status, headers["x-amzn-errortype"].as_str()),
        (403, "ForbiddenException")
    );
}

#[tokio::test(start_paused = true)]
async fn an_http_api_refuses_in_its_own_words() {
    let api = Preloaded::http("eu-north-1", API, &["$default"]);
    let (cloud, built) = perimeter(&api, Settings::instant()).await;
    cloud.set_authorization(API, "GET /orders", "AWS_IAM");
    let direct = ask(&cloud, Way::Direct, HOST, "/orders", OriginType::Http).await;
    assert_eq!(words(&direct), "Forbidden");
    let viewed = ask(
        &cloud,
        Way::Viewer,
        &built.distribution.domain_name,
        "/orders",
        OriginType::Http,
    );
    assert_eq!(viewed.await, REACHED);
    let mut nowhere = probe(Way::Direct, HOST, "/nowhere", OriginType::Http);
    nowhere.known.asks = None;
    assert_eq!(verdict(&nowhere, &cloud.probe(&nowhere).await), Verdict::NoRoute);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_is_admitted_by_connect_alone() {
    let api = Preloaded::websocket("eu-north-1", API, &["prod"]);
    let (cloud, built) = perimeter(&api, Settings::instant()).await;
    cloud.set_authorization(API, "$connect", "AWS_IAM");
    cloud.deploy(API, "prod");
    words(&ask(&cloud, Way::Direct, HOST, "/prod", OriginType::WebSocket).await);
    let host = &built.distribution.domain_name;
    let viewed = ask(&cloud, Way::Viewer, host, "/prod", OriginType::WebSocket).await;
    assert_eq!(viewed, Verdict::Reached { status: 101 });
    cloud.viewer_is_served(&built.distribution.id).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_canary_that_takes_traffic_is_part_of_what_viewers_meet() {
    let (cloud, built) = perimeter(&rest(), Settings::instant()).await;
    cloud.configure(|settings| settings.signer_is_broken = true);
    cloud.set_authorization(API, "POST /pets", "AWS_IAM");
    cloud.deploy_canary(API, "prod", false);
    cloud.viewer_is_served(&built.distribution.id).unwrap();
    cloud.deploy_canary(API, "prod", true);
    let told = cloud.viewer_is_served(&built.distribution.id).unwrap_err();
    assert!(told.contains("POST /pets"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn viewers_refused_by_the_api_break_an_invariant_unless_others_rewrote_the_distribution() {
    let (cloud, built) = perimeter(&rest(), Settings::instant()).await;
    let invariants = Invariants::watch(&cloud, CLUSTER);
    lock(&cloud);
    assert_eq!(invariants.broken(&cloud), [""; 0]);
    cloud.configure(|settings| settings.signer_is_broken = true);
    let broken = invariants.broken(&cloud).join("\n");
    assert!(broken.contains("are refused at GET /pets"), "{broken}");
    cloud.edit_distribution(&built.distribution.id, |_| {});
    assert_eq!(invariants.broken(&cloud), [""; 0]);
}
