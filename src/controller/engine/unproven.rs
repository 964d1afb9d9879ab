//! A cut-over that was begun and is neither proven nor put back: it is looked at before anything else.
//!
//! Where one is under way, this process remembers; after a start, the distribution's tags tell. They are asked only where
//! the pass itself would not come to look at them.

use super::Engine;
use super::execute::{Execution, execute};
use super::failures::whole;
use super::lock::{Lock, outputs};
use super::phases::Phase;
use super::settled::Settled;
use crate::aws::cloud::Cloud;
use crate::aws::errors::ErrorKind;
use crate::aws::layers::budget::with_urgency;
use crate::aws::resources::as_deployed::stage;
use crate::domain::access::authorization::{self, gate};
use crate::domain::access::held::{held_mode, proof_meanwhile};
use crate::domain::access::inputs::{Inputs, Wanted};
use crate::domain::access::lock::unproven::settle;
use crate::domain::access::proof::Proof;
use crate::domain::access::table::marks::{Marks, Phase as MarkedPhase};
use crate::domain::edge::distribution;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::mutual_tls::endpoint;
use crate::domain::perimeter::consent::kept_by_another;
use crate::domain::perimeter::observed::{Observed, Outputs};
use crate::domain::perimeter::plan::{Action, Plan};
use crate::domain::status::identifiers;

/// Whether a pass that comes after goes on with a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// It does.
    GoesOn,
    /// It does not: what was begun is proven or put back whole.
    Halts,
}

impl Engine {
    /// Proves what a cut-over of the object has begun, or puts it back, where one is under way.
    pub(super) async fn prove_or_put_back(&self, lock: &Lock<'_>, after: After) -> Settled {
        if !lock.is_by_certificate() {
            return self.prove_or_put_routes_back(lock, after).await;
        }
        let settled = Box::pin(self.prove_or_put_endpoint_back(lock, after)).await;
        if !lock.may_be_of_both() {
            return settled;
        }
        settled.beside(Box::pin(self.prove_or_put_routes_back(lock, after)).await)
    }

    /// The same of a lock of routes.
    async fn prove_or_put_routes_back(&self, lock: &Lock<'_>, after: After) -> Settled {
        let uid = &lock.owner.uid;
        let Some(found) = &lock.previous.distribution else {
            // The lists will tell: without the distribution nobody knows where its mark is.
            return Settled::nothing_begun();
        };
        let phase = match self.phases.of(uid) {
            Some(phase) => phase,
            // Of each object one after the other, before all other calls: it would hold up whoever is in doubt.
            None if lock.is_at_rest => return Settled::nothing_begun(),
            None if after == After::GoesOn && identifiers::is_locked(lock.previous) => {
                return Settled::nothing_begun();
            }
            None => match self.marks(lock, &found.arn).await {
                Ok(marks) if after == After::GoesOn && self.is_met_by_nobody(lock, &marks).await => {
                    return Settled::nothing_begun();
                }
                Ok(marks) => Phase::of(&marks),
                Err(failure) if after == After::Halts => return Settled::failed(failure),
                // What the pass itself comes to see, it says.
                Err(_) => return Settled::nothing_begun(),
            },
        };
        match phase {
            Phase::None => Settled::nothing_begun(),
            Phase::Begun => {
                let outputs = identifiers::outputs(lock.previous);
                Box::pin(self.settle(lock, outputs, after)).await
            }
        }
    }

    /// The same after a pass that was stopped, where there is anything to be done that was not looked at before.
    pub(super) async fn prove_or_put_back_unseen(&self, lock: &Lock<'_>, after: After) -> Settled {
        if lock.is_by_certificate() {
            // Whatever comes after a later pass: this one does not come to look at it.
            return Box::pin(self.prove_or_put_back(lock, After::Halts)).await;
        }
        let Some(found) = &lock.previous.distribution else {
            return Settled::nothing_begun();
        };
        match self.phases.of(&lock.owner.uid) {
            Some(Phase::None) => Settled::nothing_begun(),
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
        // What the pass itself comes to see of an endpoint, it proves.
        let is_of_endpoint = lock.is_by_certificate() && !lock.is_of_both();
        if (is_of_endpoint && !lock.is_untold())
            || was_looked_at
            || known == Some(Phase::None)
            || observed.distribution_arn().is_none()
        {
            return;
        }
        let tags = observed.distribution_tags();
        let is_begun = known == Some(Phase::Begun) && !is_of_endpoint;
        if is_begun || tags.is_some_and(|tags| marks_of(lock, tags).is_unproven()) {
            let outputs = outputs(lock, observed);
            let mut later = Box::pin(self.settle(lock, outputs, after)).await;
            later.carry_over(observed);
            *settled = std::mem::replace(settled, Settled::nothing_begun()).then(later);
            self.forget_if_untold(lock);
        }
    }

    /// The same for an object that goes, and whose status does not tell of the distribution that its lists show: the distribution
    /// itself is asked, since the list of tags lags.
    pub(super) async fn put_back_what_is_found(&self, lock: &Lock<'_>, observed: &Observed) -> Settled {
        let known = self.phases.of(&lock.owner.uid);
        let Some(arn) = observed.distribution_arn() else {
            return Settled::nothing_begun();
        };
        let is_of_endpoint = lock.is_by_certificate() && !lock.is_of_both() && !lock.is_untold();
        let was_looked_at = is_of_endpoint || lock.previous.distribution.is_some();
        if was_looked_at || known == Some(Phase::None) {
            return Settled::nothing_begun();
        }
        let settled = match self.marks(lock, arn).await {
            Ok(marks) if marks.is_unproven() => {
                Box::pin(self.settle(lock, outputs(lock, observed), After::Halts)).await
            }
            Ok(_) => Settled::nothing_begun(),
            Err(failure) => Settled::failed(failure),
        };
        self.forget_if_untold(lock);
        settled
    }

    /// What the marks of routes say is nothing of the default endpoint.
    fn forget_if_untold(&self, lock: &Lock<'_>) {
        if lock.is_untold() {
            self.phases.forget(&lock.owner.uid);
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
        if kept_by_another(&tags, lock.owner).is_some() {
            // Whoever keeps it by now looks after its lock as well.
            return Ok(Marks::default());
        }
        let marks = marks_of(lock, &tags);
        match Phase::of(&marks) {
            Phase::None => self.note_settled(lock),
            Phase::Begun => self.phases.note(&lock.owner.uid, Phase::Begun),
        }
        Ok(marks)
    }

    /// Whether the stage is seen to serve still what it served before the cut-over. A predecessor may have left many that waited
    /// for their turn: who is refused already does not wait until all their methods are read.
    async fn is_met_by_nobody(&self, lock: &Lock<'_>, marks: &Marks) -> bool {
        // What was begun for another proof than is wanted now is put back in any case.
        let wanted = proof_meanwhile(lock.spec, held_mode(lock.previous)).mark();
        let is_wanted = |phase: &&MarkedPhase| phase.tried.as_ref().is_none_or(|tried| *tried == wanted);
        let phase = marks.cut_over.as_ref().filter(is_wanted);
        let Some(before) = phase.and_then(|phase| phase.before.as_ref()) else {
            return false;
        };
        let cloud: &dyn Cloud = &self.patient();
        let stage = with_urgency(true, stage(cloud, &gate(&lock.spec.origin))).await;
        stage.is_ok_and(|stage| !stage.auto_deploy && stage.deployment.as_ref() == Some(before))
    }

    /// Proves what was begun, or puts it back: at an earlier stage first.
    async fn settle(&self, lock: &Lock<'_>, outputs: Outputs, after: After) -> Settled {
        let is_halted = after == After::Halts;
        let decide =
            |wanted: &Wanted<'_>, inputs: &Inputs<'_>| settle(wanted, inputs, is_halted, lock.is_deployed);
        let settled = Box::pin(self.settle_by(lock, outputs.clone(), is_halted, decide)).await;
        match settled.earlier.clone() {
            Some(stage) => {
                let earlier = Box::pin(self.put_earlier_stage_back(lock, outputs, &stage)).await;
                settled.then(earlier)
            }
            None => settled,
        }
    }

    /// Carries out what `decide` plans of the lock alone.
    pub(super) async fn settle_by(
        &self,
        lock: &Lock<'_>,
        outputs: Outputs,
        is_halted: bool,
        decide: impl Fn(&Wanted<'_>, &Inputs<'_>) -> Plan,
    ) -> Settled {
        let desired = match self.desired_of_lock(lock) {
            Ok(desired) => desired,
            Err(rejection) => return Settled::failed(unbuilt(&rejection)),
        };
        let arn = outputs.distribution_arn.clone();
        let mut observed = Self::observed_of_lock(lock, outputs, &desired);
        observed.due.probes = true;
        let decide = |observed: &Observed| decide(&desired.of_access(), &observed.access_inputs(&desired));
        let Execution {
            observed,
            plan,
            done,
            mut failures,
            ..
        } = with_urgency(
            true,
            Box::pin(self.execute_and_await_token(lock, observed, decide)),
        )
        .await;
        // Nothing was read of the other lock.
        if lock.may_be_of_both() && self.phases.of(&lock.owner.uid) == Some(Phase::None) {
            self.phases.forget(&lock.owner.uid);
        }
        let is_stage_gone = failures
            .iter()
            .any(|failure| failure.reason == Reason::StageNotFound);
        let is_moot = is_moot(&mut failures);
        let found = observed.access.present();
        let is_marked = found.is_some_and(|found| found.marks.is_unproven());
        let mut settled = Settled {
            observed: None,
            earlier: found.and_then(|found| found.marks.earlier.clone()),
            done,
            failures,
            plan: if is_moot { Plan::default() } else { plan },
        };
        if let (true, Some(arn)) = (is_stage_gone, arn) {
            // What was begun may be of an earlier stage, which is there.
            match self.marks(lock, &arn).await {
                Ok(marks) => settled.earlier = marks.earlier,
                Err(failure) => settled.failures.push(failure),
            }
        }
        if is_moot {
            // The mark stands all the same: it is asked for again.
            self.phases.forget(&lock.owner.uid);
        } else if is_halted && settled.is_settled() && !is_marked {
            self.note_settled(lock);
        }
        if observed.access.present().is_some() {
            settled.observed = Some(observed);
        }
        settled
    }

    /// Carries out what `decide` plans. What needs no probe does not wait for the header that probes show.
    pub(super) async fn execute_and_await_token(
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
        first.then(|observed| execute(self, observed, decide)).await
    }

    /// Whether a cut-over of the object is under way, as far as this process knows.
    pub(super) fn is_cutting_over(&self, owner: &Owner) -> bool {
        self.phases.of(&owner.uid) == Some(Phase::Begun)
    }

    /// Remembers that a cut-over begins, before AWS is told: its answer may be lost.
    pub(super) fn note_begun(&self, owner: &Owner, action: &Action) {
        let is_begun = match action {
            Action::Access(authorization::Action::Mark { marks, .. }) => marks.is_unproven(),
            Action::Endpoint(endpoint::Action::Mark { mark: Some(mark), .. }) => mark.is_unproven(),
            _ => false,
        };
        if is_begun {
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
        let seen = &observed.mutual_tls;
        let is_read = matches!(seen.domain, Seen::Present(_));
        let of_endpoint = || Phase::of_endpoint(seen, observed.pass.at);
        let of_routes = observed.access.present().map(|found| Phase::of(&found.marks));
        let found = match &observed.proof {
            Proof::Certificate if of_routes == Some(Phase::Begun) => of_routes,
            Proof::Certificate => is_read.then(of_endpoint),
            // Of two locks that may be in doubt, the one that is counts.
            _ if seen.declared.is_some() && of_endpoint() == Phase::Begun => Some(Phase::Begun),
            _ => of_routes,
        };
        if let Some(phase) = found {
            self.phases.note(&observed.owner.uid, phase);
        }
    }

    /// Remembers that what was begun is over. Where there are two locks, the other one may still be in doubt.
    pub(super) fn note_settled(&self, lock: &Lock<'_>) {
        let uid = &lock.owner.uid;
        if lock.may_be_of_both() {
            self.phases.forget(uid);
        } else {
            self.phases.note(uid, Phase::None);
        }
    }
}

/// That what concerns the lock cannot be built of the spec, so that nobody looks after what was begun.
pub(super) fn unbuilt(rejection: &Rejection) -> Failure {
    Failure {
        id: None,
        kind: ErrorKind::Terminal,
        reason: rejection.reason,
        message: format!(
            "whether a lock was begun and is not proven cannot be looked at: {}",
            rejection.message
        ),
    }
}

/// Whether the API, or its stage, is not there any more, as one of `failures` tells: nobody is refused by it. Those are taken out.
pub(super) fn is_moot(failures: &mut Vec<Failure>) -> bool {
    let before = failures.len();
    failures.retain(|failure| !matches!(failure.reason, Reason::ApiNotFound | Reason::StageNotFound));
    failures.len() < before
}

/// What the distribution's tags say of the lock of the spec's stage.
fn marks_of(lock: &Lock<'_>, tags: &Tags) -> Marks {
    Marks::of_stage(tags, &lock.spec.origin.stage, lock.now)
}
