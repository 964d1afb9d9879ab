//! What the share of blocked requests means for the rollout.

use super::Machine;
use crate::api::{HaltOn, MovingObject, ShareReading, UnjudgedObjects};
use crate::domain::rollout::member::{Member, Trouble};
use crate::domain::rollout::settings::{halts, pause};
use crate::domain::rollout::traffic::{has_risen, is_answered, trouble};
use jiff::Timestamp;

impl Machine<'_> {
    /// An object that moved, and of whose requests more are blocked than before.
    pub(super) fn more_blocked(&self) -> Option<(&Member, Trouble)> {
        let spec = self.declared.rollout;
        let mut judged = self.rollout.moving.iter().filter(|moving| self.is_judged(moving));
        judged.find_map(|moving| {
            let member = self.arrived(moving)?;
            let share = moving.blocked_share.as_ref()?;
            let has_risen = has_risen(spec, Some(share)) == Some(true);
            has_risen.then(|| (member, trouble(spec, share, self.now)))
        })
    }

    /// Whether the share of blocked requests decides when an object on the way has arrived.
    fn is_judged(&self, moving: &MovingObject) -> bool {
        moving.was_ready && halts(self.declared.rollout, HaltOn::BlockedShare)
    }

    /// Whether an object that is due to arrive at `due` need not be waited for to learn of its share.
    pub(super) fn is_counted(&self, member: &Member, moving: &MovingObject, due: Timestamp) -> bool {
        let share = moving.blocked_share.as_ref();
        let met = member.web_acl_since.filter(|since| *since <= self.now);
        let stood = met.and_then(|met| met.saturating_add(pause(self.declared.rollout)).ok());
        let due = stood.map_or(due, |stood| stood.max(due));
        !self.is_judged(moving) || is_answered(self.declared.rollout, share, due, self.now)
    }

    /// Shares that nobody asks for any more are not known.
    pub(super) fn forget_shares(&mut self) {
        if !halts(self.declared.rollout, HaltOn::BlockedShare) {
            self.rollout.unjudged = None;
            let moving = self.rollout.moving.iter_mut();
            moving.for_each(|moving| moving.blocked_share = None);
        }
    }

    /// Remembers that an object has arrived of which nobody knows whether more of its requests are blocked.
    pub(super) fn count_unjudged(&mut self, moving: &MovingObject) {
        let share = moving.blocked_share.as_ref();
        if !self.is_judged(moving) || has_risen(self.declared.rollout, share).is_some() {
            return;
        }
        let counts = self.rollout.unjudged.get_or_insert_with(UnjudgedObjects::default);
        let count = match share.map(|share| share.reading) {
            Some(ShareReading::Denied) => &mut counts.denied,
            Some(ShareReading::Failed) | None => counts.failed.get_or_insert(0),
            Some(ShareReading::Read) => &mut counts.quiet,
        };
        *count = count.saturating_add(1);
    }
}
