//! What keeps an AWS resource of a deleted object from being deleted: told about that object, whose events outlive it.

use super::EventNote;
use crate::api::ProtectedApi;
use crate::controller::engine::sweep::Refused;
use crate::domain::kernel::failure::ErrorKind;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Resource as _;

/// What is told about which object; nothing of what passes by itself, and nothing where no tag names the object.
#[must_use]
pub fn note(refused: &Refused) -> Option<(ObjectReference, EventNote)> {
    let owner = refused.owner.as_ref()?;
    if matches!(refused.why.kind, ErrorKind::Throttled | ErrorKind::Transient) {
        return None;
    }
    let about = ObjectReference {
        api_version: Some(ProtectedApi::api_version(&()).into_owned()),
        kind: Some(ProtectedApi::kind(&()).into_owned()),
        namespace: Some(owner.namespace.clone()),
        name: Some(owner.name.clone()),
        uid: Some(owner.uid.clone()),
        ..ObjectReference::default()
    };
    let note = format!(
        "The deletion of {} {} failed, and is tried again at each --sweep: {}",
        refused.kind.noun(),
        refused.name,
        refused.why.message
    );
    Some((about, EventNote::warning(refused.why.reason, "Delete", note)))
}
