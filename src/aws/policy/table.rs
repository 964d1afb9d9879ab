//! What the controller must be allowed, as data: statements with what limits them, and a row for each action in them.
//!
//! Which resources and condition keys an action knows is from the service authorization reference. A tag condition
//! stands only where the reference lists the key for the action itself, or the resource type alone can carry it and
//! nothing else would limit the action: a key that AWS does not fill in would refuse every call.

/// Operations of [`crate::aws::operations::OPERATIONS`], as `service:Operation`.
pub(super) type Operations = &'static [&'static str];

/// Why an action is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// The action of these operations themselves.
    Called(Operations),
    /// AWS checks it besides, for these operations; it shows in no journal of calls.
    Dependent(Operations),
}

/// One action of a statement.
pub(super) struct Row {
    pub action: &'static str,
    pub need: Need,
    pub why: &'static str,
    pub page: &'static str,
}

/// What a statement is limited by, besides its resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    /// The request carries the cluster's tag.
    RequestTag,
    /// The resource carries the cluster's tag.
    ResourceTag,
    /// A role is passed to this service.
    PassedTo(&'static str),
    /// Nobody but API Gateway is let in.
    InvokedByApiGateway,
    /// A service-linked role of one of these services is made.
    LinkedTo(&'static [&'static str]),
    /// Records of no other types than those that names need are changed.
    RecordTypes,
    /// The request carries the cluster's tag, and names a truststore of ours.
    OriginDomain,
    /// The resource carries the cluster's tag, and the request names no truststore but ours, if any.
    ChangedOriginDomain,
    /// The request names no truststore but ours, if any.
    Truststore,
    /// The request says whether the default endpoint is switched off.
    Endpoint,
    /// Only keys of ours are listed.
    Prefix,
    /// The role has, or gets, the permissions boundary, where there is one.
    Boundary,
}

/// When a statement stands in the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Always,
    /// Taking a boundary away would undo it, so this stands only where no boundary is demanded.
    WithoutBoundary,
    /// Changing the ACL or the policy of any bucket is too much: only with the buckets' names.
    WithLogBuckets,
    /// In a policy of its own, for clusters in which `spec.shield` is used: one policy has no room for both.
    ForShield,
    /// In a policy of its own, for clusters in which certificates, records or other distributions' aliases are managed.
    ForNames,
    /// In a policy of its own, for clusters in which objects have the access mode MutualTls.
    ForMutualTls,
    /// In a policy of its own, for clusters whose distributions may be in flat-rate pricing plans.
    ForPricingPlans,
    /// In a policy of its own, for clusters in which distributions that stand already are adopted.
    ForAdoption,
    /// In a policy of its own, for clusters in which what AWS WAF does with requests decides over rules and rollouts.
    ForTraffic,
    /// In a policy of its own, for clusters in which there are `AwsAccount`s with roles.
    ForAccounts,
}

/// One statement of the policy.
pub(super) struct Statement {
    pub sid: &'static str,
    /// What to do when AWS refuses one of its actions.
    pub remedy: &'static str,
    /// ARN patterns; `{partition}`, `{account}`, `{cluster}`, `{bucket}` and `{truststores}` are filled in.
    pub resources: &'static [&'static str],
    pub condition: Option<Condition>,
    pub when: When,
    pub rows: &'static [Row],
}

const ACM: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html";
const CLOUDFRONT: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html";
const WAF: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html";
const LAMBDA: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html";
const IAM: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html";
const API_GATEWAY: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html";
const TAGGING: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonresourcegrouptaggingapi.html";
const STS: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html";
const EDGE: &str =
    "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html";
const EDGE_LOGS: &str =
    "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging-legacy-s3.html";
const WAF_LOGS: &str = "https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html";
const PASS_ROLE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html";

const ASSOCIATE: Operations = &[
    "cloudfront:CreateDistributionWithTags",
    "cloudfront:UpdateDistribution",
];
const REFER: Operations = &["wafv2:CreateWebACL", "wafv2:UpdateWebACL"];
const READ_API: Operations = &[
    "apigateway:GetApiKey",
    "apigateway:GetApiKeys",
    "apigateway:GetAuthorizers",
    "apigateway:GetDeployment",
    "apigateway:GetDeployments",
    "apigateway:GetExport",
    "apigateway:GetResources",
    "apigateway:GetRestApi",
    "apigateway:GetStage",
    "apigateway:GetStages",
    "apigateway:GetUsagePlan",
    "apigateway:GetUsagePlanKeys",
    "apigateway:GetUsagePlans",
    "apigatewayv2:ExportApi",
    "apigatewayv2:GetApi",
    "apigatewayv2:GetApiMappings",
    "apigatewayv2:GetAuthorizers",
    "apigatewayv2:GetDeployment",
    "apigatewayv2:GetDeployments",
    "apigatewayv2:GetDomainName",
    "apigatewayv2:GetDomainNames",
    "apigatewayv2:GetIntegrations",
    "apigatewayv2:GetRoutes",
    "apigatewayv2:GetStage",
    "apigatewayv2:GetStages",
];
const LOG: Operations = &["wafv2:PutLoggingConfiguration"];

/// Signers are in us-east-1, authorizers in the Regions of their APIs.
const FUNCTIONS: &[&str] = &["arn:{partition}:lambda:*:{account}:function:palisade-*"];
const ROLES: &[&str] = &["arn:{partition}:iam::{account}:role/palisade/palisade-*"];
const WAF_ENTITIES: &[&str] = &["arn:{partition}:wafv2:us-east-1:{account}:global/*/palisade-*"];

const KEYS: &[&str] = &[
    "arn:{partition}:apigateway:*::/apikeys*",
    "arn:{partition}:apigateway:*::/usageplans*",
];
/// API Gateway has tags on a path of their own, which bears for conditions the tags of what it is about.
const TAGGED: &[&str] = &[
    "arn:{partition}:apigateway:*::/tags/*",
    KEYS[0],
    KEYS[1],
    "arn:{partition}:cloudfront::{account}:distribution/*",
    FUNCTIONS[0],
    ROLES[0],
    WAF_ENTITIES[0],
];

pub(super) const fn called(
    action: &'static str,
    operations: Operations,
    why: &'static str,
    page: &'static str,
) -> Row {
    Row {
        action,
        need: Need::Called(operations),
        why,
        page,
    }
}

pub(super) const fn dependent(
    action: &'static str,
    operations: Operations,
    why: &'static str,
    page: &'static str,
) -> Row {
    Row {
        action,
        need: Need::Dependent(operations),
        why,
        page,
    }
}

/// A statement with its Sid and the advice that names it, `$how` it is printed, and what may help `$besides`.
macro_rules! statement {
    ($sid:literal, $resources:expr, $condition:expr, $rows:expr) => {
        statement!($sid, $resources, $condition, $rows, When::Always, "")
    };
    ($sid:literal, $resources:expr, $condition:expr, $rows:expr, $when:expr, $how:literal) => {
        statement!($sid, $resources, $condition, $rows, $when, $how, "")
    };
    ($sid:literal, $resources:expr, $condition:expr, $rows:expr, $when:expr, $how:literal, $besides:literal) => {
        Statement {
            sid: $sid,
            remedy: concat!(
                "allow the action to the controller's role: statement ",
                $sid,
                " of `palisade iam-policy",
                $how,
                "`, see docs/iam.md; a boundary or an organization's policy may also refuse it",
                $besides
            ),
            resources: $resources,
            condition: $condition,
            when: $when,
            rows: $rows,
        }
    };
}

pub(super) use statement;

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    // Lists have no resource to name. Neither has a role that is not there: IAM authorises it as its bare name. Statements of their own
    // for certificates, of which little is told that viewers are not shown, and for distributions have no room in one policy: distributions
    // have no names, so any of the account is read, and all tags are told by tag:GetResources.
    statement!("ReadInventory", &["*"], None, &[
        called("acm:DescribeCertificate", &["acm:DescribeCertificate"], "until when a certificate is valid, whether it is issued, and what proves its names", ACM),
        called("apigateway:ListRoutingRules", &["apigatewayv2:ListRoutingRules"], "which routing rules of domain names lead to an API", API_GATEWAY),
        called("cloudfront:GetCachePolicy", &["cloudfront:GetCachePolicy"], "whether a cache policy of the account's own sends the viewer's Host on", CLOUDFRONT),
        called("cloudfront:GetDistribution", &["cloudfront:GetDistribution"], "the configuration and its ETag", CLOUDFRONT),
        called("cloudfront:GetOriginRequestPolicy", &["cloudfront:GetOriginRequestPolicy"], "the same of an origin request policy", CLOUDFRONT),
        called("cloudfront:ListDistributions", &["cloudfront:ListDistributions"], "the inventory of distributions", CLOUDFRONT),
        called("cloudfront:ListTagsForResource", &["cloudfront:ListTagsForResource"], "whose a distribution is", CLOUDFRONT),
        called("iam:GetAccountAuthorizationDetails", &["iam:GetAccountAuthorizationDetails"], "the inventory of roles with their policies", IAM),
        called("iam:GetRole", &["iam:GetRole"], "whether a role is there", IAM),
        called("lambda:ListFunctions", &["lambda:ListFunctions"], "the inventory of functions", LAMBDA),
        called("sts:GetCallerIdentity", &["sts:GetCallerIdentity"], "whose account it is", STS),
        called("tag:GetResources", &["tagging:GetResources"], "the tags of all resources at once", TAGGING),
        called("wafv2:CheckCapacity", &["wafv2:CheckCapacity"], "whether the rules fit before they are written", WAF),
        called("wafv2:ListIPSets", &["wafv2:ListIPSets"], "the inventory of IP sets", WAF),
        called("wafv2:ListLoggingConfigurations", &["wafv2:ListLoggingConfigurations"], "the inventory of logging", WAF),
        called("wafv2:ListWebACLs", &["wafv2:ListWebACLs"], "the inventory of web ACLs", WAF),
    ]),
    // `*apis` are REST APIs and the others alike: the policy's length is limited.
    statement!("ReadApis", &[
        "arn:{partition}:apigateway:*::/*apis/*",
        "arn:{partition}:apigateway:*::/apikeys*",
        "arn:{partition}:apigateway:*::/domainnames*",
        "arn:{partition}:apigateway:*::/usageplans*",
    ], None, &[
        called("apigateway:GET", READ_API, "type, stages, deployment, policy, authorizers, what each method or route asks for, and which domain names lead to it; API keys by name, with their values, and usage plans", API_GATEWAY),
    ]),
    // APIs carry no tag of ours; so these are limited to what the operations touch. An id has ten characters; a star would take in all that is
    // below the API. A switch of a REST API's endpoint is a PATCH as others are: whether API Gateway fills its key in for each was never recorded.
    statement!("SetAuthorization", &[
        "arn:{partition}:apigateway:*::/*apis/*/authorizers/*",
        "arn:{partition}:apigateway:*::/restapis/??????????",
        "arn:{partition}:apigateway:*::/restapis/*/resources/*/methods/*",
        "arn:{partition}:apigateway:*::/apis/*/routes/*",
        "arn:{partition}:apigateway:*::/*apis/*/stages/*",
    ], None, &[
        called("apigateway:PATCH", &["apigateway:UpdateAuthorizer", "apigateway:UpdateMethod", "apigateway:UpdateRestApi", "apigateway:UpdateStage", "apigatewayv2:UpdateAuthorizer", "apigatewayv2:UpdateRoute", "apigatewayv2:UpdateStage"], "the lock on methods and routes, what an authorizer looks at, and the deployment that a stage serves", API_GATEWAY),
        dependent("apigateway:UpdateRestApiPolicy", &["apigateway:UpdateRestApi"], "access.sigV4.exclusive: a statement of ours in the API's resource policy", API_GATEWAY),
    ]),
    // A key of ours may be put into a usage plan that is not: its owner names it.
    statement!("DeployApis", &[
        "arn:{partition}:apigateway:*::/*apis/*/authorizers",
        "arn:{partition}:apigateway:*::/*apis/*/deployments",
        "arn:{partition}:apigateway:*::/usageplans/*/keys",
    ], None, &[
        called("apigateway:POST", &["apigateway:CreateAuthorizer", "apigateway:CreateDeployment", "apigateway:CreateUsagePlanKey", "apigatewayv2:CreateAuthorizer", "apigatewayv2:CreateDeployment"], "authorizers and keys for the lock, and the lock goes live", API_GATEWAY),
    ]),
    statement!("DropDeployments", &[
        "arn:{partition}:apigateway:*::/*apis/*/authorizers/*",
        "arn:{partition}:apigateway:*::/*apis/*/deployments/*",
    ], None, &[
        called("apigateway:DELETE", &["apigateway:DeleteAuthorizer", "apigateway:DeleteDeployment", "apigatewayv2:DeleteAuthorizer", "apigatewayv2:DeleteDeployment"], "authorizers that nothing asks and deployments of ours that no stage serves any more", API_GATEWAY),
    ]),
    statement!("CreateAtEdge", &["*"], Some(Condition::RequestTag), &[
        called("cloudfront:CreateDistribution", &["cloudfront:CreateDistributionWithTags"], "knows no resource, only tags", CLOUDFRONT),
    ]),
    // Together, because the condition is long and the policy's length is limited; no action fits another service's ARN.
    // Tags that were taken away come back by it, too: such calls set the cluster's tag.
    statement!("CreateTagged", TAGGED, Some(Condition::RequestTag), &[
        called("apigateway:POST", &["apigateway:CreateApiKey", "apigateway:CreateUsagePlan"], "the key that CloudFront shows to a REST API, and the usage plan that makes it valid", API_GATEWAY),
        dependent("apigateway:PUT", &["apigateway:CreateApiKey", "apigateway:CreateUsagePlan"], "tags at creation", API_GATEWAY),
        dependent("cloudfront:TagResource", &["cloudfront:CreateDistributionWithTags"], "tags at creation", CLOUDFRONT),
        called("iam:CreateRole", &["iam:CreateRole"], "the role of the signer or authorizer", IAM),
        called("lambda:CreateFunction", &["lambda:CreateFunction"], "the signer, or the authorizer", LAMBDA),
        dependent("lambda:TagResource", &["lambda:CreateFunction"], "tags at creation", LAMBDA),
        called("wafv2:CreateIPSet", &["wafv2:CreateIPSet"], "address lists", WAF),
        called("wafv2:CreateWebACL", &["wafv2:CreateWebACL"], "the web ACL", WAF),
        dependent("wafv2:TagResource", &["wafv2:CreateIPSet", "wafv2:CreateWebACL"], "tags at creation", WAF),
    ]),
    // For distributions the reference lists the tag with the resource type, not with each action; nothing else tells
    // ours from others'.
    statement!("ChangeTagged", TAGGED, Some(Condition::ResourceTag), &[
        called("apigateway:DELETE", &["apigateway:DeleteApiKey", "apigateway:DeleteUsagePlan", "apigateway:UntagResource"], "keys that were replaced, changed tags, and teardown", API_GATEWAY),
        called("apigateway:PATCH", &["apigateway:UpdateUsagePlan"], "the stage that the usage plan is for", API_GATEWAY),
        dependent("apigateway:PATCH", &["apigateway:TagResource", "apigateway:UntagResource"], "changed tags", API_GATEWAY),
        called("apigateway:PUT", &["apigateway:TagResource"], "changed tags", API_GATEWAY),
        called("cloudfront:DeleteDistribution", &["cloudfront:DeleteDistribution"], "teardown", CLOUDFRONT),
        called("cloudfront:TagResource", &["cloudfront:TagResource"], "changed tags", CLOUDFRONT),
        called("cloudfront:UntagResource", &["cloudfront:UntagResource"], "changed tags", CLOUDFRONT),
        called("cloudfront:UpdateDistribution", &["cloudfront:UpdateDistribution"], "changes, and disabling before the teardown", CLOUDFRONT),
        called("lambda:DeleteFunction", &["lambda:DeleteFunction"], "teardown, and versions that nothing uses", LAMBDA),
        called("lambda:PublishVersion", &["lambda:PublishVersion"], "a version for the edge", LAMBDA),
        called("lambda:RemovePermission", &["lambda:RemovePermission"], "permissions that nothing needs", LAMBDA),
        called("lambda:TagResource", &["lambda:TagResource"], "changed tags", LAMBDA),
        called("lambda:UntagResource", &["lambda:UntagResource"], "changed tags", LAMBDA),
        called("lambda:UpdateFunctionCode", &["lambda:UpdateFunctionCode"], "a new signer, or other secrets for the authorizer", LAMBDA),
        called("lambda:UpdateFunctionConfiguration", &["lambda:UpdateFunctionConfiguration"], "runtime, role and the like", LAMBDA),
        called("wafv2:TagResource", &["wafv2:TagResource"], "changed tags", WAF),
        called("wafv2:UpdateIPSet", &["wafv2:UpdateIPSet"], "changed addresses", WAF),
        called("wafv2:UpdateWebACL", &["wafv2:UpdateWebACL"], "changed rules", WAF),
    ]),
    // CloudFront asks with a function version. AWS's page demands the star at the end of these names.
    statement!("UseFunctions", FUNCTIONS, None, &[
        dependent("lambda:DisableReplication*", &["cloudfront:UpdateDistribution", "cloudfront:DeleteDistribution"], "the replicas of a function that a distribution no longer uses", EDGE),
        dependent("lambda:EnableReplication*", ASSOCIATE, "the replicas of the signer at the edge", EDGE),
        called("lambda:GetFunction", &["lambda:GetFunction"], "the function and its tags", LAMBDA),
        dependent("lambda:GetFunction", ASSOCIATE, "what is replicated", EDGE),
        called("lambda:GetFunctionConfiguration", &["lambda:GetFunctionConfiguration"], "the state of a version", LAMBDA),
        called("lambda:GetPolicy", &["lambda:GetPolicy"], "who may invoke the authorizer", LAMBDA),
        called("lambda:ListVersionsByFunction", &["lambda:ListVersionsByFunction"], "the published versions", LAMBDA),
    ]),
    statement!("LetInvoke", FUNCTIONS, Some(Condition::InvokedByApiGateway), &[
        called("lambda:AddPermission", &["lambda:AddPermission"], "the API asks the authorizer", LAMBDA),
    ]),
    statement!("LinkServices", &["arn:{partition}:iam::{account}:role/aws-service-role/*"], Some(Condition::LinkedTo(&["logger.cloudfront.amazonaws.com", "replicator.lambda.amazonaws.com", "wafv2.amazonaws.com"])), &[
        dependent("iam:CreateServiceLinkedRole", &["cloudfront:CreateDistributionWithTags", "cloudfront:UpdateDistribution", "wafv2:PutLoggingConfiguration"], "once an account: the roles of Lambda@Edge's replicator, of its logger, and of WAF's logging to Firehose", EDGE),
    ]),
    // Lambda@Edge assumes the role later by the role's own trust; its replicator passes it with the rights of its service-linked role,
    // not with ours.
    statement!("PassRolesToLambda", ROLES, Some(Condition::PassedTo("lambda.amazonaws.com")), &[
        dependent("iam:PassRole", &["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"], "the role of the signer or authorizer", PASS_ROLE),
    ]),
    // Path and name limit these; a tag condition would refuse the calls that follow a creation until IAM has caught up.
    statement!("ChangeRoles", ROLES, None, &[
        called("iam:DeleteRole", &["iam:DeleteRole"], "teardown", IAM),
        called("iam:DeleteRolePolicy", &["iam:DeleteRolePolicy"], "teardown, and policies that somebody added", IAM),
        called("iam:DetachRolePolicy", &["iam:DetachRolePolicy"], "managed policies that somebody attached", IAM),
        called("iam:GetRolePolicy", &["iam:GetRolePolicy"], "the policy as IAM has it", IAM),
        called("iam:ListAttachedRolePolicies", &["iam:ListAttachedRolePolicies"], "managed policies that somebody attached", IAM),
        called("iam:ListRolePolicies", &["iam:ListRolePolicies"], "policies that somebody added", IAM),
        called("iam:TagRole", &["iam:TagRole"], "changed tags; also tags at creation", IAM),
        called("iam:UntagRole", &["iam:UntagRole"], "changed tags", IAM),
        called("iam:UpdateAssumeRolePolicy", &["iam:UpdateAssumeRolePolicy"], "a changed trust is put right", IAM),
    ]),
    statement!("WriteRolePolicies", ROLES, Some(Condition::Boundary), &[
        called("iam:PutRolePermissionsBoundary", &["iam:PutRolePermissionsBoundary"], "--permissions-boundary", IAM),
        called("iam:PutRolePolicy", &["iam:PutRolePolicy"], "what the signer may invoke", IAM),
    ], When::Always, "", ". Where the statement demands a permissions boundary, start the controller with --permissions-boundary and its ARN"),
    statement!("DropBoundaries", ROLES, None, &[
        called("iam:DeleteRolePermissionsBoundary", &["iam:DeleteRolePermissionsBoundary"], "a controller that runs without --permissions-boundary takes an earlier one away; not allowed where the policy demands a boundary", IAM),
    ], When::WithoutBoundary, ""),
    // The reference lists no aws:ResourceTag for the deletions among these; the names limit them.
    statement!("UseWaf", WAF_ENTITIES, None, &[
        called("wafv2:DeleteIPSet", &["wafv2:DeleteIPSet"], "teardown, and lists that no rule uses", WAF),
        called("wafv2:DeleteLoggingConfiguration", &["wafv2:DeleteLoggingConfiguration"], "logging switched off", WAF),
        called("wafv2:DeleteWebACL", &["wafv2:DeleteWebACL"], "teardown", WAF),
        called("wafv2:GetIPSet", &["wafv2:GetIPSet"], "the addresses", WAF),
        called("wafv2:GetLoggingConfiguration", &["wafv2:GetLoggingConfiguration"], "the logging", WAF),
        called("wafv2:GetWebACL", &["wafv2:GetWebACL"], "the rules", WAF),
        dependent("wafv2:GetWebACL", ASSOCIATE, "the web ACL that the distribution names", WAF),
        called("wafv2:ListTagsForResource", &["wafv2:ListTagsForResource"], "whose it is", WAF),
        called("wafv2:PutLoggingConfiguration", &["wafv2:PutLoggingConfiguration"], "logging switched on or changed", WAF),
        called("wafv2:UntagResource", &["wafv2:UntagResource"], "changed tags", WAF),
    ]),
    // A write of a web ACL must also be allowed on all that its rules refer to, others' sets and groups included.
    statement!("ReferInRules", &[
        "arn:{partition}:wafv2:us-east-1:*:global/ipset/*",
        "arn:{partition}:wafv2:us-east-1:*:global/managedruleset/*",
        "arn:{partition}:wafv2:us-east-1:*:global/regexpatternset/*",
        "arn:{partition}:wafv2:us-east-1:*:global/rulegroup/*",
    ], None, &[
        dependent("wafv2:CreateWebACL", REFER, "what the rules refer to", WAF),
        dependent("wafv2:UpdateWebACL", REFER, "what the rules refer to", WAF),
    ]),
    statement!("DeliverWafLogs", &["*"], None, &[
        dependent("firehose:ListDeliveryStreams", LOG, "a Firehose stream as destination", WAF_LOGS),
        dependent("logs:CreateLogDelivery", LOG, "a log group or bucket as destination", WAF_LOGS),
        dependent("logs:DeleteLogDelivery", &["wafv2:PutLoggingConfiguration", "wafv2:DeleteLoggingConfiguration"], "a log group or bucket as destination", WAF_LOGS),
        dependent("logs:DescribeLogGroups", LOG, "a log group as destination", WAF_LOGS),
        dependent("logs:DescribeResourcePolicies", LOG, "a log group as destination", WAF_LOGS),
        dependent("logs:PutResourcePolicy", LOG, "a log group as destination", WAF_LOGS),
    ]),
    // WAF takes only buckets whose names begin so.
    statement!("DeliverWafLogsToBuckets", &["arn:{partition}:s3:::aws-waf-logs-*"], None, &[
        dependent("s3:GetBucketPolicy", LOG, "a bucket as destination", WAF_LOGS),
        dependent("s3:PutBucketPolicy", LOG, "a bucket as destination", WAF_LOGS),
    ]),
    statement!("DeliverEdgeLogs", &["arn:{partition}:s3:::{bucket}"], None, &[
        dependent("s3:GetBucketAcl", ASSOCIATE, "spec.distribution.logging: CloudFront has the caller open the bucket to its logs", EDGE_LOGS),
        dependent("s3:PutBucketAcl", ASSOCIATE, "spec.distribution.logging: CloudFront has the caller open the bucket to its logs", EDGE_LOGS),
    ], When::WithLogBuckets, " --log-bucket NAME"),
];
