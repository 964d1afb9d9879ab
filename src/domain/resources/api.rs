//! The API Gateway API itself: read once a generation, never written.

use serde::Serialize;

/// What API Gateway says of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Observed {
    /// `REST`, `HTTP` or `WEBSOCKET`.
    pub protocol: String,
    /// REST: `REGIONAL`, `EDGE` or `PRIVATE`, as far as given. Others: empty.
    pub endpoint_types: Vec<String>,
    /// Whether the default `execute-api` endpoint, our origin, is switched off.
    pub default_endpoint_disabled: bool,
}
