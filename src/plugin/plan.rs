//! What a `PerimeterPlan` answers, in whichever state it is. The text of its plan is `plan_text`'s.

use super::read::{NOT_LOOKED_AT, part};
use crate::api::{ClassPlanReport, PerimeterPlanStatus, PlanReport, ProtectedApiSpec};
use serde_json::Value;

/// The condition that says whether there is a plan.
const PLANNED: &str = "Planned";

/// What a `PerimeterPlan` says by now.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Nothing: no controller has looked at it.
    Unseen,
    /// There is no plan yet, and it is tried again.
    Awaited(Why),
    /// There will be no plan.
    Refused(Why),
    /// The plan.
    Made(Box<Made>),
    /// The plan of a class.
    OfClass(Box<ClassPlanReport>),
}

/// A plan that is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// The plan.
    pub plan: PlanReport,
    /// The spec that was written from a distribution, where that was asked for.
    pub perimeter: Option<ProtectedApiSpec>,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// In one CamelCase word.
    pub reason: String,
    /// In a sentence, with what to do.
    pub message: String,
}

/// A status of another version.
#[derive(Debug, thiserror::Error)]
#[error(
    "this version of the plugin does not understand the plan: {0}; use the kubectl-palisade of the version that runs in the cluster"
)]
pub struct NotUnderstood(#[from] serde_json::Error);

impl Answer {
    /// What `plan` says, as the API server has it.
    ///
    /// # Errors
    /// [`NotUnderstood`].
    pub fn of(plan: &Value) -> Result<Self, NotUnderstood> {
        let status: Option<PerimeterPlanStatus> = part(&plan["status"])?;
        let seen = status.filter(|status| !matches!(status.observed_generation, None | Some(NOT_LOOKED_AT)));
        let Some(status) = seen else {
            return Ok(Self::Unseen);
        };
        let planned = status.conditions.into_iter().find(|found| found.type_ == PLANNED);
        let Some(planned) = planned else {
            return Ok(Self::Unseen);
        };
        let why = Why {
            reason: planned.reason,
            message: planned.message,
        };
        Ok(match (planned.status.as_str(), status.plan, status.class_plan) {
            ("True", Some(plan), _) => Self::Made(Box::new(Made {
                plan,
                perimeter: status.perimeter,
            })),
            ("True", None, Some(plan)) => Self::OfClass(Box::new(plan)),
            ("False", ..) => Self::Refused(why),
            _ => Self::Awaited(why),
        })
    }
}

/// Whether there is something to do, for the controller or for a person.
#[must_use]
pub fn has_work(report: &PlanReport) -> bool {
    report.summary.changes > 0 || report.summary.problems > 0
}

/// Whether an object would change, or a person would have something to do. What looked at some objects alone does not say that none
/// would.
#[must_use]
pub fn changes_objects(report: &ClassPlanReport) -> bool {
    report.changed > 0 || report.refused > 0 || report.unknown > 0 || report.limited_to.is_some()
}

/// What the API server says of a plan's spec, as it would say it of the object's.
#[must_use]
pub fn of_object(said: &str) -> String {
    let said = part::<String>(&Value::from(said)).unwrap_or_default();
    said.replace("spec.perimeter", "spec")
        .replace("spec.class.spec", "spec")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan(observed: i64, status: &str) -> Value {
        json!({"status": {
            "observedGeneration": observed,
            "conditions": [{
                "type": "Planned", "status": status, "reason": "NotPermitted", "message": "a\u{1b}[2Jb",
                "lastTransitionTime": "2026-01-01T00:00:00Z",
            }],
        }})
    }

    fn why() -> Why {
        Why {
            reason: "NotPermitted".into(),
            message: "a\u{fffd}[2Jb".into(),
        }
    }

    #[test]
    fn before_the_controller_has_looked_there_is_no_answer() {
        for unseen in [json!({}), json!({"status": {}}), plan(-1, "True")] {
            assert_eq!(Answer::of(&unseen).expect("an answer"), Answer::Unseen);
        }
    }

    #[test]
    fn what_is_refused_is_told_apart_from_what_is_tried_again_and_steers_no_terminal() {
        assert_eq!(
            Answer::of(&plan(1, "False")).expect("an answer"),
            Answer::Refused(why())
        );
        assert_eq!(
            Answer::of(&plan(1, "Unknown")).expect("an answer"),
            Answer::Awaited(why())
        );
    }

    #[test]
    fn a_plan_that_is_made_is_read_whatever_a_later_version_adds_to_it() {
        let mut made = plan(1, "True");
        let summary = json!({"changes": 1, "create": 1, "change": 0, "delete": 0, "wait": 0, "problems": 0, "later": 1});
        made["status"]["plan"] = json!({"hash": "h", "summary": summary, "calls": 2, "later": []});
        match Answer::of(&made).expect("an answer") {
            Answer::Made(made) => assert!(has_work(&made.plan)),
            other => panic!("{other:?}"),
        }
        made["status"]["plan"]["summary"]["changes"] = json!("one");
        let error = Answer::of(&made).expect_err("another version").to_string();
        assert!(error.contains("the version that runs in the cluster"), "{error}");
    }

    #[test]
    fn a_plan_of_a_class_that_saw_one_namespace_alone_does_not_say_that_there_is_nothing_to_do() {
        let whole = ClassPlanReport::default();
        assert!(!changes_objects(&whole));
        let limited = ClassPlanReport {
            limited_to: Some("only objects of namespace shop are in it".to_owned()),
            ..whole
        };
        assert!(changes_objects(&limited));
    }

    #[test]
    fn what_the_api_server_says_of_the_perimeter_is_said_of_the_spec() {
        let said = "strict decoding error: unknown field \"spec.perimeter.colour\"";
        assert_eq!(
            of_object(said),
            "strict decoding error: unknown field \"spec.colour\""
        );
    }
}
