//! What is told of the account-wide settings: conditions, each only where the spec asks for it.

use super::conditions::Verdict;
use super::group::held_up;
use super::said_before::{unanswered, verdict_before};
use super::shield::NOT_SUBSCRIBED;
use crate::api::AccountShieldStatus;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::reason::Reason;
use crate::domain::shield::account::plan::Plan;
use crate::domain::shield::account::standing::{Standing, standing};
use crate::domain::shield::account::{Desired, Engagement, Observed, Setting, Subscription};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// Condition types.
pub mod types {
    #![allow(missing_docs)]
    pub const SHIELD_SUBSCRIBED: &str = "ShieldSubscribed";
    pub const EMERGENCY_CONTACTS_CURRENT: &str = "EmergencyContactsCurrent";
    pub const PROACTIVE_ENGAGEMENT_ENABLED: &str = "ProactiveEngagementEnabled";
    pub const SRT_ACCESS_GRANTED: &str = "SrtAccessGranted";
}

/// The conditions that speak of settings, and what is said when all is well.
const GROUPS: [(&str, &[Setting], &str); 3] = [
    (
        types::EMERGENCY_CONTACTS_CURRENT,
        &[Setting::EmergencyContacts],
        "AWS has the emergency contacts as declared",
    ),
    (
        types::PROACTIVE_ENGAGEMENT_ENABLED,
        &[Setting::ProactiveEngagement],
        "the Shield Response Team calls by itself when an attack does harm",
    ),
    (
        types::SRT_ACCESS_GRANTED,
        &[Setting::SrtRole, Setting::SrtLogBuckets],
        "the Shield Response Team has the role and the log buckets as declared",
    ),
];

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// For which setting; `None` for the subscription, on which all depend.
    pub setting: Option<Setting>,
    /// How it is met.
    pub failure: Failure,
}

/// What one look at the settings came to.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Look<'a> {
    pub desired: &'a Desired,
    pub observed: &'a Observed,
    /// What is left to do at the end.
    pub plan: &'a Plan,
    pub failures: &'a [Failed],
    /// The status before.
    pub before: &'a AccountShieldStatus,
    /// The conditions before.
    pub conditions: &'a [Condition],
    /// The generation of the spec that was looked at.
    pub generation: Option<i64>,
}

/// The conditions that follow from a look.
#[must_use]
pub fn verdicts(look: &Look<'_>) -> Vec<Verdict> {
    let mut verdicts = vec![subscribed(look, types::SHIELD_SUBSCRIBED)];
    for (is, settings, good) in GROUPS {
        let declared: Vec<Setting> = settings
            .iter()
            .copied()
            .filter(|setting| is_asked_for(look, *setting))
            .collect();
        if declared.is_empty() {
            continue;
        }
        verdicts.push(if look.observed.subscribed == Some(true) {
            group(look, is, &declared, good)
        } else {
            subscribed(look, is)
        });
    }
    verdicts
}

/// Engagement that shall be off, and is, is nothing to tell.
fn is_asked_for(look: &Look<'_>, setting: Setting) -> bool {
    if look.desired.fingerprint(setting).is_none() {
        return false;
    }
    let is_right = || standing(look.desired, look.observed, look.before, setting) == Some(Standing::Right);
    setting != Setting::ProactiveEngagement || look.desired.engagement == Some(true) || !is_right()
}

/// What is known of the subscription, as the condition `is`.
fn subscribed(look: &Look<'_>, is: &'static str) -> Verdict {
    let failed = look.failures.iter().find(|failed| failed.setting.is_none());
    match (look.observed.subscribed, &look.observed.subscription, failed) {
        (Some(false), ..) => Verdict::no(is, Reason::NotSubscribed, NOT_SUBSCRIBED),
        (Some(true), Some(found), _) => standing_subscription(is, found),
        (_, _, Some(failed)) => unseen(look, is, &failed.failure),
        _ => Verdict::unknown(is, Reason::InProgress, "not looked at yet"),
    }
}

fn standing_subscription(is: &'static str, found: &Subscription) -> Verdict {
    let day = found.ends.map(|ends| ends.strftime("%Y-%m-%d").to_string());
    match (day, found.renews) {
        (Some(day), false) => Verdict::yes(
            is,
            Reason::SubscriptionEnding,
            format!(
                "subscribed to Shield Advanced until {day}, and not renewed then: what is protected stays as it is, without the team and \
                 the cost protection; to keep it, enable automatic renewal in the Shield console"
            ),
        ),
        (Some(day), true) => Verdict::yes(
            is,
            Reason::Subscribed,
            format!("subscribed to Shield Advanced; renewed on {day}"),
        ),
        (None, _) => Verdict::yes(is, Reason::Subscribed, "subscribed to Shield Advanced"),
    }
}

/// The worst of what is known of `settings`.
fn group(look: &Look<'_>, is: &'static str, settings: &[Setting], good: &str) -> Verdict {
    let plan = look.plan;
    let of = |setting: Setting| settings.contains(&setting);
    let failure = look
        .failures
        .iter()
        .find(|failed| failed.setting.is_some_and(of))
        .map(|failed| &failed.failure);
    let problem = plan.problems.iter().find(|problem| of(problem.setting));
    let problem = problem.map(|problem| Verdict::no(is, problem.reason, &problem.message));
    let wait = plan.waits.iter().find(|wait| of(wait.setting));
    let wait = wait.map(|wait| Verdict::no(is, wait.reason, &wait.message));
    if let Some(held) = held_up(is, failure, problem, wait) {
        return held;
    }
    if let Some(failure) = failure {
        return unseen(look, is, failure);
    }
    let is_right = |setting: &Setting| {
        standing(look.desired, look.observed, look.before, *setting) == Some(Standing::Right)
    };
    match settings.iter().find(|setting| !is_right(setting)) {
        None => Verdict::yes(is, Reason::InPlace, good_words(look, is, good)),
        Some(setting) => Verdict::no(
            is,
            Reason::WaitingForInputs,
            format!("{} waits for other settings of spec.shield", setting.field()),
        ),
    }
}

fn good_words(look: &Look<'_>, is: &str, good: &str) -> String {
    let engagement = look.observed.subscription.as_ref().map(|found| found.engagement);
    if is == types::EMERGENCY_CONTACTS_CURRENT && engagement != Some(Engagement::Enabled) {
        return format!("{good}; the Shield Response Team uses them once it is asked for help");
    }
    good.to_owned()
}

fn unseen(look: &Look<'_>, is: &'static str, failure: &Failure) -> Verdict {
    unanswered(is, failure, verdict_before(look.conditions, look.generation, is))
}
