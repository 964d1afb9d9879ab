//! What the adoption of distributions needs besides, in a policy of its own: to read the web ACL that one has, and to put what it had
//! before back in place.

use super::table::{Operations, Statement, When, called, dependent, statement};

const LAMBDA: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html";
const WAF: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html";
const EDGE: &str =
    "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-permissions.html";

const UPDATE: Operations = &["cloudfront:UpdateDistribution"];

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    // Of others, by whatever name; none of these changes them.
    statement!("ReadFormerWebAcls", &["arn:{partition}:wafv2:us-east-1:{account}:global/webacl/*"], None, &[
        called("wafv2:GetWebACL", &["wafv2:GetWebACL"], "spec.distribution.adopt: the rules of the web ACL that a distribution has", WAF),
        dependent("wafv2:GetWebACL", UPDATE, "spec.distribution.adopt.release: the web ACL that a distribution had before", WAF),
    ], When::ForAdoption, " --adoption"),
    statement!("UseFormerFunctions", &["arn:{partition}:lambda:us-east-1:{account}:function:*"], None, &[
        dependent("lambda:DisableReplication*", UPDATE, "spec.distribution.adopt: the replicas of the function that a distribution had before", EDGE),
        dependent("lambda:EnableReplication*", UPDATE, "spec.distribution.adopt.release: the function that a distribution had before", EDGE),
        dependent("lambda:GetFunction", UPDATE, "what is replicated", EDGE),
        called("lambda:GetFunctionConfiguration", &["lambda:GetFunctionConfiguration"], "spec.distribution.adopt.release: whether the function is still there", LAMBDA),
    ], When::ForAdoption, " --adoption"),
];
