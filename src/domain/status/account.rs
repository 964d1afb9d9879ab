//! Status of an `AwsAccount`, from what was found out about it: pure, written once a pass.

use super::account_shield::types::{
    EMERGENCY_CONTACTS_CURRENT, PROACTIVE_ENGAGEMENT_ENABLED, SHIELD_SUBSCRIBED, SRT_ACCESS_GRANTED,
};
use super::conditions::types::{ACCEPTED, READY, RECONCILING, STALLED};
use super::conditions::{Verdict, keeping};
use super::headroom::QUOTA_HEADROOM;
use crate::api::{ACCOUNT_FINALIZER, AwsAccountStatus};
use crate::domain::kernel::reason::Reason;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use std::collections::BTreeMap;

/// AWS takes the credentials.
pub const CREDENTIALS_VALID: &str = "CredentialsValid";
/// All condition types of an `AwsAccount`.
pub const TYPES: &[&str] = &[
    CREDENTIALS_VALID,
    ACCEPTED,
    SHIELD_SUBSCRIBED,
    EMERGENCY_CONTACTS_CURRENT,
    PROACTIVE_ENGAGEMENT_ENABLED,
    SRT_ACCESS_GRANTED,
    QUOTA_HEADROOM,
    READY,
    RECONCILING,
    STALLED,
];
/// Conditions that inform, and hold nothing back.
const INFORMING: &[&str] = &[QUOTA_HEADROOM];
/// So many users are named.
const NAMED: usize = 5;

/// A pass over an `AwsAccount`.
#[derive(Debug, Clone)]
pub struct Pass<'a> {
    /// The generation of the spec that was looked at.
    pub generation: Option<i64>,
    /// Account and principal, where they are known.
    pub identity: Option<(String, String)>,
    /// How many objects name it.
    pub objects: usize,
    /// What its deletion waits for.
    pub held_by: Option<String>,
    /// Only a person can help.
    pub is_stuck: bool,
    /// The status before.
    pub previous: &'a AwsAccountStatus,
    /// The time of the pass.
    pub now: Timestamp,
}

/// The status that follows from a pass and the conditions that it found; `Ready` sums them up.
#[must_use]
pub fn status(pass: &Pass<'_>, found: impl IntoIterator<Item = Condition>) -> AwsAccountStatus {
    let mut conditions: Vec<Condition> = found.into_iter().collect();
    let ready = ready(pass, &conditions);
    let outlook = outlook(pass, &ready);
    conditions.push(ready);
    conditions.extend(outlook);
    let (account_id, arn) = pass.identity.clone().unzip();
    AwsAccountStatus {
        observed_generation: pass.generation,
        conditions: conditions
            .into_iter()
            .map(|condition| stamped(pass, condition))
            .collect(),
        account_id: account_id.or_else(|| pass.previous.account_id.clone()),
        arn: arn.or_else(|| pass.previous.arn.clone()),
        objects: i64::try_from(pass.objects).ok(),
        shield: pass.previous.shield.clone(),
        quotas: pass.previous.quotas.clone(),
        orphans: pass.previous.orphans.clone(),
        orphans_left_out: pass.previous.orphans_left_out,
        orphan_deletions: pass.previous.orphan_deletions.clone(),
    }
}

/// A condition before it is stamped with generation and time; `holds` is `None` where that is not known.
#[must_use]
pub fn condition(is: &str, holds: Option<bool>, reason: Reason, message: impl Into<String>) -> Condition {
    let status = match holds {
        Some(true) => "True",
        Some(false) => "False",
        None => "Unknown",
    };
    Condition {
        type_: is.to_owned(),
        status: status.to_owned(),
        reason: reason.as_str().to_owned(),
        message: message.into(),
        observed_generation: None,
        last_transition_time: Time(Timestamp::UNIX_EPOCH),
    }
}

impl From<Verdict> for Condition {
    fn from(verdict: Verdict) -> Self {
        Self {
            status: verdict.status.to_owned(),
            ..condition(verdict.is, None, verdict.reason, verdict.message)
        }
    }
}

fn ready(pass: &Pass<'_>, conditions: &[Condition]) -> Condition {
    if let Some(held_by) = &pass.held_by {
        let message = format!("the deletion waits: {held_by}");
        return condition(READY, Some(false), Reason::InUse, message);
    }
    let culprit = conditions
        .iter()
        .find(|found| found.status != "True" && !is_informing(found));
    match culprit {
        Some(found) => Condition {
            type_: READY.to_owned(),
            message: format!("{}: {}", found.type_, found.message),
            ..found.clone()
        },
        None if conditions.iter().any(is_unsubscribed) => {
            let message = "Ready, but the account is not subscribed to Shield Advanced";
            condition(READY, Some(true), Reason::Ready, message)
        }
        None => condition(READY, Some(true), Reason::Ready, "Ready"),
    }
}

/// What kstatus asks of an account that is not Ready: whether it comes to be so by itself.
fn outlook(pass: &Pass<'_>, ready: &Condition) -> Option<Condition> {
    let is_stuck = pass.is_stuck && pass.held_by.is_none();
    (ready.status != "True").then(|| Condition {
        type_: if is_stuck { STALLED } else { RECONCILING }.to_owned(),
        status: "True".to_owned(),
        ..ready.clone()
    })
}

fn is_informing(found: &Condition) -> bool {
    INFORMING.contains(&found.type_.as_str()) || is_unsubscribed(found)
}

/// Nothing that only a subscription would buy holds an account back: the controller never subscribes.
fn is_unsubscribed(found: &Condition) -> bool {
    found.reason == Reason::NotSubscribed.as_str()
}

/// The transition time moves only with the status.
fn stamped(pass: &Pass<'_>, condition: Condition) -> Condition {
    keeping(condition, &pass.previous.conditions, pass.generation, pass.now)
}

/// AWS took the credentials, and says whose they are.
#[must_use]
pub fn credentials(account: &str, arn: &str) -> Condition {
    let message = format!("AWS takes the credentials: {arn} in account {account}");
    condition(CREDENTIALS_VALID, Some(true), Reason::Valid, message)
}

/// Whether the account is this `AwsAccount`'s alone.
#[must_use]
pub fn accepted(taken: Option<&crate::domain::kernel::rejection::Rejection>) -> Condition {
    match taken {
        Some(taken) => condition(ACCEPTED, Some(false), taken.reason, &taken.message),
        None => condition(
            ACCEPTED,
            Some(true),
            Reason::Valid,
            "no other AwsAccount stands for this AWS account",
        ),
    }
}

/// What keeps an `AwsAccount` from going: the objects that use it.
#[must_use]
pub fn used_by(users: &[String]) -> Option<String> {
    let shown = users.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    let more = match users.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!users.is_empty())
        .then(|| format!("it is used by {shown}{more}, and stays until no ProtectedApi uses it"))
}

/// What keeps an `AwsAccount` from going: functions and roles that Lambda does not let go yet, and certificates that objects shared, of which
/// ACM says the same.
#[must_use]
pub fn left_behind(condemned: usize, shared: usize) -> Option<String> {
    let functions = format!(
        "Lambda has not let go yet of functions and roles of deleted ProtectedApis ({condemned}), which takes hours"
    );
    let certificates = format!(
        "ACM has not let go yet of certificates that deleted ProtectedApis shared ({shared}), which takes minutes"
    );
    let all = [(condemned, functions), (shared, certificates)];
    let waits: Vec<String> = all
        .into_iter()
        .filter_map(|(count, why)| (count > 0).then_some(why))
        .collect();
    (!waits.is_empty()).then(|| format!("{}, and no other AwsAccount leads there", waits.join("; ")))
}

/// What keeps an `AwsAccount` from going where nothing is left but in Regions that cannot be read; `unread` has them, and why.
#[must_use]
pub fn regions_unread(unread: &BTreeMap<String, String>) -> Option<String> {
    let told = unread.iter().map(|(region, why)| format!("{region}: {why}"));
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| {
        format!(
            "Nothing of deleted ProtectedApis is seen to be left but in these Regions, which cannot be read: {}. They are looked at \
             again by themselves. What may be left there are certificates that objects shared, which cost nothing. If you know that nothing is, \
             remove the finalizer {ACCOUNT_FINALIZER}",
            told.join("; ")
        )
    })
}

/// What keeps an `AwsAccount` from going soon after a start.
#[must_use]
pub fn not_seen_yet(account: &str) -> String {
    format!(
        "AWS's lists may not show yet what was left of deleted ProtectedApis in AWS account {account} just before the controller \
         started; they are read again within a minute"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(previous: &AwsAccountStatus) -> Pass<'_> {
        Pass {
            generation: Some(2),
            identity: Some((
                "111122223333".into(),
                "arn:aws:sts::111122223333:assumed-role/x/y".into(),
            )),
            objects: 3,
            held_by: None,
            is_stuck: false,
            previous,
            now: "2026-01-02T00:00:00Z".parse().unwrap(),
        }
    }

    fn found<'a>(status: &'a AwsAccountStatus, is: &str) -> &'a Condition {
        let mut conditions = status.conditions.iter();
        conditions.find(|condition| condition.type_ == is).unwrap()
    }

    #[test]
    fn ready_sums_up_what_holds_it_back_with_its_reason() {
        let none = AwsAccountStatus::default();
        let good = [credentials("111122223333", "arn"), accepted(None)];
        let status = status(&pass(&none), good);
        assert_eq!(found(&status, READY).status, "True");
        assert_eq!(status.account_id.as_deref(), Some("111122223333"));
        assert_eq!(status.objects, Some(3));

        let bad = condition(
            CREDENTIALS_VALID,
            Some(false),
            Reason::RoleNotAssumable,
            "no trust",
        );
        let status = super::status(&pass(&none), [bad, accepted(None)]);
        let ready = found(&status, READY);
        assert_eq!(
            (ready.status.as_str(), ready.reason.as_str()),
            ("False", "RoleNotAssumable")
        );
        assert_eq!(ready.message, "CredentialsValid: no trust");
    }

    #[test]
    fn an_account_that_is_not_ready_says_whether_a_person_must_help() {
        let none = AwsAccountStatus::default();
        let told = |pass: &Pass<'_>, holds| {
            let found = condition(CREDENTIALS_VALID, holds, Reason::RoleNotAssumable, "no trust");
            let conditions = status(pass, [found]).conditions;
            let last = conditions.last().cloned().unwrap();
            (last.type_, last.status, last.message)
        };
        let of = |is: &str, message: &str| (is.to_owned(), "True".to_owned(), message.to_owned());
        let stuck = Pass {
            is_stuck: true,
            ..pass(&none)
        };
        assert_eq!(
            told(&stuck, Some(false)),
            of(STALLED, "CredentialsValid: no trust")
        );
        assert_eq!(
            told(&pass(&none), None),
            of(RECONCILING, "CredentialsValid: no trust")
        );
        assert_eq!(told(&pass(&none), Some(true)), of(READY, "Ready"));
        let held = Pass {
            held_by: used_by(&["shop/petstore".to_owned()]),
            ..stuck
        };
        assert_eq!(told(&held, Some(false)).0, RECONCILING);
    }

    #[test]
    fn a_quota_that_is_nearly_reached_holds_nothing_back_and_neither_does_a_missing_subscription() {
        let none = AwsAccountStatus::default();
        let of = |is, reason| {
            let found = [condition(is, Some(false), reason, "90 of 100 web ACLs")];
            status(&pass(&none), found)
        };
        let scarce = of(QUOTA_HEADROOM, Reason::QuotaLow);
        assert_eq!(found(&scarce, READY).message, "Ready");
        let unsubscribed = of("ProactiveEngagementEnabled", Reason::NotSubscribed);
        assert_eq!(found(&unsubscribed, READY).status, "True");
        assert!(found(&unsubscribed, READY).message.contains("not subscribed"));
        let denied = of("SrtAccessGranted", Reason::AccessDenied);
        assert_eq!(found(&denied, READY).status, "False");
    }

    #[test]
    fn a_time_moves_with_the_status_alone() {
        let early: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let none = AwsAccountStatus::default();
        let first = Pass {
            now: early,
            ..pass(&none)
        };
        let before = status(&first, [accepted(None)]);
        let after = status(&pass(&before), [accepted(None)]);
        assert_eq!(found(&after, ACCEPTED).last_transition_time, Time(early));
        assert_eq!(found(&after, ACCEPTED).observed_generation, Some(2));
        let held = Pass {
            held_by: used_by(&["shop/petstore".to_owned()]),
            ..pass(&after)
        };
        let held = status(&held, [accepted(None)]);
        assert_eq!(found(&held, READY).reason, "InUse");
        assert_eq!(found(&held, READY).last_transition_time, Time(pass(&none).now));
    }

    #[test]
    fn an_account_that_cannot_be_reached_keeps_its_known_id() {
        let known = AwsAccountStatus {
            account_id: Some("111122223333".into()),
            ..AwsAccountStatus::default()
        };
        let unreached = Pass {
            identity: None,
            ..pass(&known)
        };
        assert_eq!(status(&unreached, []).account_id.as_deref(), Some("111122223333"));
    }

    #[test]
    fn users_are_named_and_many_are_counted() {
        let users: Vec<String> = (0..7).map(|n| format!("shop/api-{n}")).collect();
        let said = used_by(&users).unwrap();
        assert!(
            said.contains("shop/api-0, ") && said.contains(" and 2 more"),
            "{said}"
        );
        assert_eq!(used_by(&[]), None);
        assert_eq!(left_behind(0, 0), None);
        let said = left_behind(2, 1).unwrap();
        assert!(
            said.contains("ProtectedApis (2)") && said.contains("shared (1)"),
            "{said}"
        );
        assert!(!left_behind(0, 1).unwrap().contains("Lambda"));
    }

    #[test]
    fn a_region_that_cannot_be_read_is_named_with_all_that_may_be_left() {
        assert_eq!(regions_unread(&BTreeMap::new()), None);
        let unread = BTreeMap::from([("us-west-2".to_owned(), "no answer".to_owned())]);
        let said = regions_unread(&unread).unwrap();
        assert!(said.contains("us-west-2: no answer. "), "{said}");
    }
}
