//! `AwsAccount`: an AWS account in which namespaces may have their perimeters, and the role that leads there.
#![allow(clippy::duplicated_attributes, reason = "each column has a type of its own")]

use super::account_shield::{AccountQuotas, AccountShieldSpec, AccountShieldStatus, QuotaUse};
use super::orphan::{OrphanDeletionStatus, OrphanStatus};
use super::schema::string_set;
use super::status::conditions;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the platform team says of one AWS account: how it is reached, and who may use it.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[kube(
    group = "palisade.dev",
    version = "v1alpha1",
    kind = "AwsAccount",
    plural = "awsaccounts",
    shortname = "awsacct",
    category = "palisade",
    status = "AwsAccountStatus",
    derive = "PartialEq",
    doc = "An AWS account in which namespaces may have their perimeters, and the role that leads there.",
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Ready\")].status"
    ),
    printcolumn(name = "Account", type_ = "string", json_path = ".status.accountId"),
    printcolumn(
        name = "Objects",
        type_ = "integer",
        description = "How many objects name it",
        json_path = ".status.objects"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        description = "Why it is, or is not, ready",
        json_path = ".status.conditions[?(@.type==\"Ready\")].reason"
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Role", type_ = "string", priority = 1, json_path = ".spec.roleArn"),
    printcolumn(
        name = "Message",
        type_ = "string",
        priority = 1,
        json_path = ".status.conditions[?(@.type==\"Ready\")].message"
    )
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.roleArn) || !has(self.externalId)")
    .message("spec.externalId is shown to the role that is assumed: set spec.roleArn beside it, or leave it out"))]
#[x_kube(validation = Rule::new("has(self.roleArn) || has(self.allowedNamespaces)")
    .message("spec.allowedNamespaces: without spec.roleArn this stands for the controller's own account, which namespaces use without naming it; say which may go on (selector: {} is all, names: [] none)"))]
#[x_kube(validation = Rule::new("has(self.roleArn) || !has(self.sessionTags)")
    .message("spec.sessionTags are of the session of the role that is assumed: set spec.roleArn beside them, or leave them out"))]
#[x_kube(validation = Rule::new("!has(self.sessionTags) || self.sessionTags.all(k, k.size() >= 1 && k.size() <= 128)")
    .message("spec.sessionTags: a key has 1 to 128 characters"))]
#[x_kube(validation = Rule::new(r"!has(self.sessionTags) || self.sessionTags.all(k, k.matches('^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]*$') && !k.lowerAscii().startsWith('aws:'))")
    .message("spec.sessionTags: a key may hold letters, digits, spaces and _ . : / = + - @, and may not start with aws:"))]
#[x_kube(validation = Rule::new("!has(self.sessionTags) || self.sessionTags.all(k, self.sessionTags.exists_one(other, other.lowerAscii() == k.lowerAscii()))")
    .message("spec.sessionTags: AWS takes keys that differ in case alone for one key; leave one of them out"))]
pub struct AwsAccountSpec {
    /// The role that the controller assumes to reach the account. Baseline: none, so the controller's own credentials and
    /// their account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 700))]
    #[x_kube(validation = Rule::new("self.matches('^arn:aws:iam::[0-9]{12}:role/([A-Za-z0-9+=,.@_-]+/)*[A-Za-z0-9+=,.@_-]{1,64}$')")
        .message("spec.roleArn must be a role's ARN, such as arn:aws:iam::111122223333:role/palisade-spoke"))]
    pub role_arn: Option<String>,
    /// What the role's trust policy asks for as sts:ExternalId. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1224))]
    #[x_kube(validation = Rule::new("self.size() >= 2 && self.matches('^[A-Za-z0-9_+=,.@:/-]*$')")
        .message("spec.externalId has 2 to 1224 letters, digits and _ + = , . @ : / -"))]
    pub external_id: Option<String>,
    /// Tags of the session, for the role's policies and for the account's audit log; the role's trust policy must allow
    /// sts:TagSession. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxProperties" = 10))]
    pub session_tags: Option<BTreeMap<String, SessionTag>>,
    /// The namespaces whose objects may use the account. Needed without roleArn. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_namespaces: Option<AllowedNamespaces>,
    /// Settings of Shield Advanced for the account as a whole; the account must be subscribed already. Baseline: as they are
    /// in AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shield: Option<AccountShieldSpec>,
    /// Limits that AWS has raised for the account; one that is reached holds back what has nothing yet. Baseline: AWS's defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotas: Option<AccountQuotas>,
}

/// A session tag's value, as AWS accepts it.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, PartialEq, Eq)]
#[serde(transparent)]
#[schemars(extend("x-kubernetes-validations" = [{
    "rule": r"self.matches('^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]*$')",
    "message": "spec.sessionTags: a value may hold letters, digits, spaces and _ . : / = + - @, as AWS accepts it",
}]))]
pub struct SessionTag(#[schemars(length(max = 256))] pub String);

/// The namespaces that are named, and those that the selector selects.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.names) || has(self.selector)")
    .message("spec.allowedNamespaces: set names, selector, or both; leave allowedNamespaces out to allow none"))]
pub struct AllowedNamespaces {
    /// Names of namespaces. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "namespace_names")]
    pub names: Option<Vec<String>>,
    /// Labels of namespaces; `{}` selects all. Baseline: none is selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<NamespaceSelector>,
}

/// A label selector, as Kubernetes has them: all that it demands must hold.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceSelector {
    /// Labels with their values. Baseline: none is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("maxProperties" = 20))]
    pub match_labels: Option<BTreeMap<String, LabelValue>>,
    /// What labels must be like. Baseline: nothing is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 20))]
    pub match_expressions: Option<Vec<LabelRequirement>>,
}

/// A label's value.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, PartialEq, Eq)]
#[serde(transparent)]
pub struct LabelValue(#[schemars(length(max = 63))] pub String);

/// What one label must be like.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("(self.operator == 'In' || self.operator == 'NotIn') == (has(self.values) && self.values.size() > 0)")
    .message("spec.allowedNamespaces.selector.matchExpressions: In and NotIn need values, Exists and DoesNotExist take none"))]
pub struct LabelRequirement {
    /// The label's key.
    #[schemars(length(min = 1, max = 317))]
    pub key: String,
    /// What is demanded of it. `NotIn` also fits where the label is missing.
    pub operator: LabelOperator,
    /// What the value is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 50), inner(length(max = 63)))]
    pub values: Option<Vec<String>>,
}

/// How a label is judged.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum LabelOperator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// What the controller last saw of the account. Deleting it changes nothing in AWS.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct AwsAccountStatus {
    /// The generation of the spec that this status speaks of; -1 before the controller has looked at the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// What stands, what is awaited and what is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "conditions")]
    pub conditions: Vec<Condition>,
    /// The account's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub account_id: Option<String>,
    /// Who the controller is there, as AWS says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub arn: Option<String>,
    /// How many objects name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<i64>,
    /// The account-wide settings of Shield Advanced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shield: Option<AccountShieldStatus>,
    /// How much of AWS's limits is used, by whomever.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub quotas: Vec<QuotaUse>,
    /// What no object owns any more, by the tags of this cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub orphans: Vec<OrphanStatus>,
    /// How much of that there is besides what is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphans_left_out: Option<i64>,
    /// What became of the last wishes to have some of that deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub orphan_deletions: Vec<OrphanDeletionStatus>,
}

fn namespace_names(_: &mut SchemaGenerator) -> Schema {
    string_set(
        0..=200,
        253,
        "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$') && self.size() <= 63",
        "spec.allowedNamespaces.names: write names of namespaces, such as shop; a selector of {} allows all",
    )
}
