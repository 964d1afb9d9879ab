//! What is baked into the signer's package.

use crate::api::{ProtectedApiSpec, SigV4Spec, ViewerAuthorization};
use crate::domain::kernel::endpoint::region_and_id_or_any;

/// What is baked into the signer's package.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SignerOptions {
    /// The only host for which it signs.
    pub endpoint: String,
    /// The Region it signs for.
    pub region: String,
    /// What happens to a viewer's Authorization header.
    pub viewer_authorization: ViewerAuthorization,
    /// Whether refusals and errors are logged.
    pub logs: bool,
}

/// What the signer of `spec` has to know.
#[must_use]
pub fn signer_options(spec: &ProtectedApiSpec) -> SignerOptions {
    let sig_v4 = sig_v4(spec);
    SignerOptions {
        region: region_and_id_or_any(&spec.origin.endpoint).0.to_owned(),
        endpoint: spec.origin.endpoint.clone(),
        viewer_authorization: sig_v4.viewer_authorization.unwrap_or_default(),
        logs: sig_v4.logs.unwrap_or_default(),
    }
}

/// What the spec says of signing.
pub(in crate::domain) fn sig_v4(spec: &ProtectedApiSpec) -> SigV4Spec {
    spec.access
        .clone()
        .and_then(|access| access.sig_v4)
        .unwrap_or_default()
}
