//! `status.orphans` of an `AwsAccount`: what no `ProtectedApi` owns any more.

use kube::KubeSchema;
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
