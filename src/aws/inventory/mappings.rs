//! What the custom domain names of a Region lead to: read once for all objects, and seldom.

use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::domain::resources::other_doors::{DomainName, Mapping};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The mappings of each Region that was asked for.
#[derive(Default)]
pub struct Mappings(Mutex<HashMap<String, Read>>);

/// The mappings of one Region, and when they were asked for.
type Read = (Instant, Arc<Vec<Mapping>>);

impl Mappings {
    /// The mappings of `region`, at most `max_age` old. Whoever comes while they are read waits and shares them.
    ///
    /// # Errors
    /// A list that could not be read whole.
    pub async fn of(
        &self,
        cloud: &dyn Cloud,
        region: &str,
        max_age: Duration,
    ) -> Result<Arc<Vec<Mapping>>, CloudError> {
        let mut known = self.0.lock().await;
        if let Some((_, found)) = known.get(region).filter(|(since, _)| since.elapsed() <= max_age) {
            return Ok(Arc::clone(found));
        }
        let began = Instant::now();
        let found = Arc::new(read(cloud, region).await?);
        known.insert(region.to_owned(), (began, Arc::clone(&found)));
        Ok(found)
    }
}

/// One name after the other: nobody waits for them.
async fn read(cloud: &dyn Cloud, region: &str) -> Result<Vec<Mapping>, CloudError> {
    let region = || region.to_owned();
    let domains: Vec<DomainName> = pages(|marker| cloud.list_domain_names(region(), marker), Some).await?;
    let mut found = Vec::new();
    for domain in domains {
        let name = || domain.name.clone();
        if domain.has_mappings {
            let mappings = pages(|marker| cloud.list_api_mappings(region(), name(), marker), Some);
            found.extend(unless_gone(mappings.await)?);
        }
        if domain.has_rules {
            let rules = pages(|marker| cloud.list_routing_rules(region(), name(), marker), Some);
            found.extend(unless_gone(rules.await)?);
        }
    }
    Ok(found)
}

/// What a domain name leads to, unless it was deleted since it was listed.
fn unless_gone(found: Result<Vec<Mapping>, CloudError>) -> Result<Vec<Mapping>, CloudError> {
    match found {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(vec![]),
        found => found,
    }
}
