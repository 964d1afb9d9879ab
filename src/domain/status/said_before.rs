//! What an earlier pass said of a condition, where this one has nothing newer to tell.

use super::conditions::{Pass, Verdict, good_reason, is_by_wanted, types};
use super::since::undated;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

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

/// The verdict of an earlier pass over the same generation, whatever it was: what was not looked at is no news.
pub(super) fn repeated(pass: &Pass<'_>, is: &'static str) -> Option<Verdict> {
    let before = verdict_before(&pass.previous.conditions, pass.generation, is);
    before.filter(|before| is_no_refusal_of_before(pass, before))
}

/// What is said where the call failed that would tell: what only a person can solve, else what was said `before`, as no answer is no
/// news.
pub(super) fn unanswered(is: &'static str, failure: &Failure, before: Option<Verdict>) -> Verdict {
    if failure.needs_person() {
        return Verdict::no(is, failure.reason, &failure.message);
    }
    before.unwrap_or_else(|| Verdict::unknown(is, failure.reason, &failure.message))
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
        let message = "the spec is refused, so nothing is looked at: Accepted says what to do";
        return Some(Verdict::unknown(is, Reason::SpecRefused, message));
    }
    let message = format!(
        "until {} it was {} ({}); the spec as it is now is refused, so nothing is looked at, and what stands stays as it is: \
         Accepted says what to do",
        moment(pass.now),
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
