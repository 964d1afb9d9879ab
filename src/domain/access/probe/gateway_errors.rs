//! API Gateway's own errors by their names: which refuse a caller, which come after the authorization, and which throttle.

use crate::api::ErrorNamed;

/// Which error of API Gateway's `kind` is: why it refuses a caller, or another.
pub(in crate::domain::access) fn named(kind: &str) -> ErrorNamed {
    match kind {
        "MissingAuthenticationTokenException" => ErrorNamed::Unsigned,
        "ForbiddenException" => ErrorNamed::Forbidden,
        "AccessDeniedException" => ErrorNamed::Denied,
        "UnauthorizedException" | "AuthorizerConfigurationException" | "AuthorizerFailureException" => {
            ErrorNamed::Authorizer
        }
        kind if ACCESS.iter().any(|word| kind.contains(word)) => ErrorNamed::Signature,
        _ => ErrorNamed::Other,
    }
}

/// What the names of errors have in common that speak of who the caller is.
const ACCESS: [&str; 6] = [
    "Signature",
    "Token",
    "Credential",
    "UnrecognizedClient",
    "AccessKey",
    "Expired",
];

/// Errors of API Gateway's own that come after the authorization.
pub(in crate::domain::access) const LATER: [&str; 6] = [
    "BadRequestException",
    "InternalServerErrorException",
    "NotFoundException",
    "RequestTooLargeException",
    "ServiceUnavailableException",
    "UnsupportedMediaTypeException",
];

/// Error types of a throttle or a quota.
pub(in crate::domain::access) const THROTTLES: [&str; 3] = [
    "LimitExceededException",
    "ThrottlingException",
    "TooManyRequestsException",
];
