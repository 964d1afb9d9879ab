//! CloudFront's flat-rate pricing plans, of which only the list is read.

use super::failure::Failure;
use super::marker;
use crate::aws::cloud::Page;
use crate::domain::pricing_plans::subscription::{Scheduled, Subscription};
use aws_sdk_pricingplanmanager::Client;
use aws_sdk_pricingplanmanager::primitives::DateTime;
use aws_sdk_pricingplanmanager::types::{ScheduledChange, SubscriptionSummary};
use jiff::Timestamp;

pub async fn list_subscriptions(
    client: &Client,
    marker: Option<String>,
) -> Result<Page<Subscription>, Failure> {
    let call = client.list_subscriptions().set_next_token(marker.clone());
    let output = call.send().await?;
    Ok(Page {
        items: output
            .subscription_summaries
            .into_iter()
            .map(subscription)
            .collect(),
        next: marker::next("nextToken", output.next_token, marker.as_ref())?,
    })
}

fn subscription(found: SubscriptionSummary) -> Subscription {
    Subscription {
        state: found.status.as_str().to_owned(),
        since: moment(&found.created_at),
        arn: found.arn,
        tier: found.plan_tier,
        resource_arns: found.resource_arns,
        scheduled: found.scheduled_change.map(scheduled),
    }
}

fn scheduled(found: ScheduledChange) -> Scheduled {
    Scheduled {
        change: found.change_type.as_str().to_owned(),
        at: found.effective_date.as_ref().and_then(moment),
        tier: found.plan_tier,
    }
}

fn moment(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(at.secs()).ok()
}
