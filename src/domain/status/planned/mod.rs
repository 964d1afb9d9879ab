//! What a plan says for people: `status.plan` of a `PerimeterPlan`, from what is wanted, what is seen and what is next.
//!
//! A plan of the engine's holds what can be done at once, and what waits for outputs of others: both become steps, so that people see
//! the whole way. `following` adds what comes once those are done; `effects` says what viewers notice, `documents` what a resource begins
//! with, `expected` how long it takes.

mod documents;
pub(super) mod effects;
mod expected;
mod following;
mod of_adoption;
pub mod of_change;

use crate::api::{
    AdoptionStatus, CostStatus, Enforcement, PlanChange, PlanProblem, PlanReport, PlanStep, PlanSummary,
    PlanVerb, PlanWait,
};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::hash;
use crate::domain::kernel::planning::{Blocked, Id, Kind, Problem, Verb, Wait};
use crate::domain::kernel::words::cut;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use crate::domain::perimeter::plan::{Plan, Step};
use serde_json::Value;

/// Stands for the UID of an object that does not exist yet.
pub const NO_UID: &str = "<uid>";

/// As many characters of a value are shown.
const VALUE: usize = 400;
/// As many fields of a step are shown.
const CHANGES: usize = 64;

/// What a status has room for.
struct Room {
    /// Steps.
    steps: usize,
    /// Waits, and as many problems.
    others: usize,
    /// Characters of all values together.
    values: usize,
}

/// In the status of a `PerimeterPlan`, which has nothing else.
const IN_PLAN: Room = Room {
    steps: 200,
    others: 64,
    values: 200_000,
};
/// In that of a `ProtectedApi`, which is kept in memory and written often.
const IN_OBJECT: Room = Room {
    steps: 48,
    others: 8,
    values: 16_000,
};
/// As many characters of a message are shown.
const MESSAGE: usize = 2000;

/// What a plan is reported from.
pub struct Planned<'a> {
    /// What is wanted.
    pub desired: &'a Desired,
    /// What is seen.
    pub observed: &'a Observed,
    /// What is next.
    pub plan: &'a Plan,
    /// What could not be read.
    pub failures: &'a [Failure],
    /// What it costs.
    pub cost: CostStatus,
    /// The adoption of a distribution, where one is declared.
    pub adoption: Option<AdoptionStatus>,
}

/// What people are told of a plan.
#[must_use]
pub fn report(planned: &Planned<'_>) -> PlanReport {
    within(planned, &IN_PLAN)
}

/// The same in the status of the object itself, which tells the cost beside it.
#[must_use]
pub fn report_in_object(planned: &Planned<'_>) -> PlanReport {
    PlanReport {
        cost: None,
        ..within(planned, &IN_OBJECT)
    }
}

fn within(planned: &Planned<'_>, room: &Room) -> PlanReport {
    let mut steps: Vec<PlanStep> = planned
        .plan
        .ready
        .iter()
        .map(|step| ready(planned, step))
        .collect();
    if !planned.plan.is_held {
        let blocked = planned.plan.blocked.iter();
        steps.extend(blocked.filter_map(|blocked| later(planned, blocked)));
        steps.extend(led_there(planned, &steps));
        following::follow(planned, &mut steps);
    }
    steps.extend(of_adoption::following(planned));
    let mut waits: Vec<PlanWait> = planned.plan.waits.iter().map(under_way).collect();
    waits.extend(to_come(&steps, &waits));
    let of_plan = planned.plan.problems.iter().map(problem);
    let problems: Vec<PlanProblem> = of_plan.chain(planned.failures.iter().map(unread)).collect();
    let mut report = PlanReport {
        hash: hash_of(planned, &steps, &problems),
        summary: summary(&steps, &waits, &problems),
        calls: steps.iter().map(step_calls).sum(),
        steps,
        steps_left_out: None,
        waits,
        problems,
        cost: Some(planned.cost.clone()),
        adoption: planned.adoption.clone(),
    };
    bound(&mut report, room);
    report
}

/// Of all that would be done, whole: what is shown may be shortened.
fn hash_of(planned: &Planned<'_>, steps: &[PlanStep], problems: &[PlanProblem]) -> String {
    let wanted = (!steps.is_empty()).then_some(planned.desired);
    let Plan { ready, blocked, .. } = planned.plan;
    hash::short(&(ready, blocked, wanted, problems))
}

/// A call that can be made at once.
fn ready(planned: &Planned<'_>, step: &Step) -> PlanStep {
    let verb = match step.verb {
        Verb::Create => PlanVerb::Create,
        Verb::Update if documents::goes(planned.desired, &step.id) => PlanVerb::Delete,
        Verb::Update => PlanVerb::Change,
        Verb::Delete => PlanVerb::Delete,
    };
    let begins = if verb == PlanVerb::Create && step.changes.is_empty() {
        documents::beginnings(planned.desired, &step.id)
    } else {
        vec![]
    };
    let changed = if begins.is_empty() { &step.changes } else { &begins };
    told(&step.id, step.name.clone(), verb, changed, &[])
}

/// What comes once others are done; `None` where that is nothing that is done.
fn later(planned: &Planned<'_>, blocked: &Blocked) -> Option<PlanStep> {
    let Planned {
        desired, observed, ..
    } = *planned;
    let id = &blocked.id;
    if planned.plan.ready.iter().any(|step| step.id == *id) {
        return None;
    }
    let is_wanted = documents::wanted(desired, id).is_some();
    let verb = match (documents::stands(observed, id), is_wanted) {
        // They are API Gateway's, and are only looked at where the spec says so.
        _ if id.kind == Kind::Access && desired.access.enforcement == Enforcement::Observe => return None,
        _ if [Kind::Access, Kind::Endpoint].contains(&id.kind) => PlanVerb::Change,
        (true, true) => PlanVerb::Change,
        (true, false) => PlanVerb::Delete,
        (false, true) => PlanVerb::Create,
        (false, false) => return None,
    };
    let begins = if verb == PlanVerb::Create {
        documents::beginnings(desired, id)
    } else {
        adopted(desired, observed, id)
    };
    let name = documents::name(desired, observed, id);
    Some(told(id, name, verb, &begins, &awaited(observed, blocked)))
}

/// What a resource waits for. A distribution refers to its web ACL by an ARN that stays, whatever is changed of that.
fn awaited(observed: &Observed, blocked: &Blocked) -> Vec<Kind> {
    let is_referred_to = |kind: Kind| {
        let web_acl = Id::of(Kind::WebAcl);
        blocked.id.kind == Kind::Distribution && kind == web_acl.kind && documents::stands(observed, &web_acl)
    };
    let on = blocked.on.iter().copied();
    on.filter(|kind| !is_referred_to(*kind)).collect()
}

/// What an adoption changes of the distribution, while that is not the object's.
fn adopted(desired: &Desired, observed: &Observed, id: &Id) -> Vec<Change> {
    let found = observed.adoption.found.as_ref();
    let found = found.filter(|_| id.kind == Kind::Distribution);
    found.map_or_else(Vec::new, |found| observed.adoption_plan(desired, found).changes)
}

/// DNS leads the origin's name to the custom domain name once API Gateway has one for it; `None` where that is planned, or led there.
fn led_there(planned: &Planned<'_>, steps: &[PlanStep]) -> Option<PlanStep> {
    let of = |kind: Kind| steps.iter().find(|step| step.kind == kind.name());
    let is_made = of(Kind::OriginDomain).is_some_and(|step| step.verb == PlanVerb::Create);
    let blocked = Blocked {
        id: Id::of(Kind::OriginRecords),
        on: vec![Kind::OriginDomain],
    };
    (is_made && of(Kind::OriginRecords).is_none())
        .then(|| later(planned, &blocked))
        .flatten()
}

fn told(id: &Id, name: String, verb: PlanVerb, changed: &[Change], after: &[Kind]) -> PlanStep {
    let paths = changed.iter().map(|change| change.path.as_str());
    let is_change = verb == PlanVerb::Change;
    let (viewers, effect) = effects::effect(id.kind, verb, paths.filter(|_| is_change));
    PlanStep {
        kind: id.kind.name().to_owned(),
        part: (!id.part.is_empty()).then(|| cut(&id.part, 250)),
        name,
        verb,
        changes: changed.iter().map(shown).collect(),
        changes_left_out: None,
        viewers,
        effect,
        after: after.iter().map(|kind| kind.name().to_owned()).collect(),
        known: after.is_empty(),
    }
}

fn shown(change: &Change) -> PlanChange {
    let text = |value: &Value| (!value.is_null()).then(|| cut(&value.to_string(), VALUE));
    PlanChange {
        path: cut(&change.path, MESSAGE / 2),
        from: text(&change.from),
        to: text(&change.to),
    }
}

fn under_way(wait: &Wait) -> PlanWait {
    PlanWait {
        kind: wait.id.kind.name().to_owned(),
        reason: wait.reason.as_str().to_owned(),
        message: cut(&wait.message, MESSAGE),
        about_seconds: expected::seconds(wait.reason, wait.retry_after),
    }
}

/// What is waited for once the steps are done, and is not waited for already.
fn to_come(steps: &[PlanStep], known: &[PlanWait]) -> Vec<PlanWait> {
    let mut waits: Vec<PlanWait> = Vec::new();
    for step in steps {
        let Some((reason, about_seconds, message)) =
            kind_of(step).and_then(|kind| expected::wait(kind, step.verb))
        else {
            continue;
        };
        let is_known = |wait: &PlanWait| wait.kind == step.kind && wait.reason == reason.as_str();
        if !known.iter().chain(&waits).any(is_known) {
            waits.push(PlanWait {
                kind: step.kind.clone(),
                reason: reason.as_str().to_owned(),
                message: message.to_owned(),
                about_seconds,
            });
        }
    }
    waits
}

/// About how many seconds AWS takes after the slowest of `steps`; none where all is at once.
pub(super) fn longest_wait(steps: &[PlanStep]) -> i64 {
    let waits = steps
        .iter()
        .filter_map(|step| expected::wait(kind_of(step)?, step.verb));
    waits.map(|(_, seconds, _)| seconds).max().unwrap_or_default()
}

fn kind_of(step: &PlanStep) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name() == step.kind)
}

/// About how many calls a step takes.
pub(super) fn step_calls(step: &PlanStep) -> i64 {
    kind_of(step).map_or(0, |kind| expected::calls(kind, step.verb))
}

fn problem(problem: &Problem) -> PlanProblem {
    PlanProblem {
        kind: Some(problem.id.kind.name().to_owned()),
        field: problem.field.clone(),
        reason: problem.reason.as_str().to_owned(),
        message: cut(&problem.message, MESSAGE),
        remedy: problem.remedy.as_deref().map(|remedy| cut(remedy, MESSAGE)),
    }
}

/// What could not be read, so that nothing is planned of it.
fn unread(failure: &Failure) -> PlanProblem {
    PlanProblem {
        kind: failure.id.as_ref().map(|id| id.kind.name().to_owned()),
        field: None,
        reason: failure.reason.as_str().to_owned(),
        message: cut(&failure.message, MESSAGE),
        remedy: None,
    }
}

fn summary(steps: &[PlanStep], waits: &[PlanWait], problems: &[PlanProblem]) -> PlanSummary {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let of = |verb| number(steps.iter().filter(|step| step.verb == verb).count());
    PlanSummary {
        changes: number(steps.len()),
        create: of(PlanVerb::Create),
        change: of(PlanVerb::Change),
        delete: of(PlanVerb::Delete),
        wait: number(waits.len()),
        problems: number(problems.len()),
    }
}

/// Cuts a report to what a status may hold; what is left out is counted.
fn bound(report: &mut PlanReport, room: &Room) {
    let left_out = report.steps.len().saturating_sub(room.steps);
    report.steps_left_out = (left_out > 0).then(|| i64::try_from(left_out).unwrap_or(i64::MAX));
    report.steps.truncate(room.steps);
    report.waits.truncate(room.others);
    report.problems.truncate(room.others);
    bound_changes(report.steps.iter_mut(), CHANGES, room.values);
}

/// Cuts the fields of each step to so many, and their values to a status's `room` for them; what is left out is counted.
pub(super) fn bound_changes<'a>(steps: impl Iterator<Item = &'a mut PlanStep>, most: usize, mut room: usize) {
    for step in steps {
        let all = step.changes.len();
        step.changes.truncate(most);
        let fits = step.changes.iter().take_while(|change| {
            let values = [&change.from, &change.to].into_iter().flatten();
            let length = change.path.len() + values.map(String::len).sum::<usize>();
            let is_room = length <= room;
            room = room.saturating_sub(length);
            is_room
        });
        let fits = fits.count();
        step.changes.truncate(fits);
        let left_out = all.saturating_sub(step.changes.len());
        step.changes_left_out = (left_out > 0).then(|| i64::try_from(left_out).unwrap_or(i64::MAX));
    }
}

#[cfg(test)]
mod tests;
