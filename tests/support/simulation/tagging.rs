//! The Resource Groups Tagging API.

use super::account::Account;
use super::history;
use palisade::aws::cloud::Page;
use palisade::aws::operations::Tagged;
use palisade::domain::kernel::identity::TAG_CLUSTER;
use palisade::domain::signer::function::EDGE_REGION;

/// The services of each list that is asked for.
pub const COMPARED: [&str; 4] = ["cloudfront", "wafv2", "lambda", "acm"];
pub const OF_SHIELD: [&str; 3] = ["shield", "route53", "cloudwatch"];

impl Account {
    pub fn list_tagged(&self, services: &[&str], cluster: &str, marker: Option<&str>) -> Page<Tagged> {
        let lag = self.settings.tag_lag.max(self.settings.list_lag);
        let found = self
            .tags
            .seen(lag)
            .filter(|(arn, _)| is_listed(arn, services))
            .filter(|(_, tags)| tags.get(TAG_CLUSTER).is_some_and(|value| value == cluster));
        let rows = found.map(|(arn, tags)| {
            let row = Tagged {
                arn: arn.clone(),
                tags: tags.clone(),
            };
            (arn.clone(), row)
        });
        history::page(rows.collect(), marker, self.page_size(100))
    }
}

/// The service knows of its own Region, and of what is in none.
fn is_listed(arn: &str, services: &[&str]) -> bool {
    let mut parts = arn.split(':').skip(2);
    let is_of = parts.next().is_some_and(|service| services.contains(&service));
    let region = parts.next();
    is_of && region.is_none_or(|region| region.is_empty() || region == EDGE_REGION)
}
