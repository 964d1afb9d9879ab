//! `kubectl palisade diff`

use super::asking::Asking;
use super::place::Place;
use super::question::{Question, Source};
use super::runtime::waited_for;
use crate::cli::failure::Failure;
use clap::Args;
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade diff petstore -n shop      what AWS has otherwise than the object says, and what would be done about it

Exit codes: 0 nothing to do, 2 something to do, 1 no plan, also where an option is wrong.";

/// Of which object, and how it is shown.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The object
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    asking: Asking,
}

/// Asks for it, and shows it.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    options.asking.check()?;
    waited_for(async {
        let reach = options.place.reach(Some(&options.name)).await?;
        let object = reach.objects().await?.into_iter().next();
        let perimeter = object.map(|object| object.data["spec"].clone());
        let question = Question {
            object: options.name.clone(),
            of: Source::Perimeter(perimeter.unwrap_or_default()),
            tried_with: None,
        };
        options.asking.show(&reach, &question).await
    })
}
