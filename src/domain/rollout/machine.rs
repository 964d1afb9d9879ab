//! What is next in the rollout of a class: pure, from what is declared, remembered and seen of the objects.

use super::goes_by::entry;
use super::member::{Health, Member, Trouble};
use super::settings::{MOST_KEPT, halts, pause};
use super::traffic::carried_on;
use super::words::not_arrived;
use crate::api::{ClassRollout, HaltOn, HaltedBy, MovingObject, RolloutState, RolloutStatus};
use crate::domain::kernel::words::moment;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

mod planned;
mod shares;
mod turns;

/// What was wrong before a change is believed to be wrong after it once the change had so long to arrive.
const GRACE: SignedDuration = SignedDuration::from_mins(1);
/// An object on the way that does not arrive is waited for so long, besides the time that it has to stand the revision.
const ARRIVAL_PATIENCE: SignedDuration = SignedDuration::from_hours(1);
/// While objects are on the way or waited for, the class is looked at so often besides: whoever has to be waited for may not change.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);
/// Longest text of a condition that is kept.
const MOST_TEXT: usize = 512;

/// What a class says of its rollout.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// The revision of its spec.
    pub revision: &'a str,
    /// `spec.rollout`.
    pub rollout: &'a ClassRollout,
    /// The text of the annotation that resumes.
    pub resume: Option<&'a str>,
    /// The revision that is taken back.
    pub undo: Option<&'a str>,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// What is remembered from now on. It is written before any object acts by it.
    pub rollout: RolloutStatus,
    /// The revisions that are kept, for all who go by one or may.
    pub kept: BTreeSet<String>,
    /// When to look at the class again, whatever happens.
    pub again_in: Option<SignedDuration>,
}

/// What is next for a class.
#[must_use]
pub fn next(
    declared: &Declared<'_>,
    before: Option<&RolloutStatus>,
    members: &[Member],
    now: Timestamp,
) -> Next {
    let none = RolloutStatus::default();
    let before = before.unwrap_or(&none);
    let (target, waits) = target(declared, before, members);
    let refused = members
        .iter()
        .filter(|member| member.held.as_ref() != Some(&target))
        .filter(|member| member.can_move && member.would_be_refused())
        .map(|member| member.api.as_str())
        .collect();
    let by_uid = members
        .iter()
        .map(|member| (member.uid.as_str(), member))
        .collect();
    let mut machine = Machine {
        declared,
        rollout: begun(declared, before, &target, now),
        members,
        by_uid,
        refused,
        now,
    };
    machine.forget_shares();
    machine.resume();
    machine.halt();
    machine.settle();
    let movable = machine.movable();
    machine.rollout.state = machine.state(waits, movable.is_empty());
    machine.begin_again(before);
    machine.reckon(&movable);
    let is_open = matches!(
        machine.rollout.state,
        RolloutState::Progressing | RolloutState::Waiting
    );
    machine.rollout.waits_for = None;
    if machine.rollout.state != RolloutState::Halted {
        machine.take_along(&movable);
    }
    if is_open {
        machine.let_move(&movable);
        machine.rollout.waits_for = machine.awaited_canary(&movable);
    }
    if machine.rollout.state == RolloutState::Complete {
        machine.rollout.completed = Some(target);
    }
    machine.count();
    let mut kept = in_use(members, &machine.rollout);
    kept.insert(machine.rollout.revision.clone());
    let is_awaited = !machine.rollout.moving.is_empty() || machine.rollout.waits_for.is_some();
    Next {
        again_in: is_awaited.then_some(AGAIN),
        rollout: machine.rollout,
        kept,
    }
}

/// The revisions that objects go by, or may come to the class by.
fn in_use<'m>(members: impl IntoIterator<Item = &'m Member>, rollout: &RolloutStatus) -> BTreeSet<String> {
    let held = members.into_iter().filter_map(|member| member.held.clone());
    held.chain(rollout.completed.clone()).collect()
}

/// The revision that objects go to.
#[must_use]
pub fn heads_for(declared: &Declared<'_>, before: Option<&RolloutStatus>, members: &[Member]) -> String {
    let none = RolloutStatus::default();
    target(declared, before.unwrap_or(&none), members).0
}

/// Where objects go, and whether what is declared has to wait until another revision is given up.
fn target(declared: &Declared<'_>, before: &RolloutStatus, members: &[Member]) -> (String, bool) {
    // Whoever cannot move, perhaps for ever, keeps no revision from the others.
    let in_use = in_use(members.iter().filter(|member| member.can_move), before);
    let is_undone = declared.undo == Some(declared.revision);
    let wanted = match &before.completed {
        Some(completed) if is_undone => completed.as_str(),
        _ => declared.revision,
    };
    let has_room = in_use.contains(wanted) || in_use.len() < MOST_KEPT || before.revision == wanted;
    let target = if has_room {
        wanted
    } else {
        before.completed.as_ref().unwrap_or(&before.revision).as_str()
    };
    (target.to_owned(), !has_room)
}

/// What is remembered, begun anew where objects go somewhere else than before. Who is on the way then takes the new way.
fn begun(declared: &Declared<'_>, before: &RolloutStatus, target: &str, now: Timestamp) -> RolloutStatus {
    if before.revision == target {
        return before.clone();
    }
    let since = moment(now);
    let moving = before.moving.iter().map(|moving| MovingObject {
        since: since.clone(),
        blocked_share: moving.blocked_share.as_ref().and_then(carried_on),
        ..moving.clone()
    });
    RolloutStatus {
        revision: target.to_owned(),
        moving: moving.collect(),
        since,
        completed: before.completed.clone(),
        resume_seen: declared.resume.map(ToOwned::to_owned),
        ..RolloutStatus::default()
    }
}

struct Machine<'a> {
    declared: &'a Declared<'a>,
    rollout: RolloutStatus,
    members: &'a [Member],
    by_uid: BTreeMap<&'a str, &'a Member>,
    /// The APIs of which an object would be refused: all their stages move together.
    refused: BTreeSet<&'a str>,
    now: Timestamp,
}

impl Machine<'_> {
    /// A new text of the annotation lets a halted rollout go on; the object that halted it is taken as it is.
    fn resume(&mut self) {
        let asked = self.declared.resume.map(ToOwned::to_owned);
        if self.rollout.halted_by.is_none() || asked.is_none() || asked == self.rollout.resume_seen {
            return;
        }
        if let Some(by) = self.rollout.halted_by.take() {
            let moving = self.rollout.moving.iter_mut();
            moving
                .filter(|moving| moving.uid == by.uid)
                .for_each(|moving| moving.was_ready = false);
        }
        self.rollout.resume_seen = asked;
        self.rollout.resumed_at = Some(moment(self.now));
    }

    /// The first object that is worse for its move, or does not arrive, halts the rollout.
    fn halt(&mut self) {
        if self.rollout.halted_by.is_some() {
            return;
        }
        let blamed = self.blamed().map(|(member, trouble)| (member, trouble.clone()));
        let blamed = blamed.or_else(|| self.more_blocked()).or_else(|| self.overdue());
        let Some((member, trouble)) = blamed else {
            return;
        };
        self.rollout.halted_by = Some(HaltedBy {
            object: member.object.clone(),
            uid: member.uid.clone(),
            reason: trouble.reason,
            message: trouble.message.chars().take(MOST_TEXT).collect(),
            at: moment(self.now),
        });
        self.rollout.resume_seen = self.declared.resume.map(ToOwned::to_owned);
    }

    fn blamed(&self) -> Option<(&Member, &Trouble)> {
        let on_the_way = self.rollout.moving.iter().filter(|moving| moving.was_ready);
        let on_the_way = on_the_way.filter_map(|moving| {
            let member = self.arrived(moving)?;
            let trouble = self.halting(member)?;
            // While AWS carries a change, viewers meet what was before as well.
            let is_told_apart = member.is_applied || matches!(member.health, Health::Stalled(_));
            let since = time(&moving.since)?;
            let is_new = trouble.since >= since;
            let arrival = self.arrival(member, moving);
            let has_stood = |at: Timestamp| at.duration_since(arrival) >= GRACE;
            let is_worse = is_new || self.verified(member).is_some_and(has_stood);
            (is_told_apart && is_worse).then_some((member, trouble))
        });
        // Whoever has arrived may be refused later. Who did not move proves nothing of the revision.
        let judged_from = self.rollout.resumed_at.as_ref().unwrap_or(&self.rollout.since);
        let judged_from = time(judged_from).unwrap_or(self.now);
        let is_under_way = self.rollout.state != RolloutState::Complete;
        let there = self
            .members
            .iter()
            .filter(|member| is_under_way && self.is_there(member) && self.has_moved_in_order(member));
        let there = there.filter_map(|member| {
            let Health::Refused(trouble) = &member.health else {
                return None;
            };
            let is_blamed =
                trouble.since > judged_from && halts(self.declared.rollout, HaltOn::ViewersRefused);
            is_blamed.then_some((member, trouble))
        });
        on_the_way.chain(there).next()
    }

    /// Whether a member was ready before its move in this rollout.
    fn has_moved_in_order(&self, member: &Member) -> bool {
        let has_moved = self
            .verified(member)
            .zip(time(&self.rollout.since))
            .is_some_and(|(at, begun)| at >= begun);
        has_moved && member.was_ready == Some(true)
    }

    /// An object on the way that would be waited for without end.
    fn overdue(&self) -> Option<(&Member, Trouble)> {
        let resumed = self.rollout.resumed_at.as_deref().and_then(time);
        self.rollout.moving.iter().find_map(|moving| {
            let member = *self.by_uid.get(moving.uid.as_str())?;
            let begun = time(&moving.since)?;
            let since = resumed.map_or(begun, |resumed| resumed.max(begun));
            let is_waited_for = member.can_move && !self.has_settled(moving);
            let is_overdue = is_waited_for && self.is_late(since);
            is_overdue.then(|| {
                (
                    member,
                    not_arrived(member, moving, &self.rollout.revision, self.now),
                )
            })
        })
    }

    /// Whether an object that may move since then should have arrived.
    fn is_late(&self, since: Timestamp) -> bool {
        self.now.duration_since(since) >= pause(self.declared.rollout).saturating_add(ARRIVAL_PATIENCE)
    }

    fn halting<'m>(&self, member: &'m Member) -> Option<&'m Trouble> {
        let (what, trouble) = match &member.health {
            Health::Refused(trouble) => (HaltOn::ViewersRefused, trouble),
            Health::Stalled(trouble) => (HaltOn::Stalled, trouble),
            Health::Ready | Health::Unsettled => return None,
        };
        halts(self.declared.rollout, what).then_some(trouble)
    }

    /// Whether a member is in a trouble that is not to halt anything.
    fn is_tolerated(&self, member: &Member) -> bool {
        let is_in_trouble = matches!(member.health, Health::Refused(_) | Health::Stalled(_));
        is_in_trouble && self.halting(member).is_none()
    }

    /// The member that is on the way, once it goes by the revision.
    fn arrived(&self, moving: &MovingObject) -> Option<&Member> {
        let member = *self.by_uid.get(moving.uid.as_str())?;
        (member.held.as_ref() == Some(&self.rollout.revision)).then_some(member)
    }

    /// Since when a member that arrived goes by the revision. A time that is missing or in the future counts as now.
    fn arrival(&self, member: &Member, moving: &MovingObject) -> Timestamp {
        let since = member
            .since
            .filter(|since| *since <= self.now)
            .unwrap_or(self.now);
        since.max(time(&moving.since).unwrap_or(self.now))
    }

    /// When a member was looked at last while it moved. A time in the future proves nothing.
    fn verified(&self, member: &Member) -> Option<Timestamp> {
        member.verified_at.filter(|at| *at <= self.now)
    }

    /// Whether a member that moved was looked at after its pause, and is as good as it was before. One of which nothing is to be
    /// proven is not waited for without end.
    fn has_settled(&self, moving: &MovingObject) -> bool {
        let Some(member) = self.arrived(moving) else {
            return false;
        };
        let pause = pause(self.declared.rollout);
        let due = self.arrival(member, moving).saturating_add(pause).ok();
        let is_looked_at = self.verified(member).zip(due).is_some_and(|(at, due)| at >= due);
        let is_counted = due.is_some_and(|due| self.is_counted(member, moving, due));
        let has_come_to_rest = member.is_applied || matches!(member.health, Health::Stalled(_));
        let is_taken_as_it_is = !moving.was_ready || self.is_tolerated(member);
        let is_late = time(&moving.since).is_some_and(|since| self.is_late(since));
        let is_good = member.health == Health::Ready || (is_taken_as_it_is && has_come_to_rest);
        (is_looked_at && is_good && is_counted) || (is_taken_as_it_is && is_late)
    }

    /// Who is settled, gone or cannot move any more is not on the way.
    fn settle(&mut self) {
        let moving = std::mem::take(&mut self.rollout.moving);
        for moving in moving {
            let member = self.by_uid.get(moving.uid.as_str());
            if member.is_none_or(|member| !member.can_move) {
                continue;
            }
            if self.has_settled(&moving) {
                self.count_unjudged(&moving);
            } else {
                self.rollout.moving.push(moving);
            }
        }
    }

    fn is_moving(&self, member: &Member) -> bool {
        self.rollout.moving.iter().any(|moving| moving.uid == member.uid)
    }

    /// Whether the member has moved, or will come to the right revision by itself.
    fn is_there(&self, member: &Member) -> bool {
        let held = member.held.as_ref();
        let comes = held.is_none() && member.joins_at_once && entry(&self.rollout) == self.rollout.revision;
        !self.is_moving(member) && (comes || held == Some(&self.rollout.revision))
    }

    fn state(&self, waits: bool, is_all_done: bool) -> RolloutState {
        let is_complete = is_all_done && self.rollout.moving.is_empty();
        if self.rollout.halted_by.is_some() {
            RolloutState::Halted
        } else if is_complete && !waits {
            RolloutState::Complete
        } else if self.declared.rollout.suspend == Some(true) {
            RolloutState::Suspended
        } else if waits {
            RolloutState::Waiting
        } else {
            RolloutState::Progressing
        }
    }

    fn count(&mut self) {
        let is_left = |member: &&Member| !self.is_moving(member) && !self.is_there(member);
        let (left, held): (Vec<&Member>, Vec<&Member>) = self
            .members
            .iter()
            .filter(is_left)
            .partition(|member| member.can_move);
        let there = self.members.iter().filter(|member| self.is_there(member)).count();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let (left, held, there) = (count(left.len()), count(held.len()), count(there));
        self.rollout.moved = there;
        self.rollout.remaining = left;
        self.rollout.held = (held > 0).then_some(held);
    }
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
