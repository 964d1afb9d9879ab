//! `kubectl palisade orphans`

use super::form::{Form, written};
use super::look::look;
use super::orphan_deletion;
use super::place::Place;
use super::plan::{manifest_of, namespace};
use super::reach::Reach;
use super::runtime::waited_for;
use crate::cli::failure::Failure;
use crate::cli::output;
use clap::{Args, Subcommand};
use kube::Error;
use kube::api::{Api, ApiResource, DynamicObject, ListParams};
use palisade::api::AwsAccount;
use palisade::plugin::clean;
use palisade::plugin::orphans::{Account, TakeOver, text};
use serde_json::json;
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade orphans                what of objects that are gone stands in each AWS account
  kubectl palisade orphans -o json        the same as data
  kubectl palisade orphans adopt UID -f petstore.yaml    the manifest of the object that takes over what UID had
  kubectl palisade orphans delete UID                    what is left of UID, and, once that is confirmed, has the controller delete it

It is as old as the controller's last count (--sweep). The list deletes nothing.

Exit codes: 0 shown, 1 failed, 2 an option is wrong.";

const OF_ADOPT: &str = "Examples:
  kubectl palisade orphans adopt UID -f petstore.yaml            the manifest, and what to do; nothing is applied
  kubectl palisade orphans adopt UID -f petstore.yaml --yes      the same, and makes the object, with spec.suspend: true
  kubectl palisade orphans adopt UID -f petstore.yaml -o yaml    the manifest alone

The file has the spec as Git or the backup has it; of its metadata name and namespace are taken. The object of another name than before
takes the perimeter over by spec.takeOver, which its Namespace has to permit. Nothing is written to AWS until spec.suspend is false.

Exit codes: 0 shown, or made; 1 there is nothing to take over, or the object cannot be made; 2 an option is wrong.";

/// How it is shown, or what is done about it.
#[derive(Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    act: Option<Act>,
    /// The context of the kubeconfig; the current one where left out
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,
    /// Text for people, or the list as data
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
}

#[derive(Subcommand)]
enum Act {
    /// Write the manifest of the object that takes over what a UID had; with --yes, make it, held up by spec.suspend
    Adopt(Adopt),
    /// Show what is left of a UID and serves no viewer, and have the controller delete it
    Delete(orphan_deletion::Options),
}

/// Of which object, and by which one.
#[derive(Args)]
#[command(after_help = OF_ADOPT)]
struct Adopt {
    /// The UID, as kubectl palisade orphans shows it
    #[arg(value_name = "UID")]
    uid: String,
    /// File with the object as kubectl apply takes it, YAML or JSON; - is standard input
    #[arg(short, long, value_name = "FILE")]
    filename: String,
    #[command(flatten)]
    place: Place,
    /// Makes the object, by your own rights
    #[arg(long)]
    yes: bool,
    /// Text for people, or the manifest alone
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
}

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
#[error(
    "you may not list AwsAccounts, whose status says what no object owns: {said}. Ask for list of awsaccounts.palisade.dev, which is a \
     right for whoever runs the cluster"
)]
struct Forbidden {
    said: String,
}

/// Asks for it, and shows it.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    match &options.act {
        None => list(options),
        Some(Act::Adopt(adopt)) => take_over(adopt),
        Some(Act::Delete(delete)) => orphan_deletion::run(delete),
    }
}

fn take_over(options: &Adopt) -> Result<ExitCode, Failure> {
    let object = manifest_of(&options.filename)?;
    let context = options.place.context.as_deref();
    let place = Place {
        namespace: namespace(options.place.namespace.as_deref(), object.namespace.as_deref())?,
        context: options.place.context.clone(),
    };
    waited_for(async {
        let reach = place.reach(None).await?;
        let accounts = accounts(&reach).await?;
        let taken = TakeOver::of(&accounts, &options.uid, &object, reach.namespace())?;
        let manifest = taken.manifest();
        if options.yes {
            reach.create(&manifest).await?;
        }
        let yaml = format!("---\n{}", serde_yaml::to_string(&manifest)?);
        let text = || taken.text(&yaml, options.yes, context);
        output::write(&written(options.output, &manifest, text)?)?;
        Ok(ExitCode::SUCCESS)
    })
}

fn list(options: &Options) -> Result<ExitCode, Failure> {
    let place = Place {
        namespace: None,
        context: options.context.clone(),
    };
    waited_for(async {
        let reach = place.reach(None).await?;
        let accounts = accounts(&reach).await?;
        let data = json!({"accounts": accounts});
        output::write(&written(options.output, &data, || text(&accounts, look()))?)?;
        Ok(ExitCode::SUCCESS)
    })
}

pub(super) async fn accounts(reach: &Reach) -> Result<Vec<Account>, Failure> {
    let kind = ApiResource::erase::<AwsAccount>(&());
    let api: Api<DynamicObject> = Api::all_with(reach.client(), &kind);
    let listed = match reach.heard(api.list(&ListParams::default())).await? {
        Ok(listed) => listed,
        Err(Error::Api(status)) if status.code == 403 => {
            let said = clean(&status.message);
            return Err(Forbidden { said }.into());
        }
        Err(error) => return Err(reach.told(&error).into()),
    };
    listed.items.iter().map(|found| account(reach, found)).collect()
}

fn account(reach: &Reach, object: &DynamicObject) -> Result<Account, Failure> {
    Ok(Account::of(&serde_json::to_value(object)?, reach.context()))
}
