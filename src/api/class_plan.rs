//! `status.classPlan`: what a change of a `PerimeterClass` would do to the objects that go by it.

use super::plan_report::{PlanEffect, PlanStep};
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

/// What a change of a class would do. It is reckoned from what each object goes by now and would go by then; what others changed
/// in AWS meanwhile is not looked at.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ClassPlanReport {
    /// Hash of all that would be done: it changes when the class or one of its objects does.
    #[schemars(length(max = 64))]
    pub hash: String,
    /// The revision that the class would have.
    #[schemars(length(max = 64))]
    pub revision: String,
    /// Why only some of the objects are in it; absent where all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub limited_to: Option<String>,
    /// How many objects would go by the class.
    pub objects: i64,
    /// How many of them would change.
    pub changed: i64,
    /// How many would stay as they are.
    pub unchanged: i64,
    /// How many would be refused: what stands for them stays.
    pub refused: i64,
    /// How many could not be reckoned.
    pub unknown: i64,
    /// The worst that viewers of an object notice.
    pub viewers: PlanEffect,
    /// What would be done, alike objects together, the most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub groups: Vec<ClassPlanGroup>,
    /// How many groups there are besides those that are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups_left_out: Option<i64>,
    /// What would be refused, and what could not be reckoned, the first by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub problems: Vec<ClassPlanProblem>,
    /// How many problems there are besides those that are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problems_left_out: Option<i64>,
    /// About how long AWS takes for the object that it takes longest for.
    pub longest_wait_seconds: i64,
    /// About how long the rollout takes as `spec.rollout` has it, where nothing halts it.
    pub rollout_seconds: i64,
    /// About how many calls to AWS all of it takes.
    pub calls: i64,
    /// What the perimeters of all these objects cost.
    pub cost: ClassPlanCost,
}

/// Objects for which the same would be done.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ClassPlanGroup {
    /// How many there are.
    pub objects: i64,
    /// Namespace and name of the first of them.
    #[schemars(length(max = 10), inner(length(max = 320)))]
    pub named: Vec<String>,
    /// What would be done for each. Names and ids are those of the first object.
    #[schemars(length(max = 32))]
    pub steps: Vec<PlanStep>,
}

/// Why an object would not go by the class as it is asked for.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ClassPlanProblem {
    /// Namespace and name.
    #[schemars(length(max = 320))]
    pub object: String,
    /// What kind of problem, in one CamelCase word.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// What is wrong, and what to do.
    #[schemars(length(max = 2048))]
    pub message: String,
}

/// What the perimeters of a class cost together at list prices, before and after: as `status.cost` of an object.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ClassPlanCost {
    /// The currency of all amounts: USD.
    #[schemars(length(max = 3))]
    pub currency: String,
    /// For each month now, whatever viewers do.
    #[schemars(length(max = 32))]
    pub monthly_before: String,
    /// For each month then.
    #[schemars(length(max = 32))]
    pub monthly_after: String,
    /// For a million requests of one object's viewers now, where that is dearest.
    #[schemars(length(max = 32))]
    pub per_million_requests_before: String,
    /// The same then.
    #[schemars(length(max = 32))]
    pub per_million_requests_after: String,
}
