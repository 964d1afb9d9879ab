//! A record of a hosted zone, and those that we make.

use super::mark::marked_name;
use serde::{Deserialize, Serialize};

/// The hosted zone of all of CloudFront's names.
pub const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";
/// Seconds for which resolvers keep records of ours that are no aliases.
pub(super) const TTL: i64 = 300;
/// Types by which a name leads somewhere.
const LEADING: [&str; 3] = ["A", "AAAA", "CNAME"];

/// A record, whose names are in lower case, without the dot at their end, and with `*` as such.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// `A`, `TXT` and the like.
    pub r#type: String,
    /// Which of several of one name and type it is: weighted ones, say.
    pub set_identifier: Option<String>,
    /// Seconds; none of an alias.
    pub ttl: Option<i64>,
    /// As Route 53 writes them: texts in quotation marks.
    pub values: Vec<String>,
    /// Where an alias leads.
    pub target: Option<Target>,
}

/// Where an alias record leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Target {
    /// The zone of the name.
    pub zone: String,
    /// The name.
    pub name: String,
    /// Whether Route 53 asks for its health.
    pub evaluates_health: bool,
}

/// What happens to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Deed {
    /// Refused where there is one.
    Create,
    Upsert,
    /// Refused where it is not exactly so.
    Delete,
}

/// One change of a batch, which happens as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RecordChange {
    pub deed: Deed,
    pub record: Record,
}

impl Record {
    /// Whether it tells where names lead, or whose they are. Of any other record only that its name exists counts.
    #[must_use]
    pub fn matters(&self) -> bool {
        match self.r#type.as_str() {
            "TXT" => marked_name(&self.name).is_some(),
            "NS" => true,
            kind => LEADING.contains(&kind),
        }
    }

    /// Whether it makes its name lead somewhere.
    pub(super) fn leads(&self) -> bool {
        LEADING.contains(&self.r#type.as_str())
    }

    /// Whether it cannot be one of ours: those have one type a name, and no variants.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.r#type == "CNAME" || self.set_identifier.is_some()
    }

    /// Whether it leads to such names alone.
    pub fn leads_to(&self, is_meant: impl Fn(&str) -> bool) -> bool {
        let is_meant = |name: &str| is_meant(&name.trim_end_matches('.').to_ascii_lowercase());
        match &self.target {
            Some(target) => is_meant(&target.name),
            None => !self.values.is_empty() && self.values.iter().all(|value| is_meant(value)),
        }
    }

    /// The record in words.
    #[must_use]
    pub fn words(&self) -> String {
        let to = match &self.target {
            Some(target) => format!("alias of {}", target.name),
            None => self.values.join(", "),
        };
        format!("{} {} ({to})", self.name, self.r#type)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.r#type == other.r#type && self.set_identifier == other.set_identifier
    }
}

/// The records by which `name` leads to a distribution.
#[must_use]
pub fn leading_to(name: &str, distribution: &str) -> [Record; 2] {
    ["A", "AAAA"].map(|kind| alias_of(name, kind, CLOUDFRONT_ZONE, distribution))
}

/// The alias record of that type by which `name` leads to `target` of the hosted zone `zone`.
#[must_use]
pub fn alias_of(name: &str, kind: &str, zone: &str, target: &str) -> Record {
    Record {
        name: name.to_owned(),
        r#type: kind.to_owned(),
        set_identifier: None,
        ttl: None,
        values: vec![],
        target: Some(Target {
            zone: zone.to_owned(),
            name: target.to_lowercase(),
            evaluates_health: false,
        }),
    }
}

/// A CNAME record.
#[must_use]
pub fn cname(name: &str, value: &str) -> Record {
    Record {
        name: name.to_owned(),
        r#type: "CNAME".to_owned(),
        set_identifier: None,
        ttl: Some(TTL),
        values: vec![value.to_owned()],
        target: None,
    }
}

/// A name as records here have it: Route 53 writes odd characters by their octal number, and a dot at the end.
#[must_use]
pub fn plain_name(given: &str) -> String {
    given.replace("\\052", "*").trim_end_matches('.').to_lowercase()
}
