//! When an object is looked at again: after its interval, or after what failed.

use super::context::Context;
use crate::controller::engine::Outcome;
use crate::controller::kubernetes::status::WriteError;
use crate::controller::watch::backoff::{AFTER_CONFLICT, AFTER_FAILURE, Backoff, spread};
use crate::domain::kernel::failure::{ErrorKind, Failure};
use crate::domain::kernel::reason::Reason;
use kube::runtime::controller::Action;
use std::time::Duration;
use tracing::{info, warn};

/// A problem that only a person can solve is looked at this often all the same: quotas are raised, permissions granted.
const STALLED_RETRY: Duration = Duration::from_mins(5);

/// What AWS refuses for the moment is tried again so soon at the latest, where an object is not in order yet: calls have their
/// budget, which spares AWS while it throttles.
const TROUBLED_RETRY: Duration = Duration::from_mins(1);

/// Why a pass failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The object could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A call to AWS failed.
    #[error("{message}")]
    Aws {
        /// The category, as in conditions.
        reason: &'static str,
        /// AWS's own code and message.
        message: String,
        /// When it is tried again.
        again: Again,
    },
    /// The object does not fit the schema.
    #[error("the object cannot be read: {message}")]
    Malformed {
        /// What does not fit.
        message: String,
        /// When it is looked at again.
        again: Again,
    },
}

/// When an object whose pass failed is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// After its backoff.
    Later,
    /// After its backoff, and so soon at the latest: somebody waits for it.
    Within(Duration),
    /// After its backoff, which begins anew: something was done all the same.
    Onward,
    /// After its backoff, which begins with a second: somebody else wrote at the same time.
    Soon,
    /// After so long: only a person can help.
    After(Duration),
}

impl Error {
    /// Name of the failed step, for conditions, events and metrics.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self {
            Self::Write(error) => error.category(),
            Self::Aws { reason, .. } => reason,
            Self::Malformed { .. } => Reason::Malformed.as_str(),
        }
    }

    /// Of an object that does not fit the schema.
    #[must_use]
    pub fn malformed(message: &str, context: &Context) -> Self {
        Self::Malformed {
            message: message.to_owned(),
            again: Again::After(context.settings.resync),
        }
    }

    /// When the object is looked at again.
    #[must_use]
    pub fn again(&self) -> Again {
        match self {
            Self::Write(_) => Again::Later,
            Self::Aws { again, .. } | Self::Malformed { again, .. } => *again,
        }
    }
}

/// What failed first.
pub(super) fn first_failure(outcome: &Outcome) -> Option<&Failure> {
    outcome.failures.first()
}

/// When an object is looked at again after a pass that came to `outcome`.
pub(super) fn next_pass(outcome: &Outcome, is_in_order: bool) -> Result<Action, Error> {
    let Some(failure) = first_failure(outcome) else {
        return Ok(Action::requeue(spread(outcome.requeue)));
    };
    let again = if let Some(soon) = outcome.in_doubt {
        Again::Within(soon)
    } else if outcome.failures.iter().all(Failure::needs_person) {
        // What stalls does not hold up the rest, which may only be waiting for AWS.
        Again::After(STALLED_RETRY.min(outcome.requeue))
    } else if failure.kind == ErrorKind::Conflict {
        Again::Soon
    } else if !outcome.done.is_empty() {
        Again::Onward
    } else if is_in_order {
        Again::Later
    } else {
        Again::Within(TROUBLED_RETRY)
    };
    Err(Error::Aws {
        reason: failure.reason.as_str(),
        message: failure.message.clone(),
        again,
    })
}

/// When an object whose pass failed is looked at again; the log tells why.
pub(super) fn after_failure(error: &Error, uid: &str, backoff: &Backoff) -> Action {
    let (category, again) = (error.category(), error.again());
    let error = chain(error);
    let first = match again {
        Again::After(interval) => {
            backoff.succeeded(uid);
            info!(category, error, "needs a person");
            return Action::requeue(spread(interval));
        }
        Again::Onward => {
            backoff.succeeded(uid);
            AFTER_FAILURE
        }
        Again::Soon => AFTER_CONFLICT,
        Again::Later | Again::Within(_) => AFTER_FAILURE,
    };
    let grown = backoff.failed(uid, first);
    let retry_in = match again {
        Again::Within(soon) => grown.min(soon),
        _ => grown,
    };
    warn!(category, error, ?retry_in, "failed");
    Action::requeue(retry_in)
}

/// An error with what caused it; causes that the error words itself are not repeated.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ProtectedApiStatus;
    use crate::domain::perimeter::plan::Plan;

    const RESYNC: Duration = Duration::from_mins(10);

    fn outcome() -> Outcome {
        Outcome {
            status: ProtectedApiStatus::default(),
            requeue: RESYNC,
            plan: Plan::default(),
            done: vec![],
            failures: vec![],
            rejection: None,
            in_doubt: None,
            finished: false,
        }
    }

    #[test]
    fn objects_that_were_looked_at_together_are_not_all_looked_at_together_again() {
        let next = || next_pass(&outcome(), true).expect("nothing failed");
        let first = next();
        assert!((0..100).any(|_| next() != first), "{first:?} each time");
    }
}
