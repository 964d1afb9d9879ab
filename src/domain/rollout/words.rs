//! What is said of a rollout, in conditions and events.

use super::member::{Health, Member, Trouble};
use super::settings::MOST_KEPT;
use crate::api::{
    MovingObject, RESUME_ROLLOUT, RolloutPlan, RolloutState, RolloutStatus, ShareReading, UNDO_ROLLOUT,
};
use crate::domain::cost::prices::CURRENCY;
use crate::domain::kernel::reason::Reason;
use jiff::Timestamp;

/// So many objects on the way are named.
const NAMED: usize = 3;

/// What a person would want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Why.
    pub reason: Reason,
    /// The sentence for people.
    pub message: String,
    /// Whether something is wrong.
    pub is_warning: bool,
}

/// The reason that the condition `RolledOut` of the class carries.
#[must_use]
pub fn reason(rollout: &RolloutStatus) -> Reason {
    match rollout.state {
        RolloutState::Complete => Reason::RolledOut,
        RolloutState::Progressing => Reason::RollingOut,
        RolloutState::Suspended => Reason::Suspended,
        RolloutState::Halted => Reason::RolloutHalted,
        RolloutState::Waiting => Reason::RolloutWaiting,
    }
}

/// How the rollout stands, and what to do where it does not go on by itself.
#[must_use]
pub fn said(rollout: &RolloutStatus) -> String {
    let (revision, moved, remaining) = (&rollout.revision, rollout.moved, rollout.remaining);
    let stands = match rollout.state {
        RolloutState::Complete => match rollout.held {
            Some(held) => format!(
                "{moved} objects go by revision {revision}; {held} that are suspended, being deleted or on the way to another class keep what they have"
            ),
            None if moved == 0 => format!("no object goes by the class, which is at revision {revision}"),
            None => format!("all {moved} objects go by revision {revision}"),
        },
        RolloutState::Progressing => progress(rollout),
        RolloutState::Suspended => format!(
            "spec.rollout.suspend is true: no further object moves to revision {revision} until it is false; {moved} have moved, \
             {remaining} have not"
        ),
        RolloutState::Halted => halted(rollout),
        RolloutState::Waiting => format!(
            "the class was changed while objects went by {MOST_KEPT} of its revisions already, and no more are kept: they go to \
             revision {revision} first; {}",
            progress(rollout)
        ),
    };
    format!("{stands}{}{}", planned(rollout), unjudged(rollout))
}

/// What was reckoned before the first object moved, while the rollout is under way.
fn planned(rollout: &RolloutStatus) -> String {
    let is_over = matches!(rollout.state, RolloutState::Complete | RolloutState::Halted);
    let Some(plan) = rollout.plan.as_ref().filter(|_| !is_over) else {
        return String::new();
    };
    let unknown = match plan.unknown {
        0 => String::new(),
        unknown => format!(", {unknown} could not be reckoned"),
    };
    format!(
        "; its plan: of {} objects {} change, {} of them visibly to viewers, {} were refused when it was reckoned{unknown}; together they \
         cost {} {CURRENCY} a month, {} before; AWS takes about {} s for one at most{}{}",
        plan.objects,
        plan.changed,
        plan.visible,
        plan.refused,
        plan.monthly_after,
        plan.monthly_before,
        plan.longest_wait_seconds,
        refused(plan),
        without_canary(plan)
    )
}

/// That no canary goes before the others.
fn without_canary(plan: &RolloutPlan) -> &'static str {
    if plan.without_canary == Some(true) {
        "; all canaries were refused, so that it moves without a canary before the others"
    } else {
        ""
    }
}

/// Who would be refused, by name.
fn refused(plan: &RolloutPlan) -> String {
    let named = plan.refusals.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|refusal| format!("{} ({}: {})", refusal.object, refusal.reason, refusal.message))
        .collect();
    if named.is_empty() {
        return String::new();
    }
    let listed = i64::try_from(named.len()).unwrap_or(i64::MAX);
    let more = match plan.refused.saturating_sub(listed) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!(
        "; these were refused, and are last in the order: {}{more}",
        named.join(", ")
    )
}

/// Of how many objects nobody knows whether more of their requests are blocked.
fn unjudged(rollout: &RolloutStatus) -> String {
    let readings = rollout
        .moving
        .iter()
        .filter_map(|moving| moving.blocked_share.as_ref());
    let moving = readings
        .filter(|share| share.reading == ShareReading::Denied)
        .count();
    let counts = rollout.unjudged.clone().unwrap_or_default();
    let denied = counts
        .denied
        .saturating_add(i64::try_from(moving).unwrap_or(i64::MAX));
    let not_read = (denied > 0).then(|| {
        format!(
            "; the share of requests that AWS WAF blocks is not read for {denied} of them: allow cloudwatch:GetMetricData (palisade \
             iam-policy --traffic), or write spec.rollout.haltOn without BlockedShare"
        )
    });
    let failed = counts.failed.map(|failed| {
        format!("; for {failed} of them the share of requests that AWS WAF blocks could not be read from CloudWatch")
    });
    let quiet = counts.quiet;
    let quiet = (quiet > 0).then(|| {
        format!("; {quiet} of them had too few requests to tell whether AWS WAF blocks a larger share")
    });
    not_read.into_iter().chain(failed).chain(quiet).collect()
}

fn progress(rollout: &RolloutStatus) -> String {
    let mut named: Vec<&str> = rollout
        .moving
        .iter()
        .map(|moving| moving.object.as_str())
        .collect();
    let more = named.len().saturating_sub(NAMED);
    named.truncate(NAMED);
    let on_the_way = match (named.is_empty(), more) {
        (true, _) => "none is on the way".to_owned(),
        (false, 0) => format!("on the way: {}", named.join(", ")),
        (false, more) => format!("on the way: {} and {more} more", named.join(", ")),
    };
    let waits = rollout.waits_for.as_ref().map_or_else(String::new, |canary| {
        format!("; waits for canary {canary}, which is neither ready nor failed")
    });
    format!(
        "revision {}: {} objects have moved, {} have yet to move; {on_the_way}{waits}",
        rollout.revision, rollout.moved, rollout.remaining
    )
}

/// What is wrong with an object that should have arrived at `revision`.
#[must_use]
pub fn not_arrived(member: &Member, moving: &MovingObject, revision: &str, now: Timestamp) -> Trouble {
    let share = moving.blocked_share.as_ref();
    let is_uncounted =
        share.is_some_and(|share| share.asked_at.is_some() && share.reading == ShareReading::Failed);
    let how = match &member.health {
        _ if member.held.as_deref() != Some(revision) => "it does not go by the revision",
        Health::Unsettled => "it is neither ready nor failed",
        Health::Ready if is_uncounted => {
            "it is ready, but the requests that AWS WAF blocked and allowed could not be read from CloudWatch"
        }
        Health::Ready => "it is ready, but was not read and probed again",
        Health::Refused(trouble) | Health::Stalled(trouble) => {
            return Trouble {
                since: now,
                ..trouble.clone()
            };
        }
    };
    Trouble {
        reason: Reason::InProgress.as_str().to_owned(),
        message: format!(
            "{how}, more than an hour after it should have arrived; its own conditions say more"
        ),
        since: now,
    }
}

fn halted(rollout: &RolloutStatus) -> String {
    let revision = &rollout.revision;
    let by = rollout.halted_by.as_ref();
    let by = by.map_or_else(String::new, |by| {
        format!(" by {} ({}: {})", by.object, by.reason, by.message)
    });
    let undo = match &rollout.completed {
        Some(completed) if completed != revision => format!(
            ", have objects go back to revision {completed} by the annotation {UNDO_ROLLOUT}: {revision}"
        ),
        _ => String::new(),
    };
    format!(
        "the rollout of revision {revision} is halted{by}. {} objects have moved, {} keep what they have. Change the class{undo}, or \
         go on with a new text in the annotation {RESUME_ROLLOUT}",
        rollout.moved, rollout.remaining
    )
}

/// Whether a rollout begins that some of its objects refuse.
fn is_refused(rollout: &RolloutStatus) -> bool {
    let is_over = rollout.state == RolloutState::Complete;
    !is_over && rollout.plan.as_ref().is_some_and(|plan| plan.refused > 0)
}

/// What is new in a rollout.
#[must_use]
pub fn news(before: Option<&RolloutStatus>, after: &RolloutStatus) -> Option<News> {
    let is_same = before.is_some_and(|before| before.revision == after.revision);
    let was = before.filter(|_| is_same).map(|before| before.state);
    if was == Some(after.state) {
        return None;
    }
    // A class that nobody goes by is rolled out as it is made.
    if before.is_none() && after.state == RolloutState::Complete {
        return None;
    }
    Some(News {
        reason: reason(after),
        message: said(after),
        is_warning: matches!(after.state, RolloutState::Halted | RolloutState::Waiting) || is_refused(after),
    })
}
