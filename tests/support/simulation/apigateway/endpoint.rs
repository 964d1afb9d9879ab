//! The default endpoint of an API: a REST API serves the switch with the next change of any stage, an HTTP API at once where a stage
//! deploys by itself.

use super::super::SimulatedCloud;
use super::super::account::Account;
use super::super::clock;
use super::super::refusal::Outcome;
use super::{Api, bad, unknown};

impl Api {
    /// Whether the default endpoint is switched off, as requests meet it.
    pub(super) fn is_endpoint_off(&self) -> bool {
        let now = clock::now();
        let effective = self.effective.iter().rev().find(|(since, _)| *since <= now);
        effective.is_some_and(|(_, is_off)| *is_off)
    }
}

impl Account {
    pub fn switch_endpoint(&mut self, (region, id): (&str, &str), rest: bool, off: bool) -> Outcome<()> {
        let since = clock::now() + self.settings.stage_propagation;
        let api = self.api_mut(region, id, rest)?;
        api.observed.default_endpoint_disabled = off;
        if api.stages.values().any(|stage| stage.auto_deploy) {
            api.effective.push((since, off));
        }
        Ok(())
    }

    /// Writes what a stage says of itself. A change of any stage makes a switch effective.
    pub fn describe_stage(
        &mut self,
        (region, id, rest): (&str, &str, bool),
        stage: &str,
        description: String,
    ) -> Outcome<()> {
        let since = clock::now() + self.settings.stage_propagation;
        let publishes_anyhow = self.settings.unchanged_stage_publishes;
        let empty = self.settings.empty_description;
        let api = self.api_mut(region, id, rest)?;
        let found = api.stages.get_mut(stage).ok_or_else(|| unknown("stage"))?;
        let description = match (description.is_empty(), empty) {
            (true, "refused") => return Err(bad("Invalid value for /description")),
            (true, "ignored") => found.description.clone(),
            _ => description,
        };
        let is_change = found.description != description;
        found.description = description;
        if is_change || publishes_anyhow {
            api.effective
                .push((since, api.observed.default_endpoint_disabled));
        }
        Ok(())
    }
}

impl SimulatedCloud {
    /// What a stage says of itself.
    pub fn description_of(&self, id: &str, stage: &str) -> String {
        let account = &self.lock().account;
        let mut all = account.apis.all.iter();
        let (_, api) = all.find(|((_, known), _)| known == id).expect("no such API");
        api.stages.get(stage).expect("no such stage").description.clone()
    }

    /// Somebody writes what a stage says of itself.
    pub fn set_description(&self, id: &str, stage: &str, description: &str) {
        let account = &mut self.lock().account;
        let mut all = account.apis.all.iter_mut();
        let (_, api) = all.find(|((_, known), _)| known == id).expect("no such API");
        let found = api.stages.get_mut(stage).expect("no such stage");
        description.clone_into(&mut found.description);
    }

    /// The API's team chooses another security policy.
    pub fn set_security_policy(&self, id: &str, policy: Option<&str>) {
        let account = &mut self.lock().account;
        let mut all = account.apis.all.iter_mut();
        let (_, api) = all.find(|((_, known), _)| known == id).expect("no such API");
        api.observed.security_policy = policy.map(ToOwned::to_owned);
        api.observed.endpoint_access_mode = None;
    }
}
