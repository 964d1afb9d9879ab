//! What is set on a function besides its code, and what others put on it.

use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Pass;
use crate::domain::kernel::planning::{Id, Kind};
use serde::{Deserialize, Serialize};

/// The newest runtime that Lambda@Edge takes.
pub const RUNTIME: &str = "nodejs24.x";
const HANDLER: &str = "index.handler";
/// Seconds: signing takes milliseconds, so a slow invocation is a broken one.
const TIMEOUT: i32 = 5;
/// MiB: a body of 1 MB arrives as base64 within the event.
const MEMORY: i32 = 128;

/// What can be set besides the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// ARN of the execution role.
    pub role: String,
    /// Such as `nodejs24.x`.
    pub runtime: String,
    /// Such as `index.handler`.
    pub handler: String,
    /// Seconds; an origin-request function may take 30.
    pub timeout: i32,
    /// MiB.
    pub memory: i32,
    /// For people who read Lambda's console.
    pub description: String,
    /// What others have put on it; in an update, what is to be taken off.
    #[serde(flatten)]
    pub foreign: Foreign,
}

impl Settings {
    /// What is ours of them.
    #[must_use]
    pub fn without_foreign(&self) -> Self {
        Self {
            foreign: Foreign::default(),
            ..self.clone()
        }
    }

    /// Whether they are as wanted, or as Lambda has made of what was sent in fields that decide nothing: what signs, as whom,
    /// and what others have put on it is never left as it is.
    #[must_use]
    pub fn are_as_wanted(&self, wanted: &Self, pass: &Pass) -> bool {
        let harmless = Self {
            runtime: self.runtime.clone(),
            timeout: self.timeout,
            memory: self.memory,
            description: self.description.clone(),
            ..wanted.clone()
        };
        self == wanted || (*self == harmless && pass.has_come_to(&Id::of(Kind::Function), wanted, self))
    }
}

/// What a function of ours never has, and what makes CloudFront refuse a version: instruments of an organisation, say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Foreign {
    /// ARNs of layers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<String>,
    /// Names of environment variables; their values may be secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// Ids of subnets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subnets: Vec<String>,
    /// ARN of a queue or topic for events that failed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dead_letters: String,
    /// Whether X-Ray traces it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tracing: bool,
}

/// What should be set on the function of `owner`, given its role.
#[must_use]
pub fn settings(owner: &Owner, role_arn: &str) -> Settings {
    Settings {
        role: role_arn.to_owned(),
        runtime: RUNTIME.to_owned(),
        handler: HANDLER.to_owned(),
        timeout: TIMEOUT,
        memory: MEMORY,
        description: format!("Palisade: signs requests for {}", owner.made_for().object()),
        foreign: Foreign::default(),
    }
}

/// The update that makes `found` what is wanted.
pub(in crate::domain) fn updated(wanted: &Settings, found: &Settings) -> Settings {
    Settings {
        foreign: found.foreign.clone(),
        ..wanted.clone()
    }
}
