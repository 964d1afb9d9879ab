//! `kubectl palisade handover`: shows how a perimeter moves to another cluster, and offers it where that is confirmed.

use super::form::{Form, written};
use super::place::Place;
use super::runtime::waited_for;
use crate::cli::failure::Failure;
use crate::cli::output;
use clap::Args;
use palisade::api::ProtectedApi;
use palisade::plugin::handing_over::Offer;
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade handover petstore -n shop --to UID/shop/petstore          the manifest for the other cluster, and what to do
  kubectl palisade handover petstore -n shop --to UID/shop/petstore --yes    the same, and offers it: sets spec.handOver
  kubectl palisade handover petstore -n shop --to UID/shop/petstore -o yaml | kubectl --context OTHER apply -f -

UID is that of the other cluster's namespace kube-system. This cluster keeps the perimeter until the object there has come for it; viewers
notice nothing. Where the manifest is in Git, set the field there instead, or the next sync takes it out again, which withdraws the offer.

Exit codes: 0 shown, or offered; 1 failed; 2 an option is wrong.";

/// Of which object, to which, and whether it is done.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The object whose perimeter moves
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    place: Place,
    /// The object that is to keep it: UID of kube-system in the other cluster, namespace and name
    #[arg(long, value_name = "UID/NAMESPACE/NAME")]
    to: String,
    /// Offers it, by your own rights on the object
    #[arg(long)]
    yes: bool,
    /// Text for people, or the manifest for the other cluster as data
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
}

/// Shows it, and offers it.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    waited_for(async {
        let reach = options.place.reach(Some(&options.name)).await?;
        let object = reach.objects().await?.into_iter().next();
        let object = serde_json::to_value(&object)?;
        let spec = object["spec"].clone();
        let object: ProtectedApi = serde_json::from_value(object)?;
        let offer = Offer::of(&object, &spec, &options.to)?;
        if options.yes {
            reach.patch(&options.name, &offer.patch()).await?;
        }
        let manifest = offer.manifest();
        let yaml = format!("---\n{}", serde_yaml::to_string(&manifest)?);
        let context = options.place.context.as_deref();
        let text = || offer.text(&yaml, options.yes, context);
        output::write(&written(options.output, &manifest, text)?)?;
        Ok(ExitCode::SUCCESS)
    })
}
