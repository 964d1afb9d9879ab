//! What was said of an object before the pass.

use crate::api::ProtectedApi;
use crate::domain::kernel::reason::Reason;
use crate::domain::status::conditions::has_reason;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// The conditions that an object had before the pass.
pub(super) fn conditions(object: &ProtectedApi) -> &[Condition] {
    object
        .status
        .as_ref()
        .map(|status| status.conditions.as_slice())
        .unwrap_or_default()
}

/// Whether a condition of it had this reason.
pub(super) fn had_reason(object: &ProtectedApi, reason: Reason) -> bool {
    has_reason(conditions(object), reason)
}
