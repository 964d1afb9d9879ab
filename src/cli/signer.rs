//! `palisade signer`

use super::failure::Failure;
use super::values;
use clap::{Args, ValueEnum};
use palisade::api::ViewerAuthorization;
use palisade::domain::kernel::endpoint::region_and_id_or_any;
use palisade::domain::signer::options::SignerOptions;
use palisade::signer::{HANDLER, package};
use std::fs;
use std::path::PathBuf;

/// What the package is told, and where it goes.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Host name of the API's default endpoint
    #[arg(long, value_name = "HOST", value_parser = values::endpoint)]
    endpoint: String,
    /// What happens to a viewer's own Authorization header, which the signature replaces
    #[arg(long, value_name = "POLICY", default_value = "Drop")]
    viewer_authorization: Viewer,
    /// Log refusals and errors to CloudWatch, in each Region with an edge cache
    #[arg(long)]
    logs: bool,
    /// Where the package is written
    #[arg(short, long, value_name = "FILE", default_value = "signer.zip")]
    output: PathBuf,
}

const EXAMPLES: &str = "Example:
  palisade signer --endpoint a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com -o signer.zip

The same options give the same bytes; the hash printed is Lambda's CodeSha256.";

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "PascalCase")]
enum Viewer {
    /// The API never sees it
    Drop,
    /// The API gets it as x-forwarded-authorization
    Forward,
}

/// Writes the package.
pub fn run(options: &Options) -> Result<(), Failure> {
    let package = package(&SignerOptions {
        endpoint: options.endpoint.clone(),
        region: region_and_id_or_any(&options.endpoint).0.to_owned(),
        viewer_authorization: match options.viewer_authorization {
            Viewer::Drop => ViewerAuthorization::Drop,
            Viewer::Forward => ViewerAuthorization::Forward,
        },
        logs: options.logs,
    })?;
    let file = options.output.display();
    fs::write(&options.output, &package.zip)
        .map_err(|error| format!("writing {file} (--output): {error}"))?;
    println!(
        "{file}: {} bytes, handler {HANDLER}, CodeSha256 {}",
        package.zip.len(),
        package.code_sha256
    );
    Ok(())
}
