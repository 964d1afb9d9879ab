//! A perimeter moves from one living cluster to another: offered, claimed, released, taken over. One keeps it at each moment, and no viewer
//! is refused.

use super::petstore::EXCLUSIVE;
use super::scenes::{HEADER, KEY, MUTUAL_TLS, NAME, NAMES, RICH, SHIELD, nothing_left, quiet, ready, the};
use super::support::cluster::Cluster;
use super::support::simulation::apigateway::Preloaded;
use super::support::simulation::resources::{Kind, Resource};
use palisade::api::HandOverState;
use palisade::domain::kernel::identity::{TAG_CLUSTER, TAG_NAME};
use palisade::domain::kernel::keeping::{TAG_CLAIMED_BY, TAG_OFFERED_TO, TAG_RELEASED_TO};
use palisade::domain::kernel::reason::Reason;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const ELSEWHERE: &str = "d2d2d2d2-0000-4000-8000-000000000000";
/// The object that takes over.
pub const NEW: &str = "pets";
pub const TO: &str = "d2d2d2d2-0000-4000-8000-000000000000/shop/pets";

/// Two clusters on one account, and the perimeter that moves.
pub struct Move {
    spec: &'static str,
    pub old: Cluster,
    pub new: Cluster,
    pub uid: String,
    distribution: String,
    pub before: BTreeSet<String>,
}

/// All that stands.
pub fn standing(cluster: &Cluster) -> BTreeSet<String> {
    let all = cluster.cloud.resources().into_iter();
    all.map(|found| found.arn).collect()
}

impl Move {
    pub async fn of(spec: &'static str) -> Self {
        let mut old = ready(spec).await;
        old.invariants = None;
        let mut new = Cluster::over(Arc::clone(&old.cloud));
        new.rename_cluster(ELSEWHERE, 7);
        Self {
            spec,
            uid: old.uid(NAME),
            distribution: the(&old, Kind::Distribution).id,
            before: standing(&old),
            old,
            new,
        }
    }

    pub fn offer(&mut self) {
        let spec = format!("{}\nhandOver: {{to: {TO}}}", self.spec);
        self.old.apply(NAME, &spec);
    }

    pub fn consent(&mut self) {
        let spec = format!("{}\ntakeOver: {{uid: {}}}", self.spec, self.uid);
        self.new.apply(NEW, &spec);
    }

    pub fn tag(&self, key: &str) -> Option<String> {
        let all = self.old.cloud.resources().into_iter();
        let mut found = all.filter(|found| found.id == self.distribution && found.kind == Kind::Distribution);
        found.next()?.tags.get(key).cloned()
    }

    /// Whether the new one keeps it, as the distribution says.
    pub fn is_moved(&self) -> bool {
        let is_released = self.tag(TAG_RELEASED_TO).as_deref() == Some(TO);
        is_released || self.tag(TAG_CLUSTER).as_deref() == Some(ELSEWHERE)
    }

    /// A pass over the old object: whoever has let it go before writes nothing.
    pub async fn pass_of_old(&mut self) -> Duration {
        if !self.old.objects.contains_key(NAME) {
            return Duration::from_mins(1);
        }
        let was_moved = self.is_moved();
        self.old.cloud.clear_journal();
        let outcome = self.old.pass_surviving(NAME).await;
        if was_moved {
            assert_no_writes(&self.old, "the old one has let it go");
        }
        self.served();
        outcome.requeue
    }

    /// A pass over the new object: as long as the old one keeps it, nothing but the claim is written.
    pub async fn pass_of_new(&mut self) -> Duration {
        let was_moved = self.is_moved();
        self.new.cloud.clear_journal();
        let outcome = self.new.pass_surviving(NEW).await;
        let journal = self.new.cloud.journal();
        if !was_moved {
            let writes: Vec<&str> = journal
                .writes()
                .iter()
                .map(|entry| entry.operation.name)
                .collect();
            assert!(writes.is_empty() || writes == ["TagResource"], "{writes:?}");
            assert_ne!(self.tag(TAG_CLUSTER).as_deref(), Some(ELSEWHERE));
        }
        self.served();
        outcome.requeue
    }

    #[track_caller]
    pub fn served(&self) {
        self.old.cloud.viewer_is_served(&self.distribution).unwrap();
    }

    /// A pass of one of the two; answers whether its process died in it.
    pub async fn survive(&mut self, is_old: bool) -> bool {
        let was_moved = self.is_moved();
        self.old.cloud.clear_journal();
        let (cluster, name) = if is_old {
            (&mut self.old, NAME)
        } else {
            (&mut self.new, NEW)
        };
        cluster.pass(name).await;
        let died = cluster.cloud.crashed();
        if died {
            cluster.restart();
        }
        if is_old && was_moved {
            assert_no_writes(&self.old, "the old one has let it go");
        }
        self.served();
        died
    }

    /// Passes over both, until the new object is ready.
    pub async fn go_on(&mut self) {
        for _ in 0..200 {
            let old = self.pass_of_old().await;
            let new = self.pass_of_new().await;
            if self.new.condition(NEW, "Ready") == "True" {
                return;
            }
            tokio::time::sleep(old.min(new).min(Duration::from_secs(30))).await;
            self.served();
        }
        panic!("{}\n{}", self.old.story(NAME), self.new.story(NEW));
    }

    /// All is as it was, and the new one's.
    pub async fn assert_moved(&mut self) {
        self.new.cloud.clear_faults();
        quiet(&mut self.new, NEW).await;
        assert_eq!(standing(&self.new), self.before, "{}", self.new.story(NEW));
        let theirs = |found: &Resource| {
            let kept_by = [TAG_CLUSTER, TAG_NAME].map(|key| found.tags.get(key).map(String::as_str));
            !matches!(found.kind, Kind::Record | Kind::Truststore) && kept_by != [Some(ELSEWHERE), Some(NEW)]
        };
        let mut all = self.new.cloud.resources_of(&self.uid).into_iter();
        let left = all.find(theirs);
        assert!(left.is_none(), "{left:?}");
        for key in [TAG_OFFERED_TO, TAG_CLAIMED_BY, TAG_RELEASED_TO] {
            assert_eq!(self.tag(key), None, "{key}");
        }
    }

    fn state(&self) -> Option<HandOverState> {
        let status = self.old.objects[NAME].status.as_ref()?;
        status.hand_over.as_ref().map(|known| known.state)
    }
}

#[track_caller]
pub fn assert_no_writes(cluster: &Cluster, why: &str) {
    let journal = cluster.cloud.journal();
    assert!(journal.writes().is_empty(), "{why}: {:#?}", journal.writes());
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_moves_in_each_mode_with_one_keeper_at_each_write_and_no_viewer_refused() {
    for spec in ["", RICH, SHIELD, NAMES, KEY, HEADER, MUTUAL_TLS, EXCLUSIVE] {
        let mut moved = Move::of(spec).await;
        moved.consent();
        moved.pass_of_new().await;
        assert_eq!(moved.tag(TAG_CLAIMED_BY), None, "nothing is offered yet");
        moved.offer();
        moved.go_on().await;
        moved.assert_moved().await;
        moved.pass_of_old().await;
        assert_eq!(
            moved.old.reason(NAME, "Ready"),
            Reason::HandedOver.as_str(),
            "{spec}"
        );
        assert_eq!(moved.state(), Some(HandOverState::Taken), "{spec}");
    }
}

#[tokio::test(start_paused = true)]
async fn until_the_other_one_has_come_the_old_one_keeps_and_repairs_it() {
    let mut moved = Move::of("").await;
    moved.offer();
    for _ in 0..4 {
        moved.pass_of_old().await;
        tokio::time::sleep(Duration::from_mins(15)).await;
    }
    assert_eq!(moved.state(), Some(HandOverState::Offered));
    assert_eq!(moved.tag(TAG_OFFERED_TO).as_deref(), Some(TO));
    let ready = moved.old.message(NAME, "Ready");
    assert!(
        ready.contains("offered to shop/pets") && ready.contains("since 2026-"),
        "{ready}"
    );
    // It never comes. What others change is put right as ever.
    moved.old.apply(
        NAME,
        &format!("handOver: {{to: {TO}}}\ndistribution: {{priceClass: PriceClass_100}}"),
    );
    moved.old.ready(NAME).await;
    moved.served();
    moved
        .old
        .apply(NAME, "distribution: {priceClass: PriceClass_100}");
    moved.old.ready(NAME).await;
    quiet(&mut moved.old, NAME).await;
    assert_eq!((moved.tag(TAG_OFFERED_TO), moved.state()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn an_offer_that_is_withdrawn_after_it_was_claimed_leaves_the_old_one_the_keeper() {
    let mut moved = Move::of("").await;
    moved.offer();
    moved.consent();
    moved.pass_of_old().await;
    moved.pass_of_new().await;
    assert_eq!(moved.tag(TAG_CLAIMED_BY).as_deref(), Some(TO));
    assert_eq!(
        moved.new.reason(NEW, "Accepted"),
        Reason::HandoverPending.as_str()
    );
    moved.old.apply(NAME, "");
    moved.old.ready(NAME).await;
    for _ in 0..3 {
        moved.pass_of_new().await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(
        moved.new.reason(NEW, "Accepted"),
        Reason::TakeOverRefused.as_str()
    );
    quiet(&mut moved.old, NAME).await;
    for key in [TAG_OFFERED_TO, TAG_CLAIMED_BY, TAG_RELEASED_TO] {
        assert_eq!(moved.tag(key), None, "{key}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_comes_to_its_end_before_it_is_let_go() {
    let mut moved = Move::of("").await;
    moved.spec = "distribution: {priceClass: PriceClass_100}";
    moved.offer();
    moved.consent();
    moved.go_on().await;
    moved.assert_moved().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_offered_to_an_object_of_another_name() {
    let mut moved = Move::of("").await;
    moved
        .old
        .apply(NAME, &format!("handOver: {{to: {ELSEWHERE}/shop/another}}"));
    moved.consent();
    for _ in 0..4 {
        moved.pass_of_old().await;
        moved.pass_of_new().await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(moved.tag(TAG_CLAIMED_BY), None);
    assert_eq!(
        moved.new.reason(NEW, "Accepted"),
        Reason::TakeOverRefused.as_str()
    );
    assert_eq!(moved.old.condition(NAME, "Ready"), "True");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_claimed_by_an_object_that_is_refused_or_suspended() {
    for refused in ["suspend: true", "webAcl: {allowCidrs: [nonsense]}"] {
        let mut moved = Move::of("").await;
        moved.offer();
        moved.spec = refused;
        moved.consent();
        for _ in 0..4 {
            moved.pass_of_old().await;
            moved.new.pass_surviving(NEW).await;
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        assert_eq!(moved.tag(TAG_CLAIMED_BY), None, "{refused}");
        assert_eq!(moved.old.condition(NAME, "Ready"), "True", "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_old_object_is_deleted_without_a_trace_once_it_is_taken_and_by_the_new_process_too() {
    for spec in ["", NAMES, HEADER] {
        let mut moved = Move::of(spec).await;
        moved.offer();
        moved.consent();
        moved.go_on().await;
        moved.assert_moved().await;
        let before = moved.before.clone();
        moved.old.restart();
        moved.old.cloud.clear_journal();
        moved.old.depart(NAME).await;
        assert_no_writes(&moved.old, spec);
        assert_eq!(standing(&moved.new), before, "{spec}");
        moved.served();
        moved.new.delete(NEW).await;
        nothing_left(&moved.new);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_at_any_moment_of_a_handover_leaves_all_for_the_other_one() {
    for passes in 0..6 {
        let mut moved = Move::of("").await;
        moved.offer();
        moved.consent();
        for _ in 0..passes {
            moved.pass_of_old().await;
            moved.pass_of_new().await;
            tokio::time::sleep(Duration::from_secs(20)).await;
        }
        moved.old.begin_deletion(NAME);
        for _ in 0..60 {
            if !moved.old.objects.contains_key(NAME) {
                break;
            }
            moved.old.pass_surviving(NAME).await;
            moved.served();
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        assert!(!moved.old.objects.contains_key(NAME), "{passes}");
        for _ in 0..60 {
            moved.new.pass_surviving(NEW).await;
            moved.served();
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
        moved.assert_moved().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_moves_on_to_a_third_cluster() {
    let mut moved = Move::of("").await;
    moved.offer();
    moved.consent();
    moved.go_on().await;
    moved.assert_moved().await;
    let third = "e3e3e3e3-0000-4000-8000-000000000000";
    let mut last = Cluster::over(Arc::clone(&moved.old.cloud));
    last.rename_cluster(third, 70);
    let uid = &moved.uid;
    last.apply("animals", &format!("takeOver: {{uid: {uid}}}"));
    let offer = format!("takeOver: {{uid: {uid}}}\nhandOver: {{to: {third}/shop/animals}}");
    moved.new.apply(NEW, &offer);
    for _ in 0..40 {
        moved.new.pass_surviving(NEW).await;
        last.pass_surviving("animals").await;
        moved.served();
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    quiet(&mut last, "animals").await;
    assert_eq!(standing(&last), moved.before);
    assert_eq!(moved.tag(TAG_CLUSTER).as_deref(), Some(third));
    assert_eq!(moved.new.reason(NEW, "Ready"), Reason::HandedOver.as_str());
}

#[tokio::test(start_paused = true)]
async fn another_apis_object_is_not_touched_by_a_handover() {
    let mut moved = Move::of("").await;
    let other = Preloaded::rest("eu-north-1", "other00000", &["prod"]);
    moved.old.cloud.preload_api(&other);
    let origin =
        "origin: {endpoint: other00000.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}";
    moved
        .old
        .apply_spec("other", serde_yaml::from_str(origin).unwrap());
    moved.old.ready("other").await;
    quiet(&mut moved.old, "other").await;
    moved.before = standing(&moved.old);
    moved.offer();
    moved.consent();
    moved.go_on().await;
    moved.assert_moved().await;
    quiet(&mut moved.old, "other").await;
}
