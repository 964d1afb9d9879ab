//! A cut-over that was begun and is neither proven nor put back comes before everything: viewers may be refused by it.
//!
//! ```text
//! begun ─┬─ in effect ─▶ probe both ways ─┬─▶ proven
//!        │                                └─▶ put back
//!        ├─ not in effect, and the pass goes on ─▶ (goes on with the lock)
//!        └─ not in effect, or for what is not wanted any more ─▶ put back, unmarked
//! ```
//!
//! What was begun at a stage that the spec does not name any more is put back, whatever viewers meet: the perimeter leads to
//! another one, so no probe proves it.
//!
//! It needs the mark, the API and the probes alone: not the lists, and not a spec that can be built.

use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::authorization::{Desired, Observed};
use crate::domain::access::inputs::{Call, Inputs, Plan, Step, Wanted};
use crate::domain::access::probe::Way;
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::{Routes, Unproven};
use crate::domain::access::table::cause::{Cause, Why};
use crate::domain::access::table::machine::{Action, Given, TABLE, UNPROVEN};
use crate::domain::access::table::marks::{Marks, Phase, Step as CutOverStep};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::{Id, Kind};
use serde_json::json;

/// What is told where a lock that was not proven yet is not wanted any more.
const OTHERWISE: &str = "spec.access asks for something else since, and what was begun was not proven yet";

/// What is told where a lock that was not proven yet is of a stage that is not wanted any more.
const LEFT: &str = "spec.origin.stage names another stage since, and what was begun was not proven yet";

/// What is told where nobody can tell whether what was begun is in force.
const UNTOLD: &str = "whether the stage is locked as deployed cannot be told";

/// What is next for a cut-over that is begun. `is_halted`: no pass goes on with it, so what viewers do not meet yet is put
/// back as well. `is_deployed`: the last pass saw the distribution deployed as the spec asks; else it is read.
#[must_use]
pub fn settle<A: From<Call>>(
    wanted: &Wanted<'_>,
    inputs: &Inputs<'_>,
    is_halted: bool,
    is_deployed: bool,
) -> Plan<A> {
    let unproven = Unproven {
        is_halted,
        ..Unproven::default()
    };
    next(wanted, inputs, unproven, is_deployed)
}

/// What is next for a cut-over that is begun at a stage that the spec does not name any more: it is put back.
#[must_use]
pub fn put_back_left<A: From<Call>>(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Plan<A> {
    let unproven = Unproven {
        is_halted: true,
        is_other: true,
        is_left: true,
    };
    next(wanted, inputs, unproven, false)
}

/// Ends the mark of a cut-over that is begun at an earlier stage, where that is not there any more: it refuses nobody.
#[must_use]
pub fn forget_earlier<A: From<Call>>(wanted: &Wanted<'_>, inputs: &Inputs<'_>) -> Plan<A> {
    let mut plan = Plan::default();
    match &inputs.access {
        Seen::Present(found) if found.marks.earlier.is_some() => {
            let routes = Routes::new(wanted, inputs, found);
            let marks = Marks {
                earlier: None,
                ..found.marks.clone()
            };
            plan.act(Step {
                changes: vec![Change {
                    path: "cutOver".to_owned(),
                    from: json!(found.marks.earlier),
                    to: json!(null),
                }],
                ..routes.mark(marks)
            });
        }
        Seen::Listed(_) => plan.reads = vec![Id::of(Kind::Access)],
        Seen::Present(_) | Seen::Absent => {}
    }
    plan
}

fn next<A: From<Call>>(
    wanted: &Wanted<'_>,
    inputs: &Inputs<'_>,
    unproven: Unproven,
    is_deployed: bool,
) -> Plan<A> {
    let mut plan = Plan::default();
    let found = match &inputs.access {
        Seen::Present(found) => found,
        Seen::Listed(_) => {
            plan.reads = needed(wanted, inputs, is_deployed);
            return plan;
        }
        Seen::Absent => return plan,
    };
    let Some(phase) = &found.marks.cut_over else {
        return plan;
    };
    let (access, is_other) = meant(wanted.access, phase);
    let meant = Wanted {
        access: &access,
        authorizer: wanted.authorizer.filter(|_| !is_other),
        ..*wanted
    };
    let routes = Routes {
        unproven: Unproven {
            is_other: is_other || unproven.is_other,
            ..unproven
        },
        ..Routes::new(&meant, inputs, found)
    };
    let Some(row) = routes.row(UNPROVEN.iter(), false) else {
        return plan;
    };
    match row.action {
        Action::Prove => routes.prove(&mut plan),
        Action::ProveOrPutBack => {
            routes.prove(&mut plan);
            // What cannot be told, or only by a person, is put back.
            let problem = plan.problems.first().map(|problem| problem.message.clone());
            if let Some(said) = problem.or_else(|| plan.is_empty().then(|| UNTOLD.to_owned())) {
                let cause = Some(match routes.verdict(Way::Viewer) {
                    _ if routes.is_viewer_let_in() || routes.is_proven_by_reading() => Cause::NotServed,
                    Some(viewer) => Cause::of(viewer),
                    None => Cause::Unanswered,
                });
                plan = Plan::default();
                routes.put_back(phase, &Why { said, cause }, &mut plan);
            }
        }
        _ => routes.act(row, &mut plan),
    }
    plan
}

/// Whether viewers who are refused wait for `call`: it puts back what they meet.
#[must_use]
pub fn frees_viewers(call: &Call, found: Option<&Observed>) -> bool {
    match call {
        Call::PutBack { .. } => true,
        Call::Authorize { put_back, .. } => put_back.is_some(),
        Call::Snapshot { .. } => found.is_some_and(|found| found.put_back.is_some()),
        _ => false,
    }
}

/// Whether probes prove, or disprove, a lock that viewers may meet already.
#[must_use]
pub fn is_being_proven(found: Option<&Observed>) -> bool {
    found.is_some_and(|found| found.marks.is_unproven())
}

/// What has to be read before anything is decided. A viewer's probe asks as the distribution is configured.
fn needed(wanted: &Wanted<'_>, inputs: &Inputs<'_>, is_deployed: bool) -> Vec<Id> {
    let mut kinds = vec![Kind::Access];
    if (!is_deployed || wanted.access.proof != Proof::Signature) && inputs.distribution.present().is_none() {
        kinds.push(Kind::Distribution);
    }
    if matches!(wanted.access.proof, Proof::Header(_)) {
        kinds.push(Kind::Authorizer);
    }
    kinds.into_iter().map(Id::of).collect()
}

/// What the cut-over was begun for, and whether that is something else than is wanted. It is proven as it was begun: with
/// probes.
fn meant(wanted: &Desired, phase: &Phase) -> (Desired, bool) {
    let mut meant = wanted.clone();
    meant.probes |= phase.step == CutOverStep::Trying;
    let mark = meant.proof.mark();
    match phase.tried.as_ref().filter(|tried| **tried != mark) {
        Some(tried) => {
            meant.proof = Proof::of_mark(tried);
            (meant, true)
        }
        None => (meant, false),
    }
}

impl Routes<'_> {
    /// Proves the lock, as far as probes and what was read tell.
    fn prove(&self, plan: &mut Plan<impl From<Call>>) {
        let rows = TABLE.iter().filter(|row| row.given != Given::Always);
        if let Some(row) = self.row(rows, true) {
            self.act(row, plan);
        }
    }

    /// Whether viewers may meet what is not proven.
    pub(super) fn is_to_be_proven(&self, phase: &Phase) -> bool {
        self.is_in_effect(phase) || (phase.step != CutOverStep::Rest && self.is_made(phase))
    }

    /// Whether the only route that is tried is one that the spec excludes since: the others prove nothing of it.
    pub(super) fn tries_excluded(&self, phase: &Phase) -> bool {
        let tried = phase.route.as_ref().filter(|_| phase.step == CutOverStep::Trying);
        let mut excluded = self.found.routes.iter().filter(|route| !self.is_kept(&route.key));
        tried.is_some_and(|tried| excluded.any(|route| route.id == *tried))
    }

    /// Whether viewers meet what the phase is about. What was proven before the rest followed is not in doubt.
    fn is_in_effect(&self, phase: &Phase) -> bool {
        let is_told = matches!(self.found.deployed, Deployed::Routes(_));
        let is_changed = self.serves_another(phase);
        match phase.step {
            CutOverStep::Rest => is_changed && self.is_locked(),
            CutOverStep::Trying if is_told => {
                self.serves_lock(phase) && (is_changed || phase.before.is_none())
            }
            _ if phase.before.is_some() => is_changed,
            _ => self.is_locked(),
        }
    }

    /// Puts back what is not proven and will not be, and ends the phase: nobody refused anything.
    pub(super) fn back_out(&self, phase: &Phase, is_other: bool, plan: &mut Plan<impl From<Call>>) {
        let why = is_other.then(|| Why {
            said: if self.unproven.is_left { LEFT } else { OTHERWISE }.to_owned(),
            cause: None,
        });
        let may_be_met = self.found.stage.auto_deploy || self.is_in_effect(phase);
        if may_be_met && !self.go_back(phase, why.as_ref(), plan) {
            return;
        }
        if self.reopen_all(phase, why.as_ref(), plan) {
            let marks = Marks {
                cut_over: None,
                ..self.found.marks.clone()
            };
            let change = Change {
                path: "cutOver".to_owned(),
                from: json!(phase.step),
                to: json!(null),
            };
            let step = self.mark(marks);
            plan.act(Step {
                changes: vec![change],
                ..step
            });
        }
    }
}
