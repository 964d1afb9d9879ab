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
    /// What of the bucket matters; one that is not there has no truststore either.
    pub bucket: Bucket,
    /// The Region in which it was looked for: the API's.
    pub region: String,
}

/// Whether a bucket can have a truststore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// It can.
    Fit,
    /// It keeps no versions.
    Unversioned,
    /// It is in another Region than the API.
    Elsewhere,
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
