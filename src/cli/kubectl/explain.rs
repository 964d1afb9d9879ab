//! `kubectl palisade explain`

use super::form::{Form, written};
use super::look::look;
use super::place::Place;
use super::runtime::waited_for;
use crate::cli::failure::Failure;
use crate::cli::output;
use clap::Args;
use palisade::plugin::explain::{explained, text};
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade explain petstore -n shop             which value came from the object, its class or the baseline
  kubectl palisade explain petstore -n shop -o json     the same as data

Exit codes: 0 shown, 1 failed, 2 an option is wrong.";

/// Of which object, and how it is shown.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The object
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    place: Place,
    /// A list for people, or the same as data
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
}

/// Shows it.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    waited_for(async {
        let reach = options.place.reach(Some(&options.name)).await?;
        for object in reach.objects().await? {
            let explained = explained(&serde_json::to_value(&object)?)?;
            let shown = written(options.output, &explained, || text(&explained, look()))?;
            output::write(&shown)?;
        }
        Ok(ExitCode::SUCCESS)
    })
}
