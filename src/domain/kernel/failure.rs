//! What follows from a refused or failed call.

use super::planning::{Id, Kind};
use super::reason::Reason;
use serde::Serialize;

/// How a failure is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum ErrorKind {
    /// Only another spec, or a person, can help: wait for a new generation, look again seldom.
    Terminal,
    /// Our credentials may not do this: a person must grant it.
    Denied,
    /// Somebody else wrote in between: read again, plan again.
    Conflict,
    /// Something of that name is there already: read it and decide whose it is.
    Exists,
    /// Called too often: the budget shrinks, the call is made again later.
    Throttled,
    /// It is not there.
    NotFound,
    /// AWS has not caught up with an earlier write: wait a little.
    NotYet,
    /// No answer, or AWS's own fault: whether AWS acted is open.
    Transient,
}

/// A call that failed within a pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The resource it was for; `None` for what concerns the object as a whole.
    pub id: Option<Id>,
    /// How it is met.
    pub kind: ErrorKind,
    /// The reason that conditions and events give.
    pub reason: Reason,
    /// AWS's own code and message, and what to do.
    pub message: String,
}

impl ErrorKind {
    /// Whether waiting is of no use.
    #[must_use]
    pub fn needs_person(self) -> bool {
        matches!(self, Self::Terminal | Self::Denied)
    }
}

impl Failure {
    /// Whether it was for a resource of one of these kinds.
    #[must_use]
    pub fn is_of(&self, kinds: &[Kind]) -> bool {
        self.id.as_ref().is_some_and(|id| kinds.contains(&id.kind))
    }

    /// Whether waiting is of no use.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        self.kind.needs_person()
    }
}
