//! Status of a `PerimeterPlan`: the plan, or why there is none; and when the object goes.

use super::account::condition;
use super::class_plan;
use super::conditions::keeping;
use super::conditions::types::{RECONCILING, STALLED};
use crate::api::{ClassPlanReport, PerimeterPlanSpec, PerimeterPlanStatus, PlanReport};
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::kernel::words::{joined, moment};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// The plan is made.
pub const PLANNED: &str = "Planned";
/// All condition types of a `PerimeterPlan`.
pub const TYPES: &[&str] = &[PLANNED, RECONCILING, STALLED];
/// After so long a plan goes that says nothing else.
const TTL: SignedDuration = SignedDuration::from_mins(10);

/// What came of planning.
#[derive(Debug, Clone)]
pub enum Answer {
    /// The plan.
    Made(Box<PlanReport>),
    /// The plan of a class.
    OfClass(Box<ClassPlanReport>),
    /// The spec must not be acted upon.
    Refused(Rejection),
    /// Something could not be read.
    Failed(Failure),
}

impl Answer {
    /// Whether the same question would be answered otherwise a moment later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Made(_) | Self::OfClass(_) => false,
            Self::Refused(rejection) => rejection.passes,
            Self::Failed(failure) => !failure.needs_person(),
        }
    }
}

/// When an object that was made then goes, unless its answer comes late.
#[must_use]
pub fn expires_at(created: Timestamp, spec: Option<&PerimeterPlanSpec>) -> Timestamp {
    later(created, ttl(spec).max(TTL))
}

/// When an object that is answered now goes: whoever asked may have waited long.
#[must_use]
pub fn answered_until(now: Timestamp, spec: &PerimeterPlanSpec) -> Timestamp {
    later(now, ttl(Some(spec)))
}

fn ttl(spec: Option<&PerimeterPlanSpec>) -> SignedDuration {
    let said = spec.and_then(|spec| spec.ttl.as_deref()).and_then(duration);
    said.unwrap_or(TTL)
}

fn later(than: Timestamp, by: SignedDuration) -> Timestamp {
    than.saturating_add(by).unwrap_or(than)
}

/// A number of s, m or h, as the API server lets it in.
fn duration(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok()?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.checked_mul(seconds).map(SignedDuration::from_secs)
}

/// Whether the question, which never changes, was answered for good.
#[must_use]
pub fn is_answered(status: Option<&PerimeterPlanStatus>, generation: Option<i64>) -> bool {
    let status = status.filter(|status| status.observed_generation == generation);
    let mut conditions = status.into_iter().flat_map(|status| &status.conditions);
    conditions.any(|found| found.type_ == PLANNED && found.status != "Unknown")
}

/// The status that follows from an answer.
#[must_use]
pub fn status(
    answer: Answer,
    generation: Option<i64>,
    expires_at: Timestamp,
    previous: Option<&PerimeterPlanStatus>,
    now: Timestamp,
) -> PerimeterPlanStatus {
    let may_pass = answer.may_pass();
    let planned_as = |said| condition(PLANNED, Some(true), Reason::Planned, said);
    let (planned, plan, class_plan) = match answer {
        Answer::Made(plan) => (planned_as(said(&plan)), Some(*plan), None),
        Answer::OfClass(plan) => (planned_as(class_plan::said(&plan)), None, Some(*plan)),
        Answer::Refused(why) => {
            let message = joined(&why.message, why.remedy.as_deref());
            (
                condition(PLANNED, holds(may_pass), why.reason, message),
                None,
                None,
            )
        }
        Answer::Failed(why) => {
            let found = condition(PLANNED, holds(may_pass), why.reason, why.message);
            (found, None, None)
        }
    };
    // What kstatus asks of an object that has no plan: whether it comes by itself.
    let outlook = (plan.is_none() && class_plan.is_none()).then(|| Condition {
        type_: if may_pass { RECONCILING } else { STALLED }.to_owned(),
        status: "True".to_owned(),
        ..planned.clone()
    });
    let stamped = |found: Condition| {
        let before = previous.into_iter().flat_map(|before| &before.conditions);
        keeping(found, before, generation, now)
    };
    PerimeterPlanStatus {
        observed_generation: generation,
        conditions: [planned].into_iter().chain(outlook).map(stamped).collect(),
        expires_at: Some(moment(expires_at)),
        perimeter: None,
        plan,
        class_plan,
    }
}

/// `Planned` of what has no plan: it is not known, or there will be none.
fn holds(may_pass: bool) -> Option<bool> {
    (!may_pass).then_some(false)
}

fn said(plan: &PlanReport) -> String {
    let summary = plan.summary;
    if summary.changes == 0 && summary.problems == 0 {
        return if summary.wait == 0 {
            "nothing to do: all stands as the spec asks".to_owned()
        } else {
            format!("nothing to change; {} to wait for", summary.wait)
        };
    }
    format!(
        "{} to make, {} to change, {} to delete, {} to wait for, {} to be solved by a person",
        summary.create, summary.change, summary.delete, summary.wait, summary.problems
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::failure::ErrorKind;

    const NOON: &str = "2026-01-01T12:00:00Z";

    fn noon() -> Timestamp {
        NOON.parse().unwrap()
    }

    fn failed(kind: ErrorKind) -> Answer {
        Answer::Failed(Failure {
            id: None,
            kind,
            reason: Reason::AccessDenied,
            message: "no".into(),
        })
    }

    /// Type and status of each condition, and whether the question is answered.
    fn answered(answer: Answer) -> (Vec<(String, String)>, bool) {
        let status = status(answer, Some(1), noon(), None, noon());
        let pairs = status.conditions.iter();
        let pairs = pairs.map(|found| (found.type_.clone(), found.status.clone()));
        (pairs.collect(), is_answered(Some(&status), Some(1)))
    }

    fn pair(is: &str, status: &str) -> (String, String) {
        (is.to_owned(), status.to_owned())
    }

    #[test]
    fn a_plan_that_is_made_is_an_answer() {
        let made = Answer::Made(Box::default());
        assert_eq!(answered(made), (vec![pair(PLANNED, "True")], true));
    }

    #[test]
    fn what_is_refused_is_an_answer_and_what_passes_is_asked_again() {
        let refused = || Rejection::new(Reason::NotPermitted, "no");
        let stalled = vec![pair(PLANNED, "False"), pair(STALLED, "True")];
        assert_eq!(answered(Answer::Refused(refused())), (stalled.clone(), true));
        assert_eq!(answered(failed(ErrorKind::Denied)), (stalled, true));
        let goes_on = vec![pair(PLANNED, "Unknown"), pair(RECONCILING, "True")];
        assert_eq!(answered(failed(ErrorKind::Throttled)), (goes_on, false));
    }

    #[test]
    fn what_another_generation_was_told_answers_nothing() {
        let told = status(Answer::Made(Box::default()), Some(1), noon(), None, noon());
        assert!(!is_answered(Some(&told), Some(2)));
        assert!(!is_answered(None, Some(1)));
    }

    #[test]
    fn a_plan_goes_so_long_after_its_answer_and_waits_ten_minutes_at_least_for_one() {
        let seconds = |until: Timestamp| until.duration_since(noon()).as_secs();
        let after = |ttl: Option<&str>| {
            let spec = serde_json::from_value(serde_json::json!({
                "objectName": "petstore",
                "perimeter": {"origin": {"endpoint": "e", "type": "REST", "stage": "prod"}},
                "ttl": ttl,
            }));
            let spec = spec.unwrap();
            let answered = answered_until(noon(), &spec);
            (seconds(answered), seconds(expires_at(noon(), Some(&spec))))
        };
        assert_eq!(after(None), (600, 600));
        assert_eq!(after(Some("90s")), (90, 600));
        assert_eq!(after(Some("24h")), (86_400, 86_400));
        assert_eq!(seconds(expires_at(noon(), None)), 600);
    }
}
