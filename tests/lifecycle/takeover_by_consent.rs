//! An object goes on with a perimeter of another name, namespace or cluster, as it stands, because its spec consents to it.

use super::petstore::EXCLUSIVE;
use super::scenes::{HEADER, KEY, MUTUAL_TLS, NAME, NAMES, RICH, SHIELD, nothing_left, quiet, ready, the};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use palisade::aws::operations::Service;
use palisade::domain::kernel::identity::{TAG_CLUSTER, TAG_NAME, TAG_RETAINED};
use palisade::domain::kernel::reason::Reason;
use palisade::domain::tenancy::permissions::{ALLOWED_APIS, ALLOWED_PERIMETERS, Tenancy};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const ELSEWHERE: &str = "d2d2d2d2-0000-4000-8000-000000000000";
/// The object that takes over.
pub const NEW: &str = "pets";

/// Another cluster on the same account.
fn elsewhere(theirs: &Cluster) -> Cluster {
    let mut ours = Cluster::over(Arc::clone(&theirs.cloud));
    ours.rename_cluster(ELSEWHERE, 7);
    ours
}

/// A cluster whose object is ready, and that nobody watches any more, and another one.
pub async fn two_clusters(spec: &str) -> (Cluster, Cluster) {
    let mut theirs = ready(spec).await;
    theirs.invariants = None;
    let ours = elsewhere(&theirs);
    (theirs, ours)
}

pub fn consenting(spec: &str, uid: &str) -> String {
    format!("{spec}\ntakeOver: {{uid: {uid}, keeperIsGone: true}}")
}

/// All that stands.
fn standing(cluster: &Cluster) -> BTreeSet<String> {
    let all = cluster.cloud.resources().into_iter();
    all.map(|found| found.arn).collect()
}

/// Passes until the object is ready: not one viewer is refused meanwhile.
async fn ready_and_served(cluster: &mut Cluster, name: &str, distribution: &str) {
    for _ in 0..200 {
        let outcome = cluster.pass_surviving(name).await;
        cluster.cloud.viewer_is_served(distribution).unwrap();
        if cluster.condition(name, "Ready") == "True" && outcome.plan.is_empty() {
            return;
        }
        tokio::time::sleep(outcome.requeue.min(Duration::from_secs(30))).await;
        cluster.cloud.viewer_is_served(distribution).unwrap();
    }
    panic!("{name} is not ready:\n{}", cluster.story(name));
}

/// That all of it says that the new object keeps it. Records and objects of S3 have no tags.
fn assert_ours(cluster: &Cluster, uid: &str) {
    for found in cluster.cloud.resources_of(uid) {
        if !matches!(found.kind, Kind::Record | Kind::Truststore) {
            let kept_by = [TAG_CLUSTER, TAG_NAME].map(|key| found.tags.get(key).map(String::as_str));
            assert_eq!(kept_by, [Some(ELSEWHERE), Some(NEW)], "{}", found.arn);
            assert!(!found.tags.contains_key(TAG_RETAINED), "{}", found.arn);
        }
    }
}

pub fn assert_no_writes(cluster: &Cluster) {
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
}

/// Some passes of an object that is refused.
async fn refused(cluster: &mut Cluster, name: &str, reason: Reason) -> String {
    for _ in 0..3 {
        cluster.pass_surviving(name).await;
        tokio::time::sleep(Duration::from_mins(11)).await;
    }
    let story = cluster.story(name);
    assert_eq!(cluster.reason(name, "Accepted"), reason.as_str(), "{story}");
    assert_no_writes(cluster);
    cluster.message(name, "Accepted")
}

#[tokio::test(start_paused = true)]
async fn a_lost_clusters_perimeter_is_taken_over_in_place_in_each_mode_with_no_viewer_refused() {
    for spec in ["", RICH, SHIELD, NAMES, KEY, HEADER, MUTUAL_TLS, EXCLUSIVE] {
        let (theirs, mut ours) = two_clusters(spec).await;
        let (uid, distribution) = (theirs.uid(NAME), the(&theirs, Kind::Distribution).id);
        let before = standing(&theirs);
        ours.apply(NEW, &consenting(spec, &uid));
        ready_and_served(&mut ours, NEW, &distribution).await;
        assert_eq!(standing(&ours), before, "{spec}\n{}", ours.story(NEW));
        let status = ours.objects[NEW].status.clone().unwrap();
        assert_eq!(status.perimeter_uid, Some(uid.clone()), "{spec}");
        let taken = status.take_over.unwrap();
        assert_eq!(
            (taken.uid, taken.made_for.contains(NAME)),
            (uid.clone(), true),
            "{spec}"
        );
        quiet(&mut ours, NEW).await;
        assert_ours(&ours, &uid);
        assert_eq!(standing(&ours), before, "{spec}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_takeover_writes_tags_alone_and_those_of_the_distribution_first() {
    for spec in ["", RICH, KEY] {
        let (theirs, mut ours) = two_clusters(spec).await;
        ours.apply(NEW, &consenting(spec, &theirs.uid(NAME)));
        ours.cloud.clear_journal();
        ours.settle_patiently(NEW).await;
        let journal = ours.cloud.journal();
        let writes = journal.writes();
        let names: Vec<&str> = writes.iter().map(|entry| entry.operation.name).collect();
        assert!(names.iter().all(|name| name.contains("Tag")), "{spec}: {names:?}");
        assert_eq!(
            writes[0].operation.service,
            Service::CloudFront,
            "{spec}: {names:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn without_consent_nothing_is_written_and_the_lines_that_consent_are_told() {
    let (theirs, mut ours) = two_clusters("").await;
    ours.apply(NEW, "");
    let told = refused(&mut ours, NEW, Reason::ProtectedElsewhere).await;
    let uid = theirs.uid(NAME);
    for part in [
        format!("spec.takeOver: {{uid: {uid}}}"),
        format!("spec.takeOver: {{uid: {uid}, keeperIsGone: true}}"),
        "shop/petstore".to_owned(),
        theirs.engine.cluster.clone(),
    ] {
        assert!(told.contains(&part), "{part}: {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_living_cluster_may_keep_is_not_taken_over_until_it_is_retained_there() {
    let (mut theirs, mut ours) = two_clusters("").await;
    let (uid, distribution) = (theirs.uid(NAME), the(&theirs, Kind::Distribution).id);
    let before = standing(&theirs);
    ours.apply(NEW, &format!("takeOver: {{uid: {uid}}}"));
    let told = refused(&mut ours, NEW, Reason::TakeOverRefused).await;
    assert!(
        told.contains("keeperIsGone: true") && told.contains("shop/petstore"),
        "{told}"
    );
    theirs.apply(NAME, "deletionPolicy: Retain");
    theirs.depart(NAME).await;
    ready_and_served(&mut ours, NEW, &distribution).await;
    quiet(&mut ours, NEW).await;
    assert_eq!(standing(&ours), before);
    assert_ours(&ours, &uid);
}

#[tokio::test(start_paused = true)]
async fn a_keeper_that_lives_all_the_same_writes_nothing_more_and_goes_without_a_trace() {
    for spec in ["", NAMES, HEADER] {
        let (mut theirs, mut ours) = two_clusters(spec).await;
        let (uid, distribution) = (theirs.uid(NAME), the(&theirs, Kind::Distribution).id);
        ours.apply(NEW, &consenting(spec, &uid));
        ready_and_served(&mut ours, NEW, &distribution).await;
        quiet(&mut ours, NEW).await;
        let before = standing(&ours);
        for is_edited in [false, true] {
            if is_edited {
                theirs.apply(NAME, "distribution: {priceClass: PriceClass_100}");
            }
            tokio::time::sleep(Duration::from_mins(11)).await;
            let told = refused(&mut theirs, NAME, Reason::HandedOver).await;
            assert!(told.contains("shop/pets") && told.contains(ELSEWHERE), "{told}");
        }
        theirs.restart();
        theirs.depart(NAME).await;
        assert_no_writes(&theirs);
        assert_eq!(standing(&ours), before, "{spec}");
        quiet(&mut ours, NEW).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_write_of_a_takeover_leaves_one_perimeter_of_one_keeper() {
    for spec in ["", KEY] {
        let mut deaths = 0;
        for n in 1.. {
            let (theirs, mut ours) = two_clusters(spec).await;
            let (uid, distribution) = (theirs.uid(NAME), the(&theirs, Kind::Distribution).id);
            let before = standing(&theirs);
            ours.apply(NEW, &consenting(spec, &uid));
            ours.cloud.clear_journal();
            ours.cloud.inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
            ready_and_served(&mut ours, NEW, &distribution).await;
            let count = ours.cloud.journal().writes().len();
            ours.cloud.clear_faults();
            quiet(&mut ours, NEW).await;
            assert_eq!(standing(&ours), before, "{spec} {n}: {}", ours.story(NEW));
            assert_ours(&ours, &uid);
            if count < n {
                break;
            }
            deaths += 1;
        }
        assert!(deaths > 3, "only {deaths} writes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_before_any_call_of_a_takeover_loses_nothing() {
    for n in (1..).step_by(3) {
        let (theirs, mut ours) = two_clusters("").await;
        let (uid, distribution) = (theirs.uid(NAME), the(&theirs, Kind::Distribution).id);
        ours.apply(NEW, &consenting("", &uid));
        ours.cloud.clear_journal();
        ours.cloud.inject(Rule::nth(Scope::Every, n, Fault::CrashBefore));
        ready_and_served(&mut ours, NEW, &distribution).await;
        let count = ours.cloud.journal().len();
        ours.cloud.clear_faults();
        quiet(&mut ours, NEW).await;
        assert_ours(&ours, &uid);
        if count < n {
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_uid_that_nothing_was_made_for_builds_nothing() {
    let (_theirs, mut ours) = two_clusters("").await;
    ours.apply(NEW, &consenting("", "ffffffff-0000-4000-8000-000000000000"));
    let told = refused(&mut ours, NEW, Reason::TakeOverRefused).await;
    assert!(told.contains("ffffffff"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn viewers_of_one_api_are_not_led_to_another_by_consent() {
    let (theirs, mut ours) = two_clusters("").await;
    let other = Preloaded::rest("eu-north-1", "other00000", &["prod"]);
    ours.cloud.preload_api(&other);
    let origin =
        "origin: {endpoint: other00000.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
    let spec = format!("{origin}\n{}", consenting("", &theirs.uid(NAME)));
    ours.apply_spec(NEW, serde_yaml::from_str(&spec).unwrap());
    refused(&mut ours, NEW, Reason::TakeOverRefused).await;
}

#[tokio::test(start_paused = true)]
async fn the_lock_of_one_stage_is_not_left_for_that_of_another_by_consent() {
    let (theirs, mut ours) = two_clusters("").await;
    let uid = theirs.uid(NAME);
    let of_stage = |stage: &str| {
        let endpoint = theirs.objects[NAME].spec.origin.endpoint.clone();
        let origin = format!("origin: {{endpoint: {endpoint}, type: REST, stage: {stage}}}");
        format!("{origin}\n{}", consenting("", &uid))
    };
    ours.apply_spec(NEW, serde_yaml::from_str(&of_stage("beta")).unwrap());
    let told = refused(&mut ours, NEW, Reason::TakeOverRefused).await;
    assert!(
        told.contains("spec.origin.stage") && told.contains("goes on as it is"),
        "{told}"
    );
    ours.apply_spec(NEW, serde_yaml::from_str(&of_stage("prod")).unwrap());
    let distribution = the(&theirs, Kind::Distribution).id;
    ready_and_served(&mut ours, NEW, &distribution).await;
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_does_not_permit_it_takes_nothing_over() {
    let (theirs, mut ours) = two_clusters("").await;
    let (uid, distribution) = (theirs.uid(NAME), the(&theirs, Kind::Distribution).id);
    ours.configure(|options| options.tenancy = Tenancy::Enforced);
    ours.annotations.insert(ALLOWED_APIS.into(), "*".into());
    ours.apply(NEW, &consenting("", &uid));
    let told = refused(&mut ours, NEW, Reason::NotPermitted).await;
    assert!(told.contains(ALLOWED_PERIMETERS), "{told}");
    ours.annotations.insert(ALLOWED_PERIMETERS.into(), uid);
    ready_and_served(&mut ours, NEW, &distribution).await;
}

#[tokio::test(start_paused = true)]
async fn what_an_object_of_the_cluster_left_by_vanishing_goes_on_under_another_name() {
    let mut cluster = ready("").await;
    cluster.invariants = None;
    let (uid, distribution) = (cluster.uid(NAME), the(&cluster, Kind::Distribution).id);
    let before = standing(&cluster);
    let consent = format!("takeOver: {{uid: {uid}}}");
    cluster.apply(NEW, &consent);
    cluster.pass(NEW).await;
    assert_eq!(cluster.reason(NEW, "Accepted"), Reason::OwnedByAnother.as_str());
    cluster.objects.remove(NAME);
    cluster.restart();
    ready_and_served(&mut cluster, NEW, &distribution).await;
    assert_eq!(standing(&cluster), before);
    cluster.delete(NEW).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_over_outlives_a_lost_status_and_goes_whole() {
    for spec in ["", NAMES, KEY, HEADER] {
        let (theirs, mut ours) = two_clusters(spec).await;
        let (uid, distribution) = (theirs.uid(NAME), the(&theirs, Kind::Distribution).id);
        ours.apply(NEW, &consenting(spec, &uid));
        ready_and_served(&mut ours, NEW, &distribution).await;
        let before = standing(&ours);
        ours.objects.get_mut(NEW).unwrap().status = None;
        ours.restart();
        ready_and_served(&mut ours, NEW, &distribution).await;
        assert_eq!(standing(&ours), before, "{spec}");
        ours.restart();
        ours.delete(NEW).await;
        nothing_left(&ours);
    }
}

#[tokio::test(start_paused = true)]
async fn a_suspended_object_takes_nothing_over() {
    let (theirs, mut ours) = two_clusters("").await;
    ours.apply(NEW, &consenting("suspend: true", &theirs.uid(NAME)));
    ours.cloud.clear_journal();
    for _ in 0..3 {
        ours.resync(NEW).await;
    }
    assert_no_writes(&ours);
    let status = ours.objects[NEW].status.clone().unwrap();
    assert_eq!((status.perimeter_uid, status.take_over), (None, None));
}

#[tokio::test(start_paused = true)]
async fn an_object_that_has_a_perimeter_keeps_it_and_takes_no_other() {
    let (theirs, mut ours) = two_clusters("").await;
    let other = Preloaded::rest("eu-north-1", "other00000", &["prod"]);
    ours.cloud.preload_api(&other);
    let origin =
        "origin: {endpoint: other00000.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
    ours.apply_spec(NEW, serde_yaml::from_str(origin).unwrap());
    ours.ready(NEW).await;
    quiet(&mut ours, NEW).await;
    let before = standing(&ours);
    let spec = format!("{origin}\n{}", consenting("", &theirs.uid(NAME)));
    ours.apply_spec(NEW, serde_yaml::from_str(&spec).unwrap());
    refused(&mut ours, NEW, Reason::TakeOverRefused).await;
    assert_eq!(standing(&ours), before);
}
