//! Stages as they are listed, and custom domain names.

use super::super::SimulatedCloud;
use super::super::account::Account;
use super::super::history;
use super::super::refusal::Outcome;
use super::unknown;
use palisade::aws::cloud::Page;
use palisade::domain::resources::other_doors::{Mapping, NamedStage};

impl SimulatedCloud {
    /// A custom domain name leads to a stage of an API.
    pub fn map_domain(&self, domain: &str, path: &str, api: &str, stage: &str) {
        let account = &mut self.lock().account;
        let (region, _) = account.key_of(api);
        account.map_domain(&region, domain, path, api, stage);
    }
}

impl Account {
    pub(super) fn map_domain(&mut self, region: &str, domain: &str, path: &str, api: &str, stage: &str) {
        let mapping = Mapping {
            domain: domain.to_owned(),
            path: path.to_owned(),
            api_id: api.to_owned(),
            stage: stage.to_owned(),
        };
        let key = (region.to_owned(), domain.to_owned());
        self.apis.domains.entry(key).or_default().push(mapping);
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
                stage: stage.observed(),
            };
            (name.clone(), stage)
        });
        Ok(named.collect())
    }

    pub fn list_domain_names(&self, region: &str, marker: Option<&str>) -> Page<String> {
        let names = self.apis.domains.keys().filter(|(found, _)| found == region);
        let names = names.map(|(_, name)| (name.clone(), name.clone())).collect();
        history::page(names, marker, self.page_size(100))
    }

    pub fn list_api_mappings(
        &self,
        region: &str,
        domain: &str,
        marker: Option<&str>,
    ) -> Outcome<Page<Mapping>> {
        let key = (region.to_owned(), domain.to_owned());
        let found = self
            .apis
            .domains
            .get(&key)
            .ok_or_else(|| unknown("domain name"))?;
        let rows = found.iter().enumerate();
        let rows = rows
            .map(|(at, mapping)| (format!("{at:05}"), mapping.clone()))
            .collect();
        Ok(history::page(rows, marker, self.page_size(100)))
    }
}
