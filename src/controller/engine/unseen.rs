//! What nobody has looked at for longer than its interval, told while a pass goes on: by status and clocks alone, without a call.

use super::Engine;
use super::due::is_older;
use super::failures::whole;
use super::lock::Lock;
use super::subject::enforces;
use crate::api::{ProtectedApi, ProtectedApiStatus};
use crate::controller::kubernetes::probe_token::Awaited;
use crate::domain::access::probe::Token;
use crate::domain::kernel::failure::{ErrorKind, Failure};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::words::moment;
use crate::domain::perimeter::observed::Due;
use crate::domain::perimeter::plan::Plan;
use crate::domain::status::conditions::{Mode, Pass};
use crate::domain::status::identifiers;
use crate::domain::status::taken_back::taken_back;
use jiff::Timestamp;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

/// A pass may begin a whole interval after the one before, and needs some time to look: this part of it,
const SLACK: f64 = 0.05;
/// and no less than this, lest conditions come and go with each pass where the interval is short.
const LEAST_SLACK: Duration = Duration::from_secs(30);

impl Engine {
    /// `status`, with what it says of who may call the API taken back as far as nobody has looked at that for longer than its
    /// interval; `None` where all of it stands. The pass over `object`, with the status before, began at `began` and has run for
    /// so long.
    #[must_use]
    pub fn unseen(
        &self,
        object: &ProtectedApi,
        status: &ProtectedApiStatus,
        began: Timestamp,
        running: Duration,
    ) -> Option<ProtectedApiStatus> {
        let owner = self.owner(object);
        let now = began + running;
        let lock = Lock {
            owner: &owner,
            spec: &object.spec,
            previous: status,
            rotate: None,
            token: Awaited::known(Token::default()),
            is_at_rest: false,
            is_deployed: false,
            now,
        };
        let due = self.due_since(&lock, object.status.as_ref(), running);
        let access = object.spec.access.clone().unwrap_or_default();
        let stood = self.desired_of(&lock, access).ok().map(|desired| {
            let mut observed = Self::observed_of_lock(&lock, identifiers::outputs(status), &desired);
            observed.due = due;
            (desired, observed)
        });
        let pass = Pass {
            // What is said of an earlier spec is taken back as that.
            generation: status.observed_generation,
            owner: &owner,
            mode: Mode::Apply,
            enforces: enforces(&object.spec),
            rejection: None,
            plan: &Plan::default(),
            observed: None,
            desired: None,
            stood: stood.as_ref().map(|(desired, observed)| (desired, &**observed)),
            failures: &[self.why_waiting(began)],
            previous: status,
            now,
        };
        taken_back(&pass, due)
    }

    /// Why the pass that began then is not over, as far as that is known.
    fn why_waiting(&self, began: Timestamp) -> Failure {
        let began = moment(began);
        let waits = format!("the pass that began at {began} waits for AWS, or for its turn to call it");
        let (reason, message) = match self.refusals.last().map(|error| whole(&error)) {
            Some(refused) => (
                refused.reason,
                format!("{waits}. AWS refused last: {}", refused.message),
            ),
            None => (Reason::InProgress, waits),
        };
        Failure {
            id: None,
            kind: ErrorKind::NotYet,
            reason,
            message,
        }
    }

    /// What should have been looked at by now, and was not, `before` or in the pass.
    fn due_since(&self, lock: &Lock<'_>, before: Option<&ProtectedApiStatus>, running: Duration) -> Due {
        let resync = self.options.resync;
        let interval = resync + resync.mul_f64(SLACK).max(LEAST_SLACK);
        let probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        // A process that has just begun does not know: it has probed nothing for as long as the pass runs.
        let since = probed.get(&lock.owner.uid).map_or(running, Instant::elapsed);
        let read = read_at(lock.previous);
        let is_read = read != before.and_then(read_at);
        Due {
            access: false,
            probes: since > interval,
            lock: false,
            overdue: !is_read && is_older(read, self.options.access_resync + interval, lock.now),
        }
    }
}

/// When the routes were read last, as status tells.
fn read_at(status: &ProtectedApiStatus) -> Option<&str> {
    let access = status.access.as_ref();
    access.map(|access| access.verified_at.as_str())
}
