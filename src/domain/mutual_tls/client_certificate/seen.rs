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
    Import {
        pair: Box<Pair>,
        tags: Tags,
        /// Whether those before it are to be accepted no more once viewers come by it.
        shuts_out_former: bool,
    },
    Tag(TagCall),
    Delete {
        arn: String,
    },
}

/// Whether ACM has the certificate that the tags were written with. Whoever writes tags can make it so: it counts only where status
/// has lost what it recorded.
#[must_use]
pub fn is_as_imported(found: &Observed) -> bool {
    found.tags.get(TAG_LEAF) == Some(&leaf_hash(&found.leaf))
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
