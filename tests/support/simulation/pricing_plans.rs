//! CloudFront's flat-rate pricing plans, as settings have them: nobody here begins or ends one by a call.

use super::account::Account;
use super::history;
use palisade::aws::cloud::Page;
use palisade::domain::pricing_plans::subscription::{Scheduled, Subscription};
use serde::Serialize;

/// A subscription to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PricingPlan {
    pub arn: String,
    pub plan_tier: &'static str,
    pub status: &'static str,
    pub resource_arns: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_change: Option<ScheduledChange>,
}

/// What becomes of it at the end of a billing period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledChange {
    pub change_type: &'static str,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan_tier: Option<&'static str>,
}

impl PricingPlan {
    /// An active plan of this tier for these resources.
    pub fn of(plan_tier: &'static str, resource_arns: Vec<String>) -> Self {
        Self {
            arn: "arn:aws:pricingplanmanager::123456789012:subscription/1".to_owned(),
            plan_tier,
            status: "ACTIVE",
            resource_arns,
            scheduled_change: None,
        }
    }

    /// The same, which ends then.
    pub fn ending(self, at: &str) -> Self {
        let scheduled_change = Some(ScheduledChange {
            change_type: "CANCELLATION",
            effective_date: Some(at.to_owned()),
            plan_tier: None,
        });
        Self {
            scheduled_change,
            ..self
        }
    }

    /// The same, which moves down to this tier then.
    pub fn moving_down(self, tier: &'static str, at: &str) -> Self {
        let scheduled_change = Some(ScheduledChange {
            change_type: "DOWNGRADE",
            effective_date: Some(at.to_owned()),
            plan_tier: Some(tier),
        });
        Self {
            scheduled_change,
            ..self
        }
    }
}

impl Account {
    pub fn list_pricing_plans(&self, marker: Option<&str>) -> Page<Subscription> {
        let all = self.settings.pricing_plans.iter();
        let rows = all.map(|plan| (plan.arn.clone(), listed(plan)));
        history::page(rows.collect(), marker, self.page_size(100))
    }

    /// Whether a plan that counts is for the resource with this ARN.
    pub fn is_in_pricing_plan(&self, arn: &str) -> bool {
        let mut all = self.settings.pricing_plans.iter();
        all.any(|plan| plan.status == "ACTIVE" && plan.resource_arns.iter().any(|known| known == arn))
    }
}

fn listed(plan: &PricingPlan) -> Subscription {
    Subscription {
        arn: plan.arn.clone(),
        tier: plan.plan_tier.to_owned(),
        state: plan.status.to_owned(),
        resource_arns: plan.resource_arns.clone(),
        since: "2026-01-01T00:00:00Z".parse().ok(),
        scheduled: plan.scheduled_change.as_ref().map(|scheduled| Scheduled {
            change: scheduled.change_type.to_owned(),
            at: scheduled.effective_date.as_ref().and_then(|at| at.parse().ok()),
            tier: scheduled.plan_tier.map(ToOwned::to_owned),
        }),
    }
}
