//! Calls fail in every way, at every place, and the object becomes what was asked for all the same.

use super::every_call::Scene;
use super::scenes::RICH;
use super::support::simulation::faults::{Fault, Scope};

/// AWS does not act, in one way or another.
const REFUSED: &[Fault] = &[Fault::LostRequest, Fault::Throttle, Fault::ServerError];
/// AWS acts and nobody hears of it; somebody else acts in between.
const DOUBTFUL: &[Fault] = &[Fault::LostAnswer, Fault::ForeignWrite];
const LISTS: &[Fault] = &[Fault::TruncatedPage, Fault::ServerError];

#[tokio::test(start_paused = true)]
async fn at_any_write_of_a_creation() {
    Scene {
        before: None,
        after: Some(RICH),
    }
    .with_each(Scope::Writes, &[REFUSED, &DOUBTFUL[..1]].concat())
    .await;
}

#[tokio::test(start_paused = true)]
async fn at_any_write_of_a_change_of_everything() {
    Scene {
        before: Some(""),
        after: Some(RICH),
    }
    .with_each(Scope::Writes, DOUBTFUL)
    .await;
}

#[tokio::test(start_paused = true)]
async fn at_any_write_of_a_change_back_to_the_baseline() {
    Scene {
        before: Some(RICH),
        after: Some(""),
    }
    .with_each(Scope::Writes, DOUBTFUL)
    .await;
}

#[tokio::test(start_paused = true)]
async fn at_any_write_of_a_deletion() {
    Scene {
        before: Some(RICH),
        after: None,
    }
    .with_each(Scope::Writes, DOUBTFUL)
    .await;
}

#[tokio::test(start_paused = true)]
async fn at_any_list_of_a_creation() {
    Scene {
        before: None,
        after: Some(RICH),
    }
    .with_each(Scope::Lists, LISTS)
    .await;
}

#[tokio::test(start_paused = true)]
async fn at_any_list_of_a_deletion() {
    Scene {
        before: Some(RICH),
        after: None,
    }
    .with_each(Scope::Lists, LISTS)
    .await;
}
