//! Objects that do not parse: they are told of, and never stop the watch.
//!
//! The API server lets none in, but stored objects outlive a change of the schema, and a downgraded controller meets
//! objects of its successor.

use super::context::Context;
use crate::controller::events::EventNote;
use crate::domain::kernel::reason::Reason;
use kube::Resource;
use kube::core::error_boundary::InvalidObject;
use tracing::warn;

/// Tells people of a malformed object. Nothing about it is changed in AWS.
pub async fn report_malformed(
    context: &Context,
    object: &impl Resource<DynamicType = ()>,
    invalid: &InvalidObject,
) {
    warn!(error = invalid.error, "malformed object: left as it is");
    let note = format!(
        "This object cannot be read: {}. Nothing is changed in AWS for it. Correct the field (kubectl edit), or run a \
         version of Palisade that knows it.",
        invalid.error
    );
    context
        .events
        .publish(
            &object.object_ref(&()),
            EventNote::warning(Reason::Malformed, "Read", note),
        )
        .await;
}
