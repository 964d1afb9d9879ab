//! What a pass does of a plan: all of it, or its reads alone.

use super::execute::{Execution, execute, execute_as_keeper};
use super::{Done, Engine};
use crate::domain::kernel::planning::Kind;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Action, Plan, plan};

impl Engine {
    /// Does what is planned; and goes on once what was read shows that a client certificate has to be made.
    pub(super) async fn execute_with_pair(&self, observed: Box<Observed>, desired: &Desired) -> Execution {
        let decide = |observed: &Observed| plan(desired, observed);
        let mut first = execute_as_keeper(self, observed, decide, None).await;
        let is_of_certificate = |done: &Done| matches!(done.step.action, Action::ClientCertificate(_));
        // One that was imported a moment ago, or may have been, is not followed by another, whatever becomes of it.
        let mut failures = first.failures.iter();
        let is_over = failures.any(|failure| failure.is_of(&[Kind::ClientCertificate]))
            || first.handed_over.is_some()
            || first.done.iter().any(is_of_certificate);
        if is_over || !self.give_pair(desired, &mut first.observed) {
            return first;
        }
        // What CloudFront said of its keeper a moment ago is believed here as well.
        let told = first.told;
        first
            .then(|observed| execute_as_keeper(self, observed, decide, told))
            .await
    }

    /// What `execute` would do, with the reads and without the writes.
    pub(super) async fn observe_only(&self, observed: Box<Observed>, desired: &Desired) -> Execution {
        let mut execution = execute(self, observed, |observed| Plan {
            ready: vec![],
            ..plan(desired, observed)
        })
        .await;
        execution.plan = plan(desired, &execution.observed);
        execution
    }
}
