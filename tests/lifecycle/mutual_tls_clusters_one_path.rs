//! Two clusters, each with an object before one API, whose viewers write the stage themselves: both objects have the same `spec.origin.path`,
//! none. Locked by mutual TLS they stand beside each other, and so they do after both have left it.

use super::mutual_tls_clusters::{BETA, ELSEWHERE, PROD, assert_viewers_served};
use super::mutual_tls_stages::by_certificate;
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

/// The objects of two clusters, each locked, for its stage.
async fn two() -> [(Cluster, &'static str); 2] {
    let mut ours = cluster(Settings::default());
    ours.invariants = None;
    ours.cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &[PROD, BETA]));
    let mut theirs = Cluster::over(Arc::clone(&ours.cloud));
    theirs.rename_cluster(ELSEWHERE, 7);
    let mut both = [(ours, PROD), (theirs, BETA)];
    for (cluster, stage) in &mut both {
        apply(cluster, stage, &by_certificate(stage));
        cluster.ready(stage).await;
    }
    both
}

/// Rounds over both, in which no viewer is refused.
async fn rounds(both: &mut [(Cluster, &'static str); 2], count: usize) {
    for _ in 0..count {
        for (cluster, name) in both.iter_mut() {
            cluster.pass_surviving(name).await;
        }
        for (cluster, name) in both.iter() {
            assert_viewers_served(cluster, name);
        }
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
}

fn story(both: &[(Cluster, &'static str); 2]) -> String {
    let told = both.iter().map(|(cluster, name)| cluster.story(name));
    told.collect::<Vec<_>>().join("\n")
}

#[tokio::test(start_paused = true)]
async fn two_objects_for_two_stages_both_end_by_their_next_lock() {
    for after in [0, 40] {
        let mut both = two().await;
        apply(&mut both[0].0, PROD, KEY);
        rounds(&mut both, after).await;
        apply(&mut both[1].0, BETA, KEY);
        for _ in 0..200 {
            rounds(&mut both, 1).await;
            if both
                .iter()
                .all(|(cluster, name)| cluster.condition(name, "Ready") == "True")
            {
                break;
            }
        }
        let story = story(&both);
        for (cluster, name) in &both {
            for condition in ["Accepted", "AccessRestricted", "Ready"] {
                assert_eq!(
                    cluster.condition(name, condition),
                    "True",
                    "{name} {condition}: {story}"
                );
            }
        }
        assert!(!both[0].0.cloud.is_endpoint_off(API), "{story}");
        // They go on beside each other.
        rounds(&mut both, 60).await;
        assert_eq!(both[1].0.condition(BETA, "Accepted"), "True");
    }
}
