//! The Resource Groups Tagging API over CloudFront, WAF and Lambda.

use super::account::Account;
use super::history;
use palisade::aws::cloud::Page;
use palisade::aws::operations::Tagged;
use palisade::domain::identity::TAG_CLUSTER;

impl Account {
    pub fn list_tagged(&self, cluster: &str, marker: Option<&str>) -> Page<Tagged> {
        let lag = self.settings.tag_lag.max(self.settings.list_lag);
        let found = self
            .tags
            .before(lag)
            .into_iter()
            .filter(|(_, tags)| tags.get(TAG_CLUSTER).is_some_and(|value| value == cluster))
            .map(|(arn, tags)| (arn.clone(), Tagged { arn, tags }))
            .collect();
        history::page(found, marker, self.page_size(100))
    }
}
