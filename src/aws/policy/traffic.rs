//! What it takes to read what web ACLs do to the traffic, in a policy of its own. It changes nothing.

use super::table::{Statement, When, called, statement};

const WAF: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html";
const CLOUDWATCH: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html";

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    statement!("SampleRequests", &["arn:{partition}:wafv2:us-east-1:{account}:global/webacl/palisade-*"], None, &[
        called("wafv2:GetSampledRequests", &["wafv2:GetSampledRequests"], "promote: what a rule that counts first would refuse", WAF),
    ], When::ForTraffic, " --traffic"),
    // Metrics have no resource to name.
    statement!("ReadTraffic", &["*"], None, &[
        called("cloudwatch:GetMetricData", &["cloudwatch:GetMetricData"], "spec.rollout.haltOn of a class: how many requests a web ACL allows and blocks", CLOUDWATCH),
    ], When::ForTraffic, " --traffic"),
];
