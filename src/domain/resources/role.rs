//! The IAM role of the signing function.

use crate::domain::identity::Tags;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A role as IAM has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Observed {
    /// The role's name.
    pub name: String,
    /// The role's ARN.
    pub arn: String,
    /// IAM path, with slashes at both ends.
    pub path: String,
    /// The decoded trust policy.
    pub trust: Value,
    /// Decoded inline policies by name; empty when read by `GetRole`.
    pub policies: BTreeMap<String, Value>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// The role's tags.
    pub tags: Tags,
}

/// What a role is made from; its inline policy follows in a call of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Creation {
    /// The role's name.
    pub name: String,
    /// The trust policy.
    pub trust: Value,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// For people who read IAM's console.
    pub description: String,
    /// The role's tags.
    pub tags: Tags,
}
