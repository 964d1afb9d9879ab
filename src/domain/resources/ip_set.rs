//! IP sets: the address lists of the web ACL.

use crate::domain::identity::Tags;
use serde::Serialize;

/// What `GetIPSet` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Identity and lock token.
    pub entity: super::web_acl::Entity,
    /// `IPV4` or `IPV6`; fixed at creation.
    pub version: String,
    /// CIDR blocks in AWS's spelling and order.
    pub addresses: Vec<String>,
}

/// What an IP set is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Creation {
    /// The set's name.
    pub name: String,
    /// `IPV4` or `IPV6`.
    pub version: String,
    /// CIDR blocks.
    pub addresses: Vec<String>,
    /// The set's tags.
    pub tags: Tags,
}
