//! What is told of money: `status.cost`.

use crate::api::{CostPart, CostStatus, ProtectedApiSpec, ProtectedApiStatus};
use crate::domain::cost::estimate::{Part, estimate};
use crate::domain::cost::money::Money;
use crate::domain::cost::prices::{CURRENCY, Prices};
use crate::domain::status::pricing_plan::tier_in_force;

/// What the perimeter of `spec` costs by `prices`. Whether Shield Advanced protects it, and which pricing plan it is in, `status` tells.
#[must_use]
pub fn cost(spec: &ProtectedApiSpec, status: &ProtectedApiStatus, prices: &Prices) -> CostStatus {
    let shield = status.shield.as_ref();
    let is_protected = shield.is_some_and(|shield| shield.protection_id.is_some());
    let mut estimate = estimate(spec, is_protected, prices);
    if let Some(tier) = tier_in_force(status) {
        estimate = estimate.in_pricing_plan(tier);
    }
    CostStatus {
        currency: CURRENCY.to_owned(),
        as_of: prices.as_of.to_string(),
        monthly: estimate.monthly().to_string(),
        per_million_requests: estimate.per_million().to_string(),
        parts: estimate.parts.iter().map(told).collect(),
        left_out: estimate.left_out,
    }
}

fn told(part: &Part) -> CostPart {
    let said = |amount: Option<Money>| amount.map(|amount| amount.to_string());
    CostPart {
        name: part.name,
        count: part.count.map(|count| i64::try_from(count).unwrap_or(i64::MAX)),
        monthly: said(part.monthly),
        per_million_requests: said(part.per_million),
        per_million_requests_at_most: said(part.at_most),
        in_pricing_plan: part.is_covered,
        shared: part.is_shared,
    }
}
