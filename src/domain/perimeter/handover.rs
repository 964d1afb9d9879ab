//! A perimeter that one cluster hands over to another, in three writes to the tags of the distribution:
//!
//! ```text
//!  offered-to   by its keeper, as its spec says           it keeps it
//!  claimed-by   by the other, once it can take it over    the keeper keeps it, repairs and puts back as ever
//!  released-to  by its keeper, at rest                    from here the other keeps it, and this one writes nothing more
//! ```
//!
//! The other one then takes it over as [`super::consent`] does. Whoever dies goes on by what the tags say.

use crate::api::ProtectedApiSpec;
use crate::domain::edge::distribution::Action;
use crate::domain::edge::known::SeenDistribution;
use crate::domain::kernel::change::changes_between;
use crate::domain::kernel::identity::{Owner, Ownership, Tags, ownership};
use crate::domain::kernel::keeping::{Keeper, TAG_CLAIMED_BY, TAG_OFFERED_TO, TAG_RELEASED_TO, keeper_of};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind, Next, Plan, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::tagging::TagCall;

/// Looks whether `owner` is to hand its perimeter over to another cluster, as far as its spec says so.
///
/// # Errors
/// The spec names this object, or one of this cluster.
pub fn check(spec: &ProtectedApiSpec, owner: &Owner) -> Result<(), Rejection> {
    let Some(offer) = &spec.hand_over else {
        return Ok(());
    };
    let Some(to) = Keeper::parse(&offer.to).filter(|to| to.cluster == owner.cluster) else {
        return Ok(());
    };
    let what = if to == owner.keeper() {
        "names this object itself, which keeps the perimeter already: take spec.handOver out".to_owned()
    } else {
        let to = to.object();
        format!(
            "names {to} of this cluster, and within a cluster nothing is offered: take spec.handOver out. Where {to} is to keep the perimeter, \
             docs/handover.md says how one object of a cluster takes over what another one leaves"
        )
    };
    let message = format!("spec.handOver.to {what}. What stands goes on as it is");
    Err(Rejection::new(Reason::InvalidSpec, message))
}

/// What is next of the distribution besides `plan`, where `tags`, those that it is to have, offer the perimeter: the last write of its
/// keeper once the other one has come, and all is at rest.
#[must_use]
pub(super) fn let_go<A, P>(
    tags: &Tags,
    owner: &Owner,
    seen: &SeenDistribution,
    plan: &Plan<A, P>,
) -> Option<Next<Action>> {
    let offered = tags.get(TAG_OFFERED_TO)?;
    let id = Id::of(Kind::Distribution);
    match seen {
        // Lists lag: whether somebody has come, only the distribution itself tells.
        Seen::Listed(Some(_)) => (!plan.reads.contains(&id)).then_some(Next::Read),
        Seen::Present(found) if is_at_rest(plan) && ownership(&found.tags, owner) == Ownership::Ours => {
            let has = |key: &str| found.tags.get(key) == Some(offered);
            let is_claimed = has(TAG_OFFERED_TO) && has(TAG_CLAIMED_BY);
            is_claimed.then(|| {
                let set = Tags::from([(TAG_RELEASED_TO.to_owned(), offered.clone())]);
                let changes = changes_between(&Tags::new(), &set);
                let action = Action::Tag(TagCall::setting(&found.content.arn, set));
                Next::act(id, &found.content.id, Verb::Update, changes, action)
            })
        }
        _ => None,
    }
}

/// Whether nothing is under way that one begins and another would have to end. What only a person can solve stays as it is.
fn is_at_rest<A, P>(plan: &Plan<A, P>) -> bool {
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

/// The tags by which `own` has come for the perimeter that bears `tags`, or was let it go to, while it has not taken it over: they go with
/// the object, so that its keeper does not let it go to nobody.
#[must_use]
pub fn unclaimed(tags: &Tags, own: &Owner) -> Vec<String> {
    let keeper = own.keeper();
    if keeper_of(tags).is_none_or(|found| found == keeper) {
        return vec![];
    }
    let is_its = |key: &&str| tags.get(*key) == Some(&keeper.to_string());
    let all = [TAG_CLAIMED_BY, TAG_RELEASED_TO].into_iter().filter(is_its);
    all.map(ToOwned::to_owned).collect()
}

/// Why an object waits to which `keeper` offers distribution `id`, of the perimeter `uid`.
#[must_use]
pub fn pending(id: &str, keeper: &str, uid: &str) -> Rejection {
    Rejection::for_now(
        Reason::HandoverPending,
        format!(
            "spec.takeOver: {keeper} offers distribution {id} to this object, and keeps it until it has let it go: that comes by itself \
             once nothing is under way there. Nothing is to be done. If that cluster is lost, and only then, write here spec.takeOver: \
             {{uid: {uid}, keeperIsGone: true}}"
        ),
    )
}

/// Whether `action` lets the perimeter go to another.
#[must_use]
pub fn lets_go(action: &Action) -> bool {
    matches!(action, Action::Tag(call) if call.set().is_some_and(|set| set.contains_key(TAG_RELEASED_TO)))
}
