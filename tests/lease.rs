//! Leader election against a real API server.

use crate::kubernetes;
use hyper::{Method, Request};
use k8s_openapi::api::coordination::v1::Lease;
use kube::Client;
use kube::api::{Api, DeleteParams, Patch, PatchParams};
use kube::client::Body;
use palisade::controller::process::lease::{Candidate, Leadership, Lost};
use palisade::controller::process::regions::{ANNOTATION, Regions};
use palisade::controller::process::settings::LeaseSettings;
use serde_json::json;
use std::collections::BTreeSet;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::timeout;

const DURATION: Duration = Duration::from_secs(2);
/// More than a candidate ever needs.
const LONG: Duration = Duration::from_secs(20);

struct Replica {
    candidate: Candidate,
    leadership: Leadership,
}

fn replica(client: &Client, namespace: &str, instance: &str) -> Replica {
    let leadership = Leadership::standby();
    let settings = LeaseSettings {
        namespace: Some(namespace.to_owned()),
        name: "palisade".to_owned(),
        duration: DURATION,
        renew: Duration::from_millis(400),
        retry: Duration::from_millis(100),
    };
    let candidate = Candidate::new(client.clone(), instance, settings, leadership.clone());
    Replica {
        candidate,
        leadership,
    }
}

async fn leader(client: &Client, namespace: &str, instance: &str) -> Replica {
    let mut replica = replica(client, namespace, instance);
    timeout(LONG, replica.candidate.acquire()).await.expect("leads");
    replica
}

async fn lease(client: &Client, namespace: &str) -> Lease {
    Api::namespaced(client.clone(), namespace)
        .get("palisade")
        .await
        .expect("a Lease")
}

#[tokio::test]
async fn of_two_candidates_one_leads() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let (mut first, mut second) = (
        replica(&client, &namespace, "first"),
        replica(&client, &namespace, "second"),
    );
    tokio::select! {
        () = async { first.candidate.acquire().await; first.candidate.keep().await; } => panic!("the first lost"),
        () = async { second.candidate.acquire().await; second.candidate.keep().await; } => panic!("the second lost"),
        () = tokio::time::sleep(DURATION * 2) => {}
    }
    assert_ne!(first.leadership.is_leader(), second.leadership.is_leader());
}

#[tokio::test]
async fn what_a_leader_knows_of_regions_is_handed_on_by_the_lease() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let (first, second) = (Arc::new(Regions::default()), Arc::new(Regions::default()));
    let mut before = replica(&client, &namespace, "first");
    before.candidate = before.candidate.remembering(Arc::clone(&first));
    timeout(LONG, before.candidate.acquire()).await.expect("leads");
    // It comes to know it only after it leads.
    first.add("111122223333", "eu-north-1");
    tokio::select! {
        _ = before.candidate.keep() => panic!("it lost the lead"),
        () = async {
            while !is_written(&lease(&client, &namespace).await) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        } => {}
    }
    before.candidate.release().await.expect("released");
    second.add("111122223333", "us-west-2");
    let mut after = replica(&client, &namespace, "second");
    after.candidate = after.candidate.remembering(Arc::clone(&second));
    timeout(LONG, after.candidate.acquire()).await.expect("leads");
    let all = ["eu-north-1", "us-west-2"].map(str::to_owned);
    assert_eq!(second.of("111122223333"), BTreeSet::from(all));
    let written = lease(&client, &namespace).await.metadata.annotations;
    assert_eq!(
        written.and_then(|all| all.get(ANNOTATION).cloned()),
        second.text()
    );
}

fn is_written(lease: &Lease) -> bool {
    let annotations = lease.metadata.annotations.as_ref();
    annotations.is_some_and(|all| all.contains_key(ANNOTATION))
}

#[tokio::test]
async fn a_leader_that_dies_is_followed_after_its_lease_and_not_before() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let dead = leader(&client, &namespace, "dead").await;
    let began = Instant::now();
    let mut heir = replica(&client, &namespace, "heir");
    tokio::select! {
        () = heir.candidate.acquire() => {}
        () = async {
            loop {
                assert!(!(dead.leadership.is_leader() && heir.leadership.is_leader()), "two leaders");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        } => {}
        () = tokio::time::sleep(LONG) => panic!("nobody followed"),
    }
    assert!(began.elapsed() >= DURATION, "after {:?}", began.elapsed());
    let spec = lease(&client, &namespace).await.spec.expect("a spec");
    assert_eq!(spec.lease_transitions, Some(1));
    assert!(spec.holder_identity.expect("a holder").starts_with("heir_"));
}

#[tokio::test]
async fn a_released_lease_is_taken_at_once() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let first = leader(&client, &namespace, "first").await;
    first.candidate.release().await.expect("released");
    assert!(!first.leadership.is_leader());
    let began = Instant::now();
    leader(&client, &namespace, "second").await;
    assert!(began.elapsed() < DURATION / 2, "after {:?}", began.elapsed());
}

/// A client of which writes are carried out and never answered while `held`; `reached` is told of each.
fn holding(client: &Client, held: &Arc<AtomicBool>, reached: &Arc<Notify>) -> Client {
    let (real, held, reached) = (client.clone(), Arc::clone(held), Arc::clone(reached));
    let service = tower::service_fn(move |request: Request<Body>| {
        let (real, held, reached) = (real.clone(), Arc::clone(&held), Arc::clone(&reached));
        async move {
            let is_write = request.method() != Method::GET;
            let answer = real.send(request).await;
            if is_write && held.load(Ordering::SeqCst) {
                reached.notify_one();
                pending::<()>().await;
            }
            answer
        }
    });
    Client::new(service, "default")
}

#[tokio::test]
async fn a_lease_is_released_also_when_its_renewal_was_cut_off() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let (held, reached) = (Arc::default(), Arc::default());
    let mut first = leader(&holding(&client, &held, &reached), &namespace, "first").await;
    held.store(true, Ordering::SeqCst);
    tokio::select! {
        lost = first.candidate.keep() => panic!("{lost}"),
        () = reached.notified() => {}
    }
    held.store(false, Ordering::SeqCst);
    first.candidate.release().await.expect("released");
    let began = Instant::now();
    leader(&client, &namespace, "second").await;
    assert!(began.elapsed() < DURATION / 2, "after {:?}", began.elapsed());
}

#[tokio::test]
async fn a_lease_that_somebody_else_holds_is_not_released() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let first = leader(&client, &namespace, "first").await;
    let patch = Patch::Merge(json!({"spec": {"holderIdentity": "usurper"}}));
    let leases: Api<Lease> = Api::namespaced(client.clone(), &namespace);
    leases
        .patch("palisade", &PatchParams::default(), &patch)
        .await
        .expect("patched");
    first.candidate.release().await.expect("nothing to release");
    let spec = lease(&client, &namespace).await.spec.expect("a spec");
    assert_eq!(spec.holder_identity.as_deref(), Some("usurper"));
}

#[tokio::test]
async fn a_leader_stays_one_and_its_time_never_exceeds_the_duration() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let mut leader = leader(&client, &namespace, "leader").await;
    let lost = timeout(DURATION * 2, leader.candidate.keep()).await;
    assert!(lost.is_err(), "{lost:?}");
    let left = leader.leadership.valid_for();
    assert!(left > DURATION / 2 && left < DURATION, "{left:?}");
}

#[tokio::test]
async fn foreign_clocks_decide_nothing() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let _leader = leader(&client, &namespace, "leader").await;
    // As if renewed a year ago, or in a year: only that it changed counts.
    for time in ["2025-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z"] {
        let patch = Patch::Merge(json!({"spec": {"renewTime": time}}));
        let leases: Api<Lease> = Api::namespaced(client.clone(), &namespace);
        leases
            .patch("palisade", &PatchParams::default(), &patch)
            .await
            .expect("patched");
        let mut other = replica(&client, &namespace, "other");
        let early = timeout(DURATION / 2, other.candidate.acquire()).await;
        assert!(early.is_err(), "taken over early, with {time}");
    }
    leader(&client, &namespace, "other").await;
}

#[tokio::test]
async fn a_leader_whose_lease_is_taken_says_by_whom() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let mut leader = leader(&client, &namespace, "leader").await;
    let patch = Patch::Merge(json!({"spec": {"holderIdentity": "usurper"}}));
    let leases: Api<Lease> = Api::namespaced(client.clone(), &namespace);
    leases
        .patch("palisade", &PatchParams::default(), &patch)
        .await
        .expect("patched");
    let lost = timeout(LONG, leader.candidate.keep()).await.expect("lost");
    assert_eq!(lost, Lost::Taken("usurper".to_owned()));
    assert_eq!(leader.leadership.valid_for(), Duration::ZERO);
}

#[tokio::test]
async fn a_leader_that_cannot_renew_ends_when_its_time_is_over() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let mut leader = leader(&client, &namespace, "leader").await;
    // Nothing can be written into a Namespace that is gone.
    let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(client.clone());
    namespaces
        .delete(&namespace, &DeleteParams::default())
        .await
        .expect("deleted");
    let gone = async { while namespaces.get_opt(&namespace).await.expect("an answer").is_some() {} };
    timeout(LONG, gone).await.expect("gone");
    let lost = timeout(LONG, leader.candidate.keep()).await.expect("lost");
    assert_eq!(lost, Lost::Expired);
    assert!(!leader.leadership.is_leader());
}

#[tokio::test]
async fn a_lease_deleted_under_its_leader_makes_no_second_one() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let leader = leader(&client, &namespace, "leader").await;
    let mut other = replica(&client, &namespace, "other");
    let seen = timeout(Duration::from_millis(300), other.candidate.acquire()).await;
    assert!(seen.is_err());
    let leases: Api<Lease> = Api::namespaced(client.clone(), &namespace);
    leases
        .delete("palisade", &DeleteParams::default())
        .await
        .expect("deleted");
    timeout(LONG, other.candidate.acquire())
        .await
        .expect("leads in the end");
    assert!(!leader.leadership.is_leader());
}
