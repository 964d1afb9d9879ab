//! A function and its versions.

use super::super::clock;
use super::permissions::Accepted;
use palisade::domain::kernel::identity::Tags;
use palisade::domain::signer::function::{Configuration, Settings, State};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// A function.
#[derive(Clone)]
pub struct Function {
    pub arn: String,
    pub latest: Version,
    pub published: BTreeMap<u32, Version>,
    pub tags: Tags,
    /// Whether it was made for the edge, and not to be an authorizer.
    pub for_edge: bool,
    /// What API Gateway may invoke it for, by statement.
    pub permissions: BTreeMap<String, String>,
    pub(super) highest: u32,
}

/// `$LATEST` or a published version.
#[derive(Clone)]
pub struct Version {
    pub number: Option<u32>,
    pub settings: Settings,
    pub code_sha256: String,
    /// Of an authorizer: what its code accepts, and what it accepts until an update is done.
    pub(super) accepted: [Option<Accepted>; 2],
    pub(super) active_at: Instant,
    pub(super) updated_at: Instant,
    /// Until it is Active and its update is done, and from then on: a change of state is a revision of its own.
    pub(super) revisions: [String; 2],
}

impl Version {
    pub fn state(&self) -> State {
        if clock::now() >= self.active_at {
            State::Active
        } else {
            State::Pending
        }
    }

    pub(super) fn updating(&self) -> bool {
        self.state() == State::Active && clock::now() < self.updated_at
    }

    /// What its code, as it is in force, accepts.
    pub(super) fn accepted(&self) -> Option<&Accepted> {
        let [next, current] = &self.accepted;
        if self.updating() {
            current.as_ref()
        } else {
            next.as_ref()
        }
    }

    /// Replaces the code.
    pub fn set_code(&mut self, code_sha256: String, accepted: Option<Accepted>) {
        let current = self.accepted().cloned();
        self.code_sha256 = code_sha256;
        self.accepted = [accepted, current];
    }

    pub(super) fn revision_at(&self, when: Instant) -> &str {
        let [before, after] = &self.revisions;
        if when < self.active_at.max(self.updated_at) {
            before
        } else {
            after
        }
    }
}

impl Function {
    pub fn name(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }

    pub fn region(&self) -> &str {
        self.arn.split(':').nth(3).unwrap_or_default()
    }

    pub(super) fn version(&self, number: Option<&str>) -> Option<&Version> {
        match number {
            None | Some("$LATEST") => Some(&self.latest),
            Some(number) => self.published.get(&number.parse().ok()?),
        }
    }

    pub(super) fn configuration(&self, version: &Version) -> Configuration {
        let state = version.state();
        Configuration {
            name: self.name().to_owned(),
            arn: version
                .number
                .map_or_else(|| self.arn.clone(), |number| format!("{}:{number}", self.arn)),
            version: version
                .number
                .map_or_else(|| "$LATEST".to_owned(), |number| number.to_string()),
            settings: version.settings.clone(),
            code_sha256: version.code_sha256.clone(),
            revision: version.revision_at(clock::now()).to_owned(),
            state,
            state_reason: (state == State::Pending).then(|| "The function is being created.".to_owned()),
            updating: version.updating(),
        }
    }

    /// Lists do not tell the state, and the revision is that of `when`.
    pub(super) fn listed(&self, version: &Version, when: Instant) -> Configuration {
        Configuration {
            revision: version.revision_at(when).to_owned(),
            state: State::Unknown,
            state_reason: None,
            updating: false,
            ..self.configuration(version)
        }
    }
}
