//! What kind each refusal is of.

mod mutual_tls;

use super::*;
use crate::aws::operations::Service;
use crate::aws::refused_fixtures::{error, kind};

#[test]
fn what_somebody_else_changed_is_a_conflict_and_never_terminal() {
    use Service::{CloudFront, Lambda, Waf};
    let cases = [
        (CloudFront, "UpdateDistribution", "PreconditionFailed", ""),
        (CloudFront, "DeleteDistribution", "InvalidIfMatchVersion", ""),
        (Waf, "UpdateWebACL", "WAFOptimisticLockException", ""),
        (
            Lambda,
            "UpdateFunctionCode",
            "PreconditionFailedException",
            "The RevisionId provided is stale",
        ),
    ];
    for (service, name, code, message) in cases {
        assert_eq!(kind(service, name, code, message), ErrorKind::Conflict, "{code}");
    }
}

#[test]
fn lambdas_one_conflict_code_has_two_meanings() {
    let kind = |message| {
        kind(
            Service::Lambda,
            "CreateFunction",
            "ResourceConflictException",
            message,
        )
    };
    assert_eq!(kind("Function already exist: palisade-a"), ErrorKind::Exists);
    assert_eq!(
        kind("An update is in progress for resource: …"),
        ErrorKind::NotYet
    );
}

#[test]
fn conflicts_and_bad_requests_of_api_gateway_have_several_meanings() {
    let (conflict, bad) = ("ConflictException", "BadRequestException");
    for (name, code, message, expected) in [
        (
            "CreateApiKey",
            conflict,
            "API Key already exists",
            ErrorKind::Exists,
        ),
        (
            "CreateUsagePlanKey",
            conflict,
            "… cannot reference multiple UsagePlans with the same Api Stage: a:prod",
            ErrorKind::Conflict,
        ),
        (
            "DeleteAuthorizer",
            conflict,
            "Cannot delete authorizer 'palisade', is referenced in method: …",
            ErrorKind::Conflict,
        ),
        (
            "CreateAuthorizer",
            bad,
            "Authorizer name must be unique. Authorizer palisade already exists in this RestApi.",
            ErrorKind::Exists,
        ),
        (
            "DeleteUsagePlan",
            bad,
            "Cannot delete Usage Plan abc because it is associated with API stages",
            ErrorKind::Conflict,
        ),
        (
            "CreateUsagePlan",
            bad,
            "Usage Plan name cannot be blank",
            ErrorKind::Terminal,
        ),
    ] {
        assert_eq!(
            kind(Service::ApiGateway, name, code, message),
            expected,
            "{message}"
        );
    }
}

#[test]
fn a_fault_of_api_gateway_passes_in_both_of_its_versions() {
    for code in ["InternalServerException", "InternalServerError"] {
        for service in [Service::ApiGateway, Service::ApiGatewayV2] {
            assert_eq!(kind(service, "GetStage", code, ""), ErrorKind::Transient);
        }
    }
}

#[test]
fn lambdas_invalid_parameter_is_a_wait_for_new_roles_and_for_replicas_only() {
    let kind = |message| {
        kind(
            Service::Lambda,
            "DeleteFunction",
            "InvalidParameterValueException",
            message,
        )
    };
    assert_eq!(
        kind("The role defined for the function cannot be assumed by Lambda."),
        ErrorKind::NotYet
    );
    assert_eq!(
        kind(
            "Lambda was unable to configure access to your environment variables because the KMS key is invalid for \
             CreateGrant. … KMS Message: ARN does not refer to a valid principal"
        ),
        ErrorKind::NotYet
    );
    assert_eq!(
        kind("… because it is a replicated function. Please …"),
        ErrorKind::NotYet
    );
    assert_eq!(
        kind("The runtime parameter of nodejs20.x is no longer supported"),
        ErrorKind::Terminal
    );
}

#[test]
fn a_quota_of_api_gateway_passes_with_time_and_others_do_not() {
    let code = "LimitExceededException";
    assert_eq!(
        kind(Service::ApiGateway, "GetRestApi", code, "Too many"),
        ErrorKind::Throttled
    );
    let full = "Maximum number of Authorizers for this API has been reached";
    assert_eq!(
        kind(Service::ApiGateway, "CreateAuthorizer", code, full),
        ErrorKind::Terminal
    );
    assert_eq!(
        kind(Service::Waf, "ListWebACLs", code, "Too many"),
        ErrorKind::Terminal
    );
    assert_eq!(
        kind(Service::Waf, "ListWebACLs", code, "Rate exceeded"),
        ErrorKind::Throttled
    );
    assert_eq!(
        kind(
            Service::Iam,
            "CreateRole",
            "LimitExceeded",
            "RolesPerAccount: 1000"
        ),
        ErrorKind::Terminal
    );
}

#[test]
fn a_missing_thing_is_not_found_but_a_missing_reference_is_something_else() {
    let waf = |name| kind(Service::Waf, name, "WAFNonexistentItemException", "");
    assert_eq!(waf("GetWebACL"), ErrorKind::NotFound);
    assert_eq!(waf("CreateWebACL"), ErrorKind::NotYet);
    let iam = |message| {
        kind(
            Service::Iam,
            "PutRolePermissionsBoundary",
            "NoSuchEntity",
            message,
        )
    };
    assert_eq!(iam("The role with name x cannot be found."), ErrorKind::NotFound);
    assert_eq!(
        iam("Scope ARN: arn:aws:iam::1:policy/x does not exist or is not attachable."),
        ErrorKind::Terminal
    );
}

#[test]
fn what_was_made_seconds_ago_is_waited_for() {
    let cases = [
        (
            Service::CloudFront,
            "CreateDistributionWithTags",
            "InvalidWebACLId",
        ),
        (
            Service::CloudFront,
            "CreateDistributionWithTags",
            "InvalidLambdaFunctionAssociation",
        ),
        (Service::Waf, "CreateWebACL", "WAFUnavailableEntityException"),
        (Service::Waf, "DeleteIPSet", "WAFAssociatedItemException"),
        (
            Service::CloudFront,
            "DeleteDistribution",
            "DistributionNotDisabled",
        ),
    ];
    for (service, name, code) in cases {
        assert_eq!(kind(service, name, code, ""), ErrorKind::NotYet, "{code}");
    }
}

#[test]
fn every_services_throttle_is_a_throttle() {
    let cases = [
        (Service::CloudFront, "UpdateDistribution", "Throttling"),
        (Service::Iam, "CreateRole", "Throttling"),
        (Service::Lambda, "GetFunction", "TooManyRequestsException"),
        (Service::Tagging, "GetResources", "ThrottledException"),
        (Service::Shield, "ListProtections", "ThrottlingException"),
        (Service::Route53, "CreateHealthCheck", "Throttling"),
        (Service::CloudWatch, "PutMetricAlarm", "Throttling"),
        (Service::Waf, "GetWebACL", "ThrottlingException"),
        (Service::ApiGatewayV2, "GetApi", "TooManyRequestsException"),
    ];
    for (service, name, code) in cases {
        assert_eq!(
            kind(service, name, code, "Rate exceeded"),
            ErrorKind::Throttled,
            "{code}"
        );
    }
}

#[test]
fn a_deployment_that_others_put_on_a_stage_or_deleted_is_a_conflict() {
    let cases = [
        (
            "DeleteDeployment",
            "Active stages pointing to this deployment must be moved or deleted",
        ),
        ("UpdateStage", "Deployment id does not exist"),
    ];
    for (name, message) in cases {
        let found = kind(Service::ApiGateway, name, "BadRequestException", message);
        assert_eq!(found, ErrorKind::Conflict, "{message}");
    }
}

#[test]
fn what_shield_and_its_neighbours_refuse() {
    let cases = [
        (
            Service::Shield,
            "CreateProtection",
            "ResourceAlreadyExistsException",
            ErrorKind::Exists,
        ),
        (
            Service::Shield,
            "CreateProtection",
            "InvalidResourceException",
            ErrorKind::NotYet,
        ),
        (
            Service::Shield,
            "DescribeProtection",
            "ResourceNotFoundException",
            ErrorKind::NotFound,
        ),
        (
            Service::Shield,
            "TagResource",
            "OptimisticLockException",
            ErrorKind::Conflict,
        ),
        (
            Service::Shield,
            "CreateProtection",
            "LimitsExceededException",
            ErrorKind::Terminal,
        ),
        (
            Service::Route53,
            "CreateHealthCheck",
            "HealthCheckAlreadyExists",
            ErrorKind::Exists,
        ),
        (
            Service::Route53,
            "UpdateHealthCheck",
            "HealthCheckVersionMismatch",
            ErrorKind::Conflict,
        ),
        (
            Service::Route53,
            "DeleteHealthCheck",
            "HealthCheckInUse",
            ErrorKind::NotYet,
        ),
        (
            Service::Route53,
            "GetHealthCheck",
            "NoSuchHealthCheck",
            ErrorKind::NotFound,
        ),
        (
            Service::CloudWatch,
            "DeleteAlarms",
            "ResourceNotFound",
            ErrorKind::NotFound,
        ),
    ];
    for (service, name, code, expected) in cases {
        assert_eq!(kind(service, name, code, ""), expected, "{code}");
    }
    let names = |service, name, code, part: &str| {
        let refused = error(service, name, code, "no");
        assert_eq!(refused.kind, ErrorKind::Terminal, "{code}");
        assert!(
            crate::aws::remedies::remedy(&refused).unwrap().contains(part),
            "{code}"
        );
    };
    let enable = "EnableApplicationLayerAutomaticResponse";
    names(
        Service::Shield,
        enable,
        "InvalidOperationException",
        "spec.webAcl.antiDdos",
    );
    names(Service::Sns, "GetTopicAttributes", "NotFound", "snsTopicArn");
}

#[test]
fn what_acm_and_hosted_zones_refuse() {
    let change = |message: &str| {
        kind(
            Service::Route53,
            "ChangeResourceRecordSets",
            "InvalidChangeBatch",
            message,
        )
    };
    for message in [
        "[Tried to create resource record set [name='a.', type='A'] but it already exists]",
        "[Tried to delete resource record set [name='a.', type='A'] but it was not found]",
        "[Tried to delete resource record set [name='a.', type='A'] but the values provided do not match the current values]",
        "[RRSet of type CNAME with DNS name a. is not permitted as it conflicts with other records with the same DNS name in zone b.]",
        "[RRSet of type A with DNS name a. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone b.]",
    ] {
        assert_eq!(change(message), ErrorKind::Conflict, "{message}");
    }
    assert_eq!(
        change("[RRSet with DNS name a. is not permitted in zone b.]"),
        ErrorKind::Terminal
    );
    let cases = [
        (
            Service::Route53,
            "GetHostedZone",
            "NoSuchHostedZone",
            ErrorKind::NotFound,
        ),
        (
            Service::Acm,
            "DescribeCertificate",
            "ResourceNotFoundException",
            ErrorKind::NotFound,
        ),
        (
            Service::Acm,
            "DeleteCertificate",
            "ResourceInUseException",
            ErrorKind::NotYet,
        ),
        (
            Service::Acm,
            "RequestCertificate",
            "LimitExceededException",
            ErrorKind::Terminal,
        ),
        (
            Service::Acm,
            "RequestCertificate",
            "ThrottlingException",
            ErrorKind::Throttled,
        ),
    ];
    for (service, name, code, expected) in cases {
        assert_eq!(kind(service, name, code, ""), expected, "{code}");
    }
}
