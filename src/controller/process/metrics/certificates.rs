//! Certificates as a metric: how long those that specs name are still valid.

use crate::api::ProtectedApi;
use jiff::Timestamp;

/// The field of `spec.distribution` that names them.
pub(super) const SOURCE: &str = "certificateArn";

/// Seconds until the certificate expires that the object's spec names, as last read; below 0 once it has.
pub(super) fn seconds_left(object: &ProtectedApi, now: Timestamp) -> Option<f64> {
    let names = object.status.as_ref()?.names.as_ref()?;
    let not_after = names.named_certificate.as_ref()?.not_after.as_ref()?;
    let end: Timestamp = not_after.parse().ok()?;
    Some(end.duration_since(now).as_secs_f64())
}
