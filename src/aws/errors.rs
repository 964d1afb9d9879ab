//! AWS's error codes as a table: what follows from each.

use super::operations::{Operation, Service};
pub use crate::domain::failure::ErrorKind;

/// No answer came (connection lost, timeout): AWS may or may not have acted.
pub const NO_ANSWER: &str = "NoAnswer";
/// The credentials could not be had, are expired or unknown.
pub const NO_CREDENTIALS: &str = "NoCredentials";
/// An answer could not be read.
pub const UNREADABLE_ANSWER: &str = "UnreadableAnswer";
/// An answer of another operation.
pub const MISMATCHED_ANSWER: &str = "MismatchedAnswer";
/// The Lease ends before the call's timeout would.
pub const NOT_LEADING: &str = "NotLeading";

struct Row {
    code: &'static str,
    /// Part of the message that tells two meanings of one code apart; empty fits all.
    message: &'static str,
    kind: ErrorKind,
}

const fn row(code: &'static str, kind: ErrorKind) -> Row {
    Row {
        code,
        message: "",
        kind,
    }
}

const fn worded(code: &'static str, message: &'static str, kind: ErrorKind) -> Row {
    Row { code, message, kind }
}

/// First fitting row wins; a code without a row is Terminal for 4xx wording and handled by [`classify`].
const TABLE: &[Row] = &[
    row("PreconditionFailed", ErrorKind::Conflict),
    row("InvalidIfMatchVersion", ErrorKind::Conflict),
    row("WAFOptimisticLockException", ErrorKind::Conflict),
    worded("ResourceConflictException", "already exist", ErrorKind::Exists),
    worded("ResourceConflictException", "RevisionId", ErrorKind::Conflict),
    row("ResourceConflictException", ErrorKind::NotYet),
    worded("PreconditionFailedException", "RevisionId", ErrorKind::Conflict),
    row("PreconditionFailedException", ErrorKind::Conflict),
    row("ConcurrentModification", ErrorKind::Conflict),
    row("ConcurrentModificationException", ErrorKind::Conflict),
    row("DistributionAlreadyExists", ErrorKind::Exists),
    row("EntityAlreadyExists", ErrorKind::Exists),
    row("WAFDuplicateItemException", ErrorKind::Exists),
    row("NoSuchDistribution", ErrorKind::NotFound),
    row("NoSuchResource", ErrorKind::NotFound),
    row("NoSuchEntity", ErrorKind::NotFound),
    row("NotFoundException", ErrorKind::NotFound),
    row("ResourceNotFoundException", ErrorKind::NotFound),
    row("WAFNonexistentItemException", ErrorKind::NotFound),
    row("WAFUnavailableEntityException", ErrorKind::NotYet),
    row("WAFAssociatedItemException", ErrorKind::NotYet),
    row("InvalidWebACLId", ErrorKind::NotYet),
    row("InvalidLambdaFunctionAssociation", ErrorKind::NotYet),
    row("DistributionNotDisabled", ErrorKind::NotYet),
    row("DeleteConflict", ErrorKind::NotYet),
    worded(
        "InvalidParameterValueException",
        "cannot be assumed by Lambda",
        ErrorKind::NotYet,
    ),
    worded(
        "InvalidParameterValueException",
        "replicated function",
        ErrorKind::NotYet,
    ),
    row("Throttling", ErrorKind::Throttled),
    row("ThrottledException", ErrorKind::Throttled),
    row("ThrottlingException", ErrorKind::Throttled),
    row("ThrottledException", ErrorKind::Throttled),
    row("TooManyRequestsException", ErrorKind::Throttled),
    row("TooManyRequests", ErrorKind::Throttled),
    row("RequestLimitExceeded", ErrorKind::Throttled),
    row("SlowDown", ErrorKind::Throttled),
    worded("LimitExceededException", "Rate exceeded", ErrorKind::Throttled),
    row("AccessDenied", ErrorKind::Denied),
    row("AccessDeniedException", ErrorKind::Denied),
    row("UnauthorizedOperation", ErrorKind::Denied),
    row("ExpiredToken", ErrorKind::Denied),
    row("ExpiredTokenException", ErrorKind::Denied),
    row("InvalidClientTokenId", ErrorKind::Denied),
    row("UnrecognizedClientException", ErrorKind::Denied),
    row("SignatureDoesNotMatch", ErrorKind::Denied),
    row(NO_CREDENTIALS, ErrorKind::Denied),
    row(NO_ANSWER, ErrorKind::Transient),
    row(UNREADABLE_ANSWER, ErrorKind::Transient),
    row(MISMATCHED_ANSWER, ErrorKind::Transient),
    row(NOT_LEADING, ErrorKind::Transient),
    row("InternalError", ErrorKind::Transient),
    row("InternalFailure", ErrorKind::Transient),
    row("InternalServerError", ErrorKind::Transient),
    row("InternalServiceException", ErrorKind::Transient),
    row("ServiceException", ErrorKind::Transient),
    row("ServiceFailure", ErrorKind::Transient),
    row("ServiceUnavailable", ErrorKind::Transient),
    row("ServiceUnavailableException", ErrorKind::Transient),
    row("WAFInternalErrorException", ErrorKind::Transient),
];

/// The kind that follows from an error's code, and where one code has several meanings from its message.
///
/// A code that the table does not know is Terminal: AWS answered and refused, so asking again unchanged is of no use.
#[must_use]
pub fn classify(operation: Operation, code: &str, message: &str) -> ErrorKind {
    // API Gateway says throttling and quotas with one code; both pass with time.
    if code == "LimitExceededException"
        && matches!(operation.service, Service::ApiGateway | Service::ApiGatewayV2)
    {
        return ErrorKind::Throttled;
    }
    TABLE
        .iter()
        .find(|row| row.code == code && message.contains(row.message))
        .map_or(ErrorKind::Terminal, |row| row.kind)
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
