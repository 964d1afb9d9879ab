//! Other doors of the API: stages besides the declared one, custom domain names, and distributions of others.
//!
//! They are told, not changed: a domain name or a distribution that leads to the declared stage meets the stage's own authorization, and
//! another stage has a deployment of its own.

use crate::api::{OriginType, OtherDoor, OtherDoorState, OtherDoorType};
pub use crate::domain::access::asked::NamedStage;
use crate::domain::access::asked::as_deployed::{Deployed, Served};
use crate::domain::access::asked::ways_in::InFront;
use crate::domain::access::asked::{CONNECT, Gate, Stage};
use crate::domain::access::authorization::{Desired, Observed};
use std::collections::{BTreeMap, BTreeSet};

/// As many as status holds.
pub const MOST: usize = 50;

/// How a mapping without a stage is told, and how API Gateway's console names it.
pub const ANY_STAGE: &str = "(none)";

fn is_any_stage(stage: &str) -> bool {
    stage.is_empty() || stage == ANY_STAGE
}

/// A custom domain name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainName {
    /// The name.
    pub name: String,
    /// Whether its base paths are asked where a request leads.
    pub has_mappings: bool,
    /// Whether its routing rules are asked.
    pub has_rules: bool,
    /// API Gateway's own domain names for it, to which DNS leads it, or an origin of a distribution.
    pub targets: Vec<String>,
    /// The truststore of the client certificates that it asks for, `s3://…`; `None` where it asks for none.
    pub truststore: Option<String>,
}

impl DomainName {
    /// The name, without targets, by its routing mode; a mode that is not known may ask both.
    #[must_use]
    pub fn of(name: String, mode: Option<&str>) -> Self {
        let mode = mode.unwrap_or("API_MAPPING_ONLY");
        Self {
            name,
            has_mappings: mode != "ROUTING_RULE_ONLY",
            has_rules: mode != "API_MAPPING_ONLY",
            targets: vec![],
            truststore: None,
        }
    }
}

/// What a custom domain name leads to, or a path of it, or a routing rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The domain name.
    pub domain: String,
    /// The base path; empty at the root.
    pub path: String,
    /// The priority of the routing rule that leads there, and what more it asks of a request.
    pub rule: Option<String>,
    /// The API.
    pub api_id: String,
    /// The API's stage.
    pub stage: String,
}

impl Mapping {
    /// Whether it leads to the stage of `gate`: also where it leaves the stage to the path.
    #[must_use]
    pub fn leads_to(&self, gate: &Gate) -> bool {
        self.api_id == gate.api_id && (self.stage == gate.stage || is_any_stage(&self.stage))
    }
}

/// The custom domain names that lead to the stage of `gate`.
#[must_use]
pub fn leading_to(gate: &Gate, mappings: &[Mapping]) -> BTreeSet<String> {
    let found = mappings.iter().filter(|mapping| mapping.leads_to(gate));
    found.map(|mapping| mapping.domain.clone()).collect()
}

/// Custom domain names that are edge-optimised: API Gateway's own name for such a one is that of a distribution. `targets` are
/// these names, by custom domain name.
#[must_use]
pub fn edge_optimised(targets: &BTreeMap<String, Vec<String>>) -> BTreeSet<String> {
    let is_of_edge = |target: &String| target.ends_with(".cloudfront.net");
    let found = targets
        .iter()
        .filter(|(_, targets)| targets.iter().any(is_of_edge));
    found.map(|(name, _)| name.clone()).collect()
}

/// Everything that is known of the API's doors besides the declared stage.
pub struct Others<'a> {
    /// Who should be let in at the declared stage.
    pub desired: &'a Desired,
    /// The declared stage.
    pub found: &'a Observed,
    /// Stages that other objects protect.
    pub protected: &'a BTreeSet<String>,
    /// All stages of the API.
    pub stages: &'a [NamedStage],
    /// What other stages and their canaries ask for as deployed, by the stage's name, as far as they were read.
    pub served: &'a BTreeMap<String, Vec<Deployed>>,
    /// What custom domain names of the API's Region lead to.
    pub mappings: &'a [Mapping],
    /// Distributions of others before the declared stage.
    pub distributions: &'a [InFront],
}

/// Stages that are nobody's, of which it has to be read what they ask for.
#[must_use]
pub fn unknown_stages<'a>(
    desired: &Desired,
    found: &Observed,
    stages: &'a [NamedStage],
    protected: &BTreeSet<String>,
) -> Vec<&'a NamedStage> {
    let others = stages
        .iter()
        .filter(|stage| is_other(desired, protected, &stage.name) && stage.stage.deployment.is_some());
    let is_unknown =
        |stage: &&NamedStage| !is_declared(found, &stage.stage) || stage.stage.own_canary().is_some();
    others.filter(is_unknown).collect()
}

/// Whether a stage serves the declared stage's deployment.
fn is_declared(found: &Observed, stage: &Stage) -> bool {
    stage.deployment.is_some() && stage.deployment == found.stage.deployment
}

fn is_other(desired: &Desired, protected: &BTreeSet<String>, stage: &str) -> bool {
    stage != desired.gate.stage && !protected.contains(stage)
}

impl Others<'_> {
    /// The doors, those first that stand open.
    #[must_use]
    pub fn doors(&self) -> Vec<OtherDoor> {
        let others = self
            .stages
            .iter()
            .filter(|stage| is_other(self.desired, self.protected, &stage.name));
        let states: BTreeMap<&str, OtherDoorState> = others
            .map(|stage| (stage.name.as_str(), self.state(stage)))
            .collect();
        let mut doors: Vec<OtherDoor> = states
            .iter()
            .map(|(name, state)| OtherDoor {
                r#type: OtherDoorType::Stage,
                name: (*name).to_owned(),
                stage: (*name).to_owned(),
                state: *state,
            })
            .collect();
        let ours = self
            .mappings
            .iter()
            .filter(|mapping| mapping.api_id == self.desired.gate.api_id);
        doors.extend(ours.filter_map(|mapping| {
            let is_declared = mapping.stage == self.desired.gate.stage;
            // Without a stage the first part of the path names it, so each may be meant.
            let is_any = is_any_stage(&mapping.stage);
            let state = if is_declared {
                self.declared()
            } else if is_any {
                states.values().copied().chain([self.declared()]).min()?
            } else {
                *states.get(mapping.stage.as_str())?
            };
            Some(OtherDoor {
                r#type: OtherDoorType::DomainName,
                name: address(mapping),
                stage: if is_any {
                    ANY_STAGE.to_owned()
                } else {
                    mapping.stage.clone()
                },
                state,
            })
        }));
        doors.extend(self.in_front());
        doors.sort_by(|a, b| (a.state, a.r#type, &a.name).cmp(&(b.state, b.r#type, &b.name)));
        doors.truncate(MOST);
        doors
    }

    /// Distributions of others before the declared stage: as open as that is. One that asks a custom domain name is no door of
    /// its own.
    fn in_front(&self) -> impl Iterator<Item = OtherDoor> {
        let others = self.distributions.iter();
        let others = others.filter(|found| found.asked_name().is_none());
        let names: BTreeSet<String> = others
            .map(|found| format!("{} ({})", found.domain_name, found.id))
            .collect();
        let (of_stage, state) = (self.desired.gate.stage.clone(), self.declared());
        names.into_iter().map(move |name| OtherDoor {
            r#type: OtherDoorType::Distribution,
            name,
            stage: of_stage.clone(),
            state,
        })
    }

    fn declared(&self) -> OtherDoorState {
        let canary = self.found.canary.iter();
        let states = canary
            .chain([&self.found.deployed])
            .map(|deployed| self.of(deployed));
        states.min().unwrap_or(OtherDoorState::Unknown)
    }

    fn state(&self, stage: &NamedStage) -> OtherDoorState {
        if stage.stage.deployment.is_none() {
            // Nothing was deployed to it, so it answers nobody.
            return OtherDoorState::Locked;
        }
        let declared = is_declared(self.found, &stage.stage).then_some(&self.found.deployed);
        let read = self.served.get(&stage.name).into_iter().flatten();
        let states = declared.into_iter().chain(read).map(|deployed| self.of(deployed));
        states.min().unwrap_or(OtherDoorState::Unknown)
    }

    fn of(&self, deployed: &Deployed) -> OtherDoorState {
        match deployed {
            Deployed::Unknown(_) | Deployed::CutShort(_) | Deployed::Outdated(_) => OtherDoorState::Unknown,
            Deployed::Routes(served) if self.is_open(served) => OtherDoorState::Open,
            Deployed::Nothing | Deployed::LockedOtherwise(_) | Deployed::Routes(_) => OtherDoorState::Locked,
        }
    }

    fn is_open(&self, served: &Served) -> bool {
        let is_web_socket = self.desired.gate.r#type == OriginType::WebSocket;
        // Without that route API Gateway lets everybody in.
        (is_web_socket && served.get(CONNECT).is_none())
            || served
                .iter()
                .any(|(key, route)| self.desired.is_kept(key) && route.is_open())
    }
}

/// What leads there, for people: the domain name, its base path, and the routing rule.
pub(in crate::domain) fn address(mapping: &Mapping) -> String {
    let rule = mapping
        .rule
        .as_ref()
        .map(|rule| format!(" by routing rule {rule}"));
    let address = match mapping.path.as_str() {
        "" => mapping.domain.clone(),
        path => format!("{}/{path}", mapping.domain),
    };
    format!("{address}{}", rule.unwrap_or_default())
}
