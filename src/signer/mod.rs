//! The Lambda@Edge function that signs each request: its package, the same bytes for the same configuration.
//!
//! Lambda names code by its SHA-256, so a package that is made again must not differ in a byte: entries have a fixed
//! order, time and permissions. The compressor's output depends on its version; `Cargo.lock` fixes that, and a test
//! tells when an upgrade would republish every function.

use crate::domain::desired::SignerOptions;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write as _};
use std::sync::Arc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// The handler that Lambda calls in the package.
pub const HANDLER: &str = "index.handler";

const SIGNER: &str = include_str!("signer.mjs");
const PERMISSIONS: u32 = 0o644;
const LEVEL: i64 = 9;

/// A function package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The zip file.
    pub zip: Arc<[u8]>,
    /// Base64 of the zip's SHA-256, as Lambda's `CodeSha256`.
    pub code_sha256: String,
}

/// Why there is no package.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
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
            Self::Zip(_) => "PackageNotWritten",
            Self::Entry(_) => "PackageEntryNotWritten",
        }
    }
}

/// Makes the function package for `options`.
///
/// # Errors
/// When the zip cannot be written, which only memory could cause.
pub fn package(options: &SignerOptions) -> Result<Package, PackageError> {
    let zip = zip(&[("index.mjs", &index(options)), ("signer.mjs", SIGNER)])?;
    Ok(Package {
        code_sha256: BASE64.encode(Sha256::digest(&zip)),
        zip: zip.into(),
    })
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

fn index(options: &SignerOptions) -> String {
    // JSON is JavaScript.
    let options = json!({
        "endpoint": options.endpoint,
        "region": options.region,
        "viewerAuthorization": options.viewer_authorization,
        "logs": options.logs,
    });
    format!(
        "import {{createHandler}} from './signer.mjs';\nexport const handler = createHandler({options});\n"
    )
}

fn zip(entries: &[(&str, &str)]) -> Result<Vec<u8>, PackageError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
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
    use crate::api::ViewerAuthorization;
    use std::io::Read as _;
    use zip::ZipArchive;

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

    /// When this fails after an upgrade, the new compressor republishes the function of every object once: say so in the
    /// release's notes, and take the new value over.
    #[test]
    fn the_compressor_writes_what_it_always_wrote() {
        let text = "export const handler = async (event) => event.Records[0].cf.request;\n".repeat(8);
        let zip = zip(&[("index.mjs", &text)]).expect("a zip");
        let hash = BASE64.encode(Sha256::digest(&zip));
        assert_eq!(hash, "U/g8bytBDKVcSESJwPN5UizPVqY7VfbeBU9u5ukOO2c=");
    }

    #[test]
    fn entries_are_stored_with_fixed_time_and_permissions() {
        let package = package(&options()).expect("a package");
        let mut archive = ZipArchive::new(Cursor::new(package.zip)).expect("a zip");
        let mut seen = Vec::new();
        for at in 0..archive.len() {
            let entry = archive.by_index(at).expect("an entry");
            assert_eq!(entry.compression(), CompressionMethod::Deflated);
            assert_eq!(entry.last_modified(), Some(DateTime::default()));
            assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(PERMISSIONS));
            seen.push(entry.name().expect("a name").into_owned());
        }
        assert_eq!(seen, ["index.mjs", "signer.mjs"]);
    }

    #[test]
    fn the_index_holds_the_configuration_and_nothing_else() {
        let package = package(&options()).expect("a package");
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
    fn the_region_is_part_of_the_endpoint() {
        assert_eq!(
            region_of("a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com"),
            Some("eu-north-1")
        );
        for wrong in [
            "",
            "example.com",
            "a.execute-api..amazonaws.com",
            "a'b.execute-api.eu-west-1.amazonaws.com",
        ] {
            assert_eq!(region_of(wrong), None, "{wrong}");
        }
    }
}
