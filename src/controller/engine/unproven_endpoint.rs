//! A default endpoint that is being switched off, and of which that is not proven, where no pass comes to look at it: viewers who are
//! refused get it back.
//!
//! ```text
//! the domain name's tag ─┬─ nothing begun
//!                        └─ begun ─▶ probe through the perimeter ─┬─▶ viewers get in: watched for a while
//!                                                                └─▶ refused, or not known for too long ─▶ on ─▶ published ─▶ marked
//! ```

use super::execute::{Execution, execute};
use super::lock::Lock;
use super::phases::Phase;
use super::settled::Settled;
use super::unproven::{After, is_moot, unbuilt};
use super::{Done, Engine};
use crate::aws::layers::budget::with_urgency;
use crate::domain::access::probe::{Verdict, Way};
use crate::domain::access::probing::{Passage, passage};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::mutual_tls::endpoint::touch::{change_of, left_over};
use crate::domain::mutual_tls::endpoint::{self, Mark, Step};
use crate::domain::mutual_tls::{origin_domain, probes};
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{self, Action, Next, Plan};
use crate::domain::status::identifiers;
use std::time::Duration;

/// A probe that proves nothing yet is sent again so soon.
const RETRY: Duration = Duration::from_secs(10);

impl Engine {
    /// Looks after a default endpoint that is being switched off, where one is: a pass that goes on with it does so itself.
    pub(super) async fn prove_or_put_endpoint_back(&self, lock: &Lock<'_>, after: After) -> Settled {
        let access = lock.previous.access.as_ref();
        let is_told = access.is_some_and(|access| access.lock_unproven);
        match self.phases.of(&lock.owner.uid) {
            Some(Phase::None) => Settled::nothing_begun(),
            Some(Phase::Begun) => Box::pin(self.settle_endpoint(lock, after)).await,
            None if is_told => Box::pin(self.settle_endpoint(lock, after)).await,
            None if lock.is_at_rest => Settled::nothing_begun(),
            None if after == After::GoesOn && identifiers::is_locked(lock.previous) => {
                Settled::nothing_begun()
            }
            // Before the first distribution nothing was begun.
            None if lock.previous.distribution.is_none() => Settled::nothing_begun(),
            None if self.is_kept_by_another(lock).await => Settled::nothing_begun(),
            None => match Box::pin(self.settle_endpoint(lock, after)).await {
                // What the pass itself comes to see, it says.
                unseen if after == After::GoesOn && unseen.observed.is_none() => Settled::nothing_begun(),
                settled => settled,
            },
        }
    }

    async fn settle_endpoint(&self, lock: &Lock<'_>, after: After) -> Settled {
        let desired = match self.desired_of_lock(lock) {
            Ok(desired) => desired,
            Err(rejection) => return Settled::failed(unbuilt(&rejection)),
        };
        let mut observed = Self::observed_of_lock(lock, identifiers::outputs(lock.previous), &desired);
        observed.due.probes = true;
        let Execution {
            mut observed,
            mut plan,
            done,
            mut failures,
            ..
        } = with_urgency(
            true,
            Box::pin(self.prove_endpoint(lock, &desired, observed, after)),
        )
        .await;
        if done.iter().any(is_put_back) {
            self.note_endpoint_put_back(&mut observed, lock.now);
        }
        self.inventory.note_of_region(&observed);
        let is_moot = is_moot(&mut failures);
        if is_of_words(&plan, &observed) {
            // It holds up nobody's deletion.
            plan.ready.clear();
            failures.retain(|failure| failure.id != Some(Id::of(Kind::Endpoint)));
        }
        let mut settled = Settled {
            done,
            failures,
            plan: if is_moot { Plan::default() } else { plan },
            ..Settled::nothing_begun()
        };
        if matches!(observed.mutual_tls.domain, Seen::Listed(_)) {
            return settled;
        }
        if after == After::Halts && settled.is_settled() {
            // What nobody goes on with is not looked at over and over.
            self.note_settled(lock);
        }
        settled.observed = Some(observed);
        settled
    }

    /// Carries out what is next. What is switched on again is put back whole, whoever goes on after it.
    async fn prove_endpoint(
        &self,
        lock: &Lock<'_>,
        desired: &Desired,
        observed: Box<Observed>,
        after: After,
    ) -> Execution {
        let decide = |observed: &Observed| next(desired, observed, after);
        let first = self.execute_and_await_token(lock, observed, decide).await;
        if after == After::Halts || !first.done.iter().any(is_put_back) {
            return first;
        }
        let whole = |observed: &Observed| next(desired, observed, After::Halts);
        first.then(|observed| execute(self, observed, whole)).await
    }
}

fn is_put_back(done: &Done) -> bool {
    matches!(
        done.step.action,
        Action::Endpoint(endpoint::Action::Switch { off: false })
    )
}

/// What is next of a default endpoint that is being switched off.
fn next(desired: &Desired, observed: &Observed, after: After) -> Plan {
    let mut plan = Plan::default();
    let seen = &observed.mutual_tls;
    if matches!(seen.domain, Seen::Listed(_)) {
        plan.reads.push(Id::of(Kind::OriginDomain));
        return plan;
    }
    let (Some(declared), Some(mark)) = (&desired.mutual_tls, seen.endpoint_mark()) else {
        return plan;
    };
    if !mark.is_unproven() {
        return plan;
    }
    let found = match &seen.endpoint {
        Seen::Present(found) => found,
        Seen::Absent => return plan,
        Seen::Listed(_) => {
            plan.reads.push(Id::of(Kind::Endpoint));
            // A viewer's probe asks as the distribution is configured.
            if matches!(observed.distribution, Seen::Listed(_)) {
                plan.reads.push(Id::of(Kind::Distribution));
            }
            return plan;
        }
    };
    let begun = Begun {
        desired,
        observed,
        found,
        mark,
        arn: origin_domain::arn_of(declared),
    };
    begun.next(after, &mut plan);
    // What a crash left in the stage's description goes, once viewers wait for nothing.
    let is_idle = plan.ready.is_empty() && plan.probes.is_empty();
    if after == After::Halts
        && is_idle
        && let Some(change) = left_over(found)
    {
        plan.add(Id::of(Kind::Endpoint), begun.call(change));
    }
    plan
}

/// Whether what is left is what the stage says of itself, while nothing is put back.
fn is_of_words(plan: &Plan, observed: &Observed) -> bool {
    let seen = &observed.mutual_tls.endpoint;
    let is_change_back = |step: &plan::Step| {
        let action = &step.action;
        matches!(
            action,
            Action::Endpoint(endpoint::Action::Touch { is_begun: true, .. })
        )
    };
    seen.present().is_some_and(|found| found.is_off) && plan.ready.iter().any(is_change_back)
}

/// What was begun.
struct Begun<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    found: &'a endpoint::Observed,
    mark: Mark,
    /// Of the custom domain name, which has the mark.
    arn: String,
}

impl Begun<'_> {
    fn next(&self, after: After, plan: &mut Plan) {
        let is_off = self.found.is_off;
        if !is_off && (self.is_refused() || self.was_published()) {
            return self.put_back(plan);
        }
        match (is_off, after) {
            // Nobody has met it, or somebody else put it back.
            (false, After::Halts) => self.put_back(plan),
            (false, After::GoesOn) => {}
            (true, _) => self.prove(after, plan),
        }
    }

    /// Probes whether viewers get in.
    fn prove(&self, after: After, plan: &mut Plan) {
        let inputs = self.observed.access_inputs(self.desired);
        let passage = passage(&self.desired.of_access(), &inputs, plan);
        let verdict = self.observed.probes.get(&Way::Viewer);
        let is_refused = verdict.is_some_and(|verdict| {
            let is_by_edge = matches!(verdict, Verdict::Refused { .. } | Verdict::EdgeFailed { .. });
            is_by_edge || probes::refuses(verdict)
        });
        match passage {
            Passage::Asked => {}
            // Others may write tags: that a mark speaks of a refusal is no refusal.
            Passage::Closed(_) if is_refused || (self.is_old() && !self.is_refused()) => self.put_back(plan),
            Passage::Closed(why) => plan.waits.push(waiting(&why)),
            // The pass goes on with it.
            Passage::Open if self.is_old() || after == After::GoesOn => {}
            Passage::Open => plan
                .waits
                .push(waiting("viewers got in when they were last probed")),
        }
    }

    /// Whether the mark says that viewers were refused.
    fn is_refused(&self) -> bool {
        self.mark.step == Step::Refused
    }

    /// Whether viewers have met it by now; what no probe has told by then counts as a refusal.
    fn is_old(&self) -> bool {
        self.mark.is_old(self.observed.pass.at)
    }

    fn was_published(&self) -> bool {
        self.found.published_at.is_some()
    }

    /// Switches the endpoint on, has the stage serve that, and then says so: viewers come first.
    fn put_back(&self, plan: &mut Plan) {
        let needs_publication = !self.was_published() && !self.found.auto_deploy;
        let action = match &self.found.deployment {
            _ if self.found.is_off => endpoint::Action::Switch { off: false },
            Some(deployment) if needs_publication => change_of(self.found).unwrap_or_else(|| {
                let deployment = deployment.clone();
                endpoint::Action::Publish { deployment }
            }),
            _ => endpoint::Action::Mark {
                arn: self.arn.clone(),
                mark: Some(Mark {
                    step: Step::Back,
                    since: self.observed.pass.at,
                    // One that says that viewers were refused has counted it.
                    count: self
                        .mark
                        .count
                        .saturating_add(u32::from(self.mark.step == Step::Trying)),
                    ..self.mark.clone()
                }),
            },
        };
        plan.add(Id::of(Kind::Endpoint), self.call(action));
    }

    fn call(&self, action: endpoint::Action) -> Next {
        let (id, api) = (Id::of(Kind::Endpoint), &self.desired.access.gate.api_id);
        Next::act(id, api, Verb::Update, vec![], Action::Endpoint(action))
    }
}

fn waiting(why: &str) -> Wait {
    Wait {
        id: Id::of(Kind::Endpoint),
        reason: Reason::EndpointSwitching,
        message: format!("the API's default endpoint is switched off, and that is not proven yet: {why}"),
        retry_after: RETRY,
    }
}

#[cfg(test)]
mod tests;
