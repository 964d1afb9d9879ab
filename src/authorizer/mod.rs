//! The Lambda authorizer that lets in who shows the secret header. It is given digests, never a value.

use crate::api::OriginType;
use crate::package::Module;
pub use crate::package::{HANDLER, Package, PackageError};
use serde_json::json;

static AUTHORIZER: Module = Module::new("authorizer.mjs", include_str!("authorizer.mjs"));

/// What an authorizer is told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Options {
    /// Names of the headers that may carry an accepted value, in any order: two while one takes the other's place.
    pub headers: Vec<String>,
    /// Lower-case hex of the accepted values' SHA-256, in any order.
    pub digests: Vec<String>,
    /// The API's protocol, which decides how the authorizer answers.
    pub protocol: OriginType,
}

/// Makes the function package for `options`.
///
/// # Errors
/// When the zip cannot be written, which only memory could cause.
pub fn package(options: &Options) -> Result<Package, PackageError> {
    let mut digests = options.digests.clone();
    digests.sort_unstable();
    digests.dedup();
    let mut headers = options.headers.clone();
    headers.sort_unstable();
    headers.dedup();
    let options = json!({"headers": headers, "digests": digests, "format": options.protocol});
    AUTHORIZER.package(&options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(digests: &[char]) -> Options {
        Options {
            headers: vec!["x-origin-verify".into()],
            digests: digests.iter().map(|digit| digit.to_string().repeat(64)).collect(),
            protocol: OriginType::Rest,
        }
    }

    fn package_of(options: &Options) -> Package {
        package(options).expect("a package")
    }

    #[test]
    fn the_same_digests_give_the_same_bytes_in_any_order() {
        let package = package_of(&options(&['a', 'b']));
        assert_eq!(package, package_of(&options(&['b', 'a'])));
        assert_eq!(package, package_of(&options(&['b', 'a', 'b'])));
    }

    #[test]
    fn another_configuration_gives_another_hash() {
        let hash = |options: &Options| package_of(options).code_sha256;
        let before = hash(&options(&['a']));
        let other_protocol = Options {
            protocol: OriginType::WebSocket,
            ..options(&['a'])
        };
        let other_header = Options {
            headers: vec!["x-other".into()],
            ..options(&['a'])
        };
        for other in [
            options(&['b']),
            options(&['a', 'b']),
            other_protocol,
            other_header,
        ] {
            assert_ne!(hash(&other), before, "{other:?}");
        }
    }

    #[test]
    fn a_package_is_at_most_3_kb() {
        assert!(package_of(&options(&['a', 'b'])).zip.len() <= 3_000);
    }

    #[test]
    fn the_index_holds_the_sorted_digests_and_the_format() {
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        for (protocol, format) in [
            (OriginType::Rest, "REST"),
            (OriginType::Http, "HTTP"),
            (OriginType::WebSocket, "WEBSOCKET"),
        ] {
            let options = Options {
                protocol,
                ..options(&['b', 'a'])
            };
            assert_eq!(
                package_of(&options).index(),
                format!(
                    "import {{createHandler}} from './authorizer.mjs';\n\
                     export const handler = createHandler({{\"headers\":[\"x-origin-verify\"],\
                     \"digests\":[\"{a}\",\"{b}\"],\"format\":\"{format}\"}});\n"
                )
            );
        }
    }
}
