//! What of ours nothing needs any more, in the API itself: authorizers whose functions are gone, deployments that nobody goes
//! back to. It goes once the lock stands, and nothing goes that a stage or a method refers to.

use super::petstore::{API, METHODS, ask};
use super::scenes::{NAME, cluster, quiet, ready, routed, routed_apis};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::aws::cloud::Cloud;
use palisade::domain::access::authorization::is_ours;
use std::time::Duration;

const REGION: &str = "eu-north-1";

/// Two days of resyncs: everything is read in full once at least.
async fn days(cluster: &mut Cluster) {
    for _ in 0..2 * 24 {
        tokio::time::sleep(Duration::from_mins(50)).await;
        cluster.resync(NAME).await;
    }
}

/// A cluster whose object is ready after another one, with an authorizer, was deleted and the API opened by hand.
async fn after_another(spec: &str) -> Cluster {
    let mut cluster = cluster(Settings::default());
    cluster.apply(NAME, "access: {mode: SecretHeader}");
    cluster.ready(NAME).await;
    cluster.depart(NAME).await;
    cluster.restart();
    cluster.invariants = None;
    ask(&cluster, &METHODS, "NONE");
    cluster.apply(NAME, spec);
    cluster
}

/// Names of the API's authorizers that we made; the team's own stays in any case.
fn ours(cluster: &Cluster) -> Vec<String> {
    let (ours, theirs): (Vec<String>, Vec<String>) = cluster
        .cloud
        .authorizers_of(API)
        .into_iter()
        .partition(|name| name.starts_with("palisade-"));
    assert_eq!(theirs, ["team"]);
    ours
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_whose_function_is_gone_goes_once_nothing_asks_it() {
    for (mode, own) in [("SigV4", 0), ("ApiKey", 0), ("SecretHeader", 1)] {
        let mut cluster = after_another(&format!("access: {{mode: {mode}}}")).await;
        cluster.ready(NAME).await;
        let before = ours(&cluster);
        assert_eq!(before.len(), own + 1, "{mode}: {before:?}");
        days(&mut cluster).await;
        let left = ours(&cluster);
        assert_eq!(left.len(), own, "{mode}: {left:?}: {}", cluster.story(NAME));
        assert_eq!(cluster.condition(NAME, "Ready"), "True", "{mode}");
        quiet(&mut cluster, NAME).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_authorizer_that_another_stage_may_serve_stays() {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest(REGION, API, &["prod", "dev"]));
    cluster.apply(NAME, "access: {mode: SecretHeader}");
    cluster.ready(NAME).await;
    // It carries the lock to another stage, as the team's own deployment does.
    cluster.cloud.deploy(API, "dev");
    cluster.depart(NAME).await;
    cluster.restart();
    cluster.invariants = None;
    ask(&cluster, &METHODS, "NONE");
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    days(&mut cluster).await;
    assert_eq!(ours(&cluster).len(), 1, "dev serves it");
    cluster.cloud.deploy(API, "dev");
    days(&mut cluster).await;
    assert_eq!(ours(&cluster).len(), 0, "nothing asks it");
}

/// Ids of deployments of ours that the stage does not serve.
fn unserved(cluster: &Cluster, api: &str, stage: &str) -> Vec<String> {
    let owner = cluster.engine.owner(&cluster.objects[NAME]);
    let served = cluster
        .cloud
        .stage_of(api, stage)
        .and_then(|stage| stage.deployment);
    let all = cluster.cloud.deployments_of(api).into_iter();
    all.filter(|(id, description)| is_ours(description, &owner) && served.as_ref() != Some(id))
        .map(|(id, _)| id)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn no_deployment_of_a_lock_stays_that_nothing_serves_though_an_answer_was_lost() {
    let [(id, kind, http), _] = routed_apis(false);
    for is_rest in [true, false] {
        let mut cluster = cluster(Settings::default());
        cluster.cloud.preload_api(&http);
        let (api, stage) = if is_rest { (API, "prod") } else { (id, "live") };
        if is_rest {
            cluster.apply(NAME, "");
        } else {
            cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
        }
        cluster.cloud.inject(Rule::next(
            Scope::Operation("CreateDeployment"),
            1,
            Fault::LostAnswer,
        ));
        cluster.settle_patiently(NAME).await;
        // Of an HTTP API whose first route was locked before the rest, that deployment was needed until the end.
        days(&mut cluster).await;
        assert_eq!(unserved(&cluster, api, stage), [""; 0], "{}", cluster.story(NAME));
        quiet(&mut cluster, NAME).await;
    }
}

/// As where an attempt was made twice below us, and only the second one's answer came.
#[tokio::test(start_paused = true)]
async fn a_whole_lock_that_no_pass_knows_of_stays_to_be_gone_back_to() {
    let mut cluster = ready("").await;
    let all = cluster.cloud.deployments_of(API);
    let (_, description) = all.last().cloned().unwrap();
    let cloud: &dyn Cloud = &*cluster.cloud;
    let made = cloud.create_rest_deployment(REGION.to_owned(), API.to_owned(), description);
    let made = made.await.unwrap();
    days(&mut cluster).await;
    assert_eq!(unserved(&cluster, API, "prod"), [made], "it may be gone back to");
    cluster.cloud.set_authorization(API, METHODS[0], "NONE");
    cluster.cloud.deploy(API, "prod");
    days(&mut cluster).await;
    let served = cluster.cloud.served(API, "prod", METHODS[0]).unwrap();
    assert!(!served.is_open(), "{}", cluster.story(NAME));
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_the_team_has_released_over_stays_to_be_gone_back_to() {
    let mut cluster = ready("").await;
    let locked = cluster.cloud.stage_of(API, "prod").unwrap().deployment.unwrap();
    // The working copy asks for the proof, and so does the release.
    cluster.cloud.deploy(API, "prod");
    days(&mut cluster).await;
    assert_eq!(
        unserved(&cluster, API, "prod"),
        std::slice::from_ref(&locked),
        "{}",
        cluster.story(NAME)
    );
    cluster.cloud.roll_back(API, "prod", &locked);
    days(&mut cluster).await;
    let served = cluster.cloud.stage_of(API, "prod").unwrap().deployment;
    assert_eq!(served, Some(locked), "{}", cluster.story(NAME));
    assert_eq!(cluster.condition(NAME, "AccessRestricted"), "True");
}

/// A cluster whose viewers were freed of a lock by a deployment, the answer of whose first attempt was lost.
async fn freed() -> Cluster {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = true);
    cluster.apply(NAME, "");
    let before = cluster.cloud.stage_of(API, "prod").unwrap().deployment;
    let is_locked = |cluster: &Cluster| cluster.cloud.stage_of(API, "prod").unwrap().deployment != before;
    // The team deletes what the stage served before, as soon as it may.
    cluster
        .cloud
        .configure(|settings| settings.stage_propagation = Duration::from_secs(30));
    for _ in 0..200 {
        if is_locked(&cluster) {
            break;
        }
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    assert!(is_locked(&cluster), "{}", cluster.story(NAME));
    let gone = before.clone().unwrap();
    let cloud: &dyn Cloud = &*cluster.cloud;
    let deleted = cloud.delete_rest_deployment(REGION.to_owned(), API.to_owned(), gone);
    deleted.await.unwrap();
    cluster.cloud.inject(Rule::next(
        Scope::Operation("CreateDeployment"),
        1,
        Fault::LostAnswer,
    ));
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    tokio::time::sleep(Duration::from_mins(1)).await;
    cluster
}

/// Deployments that gave viewers back what they met before a lock.
fn freeing(cluster: &Cluster) -> Vec<(String, String)> {
    let all = cluster.cloud.deployments_of(API).into_iter();
    all.filter(|(_, description)| description.starts_with("as before the lock of "))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn viewers_are_freed_though_the_answer_of_the_deployment_that_frees_them_was_lost() {
    let cluster = freed().await;
    let served = cluster.cloud.served(API, "prod", "GET /pets").unwrap();
    assert!(served.is_open(), "{}", cluster.story(NAME));
}

/// As where an attempt was made twice below us, and only the second one's answer came.
#[tokio::test(start_paused = true)]
async fn of_two_deployments_that_free_viewers_the_one_that_nothing_serves_goes_with_the_next_lock() {
    let mut cluster = freed().await;
    let served = cluster.cloud.stage_of(API, "prod").unwrap().deployment.unwrap();
    let (_, description) = freeing(&cluster).pop().unwrap();
    let cloud: &dyn Cloud = &*cluster.cloud;
    let made = cloud.create_rest_deployment(REGION.to_owned(), API.to_owned(), description);
    let made = made.await.unwrap();
    assert_ne!(made, served);
    cluster.cloud.configure(|settings| {
        settings.signer_is_broken = false;
        settings.stage_propagation = Duration::ZERO;
    });
    cluster.settle_patiently(NAME).await;
    let left: Vec<String> = freeing(&cluster).into_iter().map(|(id, _)| id).collect();
    assert_eq!(left, [served], "{}", cluster.story(NAME));
    quiet(&mut cluster, NAME).await;
}
