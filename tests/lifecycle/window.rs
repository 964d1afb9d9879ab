//! Between a lock's being served and its proof: what the API's team does there is theirs, and viewers are freed all the same.

use super::scenes::{NAME, cluster, routed, routed_apis};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use super::unproven::{quick, until_crash};
use palisade::api::{Enforcement, ProtectedApiSpec};
use palisade::aws::operations::Call;
use std::time::Duration;

const REST: &str = "a1b2c3d4e5";
const HTTP: &str = "http000000";

fn stage_of(api: &str) -> &'static str {
    if api == REST { "prod" } else { "live" }
}

/// A cluster in which API Gateway refuses what the perimeter signs, and an object for this API.
fn refused(api: &str, auto_deploy: bool) -> Cluster {
    let mut cluster = cluster(Settings {
        signer_is_broken: true,
        ..quick()
    });
    cluster.invariants = None;
    if api == REST {
        cluster.apply(NAME, "");
    } else {
        let (id, kind, http) = routed_apis(auto_deploy).into_iter().next().unwrap();
        cluster.cloud.preload_api(&http);
        cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
    }
    cluster
}

/// The same, and the process died right after the call that brought the lock to viewers.
async fn in_the_window(api: &str, auto_deploy: bool) -> Cluster {
    let mut cluster = refused(api, auto_deploy);
    let call = if auto_deploy { "UpdateRoute" } else { "UpdateStage" };
    let rule = Rule::nth(Scope::Operation(call), 1, Fault::CrashAfter);
    cluster.cloud.inject(rule);
    assert!(until_crash(&mut cluster).await, "nothing was locked");
    cluster
}

/// The API's routes, and the one that its team adds.
fn routes(api: &str) -> &'static [&'static str] {
    match api {
        REST => &["GET /pets", "POST /pets", "GET /pets/{petId}", "GET /new"],
        _ => &["GET /orders", "POST /orders", "GET /new"],
    }
}

/// Routes of the API that are not open to everybody, as deployed and as edited.
fn locked(cluster: &Cluster, api: &str) -> Vec<String> {
    let mut locked = Vec::new();
    for route in routes(api) {
        let served = cluster.cloud.served(api, stage_of(api), route);
        let edited = cluster.cloud.edited(api, route);
        for (what, found) in [("served", served), ("edited", edited)] {
            if found.is_some_and(|found| !found.is_open()) {
                locked.push(format!("{route} as {what}"));
            }
        }
    }
    locked
}

fn none() -> Vec<String> {
    vec![]
}

fn edit(cluster: &mut Cluster, change: impl FnOnce(&mut ProtectedApiSpec)) {
    let mut spec = cluster.objects[NAME].spec.clone();
    change(&mut spec);
    cluster.apply_spec(NAME, spec);
}

fn observe(cluster: &mut Cluster) {
    edit(cluster, |spec| {
        spec.access.get_or_insert_default().enforcement = Some(Enforcement::Observe);
    });
}

/// The lock is put back, and made once the signer works.
async fn assert_put_back(cluster: &mut Cluster, api: &str, case: &str) {
    let reason = cluster.stalled(NAME).await;
    assert_eq!(reason, "SignatureRefused", "{case}: {}", cluster.story(NAME));
    assert_eq!(locked(cluster, api), none(), "{case}");
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = false);
    cluster.settle_patiently(NAME).await;
}

fn delete_deployment(cluster: &Cluster, api: &str, id: String) {
    let (region, api_id) = ("eu-north-1".to_owned(), api.to_owned());
    let call = if api == REST {
        Call::DeleteRestDeployment { region, api_id, id }
    } else {
        Call::DeleteDeployment { region, api_id, id }
    };
    cluster.cloud.as_somebody(call).unwrap();
}

#[tokio::test(start_paused = true)]
async fn viewers_are_freed_though_the_deployment_before_the_lock_was_deleted() {
    for api in [REST, HTTP] {
        let mut cluster = in_the_window(api, false).await;
        let (first, _) = cluster.cloud.deployments_of(api).remove(0);
        delete_deployment(&cluster, api, first);
        assert_put_back(&mut cluster, api, api).await;
    }
}

#[tokio::test(start_paused = true)]
async fn viewers_are_freed_though_the_deployment_before_the_lock_was_deleted_and_nothing_is_to_be_locked_any_more()
 {
    for happens in [observe, |cluster: &mut Cluster| cluster.begin_deletion(NAME)] {
        let mut cluster = in_the_window(REST, false).await;
        let (first, _) = cluster.cloud.deployments_of(REST).remove(0);
        delete_deployment(&cluster, REST, first);
        happens(&mut cluster);
        for _ in 0..4 {
            if cluster.objects.contains_key(NAME) {
                cluster.pass_surviving(NAME).await;
            }
        }
        assert_eq!(locked(&cluster, REST), none(), "{}", cluster.story(NAME));
    }
}

#[tokio::test(start_paused = true)]
async fn viewers_are_freed_as_the_stage_deploys_by_now() {
    for was_automatic in [true, false] {
        let mut cluster = in_the_window(HTTP, was_automatic).await;
        cluster.cloud.set_auto_deploy(HTTP, "live", !was_automatic);
        assert_put_back(&mut cluster, HTTP, &format!("automatic before: {was_automatic}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_team_has_released_with_our_lock_in_it_stays_released() {
    for api in [REST, HTTP] {
        let mut cluster = in_the_window(api, false).await;
        cluster.cloud.add_route(api, "GET /new");
        cluster.cloud.deploy(api, stage_of(api));
        cluster.stalled(NAME).await;
        let released = cluster.cloud.served(api, stage_of(api), "GET /new");
        assert!(released.is_some_and(|route| route.is_open()), "{api}");
        assert_put_back(&mut cluster, api, api).await;
    }
}

/// As `terraform apply` does: nothing is asked for, and that is deployed.
#[tokio::test(start_paused = true)]
async fn what_the_team_has_released_before_our_lock_was_served_stays_released() {
    for api in [REST, HTTP] {
        let mut cluster = refused(api, false);
        let rule = Rule::nth(Scope::Operation("CreateDeployment"), 1, Fault::CrashBefore);
        cluster.cloud.inject(rule);
        assert!(until_crash(&mut cluster).await, "{api}");
        assert_ne!(locked(&cluster, api), none(), "{api}");
        cluster.cloud.add_route(api, "GET /new");
        for route in routes(api) {
            cluster.cloud.set_authorization(api, route, "NONE");
        }
        let release = cluster.cloud.deploy(api, stage_of(api));
        let reason = cluster.stalled(NAME).await;
        assert_eq!(reason, "SignatureRefused", "{api}: {}", cluster.story(NAME));
        let served = cluster.cloud.stage_of(api, stage_of(api)).unwrap().deployment;
        assert_eq!(served, Some(release), "{api}: {}", cluster.story(NAME));
        assert_put_back(&mut cluster, api, api).await;
    }
}

#[tokio::test(start_paused = true)]
async fn edits_that_the_team_has_not_deployed_are_not_deployed_to_go_back() {
    let mut cluster = in_the_window(REST, false).await;
    cluster.cloud.deploy(REST, "prod");
    cluster.cloud.add_route(REST, "GET /new");
    cluster.stalled(NAME).await;
    assert_eq!(cluster.cloud.served(REST, "prod", "GET /new"), None);
    assert_eq!(locked(&cluster, REST), none());
}

#[tokio::test(start_paused = true)]
async fn routes_that_the_team_locks_after_a_refusal_are_the_teams() {
    let suspend: fn(&mut Cluster) = |cluster| edit(cluster, |spec| spec.suspend = Some(true));
    let nothing: fn(&mut Cluster) = |_| {};
    for (api, route, auto_deploy) in [(REST, "GET /pets", false), (HTTP, "GET /orders", true)] {
        for happens in [observe, suspend, nothing] {
            let mut cluster = refused(api, auto_deploy);
            assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
            happens(&mut cluster);
            cluster.pass(NAME).await;
            cluster.cloud.set_authorization(api, route, "AWS_IAM");
            for _ in 0..12 {
                tokio::time::sleep(Duration::from_secs(20)).await;
                cluster.pass_surviving(NAME).await;
            }
            let edited = cluster.cloud.edited(api, route).unwrap();
            assert_eq!(edited.kind, "AWS_IAM", "{}", cluster.story(NAME));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_the_stage_of_an_earlier_spec_serves_is_nobodys_to_delete() {
    let mut cluster = cluster(quick());
    cluster.invariants = None;
    let api = Preloaded::rest("eu-north-1", "twostages0", &["prod", "dev"]);
    cluster.cloud.preload_api(&api);
    let spec = |stage: &str| {
        let endpoint = "twostages0.execute-api.eu-north-1.amazonaws.com";
        serde_yaml::from_str(&format!(
            "origin: {{endpoint: {endpoint}, type: REST, stage: {stage}}}"
        ))
        .unwrap()
    };
    cluster.apply_spec(NAME, spec("prod"));
    cluster.ready(NAME).await;
    let serves = |cluster: &Cluster, stage| cluster.cloud.stage_of("twostages0", stage).unwrap().deployment;
    let of_prod = serves(&cluster, "prod");
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = true);
    cluster.apply_spec(NAME, spec("dev"));
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = false);
    cluster.settle_patiently(NAME).await;
    assert_eq!(serves(&cluster, "prod"), of_prod);
    let get = cluster.cloud.served("twostages0", "dev", "GET /pets").unwrap();
    assert_eq!(get.kind, "AWS_IAM");
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_edits_of_the_team_stop_is_taken_out_of_the_working_copy() {
    let mut cluster = cluster(quick());
    cluster.apply(NAME, "");
    let rule = Rule::nth(Scope::Operation("CreateDeployment"), 1, Fault::CrashBefore);
    cluster.cloud.inject(rule);
    assert!(until_crash(&mut cluster).await);
    assert_ne!(locked(&cluster, REST), none());
    cluster.cloud.add_route(REST, "GET /new");
    assert_eq!(cluster.stalled(NAME).await, "UndeployedChanges");
    assert_eq!(locked(&cluster, REST), none(), "whoever deploys deploys no lock");
    cluster.cloud.deploy(REST, "prod");
    cluster.settle_patiently(NAME).await;
    let new = cluster.cloud.served(REST, "prod", "GET /new").unwrap();
    assert_eq!(new.kind, "AWS_IAM");
}
