//! What came of carrying out plans.

use super::Done;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Plan;
use tokio::time::Instant;

/// What came of carrying out plans.
pub struct Execution {
    /// What is seen at the end.
    pub observed: Box<Observed>,
    /// What is left.
    pub plan: Plan,
    /// What was done.
    pub done: Vec<Done>,
    /// What failed.
    pub failures: Vec<Failure>,
    /// Why nothing more was written: another object keeps all of it by now.
    pub handed_over: Option<Rejection>,
    /// When CloudFront said last, in these plans, that no other object keeps it.
    pub told: Option<Instant>,
}

impl Execution {
    /// What came of this, and then of `go_on`, which goes on from what is seen at its end.
    pub async fn then<F: Future<Output = Self>>(self, go_on: impl FnOnce(Box<Observed>) -> F) -> Self {
        let Self {
            observed,
            mut done,
            mut failures,
            handed_over,
            ..
        } = self;
        let later = go_on(observed).await;
        done.extend(later.done);
        let is_new = |failure: &Failure| !failures.contains(failure);
        let new: Vec<Failure> = later.failures.into_iter().filter(is_new).collect();
        failures.extend(new);
        Self {
            observed: later.observed,
            plan: later.plan,
            done,
            failures,
            handed_over: handed_over.or(later.handed_over),
            told: later.told,
        }
    }
}
