//! `status.adoption`: how far the adoption of a distribution has come, what it changes, and what keeps it back.

mod worth_knowing;

use self::worth_knowing::worth_knowing;
use super::planned::effects;
use crate::api::{
    AdoptionChange, AdoptionRefusal, AdoptionRival, AdoptionState, AdoptionStatus, AdoptionUnused,
    PlanEffect, PlanVerb, ProtectedApiStatus,
};
use crate::domain::adoption::arns;
use crate::domain::adoption::before::Before;
use crate::domain::adoption::refusals;
use crate::domain::edge::distribution;
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::words::cut;
use crate::domain::perimeter::adoption::Standing;
use crate::domain::perimeter::desired::Desired;
use crate::domain::perimeter::observed::Observed;
use serde_json::Value;

/// As many characters of a value, and of a text, are shown.
const VALUE: usize = 1000;
const TEXT: usize = 2000;
/// As many changes, and others, are shown.
const CHANGES: usize = 64;
const OTHERS: usize = 16;

/// Writes what is known of the adoption into `status`.
pub(super) fn fill(status: &mut ProtectedApiStatus, observed: &Observed, desired: Option<&Desired>) {
    let Some(desired) = desired else { return };
    let known = status.adoption.take();
    status.adoption = adoption(desired, observed, known);
    let is_back = matches!(observed.standing(desired), Some(Standing::Released));
    let is_foreign = matches!(observed.standing(desired), Some(Standing::Foreign(_)));
    if is_back || is_foreign {
        // By what stands here a distribution would be taken for the object's.
        status.distribution = None;
        status.url = None;
    }
}

/// How far it has come; `known` is what was told before.
#[must_use]
pub fn adoption(
    desired: &Desired,
    observed: &Observed,
    known: Option<AdoptionStatus>,
) -> Option<AdoptionStatus> {
    let declared = desired.adoption.as_ref()?;
    let known = known.filter(|known| known.id == declared.id);
    let known = known.unwrap_or_else(|| nothing(&declared.id));
    let standing = observed.standing(desired)?;
    if matches!(standing, Standing::Unread) {
        // Also why a release is taken back, which is noted there.
        return Some(known);
    }
    let before = AdoptionStatus {
        refusals: vec![],
        ..known
    };
    let memory_hash = before.memory_hash.clone();
    let refused = |refusals: Vec<AdoptionRefusal>| AdoptionStatus {
        state: AdoptionState::Refused,
        memory_hash: memory_hash.clone(),
        refusals: bounded(refusals),
        ..nothing(&declared.id)
    };
    Some(match standing {
        Standing::Unread => before,
        Standing::Missing => refused(vec![refusals::missing(declared)]),
        Standing::Another(own) => refused(vec![refusals::has_another(declared, own)]),
        Standing::Switching(_) if observed.was_adopted() => adopted(observed, before),
        Standing::Foreign(found) | Standing::Switching(found) => {
            let refusals = observed.adoption_refusals(desired, found);
            if refusals.is_empty() {
                planned(desired, observed, found)
            } else {
                AdoptionStatus {
                    rivals: shown_rivals(desired, observed, found),
                    ..refused(refusals)
                }
            }
        }
        Standing::Adopted => adopted(observed, before),
        Standing::Releasing(found) => {
            let refusals = bounded(observed.release_refusals(desired, found));
            AdoptionStatus {
                state: if refusals.is_empty() {
                    AdoptionState::Releasing
                } else {
                    AdoptionState::Refused
                },
                refusals,
                worth_knowing: vec![LOCK_STAYS.to_owned()],
                ..before
            }
        }
        Standing::Released => AdoptionStatus {
            state: AdoptionState::Released,
            worth_knowing: vec![LOCK_STAYS.to_owned()],
            ..nothing(&declared.id)
        },
    })
}

/// What is told of one that is adopted; `before` is what was told before.
fn adopted(observed: &Observed, before: AdoptionStatus) -> AdoptionStatus {
    AdoptionStatus {
        state: AdoptionState::Adopted,
        no_longer_used: unused(observed).unwrap_or(before.no_longer_used),
        worth_knowing: with_way_back(before.worth_knowing, observed.is_way_back_lost()),
        ..before
    }
}

/// Said of each release.
const LOCK_STAYS: &str = "The lock of the API stays as it is: a release opens nothing. Where the API asks for a signature, the former \
                          function has to give one.";

/// Said where the tags that remember what stood before were taken away.
const WAY_BACK_LOST: &str = "The way back is lost: somebody took away the tags palisade.dev/before-…, which remember what the distribution \
                             was before. It cannot be given back (release). It goes on as it is.";

/// What was said before, with what is known of the way back now.
fn with_way_back(told: Vec<String>, is_lost: Option<bool>) -> Vec<String> {
    let Some(is_lost) = is_lost else { return told };
    let first = is_lost.then(|| WAY_BACK_LOST.to_owned());
    let others = told.into_iter().filter(|told| told != WAY_BACK_LOST);
    first.into_iter().chain(others).take(OTHERS).collect()
}

fn nothing(id: &str) -> AdoptionStatus {
    AdoptionStatus {
        id: id.to_owned(),
        state: AdoptionState::Planned,
        hash: None,
        memory_hash: None,
        changes: vec![],
        worth_knowing: vec![],
        rivals: vec![],
        refusals: vec![],
        no_longer_used: vec![],
    }
}

fn planned(desired: &Desired, observed: &Observed, found: &distribution::Observed) -> AdoptionStatus {
    let plan = observed.adoption_plan(desired, found);
    let is_confirmed = observed.is_confirmed(desired, found);
    let changes = plan.changes.iter().take(CHANGES);
    AdoptionStatus {
        state: if is_confirmed {
            AdoptionState::Adopting
        } else {
            AdoptionState::Planned
        },
        hash: Some(plan.hash),
        memory_hash: observed.memory_hash(desired, found),
        changes: changes.map(shown).collect(),
        worth_knowing: worth_knowing(desired, observed, found),
        rivals: shown_rivals(desired, observed, found),
        ..nothing(&found.content.id)
    }
}

/// A field that changes, with what viewers notice.
fn shown(change: &Change) -> AdoptionChange {
    let text = |value: &Value| (!value.is_null()).then(|| cut(&value.to_string(), VALUE));
    AdoptionChange {
        field: cut(&change.path, 250),
        from: text(&change.from),
        to: text(&change.to),
        effect: effect(change),
    }
}

/// A function of somebody else's may do more than to sign.
fn effect(change: &Change) -> PlanEffect {
    let had_function =
        change.path == "signerVersionArn" && change.from.as_str().is_some_and(|arn| !arn.is_empty());
    if had_function {
        return PlanEffect::Visible;
    }
    effects::effect(Kind::Distribution, PlanVerb::Change, [change.path.as_str()]).0
}

fn shown_rivals(
    desired: &Desired,
    observed: &Observed,
    found: &distribution::Observed,
) -> Vec<AdoptionRival> {
    let rivals = observed.adoption_rivals(desired, found).into_iter();
    let shown = rivals.map(|rival| AdoptionRival {
        seen: cut(&rival.seen, VALUE),
        command: cut(&rival.command, TEXT),
        ..rival
    });
    shown.take(8).collect()
}

fn bounded(refusals: Vec<AdoptionRefusal>) -> Vec<AdoptionRefusal> {
    let shown = refusals.into_iter().map(|refusal| AdoptionRefusal {
        message: cut(&refusal.message, TEXT),
        remedy: cut(&refusal.remedy, TEXT),
        ..refusal
    });
    shown.take(OTHERS).collect()
}

/// What the distribution used before, as its tags remember it; `None` where they are not known, or not those that were set. People paste
/// the commands, so an ARN that is none of this account is not shown.
fn unused(observed: &Observed) -> Option<Vec<AdoptionUnused>> {
    let tags = observed.distribution_tags()?;
    let before = Before::of_tags(tags)?;
    let noted = &observed.outputs.memory_hash;
    if noted.is_some() && *noted != Before::hash_of(tags) {
        return None;
    }
    let account = arns::account_of(observed.distribution_arn()?)?;
    let web_acl = before.web_acl();
    let web_acl = web_acl.filter(|arn| arns::is_of(arn, "wafv2", account));
    let web_acl = web_acl.map(|arn| AdoptionUnused {
        kind: "webAcl".to_owned(),
        command: format!(
            "aws cloudfront list-distributions-by-web-acl-id --web-acl-id {arn}: other distributions may use it. Once it is deleted, this \
             distribution cannot be given back"
        ),
        arn,
    });
    let function = before.function();
    let function = function.filter(|arn| arns::is_of(arn, "lambda", account));
    let function = function.map(|arn| AdoptionUnused {
        kind: "function".to_owned(),
        command: format!(
            "aws lambda get-function --region us-east-1 --function-name {arn}: Lambda deletes it only hours after its replicas are gone. \
             Once it is deleted, this distribution cannot be given back"
        ),
        arn,
    });
    Some(web_acl.into_iter().chain(function).collect())
}
