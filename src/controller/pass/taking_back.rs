//! What a status says of who may call the API, taken back while a pass takes longer than that counts: it waits for its turn to call
//! AWS, or AWS does not answer, and only its end would tell.

use super::context::Context;
use crate::api::{ProtectedApi, ProtectedApiStatus};
use crate::controller::engine::{Engine, Outcome};
use crate::controller::events::addresses::address;
use crate::controller::kubernetes::status::{WriteError, apply_status};
use crate::domain::status::taken_back::turned_since;
use jiff::Timestamp;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tracing::warn;

/// A pass that is shorter takes nothing back; during longer ones it is asked so often whether something is to be.
const EACH: Duration = Duration::from_secs(15);
/// What was not looked at by the end of a long pass is looked at so soon.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Does `work`, a pass over `object`, to its end, and takes back meanwhile what nobody looks at. Answers besides whether a status
/// was, or may have been, written for that.
pub(super) async fn taking_back(
    object: &ProtectedApi,
    engine: &Engine,
    context: &Context,
    work: impl Future<Output = Outcome>,
) -> (Outcome, bool) {
    let mut pass = LongPass {
        object,
        engine,
        began: Timestamp::now(),
        since: Instant::now(),
        told: None,
    };
    // A write that is under way is left: of it and the one in the end, the API server refuses whichever comes second.
    let mut outcome = tokio::select! {
        biased;
        outcome = work => outcome,
        never = pass.take_back(context) => match never {},
    };
    if let Some(told) = &pass.told {
        pass.end(&mut outcome, told);
    }
    (outcome, pass.told.is_some())
}

struct LongPass<'a> {
    object: &'a ProtectedApi,
    engine: &'a Engine,
    began: Timestamp,
    since: Instant,
    /// The last status that was, or may have been, written.
    told: Option<ProtectedApiStatus>,
}

impl LongPass<'_> {
    async fn take_back(&mut self, context: &Context) -> Infallible {
        let mut written: Option<ProtectedApiStatus> = None;
        loop {
            sleep(EACH).await;
            let said = written.as_ref().or(self.object.status.as_ref());
            let Some(mut status) = said.and_then(|said| self.unseen(said)) else {
                continue;
            };
            address(&mut status.conditions, context.settings.docs_url.as_deref());
            self.told = Some(status.clone());
            let _place = context.place().await;
            match write(self.object, &status, context).await {
                Ok(()) => written = Some(status),
                Err(error) => warn!(%error, "what nobody looks at could not be taken back"),
            }
        }
    }

    /// What was not looked at in the pass stays taken back, and is looked at next.
    fn end(&self, outcome: &mut Outcome, told: &ProtectedApiStatus) {
        if let Some(status) = self.unseen(&outcome.status) {
            outcome.status = status;
            outcome.requeue = outcome.requeue.min(AT_ONCE);
        }
        let now = self.began + self.since.elapsed();
        turned_since(&mut outcome.status.conditions, &told.conditions, now);
    }

    fn unseen(&self, status: &ProtectedApiStatus) -> Option<ProtectedApiStatus> {
        let running = self.since.elapsed();
        self.engine.unseen(self.object, status, self.began, running)
    }
}

async fn write(
    object: &ProtectedApi,
    status: &ProtectedApiStatus,
    context: &Context,
) -> Result<(), WriteError> {
    apply_status(&context.client, &rewritten(object), status).await
}

/// `object`, whose status is not known any more, so that any is written.
pub(super) fn rewritten(object: &ProtectedApi) -> ProtectedApi {
    ProtectedApi {
        status: None,
        ..object.clone()
    }
}
