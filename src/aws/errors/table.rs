//! AWS's error codes, as data: the kind that follows, the reason that people are told, and what they can do about it.
//!
//! The codes of each operation are in its page of AWS's API reference; the common ones of a protocol in the service's
//! list of common errors. Code, service and operation decide. Where one code has several meanings and neither another member of the
//! answer nor its HTTP status tells them apart, the message does: no other place goes by AWS's wording, and each wording has its
//! source. AWS promises none of them: an answer that is worded otherwise means what its code means in general.
//!
//! Elsewhere a message is only asked for what it quotes: the policy that denies ([`super::denials`]), the action that is refused
//! ([`crate::aws::remedies`]), the distribution that no list shows yet, and whether it speaks of a certificate, right after one was
//! imported (`aws::resources::distribution`), or where an update was refused that shows one (`controller::engine::execute`).

use super::advice::{
    BUCKET_CLOSED, BUCKET_ELSEWHERE, CERTIFICATE, CLOCK, CONTINUOUS, DOMAIN_NAMES, DOMAIN_REFUSED, EXPIRED,
    FLAT_RATE, FOREIGN_ALIAS, LOG_BUCKET, NAME_ELSEWHERE, NO_ACL, NO_AUTOMATIC_RESPONSE, REPLICATOR,
    UNKNOWN_FORM, UNKNOWN_KEY, UNTRUSTED_TOKEN, UNVERIFIED,
};
use super::{
    CREDENTIALS_UNAVAILABLE, MISMATCHED_ANSWER, NO_ANSWER, NO_CREDENTIALS, NOT_LEADING, NOT_UNDERSTOOD,
    UNREADABLE_ANSWER,
};
use crate::aws::service::Service;
use crate::domain::kernel::failure::ErrorKind;
use crate::domain::kernel::failure::ErrorKind::{
    Conflict, Denied, Exists, NotFound, NotYet, Terminal, Throttled, Transient,
};
use crate::domain::kernel::reason::Reason;

/// What one code means.
pub(super) struct Row {
    pub code: &'static str,
    /// Empty: the code means the same everywhere.
    pub services: &'static [Service],
    /// Empty: of all operations.
    pub operations: &'static [&'static str],
    /// Part of the message that tells two meanings of one code apart, in any case; empty fits all.
    pub message: &'static str,
    /// Where AWS was seen to say so: a thread on GitHub (`owner/name#number`) or one of the constants below.
    #[allow(dead_code, reason = "for whoever reads the table; a test demands it")]
    pub source: &'static str,
    pub kind: ErrorKind,
    /// What conditions and events call it, where the kind alone says too little.
    pub reason: Option<Reason>,
    /// What a person can do.
    pub remedy: Option<&'static str>,
}

const fn row(code: &'static str, kind: ErrorKind) -> Row {
    Row {
        code,
        services: &[],
        operations: &[],
        message: "",
        source: "",
        kind,
        reason: None,
        remedy: None,
    }
}

impl Row {
    const fn from(self, services: &'static [Service]) -> Self {
        Self { services, ..self }
    }

    const fn of(self, operations: &'static [&'static str]) -> Self {
        Self { operations, ..self }
    }

    const fn saying(self, message: &'static str, source: &'static str) -> Self {
        Self {
            message,
            source,
            ..self
        }
    }

    const fn because(self, reason: Reason) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }

    const fn remedy(self, remedy: &'static str) -> Self {
        Self {
            remedy: Some(remedy),
            ..self
        }
    }
}

/// Answers of AWS that cloud-custodian/cloud-custodian recorded for its tests.
const CUSTODIAN: &str = "recorded by cloud-custodian";
/// Answers of AWS that localstack/localstack recorded for its tests.
const LOCALSTACK: &str = "recorded by localstack";
/// In AWS's documentation of the operation or the feature.
const DOCUMENTED: &str = "in AWS's documentation";
/// In code and notes of several public projects, in the same words.
const QUOTED: &str = "quoted by public projects";

const ACM: &[Service] = &[Service::Acm];
const API_GATEWAY: &[Service] = &[Service::ApiGateway, Service::ApiGatewayV2];
const CLOUDFRONT: &[Service] = &[Service::CloudFront];
const IAM: &[Service] = &[Service::Iam];
const LAMBDA: &[Service] = &[Service::Lambda];
const ROUTE53: &[Service] = &[Service::Route53];
const S3: &[Service] = &[Service::S3];
const SHIELD: &[Service] = &[Service::Shield];
const SNS: &[Service] = &[Service::Sns];
/// What switches Shield's automatic response on.
const ENABLING: &[&str] = &["EnableApplicationLayerAutomaticResponse"];
/// What names emergency contacts.
const CONTACTS: &[&str] = &[
    "UpdateEmergencyContactSettings",
    "AssociateProactiveEngagementDetails",
    "EnableProactiveEngagement",
];
/// What lets the Shield Response Team in.
const SRT: &[&str] = &["AssociateDRTRole", "AssociateDRTLogBucket"];
/// Operations that may name another's IP set or rule group, so that it can be that one which is not there.
const REFERRING: &[&str] = &["CreateWebACL", "CheckCapacity"];
/// What writes a custom domain name.
const DOMAIN_WRITES: &[&str] = &["CreateDomainName", "UpdateDomainName"];
/// What needs a custom domain name that is there.
const OF_DOMAIN: &[&str] = &[
    "GetDomainName",
    "UpdateDomainName",
    "DeleteDomainName",
    "DeleteApiMapping",
];
const BOUNDING: &[&str] = &["CreateRole", "PutRolePermissionsBoundary"];

/// The first row that fits counts.
#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    // Ours.
    row(NO_ANSWER, Transient),
    row(UNREADABLE_ANSWER, Transient),
    row(NOT_UNDERSTOOD, Terminal).remedy(UNKNOWN_FORM),
    row(MISMATCHED_ANSWER, Transient),
    row(NOT_LEADING, Transient),
    row(CREDENTIALS_UNAVAILABLE, Transient).remedy("the source of the controller's credentials did not answer (the Pod Identity agent, the instance's metadata, or STS); it is asked again by itself"),
    // Of the web identity's token, which is exchanged for credentials.
    row("IDPCommunicationError", Transient),
    row("InvalidIdentityToken", Denied).remedy(UNTRUSTED_TOKEN),
    row("IDPRejectedClaim", Denied).remedy(UNTRUSTED_TOKEN),
    row(NO_CREDENTIALS, Denied).remedy("give the controller's ServiceAccount a role by IRSA or Pod Identity; docs/iam.md has its policy"),

    // Somebody else wrote in between.
    row("PreconditionFailed", Conflict).from(CLOUDFRONT),
    row("InvalidIfMatchVersion", Conflict).from(CLOUDFRONT),
    row("WAFOptimisticLockException", Conflict),
    // Somebody changed the code between our update and our publication.
    row("InvalidParameterValueException", Conflict).from(LAMBDA).of(&["PublishVersion"]).saying("codesha256", "justinram11/serverless-aws-batch#22"),
    row("PreconditionFailedException", Conflict).from(LAMBDA),
    row("ConcurrentModification", Conflict),
    row("ConcurrentModificationException", Conflict),
    row("ConflictException", NotYet).from(API_GATEWAY).saying("already an update in progress", "aws/chalice#1986"),
    row("ConflictException", Exists).from(API_GATEWAY).of(&["CreateDomainName"]).saying("already exist", "aws-cloudformation/cloudformation-coverage-roadmap#1151").because(Reason::NameTaken).remedy(NAME_ELSEWHERE),
    row("BadRequestException", Exists).from(API_GATEWAY).of(&["CreateDomainName"]).saying("already exist", QUOTED).because(Reason::NameTaken).remedy(NAME_ELSEWHERE),
    row("ConflictException", Exists).from(API_GATEWAY).saying("already exist", LOCALSTACK),
    row("ConflictException", Conflict).from(API_GATEWAY),
    row("BadRequestException", Terminal).from(API_GATEWAY).saying("caller provided credentials not allowed when resource policy is set", "serverless/serverless#7194").remedy("take arn:aws:iam::*:user/* out of the integrations' credentials (InvokeRole: NONE in SAM), or set spec.access.sigV4.exclusive to false"),
    row("BadRequestException", Exists).from(API_GATEWAY).of(&["CreateAuthorizer"]).saying("already exist", "aws/aws-cdk#20170"),
    // Somebody adds a stage to a usage plan that is about to be deleted.
    row("BadRequestException", Conflict).from(API_GATEWAY).of(&["DeleteUsagePlan"]),
    // A deployment that somebody puts on a stage, or deletes, in between.
    row("BadRequestException", Conflict).from(API_GATEWAY).saying("active stages pointing to this deployment", "hashicorp/terraform-provider-aws#19805"),
    row("BadRequestException", Conflict).from(API_GATEWAY).saying("deployment id does not exist", LOCALSTACK),
    // Somebody has the stage deploy by itself since it was read.
    row("BadRequestException", Conflict).from(API_GATEWAY).saying("because autodeploy is enabled", QUOTED),

    row("OptimisticLockException", Conflict).from(SHIELD),
    // The role is given and taken by others.
    row("NoAssociatedRoleException", Conflict).from(SHIELD),
    row("HealthCheckVersionMismatch", Conflict),
    row("InvalidChangeBatch", Conflict).from(ROUTE53).saying("already exists", "kubernetes-sigs/external-dns#5939"),
    row("InvalidChangeBatch", Conflict).from(ROUTE53).saying("conflicts with other records", "aws/aws-sdk-java#1996"),
    row("InvalidChangeBatch", Conflict).from(ROUTE53).saying("but it was not found", "boto/boto#2887"),
    row("InvalidChangeBatch", Conflict).from(ROUTE53).saying("do not match the current values", "kubernetes-sigs/external-dns#732"),
    row("ConflictException", Conflict).from(ACM),

    // It is there already.
    row("ResourceAlreadyExistsException", Exists).from(SHIELD),
    row("HealthCheckAlreadyExists", Exists),
    row("DistributionAlreadyExists", Exists).remedy("if this stays so, the comment of the distribution that is named was changed: put the UID of this object back into it, by which the list shows whose it is"),
    row("EntityAlreadyExists", Exists),
    row("WAFDuplicateItemException", Exists),
    row("ResourceConflictException", Exists).from(LAMBDA).saying("already exist", QUOTED),

    // It is not there. What an operation only refers to, and does not find, is another matter.
    row("NoSuchEntity", Terminal).from(IAM).of(BOUNDING).saying("scope arn", QUOTED).remedy("--permissions-boundary names a policy that does not exist in this account: create it (palisade iam-policy prints it), or correct the ARN"),
    row("WAFNonexistentItemException", NotYet).of(REFERRING).remedy("a rule names an IP set or rule group that is not there, or not yet everywhere: check the ARNs in spec.webAcl.rules"),
    row("WAFNonexistentItemException", Terminal).of(&["PutLoggingConfiguration"]).remedy("spec.webAcl.logging.destinationArn names nothing that is there: create the log group, stream or bucket, whose name begins with aws-waf-logs-, or correct the ARN"),
    row("WAFNonexistentItemException", NotFound).of(&["UpdateWebACL"]).remedy("the web ACL, or an IP set or rule group that spec.webAcl.rules names, is not there: check the ARNs"),
    row("NotFound", Terminal).from(SNS).remedy("spec.shield.ddosAlarm.snsTopicArn names no SNS topic: create it in us-east-1, or correct the ARN"),
    row("NotFoundException", Terminal).from(SNS).remedy("spec.shield.ddosAlarm.snsTopicArn names no SNS topic: create it in us-east-1, or correct the ARN"),
    row("NoSuchHealthCheck", NotFound).from(ROUTE53),
    row("NoSuchHostedZone", NotFound).from(ROUTE53),
    row("ResourceNotFoundException", NotFound).from(ACM),
    row("ResourceNotFoundException", NotFound).from(SHIELD),
    row("ResourceNotFoundException", NotFound).from(&[Service::CloudWatch]),
    row("ResourceNotFound", NotFound).from(&[Service::CloudWatch]),
    row("NoSuchDistribution", NotFound),
    row("NoSuchResource", NotFound).from(CLOUDFRONT),
    row("NoSuchEntity", NotFound).from(IAM),
    row("NotFoundException", NotFound).from(API_GATEWAY).saying("invalid stage identifier", CUSTODIAN).because(Reason::StageNotFound),
    row("NotFoundException", NotFound).from(API_GATEWAY).of(OF_DOMAIN),
    row("NotFoundException", NotFound).from(API_GATEWAY).because(Reason::ApiNotFound),
    row("NoSuchKey", NotFound).from(S3),
    row("NoSuchVersion", NotFound).from(S3),
    row("NoSuchBucket", Terminal).from(S3).remedy("spec.access.mutualTls.truststoreBucket names no bucket: make it in the API's Region, with versions, or correct the name"),
    row("ResourceNotFoundException", NotFound).from(LAMBDA),
    row("WAFNonexistentItemException", NotFound),

    // AWS has not caught up yet.
    row("WAFUnavailableEntityException", NotYet),
    row("WAFAssociatedItemException", NotYet).remedy("if this stays so, something that is not this object's uses it: give that a web ACL or set of its own"),
    row("WAFServiceLinkedRoleErrorException", NotYet).remedy("AWS WAF makes its service-linked role for logging at the first use: allow iam:CreateServiceLinkedRole (statement LinkServices of `palisade iam-policy`)"),
    row("WAFTagOperationException", NotYet),
    row("InvalidLambdaFunctionAssociation", Terminal).saying("the function cannot have", "aws/aws-cdk#9328").remedy("somebody has put on the function what Lambda@Edge does not take, after it was looked at: it is taken off and another version is published with the next pass; except palisade-* from what instruments functions"),
    row("InvalidLambdaFunctionAssociation", NotYet).remedy("if this stays so, CloudFront does not take the function: no other function may stand on origin-request of a behaviour, where the signer has to be, and Lambda@Edge's service-linked role must be there (statement LinkServices of `palisade iam-policy`)"),
    row("InvalidWebACLId", NotYet),
    row("RequestInProgressException", NotYet).from(ACM),
    row("ResourceInUseException", NotYet).from(ACM),
    row("DistributionNotDisabled", NotYet),
    // A bucket that was made a moment ago.
    row("TemporaryRedirect", NotYet).from(S3),
    row("OperationAborted", NotYet).from(S3),
    row("DeleteConflict", NotYet).from(IAM).remedy("something still holds the role, such as an instance profile: `aws iam list-instance-profiles-for-role` shows it; take the role out of it"),
    row("EntityTemporarilyUnmodifiable", NotYet).from(IAM),
    row("InvalidParameterValueException", NotYet).from(LAMBDA).saying("cannot be assumed by lambda", "hashicorp/terraform-provider-aws#44517").because(Reason::RolePropagating),
    // KMS as well, where somebody gave the function environment variables.
    row("InvalidParameterValueException", NotYet).from(LAMBDA).saying("arn does not refer to a valid principal", QUOTED).because(Reason::RolePropagating),
    row("InvalidParameterValueException", NotYet).from(LAMBDA).saying("replicated function", QUOTED),
    row("ResourceConflictException", NotYet).from(LAMBDA),
    row("CodeVerificationFailedException", Terminal).remedy("the account demands signed code (a Lambda code signing configuration): exempt functions named palisade-*"),
    row("InvalidCodeSignatureException", Terminal).remedy("the account demands signed code (a Lambda code signing configuration): exempt functions named palisade-*"),

    // A quota in number, by whichever code.
    row("LimitExceededException", Terminal).from(API_GATEWAY).of(&["CreateDomainName"]).saying("maximum number of", QUOTED).because(Reason::QuotaReached).remedy(DOMAIN_NAMES),
    row("TooManyRequestsException", Terminal).from(API_GATEWAY).of(&["CreateDomainName"]).saying("maximum number of", QUOTED).because(Reason::QuotaReached).remedy(DOMAIN_NAMES),
    row("BadRequestException", Terminal).from(API_GATEWAY).of(&["CreateDomainName"]).saying("maximum number of", QUOTED).because(Reason::QuotaReached).remedy(DOMAIN_NAMES),

    // Too often.
    row("Throttling", Throttled),
    row("ThrottlingException", Throttled),
    row("ThrottledException", Throttled),
    row("RequestThrottled", Throttled),
    row("RequestThrottledException", Throttled),
    row("RequestLimitExceeded", Throttled),
    row("BandwidthLimitExceeded", Throttled),
    row("PriorRequestNotComplete", Throttled),
    row("TooManyRequestsException", Throttled),
    row("TooManyRequests", Throttled),
    row("SlowDown", Throttled),
    // API Gateway says throttling and quotas with one code.
    row("LimitExceededException", Throttled).from(API_GATEWAY).of(&["CreateDeployment"]).remedy("if this stays so, the API may have as many deployments as it can have: delete some that neither a stage nor a canary serves"),
    row("LimitExceededException", Terminal).from(API_GATEWAY).saying("maximum number of", QUOTED).remedy("quota reached: the message names it; have it raised under Amazon API Gateway in Service Quotas"),
    row("LimitExceededException", Throttled).from(API_GATEWAY),
    row("LimitExceededException", Throttled).saying("rate exceeded", "DefangLabs/defang#1694"),

    // Not a question of rights, though it is said so.
    row("AccessDenied", Terminal).from(CLOUDFRONT).saying("must be verified", "aws-samples/aws-cdk-examples#279").remedy(UNVERIFIED),

    // Not allowed, in words that name no action.
    row("AccessDenied", Denied).from(CLOUDFRONT).saying("service linked role", "silvermine/serverless-plugin-cloudfront-lambda-edge#51").remedy(REPLICATOR),
    row("AccessDenied", Denied).from(CLOUDFRONT).saying("s3 bucket for cloudfront logs", "aws/aws-cdk#33297").remedy(LOG_BUCKET),
    row("AccessDenied", Denied).from(S3).saying("access denied", QUOTED).remedy(BUCKET_CLOSED),
    row("AllAccessDisabled", Denied).from(S3).remedy(BUCKET_CLOSED),

    // Not allowed. Which statement would allow it, the message's action says.
    row("AccessDenied", Denied),
    row("AccessDeniedException", Denied),
    row("AccessDeniedForDependencyException", Denied).from(SHIELD).remedy("allow the controller's role to pass the Shield Response Team its role and to change the policies of its buckets: statements UseResponseTeamsRole, PassRoleToResponseTeam and ShareLogBuckets of `palisade iam-policy --shield --log-bucket NAME`, see docs/iam.md"),
    row("UnauthorizedOperation", Denied),
    row("UnauthorizedException", Denied).from(API_GATEWAY),
    row("ForbiddenException", Denied).from(API_GATEWAY),
    row("WAFLogDestinationPermissionIssueException", Denied).remedy("logging needs rights on its destination: statements DeliverWafLogs and DeliverWafLogsToBuckets of `palisade iam-policy`, and the destination's own policy"),
    row("ExpiredToken", Denied).remedy(EXPIRED),
    row("ExpiredTokenException", Denied).remedy(EXPIRED),
    row("RequestExpired", Denied).remedy(CLOCK),
    row("RequestTimeTooSkewed", Denied).remedy(CLOCK),
    row("SignatureDoesNotMatch", Denied).remedy(CLOCK),
    row("InvalidSignatureException", Denied).remedy(CLOCK),
    row("IncompleteSignature", Denied).remedy(CLOCK),
    row("InvalidClientTokenId", Denied).remedy(UNKNOWN_KEY),
    row("UnrecognizedClientException", Denied).remedy(UNKNOWN_KEY),
    row("MissingAuthenticationToken", Denied).remedy(UNKNOWN_KEY),
    row("MissingAuthenticationTokenException", Denied).remedy(UNKNOWN_KEY),
    row("OptInRequired", Denied).remedy("the account has not signed up for this service, or is suspended: see the AWS console"),
    row("SubscriptionRequiredException", Denied).remedy("the account has not signed up for this service, or is suspended: see the AWS console"),

    // AWS's own fault, or a request that timed out there.
    row("InternalError", Transient),
    row("InternalErrorException", Transient),
    row("InternalServiceFault", Transient),
    row("InternalFailure", Transient),
    row("InternalServerError", Transient),
    row("InternalServerException", Transient),
    row("InternalServiceError", Transient),
    row("InternalServiceException", Transient),
    row("InternalServiceErrorException", Transient),
    row("RequestTimeout", Transient),
    row("RequestTimeoutException", Transient),
    row("ServiceException", Transient),
    row("ServiceFailure", Transient),
    row("ServiceUnavailable", Transient),
    row("ServiceUnavailableException", Transient),
    row("WAFInternalErrorException", Transient),
    row("WAFTagOperationInternalErrorException", Transient),
    // The body was changed on its way.
    row("BadDigest", Transient).from(S3),
    // The list is begun again.
    row("PaginationTokenExpiredException", Transient),

    row("InvalidPaginationTokenException", Transient).from(SHIELD),
    // CloudFront tells Shield of a new distribution, or of its web ACL, some time after.
    row("InvalidResourceException", NotYet).from(SHIELD),

    // Only another spec, or a person, can help; what the table does not name is of this kind too.
    row("BadRequestException", Terminal).from(API_GATEWAY).saying("no integration defined for method", "hashicorp/terraform-provider-aws#21210").remedy("a method of the API has no integration, so the API cannot be deployed: give it one"),
    row("BadRequestException", Terminal).from(API_GATEWAY).saying("doesn't contain any methods", "Clarifai/lambdafai#57").remedy("the API has no methods, so it cannot be deployed: add some"),
    row("BadRequestException", Terminal).from(API_GATEWAY).saying("routes exist in this api", "mach-composer/mach-composer-cli#42").remedy("the API has no routes with an integration, so it cannot be deployed: add some"),
    row("BadRequestException", Terminal).from(API_GATEWAY).saying("at least one route is required", QUOTED).remedy("the API has no routes, so it cannot be deployed: add some"),
    row("BadRequestException", Terminal).from(API_GATEWAY).of(DOMAIN_WRITES).saying("ownershipverificationcertificate", "hashicorp/terraform-provider-aws#35741").remedy("spec.access.mutualTls.certificateArn has to be a public certificate that ACM issued; for one that was imported, or is of a private CA, API Gateway asks for another certificate besides: leave it out, and one is requested"),
    row("BadRequestException", Terminal).from(API_GATEWAY).of(DOMAIN_WRITES).saying("from a different issuer", DOCUMENTED).remedy("API Gateway has known a certificate of the same subject by another issuer, in some account: name a certificate of another first name in spec.access.mutualTls.certificateArn, or ask AWS Support to clear the conflict"),
    row("BadRequestException", Terminal).from(API_GATEWAY).of(DOMAIN_WRITES).remedy(DOMAIN_REFUSED),
    row("PermanentRedirect", Terminal).from(S3).remedy(BUCKET_ELSEWHERE),
    row("AuthorizationHeaderMalformed", Terminal).from(S3).remedy(BUCKET_ELSEWHERE),
    row("IllegalLocationConstraintException", Terminal).from(S3).remedy(BUCKET_ELSEWHERE),
    row("InvalidParameterException", Terminal).from(SHIELD).saying("pricing plan", "cloud-custodian/cloud-custodian#10477").because(Reason::PricingPlan).remedy("the flat-rate pricing plan of the distribution does not take Shield Advanced: leave spec.shield out, or move the distribution to pay-as-you-go"),
    row("InvalidOperationException", Terminal).from(SHIELD).of(ENABLING).remedy(NO_AUTOMATIC_RESPONSE),
    row("InvalidParameterException", Terminal).from(SHIELD).of(ENABLING).remedy(NO_AUTOMATIC_RESPONSE),
    row("InvalidParameterException", Terminal).from(SHIELD).of(CONTACTS).remedy("with proactive engagement one of spec.shield.emergencyContacts must have a phoneNumber, and at most 10 are taken"),
    row("InvalidParameterException", Terminal).from(SHIELD).of(SRT).remedy("spec.shield.srtAccess.roleArn must trust drt.shield.amazonaws.com, and its buckets must be in this account; IAM may need a minute to tell Shield of a change"),
    row("InvalidOperationException", Terminal).from(SHIELD).of(SRT).remedy("the Shield Response Team serves accounts with AWS's Business or Enterprise Support plan only: if this one has neither, leave spec.shield.srtAccess out"),
    row("LimitsExceededException", Terminal).from(SHIELD).of(ENABLING).because(Reason::CapacityExceeded).remedy("the web ACL has no room for the 150 capacity units of Shield's rule: take managed groups or rules out of spec.webAcl"),
    row("LimitsExceededException", Terminal).from(SHIELD).of(&["AssociateDRTLogBucket"]).remedy("the Shield Response Team may read 10 buckets at most: name fewer in spec.shield.srtAccess.logBuckets, or take others away in the Shield console"),
    row("LimitsExceededException", Terminal).from(SHIELD).remedy("quota reached: have \"Protections of CloudFront distributions\" of Shield Advanced raised in Service Quotas"),
    row("LockedSubscriptionException", Terminal).from(SHIELD).remedy("the subscription to Shield Advanced is locked: see the Shield console"),
    row("TooManyHealthChecks", Terminal).remedy("quota reached: have \"Health checks\" of Route 53 raised in Service Quotas"),
    row("HealthCheckInUse", NotYet),
    row("InvalidChangeBatch", Terminal).remedy("the hosted zone of spec.distribution.hostedZoneId, or of spec.access.mutualTls.hostedZoneId, does not take the records; the message says which"),
    row("LimitExceededException", Terminal).from(ACM).saying("too many domains", "hashicorp/terraform-provider-aws#37723").remedy("quota reached: have \"Domain names per ACM certificate\" raised in Service Quotas, or name fewer in spec.distribution.aliases"),
    row("LimitExceededException", Terminal).from(ACM).of(&["ImportCertificate"]).remedy("quota reached: have \"Imported certificates\" or \"Imported certificates in last 365 days\" of AWS Certificate Manager raised in Service Quotas, in us-east-1, whichever is full. The second counts what is deleted as well: a longer spec.access.rotationPeriod needs fewer"),
    row("LimitExceededException", Terminal).from(ACM).remedy("quota reached: have \"ACM certificates\" raised in Service Quotas, or delete unused ones"),
    row("TooManyTagsException", Terminal).from(ACM).remedy("a certificate takes at most 50 tags: name fewer in spec.tags and --default-tags"),
    row("InvalidTagException", Terminal).from(ACM).remedy("a tag is one that ACM does not take: check spec.tags and --default-tags"),
    row("IllegalUpdate", Terminal).from(CLOUDFRONT).saying("continuous deployment", "hashicorp/terraform-provider-aws#28920").remedy(CONTINUOUS),
    row("InvalidArgument", Terminal).from(CLOUDFRONT).saying("continuous deployment", "hashicorp/terraform-provider-aws#32936").remedy(CONTINUOUS),
    row("IllegalUpdate", Terminal).of(&["AssociateAlias"]).remedy("the alias is of another account's distribution: only one of this account can be taken over. Its owner can move it without a gap: AWS's page \"Move an alternate domain name\" says how"),
    row("CNAMEAlreadyExists", Terminal).because(Reason::AliasInUse).remedy(FOREIGN_ALIAS),
    row("InvalidViewerCertificate", Terminal).remedy(CERTIFICATE),
    row("InvalidMinimumProtocolVersion", Terminal).remedy("spec.distribution.minimumTlsVersion must be one of CloudFront's security policies, such as TLSv1.2_2021"),
    row("InvalidArgument", Terminal).from(CLOUDFRONT).saying("pricing plan", "cloud-custodian/cloud-custodian#10477").because(Reason::PricingPlan).remedy(FLAT_RATE),
    row("InvalidArgument", Terminal).from(CLOUDFRONT).saying("not available in this tier", QUOTED).because(Reason::PricingPlan).remedy(FLAT_RATE),
    row("InvalidArgument", Terminal).from(CLOUDFRONT).saying("logging bucket", "hashicorp/terraform#24962").remedy(NO_ACL),
    row("InvalidArgument", Terminal).from(CLOUDFRONT).saying("does not enable acl access", "aws-samples/baseline-environment-on-aws#363").remedy(NO_ACL),
    row("InvalidArgument", Terminal).from(CLOUDFRONT).remedy("correct what the message names in spec.distribution; where it is a quota, such as that on the distributions of one web ACL, have it raised under Amazon CloudFront in Service Quotas"),
    row("ResourceInUse", Terminal).from(CLOUDFRONT).remedy("something still refers to the distribution, such as a pricing plan or a continuous deployment policy: end that, and the deletion goes on by itself; with spec.deletionPolicy: Retain everything stays instead"),
    row("StagingDistributionInUse", Terminal).remedy(CONTINUOUS),
    row("ContinuousDeploymentPolicyInUse", Terminal).remedy(CONTINUOUS),
    row("TooManyDistributions", Terminal).remedy("quota reached: have \"Web distributions per AWS account\" of CloudFront raised in Service Quotas"),
    row("TooManyDistributionsWithLambdaAssociations", Terminal).remedy("quota reached: have \"Distributions with Lambda@Edge associations\" of CloudFront raised in Service Quotas"),
    row("TooManyDistributionsWithSingleFunctionARN", Terminal).remedy("quota reached: have \"Distributions associated with the same function\" of CloudFront raised in Service Quotas"),
    row("TooManyDistributionCNAMEs", Terminal).remedy("quota reached: have \"Alternate domain names (CNAMEs) per distribution\" of CloudFront raised in Service Quotas, or name fewer aliases"),
    row("TooManyCertificates", Terminal).remedy("quota reached: have \"SSL certificates per AWS account\" of CloudFront raised in Service Quotas"),
    row("TooManyDistributionsAssociatedToCachePolicy", Terminal).remedy("quota reached: have \"Distributions associated with the same cache policy\" of CloudFront raised in Service Quotas"),
    row("TooManyDistributionsAssociatedToOriginRequestPolicy", Terminal).remedy("quota reached: have \"Distributions associated with the same origin request policy\" of CloudFront raised in Service Quotas"),
    row("TooManyDistributionsAssociatedToResponseHeadersPolicy", Terminal).remedy("quota reached: have \"Distributions associated with the same response headers policy\" of CloudFront raised in Service Quotas"),
    row("NoSuchCachePolicy", Terminal).remedy("spec.distribution.cachePolicyId names no cache policy of this account"),
    row("NoSuchOriginRequestPolicy", Terminal).remedy("spec.distribution.originRequestPolicyId names no origin request policy of this account"),
    row("NoSuchResponseHeadersPolicy", Terminal).remedy("spec.distribution.responseHeadersPolicyId names no response headers policy of this account"),
    row("InvalidOriginReadTimeout", Terminal).remedy("spec.distribution.originReadTimeout is above this account's quota: lower it, or have \"Response timeout per origin\" of CloudFront raised in Service Quotas"),
    row("InvalidGeoRestrictionParameter", Terminal).remedy("spec.distribution.geoRestriction takes two-letter ISO country codes"),
    row("InvalidLocationCode", Terminal).remedy("spec.distribution.geoRestriction takes two-letter ISO country codes"),
    row("InvalidTagging", Terminal).remedy("a tag is one that CloudFront does not take: check spec.tags and --default-tags (letters, digits, spaces and _.:/=+-@, at most 50)"),
    row("BadRequestException", Terminal).from(API_GATEWAY).of(&["TagResource"]).remedy("a tag is one that API Gateway does not take: check spec.tags and --default-tags (letters, digits, spaces and _.:/=+-@, at most 50)"),
    row("WAFLimitsExceededException", Terminal).remedy("quota reached: the message names it; have it raised under AWS WAF in Service Quotas, or use fewer rules"),
    row("WAFExpiredManagedRuleGroupVersionException", Terminal).remedy("a managed rule group's version in spec.webAcl has expired: name a newer one, or none to follow the vendor's default"),
    row("WAFFeatureNotIncludedInPricingPlanException", Terminal).because(Reason::PricingPlan).remedy("the web ACL is on a flat-rate pricing plan that lacks a feature of its rules: move it to pay-as-you-go, or leave the feature out of spec.webAcl"),
    row("WAFSubscriptionNotFoundException", Terminal).remedy("a managed rule group must be subscribed to in AWS Marketplace first"),
    row("WAFConfigurationWarningException", Terminal).remedy("a free rule inspects a body, header or cookie without saying what to do with an oversized one: set OversizeHandling in spec.webAcl.rules"),
    row("WAFInvalidOperationException", Terminal).remedy("AWS WAF does not let this be changed: where Firewall Manager writes the web ACL, have its policy changed"),
    row("WAFInvalidParameterException", Terminal).saying("exceeded the capacity limit", "trussworks/terraform-aws-wafv2#87").because(Reason::CapacityExceeded).remedy("the rules need more than the 5,000 capacity units that a web ACL has at most: take managed groups or rules out of spec.webAcl"),
    row("WAFInvalidParameterException", Terminal).remedy("correct the value that the message names in spec.webAcl"),
    row("LimitExceeded", Terminal).from(IAM).saying("rolesperaccount", "openshift/release#69365").remedy("quota reached: have \"Roles per account\" of IAM raised in Service Quotas"),
    row("LimitExceeded", Terminal).from(IAM).of(&["TagRole"]).remedy("a role takes at most 50 tags: name fewer in spec.tags and --default-tags"),
    row("LimitExceeded", Terminal).from(IAM).remedy("quota reached: the message names it; have it raised under IAM in Service Quotas"),
    row("PolicyNotAttachable", Terminal).from(IAM).remedy("--permissions-boundary names a policy that cannot be a boundary: use a managed policy of this account"),
    row("UnmodifiableEntity", Terminal).from(IAM).remedy("only the AWS service that made this role may change it"),
    row("CodeStorageExceededException", Terminal).remedy("quota reached: have \"Function and layer storage\" of Lambda raised in Service Quotas, or delete versions of functions that no alias and no distribution uses"),
    row("InvalidParameterValueException", Terminal).from(LAMBDA).saying("runtime parameter", "pulumi/pulumi-awsx#714").remedy("Lambda no longer takes this runtime: install a newer Palisade"),
    row("LimitExceededException", Terminal).remedy("quota reached: the message names it; have it raised in Service Quotas"),
];

#[cfg(test)]
mod tests;
