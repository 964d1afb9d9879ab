//! A perimeter that goes back to where it came from, or to nobody: one keeps it all the same, and whoever has let it go writes nothing.

use super::handover::{Move, NEW, TO, assert_no_writes, standing};
use super::scenes::{HEADER, MUTUAL_TLS, NAME, quiet};
use super::support::simulation::faults::{Fault, Rule, Scope};
use palisade::aws::operations::Service;
use palisade::domain::kernel::keeping::{TAG_CLAIMED_BY, TAG_RELEASED_TO};
use palisade::domain::kernel::reason::Reason;
use std::time::Duration;

/// Passes over both, until the object is ready: no viewer is refused meanwhile.
async fn until_ready(moved: &mut Move, is_old: bool) {
    for _ in 0..100 {
        moved.old.pass_surviving(NAME).await;
        moved.served();
        moved.new.pass_surviving(NEW).await;
        moved.served();
        let ready = if is_old {
            moved.old.condition(NAME, "Ready")
        } else {
            moved.new.condition(NEW, "Ready")
        };
        if ready == "True" {
            return;
        }
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    panic!("{}\n{}", moved.old.story(NAME), moved.new.story(NEW));
}

/// Passes over the new object alone, by which it takes all over: no viewer is refused meanwhile.
async fn comes_over(moved: &mut Move) {
    for _ in 0..40 {
        moved.new.pass_surviving(NEW).await;
        moved.served();
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    moved.assert_moved().await;
}

/// Passes over the old object alone: no viewer is refused meanwhile.
async fn old_goes_on(moved: &mut Move) {
    for _ in 0..3 {
        moved.old.pass_surviving(NAME).await;
        moved.served();
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
}

/// One that was handed over.
async fn moved() -> Move {
    let mut moved = Move::of("").await;
    moved.offer();
    moved.consent();
    until_ready(&mut moved, false).await;
    moved.assert_moved().await;
    moved
}

/// Passes over both until the old one has let it go; the new one has not taken it over.
async fn released() -> Move {
    let mut moved = Move::of("").await;
    moved.offer();
    moved.consent();
    for _ in 0..20 {
        moved.old.pass_surviving(NAME).await;
        if moved.tag(TAG_RELEASED_TO).is_some() {
            return moved;
        }
        moved.new.pass_surviving(NEW).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    panic!("{}\n{}", moved.old.story(NAME), moved.new.story(NEW));
}

#[tokio::test(start_paused = true)]
async fn a_perimeter_goes_back_and_forth_and_who_has_handed_it_over_does_not_take_it_again() {
    let mut moved = moved().await;
    let uid = moved.uid.clone();
    let home = format!("{}/shop/{NAME}", moved.old.engine.cluster);
    moved.old.depart(NAME).await;
    moved.old.apply(NAME, &format!("takeOver: {{uid: {uid}}}"));
    let offer = format!("takeOver: {{uid: {uid}}}\nhandOver: {{to: {home}}}");
    moved.new.apply(NEW, &offer);
    until_ready(&mut moved, true).await;
    quiet(&mut moved.old, NAME).await;
    for is_restarted in [false, true] {
        if is_restarted {
            moved.new.restart();
        }
        moved.new.cloud.clear_journal();
        for _ in 0..3 {
            moved.new.resync(NEW).await;
        }
        assert_no_writes(&moved.new, "it has handed it over");
        let story = moved.new.story(NEW);
        assert_eq!(
            moved.new.reason(NEW, "Ready"),
            Reason::HandedOver.as_str(),
            "{story}"
        );
    }
    quiet(&mut moved.old, NAME).await;
    assert_eq!(standing(&moved.old), moved.before);
    // And there once more.
    moved.new.depart(NEW).await;
    moved.new.apply(NEW, &format!("takeOver: {{uid: {uid}}}"));
    let offer = format!("takeOver: {{uid: {uid}}}\nhandOver: {{to: {TO}}}");
    moved.old.apply(NAME, &offer);
    until_ready(&mut moved, false).await;
    moved.assert_moved().await;
    moved.old.cloud.clear_journal();
    moved.old.resync(NAME).await;
    assert_no_writes(&moved.old, "it has handed it over");
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_lost_while_it_offers_is_waited_for_no_more_than_any_other() {
    let mut moved = Move::of("").await;
    moved.offer();
    moved.old.pass_surviving(NAME).await;
    moved.consent();
    moved.new.pass_surviving(NEW).await;
    let told = moved.new.message(NEW, "Accepted");
    assert!(told.contains("keeperIsGone: true"), "{told}");
    let consent = format!("takeOver: {{uid: {}, keeperIsGone: true}}", moved.uid);
    moved.new.apply(NEW, &consent);
    comes_over(&mut moved).await;
}

#[tokio::test(start_paused = true)]
async fn an_object_that_goes_before_it_took_over_leaves_the_perimeter_to_its_keeper() {
    for is_released in [false, true] {
        let mut moved = if is_released {
            released().await
        } else {
            let mut moved = Move::of("").await;
            moved.offer();
            moved.consent();
            moved.old.pass_surviving(NAME).await;
            moved.new.pass_surviving(NEW).await;
            assert_eq!(moved.tag(TAG_CLAIMED_BY).as_deref(), Some(TO));
            moved
        };
        moved.new.depart(NEW).await;
        assert_eq!(
            (moved.tag(TAG_CLAIMED_BY), moved.tag(TAG_RELEASED_TO)),
            (None, None)
        );
        old_goes_on(&mut moved).await;
        let story = moved.old.story(NAME);
        assert_eq!(
            moved.old.condition(NAME, "Ready"),
            "True",
            "{is_released}: {story}"
        );
        assert_eq!(moved.tag(TAG_RELEASED_TO), None);
        assert_eq!(standing(&moved.old), moved.before);
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_restored_does_not_go_on_with_what_was_let_go_to_another() {
    let mut moved = released().await;
    moved.old.objects.remove(NAME);
    moved.old.restart();
    moved.old.apply(NAME, "");
    moved.old.cloud.clear_journal();
    old_goes_on(&mut moved).await;
    let story = moved.old.story(NAME);
    assert_eq!(
        moved.old.reason(NAME, "Accepted"),
        Reason::HandedOver.as_str(),
        "{story}"
    );
    assert_no_writes(&moved.old, "it was let go");
    let told = moved.old.message(NAME, "Accepted");
    assert!(told.contains("has not taken it over yet"), "{told}");
    comes_over(&mut moved).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_built_beside_what_an_object_took_over_whose_restored_spec_does_not_say_so() {
    let mut moved = moved().await;
    moved.new.objects.remove(NEW);
    moved.new.restart();
    moved.new.apply(NEW, "");
    moved.new.cloud.clear_journal();
    for _ in 0..3 {
        moved.new.pass_surviving(NEW).await;
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let told = moved.new.message(NEW, "Accepted");
    assert!(
        told.contains(&format!("spec.takeOver: {{uid: {}}}", moved.uid)),
        "{told}"
    );
    assert_no_writes(&moved.new, "it is not known whose it is");
    moved.consent();
    moved.new.settle_patiently(NEW).await;
    moved.assert_moved().await;
}

#[tokio::test(start_paused = true)]
async fn a_deletion_takes_nothing_down_that_another_took_over_a_moment_ago_whatever_lists_show() {
    let mut moved = Move::of("").await;
    moved.old.pass_surviving(NAME).await;
    let consent = format!("takeOver: {{uid: {}, keeperIsGone: true}}", moved.uid);
    moved.new.apply(NEW, &consent);
    moved.new.pass_surviving(NEW).await;
    moved.old.cloud.clear_journal();
    moved.old.depart(NAME).await;
    assert_no_writes(&moved.old, "another keeps it");
    moved.served();
    comes_over(&mut moved).await;
}

#[tokio::test(start_paused = true)]
async fn a_deletion_of_the_former_object_leaves_alone_what_lock_the_new_one_has_begun() {
    for lock in [HEADER, MUTUAL_TLS] {
        for n in 1.. {
            let mut moved = moved().await;
            let spec = format!("{lock}\ntakeOver: {{uid: {}}}", moved.uid);
            moved.new.apply(NEW, &spec);
            moved
                .new
                .cloud
                .inject(Rule::nth(Scope::Writes, n, Fault::CrashAfter));
            let mut has_died = false;
            for _ in 0..40 {
                moved.new.pass(NEW).await;
                has_died = moved.new.cloud.crashed();
                if has_died || moved.new.condition(NEW, "Ready") == "True" {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(20)).await;
            }
            if !has_died {
                assert!(n > 4, "{lock}: only {n} writes");
                break;
            }
            moved.new.restart();
            moved.old.restart();
            moved.old.cloud.clear_journal();
            moved.old.depart(NAME).await;
            assert_no_writes(&moved.old, &format!("{lock}: {n}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_perimeter_reads_its_tags_once_a_pass() {
    let mut moved = Move::of("").await;
    moved.offer();
    moved.pass_of_old().await;
    moved.consent();
    // It comes for it, and then it waits.
    for writes in [1, 0, 0] {
        tokio::time::sleep(Duration::from_mins(1)).await;
        moved.pass_of_new().await;
        assert_eq!(moved.new.reason(NEW, "Accepted"), "HandoverPending");
        let journal = moved.new.cloud.journal();
        assert_eq!(journal.writes().len(), writes, "{}", journal.summary());
        let read = journal.entries.iter().filter(|entry| {
            entry.operation.name == "ListTagsForResource" && entry.operation.service == Service::CloudFront
        });
        assert_eq!(read.count(), 1, "{}", journal.summary());
    }
}
