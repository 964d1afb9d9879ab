//! What the custom domain names of a Region lead to: read once for all objects, and seldom.

use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::aws::rest::Rest;
use crate::domain::access::other_doors::{DomainName, Mapping};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// The mappings of each Region that was asked for.
#[derive(Default)]
pub struct Mappings(Mutex<HashMap<String, Region>>);

/// The mappings of one Region.
#[derive(Default)]
struct Region {
    /// All of them, and when they were asked for.
    whole: Option<(Instant, Arc<Vec<Mapping>>)>,
    /// Those of single names, where others could not be read.
    part: BTreeMap<String, (Instant, Vec<Mapping>)>,
    rest: Rest,
}

impl Mappings {
    /// The mappings of `region`, at most `max_age` old. Whoever comes while they are read waits and shares them.
    ///
    /// # Errors
    /// A list that could not be read whole, now or a moment ago.
    pub async fn of(
        &self,
        cloud: &dyn Cloud,
        region: &str,
        max_age: Duration,
    ) -> Result<Arc<Vec<Mapping>>, CloudError> {
        let mut known = self.0.lock().await;
        let known = known.entry(region.to_owned()).or_default();
        if let Some((_, found)) = known
            .whole
            .as_ref()
            .filter(|(since, _)| since.elapsed() <= max_age)
        {
            return Ok(Arc::clone(found));
        }
        known.rest.check()?;
        let began = Instant::now();
        known.part.retain(|_, (since, _)| since.elapsed() <= max_age);
        let read = read(cloud, region, &mut known.part).await;
        known.rest.note(read.as_ref().err());
        let found = Arc::new(read?);
        known.part.clear();
        known.whole = Some((began, Arc::clone(&found)));
        Ok(found)
    }
}

/// One name after the other: nobody waits for them.
async fn read(
    cloud: &dyn Cloud,
    region: &str,
    part: &mut BTreeMap<String, (Instant, Vec<Mapping>)>,
) -> Result<Vec<Mapping>, CloudError> {
    let region = || region.to_owned();
    let domains: Vec<DomainName> = pages(|marker| cloud.list_domain_names(region(), marker), Some).await?;
    let mut found = Vec::new();
    for domain in domains {
        let name = || domain.name.clone();
        if let Some((_, of_name)) = part.get(&domain.name) {
            found.extend(of_name.iter().cloned());
            continue;
        }
        let began = Instant::now();
        let mut of_name = Vec::new();
        if domain.has_mappings {
            let mappings = pages(|marker| cloud.list_api_mappings(region(), name(), marker), Some);
            of_name.extend(unless_gone(mappings.await)?);
        }
        if domain.has_rules {
            let rules = pages(|marker| cloud.list_routing_rules(region(), name(), marker), Some);
            of_name.extend(unless_gone(rules.await)?);
        }
        found.extend(of_name.iter().cloned());
        part.insert(name(), (began, of_name));
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
