//! `status.plan`: what would be done in AWS, what is awaited, and what a person has to solve first.

use super::adoption::AdoptionStatus;
use super::cost::CostStatus;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What would be done in AWS. Two plans with the same hash say the same.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct PlanReport {
    /// Hash of all that would be done: it changes when the spec or what is in AWS does.
    #[schemars(length(max = 64))]
    pub hash: String,
    /// How much of what.
    pub summary: PlanSummary,
    /// One a resource, two where it is made for a while: first what can be done at once, then what waits for others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200))]
    pub steps: Vec<PlanStep>,
    /// How many steps there are besides those that are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps_left_out: Option<i64>,
    /// What AWS takes time for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub waits: Vec<PlanWait>,
    /// What a person has to solve.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub problems: Vec<PlanProblem>,
    /// About how many calls to AWS the steps take.
    pub calls: i64,
    /// What the perimeter of this spec costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostStatus>,
    /// The adoption of a distribution that stands already: what it changes, and the hash that confirms it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption: Option<AdoptionStatus>,
}

/// How much a plan has of what.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct PlanSummary {
    /// Resources that would be made, changed or deleted: the sum of these three.
    pub changes: i64,
    /// Resources that would be made.
    pub create: i64,
    /// Resources that would be changed.
    pub change: i64,
    /// Resources that would be deleted.
    pub delete: i64,
    /// What AWS takes time for.
    pub wait: i64,
    /// What a person has to solve.
    pub problems: i64,
}

/// What would be done with one resource.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct PlanStep {
    /// Which kind of resource: role, function, webAcl, distribution and so on.
    #[schemars(length(max = 64))]
    pub kind: String,
    /// Which one, where an object has several of the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub part: Option<String>,
    /// The resource's name or id in AWS. `<uid>` stands for the UID of an object that does not exist yet.
    #[schemars(length(max = 2048))]
    pub name: String,
    /// What would be done.
    pub verb: PlanVerb,
    /// The fields that would change; of a new resource those that it begins with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub changes: Vec<PlanChange>,
    /// How many fields change besides those that are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_left_out: Option<i64>,
    /// What viewers notice.
    pub viewers: PlanEffect,
    /// The same in a sentence.
    #[schemars(length(max = 1024))]
    pub effect: String,
    /// The kinds of resources that have to be done first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(max = 64)))]
    pub after: Vec<String>,
    /// Whether all values are known now; where false, some are known only after AWS has made or read something else.
    pub known: bool,
}

/// A field that would change. Values are JSON, shortened where they are long.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct PlanChange {
    /// The field's path within the resource, such as origin.readTimeout; empty for the resource as a whole.
    #[schemars(length(max = 1024))]
    pub path: String,
    /// What AWS has, as JSON; absent where it has nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub from: Option<String>,
    /// What it would have, as JSON; absent where it would have nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub to: Option<String>,
}

/// What AWS takes time for.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct PlanWait {
    /// Which kind of resource is awaited.
    #[schemars(length(max = 64))]
    pub kind: String,
    /// Why, in one CamelCase word.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// What is awaited.
    #[schemars(length(max = 2048))]
    pub message: String,
    /// About how long that takes.
    pub about_seconds: i64,
}

/// What a person has to solve.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct PlanProblem {
    /// Which kind of resource it is about; absent where it is about the object as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub kind: Option<String>,
    /// The field of the spec, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub field: Option<String>,
    /// What kind of problem, in one CamelCase word.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// What is wrong.
    #[schemars(length(max = 4096))]
    pub message: String,
    /// What to do, where the message does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub remedy: Option<String>,
}

/// What would be done with a resource.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum PlanVerb {
    Create,
    Change,
    Delete,
}

/// What viewers notice: nothing, something for seconds or minutes, or a lasting change.
// The variants' doc comments would replace the field's description in the schema.
#[derive(
    Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default,
)]
#[allow(missing_docs)]
pub enum PlanEffect {
    #[default]
    None,
    Brief,
    Visible,
}
