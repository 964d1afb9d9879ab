//! What Flux and Argo CD make of the states that objects and classes come to, as the engine tells them: what a person would.

use super::adoption_scenes::{adopt, guide};
use super::handover::{Move, NEW};
use super::petstore::{API, METHODS};
use super::rollouts::{Crowd, declare_halting};
use super::scenes::{HEADER, MUTUAL_TLS, NAME, cluster, deny, found, pair, ready, resyncs};
use super::support::cluster::Cluster;
use super::support::judges::both;
use super::support::simulation::settings::Settings;
use std::time::Duration;

const DONE: (&str, &str) = ("Current", "Healthy");
const UNDER_WAY: (&str, &str) = ("InProgress", "Progressing");
const FOR_A_PERSON: (&str, &str) = ("Failed", "Degraded");
const GOING: (&str, &str) = ("Terminating", "Progressing");

#[track_caller]
fn assert_called_of(cluster: &Cluster, name: &str, said: (&str, &str)) {
    let object = serde_json::to_value(&cluster.objects[name]).unwrap();
    let (flux, argo) = both(&object);
    assert_eq!((flux.as_str(), argo.as_str()), said, "{}", cluster.story(name));
}

#[track_caller]
fn assert_called(cluster: &Cluster, said: (&str, &str)) {
    assert_called_of(cluster, NAME, said);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_was_put_back_is_for_a_person() {
    let mut cluster = cluster(Settings {
        signer_is_broken: true,
        ..Settings::default()
    });
    cluster.invariants = None;
    cluster.apply(NAME, "");
    assert_eq!(cluster.stalled(NAME).await, "SignatureRefused");
    assert_called(&cluster, FOR_A_PERSON);
}

#[tokio::test(start_paused = true)]
async fn viewers_that_are_refused_are_for_a_person() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    cluster
        .cloud
        .configure(|settings| settings.web_acl_blocks_probes = true);
    resyncs(&mut cluster, 8).await;
    assert_eq!(
        found(&cluster, "ViewerAccessVerified"),
        pair("False", "ProbeBlockedByWebAcl")
    );
    assert_called(&cluster, FOR_A_PERSON);
}

#[tokio::test(start_paused = true)]
async fn a_contested_lock_is_for_a_person() {
    let mut cluster = cluster(Settings::default());
    cluster.invariants = None;
    cluster.apply(NAME, "");
    cluster.ready(NAME).await;
    // Within the hour for which a contested stage is left alone.
    for passes in [3, 3, 2] {
        for route in METHODS {
            cluster.cloud.set_authorization(API, route, "NONE");
        }
        cluster.cloud.deploy(API, "prod");
        resyncs(&mut cluster, passes).await;
    }
    assert_eq!(cluster.reason(NAME, "AccessRestricted"), "ContestedByOtherTool");
    assert_called(&cluster, FOR_A_PERSON);
}

#[tokio::test(start_paused = true)]
async fn another_door_that_stands_open_is_for_a_person() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.cloud.map_domain("api.example.org", "v1", API, "prod");
    resyncs(&mut cluster, 8).await;
    assert_eq!(
        found(&cluster, "AccessRestricted"),
        pair("False", "OtherDoorOpen")
    );
    assert_called(&cluster, FOR_A_PERSON);
}

#[tokio::test(start_paused = true)]
async fn what_is_only_to_be_observed_is_done_with_its_api_open() {
    let cluster = ready("access: {enforcement: Observe}").await;
    assert_called(&cluster, DONE);
}

#[tokio::test(start_paused = true)]
async fn the_way_back_from_mutual_tls_is_under_way_until_its_end() {
    let mut cluster = ready(MUTUAL_TLS).await;
    cluster.apply(NAME, HEADER);
    // Nobody has looked.
    assert_called(&cluster, UNDER_WAY);
    for _ in 0..500 {
        let outcome = cluster.pass_surviving(NAME).await;
        if cluster.condition(NAME, "Ready") == "True" {
            break;
        }
        assert_called(&cluster, UNDER_WAY);
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(20))).await;
    }
    assert_called(&cluster, DONE);
}

#[tokio::test(start_paused = true)]
async fn an_adoption_waits_for_a_person_to_confirm_its_plan() {
    let (mut cluster, theirs) = guide().await;
    cluster.apply(NAME, &adopt(&theirs.id, ""));
    assert_eq!(cluster.stalled(NAME).await, "AdoptionPlanned");
    assert_called(&cluster, FOR_A_PERSON);
}

#[tokio::test(start_paused = true)]
async fn what_is_offered_is_kept_and_done_and_what_was_handed_over_only_waits_to_go() {
    let mut moved = Move::of("").await;
    moved.offer();
    moved.old.ready(NAME).await;
    assert_called(&moved.old, DONE);
    moved.consent();
    moved.new.pass_surviving(NEW).await;
    assert_called_of(&moved.new, NEW, UNDER_WAY);
    moved.go_on().await;
    moved.old.pass_surviving(NAME).await;
    assert_eq!(moved.old.reason(NAME, "Accepted"), "HandedOver");
    assert_called(&moved.old, UNDER_WAY);
    assert_called_of(&moved.new, NEW, DONE);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_aws_refuses_is_still_going() {
    let mut cluster = ready("").await;
    deny(&cluster, "cloudfront:UpdateDistribution");
    cluster.begin_deletion(NAME);
    cluster.pass(NAME).await;
    assert_eq!(cluster.reason(NAME, "Stalled"), "AccessDenied");
    assert_called(&cluster, GOING);
}

#[tokio::test(start_paused = true)]
async fn a_class_is_done_while_it_is_rolled_out_and_for_a_person_while_that_is_halted() {
    let mut crowd = Crowd::new(4, 1).await;
    let assert_class = |crowd: &Crowd, said: (&str, &str)| {
        let class = crowd.class();
        let (flux, argo) = both(&class);
        assert_eq!((flux.as_str(), argo.as_str()), said, "{class}");
    };
    let declare = |crowd: &Crowd, price: &str| declare_halting(&crowd.api, 1, price, &["ViewersRefused"]);
    let has_looked = |crowd: &Crowd| {
        let class = crowd.class();
        class["status"]["observedGeneration"] == class["metadata"]["generation"]
    };
    assert_class(&crowd, DONE);
    declare(&crowd, "PriceClass_200");
    crowd
        .until("one has moved", |crowd| crowd.moved() == 1 && has_looked(crowd))
        .await;
    assert_class(&crowd, DONE);
    let refuse = |crowd: &Crowd, are: bool| {
        let cloud = crowd.cloud();
        cloud.configure(|settings| settings.web_acl_blocks_probes = are);
    };
    refuse(&crowd, true);
    crowd
        .until("it is halted", |crowd| crowd.state() == "Halted")
        .await;
    assert_class(&crowd, FOR_A_PERSON);
    refuse(&crowd, false);
    declare(&crowd, "PriceClass_100");
    crowd
        .until("all are as before", |crowd| {
            crowd.state() == "Complete" && crowd.rollout()["haltedBy"].is_null() && has_looked(crowd)
        })
        .await;
    assert_class(&crowd, DONE);
}
