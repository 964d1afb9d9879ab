//! The Lambda@Edge function that signs each request.

use crate::domain::signer::options::SignerOptions;
use crate::package::Module;
pub use crate::package::{HANDLER, Package, PackageError};
use serde_json::json;

static SIGNER: Module = Module::new("signer.mjs", include_str!("signer.mjs"));

/// Makes the function package for `options`.
///
/// # Errors
/// When the zip cannot be written, which only memory could cause.
pub fn package(options: &SignerOptions) -> Result<Package, PackageError> {
    let options = json!({
        "endpoint": options.endpoint,
        "region": options.region,
        "viewerAuthorization": options.viewer_authorization,
        "logs": options.logs,
    });
    SIGNER.package(&options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ViewerAuthorization;

    fn options() -> SignerOptions {
        SignerOptions {
            endpoint: "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".into(),
            region: "eu-north-1".into(),
            viewer_authorization: ViewerAuthorization::Forward,
            logs: true,
        }
    }

    #[test]
    fn the_same_configuration_gives_the_same_bytes() {
        assert_eq!(
            package(&options()).expect("a package"),
            package(&options()).expect("a package")
        );
    }

    #[test]
    fn another_configuration_gives_another_hash() {
        let other = SignerOptions {
            logs: false,
            ..options()
        };
        let hash = |options| package(options).expect("a package").code_sha256;
        assert_ne!(hash(&options()), hash(&other));
    }

    #[test]
    fn a_package_is_at_most_5_kb() {
        assert!(package(&options()).expect("a package").zip.len() <= 5_000);
    }

    #[test]
    fn the_index_holds_the_configuration_and_nothing_else() {
        assert_eq!(
            package(&options()).expect("a package").index(),
            "import {createHandler} from './signer.mjs';\n\
             export const handler = createHandler({\"endpoint\":\"a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com\",\
             \"region\":\"eu-north-1\",\"viewerAuthorization\":\"Forward\",\"logs\":true});\n"
        );
    }
}
