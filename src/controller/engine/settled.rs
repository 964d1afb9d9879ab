//! What came of a lock that was begun, before a pass goes on or ends.

use super::{Done, Engine, Outcome};
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Plan;
use std::time::Duration;

/// A lock that is neither proven nor put back is looked at again this soon, whatever failed.
const IN_DOUBT: Duration = Duration::from_secs(10);

/// What came of proving or putting back what was begun. It has no default: who says that nothing is begun has to know it.
pub struct Settled {
    /// What is seen of the lock of the spec's stage, if it is.
    pub(super) observed: Option<Box<Observed>>,
    /// The stage, by the hash in its mark, at which a cut-over is begun though the spec names another one by now.
    pub(super) earlier: Option<String>,
    /// What was done.
    pub(super) done: Vec<Done>,
    /// What failed.
    pub failures: Vec<Failure>,
    /// What is left to do.
    pub plan: Plan,
}

impl Settled {
    /// Whether nothing is left in doubt.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.plan.is_empty() && self.failures.is_empty()
    }

    /// Nothing is begun, or the pass itself comes to see what is.
    pub(super) fn nothing_begun() -> Self {
        Self {
            observed: None,
            earlier: None,
            done: vec![],
            failures: vec![],
            plan: Plan::default(),
        }
    }

    /// It is not known, or could not be done.
    pub(super) fn failed(failure: Failure) -> Self {
        Self {
            failures: vec![failure],
            ..Self::nothing_begun()
        }
    }

    /// The same of a stage that the pass itself does not look at; `told` says so of what failed.
    pub(super) fn of_another_stage(self, told: impl Fn(Failure) -> Failure) -> Self {
        Self {
            observed: None,
            failures: self.failures.into_iter().map(told).collect(),
            ..self
        }
    }

    /// What came of it, and then of `later`.
    pub(in crate::controller) fn then(mut self, later: Self) -> Self {
        self.done.extend(later.done);
        Self {
            done: self.done,
            ..later
        }
    }

    /// What came of it and of `other`, which is of another lock of the object's.
    pub(super) fn beside(mut self, other: Self) -> Self {
        self.done.extend(other.done);
        self.failures.extend(other.failures);
        self.plan.extend(other.plan);
        Self {
            observed: other.observed,
            earlier: other.earlier,
            ..self
        }
    }

    /// Lets a pass over the same object see what was read and probed a moment ago.
    pub(super) fn carry_over(&mut self, observed: &mut Observed) {
        let Some(seen) = self.observed.take().filter(|seen| seen.proof == observed.proof) else {
            return;
        };
        if let Seen::Present(found) = seen.distribution {
            observed.distribution = Seen::Present(found);
        }
        if let Seen::Present(found) = seen.authorizer {
            observed.authorizer = Seen::Present(found);
        }
        if matches!(seen.mutual_tls.domain, Seen::Present(_)) {
            observed.mutual_tls.domain = seen.mutual_tls.domain;
            observed.mutual_tls.endpoint = seen.mutual_tls.endpoint;
        }
        observed.access = seen.access;
        observed.due.probes |= !seen.probes.is_empty();
        observed.probes = seen.probes;
        observed.asked = seen.asked;
        observed.classes = seen.classes;
        observed.answered = seen.answered;
    }
}

impl Outcome {
    /// The outcome of a pass, with what came before it.
    pub(in crate::controller) fn after(mut self, engine: &Engine, owner: &Owner, settled: Settled) -> Self {
        let Settled {
            mut done,
            failures,
            plan,
            ..
        } = settled;
        done.append(&mut self.done);
        self.done = done;
        let is_told = |failure: &Failure| self.failures.iter().any(|told| told.message == failure.message);
        let new: Vec<Failure> = failures.into_iter().filter(|failure| !is_told(failure)).collect();
        self.failures.extend(new);
        self.requeue = self.requeue.min(engine.requeue(&plan, None));
        let is_in_doubt = engine.is_cutting_over(owner);
        self.in_doubt = is_in_doubt.then(|| self.requeue.min(IN_DOUBT));
        self
    }
}
