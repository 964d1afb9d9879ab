//! The words of status: condition types, what is known of a pass, a verdict before it is stamped, and the worst of a group of kinds.

use super::since::undated;
use crate::api::{ProtectedApi, ProtectedApiStatus};
use crate::domain::access::{authorization, lock};
use crate::domain::edge::names;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::planning::{Kind, Problem, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::words::joined;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Plan, Step};
use crate::domain::shield::advanced;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

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
        kind if lock::KINDS.contains(&kind) => Some(types::ACCESS_RESTRICTED),
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

/// The verdict of an earlier pass over the same generation: not to look, or to get no answer, is no news.
pub(super) fn kept(pass: &Pass<'_>, is: &'static str) -> Option<Verdict> {
    let before = pass
        .previous
        .conditions
        .iter()
        .find(|condition| condition.type_ == is)?;
    let is_other = is == types::ACCESS_RESTRICTED && !is_by_wanted(&before.reason);
    let is_of_now = before.observed_generation == pass.generation && before.status == "True" && !is_other;
    let reason = if is == types::ACCEPTED {
        Reason::Valid
    } else {
        good_reason(is)
    };
    is_of_now.then(|| Verdict::yes(is, reason, &before.message))
}

fn good_reason(is: &str) -> Reason {
    match is {
        types::DISTRIBUTION_DEPLOYED => Reason::Deployed,
        types::ACCESS_RESTRICTED => Reason::Locked,
        _ => Reason::InPlace,
    }
}

/// The verdict of an earlier pass over the same generation, whatever it was: what was not looked at is no news.
pub(super) fn repeated(pass: &Pass<'_>, is: &'static str) -> Option<Verdict> {
    let before = verdict_before(&pass.previous.conditions, pass.generation, is);
    before.filter(|before| is_no_refusal_of_before(pass, before))
}

/// The verdict of an earlier pass over any generation: of what an edit leaves as it is.
pub(super) fn said_last(pass: &Pass<'_>, is: &'static str) -> Option<Verdict> {
    let mut conditions = pass.previous.conditions.iter();
    let before = conditions.find(|condition| condition.type_ == is)?;
    parsed(before, is).filter(|before| is_no_refusal_of_before(pass, before))
}

/// A refusal that is over tells nothing of what stands.
fn is_no_refusal_of_before(pass: &Pass<'_>, before: &Verdict) -> bool {
    pass.rejection.is_some() || before.reason != Reason::SpecRefused
}

/// Of a spec that is refused nothing is looked at: what was known until then is told, and not said to be so.
pub(super) fn before_refusal(pass: &Pass<'_>, is: &'static str) -> Option<Verdict> {
    pass.rejection?;
    let before = pass
        .previous
        .conditions
        .iter()
        .find(|condition| condition.type_ == is)?;
    if before.reason == Reason::SpecRefused.as_str() {
        return Some(Verdict::unknown(is, Reason::SpecRefused, &before.message));
    }
    if before.status == "Unknown" {
        let message = "the spec is refused, so nothing is looked at: mend what Accepted says";
        return Some(Verdict::unknown(is, Reason::SpecRefused, message));
    }
    let message = format!(
        "until {} it was {} ({}); the spec as it is now is refused, so nothing is looked at, and what stands stays as it is: \
         mend what Accepted says",
        pass.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        before.status,
        before.reason
    );
    Some(Verdict::unknown(is, Reason::SpecRefused, message))
}

/// What `conditions` said of the same generation, whatever it was.
pub(super) fn verdict_before(
    conditions: &[Condition],
    generation: Option<i64>,
    is: &'static str,
) -> Option<Verdict> {
    let mut conditions = conditions.iter();
    let before =
        conditions.find(|condition| condition.type_ == is && condition.observed_generation == generation)?;
    parsed(before, is)
}

fn parsed(before: &Condition, is: &'static str) -> Option<Verdict> {
    let status = ["True", "False", "Unknown"]
        .into_iter()
        .find(|status| *status == before.status)?;
    Some(Verdict {
        is,
        status,
        reason: Reason::parse(&before.reason)?,
        message: undated(&before.message).to_owned(),
        remedy: None,
    })
}

/// The condition of a group of kinds: the worst of what is known of them.
pub(super) fn group(pass: &Pass<'_>, is: &'static str, kinds: &[Kind], good: &str) -> Verdict {
    let plan = pass.plan;
    let of = |kind: Kind| kinds.contains(&kind);
    let failure = pass
        .failures
        .iter()
        .find(|failure| failure.id.as_ref().is_some_and(|id| of(id.kind)));
    if let Some(failure) = failure.filter(|failure| failure.needs_person()) {
        return Verdict::no(is, failure.reason, &failure.message);
    }
    if let Some(problem) = plan.problems.iter().find(|problem| of(problem.id.kind)) {
        return Verdict::no(is, problem.reason, &problem.message).with_remedy(problem.remedy.clone());
    }
    if let Some(wait) = plan.waits.iter().find(|wait| of(wait.id.kind)) {
        return Verdict::no(is, wait.reason, &wait.message);
    }
    if let Some(step) = plan.ready.iter().find(|step| of(step.id.kind)) {
        return failure.map_or_else(
            || due(is, step),
            |failure| Verdict::no(is, failure.reason, &failure.message),
        );
    }
    let is_unread = |observed: &Observed| observed.unread.iter().any(|kind| of(*kind));
    if plan.reads.iter().any(|id| of(id.kind)) || pass.observed.is_none_or(is_unread) {
        let unknown = || match failure {
            Some(failure) => Verdict::unknown(is, failure.reason, &failure.message),
            None => before_refusal(pass, is)
                .unwrap_or_else(|| Verdict::unknown(is, Reason::InProgress, unread(pass))),
        };
        return kept(pass, is).unwrap_or_else(unknown);
    }
    if let Some(blocked) = plan.blocked.iter().find(|blocked| of(blocked.id.kind)) {
        let on: Vec<String> = blocked
            .on
            .iter()
            .map(|kind| format!("the {}", kind.noun()))
            .collect();
        return Verdict::no(
            is,
            Reason::WaitingForInputs,
            format!("waits for {}", on.join(" and ")),
        );
    }
    match pass.mode {
        Mode::Delete | Mode::DeleteSuspended => {
            Verdict::no(is, Reason::Deleting, "the object is being deleted")
        }
        Mode::Apply | Mode::Suspended => Verdict::yes(is, good_reason(is), good),
    }
}

/// What is said of what was not read.
fn unread(pass: &Pass<'_>) -> &'static str {
    let mut failures = pass.failures.iter();
    if failures.any(|failure| failure.id.is_none()) {
        return "not read in this pass: Reconciling or Stalled says why";
    }
    "not looked at yet"
}

fn due(is: &'static str, step: &Step) -> Verdict {
    let fields: Vec<&str> = step.changes.iter().map(|change| change.path.as_str()).collect();
    let fields = if fields.is_empty() {
        String::new()
    } else {
        format!(" ({})", fields.join(", "))
    };
    let verb = match step.verb {
        Verb::Create => "creation",
        Verb::Update => "an update",
        Verb::Delete => "deletion",
    };
    Verdict::no(
        is,
        Reason::InProgress,
        format!("{verb} of {} {} is due{fields}", step.id.kind.noun(), step.name),
    )
}
