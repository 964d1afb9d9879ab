//! `spec.rollout` with its baseline.

use crate::api::{ClassRollout, HaltOn};
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use std::collections::BTreeMap;

/// So many objects move at a time whatever is declared: their calls to AWS leave room for locks that are put back.
pub const MOST_MOVING: usize = 50;
/// So many revisions are kept for those who go by them.
pub const MOST_KEPT: usize = 5;
/// AWS WAF carries a change everywhere in less.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// In percentage points: what comes and goes with who calls at which hour is less, as a rule.
const RISE: i32 = 5;
/// What halts a rollout unless something else is declared.
const HALTS: &[HaltOn] = &[HaltOn::ViewersRefused, HaltOn::Stalled, HaltOn::BlockedShare];

/// How many of `apis` may be on the way at a time.
#[must_use]
pub fn at_a_time(spec: &ClassRollout, apis: usize) -> usize {
    let declared = match &spec.max_unavailable {
        None => 1,
        Some(IntOrString::Int(number)) => usize::try_from(*number).unwrap_or(1),
        Some(IntOrString::String(share)) => {
            let share = share
                .strip_suffix('%')
                .and_then(|share| share.parse::<usize>().ok());
            share.map_or(1, |share| apis.saturating_mul(share) / 100)
        }
    };
    declared.clamp(1, MOST_MOVING)
}

/// For how long an object stands the revision before another one takes its place.
#[must_use]
pub fn pause(spec: &ClassRollout) -> SignedDuration {
    spec.pause.as_deref().and_then(duration).unwrap_or(PAUSE)
}

/// Whether `what` halts the rollout.
#[must_use]
pub fn halts(spec: &ClassRollout, what: HaltOn) -> bool {
    spec.halt_on.as_deref().unwrap_or(HALTS).contains(&what)
}

/// Whether the class itself asks that shares of blocked requests are known: by the baseline they are looked at where that can be.
#[must_use]
pub fn are_shares_demanded(spec: &ClassRollout) -> bool {
    spec.halt_on.is_some() && halts(spec, HaltOn::BlockedShare)
}

/// By how many percentage points the share of blocked requests may rise.
#[must_use]
pub fn most_rise(spec: &ClassRollout) -> i64 {
    i64::from(spec.max_blocked_rise.unwrap_or(RISE))
}

/// Whether an object with these labels is a canary.
#[must_use]
pub fn is_canary(spec: &ClassRollout, labels: &BTreeMap<String, String>) -> bool {
    let wanted = spec.canaries.as_ref();
    wanted.is_some_and(|wanted| wanted.iter().all(|(key, value)| labels.get(key) == Some(value)))
}

/// A number of s, m or h, as the API server lets it in.
fn duration(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    let number: i64 = number.parse().ok()?;
    number.checked_mul(seconds).map(SignedDuration::from_secs)
}
