//! What is found out about objects: whether their namespace permits them, their account, and their conditions.

use super::{Facts, Finding, Known, Level, Subject, mode, seen, unread};
use crate::api::{AdoptionState, AdoptionStatus};
use crate::plugin::picture::{Check, Picture, State};
use crate::plugin::read::{NOT_LOOKED_AT, part};
use serde_json::Value;

/// How near an account is to AWS's limits in number.
const QUOTA_HEADROOM: &str = "QuotaHeadroom";

/// Of all objects that are asked about.
pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let about = "objects";
    match &facts.objects {
        Known::Seen(found) if found.is_empty() => {
            let said = format!("there is no ProtectedApi in namespace {}", facts.namespace);
            vec![Finding::new(Level::Ok, about, said)]
        }
        Known::Seen(found) => {
            let of_objects = found.iter().flat_map(|subject| of(facts, subject));
            of_accounts(found).into_iter().chain(of_objects).collect()
        }
        Known::NotPermitted => vec![unread(about, "ProtectedApis")],
        Known::Failed(why) => vec![Finding::new(Level::Fail, about, why)],
    }
}

fn of(facts: &Facts, subject: &Subject) -> Vec<Finding> {
    let picture = Picture::of(&subject.object, facts.context.as_deref());
    let name = picture.object();
    let mut found = Vec::new();
    found.extend(permission(facts, subject, &name));
    found.extend(account(facts, subject, &name));
    found.extend(mode::finding(&subject.object, &name));
    found.extend(remarks(&subject.object, &picture, &name));
    found.extend(rivals(&subject.object, &name));
    let conditions: Vec<Finding> = checks(&picture)
        .filter_map(|check| condition(check, &name))
        .collect();
    if conditions.is_empty() {
        let state = if picture.is_ready() {
            "Ready"
        } else {
            "no condition is bad"
        };
        found.push(Finding::new(Level::Ok, &name, state));
    }
    found.extend(conditions);
    let notes = picture.notes.iter();
    found.extend(notes.map(|note| Finding::new(Level::Warn, &name, note)));
    found
}

/// Annotations count where the controller is told that they do, which is its baseline.
fn permission(facts: &Facts, subject: &Subject, name: &str) -> Option<Finding> {
    let controllers = seen(&facts.controllers);
    let is_known = !controllers.is_empty();
    if is_known && controllers.iter().all(|found| found.is_open) {
        return None;
    }
    Some(match &subject.refusal {
        Known::Seen(None) => Finding::new(Level::Ok, name, "its namespace permits what its spec names"),
        Known::Seen(Some(refusal)) if is_known => Finding::new(Level::Fail, name, refusal),
        Known::Seen(Some(refusal)) => Finding::new(Level::Warn, name, refusal)
            .with("nothing is wrong where the controller has --tenancy Open"),
        Known::NotPermitted => unread(name, "the annotations of its Namespace"),
        Known::Failed(why) => Finding::new(Level::Warn, name, why),
    })
}

fn account(facts: &Facts, subject: &Subject, name: &str) -> Option<Finding> {
    let (account, known) = subject.account.as_ref()?;
    Some(match known {
        Known::Seen(None) => {
            let said = format!("spec.accountName: there is no AwsAccount {account}");
            Finding::new(Level::Fail, name, said).with(format!(
                "name one that there is: {}",
                facts.here("kubectl get awsaccounts")
            ))
        }
        Known::Seen(Some(found)) => {
            let (status, told) = ready(found);
            let said = format!("AwsAccount {account}: {told}");
            match status {
                Some("True") => Finding::new(Level::Ok, name, said),
                Some("False") => Finding::new(Level::Fail, name, said).with(format!(
                    "{} has all of its conditions",
                    facts.here(&format!("kubectl describe awsaccount {account}"))
                )),
                _ => Finding::new(Level::Warn, name, said),
            }
        }
        Known::NotPermitted => unread(name, &format!("the AwsAccount {account}")),
        Known::Failed(why) => Finding::new(Level::Warn, name, why),
    })
}

/// What the accounts say besides `Ready`, once for each: it is of all objects there, and holds none of them back.
fn of_accounts(subjects: &[Subject]) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (name, known) in subjects.iter().filter_map(|subject| subject.account.as_ref()) {
        let Known::Seen(Some(account)) = known else {
            continue;
        };
        let (_, told) = ready(account);
        for condition in account["status"]["conditions"].as_array().into_iter().flatten() {
            let text = |field: &str| condition[field].as_str().unwrap_or_default();
            let (is, message) = (text("type"), text("message"));
            let is_well = text("status") == "True";
            // The other three sum up, and Ready repeats the condition that it is not True for.
            let is_told =
                ["Ready", "Reconciling", "Stalled"].contains(&is) || told.contains(&format!("{is}: "));
            if is_told || (is_well && is != QUOTA_HEADROOM) {
                continue;
            }
            let level = if is_well { Level::Ok } else { Level::Warn };
            let said = format!("{is}: {}: {message}", text("reason"));
            let finding = Finding::new(level, &format!("AwsAccount {name}"), said);
            if !found.contains(&finding) {
                found.push(finding);
            }
        }
    }
    found
}

/// Tools that may write an adopted distribution, too: each with the command by which it lets it go.
fn rivals(object: &Value, name: &str) -> Vec<Finding> {
    let adoption: Option<AdoptionStatus> = part(&object["status"]["adoption"]).ok().flatten();
    let Some(adoption) = adoption.filter(|adoption| adoption.state != AdoptionState::Released) else {
        return vec![];
    };
    let each = adoption.rivals.iter().map(|rival| {
        let level = if rival.needs_consent {
            Level::Fail
        } else {
            Level::Ok
        };
        let said = format!(
            "{} may write distribution {}, too: {}",
            rival.tool, adoption.id, rival.seen
        );
        Finding::new(level, name, said).with(rival.command.clone())
    });
    each.collect()
}

/// Status of an account's `Ready`, and what it says.
fn ready(account: &Value) -> (Option<&str>, String) {
    let mut conditions = account["status"]["conditions"].as_array().into_iter().flatten();
    let Some(ready) = conditions.find(|found| found["type"] == "Ready") else {
        return (None, "no controller has looked at it".to_owned());
    };
    let text = |field: &str| ready[field].as_str().unwrap_or_default();
    (
        ready["status"].as_str(),
        format!("{}: {}", text("reason"), text("message")),
    )
}

/// What is to be known before conditions are read. That nobody has looked at the object is the worst of it.
fn remarks(object: &Value, picture: &Picture, name: &str) -> Vec<Finding> {
    let observed = object["status"]["observedGeneration"].as_i64();
    let is_seen = observed.is_some_and(|observed| observed != NOT_LOOKED_AT);
    let level = if is_seen { Level::Warn } else { Level::Fail };
    let all = picture.remarks.iter();
    all.map(|remark| Finding::new(level, name, remark)).collect()
}

/// All conditions; `Ready` where no other says why it is not.
fn checks(picture: &Picture) -> impl Iterator<Item = &Check> {
    let way = picture.way.iter().flat_map(|station| &station.conditions);
    let others = way.chain(&picture.besides);
    let is_said = others.clone().any(|check| check.state > State::Off);
    let whole = (!is_said).then_some(&picture.ready);
    others.chain(whole)
}

/// What a condition says that is not as it should be.
fn condition(check: &Check, name: &str) -> Option<Finding> {
    let level = match check.state {
        State::Good | State::Off => return None,
        State::Waiting => Level::Ok,
        State::Unknown => Level::Warn,
        State::Bad => Level::Fail,
    };
    let reason = if check.reason.is_empty() {
        "not reported"
    } else {
        &check.reason
    };
    let said = format!("{}: {reason}", check.condition);
    let said = match (&check.awaited, &check.message) {
        (Some(awaited), _) => format!("{said}; waits for {}, which comes by itself", awaited.what),
        (None, Some(message)) => format!("{said}: {message}"),
        (None, None) => said,
    };
    Some(Finding::new(level, name, said))
}

#[cfg(test)]
mod tests;
