//! What a status says of who may call the API, taken back once nobody has looked at it for longer than its interval: a pass that
//! could look may take long.

use super::conditions::{Pass, Verdict, is_true, types};
use super::enforcement::enforcement;
use super::proven::proven;
use super::said_before::repeated;
use super::since::{reasons_since, stamped};
use super::unseen::unless_overdue;
use crate::api::{Enforcement, ProtectedApiStatus};
use crate::domain::access::inputs::Due;
use crate::domain::access::probe::Way;
use crate::domain::kernel::reason::Reason;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

/// The status before, with what is overdue by `due` taken back; `None` where all of it stands. Nothing else of it changes.
#[must_use]
pub fn taken_back(pass: &Pass<'_>, due: Due) -> Option<ProtectedApiStatus> {
    let mut verdicts = lapsed(pass, due);
    let cause = verdicts.first()?.clone();
    if is_true(&pass.previous.conditions, types::READY) && !is_observed(pass) {
        verdicts.extend(no_longer_ready(pass, &cause));
    }
    let since = reasons_since(pass, &verdicts);
    let mut status = pass.previous.clone();
    for verdict in &verdicts {
        let condition = stamped(pass, verdict, since.get(verdict.is));
        let mut conditions = status.conditions.iter_mut();
        match conditions.find(|found| found.type_ == verdict.is) {
            Some(found) => *found = condition,
            None => status.conditions.push(condition),
        }
        status.reasons_since.remove(verdict.is);
    }
    status.reasons_since.extend(since);
    Some(status)
}

/// What was True and does not count any more, by the rules of a pass that came to look at nothing.
fn lapsed(pass: &Pass<'_>, due: Due) -> Vec<Verdict> {
    let is = types::ACCESS_RESTRICTED;
    let restricted = repeated(pass, is).map_or_else(
        || Verdict::unknown(is, Reason::InProgress, "not looked at yet"),
        |said| unless_overdue(pass, said),
    );
    let mut verdicts = Vec::new();
    // Of an API that may be asked for nothing at any time, what was probed counts as long as what was read.
    if due.probes || due.overdue {
        let direct = types::DIRECT_ACCESS_BLOCKED;
        verdicts.push(proven(pass, direct, Way::Direct, &restricted));
    }
    if due.overdue {
        verdicts.insert(0, restricted);
    }
    verdicts.retain(|verdict| verdict.status == "Unknown" && is_true(&pass.previous.conditions, verdict.is));
    verdicts
}

/// Under `Observe` an object is Ready whatever is known of its lock.
fn is_observed(pass: &Pass<'_>) -> bool {
    let stood = pass.stood.map(|(desired, _)| enforcement(desired));
    stood == Some(Enforcement::Observe)
}

fn no_longer_ready(pass: &Pass<'_>, cause: &Verdict) -> Vec<Verdict> {
    let message = format!("{}: {}", cause.is, cause.message);
    let mut verdicts = vec![Verdict::no(types::READY, cause.reason, message)];
    let failure = pass.failures.first();
    let failure = failure.filter(|_| !is_true(&pass.previous.conditions, types::STALLED));
    verdicts
        .extend(failure.map(|failure| Verdict::yes(types::RECONCILING, failure.reason, &failure.message)));
    verdicts
}

/// Has those of `conditions` that `told`, which was written meanwhile, says otherwise turn at `now`, and the others when they did
/// there.
pub fn turned_since(conditions: &mut [Condition], told: &[Condition], now: Timestamp) {
    for condition in conditions {
        let mut told = told.iter();
        let Some(before) = told.find(|before| before.type_ == condition.type_) else {
            continue;
        };
        condition.last_transition_time = if before.status == condition.status {
            before.last_transition_time.clone()
        } else {
            Time(now)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(is: &str, status: &str, second: i64) -> Condition {
        Condition {
            type_: is.to_owned(),
            status: status.to_owned(),
            reason: "Locked".to_owned(),
            message: String::new(),
            observed_generation: Some(1),
            last_transition_time: Time(Timestamp::from_second(second).unwrap()),
        }
    }

    #[test]
    fn what_was_taken_back_meanwhile_turns_when_it_is_said_again_and_what_was_not_has_not_turned() {
        let told = [condition("A", "Unknown", 50), condition("B", "True", 1)];
        let mut written = [
            condition("A", "True", 1),
            condition("B", "True", 1),
            condition("C", "True", 1),
        ];
        turned_since(&mut written, &told, Timestamp::from_second(90).unwrap());
        let turned = written.map(|found| found.last_transition_time.0.as_second());
        assert_eq!(turned, [90, 1, 1]);
        let mut kept = [condition("A", "Unknown", 90)];
        turned_since(&mut kept, &told, Timestamp::from_second(90).unwrap());
        assert_eq!(kept[0].last_transition_time.0.as_second(), 50);
    }
}
