//! Flat-rate pricing plans: a list tells them, and what is in one is not deleted.

use crate::conformance::world::{World, conformance, refused, settings};
use crate::support::pieces;
use crate::support::simulation::pricing_plans::PricingPlan;
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{Denied, Terminal};
use palisade::domain::edge::document;
use palisade::domain::pricing_plans::subscription::Tier;

conformance![
    an_account_has_no_plans_unless_somebody_has_begun_one,
    a_plan_tells_its_tier_what_it_is_for_and_when_it_ends,
    a_distribution_in_a_plan_is_switched_off_and_not_deleted,
    whoever_may_not_read_plans_is_refused,
];

const ARN: &str = "arn:aws:cloudfront::123456789012:distribution/E1";
const END: &str = "2026-12-31T00:00:00Z";

async fn an_account_has_no_plans_unless_somebody_has_begun_one(cloud: &dyn Cloud, _: &dyn World) {
    let page = cloud.list_pricing_plans(None).await.unwrap();
    assert_eq!((page.items.len(), page.next), (0, None));
}

async fn a_plan_tells_its_tier_what_it_is_for_and_when_it_ends(cloud: &dyn Cloud, world: &dyn World) {
    let plan = PricingPlan::of("PRO", vec![ARN.to_owned()]).ending(END);
    world.configure(settings(|s| s.pricing_plans = vec![plan])).await;
    let page = cloud.list_pricing_plans(None).await.unwrap();
    let [found] = &page.items[..] else {
        panic!("{page:?}")
    };
    assert_eq!(found.tier_name(), "Pro");
    assert!(found.is_in_force() && found.is_for(ARN), "{found:?}");
    assert!(found.since.is_some(), "{found:?}");
    let cancellation = found.cancellation().unwrap();
    assert_eq!(cancellation.at, Some(END.parse().unwrap()));
    assert_eq!(cancellation.tier, None);

    let plan = PricingPlan::of("PREMIUM", vec![ARN.to_owned()]).moving_down("BUSINESS", END);
    world.configure(settings(|s| s.pricing_plans = vec![plan])).await;
    let page = cloud.list_pricing_plans(None).await.unwrap();
    assert_eq!(page.items[0].cancellation(), None);
    assert_eq!(page.items[0].tier_to_come().map(Tier::name), Some("Business"));
}

async fn a_distribution_in_a_plan_is_switched_off_and_not_deleted(cloud: &dyn Cloud, world: &dyn World) {
    let built = pieces::build(cloud, "a").await;
    let arns = vec![built.distribution.arn.clone(), built.web_acl.arn.clone()];
    let plan = PricingPlan::of("PRO", arns);
    world.configure(settings(|s| s.pricing_plans = vec![plan])).await;
    let found = cloud
        .get_distribution(built.distribution.id.clone())
        .await
        .unwrap();
    let off = cloud
        .update_distribution(found.id, found.etag, document::disabled(&found.config))
        .await
        .unwrap();
    let deletion = cloud.delete_distribution(off.id.clone(), off.etag.clone()).await;
    refused(deletion, "ResourceInUse", Terminal);
    world.configure(settings(|_| {})).await;
    let current = cloud.get_distribution(off.id).await.unwrap();
    cloud.delete_distribution(current.id, current.etag).await.unwrap();
}

async fn whoever_may_not_read_plans_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    world.deny("pricingplanmanager:ListSubscriptions").await;
    let list = cloud.list_pricing_plans(None).await;
    refused(list, "AccessDeniedException", Denied);
}
