//! What is declared of this mode, with what follows from it.

use crate::api::{Enforcement, OriginType};
use crate::domain::access::asked::Gate;
use crate::domain::kernel::identity::{Owner, Tags};
use serde::Serialize;
use std::time::Duration;

/// The baseline of `spec.access.rotationPeriod` in this mode: 40 days.
pub const ROTATION_PERIOD: Duration = Duration::from_hours(960);
/// How long a client certificate is valid. ACM tells people of each that has 45 days left; one that is renewed at 40 days, and a month
/// late, has 50.
pub const LIFE: Duration = Duration::from_hours(120 * 24);

/// What is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// The API and its stage.
    pub gate: Gate,
    /// Whether the default endpoint is switched off, or the way only built.
    pub enforcement: Enforcement,
    /// The origin's name.
    pub origin_domain: String,
    /// Id of the hosted zone that its records are in.
    pub hosted_zone_id: String,
    /// The bucket of the truststore, in the API's Region.
    pub bucket: String,
    /// The truststore's key in it.
    pub key: String,
    /// ARN of a public certificate of the team's that covers the origin's name; one is requested where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_arn: Option<String>,
    /// Whether other stages of the API may lose the default endpoint.
    pub for_all_stages: bool,
    /// Path of the mapping: empty, or the stage, where viewers write it themselves.
    pub mapping_key: String,
    /// What CloudFront puts before a viewer's path on the way to the custom domain name.
    pub origin_path: String,
    /// How old a client certificate may become.
    #[serde(skip)]
    pub rotation_period: Duration,
    /// Hash of the annotation that asks for another certificate.
    #[serde(skip)]
    pub rotate: Option<String>,
    /// Whether probes are sent.
    pub probes: bool,
    /// Tags of all that is made.
    pub tags: Tags,
}

impl Desired {
    /// Whether it is a REST API, whose settings take effect with the next change of a stage.
    #[must_use]
    pub fn is_rest(&self) -> bool {
        self.gate.r#type == OriginType::Rest
    }

    /// Where the truststore is, as API Gateway takes it.
    #[must_use]
    pub fn truststore_uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}
