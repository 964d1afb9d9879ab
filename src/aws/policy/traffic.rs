//! What it takes to read how requests fare with AWS WAF, in a policy of its own. It changes nothing.

use super::table::{Statement, When, called, statement};

const CLOUDWATCH: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html";

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    // Metrics have no resource to name.
    statement!("ReadTraffic", &["*"], None, &[
        called("cloudwatch:GetMetricData", &["cloudwatch:GetMetricData"], "spec.rollout.haltOn of a class: how many requests a web ACL allows and blocks", CLOUDWATCH),
    ], When::ForTraffic, " --traffic"),
];
