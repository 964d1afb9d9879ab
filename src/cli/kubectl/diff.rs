//! `kubectl palisade diff`

use super::asking::Asking;
use super::question::Question;
use super::reach::{Meant, Reach};
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
    /// The namespace; that of the kubeconfig's context where left out
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

/// Asks for it, and shows it.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    options.asking.check()?;
    waited_for(async {
        let meant = Meant {
            name: Some(options.name.clone()),
            namespace: options.namespace.clone(),
            everywhere: false,
            context: options.asking.context.clone(),
        };
        let reach = Reach::of(&meant).await?;
        let object = reach.objects().await?.into_iter().next();
        let perimeter = object.map(|object| object.data["spec"].clone());
        let question = Question {
            object: options.name.clone(),
            perimeter: perimeter.unwrap_or_default(),
        };
        options.asking.show(&reach, &question).await
    })
}
