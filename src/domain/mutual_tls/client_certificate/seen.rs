//! A client certificate as it is read, the calls that change it, and its tags.

use crate::domain::edge::certificate;
use crate::domain::kernel::hash as hashes;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Fingerprint;
use crate::domain::kernel::tagging::TagCall;
use crate::domain::mutual_tls::pair::{Pair, certificates};

pub use certificate::Listed;

/// Hash of the annotation that asked for the certificate, as a tag.
pub const TAG_ROTATE: &str = "palisade.dev/rotate";
/// Hash of the certificate that was imported, as a tag.
pub const TAG_LEAF: &str = "palisade.dev/certificate";
/// Hash of the truststore's version that API Gateway used when the certificate was proven, as a tag.
pub const TAG_TRUSTSTORE: &str = "palisade.dev/truststore";

/// A client certificate as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What ACM says of it.
    pub content: certificate::Content,
    /// The certificate, PEM.
    pub leaf: String,
    /// The CA that signed it, PEM.
    pub ca: String,
    /// Its tags.
    pub tags: Tags,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Import { pair: Box<Pair>, tags: Tags },
    Tag(TagCall),
    Delete { arn: String },
}

/// Whether ACM still has what was imported under this ARN, and no other.
#[must_use]
pub fn is_as_imported(found: &Observed) -> bool {
    found.tags.get(TAG_LEAF) == Some(&leaf_hash(&found.leaf))
}

/// Whether somebody imported another under this ARN: whoever has its key is none of ours, and its CA is to be accepted by nobody.
#[must_use]
pub fn was_replaced(found: &Observed) -> bool {
    found.tags.contains_key(TAG_LEAF) && !is_as_imported(found)
}

/// Hash of a certificate, whoever broke its lines.
pub(in crate::domain::mutual_tls) fn leaf_hash(pem: &str) -> String {
    let first = certificates(pem).into_iter().next();
    let text = first.as_deref().unwrap_or(pem);
    let plain: String = text.split_whitespace().collect();
    hashes::short(&plain)
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hashes::short(&self.content.arn)
    }
}
