//! The truststore's object in S3: what is read of it, and how it is written.

use super::pair::certificates;
use crate::domain::kernel::hash::short;
use crate::domain::kernel::observing::Fingerprint;
use std::collections::BTreeSet;

/// The object as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The version that was read; `None` where the bucket keeps no versions.
    pub version: Option<String>,
    /// Its content; `None` where there is no such object.
    pub content: Option<String>,
    /// Whether the bucket keeps versions.
    pub is_versioned: bool,
    /// The bucket's Region.
    pub region: String,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Put {
        region: String,
        bucket: String,
        key: String,
        content: String,
    },
    /// All versions of the object.
    Delete {
        region: String,
        bucket: String,
        key: String,
    },
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        short(&self.version)
    }
}

impl Observed {
    /// The CAs in it.
    #[must_use]
    pub fn cas(&self) -> BTreeSet<String> {
        let content = self.content.as_deref().unwrap_or_default();
        certificates(content).into_iter().collect()
    }
}
