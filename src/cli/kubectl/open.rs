//! `kubectl palisade open`

use super::form::{Form, written};
use super::place::Place;
use super::runtime::waited_for;
use crate::cli::failure::Failure;
use crate::cli::output;
use clap::Args;
use palisade::plugin::opening::Opening;
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade open petstore -n shop > open.sh      to be read, and run step by step: it needs the AWS CLI and jq
  kubectl palisade open petstore -n shop -o json        the same as a list of steps

Exit codes: 0 printed, 1 failed, 2 an option is wrong.";

/// Of which object.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The object whose API is to be opened
    #[arg(value_name = "NAME")]
    name: String,
    /// A script, or its steps as data
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
    #[command(flatten)]
    place: Place,
}

/// Prints the commands.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    waited_for(async {
        let reach = options.place.reach(Some(&options.name)).await?;
        for object in reach.objects().await? {
            let opening = Opening::of(&serde_json::to_value(&object)?, options.place.context.as_deref())?;
            output::write(&written(options.output, &opening, || opening.script())?)?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
