//! `status.orphans` of an `AwsAccount`: what no `ProtectedApi` owns any more.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A resource in AWS whose `ProtectedApi` is gone. The controller never deletes it by itself.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct OrphanStatus {
    /// Which kind of resource: role, function, webAcl, distribution and so on.
    #[schemars(length(max = 64))]
    pub kind: String,
    /// The resource's ARN.
    #[schemars(length(max = 2048))]
    pub arn: String,
    /// Namespace of the object that it was made for; absent where its tags do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub namespace: Option<String>,
    /// Name of that object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub name: Option<String>,
    /// UID of that object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub uid: Option<String>,
    /// Since when nobody owns it (RFC 3339): when it was retained, or else first seen so.
    #[schemars(length(max = 256))]
    pub since: String,
    /// Whether it was left on purpose, by spec.deletionPolicy Retain.
    pub retained: bool,
    /// Whether it is a distribution that stood before that object, which adopted it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopted: bool,
    /// Whether viewers may come by it: then nobody deletes it.
    pub may_serve: bool,
}

/// What became of a person's wish to have deleted what one object left.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct OrphanDeletionStatus {
    /// UID of the object that it was made for, as the annotation palisade.dev/delete-orphans names it.
    #[schemars(length(max = 64))]
    pub uid: String,
    /// How far it is.
    pub state: OrphanDeletionState,
    /// What went, what is awaited, or why it stays and what to do.
    #[schemars(length(max = 4096))]
    pub message: String,
    /// Since when it is so (RFC 3339).
    #[schemars(length(max = 64))]
    pub since: String,
    /// ARNs of what there was when it began: nothing else is touched. Once it is over, the first 100 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000), inner(length(max = 2048)))]
    pub parts: Vec<String>,
    /// True while the annotation has the entry still that this answers: it is to be taken off, and asks for nothing more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub still_named: bool,
}

/// Asked: nothing was done yet. Deleting: it was looked at, and goes. Deleted: nothing is left but what Lambda keeps for some hours. Kept: it
/// stays, or the rest of it.
// The variants' doc comments would replace the field's description in the schema.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OrphanDeletionState {
    Asked,
    Deleting,
    Deleted,
    Kept,
}
