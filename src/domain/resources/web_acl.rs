//! The AWS WAF web ACL.

use serde::Serialize;
use serde_json::Value;

/// Identity and lock token of a web ACL or IP set, as lists and creations answer them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Entity {
    pub id: String,
    pub name: String,
    pub arn: String,
    pub lock_token: String,
}

/// What `GetWebACL` answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Content {
    /// Identity and lock token.
    pub entity: Entity,
    /// The raw `WebACL` document, with every field as AWS sent it.
    pub document: Value,
}
