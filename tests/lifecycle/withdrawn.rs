//! A lock that was begun and is not wanted any more is put back, though nobody refused anything: at the stage where it was begun.

use super::left_locked::is_unproven;
use super::marks::{TWO_STAGES, of_stage};
use super::scenes::{NAME, cluster};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::unproven::{quick, until_crash};
use palisade::controller::events::{EventNote, of_pass};
use palisade::domain::kernel::reason::Reason;
use std::time::Duration;

fn is_open(cluster: &Cluster, stage: &str) -> bool {
    let served = cluster.cloud.served(TWO_STAGES, stage, "GET /pets");
    served.is_some_and(|route| route.is_open())
}

/// A cluster whose controller dies after the write `n`.
fn crashing_after(n: usize) -> Cluster {
    let mut cluster = cluster(quick());
    cluster.invariants = None;
    let api = Preloaded::rest("eu-north-1", TWO_STAGES, &["prod", "dev"]);
    cluster.cloud.preload_api(&api);
    cluster
        .cloud
        .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
    cluster
}

/// What is told of what was put back, until all stands as the spec asks.
async fn told_until_ready(cluster: &mut Cluster) -> Vec<EventNote> {
    let mut told = Vec::new();
    for _ in 0..100 {
        let before = cluster.objects[NAME].clone();
        let outcome = cluster.pass_surviving(NAME).await;
        let notes = of_pass::notes(&before, &outcome).into_iter();
        told.extend(notes.filter(|note| note.action == "PutBack"));
        if cluster.condition(NAME, "Ready") == "True" {
            return told;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(15))).await;
    }
    panic!("never ready: {}", cluster.story(NAME));
}

fn is_no_refusal(note: &EventNote) -> bool {
    !note.warning && note.reason == Reason::Updated
}

#[tokio::test(start_paused = true)]
async fn what_is_put_back_since_another_mode_is_wanted_is_told_as_no_refusal() {
    let mut put_back = 0;
    for n in 1.. {
        let mut cluster = crashing_after(n);
        cluster.apply(NAME, "");
        if !until_crash(&mut cluster).await {
            break;
        }
        if !is_unproven(&cluster) {
            continue;
        }
        cluster.apply(NAME, "access: {mode: SecretHeader}");
        let told = told_until_ready(&mut cluster).await;
        assert!(told.iter().all(is_no_refusal), "{n}: {told:?}");
        put_back += told.len();
    }
    assert!(put_back > 0);
}

/// The API server refuses such an edit once status says that the lock is not proven: here it comes a moment before.
#[tokio::test(start_paused = true)]
async fn a_lock_that_is_not_proven_is_put_back_before_another_stage_is_locked_in_its_place() {
    let (mut begun, mut put_back) = (0, 0);
    for n in 1.. {
        let mut cluster = crashing_after(n);
        cluster.apply_spec(NAME, of_stage("prod"));
        if !until_crash(&mut cluster).await {
            break;
        }
        if !is_unproven(&cluster) {
            continue;
        }
        begun += 1;
        cluster.apply_spec(NAME, of_stage("dev"));
        let told = told_until_ready(&mut cluster).await;
        let story = cluster.story(NAME);
        assert!(
            is_open(&cluster, "prod"),
            "{n}: left locked and unproven: {story}"
        );
        assert!(!is_open(&cluster, "dev"), "{n}: {story}");
        assert!(!is_unproven(&cluster), "{n}: {story}");
        assert!(told.iter().all(is_no_refusal), "{n}: {told:?}");
        put_back += told.len();
    }
    assert!(begun > 3, "{begun}");
    assert!(put_back > 0, "none was in force");
}
