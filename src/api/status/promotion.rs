//! `status.promotions`: the rules that count first, and what is known of their matches.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A rule of the web ACL that counts first.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct PromotionStatus {
    /// The rule's name in the web ACL.
    #[schemars(length(max = 160))]
    pub rule: String,
    /// Counting; Promoted: it has its own action; Held: it counts, and will not be promoted for what `reason` says until that changes.
    pub state: PromotionState,
    /// Since when the matches are counted (RFC 3339).
    #[schemars(length(max = 64))]
    pub since: String,
    /// When it is promoted at the earliest (RFC 3339); absent once it is, and while its matches cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub due: Option<String>,
    /// When it was promoted (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub promoted_at: Option<String>,
    /// How many requests matched since `since`, as estimated from AWS WAF's samples: rather too many.
    pub matches: i64,
    /// How many matched in the time before, where that were more than maxMatches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_matches: Option<i64>,
    /// When the samples were last read (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub last_sampled: Option<String>,
    /// The paths that matched most in the last samples with a match, without query strings. Viewers choose them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3))]
    pub top_paths: Vec<MatchedStatus>,
    /// The countries of most of those requests, as ISO 3166-1 alpha-2 codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3))]
    pub countries: Vec<MatchedStatus>,
    /// Why it is held, or what its promotion goes by where nothing matched, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub reason: Option<String>,
    /// Hash of the rule as it was declared: another one begins to count anew.
    #[schemars(length(max = 64))]
    pub declared: String,
}

/// How a rule that counts first stands.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PromotionState {
    Counting,
    Promoted,
    Held,
}

/// How many of the sampled requests have a value.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct MatchedStatus {
    /// The path, or the country's code.
    #[schemars(length(max = 120))]
    pub value: String,
    /// How many requests, as AWS WAF weighs its samples.
    pub matches: i64,
}
