//! Whose turn it is to move.

use super::{Machine, time};
use crate::api::MovingObject;
use crate::domain::kernel::words::moment;
use crate::domain::rollout::member::{Health, Member};
use crate::domain::rollout::settings::{MOST_MOVING, at_a_time};
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// A canary that is neither in order nor known not to be is waited for so long, from when the rollout began or was resumed.
const CANARY_PATIENCE: SignedDuration = SignedDuration::from_mins(10);

impl<'a> Machine<'a> {
    /// Who has yet to move, in order.
    pub(super) fn movable(&self) -> Vec<&'a Member> {
        let left = |member: &&Member| member.can_move && !self.is_moving(member) && !self.is_there(member);
        let mut left: Vec<&'a Member> = self.members.iter().filter(left).collect();
        left.sort_by_key(|member| (self.rank(member), member.object.as_str()));
        left
    }

    /// First whoever suffers from a revision that is given up and is not refused by the new one, then canaries, then who is not in order
    /// for another cause: what they come to proves nothing. Last those whom the revision refuses, and their stages: they would hold up
    /// whoever it suits.
    fn rank(&self, member: &Member) -> u8 {
        let is_given_up = member.held.is_some() && member.held != self.rollout.completed;
        let is_rescued = is_given_up && !member.would_be_refused();
        match member.health {
            Health::Refused(_) | Health::Stalled(_) if is_rescued => 0,
            _ if self.refused.contains(member.api.as_str()) => 5,
            _ if self.comes_first(member) => 1,
            Health::Ready => 2,
            Health::Unsettled => 3,
            Health::Refused(_) | Health::Stalled(_) => 4,
        }
    }

    /// Whether all others wait for the member: it is a canary, and not one that has not come to rest for long.
    fn comes_first(&self, member: &Member) -> bool {
        let rollout = &self.rollout;
        let begun = rollout.resumed_at.as_ref().unwrap_or(&rollout.since);
        let begun = time(begun).unwrap_or(self.now);
        let is_waited_for = self.now.duration_since(begun) < CANARY_PATIENCE;
        let is_refused = self.refused.contains(member.api.as_str());
        member.is_canary && !is_refused && (member.health != Health::Unsettled || is_waited_for)
    }

    /// The canary that others wait for, and that has not begun to move.
    pub(super) fn awaited_canary(&self, movable: &[&'a Member]) -> Option<String> {
        let is_awaited = |member: &&&Member| {
            member.health == Health::Unsettled && self.comes_first(member) && !self.is_moving(member)
        };
        movable
            .iter()
            .find(is_awaited)
            .map(|member| member.object.clone())
    }

    /// Whoever is left of an API that is on the way comes along: by two revisions, its stages may contradict each other.
    pub(super) fn take_along(&mut self, movable: &[&'a Member]) {
        let on_the_way = self.on_the_way();
        let left = movable.iter().copied();
        let left: Vec<&Member> = left
            .filter(|member| on_the_way.contains(member.api.as_str()))
            .collect();
        self.start(&left);
    }

    /// Lets as many APIs move as may, each with all its stages. No other one does before the canaries have arrived.
    pub(super) fn let_move(&mut self, movable: &[&'a Member]) {
        let apis: BTreeSet<&str> = self.members.iter().map(|member| member.api.as_str()).collect();
        let most = at_a_time(self.declared.rollout, apis.len());
        let mut room = most.saturating_sub(self.on_the_way().len());
        for first in self.in_turn(movable) {
            if room == 0 {
                return;
            }
            if self.is_moving(first) {
                continue;
            }
            let stages = movable.iter().copied();
            let stages: Vec<&Member> = stages
                .filter(|member| member.api == first.api && !self.is_moving(member))
                .collect();
            let all = self.rollout.moving.len().saturating_add(stages.len());
            if all > MOST_MOVING && !self.rollout.moving.is_empty() {
                return;
            }
            self.start(&stages);
            room = room.saturating_sub(1);
        }
    }

    /// Who may move now, in order.
    fn in_turn(&self, movable: &[&'a Member]) -> Vec<&'a Member> {
        let is_canary_due = movable.iter().any(|member| self.comes_first(member))
            || self
                .members
                .iter()
                .any(|member| member.is_canary && self.is_moving(member));
        let is_in_turn = |member: &Member| {
            if self.comes_first(member) {
                // Of one that is neither in order nor known not to be, nothing could be told after its move.
                member.health != Health::Unsettled
            } else {
                !is_canary_due
            }
        };
        let may = movable.iter().copied();
        may.filter(|member| is_in_turn(member) || self.rank(member) == 0)
            .collect()
    }

    /// The APIs of which an object is on the way.
    fn on_the_way(&self) -> BTreeSet<&'a str> {
        let moving = self.rollout.moving.iter();
        let members = moving.filter_map(|moving| self.by_uid.get(moving.uid.as_str()).copied());
        members.map(|member| member.api.as_str()).collect()
    }

    /// Has these move, as many as the status has room for.
    fn start(&mut self, members: &[&Member]) {
        let room = MOST_MOVING.saturating_sub(self.rollout.moving.len());
        let since = moment(self.now);
        let started = members.iter().take(room).map(|member| MovingObject {
            object: member.object.clone(),
            uid: member.uid.clone(),
            since: since.clone(),
            was_ready: member.health == Health::Ready,
            blocked_share: None,
        });
        self.rollout.moving.extend(started);
    }
}
