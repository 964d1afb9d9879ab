//! How far a perimeter has been handed over to another cluster.

use super::conditions::Pass;
use crate::api::{HandOverState, HandOverStatus};
use crate::domain::kernel::keeping::{Keeper, TAG_OFFERED_TO, TAG_RELEASED_TO};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;

/// What status says of it: as the tags of the distribution have it, and where nobody has looked, as it was said before.
#[must_use]
pub(super) fn handover(pass: &Pass<'_>) -> Option<HandOverStatus> {
    let previous = pass.previous.hand_over.clone();
    if pass
        .rejection
        .is_some_and(|rejection| rejection.reason == Reason::HandedOver)
    {
        let state = HandOverState::Taken;
        return previous.map(|known| HandOverStatus { state, ..known });
    }
    let Some((desired, observed)) = pass.desired.zip(pass.observed) else {
        return previous;
    };
    let offered = desired.distribution.tags.get(TAG_OFFERED_TO)?;
    let known = previous.filter(|known| known.to == *offered);
    let Some(tags) = observed.distribution.tags() else {
        return known;
    };
    if tags.get(TAG_OFFERED_TO) != Some(offered) {
        return None;
    }
    Some(HandOverStatus {
        to: offered.clone(),
        offered_at: known.map_or_else(|| moment(pass.now), |known| known.offered_at),
        state: if tags.get(TAG_RELEASED_TO) == Some(offered) {
            HandOverState::Taken
        } else {
            HandOverState::Offered
        },
    })
}

/// What is worth knowing while nobody has come for it.
#[must_use]
pub(super) fn worth_knowing(pass: &Pass<'_>) -> Option<String> {
    let offer = handover(pass).filter(|offer| offer.state == HandOverState::Offered)?;
    let to = Keeper::parse(&offer.to)?;
    Some(format!(
        "the perimeter is offered to {} of cluster {} since {}, and kept here until that one has come for it; taking spec.handOver out withdraws \
         the offer",
        to.object(),
        to.cluster,
        offer.offered_at
    ))
}
