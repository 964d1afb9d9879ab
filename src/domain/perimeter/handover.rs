//! A perimeter that one cluster hands over to another, in three writes to the tags of the distribution:
//!
//! ```text
//!  offered-to   by its keeper, as its spec says           it keeps it
//!  claimed-by   by the other, once it can take it over    the keeper keeps it, repairs and puts back as ever
//!  released-to  by its keeper, at rest                    from here the other keeps it, and this one writes nothing more
//! ```
//!
//! The other one then takes it over as [`super::consent`] does. Whoever dies goes on by what the tags say.

use super::desired::Desired;
use super::observed::Observed;
use super::plan::{Action, Next, Plan, Step};
use crate::domain::edge::distribution;
use crate::domain::kernel::change::changes_between;
use crate::domain::kernel::identity::{Owner, Ownership, Tags};
use crate::domain::kernel::keeping::{TAG_CLAIMED_BY, TAG_OFFERED_TO, TAG_RELEASED_TO};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::tagging::TagCall;

/// `plan`, and the last write of its keeper once the other one has come for what `desired` offers, and all is at rest.
#[must_use]
pub(super) fn with_release(mut plan: Plan, desired: &Desired, observed: &Observed) -> Plan {
    let Some(offered) = desired.distribution.tags.get(TAG_OFFERED_TO) else {
        return plan;
    };
    let id = Id::of(Kind::Distribution);
    match &observed.distribution {
        // Lists lag: whether somebody has come, only the distribution itself tells.
        Seen::Listed(Some(_)) if !plan.reads.contains(&id) => plan.reads.push(id),
        Seen::Present(found) if is_at_rest(&plan) && observed.owns(found) == Ownership::Ours => {
            let has = |key: &str| found.tags.get(key) == Some(offered);
            if has(TAG_OFFERED_TO) && has(TAG_CLAIMED_BY) {
                let set = Tags::from([(TAG_RELEASED_TO.to_owned(), offered.clone())]);
                let changes = changes_between(&Tags::new(), &set);
                let call = TagCall::new(&found.content.arn, Ok(set));
                let action = Action::Distribution(distribution::Action::Tag(call));
                let step = Next::act(id.clone(), &found.content.id, Verb::Update, changes, action);
                plan.add::<Action>(id, step);
            }
        }
        _ => {}
    }
    plan
}

/// Whether nothing is under way that one begins and another would have to end. What only a person can solve stays as it is.
fn is_at_rest(plan: &Plan) -> bool {
    let is_nothing_left = plan.reads.is_empty() && plan.ready.is_empty() && plan.blocked.is_empty();
    is_nothing_left && plan.probes.is_empty() && plan.waits.is_empty()
}

/// The tags by which `own` comes for the perimeter that bears `tags`; `None` where it is not offered to it, or it has come.
#[must_use]
pub fn claim(tags: &Tags, own: &Owner) -> Option<Tags> {
    let own = own.keeper().to_string();
    let is = |key: &str| tags.get(key) == Some(&own);
    let is_awaited = is(TAG_OFFERED_TO) && !is(TAG_CLAIMED_BY);
    is_awaited.then(|| Tags::from([(TAG_CLAIMED_BY.to_owned(), own.clone())]))
}

/// Why an object waits to which `keeper` offers distribution `id`.
#[must_use]
pub fn pending(id: &str, keeper: &str) -> Rejection {
    Rejection::for_now(
        Reason::HandoverPending,
        format!(
            "spec.takeOver: {keeper} offers distribution {id} to this object, and keeps it until it has let it go: that comes by itself \
             once nothing is under way there. Nothing is to be done"
        ),
    )
}

/// Whether `step` lets the perimeter go to another.
#[must_use]
pub fn is_release(step: &Step) -> bool {
    let Action::Distribution(distribution::Action::Tag(call)) = &step.action else {
        return false;
    };
    call.set().is_some_and(|set| set.contains_key(TAG_RELEASED_TO))
}
