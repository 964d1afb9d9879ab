//! The condition of a group of kinds: the worst of what is known of them.

use super::conditions::{Mode, Pass, Verdict, good_reason};
use super::said_before::{before_refusal, kept};
use crate::domain::access::held::change_of_mode;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::planning::{Id, Kind, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::Step;

/// The condition `is` of these kinds; `good` is said where all of them are as wanted.
pub(super) fn group(pass: &Pass<'_>, is: &'static str, kinds: &[Kind], good: &str) -> Verdict {
    let plan = pass.plan;
    let of = |kind: Kind| kinds.contains(&kind);
    // What a change of the mode waits for says nothing of what stands.
    let is_told = |id: &Id| of(id.kind) && *id != change_of_mode();
    let failure = pass.failures.iter().find(|failure| failure.is_of(kinds));
    let problem = plan.problems.iter().find(|problem| is_told(&problem.id));
    let problem = problem
        .map(|problem| Verdict::no(is, problem.reason, &problem.message).with_remedy(problem.remedy.clone()));
    let wait = plan.waits.iter().find(|wait| is_told(&wait.id));
    let wait = wait.map(|wait| Verdict::no(is, wait.reason, &wait.message));
    if let Some(held) = held_up(is, failure, problem, wait) {
        return held;
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

/// What holds a condition up, the worst first: a call that failed for good, what a person has to solve, what AWS is busy with.
pub(super) fn held_up(
    is: &'static str,
    failure: Option<&Failure>,
    problem: Option<Verdict>,
    wait: Option<Verdict>,
) -> Option<Verdict> {
    let failed = failure.filter(|failure| failure.needs_person());
    let failed = failed.map(|failure| Verdict::no(is, failure.reason, &failure.message));
    failed.or(problem).or(wait)
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
    let fields = step.fields_in_brackets();
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
