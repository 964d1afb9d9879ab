//! The Lambda@Edge function that signs each request: its package, the same bytes for the same configuration.
//!
//! Lambda names code by its SHA-256, so a package that is made again must not differ in a byte: entries have a fixed
//! order, time and permissions, and are stored without compression, whose output depends on the compressor's version.

use crate::api::ViewerAuthorization;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// The handler that Lambda calls in the package.
pub const HANDLER: &str = "index.handler";

const SIGNER: &str = include_str!("signer.mjs");
const PERMISSIONS: u32 = 0o644;

/// What one API's signer is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignerConfig {
    /// Host name of the API's default endpoint; its Region is part of it.
    pub endpoint: String,
    /// What happens to a viewer's own Authorization header.
    pub viewer_authorization: ViewerAuthorization,
    /// Whether refusals and errors are logged.
    pub logs: bool,
}

/// A function package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The zip file.
    pub zip: Vec<u8>,
    /// Base64 of the zip's SHA-256, as Lambda's `CodeSha256`.
    pub code_sha256: String,
}

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// The endpoint does not tell its Region.
    #[error(
        "{0:?} is not an API's default endpoint, such as a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"
    )]
    Endpoint(String),
    /// The zip could not be written.
    #[error("writing the package: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// An entry of the zip could not be written.
    #[error("writing the package: {0}")]
    Entry(#[from] std::io::Error),
}

impl PackageError {
    /// Name of the failed step, for conditions, events and metrics.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self {
            Self::Endpoint(_) => "InvalidEndpoint",
            Self::Zip(_) | Self::Entry(_) => "PackageFailed",
        }
    }
}

/// Makes the function package for `config`.
///
/// # Errors
/// When the endpoint is no `execute-api` host.
pub fn package(config: &SignerConfig) -> Result<Package, PackageError> {
    let zip = zip(&[("index.mjs", &index(config)?), ("signer.mjs", SIGNER)])?;
    let code_sha256 = BASE64.encode(Sha256::digest(&zip));
    Ok(Package { zip, code_sha256 })
}

/// The Region in the host name of an API's default endpoint.
#[must_use]
pub fn region_of(endpoint: &str) -> Option<&str> {
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match endpoint.split('.').collect::<Vec<_>>()[..] {
        [api, "execute-api", region, "amazonaws", "com"] if plain(api) && plain(region) => Some(region),
        _ => None,
    }
}

fn index(config: &SignerConfig) -> Result<String, PackageError> {
    let region =
        region_of(&config.endpoint).ok_or_else(|| PackageError::Endpoint(config.endpoint.clone()))?;
    // JSON is JavaScript.
    let options = json!({
        "endpoint": config.endpoint,
        "region": region,
        "viewerAuthorization": config.viewer_authorization,
        "logs": config.logs,
    });
    Ok(format!(
        "import {{createHandler}} from './signer.mjs';\nexport const handler = createHandler({options});\n"
    ))
}

fn zip(entries: &[(&str, &str)]) -> Result<Vec<u8>, PackageError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(PERMISSIONS);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        writer.start_file(*name, options)?;
        writer.write_all(text.as_bytes())?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;
    use zip::ZipArchive;

    fn config() -> SignerConfig {
        SignerConfig {
            endpoint: "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com".into(),
            viewer_authorization: ViewerAuthorization::Forward,
            logs: true,
        }
    }

    #[test]
    fn the_same_configuration_gives_the_same_bytes() {
        assert_eq!(
            package(&config()).expect("a package"),
            package(&config()).expect("a package")
        );
    }

    #[test]
    fn another_configuration_gives_another_hash() {
        let other = SignerConfig {
            logs: false,
            ..config()
        };
        let hash = |config| package(config).expect("a package").code_sha256;
        assert_ne!(hash(&config()), hash(&other));
    }

    #[test]
    fn entries_are_stored_with_fixed_time_and_permissions() {
        let package = package(&config()).expect("a package");
        let mut archive = ZipArchive::new(Cursor::new(package.zip)).expect("a zip");
        let mut seen = Vec::new();
        for at in 0..archive.len() {
            let entry = archive.by_index(at).expect("an entry");
            assert_eq!(entry.compression(), CompressionMethod::Stored);
            assert_eq!(entry.last_modified(), Some(DateTime::default()));
            assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(PERMISSIONS));
            seen.push(entry.name().expect("a name").into_owned());
        }
        assert_eq!(seen, ["index.mjs", "signer.mjs"]);
    }

    #[test]
    fn the_index_holds_the_configuration_and_nothing_else() {
        let package = package(&config()).expect("a package");
        let mut archive = ZipArchive::new(Cursor::new(package.zip)).expect("a zip");
        let mut text = String::new();
        archive
            .by_name("index.mjs")
            .expect("index.mjs")
            .read_to_string(&mut text)
            .expect("text");
        assert_eq!(
            text,
            "import {createHandler} from './signer.mjs';\n\
             export const handler = createHandler({\"endpoint\":\"a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com\",\
             \"region\":\"eu-north-1\",\"viewerAuthorization\":\"Forward\",\"logs\":true});\n"
        );
    }

    #[test]
    fn a_host_that_is_no_execute_api_endpoint_is_refused() {
        for endpoint in [
            "",
            "example.com",
            "a.execute-api..amazonaws.com",
            "a'b.execute-api.eu-west-1.amazonaws.com",
        ] {
            let config = SignerConfig {
                endpoint: endpoint.into(),
                ..config()
            };
            assert!(
                matches!(package(&config), Err(PackageError::Endpoint(_))),
                "{endpoint}"
            );
        }
    }
}
