//! The Lambda authorizer that lets in who shows the secret header: its function in the API's Region, and its entry in the
//! API.

use serde::Serialize;

/// A request authorizer as an API has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The authorizer's id.
    pub id: String,
    /// The authorizer's name.
    pub name: String,
    /// What it is made from, as far as that is of our kind.
    pub settings: Settings,
}

/// What can be set of a request authorizer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// ARN of the function that decides.
    pub function_arn: String,
    /// The only header that it looks at, in lower case; empty where it looks at something else.
    pub header: String,
    /// Seconds for which API Gateway remembers a decision; 0 where it does not.
    pub ttl: i32,
}
