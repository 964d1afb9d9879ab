//! The Resource Groups Tagging API.

use super::account::Account;
use super::history;
use palisade::aws::cloud::Page;
use palisade::aws::operations::Tagged;
use palisade::domain::kernel::identity::{TAG_CLUSTER, Tags};
use palisade::domain::signer::function::EDGE_REGION;

/// The services of each list that is asked for.
pub const COMPARED: [&str; 4] = ["cloudfront", "wafv2", "lambda", "acm"];
pub const OF_SHIELD: [&str; 3] = ["shield", "route53", "cloudwatch"];

/// What is asked for in an API's Region: certificates, and custom domain names of API Gateway.
const OF_REGION: [&str; 2] = ["acm", "apigateway"];

impl Account {
    pub fn list_tagged(&self, services: &[&str], cluster: &str, marker: Option<&str>) -> Page<Tagged> {
        self.tagged(EDGE_REGION, services, cluster, marker)
    }

    pub fn list_tagged_of_region(&self, region: &str, cluster: &str, marker: Option<&str>) -> Page<Tagged> {
        self.tagged(region, &OF_REGION, cluster, marker)
    }

    fn tagged(&self, region: &str, services: &[&str], cluster: &str, marker: Option<&str>) -> Page<Tagged> {
        let lag = self.settings.tag_lag.max(self.settings.list_lag);
        let found = self
            .tags
            .seen(lag)
            .filter(|(arn, _)| is_listed(arn, region, services))
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

/// Adds or replaces tags.
pub fn add(tags: Tags) -> impl FnOnce(&mut Tags) {
    move |found| found.extend(tags)
}

/// Takes tags away.
pub fn drop_keys(keys: Vec<String>) -> impl FnOnce(&mut Tags) {
    move |found| found.retain(|key, _| !keys.contains(key))
}

/// The service knows of its own Region, and of what is in none.
fn is_listed(arn: &str, asked: &str, services: &[&str]) -> bool {
    let mut parts = arn.split(':').skip(2);
    let is_of = parts.next().is_some_and(|service| services.contains(&service));
    let region = parts.next();
    is_of && region.is_none_or(|region| region.is_empty() || region == asked)
}
