//! What it takes to read CloudFront's flat-rate pricing plans, in a policy of its own. None allows to change one.

use super::table::{Statement, When, called, statement};

const PRICING_PLANS: &str =
    "https://docs.aws.amazon.com/service-authorization/latest/reference/list_pricing-plan-manager.html";

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Statement] = &[
    // A list has no resource to name.
    statement!("ReadPricingPlans", &["*"], None, &[
        called("pricingplanmanager:ListSubscriptions", &["pricingplanmanager:ListSubscriptions"], "which distributions are in a flat-rate pricing plan, in which, and until when", PRICING_PLANS),
    ], When::ForPricingPlans, " --pricing-plans"),
];
