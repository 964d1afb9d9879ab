//! Other doors of the API: stages besides the declared one, and custom domain names.
//!
//! They are told, not changed: a domain name that leads to the declared stage meets the stage's own authorization, and
//! another stage has a deployment of its own.

use super::access::{Authorization, CONNECT, Deployed, Desired, Observed};
use crate::api::{OriginType, OtherDoor, OtherDoorState, OtherDoorType};
use std::collections::{BTreeMap, BTreeSet};

/// As many as status holds.
pub const MOST: usize = 50;

/// A stage with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedStage {
    /// The stage's name.
    pub name: String,
    /// What it serves.
    pub deployment: Option<String>,
    /// HTTP and WebSocket: every change is live at once.
    pub auto_deploy: bool,
}

/// What a custom domain name leads to, or a path of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The domain name.
    pub domain: String,
    /// The base path; empty at the root.
    pub path: String,
    /// The API.
    pub api_id: String,
    /// The API's stage.
    pub stage: String,
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
    /// REST: what deployments ask for, by their id, as far as they were read.
    pub deployments: &'a BTreeMap<String, BTreeMap<String, Authorization>>,
    /// What custom domain names of the API's Region lead to.
    pub mappings: &'a [Mapping],
}

/// Stages that are nobody's, of which it has to be read what they ask for.
#[must_use]
pub fn unknown_deployments(
    desired: &Desired,
    stages: &[NamedStage],
    protected: &BTreeSet<String>,
) -> Vec<String> {
    if desired.gate.r#type != OriginType::Rest {
        return vec![];
    }
    let others = stages
        .iter()
        .filter(|stage| is_other(desired, protected, &stage.name));
    let ids: BTreeSet<String> = others.filter_map(|stage| stage.deployment.clone()).collect();
    ids.into_iter().take(MOST).collect()
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
            let state = if is_declared {
                self.declared()
            } else {
                *states.get(mapping.stage.as_str())?
            };
            Some(OtherDoor {
                r#type: OtherDoorType::DomainName,
                name: address(mapping),
                stage: mapping.stage.clone(),
                state,
            })
        }));
        doors.sort_by(|a, b| (a.state, a.r#type, &a.name).cmp(&(b.state, b.r#type, &b.name)));
        doors.truncate(MOST);
        doors
    }

    fn declared(&self) -> OtherDoorState {
        let is_meant = |(key, door): (&String, &Authorization)| self.is_meant(key) && is_open(door);
        match &self.found.deployed {
            Deployed::Unknown => OtherDoorState::Unknown,
            Deployed::Locked | Deployed::LockedOtherwise => OtherDoorState::Locked,
            Deployed::AsEdited => {
                let mut kept = self.found.kept(self.desired);
                of(kept.any(|door| is_open(&door.authorization)))
            }
            Deployed::Doors(served) => of(served.iter().any(is_meant)),
        }
    }

    fn state(&self, stage: &NamedStage) -> OtherDoorState {
        let Some(deployment) = &stage.deployment else {
            // Nothing was deployed to it, so it answers nobody.
            return OtherDoorState::Locked;
        };
        if stage.auto_deploy {
            let is_open = self
                .found
                .kept(self.desired)
                .any(|door| door.authorization.is_open());
            return of(is_open);
        }
        if self.found.stage.deployment.as_ref() == Some(deployment) {
            return self.declared();
        }
        match self.deployments.get(deployment) {
            Some(doors) => of(doors
                .iter()
                .any(|(key, door)| self.is_meant(key) && is_open(door))),
            None => OtherDoorState::Unknown,
        }
    }

    fn is_meant(&self, key: &str) -> bool {
        let is_web_socket = self.desired.gate.r#type == OriginType::WebSocket;
        !self.desired.exclude.contains(key) && (!is_web_socket || key == CONNECT)
    }
}

fn is_open(door: &Authorization) -> bool {
    door.is_open() && !door.api_key_required
}

fn of(is_open: bool) -> OtherDoorState {
    if is_open {
        OtherDoorState::Open
    } else {
        OtherDoorState::Locked
    }
}

fn address(mapping: &Mapping) -> String {
    match mapping.path.as_str() {
        "" => mapping.domain.clone(),
        path => format!("{}/{path}", mapping.domain),
    }
}
