//! `kubectl palisade orphans`

use super::form::{Form, written};
use super::look::look;
use super::place::Place;
use super::reach::Reach;
use super::runtime::waited_for;
use crate::cli::failure::Failure;
use crate::cli::output;
use clap::Args;
use kube::Error;
use kube::api::{Api, ApiResource, DynamicObject, ListParams};
use palisade::api::AwsAccount;
use palisade::plugin::clean;
use palisade::plugin::orphans::{Account, text};
use serde_json::json;
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade orphans                what of objects that are gone stands in each AWS account
  kubectl palisade orphans -o json        the same as data

It is as old as the controller's last count (--sweep). Nothing is deleted.

Exit codes: 0 shown, 1 failed, 2 an option is wrong.";

/// How it is shown.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The context of the kubeconfig; the current one where left out
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,
    /// Text for people, or the list as data
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

async fn accounts(reach: &Reach) -> Result<Vec<Account>, Failure> {
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
    listed.items.iter().map(account).collect()
}

fn account(object: &DynamicObject) -> Result<Account, Failure> {
    Ok(Account::of(&serde_json::to_value(object)?))
}
