//! The custom domain name as it is listed and read, and the calls that change it.

use crate::domain::kernel::hash;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Fingerprint;
use crate::domain::kernel::tagging::TagCall;
use jiff::Timestamp;

/// API Gateway's word for a domain name that serves.
pub const AVAILABLE: &str = "AVAILABLE";

/// The domain name as the tagging service shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its ARN: `arn:aws:apigateway:<region>::/domainnames/<name>`.
    pub arn: String,
    /// Its tags.
    pub tags: Option<Tags>,
}

/// What API Gateway says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The name.
    pub name: String,
    /// `AVAILABLE`, `UPDATING`, `PENDING_CERTIFICATE_REIMPORT`, `PENDING_OWNERSHIP_VERIFICATION`, `PENDING`, `FAILED`.
    pub status: String,
    /// API Gateway's own words to that.
    pub status_message: Option<String>,
    /// `REGIONAL` or `EDGE`.
    pub endpoint_type: String,
    /// `TLS_1_2` and the like.
    pub security_policy: String,
    /// ARN of its public certificate.
    pub certificate_arn: Option<String>,
    /// The truststore, `s3://…`; `None` where it asks for no certificate.
    pub truststore_uri: Option<String>,
    /// The truststore's version.
    pub truststore_version: Option<String>,
    /// What API Gateway minds about the truststore.
    pub warnings: Vec<String>,
    /// API Gateway's own name for it, to which DNS leads it: `d-….execute-api.<region>.amazonaws.com`.
    pub target: Option<String>,
    /// The hosted zone of that name.
    pub target_zone: Option<String>,
    /// `API_MAPPING_ONLY` and the like.
    pub routing_mode: String,
}

/// A mapping of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Its id.
    pub id: String,
    /// The path; empty at the root.
    pub key: String,
    /// The API.
    pub api_id: String,
    /// The API's stage.
    pub stage: String,
}

/// The domain name as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What API Gateway says of it.
    pub content: Content,
    /// Its mappings.
    pub mappings: Vec<Mapping>,
    /// Its tags.
    pub tags: Tags,
    /// When certificate or truststore were last changed by us; known in the pass that did so.
    pub changed_at: Option<Timestamp>,
}

/// What a domain name of ours is created with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// The name.
    pub name: String,
    /// ARN of its public certificate.
    pub certificate_arn: String,
    /// The truststore.
    pub truststore_uri: String,
    /// Its version.
    pub truststore_version: String,
    /// Tags.
    pub tags: Tags,
}

/// What is changed of it; API Gateway wants the whole configuration again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The name.
    pub name: String,
    /// ARN of its public certificate.
    pub certificate_arn: String,
    /// The truststore.
    pub truststore_uri: String,
    /// Its version.
    pub truststore_version: String,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create {
        region: String,
        creation: Creation,
    },
    Update {
        region: String,
        change: Change,
    },
    Map {
        region: String,
        domain: String,
        key: String,
        api_id: String,
        stage: String,
    },
    Unmap {
        region: String,
        domain: String,
        id: String,
    },
    Tag(TagCall),
    Delete {
        region: String,
        name: String,
    },
}

impl Fingerprint for Listed {
    fn fingerprint(&self) -> String {
        let name = self.arn.rsplit('/').next();
        hash::short(name.unwrap_or_default())
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        hash::short(&self.content.name)
    }
}
