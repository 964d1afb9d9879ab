//! `status` of a `PerimeterClass`.

use super::rollout::RolloutStatus;
use super::status::conditions;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::KubeSchema;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the controller last saw of the class and of the objects that go by it.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct PerimeterClassStatus {
    /// The generation of the spec that this status speaks of; -1 before the controller has looked at the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Whether objects can go by the class, and what it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "conditions")]
    pub conditions: Vec<Condition>,
    /// What tells this content of the spec from others; the same content has the same revision again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub revision: Option<String>,
    /// How many objects go by the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<i64>,
    /// How many of them are ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<i64>,
    /// How many of them are refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<i64>,
    /// Those that are refused, the first of them by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub refusals: Vec<RefusedObject>,
    /// Those that go on by the class although it is not chosen for them any more, the first of them by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(max = 320)))]
    pub leaving: Vec<String>,
    /// The revisions by which objects go, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub revisions: Vec<ClassRevision>,
    /// How far the rollout of the newest revision has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<RolloutStatus>,
}

/// An object that its class, or something else, does not let act.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct RefusedObject {
    /// Namespace and name.
    #[schemars(length(max = 320))]
    pub object: String,
    /// The reason of its condition Accepted.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// What there is to know and to do, for people.
    #[schemars(length(max = 1024))]
    pub message: String,
}

/// What a class said at a time.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ClassRevision {
    /// What tells it from others.
    #[schemars(length(max = 64))]
    pub revision: String,
    /// The generation of the class that said so last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    /// How many objects go by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objects: Option<i64>,
    /// What it said, without its rollout, kept for as long as objects go by it or move to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "anything")]
    pub spec: Option<Value>,
}

fn anything(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}
