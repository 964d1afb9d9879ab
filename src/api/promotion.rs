//! `promote` of a rule: it counts first, and has its own action once its matches stay below what is allowed.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Has a rule count first. It gets its own action by itself once it has counted for `after` with no more than `maxMatches` matches;
/// whenever it has more, it counts anew. Reading the matches needs the policy of `palisade iam-policy --traffic`.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Promotion {
    /// What a match does at first: Count.
    pub from: PromotedFrom,
    /// How long the rule has to count, in hours from 1h to 720h (30 days), such as 72h.
    #[schemars(length(max = 4))]
    #[x_kube(validation = Rule::new("self.matches('^([1-9]|[1-9][0-9]|[1-6][0-9]{2}|7[01][0-9]|720)h$')")
        .message("spec.webAcl.managedRuleGroups[].promote.after must be 1h to 720h (30 days), such as 72h"))]
    pub after: String,
    /// So many requests may match in that time, as estimated from AWS WAF's samples. 0: none may.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub max_matches: i64,
}

/// What a match does before the promotion.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PromotedFrom {
    Count,
}
