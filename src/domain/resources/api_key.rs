//! The API key that a REST API asks the perimeter for, and the usage plan that makes it valid for the stage.

use crate::domain::identity::Tags;
use crate::domain::secret::Secret;
use serde::Serialize;

/// An API key as API Gateway has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Key {
    pub id: String,
    pub name: String,
    pub value: Secret,
    pub enabled: bool,
    pub tags: Tags,
}

/// What a key is made from; it is enabled from the start.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct KeyCreation {
    pub name: String,
    pub value: Secret,
    /// For people who read API Gateway's console.
    pub description: String,
    pub tags: Tags,
}

/// A usage plan as API Gateway has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UsagePlan {
    pub id: String,
    pub name: String,
    /// (API id, stage) of each stage that its keys open.
    pub stages: Vec<(String, String)>,
    pub tags: Tags,
}

/// What a usage plan is made from: without throttle and quota.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct UsagePlanCreation {
    pub name: String,
    /// For people who read API Gateway's console.
    pub description: String,
    /// (API id, stage) that its keys open.
    pub stage: (String, String),
    pub tags: Tags,
}
