//! The steps of a cut-over: see [`super::access_plan`] for their order.

use super::access::{Action, Authorization, Deployed, Deployment, Door, Pending};
use super::access_marks::{Marks, Phase, Step as CutOverStep};
use super::access_plan::{Doors, add_probe};
use super::access_words as words;
use crate::api::{CutOver, OriginType};
use crate::domain::change::Change;
use crate::domain::plan::{self, Id, Kind, Next, Plan, Problem, Step, Verb, Wait};
use crate::domain::probe::{Verdict, Way};
use crate::domain::reason::Reason;
use serde_json::json;
use std::time::Duration;

/// A deployment takes effect within seconds.
const EFFECT_RETRY: Duration = Duration::from_secs(2);
/// How long a probe that proves nothing is repeated before the way it was is put back.
const PATIENCE: Duration = Duration::from_mins(2);
/// A probe that something else than API Gateway refused is repeated this often.
const PROBE_RETRY: Duration = Duration::from_secs(30);

impl Doors<'_> {
    /// Takes the next step towards locked doors.
    pub(super) fn lock(&self, plan: &mut Plan) {
        let id = Id::of(Kind::Access);
        let refusal = self.contested().or_else(|| self.undeployed());
        if let Some(refusal) = refusal.or_else(|| self.unproven_address()) {
            return plan.add(id, Next::Problem(refusal));
        }
        if self.desired.probes && self.probed_door().is_none() {
            let message = words::no_probe_path(self.desired);
            return plan.add(
                id,
                Next::Problem(problem(Reason::ProbePathNotFound, message, None)),
            );
        }
        let is_begun =
            matches!(&self.found.marks.cut_over, Some(phase) if phase.step != CutOverStep::Refused);
        if !is_begun {
            return self.begin(plan);
        }
        let open: Vec<&Door> = self
            .targets()
            .into_iter()
            .filter(|door| door.authorization.is_open())
            .collect();
        let policy = self.write_policy();
        if !open.is_empty() || policy.is_some() {
            let locks = open
                .into_iter()
                .map(|door| self.authorize(door, Authorization::aws_iam(), None));
            plan.ready.extend(locks.chain(policy));
        } else if let Some(stray) = self.found.strays.first() {
            plan.ready.push(self.drop_stray(stray));
        } else {
            plan.ready.push(self.deploy());
        }
    }

    /// Begins a cut-over: with a probe where one is asked for, and the mark.
    fn begin(&self, plan: &mut Plan) {
        let id = Id::of(Kind::Access);
        if self.desired.probes && self.desired.cut_over == CutOver::AfterProbe {
            match self.verdict(Way::Viewer) {
                None => return add_probe(self.desired, self.everything, Way::Viewer, plan),
                Some(Verdict::Reached { .. }) => {}
                Some(verdict) => {
                    let by_address = self.refused_by_address(verdict).map(Next::Problem);
                    return plan.add(id, by_address.unwrap_or_else(|| not_proven(verdict)));
                }
            }
        }
        let before = self.found.marks.cut_over.as_ref();
        let cut_over = Phase {
            step: if self.has_locked_doors() {
                CutOverStep::Narrowing
            } else if self.desired.probes {
                CutOverStep::Trying
            } else {
                CutOverStep::Rest
            },
            before: self
                .found
                .stage
                .deployment
                .clone()
                .filter(|_| !self.found.stage.auto_deploy),
            door: self.first_door(),
            refusals: before.map(|phase| phase.refusals).unwrap_or_default(),
            since: self.everything.at,
        };
        plan.ready.push(self.enter(cut_over));
    }

    fn drop_stray(&self, stray: &str) -> Step {
        let deployment = stray.to_owned();
        self.step(Verb::Delete, vec![], Action::DeleteStray { deployment })
    }

    /// A deployment of the working copy: made, looked at, served.
    fn deploy(&self) -> Step {
        let Some(fresh) = &self.found.fresh else {
            let description = self.description();
            return self.step(Verb::Update, vec![], Action::Snapshot { description });
        };
        if !self.is_as_read(fresh) {
            return self.step(
                Verb::Delete,
                vec![],
                Action::Discard {
                    deployment: fresh.id.clone(),
                },
            );
        }
        let change = Change {
            path: "deploymentId".to_owned(),
            from: json!(self.found.stage.deployment),
            to: json!(fresh.id),
        };
        self.step(
            Verb::Update,
            vec![change],
            Action::Serve {
                deployment: fresh.clone(),
            },
        )
    }

    /// Whether a snapshot has just the methods that were read: nobody edited the API in between.
    fn is_as_read(&self, fresh: &Deployment) -> bool {
        self.desired.gate.r#type != OriginType::Rest
            || (fresh.doors.len() == self.found.doors.len()
                && self.found.doors.iter().all(|door| {
                    fresh
                        .doors
                        .get(&door.key)
                        .is_some_and(|served| served.kind == door.authorization.kind)
                }))
    }

    /// Proves a lock that was just made, or puts back what was before.
    pub(super) fn prove(&self, phase: &Phase, plan: &mut Plan) {
        if !self.desired.probes {
            return self.finish(phase, plan);
        }
        add_probe(self.desired, self.everything, Way::Direct, plan);
        add_probe(self.desired, self.everything, Way::Viewer, plan);
        let (Some(direct), Some(viewer)) = (self.verdict(Way::Direct), self.verdict(Way::Viewer)) else {
            if plan.probes.is_empty() {
                self.put_back(phase, "no path of the API can be probed any more", plan);
            }
            return;
        };
        let age = self.everything.at.duration_since(phase.since).unsigned_abs();
        match (direct, viewer) {
            // Not in force yet: the viewer's answer proves nothing.
            (Verdict::Reached { .. }, _) if age < PATIENCE => {
                plan.add(Id::of(Kind::Access), cutting_over(words::not_in_force()));
            }
            (Verdict::Reached { status }, _) => {
                let message = words::direct_open(self.desired, *status);
                plan.add(
                    Id::of(Kind::Access),
                    Next::Problem(problem(Reason::DirectAccessOpen, message, Some(PROBE_RETRY))),
                );
            }
            (_, Verdict::Reached { .. }) => self.finish(phase, plan),
            (_, Verdict::Unanswered { why }) if age < PATIENCE => {
                plan.add(Id::of(Kind::Access), cutting_over(words::probing_again(why)));
            }
            // Each route is live at once, and the first of them was proven: what refuses now is something else.
            (_, verdict) if phase.step == CutOverStep::Rest && phase.before.is_none() => {
                plan.add(Id::of(Kind::Access), not_proven(verdict));
            }
            (_, verdict) => self.put_back(phase, &words::said(verdict), plan),
        }
    }

    /// Ends the cut-over, or goes on to the doors that were left for later.
    fn finish(&self, phase: &Phase, plan: &mut Plan) {
        if phase.step == CutOverStep::Trying && !self.is_whole() {
            let rest = Phase {
                step: CutOverStep::Rest,
                door: None,
                ..phase.clone()
            };
            return plan.ready.push(self.enter(rest));
        }
        self.end(phase, plan);
    }

    pub(super) fn end(&self, phase: &Phase, plan: &mut Plan) {
        let locks = match phase.step {
            CutOverStep::Narrowing => self.found.marks.locks.clone(),
            _ => self.found.marks.locked_at(self.everything.at),
        };
        plan.ready.push(self.mark(Marks {
            cut_over: None,
            locks,
        }));
    }

    /// Puts back what was before the cut-over: first what viewers meet, then the working copy, so that a deployment of the
    /// team's does not lock the API unproven.
    pub(super) fn put_back(&self, phase: &Phase, said: &str, plan: &mut Plan) {
        match &phase.before {
            Some(before) if self.found.stage.deployment.as_ref() != Some(before) => {
                let action = Action::PutBack {
                    deployment: before.clone(),
                    refused: self.found.stage.deployment.clone(),
                    said: said.to_owned(),
                };
                plan.ready.push(self.step(Verb::Update, vec![], action));
            }
            _ => {
                self.reopen(phase, Some(said), plan);
                if plan.ready.is_empty() {
                    self.note_refusal(phase, plan);
                }
            }
        }
    }

    pub(super) fn note_refusal(&self, phase: &Phase, plan: &mut Plan) {
        let refused = Phase {
            step: CutOverStep::Refused,
            refusals: phase.refusals + 1,
            since: self.everything.at,
            ..phase.clone()
        };
        plan.ready.push(self.enter(refused));
    }

    /// After a refusal: the working copy as it was, and a wait.
    pub(super) fn rest_after_refusal(&self, phase: &Phase, plan: &mut Plan) {
        self.reopen(phase, None, plan);
        if plan.ready.is_empty() {
            plan.ready
                .extend(self.found.strays.first().map(|stray| self.drop_stray(stray)));
        }
        let retry_after = phase.backoff(self.everything.at).unwrap_or(PROBE_RETRY);
        let said = self.found.put_back.as_deref();
        let message = self.refused(phase, said);
        plan.add(
            Id::of(Kind::Access),
            Next::Problem(problem(Reason::SignatureRefused, message, Some(retry_after))),
        );
    }

    /// Opens the doors of the working copy that only the cut-over has locked.
    fn reopen(&self, phase: &Phase, said: Option<&str>, plan: &mut Plan) {
        let was_open = |door: &&Door| match (&phase.door, &self.found.deployed) {
            (Some(tried), _) => door.id == *tried,
            (None, Deployed::Doors(deployed)) => deployed.get(&door.key).is_some_and(Authorization::is_open),
            (None, _) => false,
        };
        let locked = self
            .found
            .kept(self.desired)
            .filter(|door| door.authorization.is_locked());
        plan.ready.extend(
            locked
                .filter(was_open)
                .map(|door| self.authorize(door, Authorization::none(), said)),
        );
        plan.ready.extend(self.put_policy_back());
    }

    fn contested(&self) -> Option<Problem> {
        let left = match self.found.marks.cut_over {
            None => self.found.marks.contested_for(self.everything.at)?,
            Some(_) => return None,
        };
        let message = words::contested(self.desired, &self.open_as_deployed());
        Some(problem(Reason::ContestedByOtherTool, message, Some(left)))
    }

    fn undeployed(&self) -> Option<Problem> {
        if self.desired.deploy_pending_changes || self.found.stage.auto_deploy {
            return None;
        }
        // What one of our deployments carries is known: it was compared before the first door was changed.
        if matches!(self.found.deployed, Deployed::Locked) {
            return None;
        }
        let message = match &self.found.pending {
            Pending::None => return None,
            Pending::At(paths) => words::undeployed(self.desired, paths),
            Pending::Unknown => words::cannot_compare(self.desired),
        };
        Some(problem(Reason::UndeployedChanges, message, None))
    }

    fn enter(&self, phase: Phase) -> Step {
        let locks = self.found.marks.locks.clone();
        self.mark(Marks {
            cut_over: Some(phase),
            locks,
        })
    }

    fn mark(&self, marks: Marks) -> Step {
        let arn = self.found.distribution_arn.clone();
        self.step(Verb::Update, vec![], Action::Mark { arn, marks })
    }

    fn authorize(&self, door: &Door, authorization: Authorization, said: Option<&str>) -> Step {
        let change = Change {
            path: "authorization".to_owned(),
            from: json!(door.authorization.kind),
            to: json!(authorization.kind),
        };
        let put_back = said.map(ToOwned::to_owned);
        // Whoever asks customers for a key goes on asking for it.
        let authorization = Authorization {
            api_key_required: door.authorization.api_key_required,
            ..authorization
        };
        let action = Action::Authorize {
            door: door.clone(),
            authorization,
            put_back,
        };
        Step {
            id: Id {
                kind: Kind::Access,
                part: door.key.clone(),
            },
            name: format!("{} of {}", door.key, self.desired.gate.api_id),
            ..self.step(Verb::Update, vec![change], action)
        }
    }

    pub(super) fn step(&self, verb: Verb, changes: Vec<Change>, action: Action) -> Step {
        Step {
            id: Id::of(Kind::Access),
            name: format!(
                "stage {} of {}",
                self.desired.gate.stage, self.desired.gate.api_id
            ),
            verb,
            changes,
            action: plan::Action::Access(action),
        }
    }
}

/// What a probe before the lock means that did not reach the API.
fn not_proven(verdict: &Verdict) -> Next {
    let (reason, message) = words::not_proven(verdict);
    if matches!(verdict, Verdict::Unanswered { .. } | Verdict::EdgeFailed { .. }) {
        return Next::Wait(Wait {
            id: Id::of(Kind::Access),
            reason,
            message,
            retry_after: PROBE_RETRY,
        });
    }
    Next::Problem(problem(reason, message, Some(PROBE_RETRY)))
}

fn cutting_over(message: String) -> Next {
    Next::Wait(Wait {
        id: Id::of(Kind::Access),
        reason: Reason::CuttingOver,
        message,
        retry_after: EFFECT_RETRY,
    })
}

pub(super) fn problem(reason: Reason, message: String, retry_after: Option<Duration>) -> Problem {
    Problem {
        id: Id::of(Kind::Access),
        reason,
        message,
        stands: false,
        retry_after,
    }
}
