//! In which flat-rate pricing plan an object's distribution is: read seldom, before anything that hangs on it. Plans are never changed.

use super::Engine;
use super::accept::is_accepted;
use super::subject::Subject;
use crate::api::ProtectedApiStatus;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::pricing_plans::limits::refusals;
use crate::domain::pricing_plans::subscription::{Seen, Subscription};
use std::time::Duration;

/// The list of plans may be so many times as old as other lists: a plan is begun, moved or ended by people, and seldom.
const RESYNCS: u32 = 36;
/// So many refusals are told at a time.
const TOLD: usize = 5;

impl Engine {
    /// Reads the plan of what the object has, and refuses a new spec that has more of what the plan does not take than the last one
    /// that was accepted, before anything of it is begun. What stands is told beside it; as much of it may be edited, and less. So is
    /// what a former object of this name left: it served before anybody could be told.
    pub(super) async fn check_pricing_plan(
        &self,
        subject: &Subject<'_>,
        previous: &ProtectedApiStatus,
        desired: &Desired,
        observed: &mut Observed,
    ) -> Result<(), Rejection> {
        let others = self.max_age(false).others;
        let is_looked_for = self.is_look_wanted(&observed.owner, subject.object);
        let max_age = if is_looked_for { others } else { others * RESYNCS };
        self.observe_pricing_plan(observed, max_age).await;
        let is_former = subject.object.metadata.uid.as_ref() != Some(&observed.owner.uid);
        if is_former || is_accepted(subject, previous) || refused(desired, observed, previous).is_empty() {
            return Ok(());
        }
        // A plan that was moved up meanwhile takes it.
        self.observe_pricing_plan(observed, others).await;
        let mut refused = refused(desired, observed, previous);
        if refused.is_empty() {
            return Ok(());
        }
        refused.truncate(TOLD);
        Err(Rejection::new(Reason::PricingPlan, refused.join("; ")))
    }

    /// Reads the plan of what the object has; where there is nothing yet, nothing can be in one.
    pub(super) async fn observe_pricing_plan(&self, observed: &mut Observed, max_age: Duration) {
        let arns = observed.arns_of_plan();
        let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
        observed.pricing_plan = if arns.is_empty() {
            Seen::Unasked
        } else {
            self.plans.of(&arns, max_age).await
        };
    }
}

/// What the spec asks for beyond the last one that was accepted, and the plan does not take. Where nothing is remembered of that one, it
/// may have had as much: then nothing is refused.
fn refused(desired: &Desired, observed: &Observed, previous: &ProtectedApiStatus) -> Vec<String> {
    let known = previous.pricing_plan.as_ref().map(|plan| &plan.accepted);
    let accepted = known.filter(|accepted| !accepted.is_empty());
    let plan = observed.pricing_plan.in_force();
    let tier = plan.and_then(Subscription::tier);
    tier.zip(accepted)
        .map(|(tier, accepted)| refusals(tier, &desired.wanted_of_plan().grown_since(accepted)))
        .unwrap_or_default()
}
