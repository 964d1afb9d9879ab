//! Function packages: the same bytes for the same code and configuration.
//!
//! Lambda names code by its SHA-256, so a package that is made again must not differ in a byte: entries have a fixed
//! order, time and permissions. The compressor's output depends on its version; `Cargo.lock` fixes that, and a test
//! tells when an upgrade would republish every function.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::io::{Cursor, Write as _};
use std::sync::Arc;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// The handler that Lambda calls in a package.
pub const HANDLER: &str = "index.handler";

const INDEX: &str = "index.mjs";
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

impl Package {
    /// The package of a JavaScript module that exports `createHandler`, with an index that calls it with `options`.
    ///
    /// # Errors
    /// When the zip cannot be written, which only memory could cause.
    pub fn of(module: &str, source: &str, options: &Value) -> Result<Self, PackageError> {
        // JSON is JavaScript.
        let index = format!(
            "import {{createHandler}} from './{module}';\nexport const handler = createHandler({options});\n"
        );
        let zip = zip(&[(INDEX, &index), (module, source)])?;
        Ok(Self {
            code_sha256: BASE64.encode(Sha256::digest(&zip)),
            zip: zip.into(),
        })
    }
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
impl Package {
    /// The text of the generated index.
    pub(crate) fn index(&self) -> String {
        let mut archive = zip::ZipArchive::new(Cursor::new(&self.zip)).expect("a zip");
        std::io::read_to_string(archive.by_name(INDEX).expect("an index")).expect("text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use zip::ZipArchive;

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
        let package =
            Package::of("module.mjs", "export const createHandler = …", &json!({})).expect("a package");
        let mut archive = ZipArchive::new(Cursor::new(package.zip)).expect("a zip");
        let mut seen = Vec::new();
        for at in 0..archive.len() {
            let entry = archive.by_index(at).expect("an entry");
            assert_eq!(entry.compression(), CompressionMethod::Deflated);
            assert_eq!(entry.last_modified(), Some(DateTime::default()));
            assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(PERMISSIONS));
            seen.push(entry.name().expect("a name").into_owned());
        }
        assert_eq!(seen, ["index.mjs", "module.mjs"]);
    }
}
