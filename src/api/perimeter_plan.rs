//! `PerimeterPlan`: a question to the controller, what it would do for a `ProtectedApi` of a given spec, and its answer.
#![allow(clippy::duplicated_attributes, reason = "each column has a type of its own")]

use super::class_plan::ClassPlanReport;
use super::plan_report::PlanReport;
use super::protected_api::ProtectedApiSpec;
use super::schema::{string_set, without_transitions};
use super::status::conditions;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{CustomResource, KubeSchema};
use schemars::{JsonSchema as _, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is asked: a spec, and for which object or class. It is answered once and deleted when its time is over.
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
    doc = "What the controller would do in AWS for a ProtectedApi, or for all objects of a PerimeterClass, of this spec. Nothing is written to AWS for it.",
    printcolumn(name = "Object", type_ = "string", json_path = ".spec.objectName"),
    printcolumn(
        name = "Class",
        type_ = "string",
        priority = 1,
        json_path = ".spec.class.name"
    ),
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
#[x_kube(validation = Rule::new("[has(self.perimeter), has(self.adopt), has(self.class)].filter(given, given).size() == 1")
    .message("spec.perimeter: set exactly one of perimeter, the spec of a ProtectedApi, adopt, the distribution that a spec is written from, and class, the name and spec of a PerimeterClass"))]
#[x_kube(validation = Rule::new("has(self.class) != has(self.objectName)")
    .message("spec.objectName belongs to spec.perimeter and to spec.adopt: set it for a plan of an object, and leave it out beside spec.class"))]
pub struct PerimeterPlanSpec {
    /// Name of the `ProtectedApi` of this namespace that the plan is for. It need not exist: then the plan is for a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new("self.size() <= 63 && self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')")
        .message("spec.objectName must be the name of a ProtectedApi, of 63 characters at most, such as petstore"))]
    pub object_name: Option<String>,
    /// The spec of the `ProtectedApi`, as it would be applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "perimeter")]
    pub perimeter: Option<ProtectedApiSpec>,
    /// In place of perimeter: a distribution that stands already. The spec is written from what is found of it, planned, and
    /// answered in status.perimeter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopt: Option<StandingDistribution>,
    /// In place of perimeter: a class, for a plan of all objects that go by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<PlannedClass>,
    /// So long after its answer the controller deletes this object: 1m to 24h. Baseline: 10m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9]{1,5}[smh]$') && duration(self) >= duration('1m') && duration(self) <= duration('24h')")
        .message("spec.ttl must be a number of s, m or h from 1m to 24h, such as 10m"))]
    pub ttl: Option<String>,
}

/// A distribution that stands already, from which a spec is written.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct StandingDistribution {
    /// Its id. The Namespace must permit it: annotation palisade.dev/allow-adopt, with ids or *.
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^E[A-Z0-9]{1,31}$')")
        .message("spec.adopt.distributionId must be a distribution's id, such as E1ABCDEF2GHIJK; its domain name does not do"))]
    pub distribution_id: String,
    /// Name of the `AwsAccount` that it is in. Baseline: the account of the controller's own credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new("self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')")
        .message("spec.adopt.accountName must be the name of an AwsAccount: kubectl get awsaccounts lists them"))]
    pub account_name: Option<String>,
    /// The stage that viewers reach; needed only where neither the distribution nor the API tells which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    #[x_kube(validation = Rule::new("self.matches('^([A-Za-z0-9_-]+|[$]default)$')")
        .message("spec.adopt.stage may hold letters, digits, _ and -, or be $default"))]
    pub stage: Option<String>,
    /// Tools that will let the distribution go, as spec.distribution.adopt.letGo of a `ProtectedApi` names them. Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "tools")]
    pub let_go: Option<Vec<String>>,
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
    /// The spec that was written from the distribution of spec.adopt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "as_it_is")]
    pub perimeter: Option<ProtectedApiSpec>,
    /// What would be done; absent where nothing could be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanReport>,
    /// What would be done for the objects of a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_plan: Option<ClassPlanReport>,
}

/// A class as it would be applied.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct PlannedClass {
    /// Its name.
    #[schemars(length(max = 253))]
    #[x_kube(validation = Rule::new("self.size() <= 63 && self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$')")
        .message("spec.class.name must be the name of a PerimeterClass, of 63 characters at most, such as public"))]
    pub name: String,
    /// Its spec, as it would be applied. What a `PerimeterClass` may not say is told in the plan.
    #[schemars(schema_with = "any_class")]
    pub spec: Value,
    /// Whether its annotation palisade.dev/is-default-class would be "true". Baseline: as the class of this name has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_default: Option<bool>,
}

/// The rules of a class's spec are those of a spec once more: twice they would cost the API server more than it allows.
fn any_class(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

/// The schema of a `ProtectedApi`'s spec, but for what compares it with an earlier one: a plan has none.
fn perimeter(generator: &mut SchemaGenerator) -> Schema {
    without_transitions(ProtectedApiSpec::json_schema(generator))
}

fn tools(_: &mut SchemaGenerator) -> Schema {
    string_set(
        0..=3,
        64,
        "self in ['CloudFormation', 'ACK', 'Crossplane']",
        "spec.adopt.letGo: write CloudFormation, ACK or Crossplane, as the plan's rivals name them",
    )
}

/// It was written by the controller, so that its fields need no rules here.
fn as_it_is(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}
