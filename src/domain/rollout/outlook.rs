//! What a change of a class comes to for its objects, reckoned before the first one moves.

use super::member::Member;
use crate::api::{ClassPlanProblem, RolloutPlan};
use crate::domain::cost::money::Money;
use std::collections::BTreeSet;

/// So many objects that would be refused are listed,
const LISTED: usize = 10;
/// each with so many characters of its message.
const MESSAGE: usize = 300;

/// What a move comes to for an object, and what its perimeter costs each month now and then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reckoned {
    /// What it comes to.
    pub outlook: Outlook,
    /// What it costs, where that is known.
    pub monthly: Option<(Money, Money)>,
}

/// What a move comes to for an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outlook {
    /// It stays as it is.
    Unchanged,
    /// Something of it changes.
    Changed {
        /// Whether viewers notice it.
        is_visible: bool,
        /// About how long AWS takes.
        seconds: i64,
    },
    /// It is refused: what stands for it stays.
    Refused {
        /// What kind of problem, in one word.
        reason: String,
        /// What is wrong, and what to do.
        message: String,
    },
    /// It could not be reckoned.
    Unknown,
}

impl Member {
    /// Whether it is known that the object would be refused by the revision that objects go to now.
    #[must_use]
    pub fn would_be_refused(&self) -> bool {
        let outlook = self.outlook.as_ref().map(|reckoned| &reckoned.outlook);
        matches!(outlook, Some(Outlook::Refused { .. }))
    }
}

/// What it comes to for all of `members`.
#[must_use]
pub fn plan(members: &[&Member]) -> RolloutPlan {
    let mut plan = RolloutPlan {
        objects: count(members.len()),
        ..RolloutPlan::default()
    };
    let mut refusals = Vec::new();
    for member in members {
        match member.outlook.as_ref().map(|reckoned| &reckoned.outlook) {
            None | Some(Outlook::Unknown) => plan.unknown += 1,
            Some(Outlook::Unchanged) => {}
            Some(Outlook::Changed { is_visible, seconds }) => {
                plan.changed += 1;
                plan.visible += i64::from(*is_visible);
                plan.longest_wait_seconds = plan.longest_wait_seconds.max(*seconds);
            }
            Some(Outlook::Refused { reason, message }) => {
                plan.refused += 1;
                refusals.push(ClassPlanProblem {
                    object: member.object.clone(),
                    reason: reason.clone(),
                    message: message.chars().take(MESSAGE).collect(),
                });
            }
        }
    }
    let refused: BTreeSet<&str> = members
        .iter()
        .filter(|member| member.would_be_refused())
        .map(|member| member.api.as_str())
        .collect();
    let mut canaries = members.iter().filter(|member| member.is_canary).peekable();
    let is_any = canaries.peek().is_some();
    let is_without = is_any && canaries.all(|canary| refused.contains(canary.api.as_str()));
    plan.without_canary = is_without.then_some(true);
    refusals.sort_by(|a, b| a.object.cmp(&b.object));
    refusals.truncate(LISTED);
    plan.refusals = refusals;
    let known = || {
        members
            .iter()
            .filter_map(|member| member.outlook.as_ref()?.monthly)
    };
    plan.monthly_before = known().map(|(now, _)| now).sum::<Money>().to_string();
    plan.monthly_after = known().map(|(_, then)| then).sum::<Money>().to_string();
    plan
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
