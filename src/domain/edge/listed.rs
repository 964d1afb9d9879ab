//! Distributions as the lists show them.

use super::config::settings_of;
use super::detours::Behaviours;
use super::distribution::Content;
use super::xml;
use crate::api::DetoursStatus;
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
    /// Whether it is a staging copy of another: it serves viewers only of that one, and only what a policy sends it.
    pub is_staging: bool,
    pub comment: String,
    pub web_acl_arn: String,
    pub aliases: Vec<String>,
    /// Of ACM; none where CloudFront's own certificate is used, or one of IAM.
    pub certificate_arn: Option<String>,
    /// (domain, path) of each origin.
    pub origins: Vec<(String, String)>,
    /// ARNs of the function versions on the default behaviour.
    pub functions: Vec<String>,
    /// Whether another behaviour has functions.
    pub has_other_functions: bool,
    /// What may answer in place of the API.
    pub detours: DetoursStatus,
    /// Path pattern of each behaviour beside the default one, with the names of the origins that it may ask.
    pub leads: Vec<(String, Vec<String>)>,
}

impl Listed {
    /// Whether it counts against the limit on distributions with functions.
    #[must_use]
    pub fn runs_functions(&self) -> bool {
        self.has_other_functions || !self.functions.is_empty()
    }
}

/// The row that the list will show for `content`.
#[must_use]
pub fn listed(content: &Content) -> Listed {
    let settings = settings_of(&content.config);
    let behaviours = Behaviours::of(&content.config);
    Listed {
        id: content.id.clone(),
        arn: content.arn.clone(),
        domain_name: content.domain_name.clone(),
        etag: content.etag.clone(),
        status: content.status.clone(),
        enabled: settings.enabled,
        is_staging: xml::text_at(&content.config, "Staging").as_deref() == Some("true"),
        comment: settings.comment,
        web_acl_arn: settings.web_acl_arn,
        aliases: settings.aliases.into_iter().collect(),
        certificate_arn: settings.certificate_arn,
        origins: vec![(settings.origin.domain_name, settings.origin.path)],
        functions: Some(settings.signer_version_arn)
            .filter(|arn| !arn.is_empty())
            .into_iter()
            .collect(),
        has_other_functions: xml::items_at(&content.config, "CacheBehaviors")
            .into_iter()
            .any(|behaviour| !xml::items_at(behaviour, "LambdaFunctionAssociations").is_empty()),
        detours: behaviours.detours(),
        leads: behaviours.leads(),
    }
}
