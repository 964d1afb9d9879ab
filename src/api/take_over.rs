//! A perimeter that another object kept, or is to keep: `spec.takeOver` and `spec.handOver`, and what status says of them.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Consent to take over a perimeter that another object kept, as it stands.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct TakeOverSpec {
    /// What the tag palisade.dev/uid of its distribution says. The Namespace must permit it: annotation
    /// palisade.dev/allowed-perimeters, with UIDs or *.
    #[schemars(length(max = 64))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')")
        .message("spec.takeOver.uid must be the UID that the distribution's tag palisade.dev/uid has, such as 0f1e2d3c-0000-4000-8000-000000000000: `kubectl palisade orphans` names it"))]
    pub uid: String,
    /// True: nobody keeps it any more, so that it is taken over without its keeper's word: its cluster is lost. Not needed for what was
    /// retained, or whose object of this cluster is gone. Baseline: false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeper_is_gone: Option<bool>,
}

/// A perimeter that was taken over. Keepers are written as cluster, namespace and name, with slashes between them.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct TakeOverStatus {
    /// UID by which it is known.
    #[schemars(length(max = 64))]
    pub uid: String,
    /// When this object became its keeper (RFC 3339).
    #[schemars(length(max = 64))]
    pub at: String,
    /// The object that its parts were made for, and are named after.
    #[schemars(length(max = 256))]
    pub made_for: String,
    /// The object that kept it before.
    #[schemars(length(max = 256))]
    pub taken_from: String,
    /// How often the perimeter has been taken over, this time included.
    pub takeovers: u32,
}

/// An object of another cluster that is to keep the perimeter, and is offered it.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq, Default)]
#[serde(rename_all = "camelCase")]
pub struct HandOverSpec {
    /// The UID of the other cluster's namespace kube-system, and namespace and name of the object there, with slashes between them.
    #[schemars(length(max = 256))]
    #[x_kube(validation = Rule::new("self.matches('^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$')")
        .message("spec.handOver.to must be <UID of kube-system in the other cluster>/<namespace>/<name>: `kubectl palisade handover` writes it"))]
    pub to: String,
}

/// How far a perimeter has been handed over.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct HandOverStatus {
    /// To whom, as spec.handOver says it.
    #[schemars(length(max = 256))]
    pub to: String,
    /// Since when it is offered (RFC 3339).
    #[schemars(length(max = 64))]
    pub offered_at: String,
    /// How far it is.
    pub state: HandOverState,
}

/// Offered: this object keeps it until the other one has come for it. Taken: the other one keeps it, and this one writes nothing more.
// The variants' doc comments would replace the field's description in the schema.
#[derive(Serialize, Deserialize, JsonSchema, Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum HandOverState {
    Offered,
    Taken,
}
