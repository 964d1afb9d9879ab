//! How near an account is to AWS's limits, from the lists that there are anyway.

use super::support::pieces;
use super::support::simulation::SimulatedCloud;
use super::support::simulation::settings::Settings;
use palisade::api::{AccountQuotas, QuotaName};
use palisade::aws::cloud::Cloud;
use palisade::aws::readings::inventory::{Inventory, MaxAge};
use palisade::aws::readings::shield_lists::ShieldLists;
use palisade::domain::perimeter::listing::Listing;
use palisade::domain::shield::protection::Creation;
use palisade::domain::status::headroom::{Counted, headroom};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn what_others_made_counts_against_the_limits_and_towards_proactive_engagement() {
    let cloud = Arc::new(SimulatedCloud::new(Settings::instant()));
    let calls: &dyn Cloud = cloud.as_ref();
    for name in ["palisade-a", "theirs", "theirs-too"] {
        let document = pieces::web_acl(&[]);
        calls
            .create_web_acl(name.to_owned(), document, pieces::tags("a"))
            .await
            .unwrap();
    }
    let built = pieces::build(calls, "b").await;
    let protection = calls
        .create_protection(Creation {
            name: "b".to_owned(),
            resource_arn: built.distribution.arn.clone(),
            tags: pieces::tags("b"),
        })
        .await
        .unwrap();
    let max_age = MaxAge {
        distributions: Duration::ZERO,
        others: Duration::ZERO,
    };
    let inventory = Inventory::new(cloud.clone(), pieces::CLUSTER.to_owned());
    let uses = |listing: &Listing| headroom(listing, &Counted::default(), &AccountQuotas::default());
    let uses = inventory.observe(max_age, uses).await.unwrap();
    let counts: Vec<_> = uses.iter().map(|found| (found.name, found.used)).collect();
    assert_eq!(
        counts,
        [
            (QuotaName::Distributions, 1),
            (QuotaName::WebAcls, 4),
            (QuotaName::LambdaAssociations, 1)
        ]
    );

    let lists = ShieldLists::new(cloud.clone());
    let census = lists.census(Duration::ZERO).await.unwrap();
    assert_eq!((census.of_distributions, census.checked), (1, 0));
    cloud.preload_health_check("0f1e2d3c-0000-4000-8000-000000000000");
    calls
        .associate_health_check(protection, "0f1e2d3c-0000-4000-8000-000000000000".to_owned())
        .await
        .unwrap();
    tokio::time::advance(Duration::from_secs(1)).await;
    let census = lists.census(Duration::ZERO).await.unwrap();
    assert_eq!((census.of_distributions, census.checked), (1, 1));
}
