//! What `spec.shield` needs besides, in a policy of its own.

use super::table::{Condition, Operations, Statement, When, called, dependent, statement};

const SHIELD: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsshield.html";
const ROUTE53: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonroute53.html";
const CLOUDWATCH: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html";
const SNS: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html";

const IAM: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html";
const SRT_ROLES: &[&str] = &["arn:{partition}:iam::{account}:role/*"];
const SHARE: Operations = &["shield:AssociateDRTLogBucket", "shield:DisassociateDRTLogBucket"];

const PROTECTIONS: &[&str] = &["arn:{partition}:shield::{account}:protection/*"];

const RESPOND: Operations = &[
    "shield:EnableApplicationLayerAutomaticResponse",
    "shield:UpdateApplicationLayerAutomaticResponse",
];
const SRT: &str = "https://docs.aws.amazon.com/waf/latest/developerguide/ddos-srt-access.html";
const ENABLE: Operations = &["shield:EnableApplicationLayerAutomaticResponse"];

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    // Lists have no resource to name; neither have new health checks, nor the automatic response.
    statement!("WatchShield", &["*"], None, &[
        called("cloudwatch:DescribeAlarms", &["cloudwatch:DescribeAlarms"], "the alarms", CLOUDWATCH),
        dependent("iam:GetRole", ENABLE, "Shield's own role", SHIELD),
        dependent("iam:GetRole", &["shield:AssociateDRTRole"], "the response team's role", SRT),
        called("route53:CreateHealthCheck", &["route53:CreateHealthCheck"], "spec.shield.healthCheck.path", ROUTE53),
        called("route53:GetCheckerIpRanges", &["route53:GetCheckerIpRanges"], "whom country rules let through", ROUTE53),
        called("route53:ListHealthChecks", &["route53:ListHealthChecks"], "the health checks", ROUTE53),
        called("shield:AssociateDRTLogBucket", &["shield:AssociateDRTLogBucket"], "an AwsAccount's shield.srtAccess.logBuckets", SHIELD),
        called("shield:AssociateDRTRole", &["shield:AssociateDRTRole"], "an AwsAccount's shield.srtAccess.roleArn", SHIELD),
        called("shield:AssociateProactiveEngagementDetails", &["shield:AssociateProactiveEngagementDetails"], "an AwsAccount's shield.proactiveEngagement", SHIELD),
        called("shield:DescribeDRTAccess", &["shield:DescribeDRTAccess"], "what the response team may do", SHIELD),
        called("shield:DescribeEmergencyContactSettings", &["shield:DescribeEmergencyContactSettings"], "whom the response team calls", SHIELD),
        called("shield:DescribeSubscription", &["shield:DescribeSubscription"], "when the subscription ends, and how many protections it allows", SHIELD),
        called("shield:DisableProactiveEngagement", &["shield:DisableProactiveEngagement"], "an AwsAccount's shield.proactiveEngagement", SHIELD),
        called("shield:DisassociateDRTLogBucket", &["shield:DisassociateDRTLogBucket"], "buckets that an AwsAccount no longer declares", SHIELD),
        called("shield:EnableProactiveEngagement", &["shield:EnableProactiveEngagement"], "an AwsAccount's shield.proactiveEngagement", SHIELD),
        called("shield:UpdateEmergencyContactSettings", &["shield:UpdateEmergencyContactSettings"], "an AwsAccount's shield.emergencyContacts", SHIELD),
        called("shield:DisableApplicationLayerAutomaticResponse", &["shield:DisableApplicationLayerAutomaticResponse"], "the automatic response", SHIELD),
        called("shield:EnableApplicationLayerAutomaticResponse", ENABLE, "the automatic response", SHIELD),
        called("shield:GetSubscriptionState", &["shield:GetSubscriptionState"], "whether there is a subscription; none is ever made", SHIELD),
        called("shield:ListProtections", &["shield:ListProtections"], "the protections", SHIELD),
        called("shield:UpdateApplicationLayerAutomaticResponse", &["shield:UpdateApplicationLayerAutomaticResponse"], "Count and Block", SHIELD),
    ], When::ForShield, " --shield"),
    statement!("CreateProtections", PROTECTIONS, Some(Condition::RequestTag), &[
        called("shield:CreateProtection", &["shield:CreateProtection"], "the protection", SHIELD),
        dependent("shield:TagResource", &["shield:CreateProtection"], "tags at creation", SHIELD),
    ], When::ForShield, " --shield"),
    statement!("ChangeProtections", PROTECTIONS, Some(Condition::ResourceTag), &[
        called("shield:AssociateHealthCheck", &["shield:AssociateHealthCheck"], "spec.shield.healthCheck", SHIELD),
        called("shield:DeleteProtection", &["shield:DeleteProtection"], "teardown", SHIELD),
        called("shield:DisassociateHealthCheck", &["shield:DisassociateHealthCheck"], "another health check, and teardown", SHIELD),
        called("shield:TagResource", &["shield:TagResource"], "changed tags, and since when the response counts", SHIELD),
        called("shield:UntagResource", &["shield:UntagResource"], "changed tags", SHIELD),
    ], When::ForShield, " --shield"),
    // Whether a protection is ours is read from its tags. Health checks have no names and no tags in IAM's conditions; alarms are
    // limited by their names.
    statement!("UseShield", &[
        "arn:{partition}:cloudwatch:us-east-1:{account}:alarm:palisade-*",
        "arn:{partition}:route53:::healthcheck/*",
        PROTECTIONS[0],
        "arn:{partition}:sns:us-east-1:{account}:*",
    ], None, &[
        called("cloudwatch:DeleteAlarms", &["cloudwatch:DeleteAlarms"], "teardown", CLOUDWATCH),
        called("cloudwatch:ListTagsForResource", &["cloudwatch:ListTagsForResource"], "whose it is", CLOUDWATCH),
        called("cloudwatch:PutMetricAlarm", &["cloudwatch:PutMetricAlarm"], "spec.shield.ddosAlarm", CLOUDWATCH),
        called("cloudwatch:TagResource", &["cloudwatch:TagResource"], "changed tags; also tags at creation", CLOUDWATCH),
        called("cloudwatch:UntagResource", &["cloudwatch:UntagResource"], "changed tags", CLOUDWATCH),
        called("route53:ChangeTagsForResource", &["route53:ChangeTagsForResource"], "whose it is", ROUTE53),
        called("route53:DeleteHealthCheck", &["route53:DeleteHealthCheck"], "teardown", ROUTE53),
        called("route53:GetHealthCheck", &["route53:GetHealthCheck"], "spec.shield.healthCheck", ROUTE53),
        dependent("route53:GetHealthCheck", &["shield:AssociateHealthCheck"], "the health check that is associated", SHIELD),
        called("route53:GetHealthCheckStatus", &["route53:GetHealthCheckStatus"], "whether it may be associated", ROUTE53),
        called("route53:ListTagsForResource", &["route53:ListTagsForResource"], "whose it is", ROUTE53),
        called("route53:UpdateHealthCheck", &["route53:UpdateHealthCheck"], "a changed path", ROUTE53),
        called("shield:DescribeProtection", &["shield:DescribeProtection"], "the protection", SHIELD),
        called("shield:ListTagsForResource", &["shield:ListTagsForResource"], "whose it is", SHIELD),
        called("sns:GetTopicAttributes", &["sns:GetTopicAttributes"], "whether the topic is there", SNS),
    ], When::ForShield, " --shield"),
    statement!("UseWebAclsForShield", &[
        "arn:{partition}:cloudfront::{account}:distribution/*",
        "arn:{partition}:wafv2:us-east-1:{account}:global/webacl/palisade-*",
    ], None, &[
        dependent("cloudfront:GetDistribution", RESPOND, "the distribution that is protected", SHIELD),
        dependent("wafv2:GetWebACL", RESPOND, "the web ACL in which Shield keeps its rule", SHIELD),
    ], When::ForShield, " --shield"),
    statement!("LinkShield", &["arn:{partition}:iam::{account}:role/aws-service-role/*"], Some(Condition::LinkedTo(&["shield.amazonaws.com"])), &[
        dependent("iam:CreateServiceLinkedRole", ENABLE, "once an account: the role by which Shield writes web ACLs", SHIELD),
    ], When::ForShield, " --shield"),
    // Which role it is, the platform team says.
    statement!("UseResponseTeamsRole", SRT_ROLES, None, &[
        called("iam:ListAttachedRolePolicies", &["iam:ListAttachedRolePolicies"], "whether the response team's role allows what it needs", IAM),
        dependent("iam:ListAttachedRolePolicies", &["shield:AssociateDRTRole"], "the response team's role", SRT),
    ], When::ForShield, " --shield"),
    statement!("PassRoleToResponseTeam", SRT_ROLES, Some(Condition::PassedTo("drt.shield.amazonaws.com")), &[
        dependent("iam:PassRole", &["shield:AssociateDRTRole"], "the response team's role", SRT),
    ], When::ForShield, " --shield"),
    statement!("ShareLogBuckets", &["arn:{partition}:s3:::{bucket}"], None, &[
        dependent("s3:DeleteBucketPolicy", &["shield:DisassociateDRTLogBucket"], "buckets that the response team may read no more", SRT),
        dependent("s3:GetBucketPolicy", SHARE, "buckets that the response team may read", SRT),
        dependent("s3:PutBucketPolicy", SHARE, "buckets that the response team may read", SRT),
    ], When::WithLogBuckets, " --shield --log-bucket NAME"),
];
