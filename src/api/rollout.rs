//! How a change of a `PerimeterClass` reaches its objects, and how far it has come.

use super::class_plan::ClassPlanProblem;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Annotation of a class: changed to a new text by whoever wants a halted rollout to go on.
pub const RESUME_ROLLOUT: &str = "palisade.dev/resume-rollout";
/// Annotation of a class: the revision whose rollout is taken back; its objects go by the one again that was complete before.
pub const UNDO_ROLLOUT: &str = "palisade.dev/undo-rollout";

/// How a change of the class reaches its objects: a few at a time, and no more once viewers of one are refused.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.maxBlockedRise) || !has(self.haltOn) || 'BlockedShare' in self.haltOn")
    .message("spec.rollout.maxBlockedRise goes with BlockedShare: add it to spec.rollout.haltOn, or leave maxBlockedRise out"))]
pub struct ClassRollout {
    /// How many APIs may be on the way to the new revision at a time: a number, or a share of all such as 10%. The objects of one
    /// API's stages move together. Never more than 50 objects. Baseline: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "max_unavailable")]
    pub max_unavailable: Option<IntOrString>,
    /// For how long an object has to stand the new revision, and is then probed once more, before the next one takes its place: up
    /// to 24h. AWS WAF takes up to a minute to carry a change everywhere. Baseline: 1m.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9]{1,5}[smh]$') && duration(self) <= duration('24h')")
        .message("spec.rollout.pause must be a number of s, m or h up to 24h, such as 10m"))]
    pub pause: Option<String>,
    /// What of an object halts the rollout, until a person resumes it, takes it back, or changes the class again. An empty list:
    /// nothing of these does. An object that does not arrive within an hour halts it in any case. Baseline: all three,
    /// and of shares that cannot be read an object is not held up. Where `BlockedShare` is written, counters that fail are waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 3), extend("x-kubernetes-list-type" = "set"))]
    pub halt_on: Option<Vec<HaltOn>>,
    /// By how many percentage points the share of blocked requests may rise, from 1 to 100, unless haltOn leaves `BlockedShare` out.
    /// Baseline: 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = Rule::new("self >= 1 && self <= 100")
        .message("spec.rollout.maxBlockedRise must be a number of percentage points from 1 to 100, such as 5"))]
    pub max_blocked_rise: Option<i32>,
    /// The objects that have all these labels come first: no other one moves before they all have. Baseline: none, and objects move
    /// in the order of their names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "canaries")]
    pub canaries: Option<BTreeMap<String, String>>,
    /// True: no further object moves until it is false again. Objects on the way arrive. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspend: Option<bool>,
}

/// What halts a rollout. `ViewersRefused`: `ViewerAccessVerified` of an object that has moved is False. Stalled: only a person can help
/// an object that has moved. `BlockedShare`: of the requests to an object that has moved, AWS WAF blocks a larger share than in the hour
/// before, by more than `maxBlockedRise`, where the permission cloudwatch:GetMetricData is given.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum HaltOn {
    ViewersRefused,
    Stalled,
    BlockedShare,
}

/// How far the rollout of a revision has come. All that is remembered of it is here and in the objects' `status.class`.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct RolloutStatus {
    /// The revision that objects move to.
    #[schemars(length(max = 64))]
    pub revision: String,
    /// How it stands.
    pub state: RolloutState,
    /// When it began (RFC 3339).
    #[schemars(length(max = 64))]
    pub since: String,
    /// The revision that all objects went by last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub completed: Option<String>,
    /// What it comes to, reckoned before the first object moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<RolloutPlan>,
    /// How many objects have moved.
    pub moved: i64,
    /// The objects that are on the way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub moving: Vec<MovingObject>,
    /// The canary, as namespace and name, that others wait for because it is neither ready nor failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 320))]
    pub waits_for: Option<String>,
    /// How many objects have yet to move.
    pub remaining: i64,
    /// How many objects do not move for now: they are suspended, being deleted, or on the way to another class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<i64>,
    /// Why it halted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halted_by: Option<HaltedBy>,
    /// The text of the annotation palisade.dev/resume-rollout as it was last acted upon, or as it was when the rollout halted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub resume_seen: Option<String>,
    /// When it was resumed last (RFC 3339): what was wrong before halts it no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub resumed_at: Option<String>,
    /// Unless haltOn leaves `BlockedShare` out: the objects that have arrived without its being known whether more of their requests are blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<UnjudgedObjects>,
}

/// What the change comes to for the objects that had yet to move, or were on the way to an earlier revision, when the rollout began; while
/// it is suspended and none is on the way, for those that are left. It is reckoned from what each goes by and would go by, without a call to AWS.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct RolloutPlan {
    /// How many objects are in it.
    pub objects: i64,
    /// How many of them would change.
    pub changed: i64,
    /// Of how many viewers would notice it.
    pub visible: i64,
    /// How many would be refused: they move last, and what stands for them stays.
    pub refused: i64,
    /// How many could not be reckoned.
    pub unknown: i64,
    /// Those that would be refused, the first of them by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    pub refusals: Vec<ClassPlanProblem>,
    /// Whether there are canaries and all of them would be refused, so that none moves before the others; absent where it is not so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_canary: Option<bool>,
    /// What they cost together each month now, in US dollars at list prices, whatever viewers do.
    #[schemars(length(max = 32))]
    pub monthly_before: String,
    /// The same once they have moved.
    #[schemars(length(max = 32))]
    pub monthly_after: String,
    /// About how long AWS takes for the object that it takes longest for.
    pub longest_wait_seconds: i64,
}

/// How many objects of a rollout arrived without a judgement on their share of blocked requests, and why.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct UnjudgedObjects {
    /// Too few requests were counted before or after the change.
    pub quiet: i64,
    /// AWS WAF's counters may not be read: cloudwatch:GetMetricData is not allowed.
    pub denied: i64,
    /// They could not be read for another cause, and haltOn does not ask for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<i64>,
}

/// How a rollout stands. Progressing: objects move. Suspended: spec.rollout.suspend is true. Halted: an object halted it.
/// Waiting: more revisions than are kept would be in use, so objects go back to the completed one first. Complete: all objects that
/// can move have.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum RolloutState {
    #[default]
    Progressing,
    Suspended,
    Halted,
    Waiting,
    Complete,
}

/// An object on the way to a revision.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct MovingObject {
    /// Namespace and name.
    #[schemars(length(max = 320))]
    pub object: String,
    /// Its UID.
    #[schemars(length(max = 64))]
    pub uid: String,
    /// Since when it may go by the revision (RFC 3339).
    #[schemars(length(max = 64))]
    pub since: String,
    /// Whether it was ready before: one that was not halts nothing.
    pub was_ready: bool,
    /// Unless haltOn leaves `BlockedShare` out: how many of its requests AWS WAF blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_share: Option<BlockedShare>,
}

/// How many of an object's requests AWS WAF blocked before and after a change, by its own counters.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct BlockedShare {
    /// When the counters were last asked for since the object may move (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub asked_at: Option<String>,
    /// What became of that.
    pub reading: ShareReading,
    /// In the hour before the object might move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<RequestCount>,
    /// Since it goes by the revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<RequestCount>,
}

/// What became of asking for AWS WAF's counters. Read: they are known. Denied: cloudwatch:GetMetricData is not allowed. Failed: they
/// could not be read, and are asked for again.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum ShareReading {
    #[default]
    Failed,
    Denied,
    Read,
}

/// Requests of a time.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct RequestCount {
    /// How many AWS WAF allowed or blocked.
    pub requests: i64,
    /// How many of them it blocked.
    pub blocked: i64,
}

/// The object that halted a rollout.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct HaltedBy {
    /// Namespace and name.
    #[schemars(length(max = 320))]
    pub object: String,
    /// Its UID.
    #[schemars(length(max = 64))]
    pub uid: String,
    /// The reason of its condition, or `BlockedShareRose`.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// What its condition says, shortened, or how the share rose.
    #[schemars(length(max = 1024))]
    pub message: String,
    /// When the rollout halted (RFC 3339).
    #[schemars(length(max = 64))]
    pub at: String,
}

/// How an object goes by its class's revision.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct RevisionStanding {
    /// Since when it goes by the revision (RFC 3339).
    #[schemars(length(max = 64))]
    pub since: String,
    /// When it was last looked at and probed while it moved (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub verified_at: Option<String>,
    /// Whether it was ready before it moved to the revision; absent where it came to the class by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_ready: Option<bool>,
}

fn max_unavailable(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "x-kubernetes-int-or-string": true,
        "maxLength": 8,
        "x-kubernetes-validations": [{
            "rule": "type(self) == int ? self >= 1 && self <= 50 : self.matches('^([1-9][0-9]?|100)%$')",
            "message": "spec.rollout.maxUnavailable must be a number from 1 to 50, or a share from 1% to 100%, such as 10%",
        }],
    })
}

fn canaries(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "minProperties": 1,
        "maxProperties": 8,
        "additionalProperties": {
            "type": "string",
            "maxLength": 64,
            "x-kubernetes-validations": [{
                "rule": "self.matches('^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$')",
                "message": "spec.rollout.canaries: write values of labels, such as first",
            }],
        },
    })
}
