//! What is said of the flat-rate pricing plan that the distribution is in.

use crate::api::{PlanChangeStatus, PricingPlanStatus, ProtectedApiStatus};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::pricing_plans::limits::refusals;
use crate::domain::pricing_plans::subscription::{Scheduled, Seen, Subscription, Tier, is_in_force};
use crate::domain::pricing_plans::words;

/// Writes what is known into `status`; what was not looked at, or not read, stays as it was. A spec that comes so far is accepted.
pub(super) fn fill(status: &mut ProtectedApiStatus, observed: &Observed, desired: Option<&Desired>) {
    let known = status.pricing_plan.take();
    status.pricing_plan = match &observed.pricing_plan {
        Seen::Known(found) => found.as_deref().map(|found| told(found, known.as_ref())),
        Seen::Unasked | Seen::Unknown { .. } => known,
    };
    if let (Some(plan), Some(desired)) = (&mut status.pricing_plan, desired) {
        plan.accepted = desired.wanted_of_plan().counts();
    }
}

/// The tier of the plan that counts, as status tells.
#[must_use]
pub(super) fn tier_in_force(status: &ProtectedApiStatus) -> Option<&str> {
    let plan = status.pricing_plan.as_ref()?;
    is_in_force(&plan.state).then_some(plan.tier.as_str())
}

fn told(found: &Subscription, known: Option<&PricingPlanStatus>) -> PricingPlanStatus {
    PricingPlanStatus {
        arn: found.arn.clone(),
        tier: found.tier_name().to_owned(),
        state: found.state.clone(),
        since: found.since.map(moment),
        scheduled_change: found.scheduled.as_ref().map(change),
        accepted: known.map(|known| known.accepted.clone()).unwrap_or_default(),
    }
}

fn change(scheduled: &Scheduled) -> PlanChangeStatus {
    let name = |tier: &String| Tier::parse(tier).map_or_else(|| tier.clone(), |tier| tier.name().to_owned());
    PlanChangeStatus {
        change: scheduled.change.clone(),
        at: scheduled.at.map(moment),
        tier: scheduled.tier.as_ref().map(name),
    }
}

/// What there is to know: that the plan does not take what stands, or will not, or that nobody may read which it is.
pub(super) fn worth_knowing(observed: &Observed, desired: &Desired) -> Vec<(Reason, String)> {
    if observed.pricing_plan == (Seen::Unknown { is_denied: true }) {
        return vec![(Reason::PricingPlanNotRead, words::NOT_READ.to_owned())];
    }
    let Some(plan) = observed.pricing_plan.in_force() else {
        return vec![];
    };
    let wanted = desired.wanted_of_plan();
    let refused = |tier: Option<Tier>| tier.map(|tier| refusals(tier, &wanted)).unwrap_or_default();
    let now = refused(plan.tier());
    if !now.is_empty() {
        return vec![(Reason::PricingPlan, words::exceeded(&now))];
    }
    let (to, then) = (plan.tier_to_come(), refused(plan.tier_to_come()));
    let to = to.filter(|_| !then.is_empty());
    to.map(|to| (Reason::PricingPlanMovesDown, words::moves_down(plan, to, &then)))
        .into_iter()
        .collect()
}
