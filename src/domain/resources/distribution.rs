//! The CloudFront distribution.

use crate::domain::xml::Element;
use serde::Serialize;

/// A row of `ListDistributions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Listed {
    pub id: String,
    pub arn: String,
    pub domain_name: String,
    pub etag: String,
    /// `InProgress` or `Deployed`.
    pub status: String,
    pub enabled: bool,
    pub comment: String,
    pub web_acl_arn: String,
    pub aliases: Vec<String>,
    /// (domain, path) of each origin.
    pub origins: Vec<(String, String)>,
    /// ARNs of the function versions on the default behaviour.
    pub functions: Vec<String>,
}

/// What `GetDistribution` and the writing operations answer.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Content {
    pub id: String,
    pub arn: String,
    pub domain_name: String,
    pub etag: String,
    /// `InProgress` or `Deployed`.
    pub status: String,
    /// The raw `DistributionConfig` element.
    pub config: Element,
}
