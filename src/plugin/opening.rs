//! The commands that open an API again by hand, with the ids of one object: they are printed, and nobody runs them here.
//! `docs/access-modes.md` has them with words in the places of the ids.

mod steps;

use super::read::{Unreadable, read};
use crate::api::{AccessMode, ProtectedApi};
use crate::domain::kernel::endpoint::region_and_id;
use serde::Serialize;
use steps::Opened;

/// Why there are no commands.
#[derive(Debug, thiserror::Error)]
pub enum Unopenable {
    /// The object is of another version.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It does not say which API it is for.
    #[error(
        "spec.origin.endpoint {0} is no default endpoint of API Gateway, so it does not say which API to open"
    )]
    Endpoint(String),
}

/// What opens an API, in its order.
#[derive(Serialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Opening {
    /// Which API, which lock, and what to think of first.
    pub notes: Vec<String>,
    /// The steps, for one shell: later ones use what earlier ones set.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Serialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What it does, or when it is needed.
    pub what: String,
    /// Its commands. Without any, there is nothing to run.
    pub commands: Vec<String>,
    /// Whether a person has to decide or to fill something in first, as `what` says: the script has it as a comment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
}

impl Opening {
    /// What opens the API of `object`, as the API server has it, of the cluster of `context` where one was named.
    ///
    /// # Errors
    /// [`Unopenable`].
    pub fn of(object: &serde_json::Value, context: Option<&str>) -> Result<Self, Unopenable> {
        let object = read(object)?.object;
        let endpoint = &object.spec.origin.endpoint;
        let (region, id) = region_and_id(endpoint).ok_or_else(|| Unopenable::Endpoint(endpoint.clone()))?;
        let opened = Opened {
            object: &object,
            context,
            region,
            id,
            mode: mode_of_methods(&object),
            with_endpoint: mode(&object) == AccessMode::MutualTls || is_endpoint_off(&object),
        };
        Ok(Self {
            notes: opened.notes(),
            steps: opened.steps(),
        })
    }

    /// The same as a script for a shell.
    #[must_use]
    pub fn script(&self) -> String {
        let mut script: String = self.notes.iter().map(|note| commented(note)).collect();
        for step in &self.steps {
            script += "\n";
            script += &commented(&step.what);
            for command in &step.commands {
                if step.by_hand {
                    script += &commented(command);
                } else {
                    script += command;
                    script += "\n";
                }
            }
        }
        script
    }
}

fn commented(text: &str) -> String {
    text.lines().flat_map(|line| ["# ", line, "\n"]).collect()
}

/// The mode in which the stage was last read to be locked; else the one that goes on, or is asked for.
fn mode(object: &ProtectedApi) -> AccessMode {
    let status = object.status.as_ref().and_then(|status| status.access.as_ref());
    let locked = status.and_then(|access| access.locked_mode);
    let asked = object.spec.access.as_ref().and_then(|access| access.mode);
    locked.or(held(object)).or(asked).unwrap_or_default()
}

/// The mode that goes on in the place of the declared one, or beside it.
fn held(object: &ProtectedApi) -> Option<AccessMode> {
    let status = object.status.as_ref().and_then(|status| status.access.as_ref());
    status
        .and_then(|access| access.held_mode.as_ref())
        .map(|held| held.mode)
}

/// Beside a client certificate the methods are locked by the mode before, as long as that goes on.
fn mode_of_methods(object: &ProtectedApi) -> AccessMode {
    match mode(object) {
        AccessMode::MutualTls => held(object).unwrap_or(AccessMode::MutualTls),
        mode => mode,
    }
}

/// Whether the API's default endpoint was last read to be switched off.
fn is_endpoint_off(object: &ProtectedApi) -> bool {
    let status = object.status.as_ref().and_then(|status| status.access.as_ref());
    let mutual_tls = status.and_then(|access| access.mutual_tls.as_ref());
    mutual_tls.is_some_and(|known| known.default_endpoint_off)
}

/// Whether status says that the object has locked this stage.
fn is_locked(object: &ProtectedApi) -> bool {
    let status = object.status.as_ref().and_then(|status| status.access.as_ref());
    status.is_some_and(|access| access.locked_stage.as_ref() == Some(&object.spec.origin.stage))
}

#[cfg(test)]
mod tests;
