//! Two stages of one API, each with an object: one that keeps nobody from its stage tomorrow is a door of the other's.

use super::petstore::{API, METHODS};
use super::scenes::{KEY, cluster};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::settings::Settings;
use palisade::api::OtherDoorState::Open;
use palisade::api::{AccessMode, OtherDoor, ProtectedApi};

fn apply(cluster: &mut Cluster, stage: &str, more: &str) {
    let origin =
        format!("{{endpoint: {API}.execute-api.eu-north-1.amazonaws.com, type: REST, stage: {stage}}}");
    let spec = format!("origin: {origin}\n{more}");
    cluster.apply_spec(stage, serde_yaml::from_str(&spec).unwrap());
}

fn doors(object: &ProtectedApi) -> Vec<OtherDoor> {
    let access = object
        .status
        .clone()
        .unwrap_or_default()
        .access
        .unwrap_or_default();
    access.other_doors
}

/// Somebody opens the stage `dev`, and leaves the methods as they were.
fn open_dev(cluster: &Cluster) {
    for method in METHODS {
        cluster.cloud.set_authorization(API, method, "NONE");
    }
    cluster.cloud.deploy(API, "dev");
    for method in METHODS {
        cluster.cloud.set_authorization(API, method, "AWS_IAM");
    }
}

/// Both stages are locked, each by its object.
async fn both_locked() -> Cluster {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &["prod", "dev"]));
    for stage in ["prod", "dev"] {
        apply(&mut cluster, stage, "");
        cluster.ready(stage).await;
    }
    for _ in 0..8 {
        cluster.resync("prod").await;
    }
    assert_eq!(doors(&cluster.objects["prod"]), [], "each stage is the other's");
    cluster
}

#[tokio::test(start_paused = true)]
async fn a_stage_whose_object_observes_or_is_suspended_is_a_door_of_the_other() {
    for idle in ["access: {enforcement: Observe}", "suspend: true"] {
        let mut cluster = both_locked().await;
        apply(&mut cluster, "dev", idle);
        cluster.pass("dev").await;
        // Viewers of dev meet it open, and nobody locks it again.
        cluster.invariants = None;
        open_dev(&cluster);
        for _ in 0..8 {
            cluster.resync("dev").await;
            cluster.resync("prod").await;
        }
        let found = doors(&cluster.objects["prod"]);
        let found: Vec<_> = found
            .iter()
            .map(|door| (door.name.as_str(), door.state))
            .collect();
        assert_eq!(found, [("dev", Open)], "{idle}\n{}", cluster.story("prod"));
        for condition in ["AccessRestricted", "Ready"] {
            let said = cluster.message("prod", condition);
            assert!(
                said.contains("past the perimeter") && said.contains("stage dev (stands open)"),
                "{idle}: {said}"
            );
        }
        // Once it is carried out again, it locks its stage, and is no door.
        apply(&mut cluster, "dev", "");
        for _ in 0..16 {
            cluster.resync("dev").await;
            cluster.resync("prod").await;
        }
        assert_eq!(
            doors(&cluster.objects["prod"]),
            [],
            "{idle}\n{}",
            cluster.story("dev")
        );
    }
}

/// Nobody has read the stage `prod` for long: its methods ask for the key of its object all the same.
#[tokio::test(start_paused = true)]
async fn a_stage_locked_by_key_that_nobody_can_read_is_not_in_the_way_of_another_stages_lock_by_key() {
    let mut cluster = cluster(Settings::default());
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", API, &["prod", "dev"]));
    apply(&mut cluster, "prod", KEY);
    cluster.ready("prod").await;
    let status = cluster.objects.get_mut("prod").unwrap().status.as_mut().unwrap();
    let access = status.access.clone().unwrap_or_default();
    assert_eq!(access.locked_mode, Some(AccessMode::ApiKey));
    for condition in &mut status.conditions {
        if condition.type_ == "AccessRestricted" {
            condition.status = "Unknown".to_owned();
        }
    }
    apply(&mut cluster, "dev", KEY);
    cluster.ready("dev").await;
    assert_eq!(
        cluster.condition("dev", "AccessRestricted"),
        "True",
        "{}",
        cluster.story("dev")
    );
}
