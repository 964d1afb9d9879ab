//! What a plan of a class says: alike objects together, what it costs, and what viewers notice.

use super::planned::{bound_changes, longest_wait, step_calls};
use crate::api::{
    ClassPlanCost, ClassPlanGroup, ClassPlanProblem, ClassPlanReport, ClassRollout, PlanEffect, PlanStep,
    PlanVerb,
};
use crate::domain::cost::money::Money;
use crate::domain::cost::prices::CURRENCY;
use crate::domain::kernel::hash;
use crate::domain::kernel::reason::Reason;
use crate::domain::rollout::outlook::{Outlook, Reckoned};
use crate::domain::rollout::settings::{at_a_time, pause};
use std::collections::{BTreeMap, BTreeSet};

/// So many groups are listed.
const GROUPS: usize = 20;
/// So many objects of a group are named.
const NAMED: usize = 10;
/// So many steps of a group, and so many fields of a step, are listed.
const STEPS: usize = 32;
const CHANGES: usize = 16;
/// Characters of their values.
const VALUES: usize = 200_000;
/// So many problems are listed.
const PROBLEMS: usize = 50;
/// So many characters of a problem's message are shown.
const MESSAGE: usize = 1000;

/// An object that would go by the class.
#[derive(Debug, Clone)]
pub struct Looked {
    /// Namespace and name.
    pub object: String,
    /// The API's endpoint: objects of one API move together.
    pub endpoint: String,
    /// What the change comes to for it.
    pub comes_to: ComesTo,
    /// What its perimeter costs each month, and a million requests, now and then.
    pub cost: Option<(Cost, Cost)>,
}

/// What a perimeter costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// For each month.
    pub monthly: Money,
    /// For a million requests besides.
    pub per_million: Money,
}

/// What the change of a class comes to for one object.
#[derive(Debug, Clone)]
pub enum ComesTo {
    /// These steps; none where it stays as it is.
    Steps(Vec<PlanStep>),
    /// It is refused.
    Refused(Reason, String),
    /// It could not be reckoned.
    Unknown(Reason, String),
}

impl Looked {
    /// The same, as a rollout has to know it.
    #[must_use]
    pub fn reckoned(&self) -> Reckoned {
        let outlook = match &self.comes_to {
            ComesTo::Steps(steps) if steps.is_empty() => Outlook::Unchanged,
            ComesTo::Steps(steps) => Outlook::Changed {
                is_visible: steps.iter().any(|step| step.viewers == PlanEffect::Visible),
                seconds: longest_wait(steps),
            },
            ComesTo::Refused(reason, message) => Outlook::Refused {
                reason: reason.as_str().to_owned(),
                message: message.clone(),
            },
            ComesTo::Unknown(..) => Outlook::Unknown,
        };
        Reckoned {
            outlook,
            monthly: self.cost.map(|(now, then)| (now.monthly, then.monthly)),
        }
    }
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// The revision that the class would have.
    pub revision: String,
    /// How it would be rolled out.
    pub rollout: &'a ClassRollout,
    /// Why not all objects were looked at.
    pub limited_to: Option<String>,
}

/// What people are told.
#[must_use]
pub fn report(asked: &Asked<'_>, mut looked: Vec<Looked>) -> ClassPlanReport {
    looked.sort_by(|a, b| a.object.cmp(&b.object));
    let cost = cost(&looked);
    let objects = looked.len();
    let mut report = ClassPlanReport {
        revision: asked.revision.clone(),
        limited_to: asked.limited_to.clone(),
        objects: count(objects),
        cost,
        ..ClassPlanReport::default()
    };
    let apis: BTreeSet<String> = looked.iter().map(|looked| looked.endpoint.clone()).collect();
    let mut changed_apis = BTreeSet::new();
    let mut groups: BTreeMap<String, ClassPlanGroup> = BTreeMap::new();
    for looked in looked {
        match looked.comes_to {
            ComesTo::Steps(steps) if steps.is_empty() => report.unchanged += 1,
            ComesTo::Steps(steps) => {
                report.changed += 1;
                changed_apis.insert(looked.endpoint);
                add(&mut report, &mut groups, looked.object, steps);
            }
            ComesTo::Refused(reason, message) => {
                report.refused += 1;
                report.problems.push(problem(looked.object, reason, &message));
            }
            ComesTo::Unknown(reason, message) => {
                report.unknown += 1;
                report.problems.push(problem(looked.object, reason, &message));
            }
        }
    }
    let sizes: Vec<(&String, i64)> = groups
        .iter()
        .map(|(alike, group)| (alike, group.objects))
        .collect();
    report.hash = hash::short(&(&asked.revision, sizes, &report.problems, objects));
    report.groups = groups.into_values().collect();
    report
        .groups
        .sort_by(|a, b| (b.objects, &a.named).cmp(&(a.objects, &b.named)));
    let longest = report.longest_wait_seconds;
    report.rollout_seconds = rollout_seconds(asked.rollout, longest, changed_apis.len(), apis.len());
    bound(&mut report);
    report
}

fn add(
    report: &mut ClassPlanReport,
    groups: &mut BTreeMap<String, ClassPlanGroup>,
    object: String,
    steps: Vec<PlanStep>,
) {
    report.calls += steps.iter().map(step_calls).sum::<i64>();
    report.longest_wait_seconds = report.longest_wait_seconds.max(longest_wait(&steps));
    report.viewers = steps
        .iter()
        .map(|step| step.viewers)
        .fold(report.viewers, Ord::max);
    let group = groups.entry(alike(&steps)).or_default();
    group.objects += 1;
    if group.named.len() < NAMED {
        group.named.push(object);
    }
    if group.steps.is_empty() {
        group.steps = steps;
    }
}

/// Objects with the same are alike. What is made begins with an object's own name.
fn alike(steps: &[PlanStep]) -> String {
    let of = |step: &PlanStep| {
        let changes = (step.verb == PlanVerb::Change).then(|| step.changes.clone());
        let changes = changes.map(|changes| serde_json::to_string(&changes).unwrap_or_default());
        (
            step.kind.clone(),
            step.part.clone(),
            format!("{:?}", step.verb),
            changes,
        )
    };
    hash::short(&steps.iter().map(of).collect::<Vec<_>>())
}

fn problem(object: String, reason: Reason, message: &str) -> ClassPlanProblem {
    let message: String = message.chars().take(MESSAGE).collect();
    ClassPlanProblem {
        object,
        reason: reason.as_str().to_owned(),
        message,
    }
}

/// In sum; a million requests as the dearest object has them.
fn cost(looked: &[Looked]) -> ClassPlanCost {
    let known = || looked.iter().filter_map(|looked| looked.cost);
    let monthly =
        |of: fn((Cost, Cost)) -> Cost| known().map(|cost| of(cost).monthly).sum::<Money>().to_string();
    let dearest = |of: fn((Cost, Cost)) -> Cost| {
        let all = known().map(|cost| of(cost).per_million);
        all.max().unwrap_or_default().to_string()
    };
    ClassPlanCost {
        currency: CURRENCY.to_owned(),
        monthly_before: monthly(|(now, _)| now),
        monthly_after: monthly(|(_, then)| then),
        per_million_requests_before: dearest(|(now, _)| now),
        per_million_requests_after: dearest(|(_, then)| then),
    }
}

/// So many of `apis` at a time, each of those that change for as long as AWS takes, and its pause.
fn rollout_seconds(rollout: &ClassRollout, longest_wait: i64, changed: usize, apis: usize) -> i64 {
    let rounds = count(changed.div_ceil(at_a_time(rollout, apis)));
    rounds.saturating_mul(longest_wait + pause(rollout).as_secs())
}

/// Cuts a report to what a status may hold; what is left out is counted.
fn bound(report: &mut ClassPlanReport) {
    report.groups_left_out = left_out(report.groups.len(), GROUPS);
    report.groups.truncate(GROUPS);
    report.problems_left_out = left_out(report.problems.len(), PROBLEMS);
    report.problems.truncate(PROBLEMS);
    for group in &mut report.groups {
        group.steps.truncate(STEPS);
    }
    bound_changes(
        report.groups.iter_mut().flat_map(|group| &mut group.steps),
        CHANGES,
        VALUES,
    );
}

fn left_out(all: usize, listed: usize) -> Option<i64> {
    let left = all.saturating_sub(listed);
    (left > 0).then(|| count(left))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What is said of it in a sentence.
#[must_use]
pub fn said(report: &ClassPlanReport) -> String {
    let ClassPlanReport {
        objects,
        changed,
        unchanged,
        refused,
        unknown,
        ..
    } = report;
    let mut parts = vec![format!(
        "of {objects} objects {changed} would change, {unchanged} stay as they are"
    )];
    if *refused > 0 {
        parts.push(format!("{refused} would be refused"));
    }
    if *unknown > 0 {
        parts.push(format!("{unknown} could not be reckoned"));
    }
    let said = parts.join(", ");
    match &report.limited_to {
        Some(limited) => format!("{said}; {limited}"),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{PlanChange, PlanEffect};
    use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

    fn step(kind: &str, to: &str) -> PlanStep {
        PlanStep {
            kind: kind.to_owned(),
            part: None,
            name: to.to_owned(),
            verb: PlanVerb::Change,
            changes: vec![PlanChange {
                path: "rules.per-ip".into(),
                from: Some("2000".into()),
                to: Some(to.to_owned()),
            }],
            changes_left_out: None,
            viewers: PlanEffect::Visible,
            effect: "Some.".into(),
            after: vec![],
            known: true,
        }
    }

    fn looked(object: usize, comes_to: ComesTo) -> Looked {
        let cost = |cents| Cost {
            monthly: Money::cents(cents),
            per_million: Money::cents(cents / 10),
        };
        Looked {
            object: format!("shop/api-{object:03}"),
            endpoint: format!("{object}.execute-api.eu-north-1.amazonaws.com"),
            comes_to,
            cost: Some((cost(500), cost(600))),
        }
    }

    fn asked(rollout: &ClassRollout) -> Asked<'_> {
        Asked {
            revision: "r1".into(),
            rollout,
            limited_to: None,
        }
    }

    #[test]
    fn alike_objects_are_one_group_and_the_most_come_first() {
        let rollout = ClassRollout::default();
        let mut objects: Vec<Looked> = (0..3)
            .map(|at| looked(at, ComesTo::Steps(vec![step("distribution", "1")])))
            .collect();
        objects.extend((3..100).map(|at| looked(at, ComesTo::Steps(vec![step("webAcl", "500")]))));
        objects.push(looked(100, ComesTo::Steps(vec![])));
        objects.push(looked(101, ComesTo::Refused(Reason::InvalidSpec, "no".into())));
        let report = report(&asked(&rollout), objects);
        assert_eq!(
            (report.objects, report.changed, report.unchanged, report.refused),
            (102, 100, 1, 1)
        );
        let groups: Vec<(i64, usize)> = report
            .groups
            .iter()
            .map(|group| (group.objects, group.named.len()))
            .collect();
        assert_eq!(groups, [(97, 10), (3, 3)]);
        assert_eq!(report.longest_wait_seconds, 300);
        assert_eq!(report.rollout_seconds, 100 * (300 + 60));
        assert_eq!(
            (
                report.cost.monthly_before.as_str(),
                report.cost.monthly_after.as_str()
            ),
            ("510.00", "612.00")
        );
        assert_eq!(report.cost.per_million_requests_after, "0.60");
        assert_eq!(report.viewers, PlanEffect::Visible);
    }

    #[test]
    fn stages_of_one_api_move_together() {
        let rollout = ClassRollout {
            max_unavailable: Some(IntOrString::String("10%".into())),
            ..ClassRollout::default()
        };
        let of_stage = |at: usize| Looked {
            endpoint: format!("{}.execute-api.eu-north-1.amazonaws.com", at / 2),
            ..looked(at, ComesTo::Steps(vec![step("distribution", "1")]))
        };
        let report = report(&asked(&rollout), (0..40).map(of_stage).collect());
        assert_eq!(report.changed, 40);
        // Two of twenty APIs at a time.
        assert_eq!(report.rollout_seconds, 10 * (300 + 60));
    }

    #[test]
    fn what_would_be_done_otherwise_has_another_hash() {
        let rollout = ClassRollout::default();
        let hash = |to: &str| {
            report(
                &asked(&rollout),
                vec![looked(0, ComesTo::Steps(vec![step("webAcl", to)]))],
            )
            .hash
        };
        assert_eq!(hash("500"), hash("500"));
        assert_ne!(hash("500"), hash("400"));
    }

    #[test]
    fn a_report_is_bounded_and_counts_what_it_leaves_out() {
        let rollout = ClassRollout::default();
        let objects = (0..500).map(|at| {
            let comes_to = match at % 2 {
                0 => ComesTo::Steps(vec![step("webAcl", &"x".repeat(400 + at))]),
                _ => ComesTo::Refused(Reason::InvalidSpec, "y".repeat(5000)),
            };
            looked(at, comes_to)
        });
        let report = report(&asked(&rollout), objects.collect());
        assert_eq!((report.groups.len(), report.groups_left_out), (GROUPS, Some(230)));
        assert_eq!(
            (report.problems.len(), report.problems_left_out),
            (PROBLEMS, Some(200))
        );
        assert!(serde_json::to_string(&report).unwrap().len() < 400_000);
    }
}
