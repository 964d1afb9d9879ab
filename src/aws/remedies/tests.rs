//! What people are told to do about refusals.

mod mutual_tls;
mod shield;

use super::*;
use crate::aws::errors::ErrorKind;
use crate::aws::operations::Service;
use crate::aws::refused_fixtures::error;

#[test]
fn a_tag_that_api_gateway_does_not_take_is_one_of_the_spec_or_of_the_defaults() {
    let error = error(Service::ApiGateway, "TagResource", "BadRequestException", "…");
    assert_eq!(error.kind, ErrorKind::Terminal);
    assert!(remedy(&error).unwrap().contains("spec.tags and --default-tags"));
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
            "whoever runs the organization",
        ),
        (by_lack("service control policy"), "whoever runs the organization"),
        (
            by_deny("a resource control policy"),
            "whoever runs the organization",
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
#[allow(clippy::too_many_lines, reason = "a table")]
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
            Service::CloudFront,
            "UpdateDistribution",
            "InvalidArgument",
            "Words that nobody has seen.",
            Terminal,
            "Service Quotas",
        ),
        (
            Service::Waf,
            "UpdateWebACL",
            "WAFInvalidOperationException",
            "",
            Terminal,
            "Firewall Manager",
        ),
        (
            Service::Iam,
            "TagRole",
            "LimitExceeded",
            "",
            Terminal,
            "at most 50 tags",
        ),
        (
            Service::Iam,
            "DeleteRole",
            "DeleteConflict",
            "Cannot delete entity, must remove roles from instance profile first.",
            ErrorKind::NotYet,
            "instance profile",
        ),
        (
            Service::CloudFront,
            "UpdateDistribution",
            "AccessDenied",
            "The user is not authorized to create or assume a service linked role.",
            ErrorKind::Denied,
            "replicator.lambda.amazonaws.com",
        ),
        (
            Service::CloudFront,
            "UpdateDistribution",
            "AccessDenied",
            "You don't have permission to access the S3 bucket for CloudFront logs: logs.s3.amazonaws.com If you're using \
             IAM, you need s3:GetBucketAcl and s3:PutBucketAcl permissions",
            ErrorKind::Denied,
            "--log-bucket NAME",
        ),
        (
            Service::CloudFront,
            "UpdateDistribution",
            "InvalidArgument",
            "The S3 bucket that you specified for CloudFront logs does not enable ACL access: logs.s3.amazonaws.com",
            Terminal,
            "with ACLs enabled",
        ),
        (
            Service::Acm,
            "RequestCertificate",
            "LimitExceededException",
            "Certificate has too many domains.",
            Terminal,
            "Domain names per ACM certificate",
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

#[test]
fn who_asks_for_a_name_that_is_taken_is_sent_to_the_order_that_keeps_viewers_served() {
    let error = error(
        Service::CloudFront,
        "CreateDistributionWithTags",
        "CNAMEAlreadyExists",
        "One or more of the CNAMEs you provided are already associated with a different resource.",
    );
    let remedy = remedy(&error).unwrap();
    assert!(
        remedy.len() <= 300 && remedy.contains("takeOverAliases"),
        "{remedy}"
    );
    let heading = "Edge-optimised custom domain names";
    assert!(
        remedy.contains(heading) && remedy.contains("docs/names.md"),
        "{remedy}"
    );
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/names.md")).unwrap();
    let (_, section) = page.split_once(&format!("### {heading}")).unwrap();
    let steps = ["endpoint type `REGIONAL`", "DNS records", "Take `EDGE` out"];
    let at = steps.map(|step| section.find(step).unwrap());
    assert!(at.is_sorted(), "{section}");
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
