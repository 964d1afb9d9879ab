//! Backends that answer as API Gateway does, being services of AWS or APIs behind it themselves. Nothing of it proves a lock, and
//! nothing of it takes one back for ever.

use super::petstore::{API, METHODS, ask};
use super::scenes::{HEADER, KEY, NAME, cluster, found, live, pair, ready, resyncs, routed_apis, values};
use super::support::cluster::Cluster;
use super::support::simulation::settings::Settings;

pub const MODES: [&str; 3] = ["", KEY, HEADER];

/// A cluster on an AWS with these settings besides.
pub fn on(change: impl FnOnce(&mut Settings)) -> Cluster {
    let cluster = cluster(Settings::default());
    cluster.cloud.configure(change);
    cluster
}

/// Whether a method asks for anything, as deployed.
pub fn is_locked(cluster: &Cluster) -> bool {
    !cluster.cloud.served(API, "prod", "GET /pets").unwrap().is_open()
}

/// How often what a stage served was changed.
pub fn deployments(cluster: &Cluster) -> usize {
    cluster.cloud.journal().count("UpdateStage")
}

#[tokio::test(start_paused = true)]
async fn an_http_api_whose_backend_refuses_in_api_gateways_words_is_locked_without_a_first_probe() {
    for auto_deploy in [true, false] {
        let mut cluster = on(|settings| settings.backend_says = Some((403, "Forbidden")));
        for (_, _, api) in routed_apis(auto_deploy) {
            cluster.cloud.preload_api(&api);
        }
        let spec = live("http000000", "HTTP", "access: {cutOver: AfterDeployed}");
        cluster.apply_spec(NAME, spec);
        assert_eq!(cluster.stalled(NAME).await, "ProbeAmbiguous");
        resyncs(&mut cluster, 8).await;
        let story = cluster.story(NAME);
        assert_eq!(
            found(&cluster, "AccessRestricted"),
            pair("True", "Locked"),
            "{story}"
        );
        for condition in ["ViewerAccessVerified", "DirectAccessBlocked"] {
            assert_eq!(
                found(&cluster, condition),
                pair("Unknown", "ProbeAmbiguous"),
                "{story}"
            );
        }
        for route in ["GET /orders", "POST /orders"] {
            let served = cluster.cloud.served("http000000", "live", route).unwrap();
            assert!(!served.is_open(), "{route}: {story}");
        }
    }
}

/// As one API Gateway behind another: its error type comes through, its request id under another name.
fn behind_another_api(settings: &mut Settings) {
    settings.backend_says = Some((403, "Missing Authentication Token"));
    settings.backend_names = Some("MissingAuthenticationTokenException");
    settings.backend_is_remapped = true;
}

#[tokio::test(start_paused = true)]
async fn an_api_behind_the_api_that_refuses_is_no_lock_of_this_one() {
    for mode in MODES {
        let mut cluster = on(behind_another_api);
        cluster.apply(NAME, mode);
        cluster.ready(NAME).await;
        assert_eq!(
            found(&cluster, "DirectAccessBlocked"),
            pair("True", "DirectRefused"),
            "{mode}"
        );
        assert_eq!(
            found(&cluster, "ViewerAccessVerified"),
            pair("True", "ViewerReached"),
            "{mode}"
        );
    }
    let mut cluster = on(behind_another_api);
    cluster.apply(NAME, "access: {enforcement: Observe}");
    cluster.settle(NAME).await;
    let direct = found(&cluster, "DirectAccessBlocked");
    assert_eq!(
        direct,
        pair("False", "DirectAccessOpen"),
        "{}",
        cluster.story(NAME)
    );
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_removed_from_before_another_api_is_seen_at_once() {
    let mut cluster = ready("").await;
    cluster.cloud.configure(behind_another_api);
    cluster.resync(NAME).await;
    ask(&cluster, &METHODS, "NONE");
    cluster.cloud.clear_journal();
    cluster.resync(NAME).await;
    assert_eq!(
        deployments(&cluster),
        1,
        "it was locked anew: {}",
        cluster.story(NAME)
    );
    assert!(is_locked(&cluster));
}

#[tokio::test(start_paused = true)]
async fn a_function_that_passes_errors_of_aws_on_hides_the_refusals_that_are_named_alike() {
    let forbidden = |settings: &mut Settings| {
        settings.backend_says = Some((403, "Forbidden"));
        settings.backend_names = Some("ForbiddenException");
    };
    for mode in ["", HEADER] {
        let mut cluster = on(forbidden);
        cluster.apply(NAME, mode);
        cluster.ready(NAME).await;
        assert_eq!(
            found(&cluster, "DirectAccessBlocked"),
            pair("True", "DirectRefused"),
            "{mode}"
        );
    }
    let mut cluster = on(forbidden);
    cluster.apply(NAME, KEY);
    assert_eq!(
        cluster.stalled(NAME).await,
        "ProbeAmbiguous",
        "{}",
        cluster.story(NAME)
    );
    assert!(!is_locked(&cluster) && deployments(&cluster) == 0);
    assert!(values(&cluster).len() <= 1);
}
