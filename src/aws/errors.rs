//! What follows from AWS's refusals.

mod advice;
mod denials;
mod table;

use super::service::Operation;
pub use crate::domain::kernel::failure::ErrorKind;
use crate::domain::kernel::reason::Reason;
use table::{Row, TABLE};

/// No answer came (connection lost, timeout): AWS may or may not have acted.
pub const NO_ANSWER: &str = "NoAnswer";
/// There are no credentials.
pub const NO_CREDENTIALS: &str = "NoCredentials";
/// The source of the credentials failed, as it may for a while: an agent restarts, an endpoint does not answer.
pub const CREDENTIALS_UNAVAILABLE: &str = "CredentialsUnavailable";
/// An answer could not be read.
pub const UNREADABLE_ANSWER: &str = "UnreadableAnswer";
/// AWS did what was asked and answered in a form that we do not know: asking again is of no use.
pub const NOT_UNDERSTOOD: &str = "AnswerNotUnderstood";
/// An answer of another operation.
pub const MISMATCHED_ANSWER: &str = "MismatchedAnswer";
/// The Lease ends before the call's timeout would.
pub const NOT_LEADING: &str = "NotLeading";

/// The kind that follows from an error's code; where one code has several meanings, from its service, operation and message too.
///
/// A code that the table does not know is Terminal: AWS answered and refused, so asking again unchanged is of no use. The SDK
/// knows better where AWS's status says that the fault is its own.
#[must_use]
pub fn classify(operation: Operation, code: &str, message: &str) -> ErrorKind {
    find(operation, code, message).map_or(ErrorKind::Terminal, |row| row.kind)
}

/// Whether the table knows the error's code.
#[must_use]
pub fn is_known(operation: Operation, code: &str, message: &str) -> bool {
    find(operation, code, message).is_some()
}

/// What conditions and events call an error; `None` where its kind, code or operation says enough.
#[must_use]
pub fn reason(operation: Operation, code: &str, message: &str) -> Option<Reason> {
    find(operation, code, message)?.reason
}

/// What a person can do about an error, as far as the code or the policy that refused it tells.
#[must_use]
pub fn remedy(operation: Operation, code: &str, message: &str) -> Option<&'static str> {
    let row = find(operation, code, message)?;
    row.remedy.or_else(|| denials::remedy(message))
}

fn find(operation: Operation, code: &str, message: &str) -> Option<&'static Row> {
    let message = message.to_lowercase();
    TABLE.iter().find(|row| {
        row.code == code
            && (row.services.is_empty() || row.services.contains(&operation.service))
            && (row.operations.is_empty() || row.operations.contains(&operation.name))
            && message.contains(row.message)
    })
}

/// The kind's name in metrics.
#[must_use]
pub fn label(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Terminal => "terminal",
        ErrorKind::Denied => "denied",
        ErrorKind::Conflict => "conflict",
        ErrorKind::Exists => "exists",
        ErrorKind::Throttled => "throttled",
        ErrorKind::NotFound => "not_found",
        ErrorKind::NotYet => "not_yet",
        ErrorKind::Transient => "transient",
    }
}

#[cfg(test)]
mod tests;
