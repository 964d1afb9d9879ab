//! `AwsAccount`'s `spec.shield` and `spec.quotas`, and what its status says of them: what is one for a whole account.

use super::schema::string_set;
use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Debug, Formatter};

/// Annotation of an `AwsAccount`: changed to a new text by whoever wants settings that somebody else changed in AWS to be
/// written as the spec declares them.
pub const OVERWRITE_SETTINGS: &str = "palisade.dev/overwrite-settings";

/// Settings of Shield Advanced that AWS has once an account. One that is not declared is never written, and deleting the
/// object leaves all of them as they are.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.proactiveEngagement) || !self.proactiveEngagement || !has(self.emergencyContacts) || self.emergencyContacts.exists(contact, has(contact.phoneNumber))")
    .message("spec.shield.proactiveEngagement needs somebody to call: give one of spec.shield.emergencyContacts a phoneNumber, or leave proactiveEngagement out"))]
pub struct AccountShieldSpec {
    /// Whom the Shield Response Team writes to and calls; the list replaces the one in AWS. Absent: as it is in AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 10))]
    pub emergency_contacts: Option<Vec<EmergencyContact>>,
    /// Whether the Shield Response Team calls by itself when it sees an attack that does harm. It needs a contact with a phone
    /// number, and a protection with a health check. Absent: as it is in AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proactive_engagement: Option<bool>,
    /// What the Shield Response Team may do in the account. Absent: as it is in AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub srt_access: Option<SrtAccess>,
}

/// Whom the Shield Response Team writes to and calls.
#[derive(KubeSchema, Serialize, Deserialize, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct EmergencyContact {
    /// Where it writes to.
    #[schemars(length(max = 400))]
    #[x_kube(validation = Rule::new("self.size() <= 150 && self.matches('^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$')")
        .message("spec.shield.emergencyContacts: emailAddress must be an e-mail address of at most 150 characters, such as soc@example.com"))]
    pub email_address: String,
    /// Whom it calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[+][1-9][0-9]{1,14}$')")
        .message("spec.shield.emergencyContacts: phoneNumber must be written with + and the country's code, without spaces, such as +46701234567"))]
    pub phone_number: Option<String>,
    /// What is to be known of the contact, such as when to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2000))]
    #[x_kube(validation = Rule::new("self.size() <= 1024 && self.matches('^[0-9A-Za-z_[:space:].,:/()+@-]+$')")
        .message("spec.shield.emergencyContacts: notes must have 1 to 1024 letters, digits, spaces and _.,:/()+@-, which is what AWS takes"))]
    pub notes: Option<String>,
}

/// Personal data stays out of logs.
impl Debug for EmergencyContact {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmergencyContact").finish_non_exhaustive()
    }
}

/// What the Shield Response Team may do in the account.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct SrtAccess {
    /// A role of this account that trusts drt.shield.amazonaws.com and has AWS's policy `AWSShieldDRTAccessPolicy`. It lets the
    /// team look at Shield and AWS WAF and change web ACLs during an attack.
    #[schemars(length(max = 2048))]
    #[x_kube(validation = Rule::new("self.matches('^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$')")
        .message("spec.shield.srtAccess.roleArn must be the ARN of a role: arn:aws:iam::<account>:role/<name>"))]
    pub role_arn: String,
    /// Buckets with logs that the team may read, at most 10. Others that the team may read already stay. Absent: as it is in AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "buckets")]
    pub log_buckets: Option<Vec<String>>,
}

fn buckets(_: &mut SchemaGenerator) -> Schema {
    string_set(
        0..=10,
        128,
        "self.matches('^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$')",
        "spec.shield.srtAccess.logBuckets: write names of S3 buckets, such as my-logs, without s3:// and path",
    )
}

/// Limits that AWS has raised for the account, so that it is seen how near they are.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct AccountQuotas {
    /// "Web distributions per AWS account" of CloudFront. Baseline: 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub distributions: Option<i32>,
    /// "Maximum number of web ACLs per account" of AWS WAF, for CloudFront. Baseline: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub web_acls: Option<i32>,
    /// "Distributions with Lambda@Edge associations" of CloudFront. Baseline: 500; some older accounts have 25.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub lambda_associations: Option<i32>,
    /// "Public custom domain names" of API Gateway, for each Region. Baseline: 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub domain_names: Option<i32>,
    /// "Imported certificates in last 365 days" of AWS Certificate Manager, in us-east-1. Baseline: 5000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub certificate_imports: Option<i32>,
}

/// The account-wide settings of Shield Advanced, as last seen, and what is remembered of them.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct AccountShieldStatus {
    /// When the subscription ends or is renewed (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub subscription_ends: Option<String>,
    /// Whether the Shield Response Team calls by itself: Enabled, Pending or Disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub proactive_engagement: Option<String>,
    /// The role that the Shield Response Team has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub srt_role_arn: Option<String>,
    /// Buckets that the Shield Response Team may read because the spec declares them, or did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(max = 128)))]
    pub log_buckets: Vec<String>,
    /// By setting, a fingerprint of what the spec declared when AWS was last seen to have it: what differs although it is
    /// here was changed by somebody else, and is left alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "fingerprints")]
    pub settled: BTreeMap<String, String>,
}

fn fingerprints(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 8,
        "additionalProperties": {"type": "string", "maxLength": 64},
    })
}

/// How much of one of AWS's limits is used.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct QuotaUse {
    /// Of what.
    pub name: QuotaName,
    /// How many there are.
    pub used: i64,
    /// How many there may be.
    pub limit: i64,
    /// In which Region, where the limit counts for each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub region: Option<String>,
}

/// What AWS limits in number, for an account.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub enum QuotaName {
    Distributions,
    WebAcls,
    LambdaAssociations,
    Protections,
    DomainNames,
    CertificateImports,
}
