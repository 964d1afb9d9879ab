//! A process dies while a perimeter moves from one cluster to another, on either side, and the next one goes on.

use super::handover::{Move, NEW};
use super::scenes::HEADER;
use super::support::simulation::faults::{Fault, Rule, Scope};
use std::time::Duration;

/// A handover in which a process dies at the `n`th such call; answers whether it did.
async fn with_crash(spec: &'static str, scope: Scope, n: usize, fault: Fault) -> bool {
    let mut moved = Move::of(spec).await;
    moved.offer();
    moved.consent();
    moved.old.cloud.inject(Rule::nth(scope, n, fault));
    let mut deaths = 0;
    for _ in 0..200 {
        let old = moved.survive(true).await;
        let new = moved.survive(false).await;
        deaths += usize::from(old) + usize::from(new);
        if moved.new.condition(NEW, "Ready") == "True" {
            break;
        }
        tokio::time::sleep(Duration::from_secs(30)).await;
        moved.served();
    }
    moved.new.settle_patiently(NEW).await;
    moved.assert_moved().await;
    deaths > 0
}

#[tokio::test(start_paused = true)]
async fn a_crash_after_any_write_of_either_side_is_continued() {
    for spec in ["", HEADER] {
        for n in 1.. {
            if !with_crash(spec, Scope::Writes, n, Fault::CrashAfter).await {
                assert!(n > 4, "only {n} writes");
                break;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_before_any_call_of_either_side_is_continued() {
    for n in 1.. {
        if !with_crash("", Scope::Every, n, Fault::CrashBefore).await {
            return;
        }
    }
}
