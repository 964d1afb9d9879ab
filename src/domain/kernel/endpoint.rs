//! What an API's host name says of it.

/// Region and API id of an `execute-api` host name.
#[must_use]
pub fn arn_region_and_id(endpoint: &str) -> (&str, &str) {
    let mut parts = endpoint.split('.');
    let id = parts.next().unwrap_or_default();
    (parts.nth(1).unwrap_or_default(), id)
}
