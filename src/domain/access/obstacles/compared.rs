//! What keeps a lock from its deployment: edits of the team that it would carry, or a stage that does not deploy.

use super::standing::Standing;
use crate::api::OriginType;
use crate::domain::access::asked::as_deployed::{Deployed, Served, UNTOLD};
use crate::domain::access::asked::{Authorization, CUSTOM, Route};
use crate::domain::access::authorization::Pending;
use crate::domain::access::inputs::Next;
use crate::domain::access::routes::Routes;
use crate::domain::access::waiting::{PATIENCE, PROBE_RETRY, cutting_over, problem, waiting};
use crate::domain::access::words::words_of_lock;
use crate::domain::access::words::words_of_stage;
use crate::domain::kernel::planning::Problem;
use crate::domain::kernel::reason::Reason;
use std::time::Duration;

/// What API Gateway could not tell of edits is asked again this often.
const COMPARE_RETRY: Duration = Duration::from_mins(5);
/// And this often, where a fault of AWS's own kept it from telling.
const FAILING_RETRY: Duration = Duration::from_secs(20);
/// And this often, where it was only asked too often: the budget has slowed down meanwhile.
const THROTTLED_RETRY: Duration = Duration::from_secs(10);

impl Routes<'_> {
    /// How long the phase has been going on.
    pub(in crate::domain::access) fn age(&self) -> Duration {
        let phase = self.found.marks.cut_over.as_ref();
        phase.map_or(Duration::ZERO, |phase| {
            self.inputs.pass.at.duration_since(phase.since).unsigned_abs()
        })
    }

    /// The lock is made, and the stage, which deploys by itself, does not have it `age` later.
    pub(in crate::domain::access) fn behind(&self, age: Duration) -> Next {
        if age < PATIENCE {
            return cutting_over(words_of_lock::not_in_force());
        }
        Next::Problem(self.behind_for_long())
    }

    /// The same, once that takes longer than deploying takes.
    pub(in crate::domain::access) fn behind_for_long(&self) -> Problem {
        let message = words_of_stage::behind(self.desired, &self.found.stage, &self.found.deployed);
        problem(Reason::StageNotDeployed, message, Some(PROBE_RETRY))
    }

    /// Whether edits of the team have to be looked for: a deployment of ours would carry them.
    pub(in crate::domain::access) fn is_compared(&self) -> bool {
        // A refused probe tells that the stage is locked, and not what else its working copy has.
        let is_read = !matches!(
            self.found.deployed,
            Deployed::Outdated(_) | Deployed::CutShort(_) | Deployed::Unknown(_)
        );
        let is_served = is_read && self.open_as_deployed().is_empty() && self.policy_is_served();
        !self.desired.deploy_pending_changes && !self.found.stage.auto_deploy && !is_served
    }

    pub(in crate::domain::access) fn undeployed(&self) -> Option<Next> {
        if !self.is_compared() {
            return None;
        }
        let stalls =
            |reason, message, retry_after| Some(Next::Problem(problem(reason, message, retry_after)));
        let passes = |reason, message, retry_after| Some(Next::Wait(waiting(reason, message, retry_after)));
        match self.pending() {
            Pending::None | Pending::Unread => None,
            Pending::At(paths) => {
                let open = self.open_to_anybody();
                let is_edited = |key: &String| self.found.routes.iter().any(|route| route.key == *key);
                let are_gone = !open.iter().any(is_edited);
                let message = words_of_stage::undeployed(self.desired, &paths, &open, are_gone);
                stalls(Reason::UndeployedChanges, message, None)
            }
            Pending::Unknown(why) => stalls(
                Reason::UndeployedChanges,
                words_of_stage::cannot_compare(self.desired, &why),
                Some(COMPARE_RETRY),
            ),
            Pending::Denied(why) => stalls(
                Reason::AccessDenied,
                words_of_stage::may_not_compare(self.desired, &why),
                Some(COMPARE_RETRY),
            ),
            Pending::Throttled(why) => passes(
                Reason::Throttled,
                words_of_stage::throttled_compare(self.desired, &why),
                THROTTLED_RETRY,
            ),
            Pending::Failing(why) => passes(
                Reason::AwsUnavailable,
                words_of_stage::cannot_compare_yet(self.desired, &why),
                FAILING_RETRY,
            ),
        }
    }

    /// Whether a deployment would have routes ask for something else than what is known of the stage and of us explains.
    pub(in crate::domain::access) fn has_edited_authorization(&self) -> bool {
        let served = self.found.deployed.told();
        served.is_none_or(|served| !self.edited_authorization(served).is_empty())
    }

    /// The lock needs a deployment of ours, and API Gateway never tells what else such a one carries, whatever is edited.
    pub(super) fn never_compared(&self) -> Option<Problem> {
        let is_untold = matches!(self.found.pending, Pending::Unknown(_));
        let may_be_locked = |route: &Route| matches!(self.standing(route), Standing::Open(_));
        let is_deployed = self.found.stage.deployment.is_some();
        if !is_untold || !is_deployed || !self.found.kept(self.desired).any(may_be_locked) {
            return None;
        }
        match self.undeployed()? {
            Next::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// All edits that a deployment of ours would carry, those of authorization among them.
    fn pending(&self) -> Pending {
        let asked = match &self.found.deployed {
            Deployed::Routes(served) | Deployed::LockedOtherwise(Some(served)) => {
                self.edited_authorization(served)
            }
            Deployed::Unknown(why) if self.hides_authorization() => return Pending::Unknown(why.clone()),
            Deployed::LockedOtherwise(None) if self.hides_authorization() => {
                return Pending::Unknown("its deployment was made for another mode".to_owned());
            }
            _ => vec![],
        };
        self.found.pending.clone().and(asked)
    }

    /// Whether what cannot be told of a stage may hide an edit that the lock would not overwrite.
    fn hides_authorization(&self) -> bool {
        self.desired.gate.r#type == OriginType::Http
            && matches!(self.found.pending, Pending::None | Pending::At(_))
            && !self.found.marks.is_unproven()
            && self.found.excluded(self.desired).next().is_some()
    }

    /// Routes that would ask for something else, once locked and deployed, than the lock alone makes of what they ask for as
    /// deployed: somebody edited that besides.
    fn edited_authorization(&self, served: &Served) -> Vec<String> {
        let is_begun = self.found.marks.is_unproven();
        let is_edited = |route: &&Route| {
            let Some(known) = served.get(&route.key) else {
                return false;
            };
            let edited = &route.authorization;
            let is_untold = known.authorizer.as_deref() == Some(UNTOLD);
            if is_untold && edited.kind != CUSTOM {
                return true;
            }
            // A REST API's deployment does not name authorizers.
            let is_unnamed = is_untold || known.authorizer.is_none();
            let known = Authorization {
                authorizer: if is_unnamed && known.kind == edited.kind {
                    edited.authorizer.clone()
                } else {
                    known.authorizer.clone()
                },
                ..known.clone()
            };
            match self.is_kept(&route.key) {
                false => !known.is_same_as(edited),
                // What is begun was compared before, and has written since.
                true if is_begun && self.is_route_locked(route) => false,
                true => !self.once_locked(&known).is_same_as(&self.once_locked(edited)),
            }
        };
        let edited = self.found.routes.iter().filter(is_edited);
        edited
            .map(|route| format!("{} (authorization)", route.key))
            .collect()
    }
}
