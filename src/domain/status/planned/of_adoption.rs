//! What follows the calls by which a distribution is adopted, or given back: first its tags make it the object's, then one update
//! puts the perimeter in place; a release goes the other way.

use super::{Planned, later, told};
use crate::api::{PlanStep, PlanVerb};
use crate::domain::edge::distribution;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::{Blocked, Id, Kind};
use crate::domain::perimeter::adoption::Standing;
use crate::domain::perimeter::adoption_tags::tags_of_release;
use crate::domain::perimeter::plan::Action;

/// Such steps, the first first.
pub(super) fn following(planned: &Planned<'_>) -> Vec<PlanStep> {
    let Planned {
        desired, observed, ..
    } = *planned;
    match observed.standing(desired) {
        Some(Standing::Foreign(found) | Standing::Switching(found)) if is_tagged_only(planned) => {
            let mut steps = vec![next(found, &observed.adoption_plan(desired, found).changes)];
            let access = Blocked {
                id: Id::of(Kind::Access),
                on: vec![Kind::Distribution],
            };
            let is_told = planned.plan.concerns(Kind::Access) && !planned.plan.is_held;
            steps.extend((!is_told).then(|| later(planned, &access)).flatten());
            steps
        }
        Some(Standing::Releasing(found)) if writes_distribution(planned, |action| !is_tag(action)) => {
            vec![next(found, &tags_of_release(desired, found))]
        }
        _ => vec![],
    }
}

fn next(found: &distribution::Observed, changes: &[Change]) -> PlanStep {
    let id = Id::of(Kind::Distribution);
    let name = found.content.id.clone();
    told(&id, name, PlanVerb::Change, changes, &[Kind::Distribution])
}

/// Whether the distribution gets the object's tags now, or has them and lists lag: its update is in no plan of the engine's yet.
fn is_tagged_only(planned: &Planned<'_>) -> bool {
    let of = |id: &Id| id.kind == Kind::Distribution;
    let is_awaited = planned.plan.is_held && planned.plan.waits.iter().any(|wait| of(&wait.id));
    is_awaited || writes_distribution(planned, is_tag)
}

fn writes_distribution(planned: &Planned<'_>, is_one: impl Fn(&distribution::Action) -> bool) -> bool {
    let mut ready = planned.plan.ready.iter();
    ready.any(|step| matches!(&step.action, Action::Distribution(action) if is_one(action)))
}

fn is_tag(action: &distribution::Action) -> bool {
    matches!(action, distribution::Action::Tag(_))
}
