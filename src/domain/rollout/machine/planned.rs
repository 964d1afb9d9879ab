//! What a rollout comes to, told before it begins.

use super::Machine;
use crate::api::{RolloutState, RolloutStatus};
use crate::domain::kernel::words::moment;
use crate::domain::rollout::member::Member;
use crate::domain::rollout::outlook::plan;

impl Machine<'_> {
    /// Who comes to the revision after all others had it is not judged by how those stand since.
    pub(super) fn begin_again(&mut self, before: &RolloutStatus) {
        let was_over = before.state == RolloutState::Complete && before.revision == self.rollout.revision;
        if was_over && self.rollout.state != RolloutState::Complete {
            self.rollout.since = moment(self.now);
            self.rollout.resumed_at = None;
            self.rollout.unjudged = None;
            self.rollout.plan = None;
        }
    }

    /// What it comes to is told before the first object moves, and anew for as long as none may.
    pub(super) fn reckon(&mut self, movable: &[&Member]) {
        let is_at_rest = self.rollout.state == RolloutState::Suspended && self.rollout.moving.is_empty();
        // Who is on the way takes the new way as well.
        let on_the_way = self.members.iter().filter(|member| {
            let is_there = member.held.as_ref() == Some(&self.rollout.revision);
            member.can_move && self.is_moving(member) && !is_there
        });
        let members: Vec<&Member> = movable.iter().copied().chain(on_the_way).collect();
        if !members.is_empty() && (self.rollout.plan.is_none() || is_at_rest) {
            self.rollout.plan = Some(plan(&members));
        }
    }
}
