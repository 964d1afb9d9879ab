//! `kubectl palisade release`: shows what giving an adopted distribution back does, and asks for it where that is confirmed.

use super::asking::Asking;
use super::place::Place;
use super::question::{Question, Source};
use super::runtime::waited_for;
use crate::cli::failure::{Failure, WrongOption};
use crate::cli::output;
use clap::Args;
use palisade::plugin::releasing::{asked, command, is_adopted, patch, watching};
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade release petstore -n shop            what giving its distribution back does; nothing is changed
  kubectl palisade release petstore -n shop --yes      the same, and sets spec.distribution.adopt.release to true

The controller then has the distribution use what it used before, and takes its tags off; viewers are served all the while. The lock of
the API stays as it is. Delete the object afterwards: what was made beside the distribution goes with it. Where the manifest is in Git,
set the field there instead, or the next sync takes it out again.

Exit codes: 0 shown, or asked for; 1 failed; 2 an option is wrong.";

/// Of which object, and whether it is done.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The object that has adopted the distribution
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    place: Place,
    /// Asks for it, by your own rights on the object
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    asking: Asking,
}

/// Shows it, and asks for it.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    let wrong = |wrong: Failure| WrongOption(wrong.to_string());
    options.asking.check().map_err(wrong)?;
    waited_for(async {
        let reach = options.place.reach(Some(&options.name)).await?;
        let object = reach.objects().await?.into_iter().next();
        let object = serde_json::to_value(&object)?;
        is_adopted(&object, reach.context())?;
        let question = Question {
            object: options.name.clone(),
            of: Source::Perimeter(asked(&object)),
            tried_with: None,
        };
        options.asking.show(&reach, &question).await?;
        let (namespace, context) = (reach.namespace(), options.place.context.as_deref());
        if options.yes {
            reach.patch(&options.name, &patch()).await?;
            let watching = watching(namespace, &options.name, context);
            let said = format!("asked for: {watching} shows how far it is\n");
            return said_beside(&options.asking, &said);
        }
        let said = format!("To ask for it: {}\n", command(namespace, &options.name, context));
        said_beside(&options.asking, &said)
    })
}

/// Beside data there is no place for words.
fn said_beside(asking: &Asking, said: &str) -> Result<ExitCode, Failure> {
    if asking.is_text() {
        output::write(said)?;
    }
    Ok(ExitCode::SUCCESS)
}
