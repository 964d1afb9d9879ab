//! What an object's status says of its class.

use super::rollout::RevisionStanding;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The class that an object goes by.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct AppliedClass {
    /// Its name.
    #[schemars(length(max = 253))]
    pub name: String,
    /// What of it the object goes by; absent where the class is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub revision: Option<String>,
    /// Who chose it: the object's spec.className, the Namespace's annotation palisade.dev/class, or the cluster's default class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen_by: Option<ChosenBy>,
    /// How the object goes by the revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<RevisionStanding>,
}

/// Who chose the class of an object.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ChosenBy {
    Object,
    Namespace,
    Default,
}

/// What an object has of its class.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveStatus {
    /// The fields that the class gave, by their paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub fields: Vec<EffectiveField>,
    /// How many fields more there are than are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub more: Option<i64>,
}

/// A field that the class gave.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveField {
    /// Its path in the object, such as `spec.webAcl.logging.destinationArn`.
    #[schemars(length(max = 256))]
    pub field: String,
    /// Where in the class it comes from, such as `spec.defaults.webAcl.logging.destinationArn`.
    #[schemars(length(max = 256))]
    pub from: String,
    /// The value as JSON, cut to 512 characters; of a list that the class and the object make up together, the class's part.
    #[schemars(length(max = 520))]
    pub value: String,
    /// True where the object has entries of its own in the same list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appended: Option<bool>,
}
