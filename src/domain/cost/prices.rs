//! AWS's list prices in us-east-1, and others in their place.

use super::money::Money;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// The currency of all prices.
pub const CURRENCY: &str = "USD";

/// Prices by what is paid for. Those of requests and GB-seconds are for a million, all others for a month. Free tiers, discounts
/// and taxes are not in them.
///
/// `docs/costs.md` has each by the name that a file of other prices uses, and where it is from; a test compares them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Prices {
    /// The day on which they were in force.
    pub as_of: Date,
    /// A web ACL.
    pub web_acl: Money,
    /// A rule, or a rule group, in a web ACL.
    pub web_acl_rule: Money,
    /// Requests that a web ACL inspects, up to 1,500 capacity units.
    pub web_acl_requests: Money,
    /// The rule group `AWSManagedRulesAntiDDoSRuleSet` in a web ACL.
    pub anti_ddos: Money,
    /// Requests that it inspects.
    pub anti_ddos_requests: Money,
    /// The rule group `AWSManagedRulesBotControlRuleSet` in a web ACL.
    pub bot_control: Money,
    /// Requests that it inspects, at the level `COMMON`.
    pub bot_control_common_requests: Money,
    /// Requests that it inspects, at the level `TARGETED`.
    pub bot_control_targeted_requests: Money,
    /// HTTPS requests to CloudFront in the dearer of North America and Europe.
    pub cloud_front_requests: Money,
    /// The same in the dearest Region of `PriceClass_200`.
    pub cloud_front_requests_class200: Money,
    /// The same in the dearest Region of all.
    pub cloud_front_requests_class_all: Money,
    /// Calls of a function at the edge.
    pub lambda_at_edge_requests: Money,
    /// Their time, by memory: GB-seconds.
    pub lambda_at_edge_gb_seconds: Money,
    /// Calls of a function in a Region.
    pub lambda_requests: Money,
    /// Their time, by memory: GB-seconds.
    pub lambda_gb_seconds: Money,
    /// A health check of an endpoint in AWS.
    pub health_check: Money,
    /// Each of its options: HTTPS, and the interval of 10 s.
    pub health_check_option: Money,
    /// An alarm of CloudWatch on one metric.
    pub alarm: Money,
    /// Shield Advanced, for a whole organization.
    pub shield_advanced: Money,
}

impl Default for Prices {
    /// The list.
    fn default() -> Self {
        Self {
            as_of: date(2026, 6, 10),
            web_acl: Money::cents(500),
            web_acl_rule: Money::cents(100),
            web_acl_requests: Money::cents(60),
            anti_ddos: Money::cents(2_000),
            anti_ddos_requests: Money::cents(15),
            bot_control: Money::cents(1_000),
            bot_control_common_requests: Money::cents(100),
            bot_control_targeted_requests: Money::cents(1_000),
            cloud_front_requests: Money::cents(120),
            cloud_front_requests_class200: Money::cents(120),
            cloud_front_requests_class_all: Money::cents(220),
            lambda_at_edge_requests: Money::cents(60),
            lambda_at_edge_gb_seconds: Money::cents(5_001),
            lambda_requests: Money::cents(20),
            lambda_gb_seconds: Money::micros(16_666_700),
            health_check: Money::cents(50),
            health_check_option: Money::cents(100),
            alarm: Money::cents(10),
            shield_advanced: Money::cents(300_000),
        }
    }
}

impl Prices {
    /// The list with other prices in place of its own, from a JSON object.
    ///
    /// # Errors
    /// Which key is none of the list's, or which value is no price.
    pub fn with(others: &str) -> Result<Self, String> {
        serde_json::from_str(others).map_err(|error| error.to_string())
    }
}
