//! What keeps a lock from its deployment: edits of the team that it would carry, or a stage that does not deploy.

use super::authorization::Pending;
use super::cut_over::{PATIENCE, PROBE_RETRY, cutting_over, problem};
use super::lock::Doors;
use super::words;
use crate::domain::kernel::planning::{Id, Kind, Wait};
use crate::domain::kernel::reason::Reason;
use crate::domain::perimeter::plan::Next;
use std::time::Duration;

/// What API Gateway could not tell of edits is asked again this often.
const COMPARE_RETRY: Duration = Duration::from_mins(5);
/// And this often, where a fault of AWS's own kept it from telling.
const FAILING_RETRY: Duration = Duration::from_secs(20);
/// And this often, where it was only asked too often: the budget has slowed down meanwhile.
const THROTTLED_RETRY: Duration = Duration::from_secs(10);

impl Doors<'_> {
    /// How long the phase has been going on.
    pub(super) fn age(&self) -> Duration {
        let phase = self.found.marks.cut_over.as_ref();
        phase.map_or(Duration::ZERO, |phase| {
            self.everything.at.duration_since(phase.since).unsigned_abs()
        })
    }

    /// The lock is made, and the stage, which deploys by itself, does not have it `age` later.
    pub(super) fn behind(&self, age: Duration) -> Next {
        if age < PATIENCE {
            return cutting_over(words::not_in_force());
        }
        let message = words::behind(self.desired, &self.found.stage, &self.found.deployed);
        Next::Problem(problem(Reason::StageNotDeployed, message, Some(PROBE_RETRY)))
    }

    /// Whether edits of the team have to be looked for: a deployment of ours would carry them.
    pub(super) fn is_compared(&self) -> bool {
        let is_served = self.open_as_deployed().is_empty() && self.policy_is_served();
        !self.desired.deploy_pending_changes && !self.found.stage.auto_deploy && !is_served
    }

    pub(super) fn undeployed(&self) -> Option<Next> {
        if !self.is_compared() {
            return None;
        }
        let stalls = |message, retry_after| {
            let problem = problem(Reason::UndeployedChanges, message, retry_after);
            Some(Next::Problem(problem))
        };
        let passes = |reason, message, retry_after| {
            Some(Next::Wait(Wait {
                id: Id::of(Kind::Access),
                reason,
                message,
                retry_after,
            }))
        };
        match &self.found.pending {
            Pending::None | Pending::Unread => None,
            Pending::At(paths) => stalls(words::undeployed(self.desired, paths), None),
            Pending::Unknown(why) => stalls(words::cannot_compare(self.desired, why), Some(COMPARE_RETRY)),
            Pending::Throttled(why) => passes(
                Reason::Throttled,
                words::throttled_compare(self.desired, why),
                THROTTLED_RETRY,
            ),
            Pending::Failing(why) => passes(
                Reason::AwsUnavailable,
                words::cannot_compare_yet(self.desired, why),
                FAILING_RETRY,
            ),
        }
    }
}
