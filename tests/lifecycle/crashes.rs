//! The process dies before and after every call to AWS, and the next one finishes what it began.

use super::every_call::Scene;
use super::scenes::RICH;

/// A crash before or after any call: after a write, and at the first call of each moment. Between those AWS is the same, and
/// nothing else is remembered.
pub async fn crash(before: Option<&'static str>, after: Option<&'static str>) {
    let scene = Scene { before, after };
    scene.with_each_crash_before().await;
    scene.with_each_crash_after_write().await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_creation_leaves_nothing_undone() {
    crash(None, Some(RICH)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_an_upgrade_of_the_signer_leaves_nothing_undone() {
    let after = Some("access: {sigV4: {viewerAuthorization: Forward}}");
    crash(Some(""), after).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_change_of_everything_leaves_nothing_undone() {
    crash(Some(""), Some(RICH)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_change_back_to_the_baseline_leaves_nothing_undone() {
    crash(Some(RICH), Some("")).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_deletion_leaves_nothing_behind() {
    crash(Some(RICH), None).await;
}
