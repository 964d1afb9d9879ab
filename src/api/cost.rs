//! `status.cost`: what a perimeter costs. Amounts are strings with two decimals, since a number of JSON may lose some.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the perimeter of the spec costs at list prices; free tiers, discounts, taxes and transfer of data are not in it, nor is
/// what API Gateway itself costs.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct CostStatus {
    /// The currency of all amounts: USD.
    #[schemars(length(max = 3))]
    pub currency: String,
    /// The day on which the prices were in force (YYYY-MM-DD).
    #[schemars(length(max = 10))]
    pub as_of: String,
    /// For each month, whatever viewers do.
    #[schemars(length(max = 32))]
    pub monthly: String,
    /// For a million requests besides, of viewers in North America and Europe.
    #[schemars(length(max = 32))]
    pub per_million_requests: String,
    /// Of what these are the sums.
    #[schemars(length(max = 16))]
    pub parts: Vec<CostPart>,
    /// What the spec asks for, is paid for, and is in none of the sums: logs, rule groups whose price is not on the list,
    /// and the flat-rate pricing plan of the distribution.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 80), inner(length(max = 256)))]
    pub left_out: Vec<String>,
}

/// A part of what a perimeter costs.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct CostPart {
    /// What is paid for.
    pub name: CostPartName,
    /// How many there are, where there may be several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// For each month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub monthly: Option<String>,
    /// For a million requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub per_million_requests: Option<String>,
    /// The same in the dearest Region of the distribution's price class, where that is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub per_million_requests_at_most: Option<String>,
    /// Whether the flat-rate pricing plan of the distribution covers it, so that its price is in none of the sums.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_pricing_plan: bool,
    /// Whether it is paid once for the whole organization, and so is in none of the sums.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

/// What is paid for.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum CostPartName {
    WebAcl,
    WebAclRules,
    WebAclRequests,
    AntiDdos,
    BotControl,
    CloudFrontRequests,
    LambdaAtEdge,
    Authorizer,
    HealthCheck,
    Alarm,
    ShieldAdvanced,
}
