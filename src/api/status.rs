//! `status`: what a person reads, and the fingerprints that let a steady object cost no AWS call.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the controller last saw and did. Deleting it changes nothing in AWS.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ProtectedApiStatus {
    /// The generation of the spec that this status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Where viewers call the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What stands, what is awaited and what is wrong.
    #[serde(default)]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// The CloudFront distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<DistributionStatus>,
    /// The AWS WAF web ACL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_acl: Option<WebAclStatus>,
    /// The Lambda@Edge function that signs requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<SignerStatus>,
    /// What was last verified in full, by resource.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fingerprints: BTreeMap<String, String>,
    /// When everything was last read in full (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<String>,
}

/// The CloudFront distribution, as last seen.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct DistributionStatus {
    pub id: String,
    pub arn: String,
    pub domain_name: String,
    /// InProgress or Deployed.
    pub state: String,
}

/// The AWS WAF web ACL, as last seen.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct WebAclStatus {
    pub id: String,
    pub arn: String,
    /// Web ACL capacity units in use, of 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i64>,
}

/// The signing function, as last seen.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct SignerStatus {
    pub function_arn: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_arn: Option<String>,
    pub code_sha256: String,
    pub role_arn: String,
}
