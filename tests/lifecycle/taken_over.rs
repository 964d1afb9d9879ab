//! An object of the cluster, namespace and name of one that is gone goes on with the perimeter of that, as it stands: after a backup was
//! restored, after `deletionPolicy: Retain`.

use super::controllers::World;
use super::petstore::EXCLUSIVE;
use super::processes::OWN;
use super::scenes::{
    HEADER, KEY, MUTUAL_TLS, NAME, NAMES, RICH, SHIELD, deny, nothing_left, quiet, ready, the,
};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use palisade::api::ProtectedApiStatus;
use palisade::controller::events::of_pass;
use palisade::domain::kernel::identity::{TAG_ADOPTED, TAG_RETAINED, Tags};
use palisade::domain::kernel::reason::Reason;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// The object is gone from Kubernetes, finalizer and all, and declared anew, as a backup does it.
pub fn restored(cluster: &mut Cluster, spec: &str) -> String {
    let was = cluster.uid(NAME);
    cluster.objects.remove(NAME);
    cluster.restart();
    cluster.cloud.clear_journal();
    cluster.apply(NAME, spec);
    assert_ne!(cluster.uid(NAME), was);
    was
}

/// All that stands.
fn standing(cluster: &Cluster) -> BTreeSet<String> {
    let all = cluster.cloud.resources().into_iter();
    all.map(|found| found.arn).collect()
}

fn perimeter_uid(cluster: &Cluster) -> Option<String> {
    let status = cluster.objects[NAME].status.as_ref();
    status.and_then(|status| status.perimeter_uid.clone())
}

#[tokio::test(start_paused = true)]
async fn a_restored_object_goes_on_with_all_that_stands_in_each_mode() {
    for spec in ["", RICH, SHIELD, NAMES, KEY, HEADER, MUTUAL_TLS, EXCLUSIVE] {
        let mut cluster = ready(spec).await;
        let before = standing(&cluster);
        let was = restored(&mut cluster, spec);
        cluster.settle_patiently(NAME).await;
        assert_eq!(standing(&cluster), before, "{spec}\n{}", cluster.story(NAME));
        assert_eq!(perimeter_uid(&cluster), Some(was), "{spec}");
        quiet(&mut cluster, NAME).await;
        assert_eq!(standing(&cluster), before, "{spec}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_takeover_itself_writes_nothing() {
    let mut cluster = ready(RICH).await;
    let was = restored(&mut cluster, RICH);
    let before = cluster.objects[NAME].clone();
    let outcome = cluster.pass(NAME).await;
    let told = of_pass::notes(&before, &outcome);
    let told = told.iter().find(|note| note.reason == Reason::TookOver);
    assert!(told.is_some_and(|note| note.note.contains(&was)), "{told:?}");
    cluster.settle_patiently(NAME).await;
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
}

#[tokio::test(start_paused = true)]
async fn what_was_retained_is_kept_again_and_no_longer_called_so() {
    for spec in ["", HEADER, SHIELD] {
        let mut cluster = ready(&format!("{spec}\ndeletionPolicy: Retain")).await;
        let (before, was) = (standing(&cluster), cluster.uid(NAME));
        cluster.depart(NAME).await;
        cluster.apply(NAME, spec);
        cluster.settle_patiently(NAME).await;
        assert_eq!(standing(&cluster), before, "{spec}\n{}", cluster.story(NAME));
        let distribution = cluster.cloud.resources_of(&was).into_iter();
        let mut distribution = distribution.filter(|found| found.kind == Kind::Distribution);
        assert!(
            !distribution.next().unwrap().tags.contains_key(TAG_RETAINED),
            "{spec}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_retained_and_taken_over_without_a_write_goes_whole() {
    for spec in [KEY, HEADER, NAMES] {
        let mut cluster = ready(&format!("{spec}\ndeletionPolicy: Retain")).await;
        let was = cluster.uid(NAME);
        cluster.depart(NAME).await;
        cluster.apply(NAME, &format!("{spec}\nsuspend: true"));
        for _ in 0..3 {
            cluster.resync(NAME).await;
        }
        assert_eq!(perimeter_uid(&cluster), Some(was.clone()), "{spec}");
        let standing = cluster.cloud.resources_of(&was);
        let distribution = standing.iter().find(|found| found.kind == Kind::Distribution);
        assert!(distribution.unwrap().tags.contains_key(TAG_RETAINED));
        cluster.apply(NAME, spec);
        cluster.delete(NAME).await;
        nothing_left(&cluster);
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_write_of_that_leaves_one_perimeter() {
    for n in 1.. {
        let mut cluster = ready("deletionPolicy: Retain").await;
        let before = standing(&cluster);
        cluster.depart(NAME).await;
        cluster.apply(NAME, "");
        cluster
            .cloud
            .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
        let mut deaths = 0;
        for _ in 0..20 {
            let outcome = cluster.pass(NAME).await;
            if cluster.cloud.crashed() {
                cluster.restart();
                deaths += 1;
            }
            tokio::time::sleep(outcome.requeue.min(Duration::from_secs(30))).await;
        }
        cluster.settle_patiently(NAME).await;
        assert_eq!(standing(&cluster), before, "{n}: {}", cluster.story(NAME));
        if deaths == 0 {
            assert!(n > 2, "only {n} writes");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_over_is_changed_lost_with_its_status_and_taken_down_like_anything_else() {
    let mut cluster = ready("").await;
    let was = restored(&mut cluster, "");
    cluster.settle_patiently(NAME).await;
    cluster.apply(NAME, "distribution: {priceClass: PriceClass_100}");
    cluster.ready(NAME).await;
    let before = standing(&cluster);
    cluster.objects.get_mut(NAME).unwrap().status = None;
    cluster.restart();
    cluster.settle_patiently(NAME).await;
    assert_eq!(
        (standing(&cluster), perimeter_uid(&cluster)),
        (before, Some(was)),
        "{}",
        cluster.story(NAME)
    );
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_restored_again_goes_on_with_the_same() {
    let mut cluster = ready("").await;
    let before = standing(&cluster);
    let first = restored(&mut cluster, "");
    cluster.settle_patiently(NAME).await;
    restored(&mut cluster, "");
    cluster.settle_patiently(NAME).await;
    assert_eq!(standing(&cluster), before);
    assert_eq!(perimeter_uid(&cluster), Some(first));
}

#[tokio::test(start_paused = true)]
async fn viewers_of_one_api_are_never_led_to_another_by_a_name_that_is_used_again() {
    let mut cluster = ready("deletionPolicy: Retain").await;
    let left = the(&cluster, Kind::Distribution);
    cluster.depart(NAME).await;
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", "other00000", &["prod"]));
    let spec = "origin: {endpoint: other00000.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
    cluster.apply_spec(NAME, serde_yaml::from_str(spec).unwrap());
    cluster.ready(NAME).await;
    assert_eq!(perimeter_uid(&cluster), None);
    assert_ne!(the(&cluster, Kind::Distribution).id, left.id);
    cluster.cloud.viewer_is_served(&left.id).unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_bears_no_tags_of_the_former_object_is_not_taken_over() {
    let mut cluster = ready("").await;
    let left = the(&cluster, Kind::Distribution);
    cluster.invariants = None;
    cluster.cloud.set_tags(&left.arn, &Tags::new());
    tokio::time::sleep(Duration::from_mins(2)).await;
    restored(&mut cluster, "");
    for _ in 0..20 {
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    assert_eq!(perimeter_uid(&cluster), None);
    assert_ne!(the(&cluster, Kind::Distribution).id, left.id);
}

#[tokio::test(start_paused = true)]
async fn what_was_adopted_is_taken_over_by_no_object_that_does_not_name_it() {
    let mut cluster = ready("").await;
    let left = the(&cluster, Kind::Distribution);
    let mut tags = left.tags.clone();
    tags.insert(TAG_ADOPTED.to_owned(), "2026-01-01T00:00:00Z".to_owned());
    cluster.invariants = None;
    cluster.cloud.set_tags(&left.arn, &tags);
    let before = standing(&cluster);
    restored(&mut cluster, "");
    for _ in 0..3 {
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(
        cluster.reason(NAME, "Accepted"),
        Reason::AdoptionRefused.as_str(),
        "{}",
        cluster.story(NAME)
    );
    assert!(cluster.message(NAME, "Accepted").contains(&left.id));
    cluster.depart(NAME).await;
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
    assert_eq!(standing(&cluster), before);
}

/// Nothing is written in so many passes in which the distribution's tags cannot be read; once they can, it goes on.
async fn assert_waits_for_tags(cluster: &mut Cluster, passes: usize) {
    deny(cluster, "cloudfront:ListTagsForResource");
    for _ in 0..passes {
        cluster.pass(NAME).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
    cluster.cloud.configure(|settings| settings.denied.clear());
    cluster.settle_patiently(NAME).await;
}

#[tokio::test(start_paused = true)]
async fn while_it_cannot_be_told_whose_a_perimeter_is_none_is_built_beside_it() {
    let mut cluster = ready("").await;
    let before = standing(&cluster);
    restored(&mut cluster, "");
    assert_waits_for_tags(&mut cluster, 5).await;
    assert_eq!(standing(&cluster), before, "{}", cluster.story(NAME));
}

#[tokio::test(start_paused = true)]
async fn a_suspended_object_that_was_restored_takes_over_and_writes_nothing() {
    let mut cluster = ready("").await;
    let was = restored(&mut cluster, "suspend: true");
    for _ in 0..3 {
        cluster.resync(NAME).await;
    }
    assert_eq!(perimeter_uid(&cluster), Some(was));
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
    let status = cluster.objects[NAME].status.clone().unwrap();
    let plan = status.plan.expect("a suspended object has a plan");
    assert_eq!(plan.summary.changes, 0, "{plan:#?}");
}

/// A cluster with petstore, and with an object for another API into whose status somebody wrote petstore's UID.
async fn claimed_by_another() -> Cluster {
    let mut cluster = ready("").await;
    cluster
        .cloud
        .preload_api(&Preloaded::rest("eu-north-1", "other00000", &["prod"]));
    let spec = "origin: {endpoint: other00000.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
    cluster.apply_spec("other", serde_yaml::from_str(spec).unwrap());
    let status = ProtectedApiStatus {
        perimeter_uid: Some(cluster.uid(NAME)),
        ..ProtectedApiStatus::default()
    };
    cluster.objects.get_mut("other").unwrap().status = Some(status);
    cluster.cloud.clear_journal();
    cluster
}

#[tokio::test(start_paused = true)]
async fn a_uid_in_status_is_not_believed_where_what_stands_is_anothers() {
    let mut cluster = claimed_by_another().await;
    let before = standing(&cluster);
    let distribution = cluster.objects[NAME].status.clone().unwrap().distribution;
    let status = cluster.objects.get_mut("other").unwrap().status.as_mut();
    status.unwrap().distribution = distribution;
    for is_deleted in [false, true] {
        if is_deleted {
            cluster.begin_deletion("other");
        }
        for _ in 0..3 {
            cluster.pass("other").await;
            tokio::time::sleep(Duration::from_mins(2)).await;
        }
        assert_eq!(
            cluster.reason("other", "Accepted"),
            Reason::NameTaken.as_str(),
            "{}",
            cluster.story("other")
        );
        let journal = cluster.cloud.journal();
        assert!(journal.writes().is_empty(), "{:#?}", journal.writes());
        assert_eq!(standing(&cluster), before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_uid_in_status_by_which_nothing_of_the_object_stands_is_passed_over() {
    let mut cluster = claimed_by_another().await;
    let before = standing(&cluster);
    cluster.ready("other").await;
    let status = cluster.objects["other"].status.clone().unwrap();
    assert_eq!(status.perimeter_uid, None);
    cluster.delete("other").await;
    assert!(standing(&cluster).is_superset(&before));
    quiet(&mut cluster, NAME).await;
}

#[tokio::test(start_paused = true)]
async fn the_next_process_goes_on_with_what_was_taken_over_once_tags_prove_it_again() {
    let mut cluster = ready("").await;
    let was = restored(&mut cluster, "");
    cluster.settle_patiently(NAME).await;
    let before = standing(&cluster);
    cluster.restart();
    cluster.cloud.clear_journal();
    assert_waits_for_tags(&mut cluster, 3).await;
    assert_eq!((standing(&cluster), perimeter_uid(&cluster)), (before, Some(was)));
    cluster.delete(NAME).await;
    nothing_left(&cluster);
}

/// What the controller's own account says that nobody owns: kinds, with the object's UID, and whether viewers may come by it.
fn orphans(world: &World) -> Vec<(String, String, bool)> {
    let account = world.api.get("awsaccounts", "", "own");
    let listed = account["status"]["orphans"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    listed
        .map(|found| {
            let may_serve = found["mayServe"].as_bool().unwrap_or_default();
            (text(&found["kind"]), text(&found["uid"]), may_serve)
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_vanished_object_left_is_listed_until_one_of_its_name_goes_on_with_it() {
    for policy in ["Delete", "Retain"] {
        let mut world = World::new(&["shop"]);
        world.declare("own", &json!({"allowedNamespaces": {"selector": {}}}));
        world.apply("shop/petstore", "ownownowno", &json!({"deletionPolicy": policy}));
        world.until_ready(&["shop/petstore"]).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let was = text(&world.object("shop/petstore")["metadata"]["uid"]);
        if policy == "Delete" {
            // Nobody has time to do anything about it.
            world.api.let_go("protectedapis", "shop", "petstore");
        }
        world.delete("shop/petstore");
        world.until_gone(&["shop/petstore"]).await;
        world
            .until("all of it is listed", |world| orphans(world).len() == 4)
            .await;
        let listed = orphans(&world);
        assert!(
            listed.iter().all(|(_, uid, may_serve)| *uid == was && *may_serve),
            "{listed:?}"
        );

        world.apply("shop/petstore", "ownownowno", &json!({}));
        world.until_ready(&["shop/petstore"]).await;
        let uid = text(&world.object("shop/petstore")["status"]["perimeterUid"]);
        assert_eq!(uid, was, "{policy}");
        world
            .until("nothing is listed", |world| orphans(world).is_empty())
            .await;
        world.delete("shop/petstore");
        world.until_gone(&["shop/petstore"]).await;
        world.until_empty(OWN).await;
    }
}
