//! The steps of a cut-over: see [`super::lock`] for their order.

use super::at_the_edge::{DEPLOYING, is_telling};
use super::authorization::{Action, Authorization, CUSTOM, Deployment, Door, NONE, Pending};
use super::cause::{Cause, Why};
use super::doors::Standing;
use super::first_lock::Held;
use super::lock::{Doors, pending_read, stage_read, stages_read, ways_in_read};
use super::marks::{LockedBefore, Marks, Phase, Step as CutOverStep};
use super::probe::{Class, Verdict, Way};
use super::probing::{add_probe, is_let_in};
use super::proof::Proof;
use super::verdicts::{hidden, hidden_by_responses, not_proven as told, said};
use super::who_answered::hides_refusals;
use super::words;
use crate::api::{CutOver, OriginType};
use crate::domain::kernel::change::Change;
use crate::domain::kernel::planning::{Id, Kind, Problem, Verb, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::plan::{self, Next, Plan, Step};
use serde_json::json;
use std::time::Duration;

/// How a phase tells that only a key was asked for.
pub(super) const KEY: &str = "KEY";
/// A deployment takes effect within seconds.
const EFFECT_RETRY: Duration = Duration::from_secs(2);
/// How long a probe that proves nothing is repeated before the way it was is put back.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);
/// A probe that something else than API Gateway refused is repeated this often.
pub(super) const PROBE_RETRY: Duration = Duration::from_secs(30);

impl Doors<'_> {
    /// Takes the next step towards locked doors.
    pub(super) fn lock(&self, plan: &mut Plan) {
        let id = Id::of(Kind::Access);
        if let Some(wait) = self.cut_short() {
            return self.stuck(Next::Wait(wait), plan);
        }
        if self.is_compared() && self.found.pending == Pending::Unread {
            return plan.add(pending_read(), Next::Read);
        }
        let begun = self.found.marks.cut_over.as_ref();
        let begun = begun.filter(|phase| phase.step != CutOverStep::Back);
        let is_begun = begun.is_some();
        if !is_begun && self.are_stages_due() {
            return plan.add(stages_read(), Next::Read);
        }
        if !is_begun && self.are_ways_in_due() {
            return plan.add(ways_in_read(), Next::Read);
        }
        let contested = self.contested().map(Next::Problem);
        let open_canary = || self.open_canary().filter(|_| !is_begun).map(Next::Problem);
        let unproven_address = || self.unproven_address().map(Next::Problem);
        let obstacle = contested.or_else(|| self.undeployed()).or_else(open_canary);
        let held = || self.held_by_the_api().filter(|_| !is_begun).map(Next::Problem);
        if let Some(obstacle) = obstacle.or_else(unproven_address).or_else(held) {
            // What is locked in the working copy alone would be published, unproven, by whoever deploys it.
            return match begun {
                Some(phase) if matches!(obstacle, Next::Problem(_)) => self.back_out(phase, false, plan),
                _ => self.stuck(obstacle, plan),
            };
        }
        if !is_begun && self.is_whole() && self.found.stage.auto_deploy {
            return self.stuck(Next::Problem(self.behind_for_long()), plan);
        }
        if let Some(problem) = self.never_probed() {
            // What nothing can prove any more is not left half made.
            return match begun {
                Some(phase) => self.back_out(phase, false, plan),
                None => self.stuck(Next::Problem(problem), plan),
            };
        }
        if !self.is_sent() {
            // What is sent so far has to prove itself before the API accepts anything in its place.
            if self.desired.probes {
                add_probe(self.all, self.everything, Way::Viewer, plan);
            }
            return self.blocked(plan);
        }
        let Some(phase) = begun else {
            return self.begin(plan);
        };
        if self.is_released_since(phase) {
            return plan.ready.push(self.enter(self.marked_anew(phase)));
        }
        let targets = self.targets();
        let open = targets.iter().filter_map(|door| match self.standing(door) {
            Standing::Open(authorization) => Some(self.authorize(door, authorization, None)),
            Standing::Locked | Standing::InTheWay(_) => None,
        });
        let open: Vec<Step> = open.chain(self.write_policy()).collect();
        if !open.is_empty() {
            plan.ready.extend(open);
        } else if self.found.stage.auto_deploy {
            plan.add(id, self.behind(self.age()));
        } else if let Some(stray) = self.found.strays.first() {
            plan.ready.push(self.drop_stray(stray));
        } else {
            plan.ready.push(self.deploy());
        }
    }

    /// The lock waits for a probe, and no method can be asked for.
    pub(super) fn never_probed(&self) -> Option<Problem> {
        let is_awaited = self.desired.probes && self.desired.cut_over == CutOver::AfterProbe;
        (is_awaited && !self.is_probed()).then(|| {
            let message = words::no_probe_path(self.desired);
            problem(Reason::ProbePathNotFound, message, None)
        })
    }

    /// Begins a cut-over: with probes where they are asked for, and the mark.
    fn begin(&self, plan: &mut Plan) {
        if self.marked_at().is_empty() {
            return plan.add(Id::of(Kind::Access), Next::Blocked(vec![Kind::Distribution]));
        }
        let is_probed = self.is_probed();
        if is_probed && !is_telling(self.everything) {
            return plan.add(Id::of(Kind::Access), Next::Wait(until_deployed()));
        }
        // By them a refusal of viewers is told within seconds.
        if is_probed && self.responses_are_unread() {
            return plan.add(pending_read(), Next::Read);
        }
        if is_probed {
            add_probe(self.all, self.everything, Way::Viewer, plan);
            // What it is answered now is what later answers are compared with.
            add_probe(self.all, self.everything, Way::Direct, plan);
            if !plan.probes.is_empty() {
                return;
            }
        }
        // What a vanished object left, or another's function that the stage asks in our authorizer's place, may refuse whoever
        // comes through the perimeter, until it is replaced.
        let is_shut = !self.found.policies.vanished.is_empty() || self.asks_replaced_authorizer();
        if is_probed && self.desired.cut_over == CutOver::AfterProbe && !is_shut {
            let obstacle = match self.verdict(Way::Viewer) {
                None => Some(Next::Blocked(vec![Kind::Distribution])),
                Some(verdict) if is_let_in(self.all, verdict) => self.hidden(),
                Some(verdict) => Some(match self.refused_by_address(verdict) {
                    Some(problem) => Next::Problem(problem),
                    None => self.not_proven(verdict),
                }),
            };
            if let Some(obstacle) = obstacle {
                return plan.add(Id::of(Kind::Access), obstacle);
            }
        }
        match self.held_by_names() {
            Some(Held::Passing(wait)) => return plan.add(Id::of(Kind::Access), Next::Wait(wait)),
            Some(Held::Stuck(problem)) => return self.stuck(Next::Problem(problem), plan),
            None => {}
        }
        let before = self.found.marks.cut_over.as_ref();
        let cut_over = Phase {
            step: if self.has_locked_doors() {
                CutOverStep::Narrowing
            } else if is_probed {
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
            from: self.asked_before(),
            refusals: before.map(|phase| phase.refusals).unwrap_or_default(),
            since: self.everything.pass.at,
            tried: Some(self.desired.proof.mark()),
            locked_before: self.locked_before(),
            cause: None,
        };
        plan.ready.push(self.mark(Marks {
            cut_over: Some(cut_over),
            before: self.answers_before(),
            ..self.found.marks.clone()
        }));
    }

    /// Which doors are locked before a cut-over begins.
    fn locked_before(&self) -> Option<LockedBefore> {
        if self.is_whole() {
            return Some(LockedBefore::All);
        }
        // Excluded ones, too: what is locked by somebody else there is no one's to open.
        let lockable = self.found.lockable(self.desired);
        let locked = lockable.filter(|door| self.is_door_locked(door));
        LockedBefore::of(locked.map(|door| door.key.as_str()))
    }

    /// Whether the team has released since `phase` was marked: the stage serves a deployment of theirs, and nothing of the
    /// phase's in it.
    fn is_released_since(&self, phase: &Phase) -> bool {
        let served = self.found.stage.deployment.as_ref();
        let is_other = served.is_some() && phase.before.is_some() && phase.before.as_ref() != served;
        let has_ours = self.serves_lock(phase) || !self.found.policies.serves(&[], &self.desired.owner);
        is_other && !self.found.stage.auto_deploy && !self.serves_ours() && !has_ours
    }

    /// The mark of `phase` with what the team has released since: putting back must not undo that. A door that is locked by
    /// now, and was not when the phase began, may be locked by our hand.
    fn marked_anew(&self, phase: &Phase) -> Phase {
        let locked_before = match &phase.locked_before {
            Some(LockedBefore::All) if self.is_whole() => Some(LockedBefore::All),
            Some(known) => {
                let lockable = self.found.lockable(self.desired);
                let still = lockable.filter(|door| self.is_door_locked(door) && known.has(&door.key));
                LockedBefore::of(still.map(|door| door.key.as_str()))
            }
            None => None,
        };
        Phase {
            before: self.found.stage.deployment.clone(),
            locked_before,
            ..phase.clone()
        }
    }

    /// What the backend answers, where a refusal could not be told from it.
    fn hidden(&self) -> Option<Next> {
        let class = *self.everything.classes.get(&Way::Viewer)?;
        let message = if hides_refusals(self.desired.gate.r#type, self.asks_once_locked(), class) {
            hidden(class)
        } else if class.names_no_refusal() && self.hiding().statuses.contains(&class.status) {
            hidden_by_responses(class.status)
        } else {
            return None;
        };
        let problem = problem(Reason::ProbeAmbiguous, message, Some(PROBE_RETRY));
        Some(Next::Problem(problem))
    }

    /// What a probe through the perimeter means that did not get in.
    fn not_proven(&self, verdict: &Verdict) -> Next {
        let (reason, message) = told(self.all, self.everything, verdict);
        let is_passing = verdict.is_passing() || matches!(verdict, Verdict::EdgeFailed { .. });
        if is_passing {
            return Next::Wait(Wait {
                id: Id::of(Kind::Access),
                reason,
                message,
                retry_after: PROBE_RETRY,
            });
        }
        Next::Problem(problem(reason, message, Some(PROBE_RETRY)))
    }

    /// What the doors that come first ask for now.
    fn asked_before(&self) -> String {
        let first = self.first_door();
        let mut kept = self
            .found
            .kept(self.desired)
            .filter(|door| !self.is_door_locked(door));
        let door = kept.find(|door| first.as_ref().is_none_or(|first| door.id == *first));
        let of_none = if self.asks_replaced_authorizer() {
            CUSTOM
        } else {
            NONE
        };
        door.map_or_else(
            || of_none.to_owned(),
            |door| {
                let found = &door.authorization;
                match found.kind.as_str() {
                    NONE if found.api_key_required => KEY.to_owned(),
                    kind => kind.to_owned(),
                }
            },
        )
    }

    pub(super) fn drop_stray(&self, stray: &str) -> Step {
        let deployment = stray.to_owned();
        self.step(Verb::Delete, vec![], Action::DeleteStray { deployment })
    }

    /// What of ours nothing needs any more: it goes once the lock stands.
    pub(super) fn clear_unused(&self, plan: &mut Plan) {
        let stray = self.found.strays.first();
        let step = stray.map(|stray| self.drop_stray(stray)).or_else(|| {
            let id = self.found.dead_authorizers.first()?.clone();
            Some(self.step(Verb::Delete, vec![], Action::DeleteDeadAuthorizer { id }))
        });
        plan.ready.extend(step);
    }

    /// A deployment of the working copy: made, looked at, served.
    fn deploy(&self) -> Step {
        let fresh = self.found.fresh.as_ref();
        let Some(fresh) = fresh.filter(|fresh| self.is_as_read(fresh)) else {
            return self.deploy_as(self.description());
        };
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

    /// A deployment of the working copy that no stage serves yet; the one that there is, if it is not as was read, goes.
    pub(super) fn deploy_as(&self, description: String) -> Step {
        match &self.found.fresh {
            None => self.step(Verb::Update, vec![], Action::Snapshot { description }),
            Some(fresh) => self.step(
                Verb::Delete,
                vec![],
                Action::Discard {
                    deployment: fresh.id.clone(),
                },
            ),
        }
    }

    /// Whether a snapshot has just the doors that were read: nobody edited the API in between.
    pub(super) fn is_as_read(&self, fresh: &Deployment) -> bool {
        let is_unedited = self.found.edited_meanwhile.is_empty() || self.desired.deploy_pending_changes;
        is_unedited
            && fresh.doors.len() == self.found.doors.len()
            && self.found.doors.iter().all(|door| {
                fresh
                    .doors
                    .get(&door.key)
                    .is_some_and(|served| is_same(served, &door.authorization))
            })
    }

    /// Proves a lock that was just made, or puts back what was before.
    pub(super) fn prove(&self, phase: &Phase, plan: &mut Plan) {
        // What no probe can ask for is judged by what was read of the deployment, and never put back for want of a probe.
        let is_read_alone = !self.is_probed() && self.desired.cut_over == CutOver::AfterDeployed;
        if !self.desired.probes || is_read_alone {
            return self.finish(phase, plan);
        }
        add_probe(self.all, self.everything, Way::Direct, plan);
        add_probe(self.all, self.everything, Way::Viewer, plan);
        if self.desired.proof != Proof::Signature {
            add_probe(self.all, self.everything, Way::Next, plan);
        }
        let (Some(direct), Some(viewer)) = (self.verdict(Way::Direct), self.verdict(Way::Viewer)) else {
            if plan.probes.is_empty() {
                let why = because(
                    Cause::Unanswered,
                    "no path of the API can be probed any more".to_owned(),
                );
                self.put_back(phase, &why, plan);
            }
            return;
        };
        let age = self.age();
        let wait = |message: String| cutting_over(message);
        let is_young = age < PATIENCE;
        let is_doubtful = matches!(viewer, Verdict::Ambiguous { .. });
        let is_as_before = self.is_viewer_as_before();
        let next = match direct {
            // Not in force yet: the viewer's answer proves nothing.
            Verdict::Reached { .. } | Verdict::KeyMissing { .. } if is_young => wait(words::not_in_force()),
            Verdict::Reached { .. } | Verdict::KeyMissing { .. }
                if self.found.stage.auto_deploy && !self.is_locked() =>
            {
                self.behind(age)
            }
            // Nobody can tell what viewers are answered by an API that answers without the proof as with it.
            Verdict::Reached { .. } if self.is_locked() && self.responses_are_unread() => {
                return plan.add(pending_read(), Next::Read);
            }
            // It may be a refusal: what was read of the deployment counts, unless viewers are answered otherwise than before.
            Verdict::Reached { status }
                if self.is_locked()
                    && self.hiding().statuses.contains(status)
                    && is_as_before != Some(false)
                    && is_let_in(self.all, viewer) =>
            {
                return self.finish(phase, plan);
            }
            Verdict::Reached { .. } | Verdict::KeyMissing { .. } => {
                let said = format!(
                    "a request without any proof past the perimeter got in: {}",
                    said(direct)
                );
                return self.put_back(phase, &because(Cause::DirectOpen, said), plan);
            }
            // Who signs is asked for more than before, by an integration that uses the caller's credentials for one.
            _ if self.has_broken(viewer) && phase.step != CutOverStep::Rest => {
                let said = format!("{}, and did not before", said(viewer));
                return self.put_back(phase, &because(Cause::Broken, said), plan);
            }
            direct if is_let_in(self.all, viewer) => {
                return self.prove_locked(phase, direct, is_young, plan);
            }
            _ if viewer.is_passing() && is_young => wait(words::probing_again(&said(viewer))),
            // Viewers who were answered otherwise before come before the proof.
            Verdict::Ambiguous { .. } if is_doubtful && is_as_before != Some(false) && is_young => {
                wait(words::not_in_force())
            }
            // Whoever asks for a lock without a first probe takes what cannot be told from what was answered before it.
            _ if is_doubtful
                && is_as_before == Some(true)
                && self.desired.cut_over == CutOver::AfterDeployed =>
            {
                return self.finish(phase, plan);
            }
            // Each route is live at once, and the first of them was proven: what refuses now is something else.
            _ if phase.step == CutOverStep::Rest && phase.before.is_none() => self.not_proven(viewer),
            _ => return self.put_back(phase, &because(Cause::of(viewer), said(viewer)), plan),
        };
        plan.add(Id::of(Kind::Access), next);
    }

    /// What a viewer was answered before the lock; `None` where nobody remembers.
    fn viewer_before(&self) -> Option<Class> {
        self.found.marks.before.as_ref().and_then(|before| before.viewer)
    }

    /// Whether a viewer is answered as before the lock; `None` where nobody knows.
    fn is_viewer_as_before(&self) -> Option<bool> {
        let now = self.everything.classes.get(&Way::Viewer);
        Some(self.viewer_before()?.is_like(*now?))
    }

    /// Whether a viewer who was answered before the lock meets a failure behind it.
    fn has_broken(&self, viewer: &Verdict) -> bool {
        let is_failure = matches!(
            viewer,
            Verdict::Reached { status: 500.. } | Verdict::Ambiguous { status: 500.., .. }
        );
        is_failure && self.viewer_before().is_some_and(|before| before.status < 500)
    }

    /// Ends the proof of a lock through which the perimeter was let in, once it is in force.
    fn prove_locked(&self, phase: &Phase, direct: &Verdict, is_young: bool, plan: &mut Plan) {
        let is_other = phase.from != NONE;
        let is_told = match direct {
            // What refuses and what lets in may still be the earlier lock.
            Verdict::Refused { .. } => !is_other || self.is_in_force(direct),
            // No probe will ever tell more.
            Verdict::AuthorizerFirst { .. } => true,
            _ => is_other && self.is_in_force(direct),
        };
        // Nothing past the perimeter says more of it: what was read of the deployment counts, once it is in force everywhere.
        let is_untold =
            !is_other || self.desired.proof == Proof::Signature || self.is_answered_privately(Way::Next);
        if is_told || (!is_young && is_untold) {
            return self.finish(phase, plan);
        }
        if is_young {
            // What no refusal tells is known by the time that passes.
            let retry_after = EFFECT_RETRY.max(self.age() / 4);
            return plan.add(
                Id::of(Kind::Access),
                cutting_over_within(retry_after, words::not_in_force()),
            );
        }
        let said = words::never_in_force(self.verdict(Way::Next));
        self.put_back(phase, &because(Cause::NotInForce, said), plan);
    }

    /// Whether a private address answered, where nothing is learnt of the Internet.
    pub(super) fn is_answered_privately(&self, way: Way) -> bool {
        matches!(self.verdict(way), Some(Verdict::PrivateNetwork { .. }))
    }

    /// Whether the new lock answers: the new proof alone gets in, or the refusal is worded as one for a missing signature.
    fn is_in_force(&self, direct: &Verdict) -> bool {
        match (&self.desired.proof, direct) {
            (Proof::Signature, Verdict::Refused { status, said }) => match self.desired.gate.r#type {
                OriginType::Rest => {
                    said.contains("Authentication Token") || said.starts_with("MissingAuthenticationToken")
                }
                OriginType::Http | OriginType::WebSocket => *status == 403,
            },
            (Proof::Signature, _) => false,
            _ => self
                .verdict(Way::Next)
                .is_some_and(|next| is_let_in(self.all, next)),
        }
    }

    /// Ends the cut-over, or goes on to the doors that were left for later.
    fn finish(&self, phase: &Phase, plan: &mut Plan) {
        if self.desired.probes && self.desired.gate.r#type == OriginType::Rest {
            if !self.found.is_stage_known {
                return plan.add(stage_read(), Next::Read);
            }
            // A share of the probes was answered by another deployment, and so is a share of the viewers.
            if phase.before.is_some() && self.open_canary().is_some() {
                let why = because(Cause::Canary, words::canary_meanwhile().to_owned());
                return self.put_back(phase, &why, plan);
            }
        }
        if !self.is_locked() {
            // A probe speaks of one door: the stage as deployed has to show the lock, too. What it does not show is locked anew.
            if self.found.stage.auto_deploy {
                plan.add(Id::of(Kind::Access), self.behind(self.age()));
            }
            return;
        }
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
        let marks = &self.found.marks;
        let has_value = self.desired.proof != Proof::Signature;
        let rotated = marks
            .rotated
            .clone()
            .or_else(|| has_value.then(|| self.rotated_now()));
        plan.ready.push(self.mark(Marks {
            cut_over: None,
            // A lock that takes the place of another is no sign of a contest; the first is remembered whatever it replaces.
            locks: if marks.locks.is_empty() || (phase.from == NONE && phase.step != CutOverStep::Narrowing) {
                marks.locked_at(self.everything.pass.at)
            } else {
                marks.locks.clone()
            },
            rotated,
            next: None,
            before: marks.before.clone(),
        }));
    }

    fn contested(&self) -> Option<Problem> {
        // Doors that ask for the proof of another mode were not opened by anybody.
        let is_other_mode = self
            .found
            .kept(self.desired)
            .any(|door| !self.is_door_locked(door) && door.authorization != Authorization::none());
        let left = match self.found.marks.cut_over {
            None if !is_other_mode => self.found.marks.contested_for(self.everything.pass.at)?,
            None | Some(_) => return None,
        };
        let message = words::contested(
            self.desired,
            [&self.open_as_deployed(), &self.open_as_edited()],
            &self.everything.sharing,
        );
        Some(problem(Reason::ContestedByOtherTool, message, Some(left)))
    }

    /// Keys of the doors that should be locked and are not, as edited.
    fn open_as_edited(&self) -> Vec<String> {
        let kept = self.found.kept(self.desired);
        let open = kept.filter(|door| !self.is_door_locked(door));
        open.map(|door| door.key.clone()).collect()
    }

    pub(super) fn enter(&self, phase: Phase) -> Step {
        self.mark(Marks {
            cut_over: Some(phase),
            ..self.found.marks.clone()
        })
    }

    /// ARN of the distribution whose tags remember the phase. The doors may have been read before it was made.
    fn marked_at(&self) -> &str {
        let known = self.everything.distribution_arn();
        known.unwrap_or(&self.found.distribution_arn)
    }

    pub(super) fn mark(&self, marks: Marks) -> Step {
        let arn = self.marked_at().to_owned();
        self.step(Verb::Update, vec![], Action::Mark { arn, marks })
    }

    pub(super) fn authorize(&self, door: &Door, authorization: Authorization, why: Option<&Why>) -> Step {
        let change = Change {
            path: "authorization".to_owned(),
            from: json!(label(&door.authorization)),
            to: json!(label(&authorization)),
        };
        let action = Action::Authorize {
            door: door.clone(),
            authorization,
            put_back: why.cloned(),
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

/// Whether both ask for the same; a REST API's deployment does not tell which authorizer.
pub(super) fn is_same(served: &Authorization, edited: &Authorization) -> bool {
    let is_same_authorizer = served.authorizer.is_none() || served.authorizer == edited.authorizer;
    is_same_authorizer && (&served.kind, served.api_key_required) == (&edited.kind, edited.api_key_required)
}

/// `AWS_IAM`, `NONE`, `NONE and an API key`.
fn label(authorization: &Authorization) -> String {
    let key = if authorization.api_key_required {
        " and an API key"
    } else {
        ""
    };
    format!("{}{key}", authorization.kind)
}

fn because(cause: Cause, said: String) -> Why {
    Why {
        said,
        cause: Some(cause),
    }
}

pub(super) fn cutting_over(message: String) -> Next {
    cutting_over_within(EFFECT_RETRY, message)
}

fn cutting_over_within(retry_after: Duration, message: String) -> Next {
    Next::Wait(Wait {
        id: Id::of(Kind::Access),
        reason: Reason::CuttingOver,
        message,
        retry_after,
    })
}

/// No probe tells before a lock whether viewers get in.
fn until_deployed() -> Wait {
    Wait {
        id: Id::of(Kind::Access),
        reason: Reason::Deploying,
        message: format!("nothing more is locked before a probe has got in. {DEPLOYING}"),
        retry_after: PROBE_RETRY,
    }
}

pub(super) fn problem(reason: Reason, message: String, retry_after: Option<Duration>) -> Problem {
    Problem {
        id: Id::of(Kind::Access),
        reason,
        message,
        remedy: None,
        stands: false,
        retry_after,
    }
}
