//! An API is locked, kept locked, and put back where the perimeter is refused.

use super::petstore::{API, METHODS};
use super::scenes::{HEADER, KEY, NAME, cluster, quiet, ready, resyncs, routed, routed_apis};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::settings::Settings;
use palisade::api::LOOK;
use palisade::controller::events::of_pass;
use palisade::domain::access::proof::Proof;
use std::time::Duration;

/// Methods of the stage, as deployed, that anybody may call.
fn open(cluster: &Cluster) -> Vec<&'static str> {
    let is_open = |route: &&str| {
        let served = cluster.cloud.served(API, "prod", route);
        served.is_some_and(|authorization| authorization.is_open())
    };
    METHODS.into_iter().filter(is_open).collect()
}

/// A cluster before whose API a signer signs wrongly. Viewers are refused until the lock is put back.
fn with_broken_signer(settings: Settings) -> Cluster {
    let mut cluster = cluster(Settings {
        signer_is_broken: true,
        ..settings
    });
    cluster.invariants = None;
    cluster
}

fn assert_as_before(cluster: &Cluster, case: &str) {
    assert_eq!(open(cluster), METHODS, "{case}: as deployed");
    for route in METHODS {
        let edited = cluster.cloud.edited(API, route).unwrap();
        assert!(
            edited.is_open(),
            "{case}: {route} is left locked in the working copy"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_lock_is_put_back_and_made_once_the_signer_works() {
    let mut cluster = with_broken_signer(Settings::default());
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    assert_as_before(&cluster, "refused");
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = false);
    cluster.settle_patiently(NAME).await;
    assert_eq!(open(&cluster), Vec::<&str>::new());
    quiet(&mut cluster, NAME).await;
    assert_eq!(cluster.cloud.deployments_of(API).len(), 2, "the team's and ours");
}

#[tokio::test(start_paused = true)]
async fn after_a_refusal_it_is_said_when_the_next_attempt_comes_and_a_look_has_it_come_at_once() {
    let mut cluster = with_broken_signer(Settings::default());
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    let said = cluster.message(NAME, "AccessRestricted");
    assert!(said.contains("it is tried again at "), "{said}");
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = false);
    cluster.annotate(NAME, LOOK, "mended");
    // Less than the pause after a first refusal.
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(3)).await;
        cluster.pass(NAME).await;
    }
    assert_eq!(open(&cluster), Vec::<&str>::new(), "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn what_a_lock_was_put_back_for_is_quoted_over_a_restart_and_forgotten_once_it_stands() {
    let mut cluster = with_broken_signer(Settings::default());
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    for pass in 0..3 {
        let said = cluster.message(NAME, "AccessRestricted");
        let quote = "the API refused what came through the perimeter (API Gateway answered 403: ";
        assert!(said.contains(quote), "{pass}: {said}");
        cluster.restart();
        cluster.pass(NAME).await;
    }
    let put_back = |cluster: &Cluster| {
        let status = cluster.objects[NAME].status.clone();
        status.and_then(|status| status.access?.put_back)
    };
    assert!(put_back(&cluster).is_some());
    cluster
        .cloud
        .configure(|settings| settings.signer_is_broken = false);
    cluster.settle_patiently(NAME).await;
    assert_eq!(put_back(&cluster), None);
}

/// What events tell until the condition is True.
async fn told_until(cluster: &mut Cluster, condition: &str) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..200 {
        let (before, outcome) = (cluster.objects[NAME].clone(), cluster.pass(NAME).await);
        let notes = of_pass::notes(&before, &outcome).into_iter();
        told.extend(notes.map(|note| note.note));
        if cluster.condition(NAME, condition) == "True" {
            return told;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    panic!("{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_told_before_it_is_told_that_it_was_put_back() {
    let mut cluster = with_broken_signer(Settings::default());
    cluster.apply(NAME, "");
    let told = told_until(&mut cluster, "Stalled").await;
    let at = |words: &str| told.iter().position(|note| note.contains(words));
    let (locked, back) = (at("ask for a signature"), at("as before"));
    assert!(locked.is_some() && locked < back, "{told:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_created_is_told_each_by_its_own_name() {
    for (access, parts) in [
        (KEY, ["usage plan ", "API key "]),
        (HEADER, ["role of the authorizer ", "function of the authorizer "]),
    ] {
        let mut cluster = cluster(Settings::default());
        cluster.apply(NAME, access);
        let told = told_until(&mut cluster, "Ready").await;
        for part in parts {
            let created = format!("Created {part}");
            let is_told = told.iter().any(|note| note.starts_with(&created));
            assert!(is_told, "{created}: {told:#?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_lock_that_is_put_back_leaves_all_as_it_was() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter] {
        let mut cases = 0;
        for n in 1.. {
            let mut cluster = with_broken_signer(Settings::default());
            cluster.cloud.inject(Rule::nth(Scope::Writes, n, fault));
            cluster.apply(NAME, "");
            assert_eq!(
                cluster.stalled(NAME).await,
                "SignatureRefused",
                "{fault:?} at write {n}"
            );
            if cluster.cloud.journal().writes().len() < n {
                break;
            }
            assert_as_before(&cluster, &format!("{fault:?} at write {n}"));
            cluster
                .cloud
                .configure(|settings| settings.signer_is_broken = false);
            cluster.settle_patiently(NAME).await;
            assert_eq!(
                cluster.cloud.deployments_of(API).len(),
                2,
                "{fault:?} at write {n}: one stays behind"
            );
            cases += 1;
        }
        assert!(cases > 10, "{cases}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_takes_effect_slowly_is_awaited() {
    let mut cluster = cluster(Settings {
        stage_propagation: Duration::from_secs(9),
        ..Settings::default()
    });
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(open(&cluster), Vec::<&str>::new());
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn an_api_with_three_hundred_resources_is_locked_by_one_deployment() {
    let mut cluster = cluster(Settings::default());
    cluster.cloud.grow(API, 300);
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    assert_eq!(
        cluster.cloud.deployments_of(API).len(),
        3,
        "two of the team's, one of ours"
    );
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_method_that_the_team_adds_is_locked_within_the_hour() {
    let mut cluster = ready("").await;
    cluster.cloud.add_route(API, "GET /orders");
    cluster.cloud.deploy(API, "prod");
    resyncs(&mut cluster, 7).await;
    let served = cluster.cloud.served(API, "prod", "GET /orders").unwrap();
    assert!(served.asks_for(&Proof::Signature), "{served:?}");
    cluster.ready(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn a_probed_method_that_the_team_opens_is_locked_at_the_next_resync() {
    let mut cluster = ready("").await;
    cluster.cloud.set_authorization(API, "GET /pets", "NONE");
    cluster.cloud.deploy(API, "prod");
    cluster.resync(NAME).await;
    assert_eq!(open(&cluster), Vec::<&str>::new());
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn an_api_or_stage_that_is_deleted_is_named() {
    for (reason, delete) in [
        (
            "ApiNotFound",
            (|cluster| cluster.cloud.delete_api(API)) as fn(&Cluster),
        ),
        ("StageNotFound", |cluster| cluster.cloud.delete_stage(API, "prod")),
    ] {
        let mut cluster = ready("").await;
        cluster.invariants = None;
        delete(&cluster);
        tokio::time::sleep(Duration::from_mins(70)).await;
        for pass in 0..4 {
            cluster.resync(NAME).await;
            let story = cluster.story(NAME);
            for condition in [
                "Accepted",
                "AccessRestricted",
                "ViewerAccessVerified",
                "DirectAccessBlocked",
            ] {
                assert_eq!(
                    cluster.reason(NAME, condition),
                    reason,
                    "{pass} {condition}: {story}"
                );
                assert_ne!(
                    cluster.condition(NAME, condition),
                    "True",
                    "{pass} {condition}: {story}"
                );
            }
            assert_eq!(cluster.condition(NAME, "Accepted"), "False", "{story}");
            for condition in ["AccessRestricted", "Accepted", "Stalled", "Ready"] {
                let said = cluster.message(NAME, condition);
                assert!(
                    said.contains("does not exist any more") && said.contains("no viewer is answered"),
                    "{pass} {condition}: {said}"
                );
            }
            let said = cluster.message(NAME, "ViewerAccessVerified");
            assert!(said.contains("AccessRestricted says more"), "{said}");
            assert_eq!(cluster.reason(NAME, "Stalled"), reason, "{story}");
        }
        let api = Preloaded::rest("eu-north-1", API, &["prod"]);
        cluster.cloud.preload_api(&api);
        cluster.settle_patiently(NAME).await;
        assert_eq!(cluster.reason(NAME, "AccessRestricted"), "Locked", "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn http_and_websocket_apis_are_locked_whatever_deploys_them() {
    for auto_deploy in [true, false] {
        for (id, kind, api) in routed_apis(auto_deploy) {
            let mut cluster = cluster(Settings::default());
            cluster.cloud.preload_api(&api);
            cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
            cluster.ready(NAME).await;
            quiet(&mut cluster, NAME).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_lock_stays_when_the_object_is_deleted() {
    let mut cluster = ready("").await;
    cluster.delete(NAME).await;
    assert_eq!(open(&cluster), Vec::<&str>::new());
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_fails_for_whoever_signs_is_served_again_as_before() {
    for (id, kind, api) in routed_apis(true).into_iter().take(1) {
        let mut cluster = cluster(Settings::default());
        cluster.invariants = None;
        cluster.cloud.preload_api(&api);
        cluster
            .cloud
            .configure(|settings| settings.signed_calls_fail = true);
        cluster.apply_spec(NAME, routed(id, kind, "SigV4"));
        assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
        let said = cluster.message(NAME, "AccessRestricted");
        assert!(said.contains("500") && said.contains("did not before"), "{said}");
        let served = cluster.cloud.served(id, "live", "GET /orders").unwrap();
        assert!(served.is_open(), "{}", cluster.story(NAME));
    }
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    cluster
        .cloud
        .configure(|settings| settings.signed_calls_fail = true);
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    let served = cluster.cloud.served(API, "prod", "GET /pets").unwrap();
    assert!(served.is_open(), "{}", cluster.story(NAME));
    // Mended, it is locked by itself.
    cluster
        .cloud
        .configure(|settings| settings.signed_calls_fail = false);
    cluster.settle_patiently(NAME).await;
}
