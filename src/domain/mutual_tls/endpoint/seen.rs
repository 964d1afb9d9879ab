//! The default endpoint as it is read, and the calls that change it.

use super::mark::Mark;
use crate::domain::kernel::hash;
use crate::domain::kernel::observing::Fingerprint;
use crate::domain::kernel::planning::{Id, Kind};
use jiff::Timestamp;

/// The default endpoint as API Gateway tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Observed {
    /// Whether it is switched off, as edited: a REST API serves that with the next change of a stage.
    pub is_off: bool,
    /// The deployment that the stage serves.
    pub deployment: Option<String>,
    /// HTTP: whether the stage deploys by itself.
    pub auto_deploy: bool,
    /// All stages of the API.
    pub stages: Vec<String>,
    /// What the stage says of itself; empty where it says nothing.
    pub description: String,
    /// REST: the API's security policy, which counts at custom domain names, too.
    pub security_policy: Option<String>,
    /// REST: `STRICT` or `BASIC`, with an enhanced security policy.
    pub endpoint_access_mode: Option<String>,
    /// When a stage was last touched by us so that the switch takes effect; known in the pass that did so, until it is switched anew.
    pub published_at: Option<Timestamp>,
    /// Whether it was switched in this pass, and then whether off.
    pub switched_off: Option<bool>,
    /// Whether the last touches of the stage had no effect, and the next one waits.
    pub rests: bool,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    /// Switches it.
    Switch { off: bool },
    /// Gives the stage what it has, so that the switch takes effect: nothing else changes.
    Publish { deployment: String },
    /// Changes what the stage says of itself, there and back to `description`, so that the switch takes effect; only back, where that is
    /// begun.
    Touch { description: String, is_begun: bool },
    /// Writes the mark of the lock: a tag of the custom domain name.
    Mark { arn: String, mark: Option<Mark> },
}

pub(super) fn id() -> Id {
    Id::of(Kind::Endpoint)
}

/// To be read: by which custom domain names others' locks hang on the default endpoint being off. All objects of a Region share that.
#[must_use]
pub fn others_read() -> Id {
    Id {
        kind: Kind::Endpoint,
        part: "others".to_owned(),
    }
}

/// To be read: which distributions of the account lead viewers to it. All objects share the list.
#[must_use]
pub fn comers_read() -> Id {
    Id {
        kind: Kind::Endpoint,
        part: "comers".to_owned(),
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&(self.is_off, &self.deployment))
    }
}
