//! What is told of Shield Advanced: the condition `ShieldProtected`, and `status.shield`.

use super::conditions::{Mode, Pass, Verdict, types};
use super::group::group;
use super::said_before::{repeated, unanswered};
use crate::api::{ProtectedApiStatus, ResponseAction, ShieldStatus};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use crate::domain::perimeter::observed::Observed;
use crate::domain::shield::advanced::{Desired, KINDS};
use crate::domain::shield::automatic_response::{self, Response, Wanted};
use jiff::{SignedDuration, Timestamp};

/// A promotion is announced so long before.
const NOTICE: SignedDuration = SignedDuration::from_hours(24);

/// What there is to say of an account without a subscription.
pub(super) const NOT_SUBSCRIBED: &str = "this account is not subscribed to Shield Advanced, so spec.shield does nothing; a subscription is made by a \
     person ($3,000 a month for a year) and never by the controller";

/// `ShieldProtected`, where the spec asks for Shield, or something of it is left.
pub(super) fn verdict(pass: &Pass<'_>) -> Option<Verdict> {
    let is = types::SHIELD_PROTECTED;
    let is_deleted = matches!(pass.mode, Mode::Delete | Mode::DeleteSuspended);
    let failure = pass.failures.iter().find(|failure| failure.is_of(&KINDS));
    let concerns = KINDS.iter().any(|kind| pass.plan.concerns(*kind)) || failure.is_some();
    if pass.observed.is_none() && !is_deleted {
        // The spec was not looked at.
        return repeated(pass, is);
    }
    let Some(desired) = pass.shield() else {
        return concerns.then(|| group(pass, is, &KINDS, "nothing of Shield Advanced is left"));
    };
    let observed = pass.observed?;
    if let Some(failure) = failure.filter(|_| observed.shield.subscribed.is_none()) {
        return Some(unanswered(is, failure, repeated(pass, is)));
    }
    if observed.shield.is_unsubscribed() {
        let message = format!("{NOT_SUBSCRIBED}; spec.webAcl.antiDdos works without one");
        return Some(Verdict::no(is, Reason::NotSubscribed, message));
    }
    let verdict = group(pass, is, &KINDS, "the distribution is protected as declared");
    if verdict.status != "True" {
        return Some(verdict);
    }
    let (reason, message) = response_words(desired, observed, pass);
    Some(Verdict::yes(is, reason, format!("{}{message}", verdict.message)))
}

/// Whether a condition that is not true is no reason to hold `Ready` back.
pub(super) fn is_optional(verdict: &Verdict) -> bool {
    verdict.is == types::SHIELD_PROTECTED && verdict.reason == Reason::NotSubscribed
}

/// What a person must know of an object that is Ready.
pub(super) fn caveat(verdicts: &[Verdict]) -> Option<&'static str> {
    verdicts.iter().any(is_optional).then_some(
        "Shield Advanced does not protect it, since the account is not subscribed (see ShieldProtected)",
    )
}

/// What the automatic response does, and what it will.
fn response_words(desired: &Desired, observed: &Observed, pass: &Pass<'_>) -> (Reason, String) {
    let Some(wanted) = desired.protection.response else {
        return (Reason::InPlace, String::new());
    };
    let found = observed.shield.protection_content().map(|found| found.response);
    let since = count_since(observed);
    match (wanted.action, found, since) {
        (ResponseAction::Block, ..) => (Reason::InPlace, "; automatic response: Block".to_owned()),
        (ResponseAction::Count, Some(Response::Block), Some(since)) => (
            Reason::Promoted,
            format!(
                "; automatic response: Block, after a baseline since {}",
                moment(since)
            ),
        ),
        (ResponseAction::Count, _, Some(since)) => counting(wanted, since, pass.now),
        (ResponseAction::Count, _, None) => (Reason::InPlace, "; automatic response: Count".to_owned()),
    }
}

fn counting(wanted: Wanted, since: Timestamp, now: Timestamp) -> (Reason, String) {
    let Some(due) = wanted.block_due(since) else {
        let message = format!("; automatic response: Count since {}", moment(since));
        return (Reason::Counting, message);
    };
    let reason = if due.duration_since(now) <= NOTICE {
        Reason::PromotionDue
    } else {
        Reason::Counting
    };
    let message = format!(
        "; automatic response: Count since {}, Block due {}",
        moment(since),
        moment(due)
    );
    (reason, message)
}

/// The clock, from the protection's tags where they were read, and otherwise from status.
fn count_since(observed: &Observed) -> Option<Timestamp> {
    match &observed.shield.protection {
        Seen::Present(found) => {
            let tag = found.tags.get(automatic_response::TAG_COUNT_SINCE)?;
            tag.split(' ').next()?.parse().ok()
        }
        _ => observed
            .outputs
            .shield
            .as_ref()?
            .count_since
            .as_deref()?
            .parse()
            .ok(),
    }
}

/// Writes what `observed` knows of Shield into `status`; what was not looked at stays as it was.
pub(super) fn fill(status: &mut ProtectedApiStatus, observed: &Observed, desired: Option<&Desired>) {
    let mut shield = status.shield.take().unwrap_or_default();
    match &observed.shield.protection {
        Seen::Absent => {
            shield.protection_id = None;
            shield.automatic_response = None;
            shield.health_check_id = None;
        }
        Seen::Listed(None) => {}
        Seen::Listed(Some(_)) | Seen::Present(_) => fill_protection(&mut shield, observed, desired),
    }
    let wanted = desired.and_then(|desired| desired.protection.response);
    let is_on = shield
        .automatic_response
        .as_deref()
        .is_some_and(|word| word != Response::Off.word());
    let since = wanted
        .filter(|wanted| is_on && wanted.action == ResponseAction::Count)
        .and_then(|_| count_since(observed));
    let due = since.and_then(|since| wanted?.block_due(since));
    let is_counting = shield.automatic_response.as_deref() == Some(Response::Count.word());
    shield.count_since = since.map(moment);
    shield.block_due = due.filter(|_| is_counting).map(moment);
    match &observed.shield.alarm {
        Seen::Present(found) => shield.alarm = Some(found.content.name.clone()),
        Seen::Absent => shield.alarm = None,
        Seen::Listed(_) => {}
    }
    status.shield = Some(shield).filter(|shield| *shield != ShieldStatus::default());
}

fn fill_protection(shield: &mut ShieldStatus, observed: &Observed, desired: Option<&Desired>) {
    let Some(content) = observed.shield.protection_content() else {
        return;
    };
    shield.protection_id = Some(content.id.clone());
    let is_declared = desired.is_some_and(|desired| desired.protection.response.is_some());
    shield.automatic_response =
        (is_declared || content.response != Response::Off).then(|| content.response.word().to_owned());
    shield.health_check_id = content.health_checks.first().cloned();
}
