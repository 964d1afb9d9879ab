//! What a person is told of the API's lock by events.

use super::EventNote;
use super::drift::is_drift;
use crate::api::ProtectedApi;
use crate::controller::engine::{Done, Outcome};
use crate::domain::access::authorization;
use crate::domain::access::table::cause::Cause;
use crate::domain::access::table::marks::Phase;
use crate::domain::access::words::listed;
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::plan::Action;

pub(super) fn is_route(done: &Done) -> bool {
    matches!(
        &done.step.action,
        Action::Access(authorization::Action::Authorize { .. })
    )
}

/// One event for all routes that were locked, and one for all that were opened again: an API has hundreds. Each with when the
/// first of them was, in the order of what was done.
pub(super) fn route_notes(
    object: &ProtectedApi,
    outcome: &Outcome,
    routes: &[(usize, &Done)],
) -> Vec<(usize, EventNote)> {
    let of = |is_locked: bool| -> Vec<(usize, &Done)> {
        let is_meant = |(_, done): &&(usize, &Done)| match &done.step.action {
            Action::Access(authorization::Action::Authorize { authorization, .. }) => {
                authorization.is_open() != is_locked
            }
            _ => false,
        };
        routes.iter().filter(is_meant).copied().collect()
    };
    let names = |routes: &[(usize, &Done)]| {
        let names = routes.iter().map(|(_, done)| done.step.id.part.clone());
        listed(&names.collect::<Vec<_>>())
    };
    let (locked, opened) = (of(true), of(false));
    let mut notes = Vec::new();
    if let Some((at, first)) = locked.first() {
        let reason = if is_drift(object, outcome, first) {
            Reason::DriftCorrected
        } else {
            Reason::Updated
        };
        let asked = match &first.step.action {
            Action::Access(authorization::Action::Authorize {
                authorization: asked, ..
            }) => authorization::asked_for(asked),
            _ => "a proof",
        };
        let sentence = format!("Had these methods of the API ask for {asked}: {}", names(&locked));
        notes.push((*at, EventNote::normal(reason, "Lock", sentence)));
    }
    if let Some((at, _)) = opened.first() {
        let sentence = format!(
            "Had these methods of the API ask for nothing, as before: {}",
            names(&opened)
        );
        notes.push((*at, put_back(disproof(outcome), sentence)));
    }
    notes
}

/// What is put back is told as what disproved the lock; where nothing did, it is not wanted any more.
fn put_back(cause: Option<Cause>, sentence: String) -> EventNote {
    match cause {
        Some(cause) => EventNote::warning(cause.reason(), "PutBack", sentence),
        None => EventNote::normal(Reason::Updated, "PutBack", sentence),
    }
}

/// What disproved the lock that this pass puts back, as far as its calls tell.
fn disproof(outcome: &Outcome) -> Option<Cause> {
    outcome.done.iter().find_map(|done| match &done.step.action {
        Action::Access(
            authorization::Action::PutBack { why, .. }
            | authorization::Action::Authorize {
                put_back: Some(why), ..
            },
        ) => why.cause,
        Action::Access(authorization::Action::Mark { marks, .. }) => {
            marks.cut_over.as_ref().and_then(Phase::disproof)
        }
        _ => None,
    })
}

/// What a step of a cut-over is told as; marks and snapshots are not.
pub(super) fn access_note(
    object: &ProtectedApi,
    outcome: &Outcome,
    done: &Done,
    action: &authorization::Action,
) -> Option<EventNote> {
    let step = &done.step;
    match action {
        authorization::Action::Serve { deployment } if action.takes_off() => Some(EventNote::normal(
            Reason::Updated,
            "Deploy",
            format!(
                "Had {} serve deployment {}, whose methods ask for nothing of the perimeter's: its client certificate is asked for before \
                 them",
                step.name, deployment.id
            ),
        )),
        authorization::Action::Serve { deployment } if is_drift(object, outcome, done) => {
            Some(EventNote::warning(
                Reason::DriftCorrected,
                "Deploy",
                format!(
                    "Somebody had {} serve a deployment that is not locked: had it serve deployment {}, which is",
                    step.name, deployment.id
                ),
            ))
        }
        authorization::Action::Serve { deployment } => Some(EventNote::normal(
            Reason::Updated,
            "Deploy",
            format!(
                "Had {} serve deployment {}, which is locked",
                step.name, deployment.id
            ),
        )),
        authorization::Action::PutBack { deployment, why, .. } => Some(put_back(
            why.cause,
            format!(
                "Had {} serve deployment {deployment} again, as before: {}",
                step.name, why.said
            ),
        )),
        authorization::Action::Mark { marks, .. } if marks.cut_over.is_none() && step.changes.is_empty() => {
            Some(EventNote::normal(
                Reason::Locked,
                "Lock",
                format!(
                    "Locked {}: as deployed it accepts only what the perimeter sends",
                    step.name
                ),
            ))
        }
        authorization::Action::SetPolicy { is_back: true, .. } => Some(put_back(
            disproof(outcome),
            format!(
                "Put our statement in the resource policy back as it was before, for {}",
                step.name
            ),
        )),
        authorization::Action::SetPolicy { is_exclusive, .. } => {
            let what = if *is_exclusive {
                "Put our statement into"
            } else {
                "Took our statement out of"
            };
            let sentence = format!("{what} the API's resource policy, for {}", step.name);
            Some(EventNote::normal(Reason::Updated, "Lock", sentence))
        }
        authorization::Action::Mark { .. }
        | authorization::Action::Snapshot { .. }
        | authorization::Action::Authorize { .. }
        | authorization::Action::DeleteUnusedDeployment { .. }
        | authorization::Action::DeleteDeadAuthorizer { .. }
        | authorization::Action::Discard { .. } => None,
    }
}
