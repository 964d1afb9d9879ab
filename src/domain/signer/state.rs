//! Whether Lambda has prepared a function or version.

use super::function::{Configuration, LATEST};
use crate::domain::kernel::planning::{Id, Kind, Next, Problem, Wait};
use crate::domain::kernel::reason::Reason;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A new function or version is usually active within seconds.
const PENDING_RETRY: Duration = Duration::from_secs(3);

/// Whether a function or version can be invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum State {
    Pending,
    Active,
    Inactive,
    Failed,
    /// Lists do not tell.
    Unknown,
}

/// A function or version of `kind` that cannot be invoked.
pub(in crate::domain) fn failed(kind: Kind, configuration: &Configuration) -> Problem {
    Problem {
        id: Id::of(kind),
        reason: Reason::FunctionFailed,
        field: None,
        message: format!(
            "Lambda could not prepare {}: {}. Once the cause is removed, {}",
            configuration.arn,
            configuration.state_reason.as_deref().unwrap_or("no reason given"),
            if configuration.version == LATEST {
                "change the function's description in Lambda's console: that is put right here, and Lambda prepares it anew"
            } else {
                "delete this one version, which serves nobody, never the function: another is published"
            }
        ),
        remedy: None,
        stands: false,
        retry_after: None,
    }
}

/// A function or version of `kind` that Lambda is still busy with.
pub(in crate::domain) fn pending<A>(kind: Kind, arn: &str) -> Next<A> {
    Next::Wait(Wait {
        id: Id::of(kind),
        reason: Reason::FunctionPending,
        message: format!("Lambda prepares {arn}; this takes some seconds"),
        retry_after: PENDING_RETRY,
    })
}
