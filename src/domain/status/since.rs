//! Since when a condition has had its reason: a field of status, which limits are measured by. Messages say it as well, for people.

use super::conditions::{Pass, Verdict, condition_of, is_good};
use super::meanwhile::is_meanwhile;
use crate::api::ProtectedApiStatus;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::joined;
use crate::domain::kernel::words::moment;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use std::collections::BTreeMap;

/// Since when each of the conditions that are not as they should be has had its reason, by type (RFC 3339).
pub(super) fn reasons_since(pass: &Pass<'_>, verdicts: &[Verdict]) -> BTreeMap<String, String> {
    let timed = verdicts
        .iter()
        .filter(|verdict| is_timed(verdict.is, verdict.status, verdict.reason.as_str()));
    timed
        .map(|verdict| {
            let since = had_since(pass.previous, verdict.is, verdict.reason).unwrap_or(pass.now);
            (verdict.is.to_owned(), moment(since))
        })
        .collect()
}

/// Adds generation and times: the transition time moves only with the status, and a message of something that is not
/// true, or is not yet as the spec asks, says since when its reason holds.
pub(super) fn stamped(pass: &Pass<'_>, verdict: &Verdict, since: Option<&String>) -> Condition {
    let mut before = pass.previous.conditions.iter();
    let unchanged =
        before.find(|condition| condition.type_ == verdict.is && condition.status == verdict.status);
    let last_transition_time = unchanged.map_or_else(
        || Time(pass.now),
        |condition| condition.last_transition_time.clone(),
    );
    let message = joined(&verdict.message, verdict.remedy.as_deref());
    Condition {
        type_: verdict.is.to_owned(),
        status: verdict.status.to_owned(),
        reason: verdict.reason.as_str().to_owned(),
        message: match since {
            Some(since) => format!("{message}{SINCE}{since})"),
            None => message,
        },
        observed_generation: pass.generation,
        last_transition_time,
    }
}

/// Stands before the time in a message.
const SINCE: &str = " (since ";

/// A condition's message, without since when its reason holds: what is said again is dated anew.
#[must_use]
pub fn undated(message: &str) -> &str {
    message.rsplit_once(SINCE).map_or(message, |(message, _)| message)
}

/// Whether it matters how long a condition has had its reason: it is not as it should be, or not yet as the spec asks.
fn is_timed(is: &str, status: &str, reason: &str) -> bool {
    (!is_good(is, status) && status != "Unknown") || is_meanwhile(is, status, reason)
}

/// Since when the condition `is` has had `reason`, as the status before says. One that was written before there was the field
/// has had it since its last transition, as far as anybody knows.
fn had_since(previous: &ProtectedApiStatus, is: &str, reason: Reason) -> Option<Timestamp> {
    let mut conditions = previous.conditions.iter();
    let condition = conditions.find(|condition| condition.type_ == is)?;
    if condition.reason != reason.as_str() || !is_timed(is, &condition.status, &condition.reason) {
        return None;
    }
    match previous.reasons_since.get(is) {
        Some(since) => since.parse().ok(),
        None => Some(condition.last_transition_time.0),
    }
}

/// Whether the condition `is` has had `reason` for longer than `within`, as the status before says.
pub(super) fn has_lasted(pass: &Pass<'_>, is: &str, reason: Reason, within: SignedDuration) -> bool {
    let since = had_since(pass.previous, is, reason);
    since.is_some_and(|since| pass.now.duration_since(since) > within)
}

/// Since when the condition of `kind` has had `reason`, as the status before says.
#[must_use]
pub fn held_since(previous: &ProtectedApiStatus, kind: Kind, reason: Reason) -> Option<Timestamp> {
    had_since(previous, condition_of(kind)?, reason)
}

#[cfg(test)]
mod tests {
    use super::super::conditions::types;
    use super::*;
    use serde_json::json;

    fn status(field: Option<&str>, reason: Reason, message: &str) -> ProtectedApiStatus {
        let since = field.map(|since| json!({types::WEB_ACL_READY: since}));
        serde_json::from_value(json!({
            "conditions": [{"type": types::WEB_ACL_READY, "status": "False", "reason": reason.as_str(),
                "lastTransitionTime": "2026-01-01T00:00:00Z", "message": message}],
            "reasonsSince": since.unwrap_or(json!({})),
        }))
        .unwrap()
    }

    fn held(status: &ProtectedApiStatus) -> Option<String> {
        held_since(status, Kind::WebAcl, Reason::Propagating).map(|since| since.to_string())
    }

    #[test]
    fn a_limit_runs_from_the_field_whatever_the_message_says() {
        let said = "AWS has not caught up (since 2020-01-01T00:00:00Z)";
        let since = "2026-01-02T00:00:00Z";
        let found = status(Some(since), Reason::Propagating, said);
        assert_eq!(held(&found).as_deref(), Some(since));
        let other = status(Some(since), Reason::Deploying, said);
        assert_eq!(held(&other), None, "it has another reason");
    }

    #[test]
    fn what_an_earlier_version_wrote_goes_on_from_the_last_transition() {
        let found = status(None, Reason::Propagating, "AWS has not caught up");
        assert_eq!(held(&found).as_deref(), Some("2026-01-01T00:00:00Z"));
    }
}
