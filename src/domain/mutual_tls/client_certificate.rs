//! The certificate that CloudFront shows to its origin: imported into ACM in us-east-1, and read back from there.

use crate::domain::edge::certificate;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Fingerprint;
use crate::domain::kernel::tagging::TagCall;
use crate::domain::mutual_tls::pair::Pair;

pub use certificate::Listed;

/// Hash of the annotation that asked for the certificate, as a tag.
pub const TAG_ROTATE: &str = "palisade.dev/rotate";

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

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&self.content.arn)
    }
}
