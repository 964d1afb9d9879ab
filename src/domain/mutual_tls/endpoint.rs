//! The API's default endpoint: switched off once the way through the custom domain name is proven, and on again at once where viewers
//! are refused.

use crate::domain::kernel::hash;
use crate::domain::kernel::observing::Fingerprint;
use jiff::Timestamp;

/// The default endpoint as API Gateway tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Whether it is switched off, as edited: a REST API serves that with the next change of a stage.
    pub is_off: bool,
    /// The deployment that the stage serves.
    pub deployment: Option<String>,
    /// HTTP: whether the stage deploys by itself.
    pub auto_deploy: bool,
    /// All stages of the API.
    pub stages: Vec<String>,
    /// When a stage was last touched by us so that the switch takes effect; known in the pass that did so.
    pub published_at: Option<Timestamp>,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    /// Switches it.
    Switch { off: bool },
    /// Touches the stage, so that the switch takes effect: nothing else changes.
    Publish { deployment: String },
    /// Writes the mark of the lock: a tag of the custom domain name.
    Mark { arn: String, mark: Option<Mark> },
}

/// The mark of the lock, as a tag of the custom domain name.
pub const TAG_LOCK: &str = "palisade.dev/endpoint";

/// What was done about the default endpoint so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What.
    pub step: Step,
    /// Since when.
    pub since: Timestamp,
    /// How often viewers were refused, or somebody switched it on again, in a row.
    pub count: u32,
}

/// What was done about the default endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Step {
    /// It is being switched off, and that is not proven.
    Trying,
    /// It is off, and both ways were proven.
    Locked,
    /// Viewers were refused: it is switched on again.
    Refused,
    /// It is on again; the next attempt waits.
    Back,
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&(self.is_off, &self.deployment))
    }
}
