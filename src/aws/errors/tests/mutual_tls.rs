//! What kind each refusal of what serves mutual TLS is of.

use crate::aws::errors::ErrorKind;
use crate::aws::operations::Service;
use crate::aws::refused_fixtures::kind;

/// AWS's words, from the sources in the table; S3's from its list of error codes.
#[test]
fn what_mutual_tls_meets_waits_where_only_time_is_missing_and_else_needs_a_person() {
    let cases = [
        (
            Service::ApiGatewayV2,
            "UpdateDomainName",
            "ConflictException",
            "There is already an update in progress",
            ErrorKind::NotYet,
        ),
        (
            Service::ApiGatewayV2,
            "CreateDomainName",
            "ConflictException",
            "The domain name you provided already exists.",
            ErrorKind::Exists,
        ),
        (
            Service::ApiGatewayV2,
            "CreateApiMapping",
            "ConflictException",
            "ApiMapping key already exists for this domain name",
            ErrorKind::Exists,
        ),
        (
            Service::ApiGatewayV2,
            "CreateDomainName",
            "TooManyRequestsException",
            "Too Many Requests",
            ErrorKind::Throttled,
        ),
        (
            Service::ApiGatewayV2,
            "UpdateDomainName",
            "BadRequestException",
            "Missing ownershipVerificationCertificate.",
            ErrorKind::Terminal,
        ),
        (
            Service::Acm,
            "GetCertificate",
            "RequestInProgressException",
            "",
            ErrorKind::NotYet,
        ),
        (Service::S3, "GetObject", "NoSuchKey", "", ErrorKind::NotFound),
        (
            Service::S3,
            "GetBucketVersioning",
            "NoSuchBucket",
            "",
            ErrorKind::Terminal,
        ),
        (
            Service::S3,
            "GetObject",
            "PermanentRedirect",
            "",
            ErrorKind::Terminal,
        ),
        (
            Service::S3,
            "PutObject",
            "AccessDenied",
            "Access Denied",
            ErrorKind::Denied,
        ),
        (Service::S3, "PutObject", "SlowDown", "", ErrorKind::Throttled),
    ];
    for (service, name, code, message, expected) in cases {
        assert_eq!(kind(service, name, code, message), expected, "{name} {code}");
    }
}
