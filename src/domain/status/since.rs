//! Since when a condition is what it is: told in its message, read back from there.

use super::conditions::{GROUPS, Pass, Verdict, is_good, types};
use super::meanwhile::is_awaited;
use crate::api::ProtectedApiStatus;
use crate::domain::access::lock;
use crate::domain::edge::names;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::shield::advanced;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// Adds generation and times: the transition time moves only with the status, and a message of something that is not
/// true, or is not yet as the spec asks, says since when its reason holds.
pub(super) fn stamped(pass: &Pass<'_>, verdict: Verdict) -> Condition {
    let before = pass
        .previous
        .conditions
        .iter()
        .find(|condition| condition.type_ == verdict.is);
    let unchanged = before.filter(|condition| condition.status == verdict.status);
    let last_transition_time = unchanged.map_or_else(
        || Time(pass.now),
        |condition| condition.last_transition_time.clone(),
    );
    let is_final = is_good(verdict.is, verdict.status) && !is_awaited(&verdict);
    let message = if is_final || verdict.status == "Unknown" {
        verdict.message
    } else {
        let since = before.and_then(|condition| since(condition, verdict.reason));
        let since = since.unwrap_or_else(|| pass.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        format!("{}{SINCE}{since})", verdict.message)
    };
    Condition {
        type_: verdict.is.to_owned(),
        status: verdict.status.to_owned(),
        reason: verdict.reason.as_str().to_owned(),
        message,
        observed_generation: pass.generation,
        last_transition_time,
    }
}

/// Stands before the time in a message.
const SINCE: &str = " (since ";

/// A condition's message, without since when its reason holds.
#[must_use]
pub fn undated(message: &str) -> &str {
    message.rsplit_once(SINCE).map_or(message, |(message, _)| message)
}

/// Since when the condition has had this reason, as its message says.
fn since(condition: &Condition, reason: Reason) -> Option<String> {
    if condition.reason != reason.as_str() {
        return None;
    }
    let (_, tail) = condition.message.rsplit_once(SINCE)?;
    Some(tail.trim_end_matches(')').to_owned())
}

/// Whether the condition `is` has had `reason` for longer than `within`, as the status before says.
pub(super) fn has_lasted(pass: &Pass<'_>, is: &str, reason: Reason, within: SignedDuration) -> bool {
    let mut conditions = pass.previous.conditions.iter();
    let condition = conditions.find(|condition| condition.type_ == is);
    let since = condition.and_then(|condition| since(condition, reason)?.parse::<Timestamp>().ok());
    since.is_some_and(|since| pass.now.duration_since(since) > within)
}

/// Since when the condition of `kind` has had `reason`, as the status before says.
#[must_use]
pub fn held_since(previous: &ProtectedApiStatus, kind: Kind, reason: Reason) -> Option<Timestamp> {
    let is = match kind {
        kind if lock::KINDS.contains(&kind) => types::ACCESS_RESTRICTED,
        kind if advanced::KINDS.contains(&kind) => types::SHIELD_PROTECTED,
        kind if names::KINDS.contains(&kind) => types::NAMES_READY,
        _ => GROUPS.iter().find(|group| group.1.contains(&kind))?.0,
    };
    let condition = previous
        .conditions
        .iter()
        .find(|condition| condition.type_ == is)?;
    since(condition, reason)?.parse().ok()
}
