//! What follows from a refused or failed call.

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
