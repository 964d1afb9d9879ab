//! What the custom domain names of a Region lead to: read once for all objects, and seldom.

use super::rest::Rest;
use super::shared::{Each, Shared};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::{ErrorKind, NO_ANSWER};
use crate::aws::operations::Call;
use crate::domain::access::obstacles::other_doors::{DomainName, Mapping};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The mappings of each Region that was asked for.
#[derive(Default)]
pub struct Mappings(Each<Region>);

/// What is known of them.
#[derive(Default)]
pub struct Known {
    /// Those that could be read.
    pub mappings: Vec<Mapping>,
    /// API Gateway's own domain names for each custom one.
    pub targets: BTreeMap<String, Vec<String>>,
    /// The truststore of each custom domain name that asks for a client certificate.
    pub truststores: BTreeMap<String, String>,
    /// Domain names of which only a person can have the rest read, and why.
    pub unread: Vec<(String, CloudError)>,
}

/// The mappings of one Region.
#[derive(Default)]
struct Region {
    whole: Option<Arc<Known>>,
    /// Those of single names and when they were asked for, where others could not be read.
    part: BTreeMap<String, (Instant, Vec<Mapping>)>,
    /// Those that only a person can have read, with what was read of them all the same: they are left alone for a while, as lists are.
    denied: BTreeMap<String, (Rest, Vec<Mapping>)>,
}

impl Mappings {
    /// The mappings of `region`, at most `max_age` old. Whoever comes while they are read waits and shares them.
    ///
    /// # Errors
    /// A list that could not be read, now or a moment ago; or one of a single name that may be readable soon.
    pub async fn of(
        &self,
        cloud: &dyn Cloud,
        region: &str,
        max_age: Duration,
    ) -> Result<Arc<Known>, CloudError> {
        let shared = &self.0.of(region);
        let wanted = [((), max_age)];
        let read = |()| {
            let of_names = &mut shared.known().content.part;
            of_names.retain(|_, (since, _)| since.elapsed() <= max_age);
            read(cloud, region, shared)
        };
        shared.refresh(&wanted, read, Region::take).await;
        let known = shared.known();
        known.whole(&wanted)?.whole.clone().ok_or_else(|| {
            let region = region.to_owned();
            let operation = Call::ListDomainNames { region, marker: None }.operation();
            CloudError::new(operation, NO_ANSWER, "the mappings were not read")
        })
    }
}

impl Mappings {
    /// How many custom domain names each Region had when it was read last; nothing is read for that.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let all = self.0.all().into_iter();
        let counted = all.filter_map(|(region, shared)| {
            let count = shared.known().content.whole.as_ref()?.targets.len();
            Some((region, count))
        });
        counted.collect()
    }
}

impl Region {
    fn take(&mut self, parts: Vec<Known>, _: Instant) {
        for known in parts {
            self.part.clear();
            self.denied.retain(|name, _| known.targets.contains_key(name));
            self.whole = Some(Arc::new(known));
        }
    }
}

impl Region {
    /// Why a name could not be read a moment ago, and what was read of it; `None` where it is asked now.
    fn resting(&self, name: &str) -> Option<(CloudError, Vec<Mapping>)> {
        let (rest, of_name) = self.denied.get(name)?;
        let error = rest.error().filter(|_| !rest.is_over())?;
        Some((error.clone(), of_name.clone()))
    }
}

/// One name after the other: nobody waits for them.
async fn read(cloud: &dyn Cloud, region: &str, shared: &Shared<(), Region>) -> Result<Known, CloudError> {
    let region = || region.to_owned();
    let domains: Vec<DomainName> = pages(|marker| cloud.list_domain_names(region(), marker), Some).await?;
    let mut known = Known::default();
    for domain in domains {
        let name = || domain.name.clone();
        known.targets.insert(name(), domain.targets.clone());
        if let Some(truststore) = &domain.truststore {
            known.truststores.insert(name(), truststore.clone());
        }
        let before = shared.known().content.part.get(&domain.name).cloned();
        if let Some((_, of_name)) = before {
            known.mappings.extend(of_name);
            continue;
        }
        let resting = shared.known().content.resting(&domain.name);
        if let Some((error, of_name)) = resting {
            known.mappings.extend(of_name);
            known.unread.push((name(), error));
            continue;
        }
        let began = Instant::now();
        let mut of_name = Vec::new();
        let mut denied = None;
        if domain.has_mappings {
            let mappings = pages(|marker| cloud.list_api_mappings(region(), name(), marker), Some);
            of_name.extend(unless_denied(unless_gone(mappings.await), &mut denied)?);
        }
        if domain.has_rules {
            let rules = pages(|marker| cloud.list_routing_rules(region(), name(), marker), Some);
            of_name.extend(unless_denied(unless_gone(rules.await), &mut denied)?);
        }
        known.mappings.extend(of_name.iter().cloned());
        let content = &mut shared.known().content;
        if let Some(error) = denied {
            let kept = content.denied.entry(name()).or_default();
            kept.0.note(Some(&error));
            kept.1 = of_name;
            known.unread.push((name(), error));
        } else {
            content.denied.remove(&domain.name);
            content.part.insert(name(), (began, of_name));
        }
    }
    Ok(known)
}

/// What was read; where only a person can have it read, why is left in `denied`, and the other names are read all the same.
fn unless_denied(
    found: Result<Vec<Mapping>, CloudError>,
    denied: &mut Option<CloudError>,
) -> Result<Vec<Mapping>, CloudError> {
    match found {
        Err(error) if error.kind.needs_person() => {
            *denied = Some(error);
            Ok(vec![])
        }
        found => found,
    }
}

/// What a domain name leads to, unless it was deleted since it was listed.
fn unless_gone(found: Result<Vec<Mapping>, CloudError>) -> Result<Vec<Mapping>, CloudError> {
    match found {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(vec![]),
        found => found,
    }
}
