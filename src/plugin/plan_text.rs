//! A plan as text for people: what would be done by verb, with the fields that change and what viewers notice; what is awaited, what a
//! person has to solve, and what it costs.

use super::adoption_text;
use super::lines::{Colour, Lines, Mark};
use super::look::Look;
use super::plan::has_work;
use super::which::cost;
use crate::api::{PlanChange, PlanEffect, PlanProblem, PlanReport, PlanStep, PlanVerb, PlanWait};

/// What a plan is for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The object: `namespace/name`.
    pub object: &'a str,
    /// Whether its spec holds everything up.
    pub is_suspended: bool,
}

/// Where a field has no value.
const NOTHING: &str = "nothing";
/// For a value that only AWS can tell, once what the step waits for is made.
const KNOWN_AFTER: &str = "known once it is made";
/// From here on a time is told in minutes.
const MINUTES: i64 = 100;

/// The plan of one object.
#[must_use]
pub fn text(report: &PlanReport, asked: Asked<'_>, look: Look) -> String {
    let mut lines = Lines::new(look);
    lines.paragraph(0, None, &format!("{}: {}", asked.object, summary(report)));
    if asked.is_suspended {
        lines.paragraph(
            0,
            None,
            "spec.suspend is true: nothing of it is written to AWS until it is false",
        );
    }
    parts(&mut lines, report);
    if let Some(adoption) = &report.adoption {
        let is_told = report.steps.iter().any(|step| step.kind == "distribution");
        adoption_text::section(&mut lines, adoption, !is_told);
    }
    lines.gap();
    if report.calls > 0 {
        let calls = report.calls;
        lines.paragraph(
            0,
            None,
            &format!("It takes about {calls} calls to AWS; none of them was made."),
        );
    }
    if let Some(told) = &report.cost {
        lines.paragraph(0, None, &format!("Such a perimeter costs {}.", cost(told)));
    }
    lines.paragraph(0, None, &format!("Plan {}", report.hash));
    lines.into_text()
}

/// What a suspended object would have done, below what its picture says.
#[must_use]
pub(super) fn held_up(report: &PlanReport, look: Look) -> String {
    let mut lines = Lines::new(look);
    lines.gap();
    lines.paragraph(0, None, &format!("Plan: {}", summary(report)));
    parts(&mut lines, report);
    lines.into_text()
}

/// The same in a few lines: of a step what would be done, and what viewers notice where they do.
#[must_use]
pub(super) fn brief(report: &PlanReport) -> Vec<String> {
    let step = |step: &PlanStep| {
        let verb = match step.verb {
            PlanVerb::Create => "create",
            PlanVerb::Change => "change",
            PlanVerb::Delete => "delete",
        };
        let what = format!("{verb} {}", named(step));
        match step.viewers {
            PlanEffect::None => what,
            PlanEffect::Brief | PlanEffect::Visible => format!("{what}. {}", noticed(step)),
        }
    };
    let first = [summary(report)].into_iter();
    first.chain(report.steps.iter().map(step)).collect()
}

/// What would be done, what is awaited and what a person has to solve.
fn parts(lines: &mut Lines, report: &PlanReport) {
    steps(lines, &report.steps);
    if let Some(count) = report.steps_left_out {
        lines.gap();
        lines.paragraph(
            0,
            None,
            &format!("… and {count} more, for which a status has no room"),
        );
    }
    waits(lines, &report.waits);
    problems(lines, &report.problems);
}

fn summary(report: &PlanReport) -> String {
    let counted = &report.summary;
    let mut parts = vec![if has_work(report) {
        format!(
            "{} to create, {} to change, {} to delete",
            counted.create, counted.change, counted.delete
        )
    } else if counted.wait > 0 {
        "nothing to change".to_owned()
    } else {
        "nothing to do, all stands as the spec asks".to_owned()
    }];
    if counted.wait > 0 {
        parts.push(format!("{} to wait for", counted.wait));
    }
    if counted.problems > 0 {
        parts.push(format!("{} for a person to solve", counted.problems));
    }
    parts.join("; ")
}

/// Steps, by what they do.
pub(super) fn steps(lines: &mut Lines, steps: &[PlanStep]) {
    for verb in [PlanVerb::Create, PlanVerb::Change, PlanVerb::Delete] {
        group(lines, verb, steps);
    }
}

fn group(lines: &mut Lines, verb: PlanVerb, steps: &[PlanStep]) {
    let mut of_verb = steps.iter().filter(|step| step.verb == verb).peekable();
    if of_verb.peek().is_none() {
        return;
    }
    lines.gap();
    let (title, mark) = match verb {
        PlanVerb::Create => (
            "Create",
            Mark {
                sign: "+",
                colour: Colour::Green,
            },
        ),
        PlanVerb::Change => (
            "Change",
            Mark {
                sign: "~",
                colour: Colour::Yellow,
            },
        ),
        PlanVerb::Delete => (
            "Delete",
            Mark {
                sign: "-",
                colour: Colour::Red,
            },
        ),
    };
    lines.paragraph(0, None, title);
    for step in of_verb {
        tell(lines, mark, step);
    }
}

fn tell(lines: &mut Lines, mark: Mark, step: &PlanStep) {
    lines.paragraph(2, Some(mark), &named(step));
    for change in &step.changes {
        lines.verbatim(6, &changed(step, change));
    }
    if let Some(count) = step.changes_left_out {
        lines.paragraph(6, None, &format!("… and {count} more fields"));
    }
    if let Some(after) = after(step) {
        lines.paragraph(4, None, &after);
    }
    lines.paragraph(4, None, &noticed(step));
}

/// Which resource.
fn named(step: &PlanStep) -> String {
    let part = step.part.as_ref().map(|part| format!(" ({part})"));
    format!("{} {}{}", step.kind, step.name, part.unwrap_or_default())
}

/// A field, with its values.
fn changed(step: &PlanStep, change: &PlanChange) -> String {
    let path = match change.path.as_str() {
        "" => "all of it",
        path => path,
    };
    let is_new = step.verb == PlanVerb::Create;
    let absent = if step.known { NOTHING } else { KNOWN_AFTER };
    match (change.from.as_deref(), change.to.as_deref()) {
        (None, Some(to)) if is_new => format!("{path}: {to}"),
        (from, to) => format!("{path}: {} → {}", from.unwrap_or(NOTHING), to.unwrap_or(absent)),
    }
}

fn after(step: &PlanStep) -> Option<String> {
    let kinds = step.after.join(", ");
    match (step.known, kinds.as_str()) {
        (true, "") => None,
        (true, kinds) => Some(format!("after {kinds}")),
        (false, "") => Some("some values only AWS can tell".to_owned()),
        (false, kinds) => Some(format!("known after {kinds}: some values only AWS can tell")),
    }
}

fn noticed(step: &PlanStep) -> String {
    match step.viewers {
        PlanEffect::None => step.effect.clone(),
        PlanEffect::Brief => format!("Brief for viewers: {}", step.effect),
        PlanEffect::Visible => format!("Visible to viewers: {}", step.effect),
    }
}

fn waits(lines: &mut Lines, waits: &[PlanWait]) {
    let mark = Mark {
        sign: "…",
        colour: Colour::Yellow,
    };
    listed(lines, "Wait", waits, |lines, wait| {
        let text = format!(
            "{}: {} ({}, {})",
            wait.kind,
            wait.message,
            wait.reason,
            about(wait.about_seconds)
        );
        lines.paragraph(2, Some(mark), &text);
    });
}

/// A part of a plan under its title; nothing where there is nothing of it.
fn listed<T>(lines: &mut Lines, title: &str, all: &[T], tell: impl Fn(&mut Lines, &T)) {
    if all.is_empty() {
        return;
    }
    lines.gap();
    lines.paragraph(0, None, title);
    for one in all {
        tell(lines, one);
    }
}

/// What a person has to solve; `tell` puts each behind the mark.
pub(super) fn problems_listed<T>(lines: &mut Lines, all: &[T], tell: impl Fn(&mut Lines, Mark, &T)) {
    let mark = Mark {
        sign: "!",
        colour: Colour::Red,
    };
    listed(lines, "Problems", all, |lines, problem| {
        tell(lines, mark, problem);
    });
}

/// A time that is only known about.
pub(super) fn about(seconds: i64) -> String {
    if seconds < MINUTES {
        format!("about {seconds} s")
    } else {
        format!("about {} min", (seconds + 30) / 60)
    }
}

fn problems(lines: &mut Lines, problems: &[PlanProblem]) {
    problems_listed(lines, problems, |lines, mark, problem| {
        // Most messages begin with the field.
        let field = problem.field.as_ref();
        let field = field.filter(|field| !problem.message.starts_with(field.as_str()));
        let about = field.or(problem.kind.as_ref());
        let about = about.map(|about| format!("{about}: ")).unwrap_or_default();
        lines.paragraph(
            2,
            Some(mark),
            &format!("{about}{} ({})", problem.message, problem.reason),
        );
        if let Some(remedy) = &problem.remedy {
            lines.paragraph(4, None, remedy);
        }
    });
}
