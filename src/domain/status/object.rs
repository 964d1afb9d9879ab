//! Status of a `ProtectedApi`, from what was decided and what came of it: pure, written once a pass on every path.

use super::conditions::{GROUPS, Mode, Pass, Verdict, brief, refusal_told_elsewhere, told_elsewhere, types};
use super::group::group;
use super::meanwhile::is_awaited;
use super::promotions::promotions;
use super::said_before::kept;
use super::since::{has_lasted, reasons_since, stamped};
use super::unmarked::unmarked;
use super::{access, adoption, handover, names, noted, notes, pricing_plan, shield, unseen};
use crate::api::{ProtectedApiStatus, StatusNote};
use crate::domain::kernel::planning::{Kind, Problem};
use crate::domain::kernel::reason::Reason;
use jiff::SignedDuration;

/// The status that follows from a pass.
#[must_use]
pub fn status(pass: &Pass<'_>) -> ProtectedApiStatus {
    let notes = notes::notes(pass);
    let verdicts = verdicts(pass, &notes);
    let reasons_since = reasons_since(pass, &verdicts);
    let conditions = verdicts
        .iter()
        .map(|verdict| {
            let since = reasons_since.get(verdict.is);
            stamped(pass, verdict, since)
        })
        .collect();
    let mut status = ProtectedApiStatus {
        observed_generation: pass.generation,
        conditions,
        reasons_since,
        notes,
        // Only whoever has looked says what would be done.
        plan: None,
        ..pass.previous.clone()
    };
    if let Some(observed) = pass.observed {
        super::identifiers::fill(&mut status, observed, pass.desired);
        names::fill(&mut status, observed, pass.desired);
        pricing_plan::fill(&mut status, observed, pass.desired);
        adoption::fill(&mut status, observed, pass.desired);
        status.promotions = promotions(pass);
    }
    status.hand_over = handover::handover(pass);
    status
}

fn verdicts(pass: &Pass<'_>, notes: &[StatusNote]) -> Vec<Verdict> {
    let mut verdicts = vec![accepted(pass)];
    let groups = GROUPS.map(|(is, kinds, good)| match is {
        types::SIGNER_READY if !needs_signer(pass) => (is, ROLE, NO_SIGNER),
        _ => (is, kinds, good),
    });
    verdicts.extend(groups.map(|(is, kinds, good)| noted::noted(group(pass, is, kinds, good), kinds, notes)));
    verdicts.extend(access::verdicts(pass));
    verdicts.extend(shield::verdict(pass));
    verdicts.extend(names::verdict(pass));
    let ready = ready(pass, &verdicts, notes);
    let is_ready = ready.status == "True";
    verdicts.push(ready);
    match stalled(pass, &verdicts) {
        Some(verdict) => verdicts.push(verdict),
        // Nothing is done but what goes on by itself.
        None if pass.mode == Mode::Suspended && pass.failures.is_empty() && pass.plan.waits.is_empty() => {}
        None if !is_ready || !pass.failures.is_empty() => verdicts.push(reconciling(pass)),
        None => {}
    }
    verdicts
}

/// What of the signer stands where nothing signs.
const ROLE: &[Kind] = &[Kind::Role];
/// What is said of it.
const NO_SIGNER: &str = "the mode needs no function that signs; the role is in place";

/// Whether there is to be a function that signs, or it is not known.
fn needs_signer(pass: &Pass<'_>) -> bool {
    let looked_at = pass.desired.zip(pass.observed);
    looked_at.is_none_or(|(desired, observed)| observed.needs_signer(desired))
}

fn accepted(pass: &Pass<'_>) -> Verdict {
    // What was there is told as gone, also once the spec is refused for it.
    if let Some(gone) = unseen::gone(pass) {
        return Verdict::no(types::ACCEPTED, gone.reason, unseen::told_gone(&gone));
    }
    if let Some(rejection) = pass.rejection {
        return Verdict::no(types::ACCEPTED, rejection.reason, &rejection.message)
            .with_remedy(rejection.remedy.clone());
    }
    let good = "the spec can be built and the API is as declared";
    match pass.failures.iter().find(|failure| failure.id.is_none()) {
        Some(failure) if failure.needs_person() => {
            Verdict::unknown(types::ACCEPTED, failure.reason, &failure.message)
        }
        Some(failure) => kept(pass, types::ACCEPTED)
            .unwrap_or_else(|| Verdict::unknown(types::ACCEPTED, failure.reason, &failure.message)),
        None => Verdict::yes(types::ACCEPTED, Reason::Valid, good),
    }
}

fn ready(pass: &Pass<'_>, verdicts: &[Verdict], notes: &[StatusNote]) -> Verdict {
    match pass.mode {
        Mode::DeleteSuspended => {
            return Verdict::no(
                types::READY,
                Reason::Suspended,
                "deletion waits because spec.suspend is true: set it to false and the perimeter is taken down, or set \
                 spec.deletionPolicy to Retain as well and everything stays",
            );
        }
        Mode::Delete => {
            return Verdict::no(types::READY, Reason::Deleting, deletion_progress(pass));
        }
        Mode::Suspended if pass.plan.is_empty() => {}
        Mode::Suspended => {
            return Verdict::no(
                types::READY,
                Reason::Suspended,
                "spec.suspend is true: differences are reported in the other conditions, and nothing is written to AWS but to put \
                 back a lock that was begun and is not proven",
            );
        }
        Mode::Apply => {}
    }
    let culprits = || {
        verdicts
            .iter()
            .filter(|verdict| !access::is_optional(pass, verdicts, verdict) && !shield::is_optional(verdict))
            .filter(|verdict| verdict.status != "True" || is_awaited(verdict))
    };
    // What waits is no news beside what it waits for a person to do.
    let is_stuck = |verdict: &&Verdict| {
        let mut problems = pass.plan.problems.iter();
        problems.any(|problem| problem.reason == verdict.reason)
    };
    if let Some(verdict) = culprits().find(is_stuck).or_else(|| culprits().next()) {
        let message = format!("{}: {}", verdict.is, verdict.message);
        let message = brief(verdict.is, &message, verdict.remedy.as_ref());
        return Verdict::no(types::READY, verdict.reason, message);
    }
    if let Some(unmarked) = unmarked(pass) {
        return Verdict::no(types::READY, unmarked.reason, unmarked.message);
    }
    let stands = access::stands(pass, verdicts);
    let mut message = vec![stands.as_str()];
    let mut caveats = access::caveats(pass, verdicts);
    caveats.extend(shield::caveat(verdicts).map(ToOwned::to_owned));
    caveats.extend(noted::caveats(notes).map(ToOwned::to_owned));
    if !caveats.is_empty() {
        message.push(", but ");
    }
    let caveats = caveats.join(", and ");
    message.push(&caveats);
    if pass.mode == Mode::Suspended {
        message.push("; suspended: nothing is written to AWS");
    }
    Verdict::yes(types::READY, Reason::Ready, message.concat())
}

fn deletion_progress(pass: &Pass<'_>) -> String {
    let plan = pass.plan;
    let failure = pass.failures.first().map(|failure| &failure.message);
    let problem = plan.problems.first().map(|problem| &problem.message);
    let wait = plan.waits.first().map(|wait| &wait.message);
    let Some(why) = failure.or(problem).or(wait) else {
        return "being deleted".to_owned();
    };
    let is_held_up = failure.or(problem).is_some();
    let failed = pass
        .failures
        .iter()
        .filter_map(|failure| Some(failure.id.as_ref()?.kind));
    let left: Vec<&str> = Kind::ALL
        .into_iter()
        .filter(|kind| plan.concerns(*kind) || failed.clone().any(|failed| failed == *kind))
        .map(Kind::noun)
        .collect();
    if left.is_empty() || !is_held_up {
        return format!("being deleted: {why}");
    }
    let why = why.trim_end_matches('.');
    format!(
        "being deleted: {why}. Left: {}. With spec.deletionPolicy: Retain the object goes, and what is left stays and \
         costs; a default endpoint that is off stays off. kubectl palisade orphans lists what is left",
        left.join(", ")
    )
}

/// Bursts of viewers meet a throttle for a moment. One that lasts is meant so, or is too low: only a person can raise it.
const THROTTLED: SignedDuration = SignedDuration::from_mins(3);

/// Only a person can help: kstatus reads this as failed.
fn stalled(pass: &Pass<'_>, verdicts: &[Verdict]) -> Option<Verdict> {
    if let Some(gone) = unseen::gone(pass) {
        let message = unseen::told_gone(&gone);
        return Some(Verdict::yes(types::STALLED, gone.reason, message));
    }
    if let Some(rejection) = pass.rejection {
        let message = refusal_told_elsewhere(rejection);
        return (!rejection.passes).then(|| Verdict::yes(types::STALLED, rejection.reason, message));
    }
    if let Some(failure) = pass.failures.iter().find(|failure| failure.needs_person()) {
        return Some(Verdict::yes(types::STALLED, failure.reason, &failure.message));
    }
    // What keeps a name elsewhere comes before the lock that waits for it.
    let is_cause = |problem: &&Problem| problem.reason != Reason::NameServedElsewhere;
    let mut problems = pass.plan.problems.iter();
    if let Some(problem) = problems.find(is_cause).or(pass.plan.problems.first()) {
        return Some(Verdict::yes(
            types::STALLED,
            problem.reason,
            told_elsewhere(problem),
        ));
    }
    if let Some((reason, message)) = names::expired(pass) {
        return Some(Verdict::yes(types::STALLED, reason, message));
    }
    if let Some(ready) = verdicts.iter().find(|verdict| verdict.is == types::READY)
        && ready.reason == Reason::ProbeThrottled
        && has_lasted(pass, types::READY, ready.reason, THROTTLED)
    {
        return Some(Verdict::yes(types::STALLED, ready.reason, &ready.message));
    }
    let (reason, message) = access::disproved(pass, verdicts)?;
    Some(Verdict::yes(types::STALLED, reason, message))
}

fn reconciling(pass: &Pass<'_>) -> Verdict {
    let refused = pass.rejection;
    let (reason, message) = refused
        .map(|rejection| (rejection.reason, refusal_told_elsewhere(rejection)))
        .or_else(|| {
            let failure = pass.failures.first()?;
            Some((failure.reason, failure.message.clone()))
        })
        .or_else(|| {
            pass.plan
                .waits
                .first()
                .map(|wait| (wait.reason, wait.message.clone()))
        })
        .unwrap_or((Reason::InProgress, "work is under way".to_owned()));
    Verdict::yes(types::RECONCILING, reason, message)
}
