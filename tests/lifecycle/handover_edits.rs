//! The former keeper's object is edited while a perimeter moves, and lists lag at their longest: one of the two writes at a time, and what
//! stands in the end is what the keeper asks for.

use super::handover::{Move, NEW, TO};
use super::scenes::{HEADER, NAME, the};
use super::support::simulation::SimulatedCloud;
use super::support::simulation::faults::{Fault, Rule, Scope};
use super::support::simulation::resources::Kind;
use palisade::aws::cloud::Cloud;
use palisade::aws::operations::Service;
use palisade::domain::edge::xml::Element;
use palisade::domain::kernel::identity::{Owner, TAG_NAME, Tags, owner_of};
use palisade::domain::kernel::reason::Reason;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// Longer than a resync, so that whoever resyncs meets it.
const LAG: Duration = Duration::from_mins(15);
const EDITS: [&str; 4] = [
    "webAcl: {rateLimits: [{name: per-ip, limit: 500}]}",
    "distribution: {priceClass: PriceClass_100}",
    "tags: {cost: '42'}",
    "access: {enforcement: Observe}\ntags: {cost: '42'}",
];

/// The perimeter that moves while lists lag.
async fn lagging() -> Move {
    let mut moved = Move::of("").await;
    moved.old.resync(NAME).await;
    moved.old.cloud.configure(|settings| {
        settings.tag_lag = LAG;
        settings.list_lag = LAG;
    });
    moved
}

/// What viewers meet, as AWS has it.
fn content(moved: &Move) -> (Element, Value) {
    let [distribution, web_acl] = [Kind::Distribution, Kind::WebAcl].map(|kind| the(&moved.old, kind).id);
    let cloud = &moved.old.cloud;
    (cloud.config_of(&distribution), cloud.document_of(&web_acl))
}

/// The new one takes it over as if the old cluster were lost, and dies after its `n`th write; whether it got so far.
async fn taken_until(moved: &mut Move, n: usize) -> bool {
    let consent = format!("takeOver: {{uid: {}, keeperIsGone: true}}", moved.uid);
    moved.new.apply(NEW, &consent);
    moved
        .new
        .cloud
        .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
    for _ in 0..40 {
        moved.new.pass(NEW).await;
        if moved.new.cloud.crashed() {
            moved.new.restart();
            return true;
        }
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    false
}

/// Passes of both until the new one is in order, of which the old one writes nothing.
async fn new_goes_on(moved: &mut Move, before: &(Element, Value)) {
    moved.new.cloud.clear_faults();
    for _ in 0..90 {
        moved.pass_of_old().await;
        moved.pass_of_new().await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    moved.assert_moved().await;
    assert_eq!(&content(moved), before, "{}", moved.new.story(NEW));
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_a_keeper_that_lives_all_the_same_is_not_written_at_any_moment_of_the_takeover() {
    for edit in EDITS.into_iter().chain([HEADER]) {
        for n in 1.. {
            let mut moved = lagging().await;
            let before = content(&moved);
            let is_under_way = taken_until(&mut moved, n).await;
            moved.old.apply(NAME, edit);
            for _ in 0..3 {
                moved.pass_of_old().await;
                let told = moved.old.reason(NAME, "Accepted");
                assert_eq!(
                    told,
                    Reason::HandedOver.as_str(),
                    "{edit}: {}",
                    moved.old.story(NAME)
                );
                moved.pass_of_new().await;
            }
            if !is_under_way {
                assert!(n > 4, "only {n} writes");
                new_goes_on(&mut moved, &before).await;
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_of_the_old_object_at_any_moment_of_a_handover_is_written_by_its_keeper_alone() {
    for edit in EDITS {
        for is_withdrawn in [false, true] {
            for passes in 0..6 {
                let mut moved = lagging().await;
                let before = content(&moved);
                moved.offer();
                moved.consent();
                for _ in 0..passes {
                    moved.pass_of_old().await;
                    moved.pass_of_new().await;
                    tokio::time::sleep(Duration::from_secs(10)).await;
                }
                let was_moved = moved.is_moved();
                let offer = if is_withdrawn {
                    String::new()
                } else {
                    format!("handOver: {{to: {TO}}}")
                };
                moved.old.apply(NAME, &format!("{edit}\n{offer}"));
                if was_moved || !is_withdrawn {
                    new_goes_on(&mut moved, &before).await;
                    continue;
                }
                for _ in 0..40 {
                    moved.pass_of_old().await;
                    moved.pass_of_new().await;
                    tokio::time::sleep(Duration::from_secs(30)).await;
                }
                let story = moved.old.story(NAME);
                assert_eq!(
                    moved.old.condition(NAME, "Ready"),
                    "True",
                    "{edit} {passes}: {story}"
                );
                assert_eq!(moved.tag(TAG_NAME).as_deref(), Some(NAME), "{edit} {passes}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_keeper_asks_once_before_it_writes_and_never_where_it_writes_nothing() {
    let mut moved = lagging().await;
    let asked = |moved: &Move| {
        let journal = moved.old.cloud.journal();
        let asks = journal.entries.iter().filter(|entry| {
            entry.operation.service == Service::CloudFront && entry.operation.name == "ListTagsForResource"
        });
        (asks.count(), !journal.writes().is_empty())
    };
    // Whoever takes the lock off reads its marks, which are tags as well.
    for edit in &EDITS[..3] {
        moved.old.apply(NAME, edit);
        moved.old.cloud.clear_journal();
        moved.old.pass_surviving(NAME).await;
        assert_eq!(asked(&moved), (1, true), "{edit}");
        moved.old.settle_patiently(NAME).await;
        tokio::time::sleep(LAG).await;
        moved.old.resync(NAME).await;
        // In one of them the methods are read, and with them the marks.
        let mut least = usize::MAX;
        for _ in 0..2 {
            moved.old.cloud.clear_journal();
            moved.old.resync(NAME).await;
            let (asks, has_written) = asked(&moved);
            assert!(!has_written, "{edit}");
            least = least.min(asks);
        }
        assert_eq!(least, 0, "{edit}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_waits_long_between_its_writes_asks_again() {
    let mut moved = lagging().await;
    moved.old.apply(NAME, "webAcl: {blockCidrs: [192.0.2.0/24]}");
    moved.old.cloud.clear_journal();
    let cloud = Arc::clone(&moved.old.cloud);
    cloud.configure(|settings| settings.latency = Duration::from_secs(40));
    let found = the(&moved.old, Kind::Distribution);
    let taken = by_new(&found.tags).tags();
    let takes_over = async {
        while !wrote(&cloud, "CreateIPSet") {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        cloud.configure(|settings| settings.latency = Duration::ZERO);
        let calls: &dyn Cloud = cloud.as_ref();
        calls.tag_distribution(found.arn.clone(), taken).await.unwrap();
    };
    tokio::join!(moved.old.pass_surviving(NAME), takes_over);
    assert!(
        wrote(&cloud, "CreateIPSet") && !wrote(&cloud, "UpdateWebACL"),
        "{}",
        cloud.journal().summary()
    );
    assert_eq!(moved.old.reason(NAME, "Accepted"), Reason::HandedOver.as_str());
}

fn wrote(cloud: &SimulatedCloud, name: &str) -> bool {
    cloud
        .journal()
        .writes()
        .iter()
        .any(|entry| entry.operation.name == name)
}

/// The new owner of what bears these tags.
fn by_new(tags: &Tags) -> Owner {
    let former = owner_of(tags).unwrap();
    let [cluster, namespace, name]: [&str; 3] = TO.split('/').collect::<Vec<_>>().try_into().unwrap();
    let own = Owner {
        cluster: cluster.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        uid: "another".to_owned(),
        taken: None,
    };
    own.taking_over(&former)
}
