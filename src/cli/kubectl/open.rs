//! `kubectl palisade open`

use super::reach::{Meant, Reach};
use super::runtime::waited_for;
use crate::cli::failure::Failure;
use crate::cli::output;
use clap::Args;
use palisade::plugin::opening;
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade open petstore -n shop > open.sh      to be read, and run step by step: it needs the AWS CLI and jq

Exit codes: 0 printed, 1 failed, 2 an option is wrong.";

/// Of which object.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The object whose API is to be opened
    #[arg(value_name = "NAME")]
    name: String,
    /// The namespace; that of the kubeconfig's context where left out
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// The context of the kubeconfig; the current one where left out
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,
}

/// Prints the commands.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    waited_for(async {
        let meant = Meant {
            name: Some(options.name.clone()),
            namespace: options.namespace.clone(),
            everywhere: false,
            context: options.context.clone(),
        };
        let reach = Reach::of(&meant).await?;
        for object in reach.objects().await? {
            output::write(&opening::commands(&serde_json::to_value(&object)?)?)?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
