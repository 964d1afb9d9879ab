//! A cut-over that was begun and is neither proven nor put back: it is looked at before anything else.
//!
//! Where one is under way, this process remembers; after a start, the distribution's tags tell. They are asked only where
//! the pass itself would not come to look at them.

use super::execute::{Execution, execute};
use super::failures::whole;
use super::lock::{Lock, outputs};
use super::phases::Phase;
use super::{Done, Engine, Outcome};
use crate::aws::cloud::Cloud;
use crate::aws::errors::ErrorKind;
use crate::aws::layers::budget::with_urgency;
use crate::aws::resources::as_deployed::stage;
use crate::domain::access::authorization::{self, gate};
use crate::domain::access::marks::{Marks, Phase as MarkedPhase};
use crate::domain::access::proof::Proof;
use crate::domain::access::unproven::settle;
use crate::domain::edge::distribution;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::observed::{Observed, Outputs};
use crate::domain::perimeter::plan::{Action, Plan};
use crate::domain::status::identifiers;
use std::time::Duration;

/// A lock that is neither proven nor put back is looked at again this soon, whatever failed.
const IN_DOUBT: Duration = Duration::from_secs(10);

/// Whether a pass that comes after goes on with a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It does.
    GoesOn,
    /// It does not: what was begun is proven or put back whole.
    Halts,
}

/// What came of proving or putting back what was begun.
#[derive(Default)]
pub struct Settled {
    observed: Option<Box<Observed>>,
    done: Vec<Done>,
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

    fn failed(failure: Failure) -> Self {
        Self {
            failures: vec![failure],
            ..Self::default()
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
        observed.access = seen.access;
        observed.due.probes |= !seen.probes.is_empty();
        observed.probes = seen.probes;
        observed.classes = seen.classes;
    }
}

impl Engine {
    /// Proves what a cut-over of the object has begun, or puts it back, where one is under way.
    pub(super) async fn prove_or_put_back(&self, lock: &Lock<'_>, after: After) -> Settled {
        let uid = &lock.owner.uid;
        let Some(found) = &lock.previous.distribution else {
            // The lists will tell: without the distribution nobody knows where its mark is.
            return Settled::default();
        };
        let phase = match self.phases.of(uid) {
            Some(phase) => phase,
            // Of each object one after the other, before all other calls: it would hold up whoever is in doubt.
            None if lock.is_at_rest => return Settled::default(),
            None if after == After::GoesOn && identifiers::is_locked(lock.previous) => {
                return Settled::default();
            }
            None => match self.marks(lock, &found.arn).await {
                Ok(marks) if after == After::GoesOn && self.is_met_by_nobody(lock, &marks).await => {
                    return Settled::default();
                }
                Ok(marks) => Phase::of(&marks),
                Err(failure) if after == After::Halts => return Settled::failed(failure),
                // What the pass itself comes to see, it says.
                Err(_) => return Settled::default(),
            },
        };
        match phase {
            Phase::None => Settled::default(),
            Phase::Begun => {
                let outputs = identifiers::outputs(lock.previous);
                Box::pin(self.settle(lock, outputs, after)).await
            }
        }
    }

    /// The same after a pass that was stopped, where there is anything to be done that was not looked at before.
    pub(super) async fn prove_or_put_back_unseen(&self, lock: &Lock<'_>, after: After) -> Settled {
        let Some(found) = &lock.previous.distribution else {
            return Settled::default();
        };
        match self.phases.of(&lock.owner.uid) {
            Some(Phase::None) => Settled::default(),
            Some(_) => self.prove_or_put_back(lock, after).await,
            // What is locked by the last status may have been begun since: the lists would have told.
            None => match self.marks(lock, &found.arn).await {
                Ok(_) => self.prove_or_put_back(lock, after).await,
                Err(failure) => Settled::failed(failure),
            },
        }
    }

    /// The same for an object of which only its lists, read just now, show that a cut-over is under way.
    pub(super) async fn prove_what_lists_show(
        &self,
        lock: &Lock<'_>,
        after: After,
        observed: &mut Observed,
        settled: &mut Settled,
    ) {
        let known = self.phases.of(&lock.owner.uid);
        let was_looked_at = known.is_some() && lock.previous.distribution.is_some();
        if was_looked_at || known == Some(Phase::None) || observed.distribution_arn().is_none() {
            return;
        }
        let tags = observed.distribution_tags();
        let is_begun = known == Some(Phase::Begun);
        if is_begun || tags.is_some_and(|tags| Marks::of(tags, lock.now).is_unproven()) {
            let outputs = outputs(lock, observed);
            let mut later = Box::pin(self.settle(lock, outputs, after)).await;
            later.carry_over(observed);
            *settled = std::mem::take(settled).then(later);
        }
    }

    /// The same for an object that goes, and whose status does not tell of the distribution that its lists show: the distribution
    /// itself is asked, since the list of tags lags.
    pub(super) async fn put_back_what_is_found(&self, lock: &Lock<'_>, observed: &Observed) -> Settled {
        let known = self.phases.of(&lock.owner.uid);
        let Some(arn) = observed.distribution_arn() else {
            return Settled::default();
        };
        if lock.previous.distribution.is_some() || known == Some(Phase::None) {
            return Settled::default();
        }
        match self.marks(lock, arn).await {
            Ok(marks) if marks.is_unproven() => {
                Box::pin(self.settle(lock, outputs(lock, observed), After::Halts)).await
            }
            Ok(_) => Settled::default(),
            Err(failure) => Settled::failed(failure),
        }
    }

    /// Asks the distribution itself.
    async fn marks(&self, lock: &Lock<'_>, arn: &str) -> Result<Marks, Failure> {
        let cloud: &dyn Cloud = &self.patient();
        let tags = match with_urgency(true, cloud.list_distribution_tags(arn.to_owned())).await {
            Ok(tags) => tags,
            Err(error) if error.kind == ErrorKind::NotFound => Tags::new(),
            Err(error) => return Err(whole(&error)),
        };
        let marks = Marks::of(&tags, lock.now);
        self.phases.note(&lock.owner.uid, Phase::of(&marks));
        Ok(marks)
    }

    /// Whether the stage is seen to serve still what it served before the cut-over. A predecessor may have left many that waited
    /// for their turn: who is refused already does not wait until all their methods are read.
    async fn is_met_by_nobody(&self, lock: &Lock<'_>, marks: &Marks) -> bool {
        // What was begun for another proof than is wanted now is put back in any case.
        let wanted = Proof::of(lock.spec).mark();
        let is_wanted = |phase: &&MarkedPhase| phase.tried.as_ref().is_none_or(|tried| *tried == wanted);
        let phase = marks.cut_over.as_ref().filter(is_wanted);
        let Some(before) = phase.and_then(|phase| phase.before.as_ref()) else {
            return false;
        };
        let cloud: &dyn Cloud = &self.patient();
        let stage = with_urgency(true, stage(cloud, &gate(&lock.spec.origin))).await;
        stage.is_ok_and(|stage| !stage.auto_deploy && stage.deployment.as_ref() == Some(before))
    }

    /// Proves what was begun, or puts it back.
    async fn settle(&self, lock: &Lock<'_>, outputs: Outputs, after: After) -> Settled {
        let Some(desired) = self.desired_of_lock(lock) else {
            return Settled::default();
        };
        let mut observed = Self::observed_of_lock(lock, outputs, &desired);
        observed.due.probes = true;
        let is_halted = after == After::Halts;
        let decide = |observed: &Observed| {
            let inputs = observed.access_inputs(&desired);
            settle(&desired.of_access(), &inputs, is_halted, lock.is_deployed)
        };
        let Execution {
            observed,
            plan,
            done,
            mut failures,
        } = with_urgency(true, self.execute_and_await_token(lock, observed, decide)).await;
        let is_gone =
            |failure: &Failure| matches!(failure.reason, Reason::ApiNotFound | Reason::StageNotFound);
        // Nobody is refused by an API that is not there.
        let is_moot = failures.iter().any(is_gone);
        failures.retain(|failure| !is_gone(failure));
        let mut settled = Settled {
            observed: None,
            done,
            failures,
            plan: if is_moot { Plan::default() } else { plan },
        };
        let found = observed.access.present();
        let is_marked = found.is_some_and(|found| found.marks.is_unproven());
        if is_moot {
            // The mark stands all the same: it is asked for again.
            self.phases.forget(&lock.owner.uid);
        } else if is_halted && settled.is_settled() && !is_marked {
            self.phases.note(&lock.owner.uid, Phase::None);
        }
        if observed.access.present().is_some() {
            settled.observed = Some(observed);
        }
        settled
    }

    /// Carries out what `decide` plans. What needs no probe does not wait for the header that probes show.
    async fn execute_and_await_token(
        &self,
        lock: &Lock<'_>,
        observed: Box<Observed>,
        decide: impl Fn(&Observed) -> Plan,
    ) -> Execution {
        if lock.token.now().is_some() {
            return execute(self, observed, decide).await;
        }
        let unprobed = |observed: &Observed| Plan {
            probes: vec![],
            ..decide(observed)
        };
        let mut first = execute(self, observed, unprobed).await;
        if decide(&first.observed).probes.is_empty() {
            return first;
        }
        first.observed.token = lock.token.value().await;
        let second = execute(self, first.observed, decide).await;
        first.done.extend(second.done);
        let is_new = |failure: &Failure| !first.failures.contains(failure);
        let new: Vec<Failure> = second.failures.into_iter().filter(is_new).collect();
        first.failures.extend(new);
        Execution {
            observed: second.observed,
            plan: second.plan,
            done: first.done,
            failures: first.failures,
        }
    }

    /// Whether a cut-over of the object is under way, as far as this process knows.
    pub(super) fn is_cutting_over(&self, owner: &Owner) -> bool {
        self.phases.of(&owner.uid) == Some(Phase::Begun)
    }

    /// Remembers that a cut-over begins, before AWS is told: its answer may be lost.
    pub(super) fn note_begun(&self, owner: &Owner, action: &Action) {
        if let Action::Access(authorization::Action::Mark { marks, .. }) = action
            && marks.is_unproven()
        {
            self.phases.note(&owner.uid, Phase::Begun);
        }
    }

    /// Remembers that nothing is begun at a distribution that was just made: it has no mark.
    pub(super) fn note_made(&self, owner: &Owner, action: &Action) {
        let is_made = matches!(action, Action::Distribution(distribution::Action::Create { .. }));
        if is_made && self.phases.of(&owner.uid).is_none() {
            self.phases.note(&owner.uid, Phase::None);
        }
    }

    /// Remembers where the cut-over stands, where that was read.
    pub(super) fn note_phase(&self, observed: &Observed) {
        if let Some(found) = observed.access.present() {
            self.phases.note(&observed.owner.uid, Phase::of(&found.marks));
        }
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
