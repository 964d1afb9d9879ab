//! `status`: what a person reads, and the fingerprints that let a steady object cost no AWS call.

mod access;
mod pricing_plan;
mod promotion;

pub use access::{
    AccessStatus, Asks, ErrorNamed, HeldModeStatus, ImportedCertificateStatus, KeyAsked, LockedStage,
    MutualTlsStatus, OtherDoor, OtherDoorState, OtherDoorType, ProbeMethod, ProbedStatus, PutBackStatus,
    RouteAsks,
};
pub use pricing_plan::{PlanChangeStatus, PricingPlanStatus};
pub use promotion::{MatchedStatus, PromotionState, PromotionStatus};

use super::access::ViewerAuthorization;
use super::adoption::AdoptionStatus;
use super::cost::CostStatus;
use super::effective::{AppliedClass, EffectiveStatus};
use super::plan_report::PlanReport;
use super::take_over::{HandOverStatus, TakeOverStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::KubeSchema;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the controller last saw and did. Deleting it changes nothing in AWS.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ProtectedApiStatus {
    /// The generation of the spec that this status speaks of; -1 before the controller has looked at the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The AWS account that the resources are in. An object never moves to another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub account_id: Option<String>,
    /// UID that the resources are named and tagged after, where it is not the object's own: another one, of the same name or of the
    /// UID in spec.takeOver, left them, and this one took them over as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub perimeter_uid: Option<String>,
    /// The perimeter of another object that this one has taken over by spec.takeOver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_over: Option<TakeOverStatus>,
    /// How far the perimeter has been handed over to the object that spec.handOver names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_over: Option<HandOverStatus>,
    /// Where viewers call the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300))]
    pub url: Option<String>,
    /// The class that the object goes by; absent where it goes by none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<AppliedClass>,
    /// What of the spec that is acted upon the class gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<EffectiveStatus>,
    /// What stands, what is awaited and what is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "conditions")]
    pub conditions: Vec<Condition>,
    /// Since when a condition that is not as it should be has had its reason (RFC 3339), by type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "reasons_since")]
    pub reasons_since: BTreeMap<String, String>,
    /// The CloudFront distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distribution: Option<DistributionStatus>,
    /// The adoption of a distribution that stood already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adoption: Option<AdoptionStatus>,
    /// The AWS WAF web ACL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_acl: Option<WebAclStatus>,
    /// The rules of the web ACL that count first, and what is known of their matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["rule".into()]))]
    pub promotions: Vec<PromotionStatus>,
    /// The Lambda@Edge function that signs requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<SignerStatus>,
    /// Who may call the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessStatus>,
    /// Protection by Shield Advanced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shield: Option<ShieldStatus>,
    /// The names under which viewers reach the distribution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<NamesStatus>,
    /// What the perimeter costs, by the spec as it was last acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<CostStatus>,
    /// The flat-rate pricing plan that the distribution is in; absent where it is in none, or that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing_plan: Option<PricingPlanStatus>,
    /// What is worth knowing of resources that stand as declared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub notes: Vec<StatusNote>,
    /// What would be done in AWS if spec.suspend were false; only while it is true. What it costs is told beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanReport>,
    /// What was last verified in full, by resource, and what was last written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "fingerprints")]
    pub fingerprints: BTreeMap<String, String>,
    /// When everything was last read in full (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub verified_at: Option<String>,
}

/// Something worth knowing of a resource that stands as declared.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct StatusNote {
    /// Which resource.
    #[schemars(length(max = 64))]
    pub resource: String,
    /// What kind of thing, in one CamelCase word.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// What there is to know and to do, for people.
    #[schemars(length(max = 2048))]
    pub message: String,
}

/// The CloudFront distribution, as last seen.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct DistributionStatus {
    /// The distribution's id.
    #[schemars(length(max = 64))]
    pub id: String,
    /// The distribution's ARN.
    #[schemars(length(max = 2048))]
    pub arn: String,
    /// The distribution's own domain name.
    #[schemars(length(max = 253))]
    pub domain_name: String,
    /// `InProgress` or `Deployed`.
    #[schemars(length(max = 64))]
    pub state: String,
    /// The domain name before, where somebody had deleted the distribution and it was made again; until the next full read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub former_domain_name: Option<String>,
    /// What of it may answer in place of the API; absent where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detours: Option<DetoursStatus>,
}

/// What others have put on the distribution that may answer in place of the API.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct DetoursStatus {
    /// Error pages, but for those that come from a bucket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    pub error_pages: Vec<DetourPageStatus>,
    /// Path patterns of behaviours that lead to another origin, or to the API without the perimeter's proof.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 75), inner(length(max = 255)))]
    pub path_patterns: Vec<String>,
    /// Whether a function of others gets what the API answers, refusals included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rewritten: Option<bool>,
}

/// An error page.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct DetourPageStatus {
    /// The status that viewers get.
    pub status: u16,
    /// The path at which the API itself is asked for it; absent where another origin is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 4096))]
    pub path: Option<String>,
}

/// The AWS WAF web ACL, as last seen.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct WebAclStatus {
    /// The web ACL's id.
    #[schemars(length(max = 64))]
    pub id: String,
    /// The web ACL's ARN.
    #[schemars(length(max = 2048))]
    pub arn: String,
    /// Web ACL capacity units in use, of 5,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i64>,
}

/// The signing function, as last seen.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(rename_all = "camelCase")]
pub struct SignerStatus {
    /// The function's ARN.
    #[schemars(length(max = 2048))]
    pub function_arn: String,
    /// ARN of the version that the distribution runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub version_arn: Option<String>,
    /// Base64 of the package's SHA-256.
    #[schemars(length(max = 64))]
    pub code_sha256: String,
    /// ARN of the function's role.
    #[schemars(length(max = 2048))]
    pub role_arn: String,
    /// Forward where it forwards a viewer's own Authorization header: it goes on doing so while a change to another mode waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewer_authorization: Option<ViewerAuthorization>,
    /// True where it writes logs: the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<bool>,
}

/// Protection by Shield Advanced, as last seen.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct ShieldStatus {
    /// The protection's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub protection_id: Option<String>,
    /// What Shield does against application-layer attacks: Off, Count or Block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub automatic_response: Option<String>,
    /// Since when Shield counts (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub count_since: Option<String>,
    /// When Count becomes Block (RFC 3339).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub block_due: Option<String>,
    /// Id of the health check that is associated with the protection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub health_check_id: Option<String>,
    /// Name of the alarm on attacks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub alarm: Option<String>,
}

/// The names under which viewers reach the distribution, as last seen.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct NamesStatus {
    /// ARN of the certificate that was requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub certificate_arn: Option<String>,
    /// `PENDING_VALIDATION`, `ISSUED` and the like, as ACM says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub certificate_status: Option<String>,
    /// The certificate that `spec.distribution.certificateArn` names, as last read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_certificate: Option<NamedCertificateStatus>,
    /// The hosted zones that have records of ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(max = 64)))]
    pub hosted_zone_ids: Vec<String>,
    /// Names whose records lead to the distribution.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 253)))]
    pub records: Vec<String>,
}

/// A certificate that somebody else requested or imported, as last read.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct NamedCertificateStatus {
    /// Its ARN.
    #[schemars(length(max = 2048))]
    pub arn: String,
    /// `ISSUED`, `EXPIRED` and the like, as ACM says; absent where it was never read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub status: Option<String>,
    /// Until when it is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub not_after: Option<String>,
    /// Why it could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048))]
    pub unread: Option<String>,
}

/// Conditions with the limits that Kubernetes' own documentation gives them.
pub(super) fn conditions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 32,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
        "items": {
            "description": "One aspect of the object's state.",
            "type": "object",
            "required": ["lastTransitionTime", "message", "reason", "status", "type"],
            "properties": {
                "lastTransitionTime": {
                    "description": "When the status last changed.", "type": "string", "format": "date-time",
                },
                "message": {
                    "description": "What there is to know and to do, for people.", "type": "string", "maxLength": 32768,
                },
                "observedGeneration": {
                    "description": "The generation of the spec that this condition speaks of.",
                    "type": "integer", "format": "int64", "minimum": 0,
                },
                "reason": {
                    "description": "Why the status is what it is, in one CamelCase word.",
                    "type": "string", "minLength": 1, "maxLength": 1024,
                },
                "status": {
                    "description": "Whether it holds.", "type": "string", "enum": ["True", "False", "Unknown"],
                },
                "type": {"description": "Which aspect.", "type": "string", "maxLength": 316},
            },
        },
    })
}

fn reasons_since(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 32,
        "additionalProperties": {"type": "string", "maxLength": 64},
    })
}

fn fingerprints(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": 128,
        "additionalProperties": {"type": "string", "maxLength": 1024},
    })
}
