//! What a stage serves and the working copy does not have any more: it is probed all the same, and told where it is open.

use super::scenes::{NAME, cluster, found, live, pair, resyncs};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;
use palisade::api::LOOK;

const API: &str = "alone00000";
const REGION: &str = "eu-north-1";
const STAGE: &str = "live";

/// A locked API, whose stage deploys by hand; and the deployment that it served before.
async fn locked(kind: &str, api: &Preloaded, access: &str) -> (Cluster, String) {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.preload_api(api);
    let before = cluster.cloud.stage_of(API, STAGE).unwrap().deployment.unwrap();
    cluster.apply_spec(NAME, live(API, kind, access));
    cluster.ready(NAME).await;
    // From here on others open the API.
    cluster.invariants = None;
    (cluster, before)
}

fn rest(routes: &[&'static str]) -> Preloaded {
    Preloaded::rest(REGION, API, &[STAGE]).with_routes(routes, false)
}

async fn look(cluster: &mut Cluster) {
    cluster.annotate(NAME, LOOK, "now");
    cluster.resync(NAME).await;
}

#[track_caller]
fn assert_proven(cluster: &Cluster) {
    let story = cluster.story(NAME);
    for (condition, reason) in [
        ("AccessRestricted", "Locked"),
        ("ViewerAccessVerified", "ViewerReached"),
        ("DirectAccessBlocked", "DirectRefused"),
    ] {
        assert_eq!(found(cluster, condition), pair("True", reason), "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_get_that_is_removed_and_not_deployed_is_probed_and_a_rollback_that_opens_it_is_told() {
    let (mut cluster, before) = locked("REST", &rest(&["GET /a", "POST /orders"]), "").await;
    cluster.cloud.remove_route(API, "GET /a");
    look(&mut cluster).await;
    assert_proven(&cluster);
    cluster.cloud.roll_back(API, STAGE, &before);
    resyncs(&mut cluster, 2).await;
    let story = cluster.story(NAME);
    assert_eq!(
        found(&cluster, "DirectAccessBlocked"),
        pair("False", "DirectAccessOpen"),
        "{story}"
    );
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("False", "UndeployedChanges"),
        "{story}"
    );
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(
        said.contains("Until then GET /a, POST /orders let anybody in"),
        "{said}"
    );
    assert!(!said.contains("no such method any more"), "{said}");
}

/// Which deployment a stage serves is its team's to say.
#[tokio::test(start_paused = true)]
async fn of_methods_that_the_stage_alone_has_and_leaves_open_it_is_said_what_locks_them() {
    let (mut cluster, before) = locked("REST", &rest(&["GET /a", "POST /orders"]), "").await;
    for route in ["GET /a", "POST /orders"] {
        cluster.cloud.remove_route(API, route);
    }
    cluster.cloud.add_route(API, "GET /b");
    cluster.cloud.roll_back(API, STAGE, &before);
    resyncs(&mut cluster, 8).await;
    let story = cluster.story(NAME);
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("False", "UndeployedChanges"),
        "{story}"
    );
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(
        said.contains("no such method any more")
            && said.contains("have the stage serve the deployment again"),
        "{said}"
    );
    let served = cluster.cloud.stage_of(API, STAGE).unwrap().deployment;
    assert_eq!(served, Some(before), "{story}");
}

#[tokio::test(start_paused = true)]
async fn a_connect_route_that_is_removed_is_probed_and_its_deployment_is_told() {
    let api = Preloaded::websocket(REGION, API, &[STAGE]);
    let access = "access: {deployPendingChanges: true}";
    let (mut cluster, _) = locked("WEBSOCKET", &api, access).await;
    cluster.cloud.remove_route(API, "$connect");
    look(&mut cluster).await;
    assert_proven(&cluster);
    cluster.cloud.deploy(API, STAGE);
    resyncs(&mut cluster, 2).await;
    let story = cluster.story(NAME);
    assert_eq!(
        found(&cluster, "DirectAccessBlocked"),
        pair("False", "DirectAccessOpen"),
        "{story}"
    );
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "False", "{story}");
}

#[tokio::test(start_paused = true)]
async fn open_methods_are_told_where_none_of_them_may_be_probed() {
    let access = "access: {cutOver: AfterDeployed}";
    let (mut cluster, before) = locked("REST", &rest(&["POST /orders"]), access).await;
    let said = cluster.message(NAME, "ViewerAccessVerified");
    assert!(
        said.contains("as edited and as stage live serves it, has no method"),
        "{said}"
    );
    // It is not deployed, so nothing is locked.
    cluster.cloud.add_route(API, "PUT /orders");
    cluster.cloud.roll_back(API, STAGE, &before);
    look(&mut cluster).await;
    let story = cluster.story(NAME);
    assert_eq!(
        found(&cluster, "DirectAccessBlocked"),
        pair("False", "DirectAccessOpen"),
        "{story}"
    );
    let said = cluster.message(NAME, "DirectAccessBlocked");
    assert!(said.starts_with("POST /orders lets anybody in"), "{said}");
}
