//! Adoption of a distribution that stands already: `spec.distribution.adopt` and `status.adoption`.

use super::plan_report::PlanEffect;
use super::schema::string_set;
use super::transitions::ADOPT_ID;
use kube::KubeSchema;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// A distribution that stands already and is taken over as it is, in place of a new one.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("!has(self.release) || !self.release || has(self.confirm)")
    .message("spec.distribution.adopt.release needs confirm: write the hash in status.adoption.hash; docs/adoption.md says what to write where there is none"))]
pub struct AdoptSpec {
    /// The distribution's id. The Namespace must permit it: annotation palisade.dev/allow-adopt, with ids or *. Immutable.
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^E[A-Z0-9]{1,31}$')")
        .message("spec.distribution.adopt.id must be a distribution's id, such as E1ABCDEF2GHIJK; its domain name does not do"))]
    #[x_kube(validation = Rule::new("self == oldSelf")
        .message(ADOPT_ID))]
    pub id: String,
    /// Hash of the plan that status.adoption shows. Until it is that of the present plan, nothing is written to AWS.
    /// Baseline: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{8}([0-9a-f]{24})?$')")
        .message("spec.distribution.adopt.confirm must be the hash in status.adoption.hash: 8 hexadecimal digits, in quotes; or the 32 that a refused release names"))]
    pub confirm: Option<String>,
    /// Tools whose marks the distribution bears and that will let it go: `CloudFormation`, ACK, Crossplane. status.adoption.rivals
    /// names them, with the commands. Baseline: none, and what bears such a mark is not adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "tools")]
    pub let_go: Option<Vec<String>>,
    /// True: gives the distribution back, with the configuration that it had before. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<bool>,
}

fn tools(_: &mut SchemaGenerator) -> Schema {
    string_set(
        0..=3,
        64,
        "self in ['CloudFormation', 'ACK', 'Crossplane']",
        "spec.distribution.adopt.letGo: write CloudFormation, ACK or Crossplane, as status.adoption.rivals names them",
    )
}

/// How far the adoption of a distribution has come, and what it changes.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct AdoptionStatus {
    /// The distribution's id.
    #[schemars(length(max = 64))]
    pub id: String,
    /// How far it has come.
    pub state: AdoptionState,
    /// Hash of the plan, to be written into spec.distribution.adopt.confirm; absent where nothing could be planned. Once the
    /// distribution is adopted, that of the plan that was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub hash: Option<String>,
    /// Hash of what the distribution's tags remember of it, noted before they are set: a release gives back nothing else unless confirm
    /// is the hash of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub memory_hash: Option<String>,
    /// What the adoption changes of the distribution's configuration; all else stays as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64))]
    pub changes: Vec<AdoptionChange>,
    /// What goes on elsewhere once the distribution is adopted, such as alarms on metrics of the former web ACL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), inner(length(max = 1024)))]
    pub worth_knowing: Vec<String>,
    /// Tools that may write the distribution, too, and how each lets it go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub rivals: Vec<AdoptionRival>,
    /// Why the distribution is not adopted, or not given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub refusals: Vec<AdoptionRefusal>,
    /// What the distribution used before and no longer uses. It is not deleted: look at it, and delete it yourself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 8))]
    pub no_longer_used: Vec<AdoptionUnused>,
}

/// How far an adoption has come: Planned waits for confirm, Adopting is under way, Adopted is done; Releasing and Released are the way
/// back; Refused says why in refusals.
// The variants' doc comments would replace the field's description in the schema.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum AdoptionState {
    Refused,
    Planned,
    Adopting,
    Adopted,
    Releasing,
    Released,
}

/// A field of the distribution's configuration that the adoption changes. Values are JSON, shortened where they are long.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct AdoptionChange {
    /// The field's path, such as webAclArn or origin.readTimeout.
    #[schemars(length(max = 256))]
    pub field: String,
    /// What the distribution has, as JSON; absent where it has nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub from: Option<String>,
    /// What it would have, as JSON; absent where it would have nothing, or where that is known only once it is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024))]
    pub to: Option<String>,
    /// What viewers notice.
    pub effect: PlanEffect,
}

/// A tool that may write the distribution, too.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct AdoptionRival {
    /// The tool, as spec.distribution.adopt.letGo names it. Terraform leaves no mark: it is named always and needs no consent.
    #[schemars(length(max = 64))]
    pub tool: String,
    /// What of it was seen.
    #[schemars(length(max = 1024))]
    pub seen: String,
    /// How it lets the distribution go, and the command that shows whether it did.
    #[schemars(length(max = 2048))]
    pub command: String,
    /// Whether the adoption needs its name in spec.distribution.adopt.letGo, which is not there.
    pub needs_consent: bool,
}

/// Why a distribution is not adopted, or not given back.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct AdoptionRefusal {
    /// What kind of refusal, in one CamelCase word.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// The field of the spec that it is about.
    #[schemars(length(max = 256))]
    pub field: String,
    /// What stands in the way.
    #[schemars(length(max = 2048))]
    pub message: String,
    /// What to do.
    #[schemars(length(max = 2048))]
    pub remedy: String,
}

/// Something that the distribution used before its adoption.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct AdoptionUnused {
    /// Which kind of resource: webAcl or function.
    #[schemars(length(max = 64))]
    pub kind: String,
    /// Its ARN.
    #[schemars(length(max = 2048))]
    pub arn: String,
    /// The command that shows what else uses it, and what to know before it is deleted.
    #[schemars(length(max = 2048))]
    pub command: String,
}
