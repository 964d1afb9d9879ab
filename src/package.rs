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
use std::sync::{Arc, OnceLock};
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

/// The JavaScript module of a function. It is compressed once, which costs more than the rest of a pass that finds all in place.
pub struct Module {
    name: &'static str,
    source: &'static str,
    packed: OnceLock<Vec<u8>>,
}

impl Module {
    /// A module that exports `createHandler`.
    #[must_use]
    pub const fn new(name: &'static str, source: &'static str) -> Self {
        Self {
            name,
            source,
            packed: OnceLock::new(),
        }
    }

    /// The package of the module, with an index that calls it with `options`.
    ///
    /// # Errors
    /// When the zip cannot be written, which only memory could cause.
    pub fn package(&self, options: &Value) -> Result<Package, PackageError> {
        // JSON is JavaScript.
        let index = format!(
            "import {{createHandler}} from './{}';\nexport const handler = createHandler({options});\n",
            self.name
        );
        let mut writer = ZipWriter::new_append(Cursor::new(self.packed()?))?;
        writer.start_file(INDEX, entry().compression_method(CompressionMethod::Stored))?;
        writer.write_all(index.as_bytes())?;
        let zip = writer.finish()?.into_inner();
        Ok(Package {
            code_sha256: BASE64.encode(Sha256::digest(&zip)),
            zip: zip.into(),
        })
    }

    /// A zip file of the module alone.
    fn packed(&self) -> Result<Vec<u8>, PackageError> {
        if let Some(packed) = self.packed.get() {
            return Ok(packed.clone());
        }
        let options = entry()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL));
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(self.name, options)?;
        writer.write_all(self.source.as_bytes())?;
        let packed = writer.finish()?.into_inner();
        Ok(self.packed.get_or_init(|| packed).clone())
    }
}

fn entry() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(PERMISSIONS)
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
        let zip = Module::new("index.mjs", text.leak()).packed().expect("a zip");
        let hash = BASE64.encode(Sha256::digest(&zip));
        assert_eq!(hash, "U/g8bytBDKVcSESJwPN5UizPVqY7VfbeBU9u5ukOO2c=");
    }

    #[test]
    fn entries_have_a_fixed_order_time_and_permissions() {
        let module = Module::new("module.mjs", "export const createHandler = …");
        let package = module.package(&json!({})).expect("a package");
        let mut archive = ZipArchive::new(Cursor::new(package.zip)).expect("a zip");
        let mut seen = Vec::new();
        for at in 0..archive.len() {
            let entry = archive.by_index(at).expect("an entry");
            assert_eq!(entry.last_modified(), Some(DateTime::default()));
            assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(PERMISSIONS));
            seen.push((entry.name().expect("a name").into_owned(), entry.compression()));
        }
        let expected = [
            ("module.mjs".to_owned(), CompressionMethod::Deflated),
            ("index.mjs".to_owned(), CompressionMethod::Stored),
        ];
        assert_eq!(seen, expected);
    }
}
