use super::*;
use crate::aws::cloud::CloudError;
use crate::aws::operations::{OPERATIONS, Service};
use crate::aws::remedies::remedy;

fn operation(service: Service, name: &str) -> Operation {
    *OPERATIONS
        .iter()
        .find(|it| it.service == service && it.name == name)
        .unwrap()
}

fn error(service: Service, name: &str, code: &str, message: &str) -> CloudError {
    CloudError::new(operation(service, name), code, message)
}

fn kind(service: Service, name: &str, code: &str, message: &str) -> ErrorKind {
    error(service, name, code, message).kind
}

#[test]
fn every_row_can_be_reached_and_is_written_in_lower_case_where_messages_are_compared() {
    for (index, row) in TABLE.iter().enumerate() {
        let hidden = TABLE[..index].iter().any(|earlier| {
            earlier.code == row.code
                && (earlier.services.is_empty() || earlier.services == row.services)
                && (earlier.operations.is_empty() || earlier.operations == row.operations)
                && row.message.contains(earlier.message)
        });
        assert!(!hidden, "{} {}", row.code, row.message);
        assert_eq!(row.message, row.message.to_lowercase());
    }
}

#[test]
fn every_row_names_operations_that_exist() {
    for row in TABLE {
        for name in row.operations {
            assert!(
                OPERATIONS.iter().any(|operation| operation.name == *name),
                "{name}"
            );
        }
    }
}

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
fn lambdas_one_conflict_code_has_three_meanings() {
    let kind = |message| {
        kind(
            Service::Lambda,
            "CreateFunction",
            "ResourceConflictException",
            message,
        )
    };
    assert_eq!(kind("Function already exist: palisade-a"), ErrorKind::Exists);
    assert_eq!(kind("The RevisionId is not the latest"), ErrorKind::Conflict);
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
fn a_tag_that_api_gateway_does_not_take_is_one_of_the_spec_or_of_the_defaults() {
    let error = error(Service::ApiGateway, "TagResource", "BadRequestException", "…");
    assert_eq!(error.kind, ErrorKind::Terminal);
    assert!(remedy(&error).unwrap().contains("spec.tags and --default-tags"));
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
fn an_api_that_cannot_be_deployed_says_why() {
    let cases = [
        (
            Service::ApiGateway,
            "No integration defined for method",
            "give it one",
        ),
        (
            Service::ApiGateway,
            "The REST API doesn't contain any methods",
            "has no methods",
        ),
        (
            Service::ApiGatewayV2,
            "Unable to deploy API because no valid routes exist in this API",
            "has no routes",
        ),
    ];
    for (service, message, remedy) in cases {
        let refused = error(service, "CreateDeployment", "BadRequestException", message);
        assert_eq!(refused.kind, ErrorKind::Terminal, "{message}");
        assert!(
            crate::aws::remedies::remedy(&refused).unwrap().contains(remedy),
            "{message}"
        );
    }
    let full = error(
        Service::ApiGateway,
        "CreateDeployment",
        "LimitExceededException",
        "no",
    );
    assert!(
        crate::aws::remedies::remedy(&full)
            .unwrap()
            .contains("delete some")
    );
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
fn a_code_that_nobody_knows_is_terminal_without_a_remedy() {
    let error = error(Service::CloudFront, "UpdateDistribution", "NeverHeardOf", "no");
    assert_eq!((error.kind, remedy(&error)), (ErrorKind::Terminal, None));
}

#[test]
fn a_refused_action_is_answered_with_the_statement_that_would_allow_it() {
    let message = "User: arn:aws:iam::1:user/c is not authorized to perform: lambda:EnableReplication* on resource: x \
                   because no identity-based policy allows the lambda:EnableReplication* action";
    let error = error(Service::CloudFront, "UpdateDistribution", "AccessDenied", message);
    assert_eq!(error.kind, ErrorKind::Denied);
    let remedy = remedy(&error).unwrap();
    assert!(
        remedy.contains("UseFunctions") && remedy.contains("palisade iam-policy"),
        "{remedy}"
    );
}

/// Words of AWS's own page on access denied messages.
#[test]
fn a_denial_that_no_statement_of_ours_overrules_is_sent_to_whoever_can() {
    let refused = "User: arn:aws:sts::1:assumed-role/palisade/x is not authorized to perform: lambda:CreateFunction on \
                   resource: arn:aws:lambda:us-east-1:1:function:palisade-a";
    let by_deny = |policy: &str| format!("{refused} with an explicit deny in {policy}");
    let by_lack =
        |policy: &str| format!("{refused} because no {policy} allows the lambda:CreateFunction action");
    for (message, words) in [
        (
            by_deny(
                "a service control policy: arn:aws:organizations::2:policy/o-1/service_control_policy/p-1",
            ),
            "whoever runs the organisation",
        ),
        (by_lack("service control policy"), "whoever runs the organisation"),
        (
            by_deny("a resource control policy"),
            "whoever runs the organisation",
        ),
        (
            by_deny("a permissions boundary"),
            "permissions boundary of the controller's role",
        ),
        (
            by_lack("permissions boundary"),
            "permissions boundary of the controller's role",
        ),
        (by_lack("session policy"), "session"),
        (by_lack("VPC endpoint policy"), "VPC endpoint"),
        (
            by_deny("a resource-based policy"),
            "policy of the resource itself",
        ),
        (by_deny("an identity-based policy"), "take that statement away"),
        (by_lack("identity-based policy"), "`palisade iam-policy"),
    ] {
        let error = error(
            Service::Lambda,
            "CreateFunction",
            "AccessDeniedException",
            &message,
        );
        assert_eq!(error.kind, ErrorKind::Denied);
        let remedy = remedy(&error).unwrap();
        assert!(remedy.contains(words), "{message}\n{remedy}");
        let is_ours = words.starts_with('`');
        assert_eq!(remedy.contains("statement CreateTagged"), is_ours, "{remedy}");
    }
}

#[test]
fn what_only_a_person_can_solve_says_which_and_how() {
    use ErrorKind::{Conflict, Terminal};
    let cases = [
        (
            Service::CloudFront,
            "CreateDistributionWithTags",
            "AccessDenied",
            "Your account must be verified before you can add new CloudFront resources. To verify your account, please \
             contact AWS Support (https://console.aws.amazon.com/support/home#/) and include this error message.",
            Terminal,
            "AWS Support",
        ),
        (
            Service::CloudFront,
            "UpdateDistribution",
            "InvalidArgument",
            "Continuous deployment policy is not supported on distributions with HTTP/3 enabled.",
            Terminal,
            "promote",
        ),
        (
            Service::CloudFront,
            "UpdateDistribution",
            "IllegalUpdate",
            "The update is not allowed on a distribution with a continuous deployment policy.",
            Terminal,
            "promote",
        ),
        (
            Service::Waf,
            "PutLoggingConfiguration",
            "WAFNonexistentItemException",
            "AWS WAF couldn’t perform the operation because your resource doesn’t exist.",
            Terminal,
            "spec.webAcl.logging.destinationArn",
        ),
        (
            Service::CloudFront,
            "UpdateDistribution",
            "AccessDenied",
            "User: u is not authorized to perform: iam:CreateServiceLinkedRole on resource: \
             arn:aws:iam::1:role/aws-service-role/replicator.lambda.amazonaws.com/AWSServiceRoleForLambdaReplicator \
             because no identity-based policy allows the iam:CreateServiceLinkedRole action",
            ErrorKind::Denied,
            "LinkServices",
        ),
        (
            Service::CloudFront,
            "UpdateDistribution",
            "InvalidLambdaFunctionAssociation",
            "The function cannot have layers. Function: arn:aws:lambda:us-east-1:1:function:palisade-a:3",
            Terminal,
            "except palisade-*",
        ),
        (
            Service::Iam,
            "DeleteRole",
            "DeleteConflict",
            "Cannot delete entity, must remove roles from instance profile first.",
            ErrorKind::NotYet,
            "instance profile",
        ),
    ];
    for (service, name, code, message, kind, words) in cases {
        let error = error(service, name, code, message);
        assert_eq!(error.kind, kind, "{code}: {message}");
        assert!(remedy(&error).unwrap().contains(words), "{message}");
    }
    let race = "CodeSHA256 (a) is different from current CodeSHA256 in $LATEST (b). Please try again with the CodeSHA256 in \
                $LATEST.";
    let race = error(
        Service::Lambda,
        "PublishVersion",
        "InvalidParameterValueException",
        race,
    );
    assert_eq!(race.kind, Conflict);
}

/// The distribution of such a name is AWS's own.
#[test]
fn an_edge_optimised_name_is_freed_by_api_gateway_in_an_order_that_keeps_viewers_served() {
    let error = error(
        Service::CloudFront,
        "CreateDistributionWithTags",
        "CNAMEAlreadyExists",
        "One or more of the CNAMEs you provided are already associated with a different resource.",
    );
    let remedy = remedy(&error).unwrap();
    let steps = ["REGIONAL as well", "lead its DNS records", "take EDGE out"];
    let at = steps.map(|step| remedy.find(step).unwrap());
    assert!(at.is_sorted(), "{remedy}");
}

#[test]
fn a_flat_rate_plan_is_recognised_and_the_modes_that_work_are_named() {
    for message in [
        "You're using configuration not available in this tier: Lambda@Edge.",
        "You can't remove or replace the web ACL … Distributions with a pricing plan subscription must have one.",
    ] {
        let error = error(
            Service::CloudFront,
            "CreateDistributionWithTags",
            "InvalidArgument",
            message,
        );
        assert_eq!(error.kind, ErrorKind::Terminal);
        let remedy = remedy(&error).unwrap();
        assert!(
            remedy.contains("ApiKey") && remedy.contains("SecretHeader"),
            "{remedy}"
        );
    }
}

#[test]
fn a_reached_quota_is_named_as_service_quotas_names_it() {
    let cases = [
        (
            Service::CloudFront,
            "CreateDistributionWithTags",
            "TooManyDistributions",
            "",
            "Web distributions per AWS account",
        ),
        (
            Service::CloudFront,
            "UpdateDistribution",
            "TooManyDistributionsWithLambdaAssociations",
            "",
            "Lambda@Edge",
        ),
        (
            Service::Waf,
            "CreateWebACL",
            "WAFLimitsExceededException",
            "",
            "AWS WAF",
        ),
        (
            Service::Iam,
            "CreateRole",
            "LimitExceeded",
            "Cannot exceed quota for RolesPerAccount: 1000",
            "Roles per account",
        ),
        (
            Service::Lambda,
            "CreateFunction",
            "CodeStorageExceededException",
            "",
            "Function and layer storage",
        ),
    ];
    for (service, name, code, message, quota) in cases {
        let error = error(service, name, code, message);
        assert_eq!(error.kind, ErrorKind::Terminal, "{code}");
        let remedy = remedy(&error).unwrap_or_default();
        assert!(
            remedy.contains(quota) && remedy.contains("Service Quotas"),
            "{code}: {remedy}"
        );
    }
}

#[test]
fn expired_credentials_are_told_apart_from_missing_rights() {
    let error = error(
        Service::Iam,
        "GetRole",
        "ExpiredToken",
        "The security token included in the request is expired",
    );
    assert_eq!(error.kind, ErrorKind::Denied);
    assert!(remedy(&error).unwrap().contains("expired"));
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
fn what_shield_refuses_of_an_accounts_settings() {
    use Service::Shield;
    let cases = [
        (
            "UpdateEmergencyContactSettings",
            "OptimisticLockException",
            ErrorKind::Conflict,
        ),
        (
            "AssociateDRTLogBucket",
            "NoAssociatedRoleException",
            ErrorKind::Conflict,
        ),
        (
            "AssociateDRTRole",
            "AccessDeniedForDependencyException",
            ErrorKind::Denied,
        ),
    ];
    for (name, code, expected) in cases {
        assert_eq!(kind(Shield, name, code, ""), expected, "{code}");
    }
    let (limits, invalid) = ("LimitsExceededException", "InvalidParameterException");
    let cases = [
        ("CreateProtection", limits, "Service Quotas"),
        ("AssociateDRTLogBucket", limits, "10 buckets"),
        ("EnableProactiveEngagement", invalid, "phoneNumber"),
        ("AssociateDRTRole", invalid, "drt.shield.amazonaws.com"),
        ("AssociateDRTRole", "InvalidOperationException", "Support plan"),
    ];
    for (name, code, part) in cases {
        let refused = error(Shield, name, code, "no");
        assert_eq!(refused.kind, ErrorKind::Terminal, "{code}");
        assert!(
            crate::aws::remedies::remedy(&refused).unwrap().contains(part),
            "{name} {code}"
        );
    }
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
