//! Stages as they are listed, and custom domain names.

use super::super::SimulatedCloud;
use super::super::account::Account;
use super::super::history;
use super::super::refusal::Outcome;
use super::domain_names::Made;
use palisade::aws::cloud::Page;
use palisade::domain::access::obstacles::other_doors::{DomainName, Mapping, NamedStage};
use std::collections::BTreeMap;

/// A routing rule of a custom domain name, and the name's routing mode.
#[derive(Debug, Clone)]
pub struct RoutingRule {
    pub domain: &'static str,
    pub mode: &'static str,
    pub priority: u32,
    /// Empty: any.
    pub path: &'static str,
    pub stage: &'static str,
}

/// A custom domain name.
#[derive(Clone, Default)]
pub struct Domain {
    pub mode: Option<String>,
    /// By id.
    pub mappings: BTreeMap<String, Mapping>,
    rules: Vec<Mapping>,
    /// What somebody made it of, by calls.
    pub made: Option<Made>,
}

/// API Gateway's own domain name for a custom one.
pub fn target(region: &str, name: &str) -> String {
    let hex: Vec<String> = name.bytes().take(5).map(|byte| format!("{byte:02x}")).collect();
    format!("d-{}.execute-api.{region}.amazonaws.com", hex.concat())
}

impl SimulatedCloud {
    /// A routing rule of a custom domain name leads to a stage of an API.
    pub fn route_domain(&self, rule: &RoutingRule, api: &str) {
        let account = &mut self.lock().account;
        let (region, _) = account.key_of(api);
        account.route_domain(&region, rule, api);
    }

    /// A custom domain name leads to a stage of an API.
    pub fn map_domain(&self, domain: &str, path: &str, api: &str, stage: &str) {
        let account = &mut self.lock().account;
        let (region, _) = account.key_of(api);
        account.map_domain(&region, domain, path, api, stage);
    }

    /// A custom domain name leads nowhere any more.
    pub fn unmap_domain(&self, domain: &str) {
        let domains = &mut self.lock().account.apis.domains;
        domains.retain(|(_, name), _| name != domain);
    }
}

impl Account {
    /// Answers the mapping's id.
    pub(super) fn map_domain(
        &mut self,
        region: &str,
        domain: &str,
        path: &str,
        api: &str,
        stage: &str,
    ) -> String {
        let id = self.apis.next_id('m');
        let mapping = Mapping {
            domain: domain.to_owned(),
            path: path.to_owned(),
            rule: None,
            api_id: api.to_owned(),
            stage: stage.to_owned(),
        };
        let key = (region.to_owned(), domain.to_owned());
        let domain = self.apis.domains.entry(key).or_default();
        domain.mappings.insert(id.clone(), mapping);
        id
    }

    pub(super) fn route_domain(&mut self, region: &str, rule: &RoutingRule, api: &str) {
        let mapping = Mapping {
            domain: rule.domain.to_owned(),
            path: rule.path.to_owned(),
            rule: Some(rule.priority.to_string()),
            api_id: api.to_owned(),
            stage: rule.stage.to_owned(),
        };
        let key = (region.to_owned(), rule.domain.to_owned());
        let domain = self.apis.domains.entry(key).or_default();
        domain.mode = Some(rule.mode.to_owned());
        domain.rules.push(mapping);
    }

    pub fn list_rest_stages(&self, region: &str, id: &str) -> Outcome<Vec<NamedStage>> {
        Ok(self
            .named_stages(region, id, true)?
            .into_iter()
            .map(|(_, stage)| stage)
            .collect())
    }

    pub fn list_stages(&self, region: &str, id: &str, marker: Option<&str>) -> Outcome<Page<NamedStage>> {
        Ok(history::page(
            self.named_stages(region, id, false)?,
            marker,
            self.page_size(100),
        ))
    }

    fn named_stages(&self, region: &str, id: &str, rest: bool) -> Outcome<Vec<(String, NamedStage)>> {
        let stages = self.api(region, id, rest)?.stages.iter();
        let named = stages.map(|(name, stage)| {
            let stage = NamedStage {
                name: name.clone(),
                description: stage.description.clone(),
                stage: stage.observed(),
            };
            (name.clone(), stage)
        });
        Ok(named.collect())
    }

    pub fn list_domain_names(&self, region: &str, marker: Option<&str>) -> Page<DomainName> {
        let names = self.apis.domains.iter().filter(|((found, _), _)| found == region);
        let shown = |name: &String, domain: &Domain| DomainName {
            targets: vec![target(region, name)],
            truststore: domain.made.as_ref().and_then(Made::truststore_uri),
            ..DomainName::of(name.clone(), domain.mode.as_deref())
        };
        let names = names.map(|((_, name), domain)| (name.clone(), shown(name, domain)));
        history::page(names.collect(), marker, self.page_size(100))
    }

    pub fn list_api_mappings(
        &self,
        region: &str,
        domain: &str,
        marker: Option<&str>,
    ) -> Outcome<Page<Mapping>> {
        Ok(self.rows(self.domain(region, domain)?.mappings.values(), marker))
    }

    pub fn list_routing_rules(
        &self,
        region: &str,
        domain: &str,
        marker: Option<&str>,
    ) -> Outcome<Page<Mapping>> {
        Ok(self.rows(self.domain(region, domain)?.rules.iter(), marker))
    }

    fn rows<'a>(&self, found: impl Iterator<Item = &'a Mapping>, marker: Option<&str>) -> Page<Mapping> {
        let rows = found.enumerate();
        let rows = rows
            .map(|(at, mapping)| (format!("{at:05}"), mapping.clone()))
            .collect();
        history::page(rows, marker, self.page_size(100))
    }
}
