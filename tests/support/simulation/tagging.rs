//! The Resource Groups Tagging API over CloudFront, WAF and Lambda.

use super::account::Account;
use super::history;
use palisade::aws::cloud::Page;
use palisade::aws::operations::Tagged;
use palisade::domain::identity::TAG_CLUSTER;
use palisade::domain::resources::function::EDGE_REGION;

impl Account {
    pub fn list_tagged(&self, cluster: &str, marker: Option<&str>) -> Page<Tagged> {
        let lag = self.settings.tag_lag.max(self.settings.list_lag);
        let found = self
            .tags
            .before(lag)
            .into_iter()
            .filter(|(arn, _)| is_listed(arn))
            .filter(|(_, tags)| tags.get(TAG_CLUSTER).is_some_and(|value| value == cluster))
            .map(|(arn, tags)| (arn.clone(), Tagged { arn, tags }))
            .collect();
        history::page(found, marker, self.page_size(100))
    }
}

/// The service knows of its own Region, and of what is in none.
fn is_listed(arn: &str) -> bool {
    let region = arn.split(':').nth(3);
    region.is_none_or(|region| region.is_empty() || region == EDGE_REGION)
}
