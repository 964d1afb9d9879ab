//! Web ACLs and IP sets as WAF's lists show them.

use crate::domain::kernel::hash;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Fingerprint;
use serde::{Deserialize, Serialize};

/// Identity and lock token of a web ACL or IP set, as lists and creations answer them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Entity {
    pub id: String,
    pub name: String,
    pub arn: String,
    pub lock_token: String,
}

/// A web ACL or IP set as the lists show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Listed {
    /// Identity and lock token.
    pub entity: Entity,
    /// Its tags, where the tagging service has them.
    pub tags: Option<Tags>,
}

impl Fingerprint for Entity {
    fn fingerprint(&self) -> String {
        hash::short(&self.lock_token)
    }
}

impl Fingerprint for Listed {
    fn fingerprint(&self) -> String {
        self.entity.fingerprint()
    }
}
