//! The default endpoint of an API: a REST API serves the switch with the next change of any stage, an HTTP API at once where a stage
//! deploys by itself.

use super::super::account::Account;
use super::super::clock;
use super::super::refusal::Outcome;
use super::Api;

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
}
