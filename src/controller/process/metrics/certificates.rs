//! Certificates as a metric: how long those that perimeters stand on are still valid.

use crate::api::{ProtectedApi, ProtectedApiStatus};
use jiff::Timestamp;

/// Until when a certificate is valid, as status has it.
type End = fn(&ProtectedApiStatus) -> Option<&String>;

/// What the certificates serve: the field of `spec.distribution` that names them for viewers, and those of mutual TLS.
const SOURCES: [(&str, End); 3] = [
    ("certificateArn", |status| {
        let names = status.names.as_ref()?;
        names.named_certificate.as_ref()?.not_after.as_ref()
    }),
    ("clientCertificate", |status| {
        let known = status.access.as_ref()?.mutual_tls.as_ref()?;
        known.client_certificate_not_after.as_ref()
    }),
    ("originCertificate", |status| {
        let known = status.access.as_ref()?.mutual_tls.as_ref()?;
        known.origin_certificate_not_after.as_ref()
    }),
];

/// Seconds until each of the object's certificates expires, as last read, by what it serves; below 0 once it has.
pub(super) fn seconds_left(
    object: &ProtectedApi,
    now: Timestamp,
) -> impl Iterator<Item = (&'static str, f64)> {
    let status = object.status.as_ref();
    SOURCES.into_iter().filter_map(move |(source, end)| {
        let end: Timestamp = end(status?)?.parse().ok()?;
        Some((source, end.duration_since(now).as_secs_f64()))
    })
}
