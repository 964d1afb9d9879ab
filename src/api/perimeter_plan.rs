//! `PerimeterPlan`: a question to the controller, what it would do for a `ProtectedApi` of a given spec, and its answer.
#![allow(clippy::duplicated_attributes, reason = "each column has a type of its own")]

use super::plan_report::PlanReport;
use super::protected_api::ProtectedApiSpec;
use super::schema::without_transitions;
use super::status::conditions;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::{JsonSchema as _, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// What is asked: a spec, and for which object. It is answered once and deleted when its time is over.
#[derive(CustomResource, KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[kube(
    group = "palisade.dev",
    version = "v1alpha1",
    kind = "PerimeterPlan",
    plural = "perimeterplans",
    shortname = "pplan",
    category = "palisade",
    namespaced,
    status = "PerimeterPlanStatus",
    derive = "PartialEq",
    doc = "What the controller would do in AWS for a ProtectedApi of this spec. Nothing is written to AWS for it.",
    printcolumn(name = "Object", type_ = "string", json_path = ".spec.objectName"),
    printcolumn(
        name = "Planned",
        type_ = "string",
        json_path = ".status.conditions[?(@.type==\"Planned\")].status"
    ),
    printcolumn(
        name = "Changes",
        type_ = "integer",
        description = "How many resources would be made, changed or deleted",
        json_path = ".status.plan.summary.changes"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        description = "Why there is a plan, or none",
        json_path = ".status.conditions[?(@.type==\"Planned\")].reason"
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Expires",
        type_ = "date",
        priority = 1,
        json_path = ".status.expiresAt"
    ),
    printcolumn(
        name = "Message",
        type_ = "string",
        priority = 1,
        json_path = ".status.conditions[?(@.type==\"Planned\")].message"
    )
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("self == oldSelf")
    .message("spec.perimeter and all beside it are immutable: create another PerimeterPlan"))]
pub struct PerimeterPlanSpec {
    /// Name of the `ProtectedApi` of this namespace that the plan is for. It need not exist: then the plan is for a new one.
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new("self.size() <= 63 && self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')")
        .message("spec.objectName must be the name of a ProtectedApi, of 63 characters at most, such as petstore"))]
    pub object_name: String,
    /// The spec of the `ProtectedApi`, as it would be applied.
    #[schemars(schema_with = "perimeter")]
    pub perimeter: ProtectedApiSpec,
    /// After so long the controller deletes this object: 1m to 24h. Baseline: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9]{1,5}[smh]$') && duration(self) >= duration('1m') && duration(self) <= duration('24h')")
        .message("spec.ttl must be a number of s, m or h from 1m to 24h, such as 10m"))]
    pub ttl: Option<String>,
}

/// The plan, once it is made.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct PerimeterPlanStatus {
    /// The generation of the spec that this status speaks of; -1 before the controller has looked at the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Whether the plan is made, and why not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "conditions")]
    pub conditions: Vec<Condition>,
    /// When the controller deletes this object (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub expires_at: Option<String>,
    /// What would be done; absent where nothing could be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanReport>,
}

/// The schema of a `ProtectedApi`'s spec, but for what compares it with an earlier one: a plan has none.
fn perimeter(generator: &mut SchemaGenerator) -> Schema {
    without_transitions(ProtectedApiSpec::json_schema(generator))
}
