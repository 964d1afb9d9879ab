//! API Gateway: what is read of the APIs.

use super::account::Account;
use super::refusal::{Outcome, Refusal};
use palisade::domain::resources::api::Observed;
use std::collections::{BTreeMap, BTreeSet};

/// APIs by Region and id.
#[derive(Default)]
pub struct Store {
    pub all: BTreeMap<(String, String), Api>,
}

/// An API with its stages.
#[derive(Debug, Clone)]
pub struct Api {
    pub observed: Observed,
    pub stages: BTreeSet<String>,
}

/// An API that exists before the controller comes.
#[derive(Debug, Clone)]
pub struct Preloaded {
    pub region: &'static str,
    pub id: &'static str,
    /// `REST`, `HTTP` or `WEBSOCKET`.
    pub protocol: &'static str,
    pub stages: &'static [&'static str],
    /// Of a REST API.
    pub endpoint_type: &'static str,
    pub default_endpoint_disabled: bool,
}

impl Preloaded {
    /// A Regional REST API with one stage.
    pub fn rest(region: &'static str, id: &'static str, stage: &'static [&'static str]) -> Self {
        Self {
            region,
            id,
            protocol: "REST",
            stages: stage,
            endpoint_type: "REGIONAL",
            default_endpoint_disabled: false,
        }
    }

    pub fn http(region: &'static str, id: &'static str, stage: &'static [&'static str]) -> Self {
        Self {
            protocol: "HTTP",
            ..Self::rest(region, id, stage)
        }
    }

    pub fn websocket(region: &'static str, id: &'static str, stage: &'static [&'static str]) -> Self {
        Self {
            protocol: "WEBSOCKET",
            ..Self::rest(region, id, stage)
        }
    }
}

impl Account {
    pub fn preload_api(&mut self, api: &Preloaded) {
        let endpoint_types = if api.protocol == "REST" {
            vec![api.endpoint_type.to_owned()]
        } else {
            vec![]
        };
        let observed = Observed {
            protocol: api.protocol.to_owned(),
            endpoint_types,
            default_endpoint_disabled: api.default_endpoint_disabled,
        };
        let stages = api.stages.iter().map(ToString::to_string).collect();
        self.apis.all.insert(
            (api.region.to_owned(), api.id.to_owned()),
            Api { observed, stages },
        );
    }

    pub fn rest_api(&self, region: &str, id: &str) -> Outcome<&Api> {
        self.api(region, id)
            .filter(|api| api.observed.protocol == "REST")
            .ok_or_else(|| {
                Refusal::new(
                    "NotFoundException",
                    format!("Invalid API identifier specified {id}"),
                )
            })
    }

    pub fn rest_stage(&self, region: &str, id: &str, stage: &str) -> Outcome<()> {
        let known = self.rest_api(region, id)?.stages.contains(stage);
        known
            .then_some(())
            .ok_or_else(|| Refusal::new("NotFoundException", "Invalid stage identifier specified"))
    }

    pub fn http_api(&self, region: &str, id: &str) -> Outcome<&Api> {
        self.api(region, id)
            .filter(|api| api.observed.protocol != "REST")
            .ok_or_else(|| {
                Refusal::new(
                    "NotFoundException",
                    format!("Invalid API identifier specified {id}"),
                )
            })
    }

    pub fn http_stage(&self, region: &str, id: &str, stage: &str) -> Outcome<()> {
        let known = self.http_api(region, id)?.stages.contains(stage);
        known
            .then_some(())
            .ok_or_else(|| Refusal::new("NotFoundException", "Invalid stage identifier specified"))
    }

    fn api(&self, region: &str, id: &str) -> Option<&Api> {
        self.apis.all.get(&(region.to_owned(), id.to_owned()))
    }
}
