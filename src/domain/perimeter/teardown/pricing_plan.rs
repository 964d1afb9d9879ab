//! What a flat-rate pricing plan keeps from being deleted: AWS takes it only once the plan has ended.

use crate::domain::kernel::planning::{Id, Kind, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Next;
use crate::domain::pricing_plans::words;
use std::time::Duration;

/// A plan ends by a date, or when somebody ends it: the list of plans is looked at again this often.
const RETRY: Duration = Duration::from_mins(10);
/// Nor is it looked at more often as its date comes.
const SOONEST: Duration = Duration::from_mins(1);

/// What the deletion of the resource with this ARN waits for; `None` where no plan holds it.
pub(super) fn holds(observed: &Observed, kind: Kind, name: &str, arn: &str) -> Option<Next> {
    let plan = observed.plan_of(arn)?;
    let at = plan.cancellation().and_then(|cancellation| cancellation.at);
    let left = at.map(|at| at.duration_since(observed.pass.at));
    let left = left.and_then(|left| Duration::try_from(left).ok());
    Some(Next::Wait(Wait {
        id: Id::of(kind),
        reason: Reason::InPricingPlan,
        message: words::holds(plan, &format!("{} {name}", kind.noun())),
        retry_after: left.map_or(RETRY, |left| left.clamp(SOONEST, RETRY)),
    }))
}
