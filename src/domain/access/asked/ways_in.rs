//! Ways by which viewers come to a stage past its perimeter, as they were read before its first lock.

use crate::domain::kernel::reason::Reason;
use serde::Serialize;
use std::collections::BTreeSet;

/// What leads viewers to the stage past the perimeter, besides its own address and other stages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WaysIn {
    /// Custom domain names that lead to the stage.
    pub domain_names: BTreeSet<String>,
    /// Those of them that are edge-optimised: a distribution of AWS's own has them.
    pub edge_optimised: BTreeSet<String>,
    /// Why not all of them could be read, where only a person can have them read.
    pub unread: Vec<Unread>,
    /// Distributions that no object of the cluster has, once for each origin by which they lead to the stage.
    pub distributions: Vec<InFront>,
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// The custom domain name of which that is; `None` where none could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The reason that conditions give.
    pub reason: Reason,
    /// AWS's words, and what a person can do.
    pub why: String,
}

/// A distribution of others, or one that an earlier object left, by one of its origins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InFront {
    /// Its id.
    pub id: String,
    /// Its own domain name.
    pub domain_name: String,
    /// Its aliases.
    pub aliases: Vec<String>,
    /// The origin's domain.
    pub origin: String,
    /// The path that it puts before a viewer's.
    pub path: String,
    /// The custom domain name of API Gateway whose address the origin is; `None` where that is the API's own endpoint.
    pub name: Option<String>,
    /// The object that left it, where Palisade made it for one that is gone, or that was to leave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<Left>,
}

/// A perimeter that nobody looks after any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// `namespace/name` of the object that it was made for.
    pub object: String,
    /// Whether a function of it signs: a lock by signatures lets its viewers in.
    pub signs: bool,
}

/// What a person does to have the object's origin put `path` before a viewer's.
#[must_use]
pub fn with_path(path: &str) -> String {
    if path.is_empty() {
        "take path out of spec.origin".to_owned()
    } else {
        format!("set spec.origin.path: {path}")
    }
}

impl InFront {
    /// The custom domain name that it asks as any viewer would: it goes where DNS leads that.
    #[must_use]
    pub fn asked_name(&self) -> Option<&str> {
        let name = self.name.as_deref();
        name.filter(|name| name.eq_ignore_ascii_case(&self.origin))
    }
}
