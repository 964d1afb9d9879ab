//! The words of status: condition types, what is known of a pass, and a verdict before it is stamped.

use crate::api::{ProtectedApi, ProtectedApiStatus};
use crate::domain::access::authorization;
use crate::domain::access::lock;
use crate::domain::edge::names;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::planning::{Kind, Problem};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::words::joined;
use crate::domain::mutual_tls;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Plan;
use crate::domain::shield::advanced;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

macro_rules! types {
    ($($name:ident = $text:literal;)+) => {
        /// Condition types of a `ProtectedApi`.
        pub mod types {
            #![allow(missing_docs)]
            $(pub const $name: &str = $text;)+
            /// All of them.
            pub const ALL: &[&str] = &[$($name),+];
        }
    };
}

types! {
    ACCEPTED = "Accepted";
    SIGNER_READY = "SignerReady";
    WEB_ACL_READY = "WebAclReady";
    DISTRIBUTION_DEPLOYED = "DistributionDeployed";
    ACCESS_RESTRICTED = "AccessRestricted";
    VIEWER_ACCESS_VERIFIED = "ViewerAccessVerified";
    DIRECT_ACCESS_BLOCKED = "DirectAccessBlocked";
    SHIELD_PROTECTED = "ShieldProtected";
    NAMES_READY = "NamesReady";
    READY = "Ready";
    RECONCILING = "Reconciling";
    STALLED = "Stalled";
}

/// What one pass over an object came to.
#[derive(Debug, Clone)]
pub struct Pass<'a> {
    /// The generation of the spec that was looked at.
    pub generation: Option<i64>,
    /// Whose status this is.
    pub owner: &'a Owner,
    /// What kind of pass it was.
    pub mode: Mode,
    /// Whether the spec has the API locked, and not only looked at.
    pub enforces: bool,
    /// Why the spec was not acted upon.
    pub rejection: Option<&'a Rejection>,
    /// What is left to do at the end of the pass.
    pub plan: &'a Plan,
    /// What is seen at the end of the pass; `None` where nothing was looked at.
    pub observed: Option<&'a Observed>,
    /// What is wanted; `None` where the spec was not looked at.
    pub desired: Option<&'a Desired>,
    /// What stands and goes on being probed, where nothing else of it is looked at.
    pub stood: Option<(&'a Desired, &'a Observed)>,
    /// What failed.
    pub failures: &'a [Failure],
    /// The status before.
    pub previous: &'a ProtectedApiStatus,
    /// The time of the pass.
    pub now: Timestamp,
}

impl Pass<'_> {
    /// Who should be let in; `None` where the spec was not looked at.
    pub(super) fn access(&self) -> Option<&authorization::Desired> {
        self.desired.map(|desired| &desired.access)
    }

    /// What Shield Advanced should do; `None` where the spec does not ask for it, or was not looked at.
    pub(super) fn shield(&self) -> Option<&advanced::Desired> {
        self.desired?.shield.as_ref()
    }
}

/// What kind of pass it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Build and keep.
    Apply,
    /// Report only, as `spec.suspend` asks.
    Suspended,
    /// The object is being deleted.
    Delete,
    /// The object is being deleted, and `spec.suspend` holds that up.
    DeleteSuspended,
}

/// The conditions that speak of resources: which kinds, and what is said when all is well.
pub(super) const GROUPS: [(&str, &[Kind], &str); 3] = [
    (
        types::SIGNER_READY,
        &[Kind::Role, Kind::Function],
        "role and function version are in place",
    ),
    (
        types::WEB_ACL_READY,
        &[Kind::IpSet, Kind::WebAcl, Kind::Logging],
        "our rules are in force, in order; rules of others are kept",
    ),
    (
        types::DISTRIBUTION_DEPLOYED,
        &[Kind::Distribution],
        "the configuration is deployed everywhere",
    ),
];

/// A condition before it is stamped with generation and times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The condition's type.
    pub is: &'static str,
    /// `True`, `False` or `Unknown`.
    pub status: &'static str,
    /// Why.
    pub reason: Reason,
    /// What there is to know; and to do, where that is short.
    pub message: String,
    /// What to do, where that is long: no other condition repeats it.
    pub remedy: Option<String>,
}

impl Verdict {
    /// It holds.
    #[must_use]
    pub fn yes(is: &'static str, reason: Reason, message: impl Into<String>) -> Self {
        Self {
            is,
            status: "True",
            reason,
            message: message.into(),
            remedy: None,
        }
    }

    /// It does not hold.
    #[must_use]
    pub fn no(is: &'static str, reason: Reason, message: impl Into<String>) -> Self {
        Self {
            is,
            status: "False",
            reason,
            message: message.into(),
            remedy: None,
        }
    }

    /// Whether it holds could not be seen.
    #[must_use]
    pub fn unknown(is: &'static str, reason: Reason, message: impl Into<String>) -> Self {
        Self {
            is,
            status: "Unknown",
            reason,
            message: message.into(),
            remedy: None,
        }
    }

    /// The same, with what to do apart from what is so.
    #[must_use]
    pub fn with_remedy(self, remedy: Option<String>) -> Self {
        Self { remedy, ..self }
    }
}

/// `found` as it is written: of this generation, and since when its status is what it is, by the conditions of before.
pub(super) fn keeping<'a>(
    found: Condition,
    previous: impl IntoIterator<Item = &'a Condition>,
    generation: Option<i64>,
    now: Timestamp,
) -> Condition {
    let mut previous = previous.into_iter();
    let same = previous.find(|before| (&before.type_, &before.status) == (&found.type_, &found.status));
    Condition {
        observed_generation: generation,
        last_transition_time: same.map_or(Time(now), |same| same.last_transition_time.clone()),
        ..found
    }
}

/// A message of the condition `is`, as others repeat it: where to read what to do, and not what that is.
pub(super) fn brief(is: &str, message: &str, remedy: Option<&String>) -> String {
    let where_to_read = format!("{is} says what to do");
    joined(message, remedy.map(|_| where_to_read.as_str()))
}

/// A problem as it is told elsewhere than by the condition that speaks of its resource.
#[must_use]
pub fn told_elsewhere(problem: &Problem) -> String {
    let is = condition_of(problem.id.kind).unwrap_or(types::READY);
    brief(is, &problem.message, problem.remedy.as_ref())
}

/// A refusal of the spec as it is told elsewhere than by `Accepted`.
#[must_use]
pub fn refusal_told_elsewhere(rejection: &Rejection) -> String {
    brief(types::ACCEPTED, &rejection.message, rejection.remedy.as_ref())
}

/// The condition that speaks of resources of `kind`.
pub(super) fn condition_of(kind: Kind) -> Option<&'static str> {
    match kind {
        kind if lock::KINDS.contains(&kind) || mutual_tls::KINDS.contains(&kind) => {
            Some(types::ACCESS_RESTRICTED)
        }
        kind if advanced::KINDS.contains(&kind) => Some(types::SHIELD_PROTECTED),
        kind if names::KINDS.contains(&kind) => Some(types::NAMES_READY),
        _ => Some(GROUPS.iter().find(|group| group.1.contains(&kind))?.0),
    }
}

/// Whether a condition of type `is` is True.
#[must_use]
pub fn is_true(conditions: &[Condition], is: &str) -> bool {
    is_status(conditions, is, "True")
}

/// Whether a condition, of whatever type, has this reason.
#[must_use]
pub fn has_reason(conditions: &[Condition], reason: Reason) -> bool {
    conditions
        .iter()
        .any(|condition| condition.reason == reason.as_str())
}

/// Whether a condition of type `is` has this status.
#[must_use]
pub fn is_status(conditions: &[Condition], is: &str, status: &str) -> bool {
    let mut conditions = conditions.iter();
    conditions.any(|condition| condition.type_ == is && condition.status == status)
}

/// Whether the reason of an `AccessRestricted` that is True is the lock that the spec asks for: else an earlier one stands until
/// that takes its place.
#[must_use]
pub fn is_by_wanted(reason: &str) -> bool {
    reason == Reason::Locked.as_str() || reason == Reason::Rotating.as_str()
}

/// Whether the API is called locked as its spec asks.
#[must_use]
pub fn is_locked_as_asked(conditions: &[Condition]) -> bool {
    let mut conditions = conditions.iter();
    let restricted = conditions.find(|condition| condition.type_ == types::ACCESS_RESTRICTED);
    restricted.is_some_and(|condition| condition.status == "True" && is_by_wanted(&condition.reason))
}

/// Whether a condition of type `is` and with this status is good news: two types are so while they are not True.
#[must_use]
pub fn is_good(is: &str, status: &str) -> bool {
    (status == "True") != [types::STALLED, types::RECONCILING].contains(&is)
}

/// Whether `conditions` say that `is` holds of this generation.
#[must_use]
pub fn holds(conditions: &[Condition], generation: Option<i64>, is: &str) -> bool {
    conditions.iter().any(|condition| {
        condition.type_ == is && condition.status == "True" && condition.observed_generation == generation
    })
}

/// Whether all was well with the object, as it is wanted now, before this pass.
#[must_use]
pub fn is_in_order(object: &ProtectedApi) -> bool {
    let status = object.status.as_ref();
    status.is_some_and(|status| holds(&status.conditions, object.metadata.generation, types::READY))
}

/// Why a condition of type `is` is True.
pub(super) fn good_reason(is: &str) -> Reason {
    match is {
        types::DISTRIBUTION_DEPLOYED => Reason::Deployed,
        types::ACCESS_RESTRICTED => Reason::Locked,
        _ => Reason::InPlace,
    }
}
