//! Nothing is said to be locked that the stage, as deployed, lets anybody call.

use super::scenes::{NAME, cluster, fail, live, nothing_left, quiet};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::Fault;
use super::support::simulation::settings::Settings;
use palisade::api::{OriginType, ProtectedApiSpec};
use palisade::aws::operations::Call;
use palisade::domain::access::credentials::authorizer::Settings as AuthorizerSettings;
use std::time::Duration;

pub const API: &str = "mixed00000";
const REGION: &str = "eu-north-1";
pub const STAGE: &str = "live";
pub const WITHOUT_PROBES: &str =
    "access: {cutOver: AfterDeployed, deployPendingChanges: true}\nprobes: Disabled";
pub const WITH_PROBES: &str = "access: {deployPendingChanges: true}";
const BY_HEADER: &str = "access: {mode: SecretHeader, deployPendingChanges: true}";

/// An API with these routes, open, on several stages.
pub fn api(kind: &str, auto_deploy: bool) -> Preloaded {
    let stages: &[&str] = &[STAGE, "other"];
    let routes = |keys: &[&'static str]| keys.iter().map(|key| (*key, "NONE")).collect();
    let of_all = routes(&["GET /a", "POST /orders", "DELETE /orders"]);
    match kind {
        "REST" => Preloaded {
            routes: of_all,
            ..Preloaded::rest(REGION, API, stages)
        },
        "HTTP" => Preloaded {
            routes: of_all,
            auto_deploy,
            by_hand: vec!["other"],
            ..Preloaded::http(REGION, API, stages)
        },
        _ => Preloaded {
            auto_deploy,
            by_hand: vec!["other"],
            ..Preloaded::websocket(REGION, API, stages)
        },
    }
}

pub const KINDS: [(&str, bool); 5] = [
    ("REST", false),
    ("HTTP", false),
    ("HTTP", true),
    ("WEBSOCKET", false),
    ("WEBSOCKET", true),
];

pub fn spec(kind: &str, more: &str) -> ProtectedApiSpec {
    live(API, kind, more)
}

pub fn keys(kind: &str) -> &'static [&'static str] {
    match kind {
        "WEBSOCKET" => &["$connect"],
        _ => &["GET /a", "POST /orders", "DELETE /orders"],
    }
}

/// Routes of the stage that anybody may call.
pub fn open(cluster: &Cluster, kind: &str) -> Vec<&'static str> {
    let is_open = |key: &&&str| {
        let served = cluster.cloud.served(API, STAGE, key);
        served.is_some_and(|route| route.is_open())
    };
    keys(kind).iter().filter(is_open).copied().collect()
}

pub fn before(kind: &str, auto_deploy: bool, settings: Settings) -> Cluster {
    let cluster = cluster(settings);
    cluster.cloud.preload_api(&api(kind, auto_deploy));
    cluster
}

/// The deployment that the stage serves.
fn served_deployment(cluster: &Cluster) -> String {
    cluster.cloud.stage_of(API, STAGE).unwrap().deployment.unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_route_is_locked_as_deployed_whatever_deploys_it_and_with_probes_or_without() {
    for (kind, auto_deploy) in KINDS {
        for more in [WITH_PROBES, WITHOUT_PROBES] {
            let mut cluster = before(kind, auto_deploy, Settings::default());
            cluster.apply_spec(NAME, spec(kind, more));
            cluster.ready(NAME).await;
            let case = format!("{kind} {auto_deploy} {more}");
            assert_eq!(open(&cluster, kind), Vec::<&str>::new(), "{case}");
            assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{case}");
            quiet(&mut cluster, NAME).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_route_that_a_deployment_leaves_open_is_found_though_it_is_locked_as_edited() {
    for (kind, auto_deploy) in KINDS {
        for more in [WITH_PROBES, WITHOUT_PROBES] {
            let mut cluster = before(kind, auto_deploy, Settings::default());
            cluster.apply_spec(NAME, spec(kind, more));
            cluster.ready(NAME).await;
            let left_out = keys(kind).last().unwrap();
            cluster.cloud.set_authorization(API, left_out, "NONE");
            if !auto_deploy {
                cluster.cloud.deploy(API, STAGE);
            }
            cluster
                .cloud
                .configure(|settings| settings.auto_deploy_fails = Some("no valid routes"));
            cluster.cloud.set_authorization(API, left_out, "AWS_IAM");
            assert_eq!(open(&cluster, kind), [*left_out]);
            let mut was_said = false;
            for _ in 0..8 {
                cluster.resync(NAME).await;
                was_said |= cluster.condition(NAME, "AccessRestricted") == "False";
                let is_locked = open(&cluster, kind).is_empty();
                if cluster.condition(NAME, "AccessRestricted") == "True" && was_said {
                    assert!(is_locked, "{kind} {auto_deploy} {more}");
                }
            }
            let case = format!("{kind} {auto_deploy} {more}: {}", cluster.story(NAME));
            if auto_deploy {
                assert!(was_said, "{case}");
                assert_eq!(
                    cluster.reason(NAME, "AccessRestricted"),
                    "StageNotDeployed",
                    "{case}"
                );
                let said = cluster.message(NAME, "AccessRestricted");
                assert!(
                    said.contains("Deployment attempt failed: no valid routes"),
                    "{said}"
                );
                cluster
                    .cloud
                    .configure(|settings| settings.auto_deploy_fails = None);
                cluster.cloud.set_authorization(API, left_out, "AWS_IAM");
            }
            cluster.settle_patiently(NAME).await;
            assert_eq!(open(&cluster, kind), Vec::<&str>::new(), "{case}");
            assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{case}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stage_that_cannot_deploy_by_itself_is_never_said_to_be_locked() {
    for kind in ["HTTP", "WEBSOCKET"] {
        for more in [WITH_PROBES, WITHOUT_PROBES] {
            let settings = Settings {
                auto_deploy_fails: Some("no valid routes"),
                ..Settings::default()
            };
            let mut cluster = before(kind, true, settings);
            cluster.apply_spec(NAME, spec(kind, more));
            assert_eq!(cluster.stalled(NAME).await, "StageNotDeployed", "{kind} {more}");
            let said = cluster.message(NAME, "AccessRestricted");
            assert!(said.contains("Deployment attempt failed"), "{said}");
            assert_eq!(open(&cluster, kind).len(), keys(kind).len());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_websocket_api_without_a_connect_route_is_open_and_that_is_said() {
    for auto_deploy in [true, false] {
        for more in [WITH_PROBES, WITHOUT_PROBES, "access: {enforcement: Observe}"] {
            let api = Preloaded {
                routes: vec![("$default", "NONE"), ("send", "NONE")],
                ..api("WEBSOCKET", auto_deploy)
            };
            let mut cluster = cluster(Settings::default());
            cluster.cloud.preload_api(&api);
            cluster.apply_spec(NAME, spec("WEBSOCKET", more));
            for _ in 0..12 {
                cluster.pass(NAME).await;
                tokio::time::sleep(Duration::from_mins(1)).await;
            }
            // To be locked it is refused; a perimeter that is only in front may stand.
            let told = if more.contains("Observe") {
                "AccessRestricted"
            } else {
                "Accepted"
            };
            assert_eq!(cluster.condition(NAME, told), "False");
            assert_eq!(cluster.reason(NAME, told), "NoConnectRoute", "{more}");
            let said = cluster.message(NAME, told);
            assert!(said.contains("add a $connect route"), "{said}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connect_route_that_the_team_adds_is_locked_within_the_hour() {
    let api = Preloaded {
        routes: vec![("$default", "NONE")],
        ..api("WEBSOCKET", true)
    };
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(&api);
    cluster.apply_spec(NAME, spec("WEBSOCKET", WITH_PROBES));
    assert_eq!(cluster.stalled(NAME).await, "NoConnectRoute");
    cluster.cloud.add_route(API, "$connect");
    cluster.settle_patiently(NAME).await;
    cluster.ready(NAME).await;
    assert_eq!(open(&cluster, "WEBSOCKET"), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_canary_that_lets_anybody_in_is_said_though_the_stage_is_locked() {
    let mut cluster = before("REST", false, Settings::default());
    cluster.apply_spec(NAME, spec("REST", ""));
    cluster.ready(NAME).await;
    let locked = served_deployment(&cluster);
    cluster.cloud.set_authorization(API, "POST /orders", "NONE");
    cluster.cloud.deploy_canary(API, STAGE, true);
    cluster.cloud.set_authorization(API, "POST /orders", "AWS_IAM");
    tokio::time::sleep(Duration::from_mins(70)).await;
    assert_eq!(cluster.stalled(NAME).await, "CanaryInTheWay");
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("POST /orders does not ask"), "{said}");
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "False");
    assert_eq!(served_deployment(&cluster), locked, "the stage is left alone");
    cluster.cloud.deploy_canary(API, STAGE, true);
    tokio::time::sleep(Duration::from_mins(70)).await;
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_probe_says_nothing_of_routes_beside_it_that_stand_open() {
    for (kind, auto_deploy) in [("REST", false), ("HTTP", true)] {
        let mut cluster = before(kind, auto_deploy, Settings::default());
        cluster.cloud.set_authorization(API, "GET /a", "AWS_IAM");
        cluster.cloud.deploy(API, STAGE);
        cluster.apply_spec(NAME, spec(kind, "access: {enforcement: Observe}"));
        cluster.settle(NAME).await;
        for _ in 0..3 {
            let said = cluster.message(NAME, "DirectAccessBlocked");
            assert_eq!(
                cluster.condition(NAME, "DirectAccessBlocked"),
                "False",
                "{kind}: {said}"
            );
            assert!(said.contains("POST /orders"), "{kind}: {said}");
            cluster.resync(NAME).await;
        }
        cluster.apply_spec(NAME, spec(kind, WITH_PROBES));
        cluster.ready(NAME).await;
        assert_eq!(cluster.condition(NAME, "DirectAccessBlocked"), "True", "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_understood_is_named_and_keeps_nothing_from_being_deleted() {
    let mut cluster = before("REST", false, Settings::default());
    let place = "at item[0].resourceMethods.GET.authorizationType: invalid type";
    fail(
        &cluster,
        "apigateway:GetResources",
        Fault::Refusal("AnswerNotUnderstood", place),
    );
    cluster.apply_spec(NAME, spec("REST", ""));
    assert_eq!(cluster.stalled(NAME).await, "AnswerNotUnderstood");
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(
        said.contains("apigateway GetResources") && said.contains(place),
        "{said}"
    );
    assert!(said.contains("Upgrade Palisade"), "{said}");
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_asks_the_teams_own_authorizer_is_no_lock_by_header() {
    let header =
        "access: {mode: SecretHeader, cutOver: AfterDeployed, deployPendingChanges: true}\nprobes: Disabled";
    for is_before in [true, false] {
        let mut cluster = before("REST", false, Settings::default());
        cluster.invariants = None;
        let all = |kind: &str| {
            for route in keys("REST") {
                cluster.cloud.set_authorization(API, route, kind);
            }
        };
        all("CUSTOM");
        let theirs = cluster.cloud.deploy(API, STAGE);
        all("NONE");
        if !is_before {
            cluster.cloud.deploy(API, STAGE);
        }
        cluster.apply_spec(NAME, spec("REST", header));
        cluster.ready(NAME).await;
        if !is_before {
            cluster.cloud.roll_back(API, STAGE, &theirs);
            tokio::time::sleep(Duration::from_mins(70)).await;
            cluster.resync(NAME).await;
            cluster.ready(NAME).await;
        }
        let served = served_deployment(&cluster);
        assert_ne!(served, theirs, "{is_before}: {}", cluster.story(NAME));
        let known = cluster.cloud.deployments_of(API);
        let said = known
            .iter()
            .find(|(id, _)| *id == served)
            .map(|(_, said)| said.as_str());
        assert!(
            said.is_some_and(|said| said.contains("locked by header")),
            "{said:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_teams_deployment_that_keeps_our_authorizer_is_no_contest() {
    for kind in ["REST", "HTTP"] {
        let mut cluster = before(kind, false, Settings::default());
        cluster.apply_spec(NAME, spec(kind, BY_HEADER));
        cluster.ready(NAME).await;
        for _ in 0..5 {
            let theirs = cluster.cloud.deploy(API, STAGE);
            tokio::time::sleep(Duration::from_mins(70)).await;
            cluster.ready(NAME).await;
            assert_eq!(
                served_deployment(&cluster),
                theirs,
                "{kind}: it is locked as it is"
            );
            assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{kind}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_by_hand_whose_authorizer_asked_another_function_is_no_lock() {
    for kind in ["REST", "HTTP"] {
        let mut cluster = before(kind, false, Settings::default());
        cluster.apply_spec(NAME, spec(kind, BY_HEADER));
        cluster.ready(NAME).await;
        quiet(&mut cluster, NAME).await;
        cluster.invariants = None;
        let id = cluster.cloud.edited(API, "GET /a").unwrap().authorizer.unwrap();
        let settings = AuthorizerSettings {
            function_arn: "arn:aws:lambda:eu-north-1:123456789012:function:lets-anybody-in".into(),
            header: "x-origin-verify".into(),
            ttl: 60,
        };
        let (region, api_id) = (REGION.to_owned(), API.to_owned());
        let call = match kind {
            "REST" => Call::UpdateRestAuthorizer {
                region,
                api_id,
                id,
                settings,
            },
            _ => Call::UpdateAuthorizer {
                region,
                api_id,
                protocol: OriginType::Http,
                id,
                settings,
            },
        };
        cluster.cloud.as_somebody(call).unwrap();
        let theirs = cluster.cloud.deploy(API, STAGE);
        tokio::time::sleep(Duration::from_mins(70)).await;
        cluster.settle_patiently(NAME).await;
        assert_ne!(
            served_deployment(&cluster),
            theirs,
            "{kind}: {}",
            cluster.story(NAME)
        );
        assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True", "{kind}");
        quiet(&mut cluster, NAME).await;
    }
}
