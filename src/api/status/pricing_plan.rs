//! `status.pricingPlan`: CloudFront's flat-rate pricing plan that the distribution is in.

use kube::KubeSchema;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The flat-rate pricing plan that the distribution is in, as last read. It is its owner's: Palisade begins, changes and ends none.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct PricingPlanStatus {
    /// ARN of the subscription.
    #[schemars(length(max = 2048))]
    pub arn: String,
    /// Free, Pro, Business or Premium.
    #[schemars(length(max = 64))]
    pub tier: String,
    /// `ACTIVE`, `SYNC_IN_PROGRESS`, `PENDING_APPROVAL` or `FAILED`, as AWS says; the last two count as no plan.
    #[schemars(length(max = 64))]
    pub state: String,
    /// Since when there is the subscription (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub since: Option<String>,
    /// What becomes of it at the end of a billing period, where that is scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_change: Option<PlanChangeStatus>,
    /// How much the last accepted spec has of what plans limit, by name. A later spec is refused for the plan only where it has more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "accepted")]
    pub accepted: BTreeMap<String, u32>,
}

fn accepted(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 32,
        "additionalProperties": {"type": "integer", "format": "int64", "minimum": 0},
    })
}

/// A change of a pricing plan at the end of a billing period.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct PlanChangeStatus {
    /// `CANCELLATION` or `DOWNGRADE`, as AWS says.
    #[schemars(length(max = 64))]
    pub change: String,
    /// When (RFC 3339); absent where AWS does not say it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub at: Option<String>,
    /// The tier after a downgrade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub tier: Option<String>,
}
