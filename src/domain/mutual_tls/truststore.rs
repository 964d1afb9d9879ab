//! The truststore: an object of S3 with one CA for each client certificate that is accepted.

use crate::domain::kernel::observing::Fingerprint;

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
        crate::domain::kernel::hash::short(&self.version)
    }
}
