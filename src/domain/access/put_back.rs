//! Putting back what was before a cut-over that API Gateway refused.

use super::as_deployed::{Deployed, UNTOLD};
use super::authorization::{Action, Authorization, CUSTOM, Door};
use super::cut_over::{PROBE_RETRY, problem};
use super::lock::Doors;
use super::marks::{Phase, Step as CutOverStep};
use super::proof::Proof;
use crate::domain::kernel::planning::{Id, Kind, Verb};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::plan::{Next, Plan};

impl Doors<'_> {
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
        let problem = problem(Reason::SignatureRefused, message, Some(retry_after));
        if plan.ready.is_empty() {
            return self.stuck(Next::Problem(problem), plan);
        }
        plan.add(Id::of(Kind::Access), Next::Problem(problem));
    }

    /// Gives back to the doors of the working copy what they asked for before the cut-over.
    pub(super) fn reopen(&self, phase: &Phase, said: Option<&str>, plan: &mut Plan) {
        let locked = self
            .found
            .kept(self.desired)
            .filter(|door| self.is_door_locked(door) || self.asks_earlier_header(door));
        let changed = locked.filter_map(|door| Some((door, self.before(phase, door)?)));
        let changed = changed.filter(|(door, before)| *before != door.authorization);
        plan.ready
            .extend(changed.map(|(door, before)| self.authorize(door, before, said)));
        plan.ready.extend(self.put_policy_back());
    }

    /// Whether `door` asks an authorizer of ours for a header that is not wanted any more.
    fn asks_earlier_header(&self, door: &Door) -> bool {
        matches!(self.desired.proof, Proof::Header(_))
            && self.all.authorizer.is_none()
            && self.is_our_authorizer(door.authorization.authorizer.as_deref())
    }

    /// What `door` asked for before the cut-over; `None` where that did not change it.
    fn before(&self, phase: &Phase, door: &Door) -> Option<Authorization> {
        let found = &door.authorization;
        let asked = |kind: &str, api_key_required: bool| Authorization {
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
        };
        match (&phase.door, &self.found.deployed) {
            (Some(tried), _) => (door.id == *tried).then(|| asked(&phase.from, found.api_key_required)),
            (None, Deployed::Doors(served)) => {
                let served = served.get(&door.key)?;
                let is_untold = served.authorizer.as_deref() == Some(UNTOLD);
                let kind = if is_untold { &phase.from } else { &served.kind };
                (!self.is_ours_alone(served)).then(|| asked(kind, served.api_key_required))
            }
            (None, Deployed::LockedOtherwise(_)) => Some(asked(&phase.from, found.api_key_required)),
            (None, _) => None,
        }
    }

    /// The authorizer of ours that the doors asked before.
    fn earlier_authorizer(&self) -> Option<String> {
        let wanted = self.all.authorizer.as_ref();
        let found = self.everything.authorizer.present()?;
        let wanted = wanted
            .and_then(|desired| found.entry(desired))
            .map(|entry| entry.id.as_str());
        let ours = self.our_authorizers();
        ours.into_iter()
            .find(|id| Some(*id) != wanted)
            .map(ToOwned::to_owned)
    }
}
