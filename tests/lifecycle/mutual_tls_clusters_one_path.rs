//! Two clusters, each with an object before one API, whose viewers write the stage themselves: both objects have the same `spec.origin.path`,
//! none. Two such distributions do not stand before the default endpoint beside each other.

use super::mutual_tls_clusters::{BETA, ELSEWHERE, PROD};
use super::petstore::API;
use super::scenes::{KEY, cluster};
use super::support::cluster::{Cluster, REST_ENDPOINT};
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;
use std::sync::Arc;
use std::time::Duration;

fn apply(cluster: &mut Cluster, stage: &str, access: &str) {
    let origin = format!("origin: {{endpoint: {REST_ENDPOINT}, type: REST, stage: {stage}}}");
    cluster.apply_spec(
        stage,
        serde_yaml::from_str(&format!("{origin}\n{access}")).unwrap(),
    );
}

/// Two clusters, and nothing in them yet.
fn clusters() -> [(Cluster, &'static str); 2] {
    let mut ours = cluster(Settings::default());
    ours.invariants = None;
    ours.cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &[PROD, BETA]));
    let mut theirs = Cluster::over(Arc::clone(&ours.cloud));
    theirs.rename_cluster(ELSEWHERE, 7);
    [(ours, PROD), (theirs, BETA)]
}

/// Rounds over both.
async fn rounds(both: &mut [(Cluster, &'static str); 2], count: usize) {
    for _ in 0..count {
        for (cluster, name) in both.iter_mut() {
            cluster.pass_surviving(name).await;
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_of_another_cluster_is_refused_and_takes_no_lock_out_of_care() {
    for access in [
        "access: {mode: ApiKey, enforcement: Observe}",
        KEY,
        "access: {enforcement: Observe}",
    ] {
        let mut both = clusters();
        apply(&mut both[0].0, PROD, KEY);
        both[0].0.ready(PROD).await;
        apply(&mut both[1].0, BETA, access);
        assert_eq!(both[1].0.stalled(BETA).await, "ProtectedElsewhere", "{access}");
        rounds(&mut both, 20).await;
        // Somebody opens what is locked: it is locked again.
        let cloud = Arc::clone(&both[0].0.cloud);
        cloud.require_api_key(API, "GET /pets", false);
        cloud.deploy(API, PROD);
        assert!(cloud.served(API, PROD, "GET /pets").unwrap().is_open());
        tokio::time::sleep(Duration::from_hours(1)).await;
        rounds(&mut both, 20).await;
        let (prod, story) = (&both[0].0, both[0].0.story(PROD));
        assert!(
            !cloud.served(API, PROD, "GET /pets").unwrap().is_open(),
            "{story}"
        );
        for condition in ["Accepted", "AccessRestricted", "Ready"] {
            assert_eq!(prod.condition(PROD, condition), "True", "{condition}: {story}");
        }
        let said = both[1].0.message(BETA, "Accepted");
        assert!(!said.contains("looks after any more"), "{said}");
    }
}
