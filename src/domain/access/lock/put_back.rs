//! Putting back what was before a cut-over that API Gateway refused.
//!
//! ```text
//! refused ─▶ what viewers meet ─▶ marked as refused ─▶ the working copy ─▶ marked as back ─▶ backoff
//!             │ the stage deploys by itself: the routes are opened, until what it serves is read to be open
//!             │ it serves ours: what it served before, where that is there
//!             └ else, or somebody deployed our lock with theirs: the routes are opened and deployed
//! ```
//!
//! What is marked as back belongs to nobody: whoever locks routes then does so for themselves.

use super::cut_over::KEY;
use crate::api::PutBackStatus;
use crate::domain::access::asked::as_deployed::{Deployed, Served, UNTOLD};
use crate::domain::access::asked::{AWS_IAM, Authorization, CUSTOM, NONE, Route, is_ours};
use crate::domain::access::authorization::{Action, Observed, Pending};
use crate::domain::access::inputs::{Call, Next, Plan};
use crate::domain::access::proof::Proof;
use crate::domain::access::routes::Routes;
use crate::domain::access::table::cause::Why;
use crate::domain::access::table::marks::{Phase, Step as CutOverStep};
use crate::domain::access::table::reads::{pending_read, stage_read};
use crate::domain::access::waiting::{PROBE_RETRY, problem};
use crate::domain::access::words::words_of_lock;
use crate::domain::kernel::planning::{Id, Kind, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;

/// At most so many characters of an answer are remembered.
const REMEMBERED: usize = 1024;

/// How viewers are freed of a lock.
enum Back {
    /// They meet no lock, or meet what is edited: the working copy is what is left.
    Edit,
    /// By this deployment, which the stage served before.
    Serve(String),
    /// By a deployment of the working copy, once that is open: what was before is gone, or is not what the team deploys by now.
    Deploy,
    /// The same, unless that would carry edits of the team's, of which nobody knows yet.
    Compare,
}

/// What status remembers of why the lock was put back: what this pass has found, or what was known `before` of the same refusal.
#[must_use]
pub fn remembered(found: &Observed, before: Option<&PutBackStatus>) -> Option<PutBackStatus> {
    let phase = found.marks.cut_over.as_ref()?;
    if !matches!(phase.step, CutOverStep::Refused | CutOverStep::Back) {
        return None;
    }
    let at = moment(phase.since);
    if let Some(known) = before.filter(|known| known.at == at) {
        return Some(known.clone());
    }
    let why = found.put_back.as_ref().filter(|why| why.is_told())?;
    Some(PutBackStatus {
        said: why.said.chars().take(REMEMBERED).collect(),
        at,
    })
}

impl Routes<'_> {
    /// Puts back what was before the cut-over: first what viewers meet, then the working copy, so that a deployment of the
    /// team's does not lock the API unproven.
    pub(in crate::domain::access) fn put_back(
        &self,
        phase: &Phase,
        why: &Why,
        plan: &mut Plan<impl From<Call>>,
    ) {
        if self.go_back(phase, Some(why), plan) {
            self.note_refusal(phase, why, plan);
        }
    }

    /// Remembers that what was before is being put back, once that was begun in this pass.
    pub(super) fn note_put_back(&self, phase: &Phase, plan: &mut Plan<impl From<Call>>) {
        if let Some(why) = &self.found.put_back {
            self.note_refusal(phase, why, plan);
        }
    }

    fn note_refusal(&self, phase: &Phase, why: &Why, plan: &mut Plan<impl From<Call>>) {
        let refused = Phase {
            step: CutOverStep::Refused,
            refusals: phase.refusals + 1,
            since: self.inputs.pass.at,
            cause: why.cause,
            ..phase.clone()
        };
        plan.act(self.enter(refused));
    }

    /// After a refusal was marked: what viewers meet until it is as it was, the working copy, and the mark that all is.
    pub(super) fn put_back_rest(&self, phase: &Phase, plan: &mut Plan<impl From<Call>>) {
        let why = self.found.put_back.clone().or_else(|| self.remembered_why());
        let why = why.unwrap_or_else(|| Why::untold(phase.cause));
        if self.go_back(phase, Some(&why), plan) && self.reopen_all(phase, None, plan) {
            let back = Phase {
                step: CutOverStep::Back,
                ..phase.clone()
            };
            plan.act(self.enter(back));
        }
    }

    /// Takes the next step back to what viewers met before; true where nothing is left to be done for them.
    pub(super) fn go_back(&self, phase: &Phase, why: Option<&Why>, plan: &mut Plan<impl From<Call>>) -> bool {
        let back = self.way_back(phase);
        match back {
            Back::Compare => {
                plan.add(pending_read(), Next::Read);
                false
            }
            Back::Serve(before) => {
                self.serve_again(before, why, plan);
                false
            }
            Back::Edit if !self.found.stage.auto_deploy => true,
            Back::Edit => self.reopen(phase, why, plan) && self.is_deployed_open(phase, plan),
            Back::Deploy => {
                if self.reopen(phase, why, plan) {
                    self.deploy_back(phase, why, plan);
                }
                false
            }
        }
    }

    /// Why what was before is put back, as this pass has found it or as status remembers it.
    pub(super) fn remembered_why(&self) -> Option<Why> {
        let known = remembered(self.found, self.inputs.outputs.put_back)?;
        let phase = self.found.marks.cut_over.as_ref();
        Some(Why {
            said: known.said,
            cause: phase.and_then(Phase::disproof),
        })
    }

    fn way_back(&self, phase: &Phase) -> Back {
        let stage = &self.found.stage;
        let before = phase.before.as_ref();
        let is_as_before = before.is_some() && before == stage.deployment.as_ref();
        if stage.auto_deploy || is_as_before || !self.serves_lock(phase) {
            return Back::Edit;
        }
        let before = before.filter(|_| !self.found.is_before_gone).cloned();
        match before {
            None => Back::Deploy,
            Some(before) if self.serves_ours() || phase.locked_before.is_none() => Back::Serve(before),
            // The team has deployed since, and our lock with it: to go back further would undo what they released.
            Some(_) if self.desired.deploy_pending_changes => Back::Deploy,
            Some(before) => match self.found.pending {
                Pending::Unread => Back::Compare,
                Pending::None => Back::Deploy,
                Pending::At(_)
                | Pending::Unknown(_)
                | Pending::Denied(_)
                | Pending::Failing(_)
                | Pending::Throttled(_) => Back::Serve(before),
            },
        }
    }

    fn serve_again(&self, deployment: String, why: Option<&Why>, plan: &mut Plan<impl From<Call>>) {
        let action = Action::PutBack {
            deployment,
            refused: self.found.stage.deployment.clone().filter(|_| self.serves_ours()),
            why: why.cloned().unwrap_or_else(Why::not_proven),
        };
        plan.act(self.step(Verb::Update, vec![], action));
    }

    /// Deploys the working copy, which is open again.
    fn deploy_back(&self, phase: &Phase, why: Option<&Why>, plan: &mut Plan<impl From<Call>>) {
        let is_open = |route: &Route| !self.is_route_locked(route);
        if !self.found.kept(self.desired).any(is_open) {
            let message = words_of_lock::not_known_what_was_open(self.desired);
            let problem = problem(Reason::SignatureRefused, message, Some(PROBE_RETRY));
            return plan.add(Id::of(Kind::Access), Next::Problem(problem));
        }
        match &self.found.fresh {
            Some(fresh) if self.is_as_read(fresh) => self.serve_again(fresh.id.clone(), why, plan),
            // It is no lock of ours, so it is not described as one: it is the team's from now on.
            _ => {
                let description = words_of_lock::description_of_what_was(&self.desired.owner, phase);
                plan.act(self.deploy_as(description));
            }
        }
    }

    /// Whether a stage that deploys by itself serves no lock of the phase's any more; what is to be read, or waited for,
    /// where it does not.
    fn is_deployed_open(&self, phase: &Phase, plan: &mut Plan<impl From<Call>>) -> bool {
        if let Deployed::Outdated(_) = self.found.deployed {
            plan.add(stage_read(), Next::Read);
            return false;
        }
        let is_locked = matches!(self.found.deployed, Deployed::Routes(_)) && self.serves_lock(phase);
        if is_locked {
            plan.add(Id::of(Kind::Access), self.behind(self.age()));
        }
        !is_locked
    }

    /// Whether viewers meet what the phase has locked, or may, where that cannot be told. What was proven before the rest
    /// followed is not in doubt.
    pub(super) fn serves_lock(&self, phase: &Phase) -> bool {
        match &self.found.deployed {
            Deployed::Nothing => false,
            _ if phase.step == CutOverStep::Rest => self.serves_all_locked(phase),
            _ if phase.step == CutOverStep::Narrowing => self.serves_our_statements(phase),
            Deployed::Routes(_) if self.serves_ours() && phase.before.is_some() => {
                phase.before != self.found.stage.deployment
            }
            Deployed::Routes(served) => self.is_any_locked_in(served, phase),
            Deployed::LockedOtherwise(_)
            | Deployed::Outdated(_)
            | Deployed::CutShort(_)
            | Deployed::Unknown(_) => true,
        }
    }

    /// Whether the stage serves a lock that is ours.
    pub(super) fn serves_ours(&self) -> bool {
        is_ours(&self.found.policies.description, &self.desired.owner)
    }

    /// Whether the stage serves another deployment than before the phase.
    pub(super) fn serves_another(&self, phase: &Phase) -> bool {
        phase.before.is_some() && phase.before != self.found.stage.deployment
    }

    /// Whether a deployment of ours has all routes locked, and not only the first of them.
    fn serves_all_locked(&self, phase: &Phase) -> bool {
        self.serves_another(phase)
            && matches!(self.found.deployed, Deployed::Routes(_))
            && self.open_as_deployed().is_empty()
    }

    /// Whether the stage serves statements of ours that it did not serve before, under routes that were locked before.
    fn serves_our_statements(&self, phase: &Phase) -> bool {
        let may_be_ours = self.serves_ours() || !self.found.policies.serves(&[], &self.desired.owner);
        may_be_ours && phase.before != self.found.stage.deployment
    }

    fn is_any_locked_in(&self, served: &Served, phase: &Phase) -> bool {
        let is_tried = |route: &&Route| phase.route.as_ref().is_none_or(|tried| route.id == *tried);
        let was_open = |route: &&Route| {
            let known = phase.locked_before.as_ref();
            known.is_none_or(|known| !known.has(&route.key))
        };
        let is_locked = |route: &Route| {
            served
                .get(&route.key)
                .is_some_and(|served| self.is_ours_alone(served))
        };
        self.found
            .lockable(self.desired)
            .filter(is_tried)
            .filter(was_open)
            .any(is_locked)
    }

    /// Gives back to the routes of the working copy what they asked for before the cut-over, also to those that the spec names
    /// in `excludeMethods` since; true where they ask for it.
    pub(super) fn reopen(&self, phase: &Phase, why: Option<&Why>, plan: &mut Plan<impl From<Call>>) -> bool {
        let locked = self
            .found
            .lockable(self.desired)
            .filter(|route| self.is_route_locked(route) || self.asks_earlier_header(route));
        let changed = locked.filter_map(|route| Some((route, self.before(phase, route)?)));
        let changed = changed.filter(|(route, before)| *before != route.authorization);
        let mut steps: Vec<_> = changed
            .map(|(route, before)| self.authorize(route, before, why))
            .collect();
        let is_lock_served = matches!(self.way_back(phase), Back::Deploy);
        steps.extend(self.put_policy_back(is_lock_served));
        let is_open = steps.is_empty();
        plan.act_all(steps);
        is_open
    }

    /// The working copy as it was, and no deployment of ours left that nothing serves; true where that is so.
    pub(super) fn reopen_all(
        &self,
        phase: &Phase,
        why: Option<&Why>,
        plan: &mut Plan<impl From<Call>>,
    ) -> bool {
        if !self.reopen(phase, why, plan) {
            return false;
        }
        plan.act_all(self.delete_unused());
        self.found.unused_deployments.is_empty()
    }

    /// Whether `route` asks an authorizer of ours for a header that is not wanted any more.
    fn asks_earlier_header(&self, route: &Route) -> bool {
        matches!(self.desired.proof, Proof::Header(_))
            && self.wanted.authorizer.is_none()
            && self.is_our_authorizer(route.authorization.authorizer.as_deref())
    }

    /// What `route` asked for before the cut-over; `None` where that did not change it, or nobody knows.
    fn before(&self, phase: &Phase, route: &Route) -> Option<Authorization> {
        let found = &route.authorization;
        if let Some(tried) = &phase.route {
            return (route.id == *tried).then(|| self.was_asked(&phase.from, found.api_key_required, found));
        }
        // Whoever locked it before goes on wanting that: the team, or the object of another stage of the API.
        if phase
            .locked_before
            .as_ref()
            .is_some_and(|known| known.has(&route.key))
        {
            return None;
        }
        let stage = &self.found.stage;
        let is_as_before = phase.before.is_some() && phase.before == stage.deployment && !stage.auto_deploy;
        let is_first_alone = phase.step == CutOverStep::Rest && !self.serves_lock(phase);
        match (&self.found.deployed, &phase.locked_before) {
            (_, Some(_)) if !is_as_before && !is_first_alone => {
                Some(self.was_asked_first(&phase.from, found))
            }
            (Deployed::Routes(served), _) => {
                let served = served.get(&route.key)?;
                let is_untold = served.authorizer.as_deref() == Some(UNTOLD);
                let kind = if is_untold { &phase.from } else { &served.kind };
                (!self.is_ours_alone(served)).then(|| self.was_asked(kind, served.api_key_required, found))
            }
            (Deployed::LockedOtherwise(_), _) => {
                Some(self.was_asked(&phase.from, found.api_key_required, found))
            }
            _ => None,
        }
    }

    /// What a route that asks for `found` now asked for, when the first of them asked for `from`.
    fn was_asked_first(&self, from: &str, found: &Authorization) -> Authorization {
        match (&self.desired.proof, from) {
            // An authorizer of the team's stays beside the key.
            (Proof::Key, AWS_IAM | CUSTOM) if found.kind == NONE => self.was_asked(from, false, found),
            (Proof::Key, _) => Authorization {
                api_key_required: false,
                ..found.clone()
            },
            (_, KEY) => self.was_asked(NONE, true, found),
            (_, from) => self.was_asked(from, found.api_key_required, found),
        }
    }

    fn was_asked(&self, kind: &str, api_key_required: bool, found: &Authorization) -> Authorization {
        Authorization {
            kind: kind.to_owned(),
            authorizer: match kind {
                CUSTOM if found.kind == CUSTOM && self.desired.proof == Proof::Key => {
                    found.authorizer.clone()
                }
                CUSTOM => self.earlier_authorizer().or_else(|| found.authorizer.clone()),
                kind if kind == found.kind => found.authorizer.clone(),
                _ => None,
            },
            api_key_required,
        }
    }

    /// The authorizer of ours that the routes asked before.
    fn earlier_authorizer(&self) -> Option<String> {
        let wanted = self.wanted.authorizer.as_ref();
        let found = self.inputs.authorizer.present()?;
        let wanted = wanted
            .and_then(|desired| found.entry(desired))
            .map(|entry| entry.id.as_str());
        let ours = self.our_authorizers();
        ours.into_iter()
            .find(|id| Some(*id) != wanted)
            .map(ToOwned::to_owned)
    }
}
