//! The share of an object's requests that AWS WAF blocks, before it moves and after.

use super::member::{Member, Trouble};
use super::settings::{are_shares_demanded, halts, most_rise};
use crate::api::{
    BlockedShare, ClassRollout, HaltOn, MovingObject, RequestCount, RolloutState, RolloutStatus, ShareReading,
};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// The counters are kept by the minute, and asked for no more often: each time costs money.
pub const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// So long before an object may move its requests are counted.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);
/// Of fewer requests a share says nothing.
const FEWEST: i64 = 100;
/// Of more requests than that, chance moves no share by a percentage point.
const MANY: i128 = 1_000_000;
/// An object of which so few are known is waited for so long after its pause. Counters come some minutes late.
const QUIET: SignedDuration = SignedDuration::from_mins(10);

/// Requests to a web ACL in the minute that began at a time: those that it blocked, or those that it allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Counted {
    pub web_acl: String,
    pub at: Timestamp,
    pub requests: i64,
    pub are_blocked: bool,
}

/// What became of asking for the counters of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// They are these.
    Counted(Vec<Counted>),
    /// They may not be read.
    Denied,
    /// They could not be read.
    Failed,
}

/// Whether the counters of objects on the way are to be asked for at `now`.
#[must_use]
pub fn is_due(spec: &ClassRollout, rollout: &RolloutStatus, now: Timestamp) -> bool {
    let is_halted = rollout.state == RolloutState::Halted;
    let shares = rollout
        .moving
        .iter()
        .filter_map(|moving| moving.blocked_share.as_ref());
    let asked = shares.filter_map(asked_at).filter(|asked| *asked <= now);
    let is_fresh = asked
        .max()
        .is_some_and(|asked| now.duration_since(asked) < MINUTE);
    halts(spec, HaltOn::BlockedShare) && !is_halted && !is_fresh
}

/// From when on the counters of objects on the way are of interest.
#[must_use]
pub fn counted_from(rollout: &RolloutStatus) -> Option<Timestamp> {
    let moving = rollout.moving.iter();
    let first = moving.filter_map(|moving| time(&moving.since)).min()?;
    first.checked_sub(BEFORE).ok()
}

/// What is remembered, with what was asked for at `now`, by UID. Before AWS has what an object asks for, its requests say nothing of
/// the revision.
#[must_use]
pub fn noted(
    mut rollout: RolloutStatus,
    members: &[Member],
    answers: &BTreeMap<String, Answer>,
    now: Timestamp,
) -> RolloutStatus {
    for moving in &mut rollout.moving {
        let Some(answer) = answers.get(&moving.uid) else {
            continue;
        };
        let mut members = members.iter().filter(|member| member.uid == moving.uid);
        let is_there =
            |member: &&Member| member.held.as_ref() == Some(&rollout.revision) && member.is_applied;
        if let Some(member) = members.find(is_there) {
            // Until AWS had the web ACL, viewers met the former one.
            let met = member.web_acl_since.filter(|since| *since <= now);
            let arrived = member.since.map(|since| met.map_or(since, |met| met.max(since)));
            moving.blocked_share = Some(share(moving, arrived, answer, now));
        }
    }
    rollout
}

fn share(moving: &MovingObject, arrived: Option<Timestamp>, answer: &Answer, now: Timestamp) -> BlockedShare {
    let known = moving.blocked_share.clone().unwrap_or_default();
    let asked = BlockedShare {
        asked_at: Some(moment(now)),
        ..known
    };
    let counted = match answer {
        Answer::Counted(counted) => counted,
        Answer::Denied => return with(asked, ShareReading::Denied),
        Answer::Failed => return with(asked, ShareReading::Failed),
    };
    let since = time(&moving.since).unwrap_or(now);
    let sum = |is_meant: &dyn Fn(Timestamp) -> bool| {
        let mut sum = RequestCount::default();
        for minute in counted.iter().filter(|minute| is_meant(minute.at)) {
            sum.requests = sum.requests.saturating_add(minute.requests);
            if minute.are_blocked {
                sum.blocked = sum.blocked.saturating_add(minute.requests);
            }
        }
        sum
    };
    let is_before = |at: Timestamp| {
        let ago = since.duration_since(at);
        ago >= MINUTE && ago <= BEFORE
    };
    // What was before the first of several changes is kept: after it, more may be blocked already.
    let before = asked.before.or_else(|| Some(sum(&is_before)));
    let after = arrived.map(|arrived| sum(&|at| at >= arrived.max(since)));
    BlockedShare {
        before,
        after,
        ..with(asked, ShareReading::Read)
    }
}

fn with(share: BlockedShare, reading: ShareReading) -> BlockedShare {
    BlockedShare { reading, ..share }
}

/// What is kept of a share where its object moves on to another revision: what was so before its first move.
#[must_use]
pub fn carried_on(share: &BlockedShare) -> Option<BlockedShare> {
    share.before.map(|before| BlockedShare {
        before: Some(before),
        ..BlockedShare::default()
    })
}

/// Whether more of the object's requests are blocked than may be, and than chance brings about; `None` where too few are known.
#[must_use]
pub fn has_risen(spec: &ClassRollout, share: Option<&BlockedShare>) -> Option<bool> {
    let share = share?;
    let enough = |count: Option<RequestCount>| count.filter(|count| count.requests >= FEWEST);
    let (before, after) = (enough(share.before)?, enough(share.after)?);
    let [of_before, of_after] = [before, after].map(|count| i128::from(count.requests));
    let blocked = i128::from(after.blocked) * of_before - i128::from(before.blocked) * of_after;
    let has_risen = blocked * 100 > i128::from(most_rise(spec)) * of_before * of_after;
    Some(has_risen && !may_be_chance(before, after, blocked))
}

/// Whether shares of the same requests, of which a few more or less are blocked in any hour, may differ so: by up to three standard
/// deviations. `rise` is the difference of both, times the requests of both.
fn may_be_chance(before: RequestCount, after: RequestCount, rise: i128) -> bool {
    let [of_before, of_after] = [before, after].map(|count| i128::from(count.requests));
    let all = of_before + of_after;
    if all > MANY {
        return false;
    }
    let blocked = i128::from(before.blocked) + i128::from(after.blocked);
    rise * rise * all <= 9 * blocked * (all - blocked) * of_before * of_after
}

/// Whether an object that is due to arrive at `due` need not be waited for at `now` to learn of its share.
#[must_use]
pub fn is_answered(
    spec: &ClassRollout,
    share: Option<&BlockedShare>,
    due: Timestamp,
    now: Timestamp,
) -> bool {
    let is_demanded = are_shares_demanded(spec);
    if !is_demanded && now.duration_since(due) >= QUIET {
        return true;
    }
    let Some(share) = share else { return false };
    if share.before.is_some_and(|before| before.requests < FEWEST) {
        // However long it is waited for, there is nothing to compare with.
        return true;
    }
    let asked = asked_at(share).filter(|asked| *asked >= due);
    match (share.reading, asked) {
        (ShareReading::Denied, _) => true,
        (ShareReading::Failed, asked) => !is_demanded && asked.is_some(),
        (ShareReading::Read, None) => false,
        (ShareReading::Read, Some(asked)) => match has_risen(spec, Some(share)) {
            Some(has_risen) => !has_risen,
            None => asked.duration_since(due) >= QUIET,
        },
    }
}

/// What is wrong with an object of whose requests too many are blocked.
#[must_use]
pub fn trouble(spec: &ClassRollout, share: &BlockedShare, now: Timestamp) -> Trouble {
    let said = |count: Option<RequestCount>| {
        let RequestCount { requests, blocked } = count.unwrap_or_default();
        let tenths = blocked.saturating_mul(1000) / requests.max(1);
        format!("{}.{}% ({blocked} of {requests})", tenths / 10, tenths % 10)
    };
    Trouble {
        reason: Reason::BlockedShareRose.as_str().to_owned(),
        message: format!(
            "AWS WAF blocks {} of its requests since it goes by the revision, and {} in the hour before: spec.rollout.maxBlockedRise \
             allows {} percentage points more. WAF's sampled requests show who is blocked, and by which rule",
            said(share.after),
            said(share.before),
            most_rise(spec)
        ),
        since: now,
    }
}

fn asked_at(share: &BlockedShare) -> Option<Timestamp> {
    share.asked_at.as_deref().and_then(time)
}

fn time(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
