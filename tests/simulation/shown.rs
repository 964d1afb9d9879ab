//! Requests that show an API a key or a secret header, by what the perimeter adds to them.

use crate::support::pieces::{self, CLUSTER, Perimeter, build, deployed, tags, text, with};
use crate::support::simulation::SimulatedCloud;
use crate::support::simulation::apigateway::Preloaded;
use crate::support::simulation::invariants::Invariants;
use crate::support::simulation::settings::Settings;
use palisade::api::OriginType;
use palisade::aws::cloud::Cloud;
use palisade::controller::probes::Prober;
use palisade::domain::access::authorization::Authorization;
use palisade::domain::access::credentials::api_key::{KeyCreation, UsagePlanCreation};
use palisade::domain::access::credentials::authorizer;
use palisade::domain::access::probe::{Answer, Probe, Way};
use palisade::domain::edge::xml;
use palisade::domain::kernel::secret::Secret;
use palisade::domain::signer::function::{Creation, State};
use serde_json::json;
use std::time::Duration;

const REGION: &str = "eu-north-1";
const API: &str = "a1b2c3d4e5";
const HEADER: &str = "x-origin-verify";
const VALUE: &str = "palisade-test-value-of-enough-length";

/// A perimeter in front of an API, which sends a header along.
async fn showing(api: &Preloaded, header: &str) -> (SimulatedCloud, Perimeter) {
    let simulated = SimulatedCloud::new(Settings::instant());
    simulated.preload_api(api);
    let built = build(&simulated, "petstore").await;
    show(&simulated, &built, header, VALUE).await;
    (simulated, built)
}

async fn show(simulated: &SimulatedCloud, built: &Perimeter, header: &str, value: &str) {
    let cloud: &dyn Cloud = simulated;
    let current = cloud
        .get_distribution(built.distribution.id.clone())
        .await
        .unwrap();
    let sent = xml::parent(
        "OriginCustomHeader",
        vec![xml::text("HeaderName", header), xml::text("HeaderValue", value)],
    );
    let mut origin = xml::items_at(&current.config, "Origins")[0].clone();
    xml::put(&mut origin, xml::list("CustomHeaders", vec![sent]), &[]);
    let config = with(&current.config, xml::list("Origins", vec![origin]));
    cloud
        .update_distribution(current.id.clone(), current.etag, config)
        .await
        .unwrap();
    deployed(cloud, &current.id).await;
}

/// Status and body of a viewer's request.
async fn view(cloud: &SimulatedCloud, built: &Perimeter, path: &str) -> (u16, String) {
    ask(cloud, Way::Viewer, &built.distribution.domain_name, path).await
}

async fn call(cloud: &SimulatedCloud, path: &str) -> (u16, String) {
    let host = format!("{API}.execute-api.{REGION}.amazonaws.com");
    ask(cloud, Way::Direct, &host, path).await
}

async fn ask(cloud: &SimulatedCloud, way: Way, host: &str, path: &str) -> (u16, String) {
    let probe = Probe {
        web_socket: path == "/prod",
        ..Probe::plain(way, host, path)
    };
    match cloud.probe(&probe).await {
        Answer::Http { status, body, .. } => (status, body),
        Answer::EndedForCertificate(said) | Answer::Failed(said) => panic!("{said}"),
    }
}

fn rest() -> Preloaded {
    Preloaded::rest(REGION, API, &["prod"])
}

/// A key in a usage plan of the stage; answers the ids of both.
async fn key(cloud: &dyn Cloud) -> (String, String) {
    let key = KeyCreation {
        name: text("petstore"),
        value: Secret::new(VALUE),
        description: String::new(),
        tags: tags("petstore"),
    };
    let key = cloud.create_api_key(text(REGION), key).await.unwrap();
    let plan = UsagePlanCreation {
        name: text("petstore"),
        description: String::new(),
        stage: (text(API), text("prod")),
        tags: tags("petstore"),
    };
    let plan = cloud.create_usage_plan(text(REGION), plan).await.unwrap();
    cloud
        .create_usage_plan_key(text(REGION), plan.id.clone(), key.id.clone())
        .await
        .unwrap();
    (key.id, plan.id)
}

/// The package of an authorizer that accepts these values.
fn gate(values: &[&str]) -> Vec<u8> {
    let digests: Vec<_> = values.iter().map(|it| Secret::new(*it).digest()).collect();
    let options = json!({"headers": [HEADER], "digests": digests, "format": "REST"});
    pieces::package(&format!(
        "import {{createHandler}} from './authorizer.mjs';\nexport const handler = createHandler({options});\n"
    ))
}

/// An authorizer that accepts `VALUE`, which a route of the API asks; answers its id.
async fn guard(simulated: &SimulatedCloud, protocol: OriginType, route: &str) -> String {
    let cloud: &dyn Cloud = simulated;
    let role = cloud.create_role(pieces::role("gate")).await.unwrap();
    let function = Creation {
        zip: gate(&[VALUE]),
        publish: false,
        ..pieces::function("gate", &role.arn)
    };
    let function = cloud.create_function(text(REGION), function).await.unwrap();
    let settings = authorizer::Settings {
        function_arn: function.arn,
        header: text(HEADER),
        ttl: 0,
    };
    let (region, api, name) = (text(REGION), text(API), text("palisade"));
    let made = if protocol == OriginType::Rest {
        cloud.create_rest_authorizer(region, api, name, settings).await
    } else {
        cloud
            .create_authorizer(region, api, protocol, name, settings)
            .await
    };
    let id = made.unwrap().id;
    allow(cloud, &id).await;
    let wanted = Authorization {
        kind: text("CUSTOM"),
        authorizer: Some(id.clone()),
        api_key_required: false,
    };
    let (region, api) = (text(REGION), text(API));
    if protocol == OriginType::Rest {
        let routes = cloud
            .list_methods(region.clone(), api.clone(), None)
            .await
            .unwrap();
        let found = routes.items.iter().find(|it| it.key == route).unwrap();
        cloud
            .update_method(region, api, found.id.clone(), text("GET"), wanted)
            .await
            .unwrap();
    } else {
        let routes = cloud
            .list_routes(region.clone(), api.clone(), None)
            .await
            .unwrap();
        let found = routes.items.iter().find(|it| it.key == route).unwrap();
        cloud
            .update_route(region, api, found.id.clone(), wanted)
            .await
            .unwrap();
    }
    simulated.deploy(API, "prod");
    id
}

async fn allow(cloud: &dyn Cloud, authorizer: &str) {
    let source = format!("arn:aws:execute-api:{REGION}:123456789012:{API}/authorizers/{authorizer}");
    cloud
        .add_permission(text(REGION), text("gate"), text("palisade"), source)
        .await
        .unwrap();
}

async fn accept(cloud: &dyn Cloud, values: &[&str]) {
    let found = cloud.get_function(text(REGION), text("gate")).await.unwrap();
    cloud
        .update_function_code(
            text(REGION),
            text("gate"),
            gate(values),
            found.latest.revision,
            false,
        )
        .await
        .unwrap();
}

const FORBIDDEN: &str = r#"{"message":"Forbidden"}"#;
const UNAUTHORIZED: &str = r#"{"message":"Unauthorized"}"#;

#[tokio::test(start_paused = true)]
async fn a_method_that_asks_for_a_key_admits_who_shows_a_valid_one() {
    let (cloud, built) = showing(&rest(), "X-Api-Key").await;
    key(&cloud).await;
    cloud.require_api_key(API, "GET /pets", true);
    cloud.deploy(API, "prod");
    assert_eq!(view(&cloud, &built, "/prod/pets").await.0, 200);
    let (status, body) = call(&cloud, "/prod/pets").await;
    assert_eq!((status, body.as_str()), (403, FORBIDDEN));
    cloud.viewer_is_served(&built.distribution.id).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_counts_only_in_a_usage_plan_of_the_stage_while_it_is_enabled() {
    let (cloud, built) = showing(&rest(), "x-api-key").await;
    let (key, plan) = key(&cloud).await;
    cloud.require_api_key(API, "GET /pets", true);
    cloud.deploy(API, "prod");
    let served = || cloud.viewer_is_served(&built.distribution.id);
    served().unwrap();
    cloud.enable_api_key(&key, false);
    assert_eq!(view(&cloud, &built, "/prod/pets").await.0, 403);
    let told = served().unwrap_err();
    assert!(told.contains("GET /pets") && told.contains("403"), "{told}");
    cloud.enable_api_key(&key, true);
    served().unwrap();
    let aws: &dyn Cloud = &cloud;
    let stage = || (text(API), text("prod"));
    aws.update_usage_plan(text(REGION), plan.clone(), stage(), false)
        .await
        .unwrap();
    served().unwrap_err();
    aws.update_usage_plan(text(REGION), plan, stage(), true)
        .await
        .unwrap();
    served().unwrap();
    aws.delete_api_key(text(REGION), key).await.unwrap();
    served().unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_key_is_asked_for_besides_the_teams_authorizer() {
    let (cloud, built) = showing(&rest(), "x-api-key").await;
    cloud.set_authorization(API, "GET /pets", "CUSTOM");
    cloud.require_api_key(API, "GET /pets", true);
    cloud.deploy(API, "prod");
    let told = cloud.viewer_is_served(&built.distribution.id).unwrap_err();
    assert!(told.contains("GET /pets"), "{told}");
    key(&cloud).await;
    cloud.viewer_is_served(&built.distribution.id).unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_api_whose_authorizer_gives_the_key_takes_none_from_a_header() {
    let api = Preloaded {
        keys_from_authorizer: true,
        ..rest()
    };
    let (cloud, built) = showing(&api, "x-api-key").await;
    key(&cloud).await;
    cloud.require_api_key(API, "GET /pets", true);
    cloud.deploy(API, "prod");
    assert_eq!(view(&cloud, &built, "/prod/pets").await.0, 403);
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_admits_who_shows_the_header() {
    for (api, protocol, route, path) in [
        (rest(), OriginType::Rest, "GET /pets", "/prod/pets"),
        (
            Preloaded::http(REGION, API, &["prod"]),
            OriginType::Http,
            "GET /orders",
            "/prod/orders",
        ),
        (
            Preloaded::websocket(REGION, API, &["prod"]),
            OriginType::WebSocket,
            "$connect",
            "/prod",
        ),
    ] {
        let (cloud, built) = showing(&api, "X-Origin-Verify").await;
        guard(&cloud, protocol, route).await;
        let (status, _) = view(&cloud, &built, path).await;
        assert!([101, 200].contains(&status), "{protocol:?}: {status}");
        let (status, body) = call(&cloud, path).await;
        assert_eq!((status, body.as_str()), (401, UNAUTHORIZED), "{protocol:?}");
        cloud.viewer_is_served(&built.distribution.id).unwrap();

        show(&cloud, &built, HEADER, "another value").await;
        let (status, body) = view(&cloud, &built, path).await;
        assert_eq!(status, 403, "{protocol:?}");
        if protocol == OriginType::Http {
            assert_eq!(body, FORBIDDEN);
        } else {
            assert!(body.contains("explicit deny"), "{body}");
        }
        cloud.viewer_is_served(&built.distribution.id).unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_without_its_function_or_permission_admits_nobody() {
    let (cloud, built) = showing(&rest(), HEADER).await;
    let authorizer = guard(&cloud, OriginType::Rest, "GET /pets").await;
    let aws: &dyn Cloud = &cloud;
    aws.remove_permission(text(REGION), text("gate"), text("palisade"))
        .await
        .unwrap();
    assert_eq!(view(&cloud, &built, "/prod/pets").await.0, 500);
    cloud.viewer_is_served(&built.distribution.id).unwrap_err();
    allow(aws, &authorizer).await;
    assert_eq!(view(&cloud, &built, "/prod/pets").await.0, 200);
    cloud.remove_function("gate");
    assert_eq!(view(&cloud, &built, "/prod/pets").await.0, 500);
}

#[tokio::test(start_paused = true)]
async fn the_next_value_is_accepted_beside_the_last_one_once_the_code_is_in_force() {
    let (cloud, built) = showing(&rest(), HEADER).await;
    guard(&cloud, OriginType::Rest, "GET /pets").await;
    cloud.configure(|settings| settings.function_pending = Duration::from_secs(5));
    accept(&cloud, &[VALUE, "the next value"]).await;
    cloud.viewer_is_served(&built.distribution.id).unwrap();
    show(&cloud, &built, HEADER, "the next value").await;
    cloud.viewer_is_served(&built.distribution.id).unwrap_err();
    tokio::time::sleep(Duration::from_secs(5)).await;
    cloud.viewer_is_served(&built.distribution.id).unwrap();
    show(&cloud, &built, HEADER, VALUE).await;
    cloud.viewer_is_served(&built.distribution.id).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stage_asks_the_authorizer_that_it_was_deployed_with() {
    let (cloud, built) = showing(&rest(), HEADER).await;
    let authorizer = guard(&cloud, OriginType::Rest, "GET /pets").await;
    let aws: &dyn Cloud = &cloud;
    let found = aws
        .list_rest_authorizers(text(REGION), text(API), None)
        .await
        .unwrap();
    let entry = found.items.into_iter().find(|it| it.id == authorizer).unwrap();
    let elsewhere = authorizer::Settings {
        header: text("x-another"),
        ..entry.settings
    };
    aws.update_rest_authorizer(text(REGION), text(API), authorizer, elsewhere)
        .await
        .unwrap();
    cloud.viewer_is_served(&built.distribution.id).unwrap();
    cloud.deploy(API, "prod");
    cloud.viewer_is_served(&built.distribution.id).unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_signer_and_an_authorizer_of_one_owner_are_no_duplicates() {
    let simulated = SimulatedCloud::new(Settings::instant());
    let invariants = Invariants::watch(&simulated, CLUSTER);
    let cloud: &dyn Cloud = &simulated;
    let signer = cloud.create_role(pieces::role("petstore")).await.unwrap();
    let trust = pieces::trust(&["lambda.amazonaws.com"]);
    let role = palisade::domain::signer::role::Creation {
        name: text("gate"),
        trust,
        ..pieces::role("petstore")
    };
    let role = cloud.create_role(role).await.unwrap();
    let function = Creation {
        name: text("gate"),
        zip: gate(&[VALUE]),
        publish: false,
        ..pieces::function("petstore", &role.arn)
    };
    cloud.create_function(text(REGION), function).await.unwrap();
    let made = cloud
        .create_function(text("us-east-1"), pieces::function("petstore", &signer.arn))
        .await
        .unwrap();
    assert_eq!(made.state, State::Active);
    invariants.check(&simulated);
}
