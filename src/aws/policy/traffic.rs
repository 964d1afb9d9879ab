//! What it takes to see what a web ACL does to the traffic, in a policy of its own.

use super::table::{Statement, When, called, statement};

const WAF: &str = "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html";

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    statement!("SampleRequests", &["arn:{partition}:wafv2:us-east-1:{account}:global/webacl/palisade-*"], None, &[
        called("wafv2:GetSampledRequests", &["wafv2:GetSampledRequests"], "promote: what a rule that counts first would refuse", WAF),
    ], When::ForTraffic, " --traffic"),
];
