//! `kubectl palisade adopt`: the manifest of a distribution that stands already. It is asked for and printed; nothing is applied.

use super::asking::Patience;
use super::form::Form;
use super::look::look;
use super::place::Place;
use super::question::{Planned, Question, Source, answered};
use super::runtime::waited_for;
use crate::cli::failure::{Failure, WrongOption};
use crate::cli::output;
use clap::Args;
use palisade::api::StandingDistribution;
use palisade::plugin::adopting::{Wanted, is_refused, manifest, text, without_consent};
use std::io::{self, Write as _};
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade adopt E1ABCDEF2GHIJK -n shop --name petstore
      the manifest, what its adoption changes, who else may write the distribution, and what to do next
  kubectl palisade adopt E1ABCDEF2GHIJK -n shop --name petstore --let-go CloudFormation -o yaml > petstore.yaml
      the manifest alone, with the consent that CloudFormation lets the distribution go

The controller reads the distribution; no AWS credentials are needed here, and nothing is written to AWS. The Namespace must permit
the id (annotation palisade.dev/allow-adopt) and the API behind it (palisade.dev/allowed-apis).

Exit codes: 0 printed; 1 no plan, or the distribution cannot be adopted as it is; 2 an option is wrong.";

/// Which distribution, and for which object.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The distribution's id
    #[arg(value_name = "DISTRIBUTION")]
    id: String,
    /// Name of the object that the manifest is for; there must be none of that name yet
    #[arg(long, value_name = "NAME")]
    name: String,
    #[command(flatten)]
    place: Place,
    /// The AwsAccount that the distribution is in; the controller's own account where left out
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The API's stage that viewers reach, where neither the distribution nor the API tells which
    #[arg(long, value_name = "STAGE")]
    stage: Option<String>,
    /// A tool that bears a mark on the distribution and will let it go (CloudFormation, ACK, Crossplane); may be repeated
    #[arg(long, value_name = "TOOL")]
    let_go: Vec<String>,
    /// Text for people, or the manifest alone
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
    #[command(flatten)]
    patience: Patience,
}

/// Asks for it, and shows it.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    let patience = options.patience.checked();
    let timeout = patience.map_err(|wrong| WrongOption(wrong.to_owned()))?;
    waited_for(async {
        let reach = options.place.reach(None).await?;
        let question = Question {
            object: options.name.clone(),
            of: Source::Standing(StandingDistribution {
                distribution_id: options.id.clone(),
                account_name: options.account.clone(),
                stage: options.stage.clone(),
                let_go: (!options.let_go.is_empty()).then(|| options.let_go.clone()),
            }),
            tried_with: None,
        };
        let planned = Box::pin(answered(&reach, &question, timeout, false)).await?;
        let Planned::Object(made) = planned else {
            return Err("the controller answered with the plan of a class: ask again".into());
        };
        let wanted = Wanted {
            namespace: reach.namespace(),
            name: &options.name,
            id: &options.id,
            account: options.account.as_deref(),
            stage: options.stage.as_deref(),
            context: options.place.context.as_deref(),
        };
        let found = manifest(&made, wanted)?;
        let yaml = format!("---\n{}", serde_yaml::to_string(&found)?);
        let shown = match options.output {
            Form::Text => text(&made, &yaml, wanted, look()),
            Form::Json => serde_json::to_string_pretty(&found)? + "\n",
            Form::Yaml => yaml,
        };
        output::write(&shown)?;
        let missing = without_consent(&made);
        if options.output != Form::Text && !missing.is_empty() {
            // Standard error may be closed; there is nobody else to tell.
            let _ = writeln!(
                io::stderr(),
                "the distribution is not adopted by this manifest yet: it lacks --let-go {}; the same command without -o says what that \
                 means",
                missing.join(" --let-go ")
            );
        }
        if !is_refused(&made) {
            return Ok(ExitCode::SUCCESS);
        }
        if options.output != Form::Text {
            // Standard error may be closed; there is nobody else to tell.
            let _ = writeln!(
                io::stderr(),
                "the distribution cannot be adopted as it is: the same command without -o says why"
            );
        }
        Ok(ExitCode::FAILURE)
    })
}
