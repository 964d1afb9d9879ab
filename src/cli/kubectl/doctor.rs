//! `kubectl palisade doctor`: gathers what findings follow from. Nothing is written.

use super::controllers::{controllers, known, lease, server_time};
use super::form::{Form, written};
use super::look::look;
use super::place::Place;
use super::reach::{Reach, Unanswered};
use super::rights::may;
use super::runtime::waited_for;
use crate::cli::failure::Failure;
use crate::cli::output;
use clap::Args;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt as _;
use kube::api::{Api, ApiResource, DynamicObject, ListParams};
use palisade::api::{AwsAccount, GROUP, ProtectedApiSpec};
use palisade::definitions::served::{Unfit, fit};
use palisade::domain::tenancy::permissions::{self, Tenancy, permit};
use palisade::plugin::doctor::{Facts, Fit, Known, Purpose, Right, Subject, findings, has_failure, text};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::process::ExitCode;

const EXAMPLES: &str = "Examples:
  kubectl palisade doctor -n shop               the installation, your rights, and the objects of the namespace
  kubectl palisade doctor petstore -n shop      the same with this object alone

Exit codes: 0 nothing fails, though there may be warnings; 1 something fails, or the cluster does not answer; 2 an option is wrong.";

/// What is looked at, and how it is shown.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The object; all of the namespace where left out
    #[arg(value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    place: Place,
    /// Text for people, or the findings as data
    #[arg(short, long, value_enum, default_value_t = Form::Text)]
    output: Form,
}

/// Looks, and shows what was found.
pub fn run(options: &Options) -> Result<ExitCode, Failure> {
    waited_for(async {
        let reach = options.place.reach(options.name.as_deref()).await?;
        let found = findings(&Box::pin(facts(&reach)).await?);
        let shown = written(options.output, &json!({"findings": found}), || {
            text(&found, look())
        })?;
        output::write(&shown)?;
        Ok(if has_failure(&found) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    })
}

/// All that can be read. A cluster that does not answer at all is an error.
async fn facts(reach: &Reach) -> Result<Facts, Failure> {
    let server_time = server_time(reach).await?;
    let now = Timestamp::now();
    let controllers = controllers(reach).await;
    Ok(Facts {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        namespace: reach.namespace().to_owned(),
        context: reach.context().map(ToOwned::to_owned),
        now,
        server_time,
        served: served(reach).await,
        fit: fits(reach).await,
        lease: lease(
            reach,
            &controllers,
            Some(reach.namespace()),
            server_time.unwrap_or(now),
        )
        .await,
        controllers,
        rights: rights(reach).await,
        objects: Box::pin(subjects(reach)).await,
    })
}

/// Plural names of the kinds of our group.
async fn served(reach: &Reach) -> Known<Vec<String>> {
    let client = reach.client();
    let version = format!("{GROUP}/v1alpha1");
    match reach.heard(client.list_api_group_resources(&version)).await {
        Ok(Ok(found)) => Known::Seen(found.resources.into_iter().map(|found| found.name).collect()),
        Ok(Err(kube::Error::Api(status))) if status.code == 404 => Known::Seen(vec![]),
        Ok(Err(kube::Error::Api(status))) if status.code == 403 => Known::NotPermitted,
        Ok(Err(error)) => Known::Failed(reach.told(&error).to_string()),
        Err(silent) => Known::Failed(silent.to_string()),
    }
}

async fn fits(reach: &Reach) -> Known<Fit> {
    match fit(&reach.client()).await {
        Ok(()) => Known::Seen(Fit::Same),
        Err(Unfit::Older { kind, lacked }) => Known::Seen(Fit::Older { kind, lacked }),
        Err(Unfit::Newer { kind, lacked }) => Known::Seen(Fit::Newer { kind, lacked }),
        Err(Unfit::Unread(kube::Error::Api(status))) if status.code == 403 => Known::NotPermitted,
        Err(Unfit::Unread(error)) => Known::Failed(reach.told(&error).to_string()),
    }
}

/// What whoever asks may do in the namespace, and with what belongs to none.
async fn rights(reach: &Reach) -> Vec<Right> {
    let mut rights = Vec::new();
    for purpose in Purpose::ALL {
        for &verb in purpose.verbs() {
            let namespace = purpose.is_namespaced().then(|| reach.namespace());
            let is_granted = may(reach, purpose.resource(), verb, namespace).await;
            rights.push(Right {
                purpose,
                verb,
                is_granted,
            });
        }
    }
    rights
}

/// The objects that are meant, and what they hang on.
async fn subjects(reach: &Reach) -> Known<Vec<Subject>> {
    let found = match reach.objects().await {
        Ok(found) => found,
        Err(Unanswered::Forbidden { .. }) => return Known::NotPermitted,
        Err(other) => return Known::Failed(other.to_string()),
    };
    let permissions = permissions_of_namespace(reach).await;
    let own = own_account(reach).await;
    let mut subjects = Vec::new();
    for object in found {
        let spec = object.data["spec"].clone();
        subjects.push(Subject {
            refusal: refusal(&spec, reach.namespace(), &permissions),
            account: account(reach, &spec).await.or_else(|| own.clone()),
            object: value(&object),
        });
    }
    Known::Seen(subjects)
}

/// The annotations of the Namespace.
async fn permissions_of_namespace(reach: &Reach) -> Known<BTreeMap<String, String>> {
    let namespaces: Api<Namespace> = Api::all(reach.client());
    let found = known(reach, namespaces.get(reach.namespace())).await;
    found.map(|found| found.metadata.annotations.unwrap_or_default())
}

/// What of a spec is not permitted, where permission is asked for.
fn refusal(spec: &Value, name: &str, permissions: &Known<BTreeMap<String, String>>) -> Known<Option<String>> {
    let annotations = match permissions {
        Known::Seen(annotations) => annotations,
        Known::NotPermitted => return Known::NotPermitted,
        Known::Failed(why) => return Known::Failed(why.clone()),
    };
    match serde_json::from_value::<ProtectedApiSpec>(spec.clone()) {
        Ok(spec) => {
            let namespace = permissions::Namespace { name, annotations };
            let refused = permit(Tenancy::Enforced, &spec, namespace).err();
            Known::Seen(refused.map(|refused| refused.message))
        }
        Err(error) => Known::Failed(format!("this version does not understand its spec: {error}")),
    }
}

/// The account that a spec names.
async fn account(reach: &Reach, spec: &Value) -> Option<(String, Known<Option<Value>>)> {
    let name = spec["accountName"].as_str()?;
    let kind = ApiResource::erase::<AwsAccount>(&());
    let api: Api<DynamicObject> = Api::all_with(reach.client(), &kind);
    let found = known(reach, api.get_opt(name)).await;
    Some((
        name.to_owned(),
        found.map(|found| found.map(|found| value(&found))),
    ))
}

/// The `AwsAccount` that stands for the controller's own account: of several the oldest. Whoever may not list them has a finding of that
/// right, and objects that name none need none.
async fn own_account(reach: &Reach) -> Option<(String, Known<Option<Value>>)> {
    let kind = ApiResource::erase::<AwsAccount>(&());
    let api: Api<DynamicObject> = Api::all_with(reach.client(), &kind);
    let Known::Seen(listed) = known(reach, api.list(&ListParams::default())).await else {
        return None;
    };
    let own = listed.items.into_iter();
    let own = own.filter(|account| account.data["spec"]["roleArn"].is_null());
    let oldest = own.min_by_key(|account| {
        let created = account.metadata.creation_timestamp.as_ref();
        (created.map(|time| time.0), account.name_any())
    })?;
    Some((oldest.name_any(), Known::Seen(Some(value(&oldest)))))
}

/// As the API server has it. What was read as JSON is written as JSON.
fn value(object: &impl Serialize) -> Value {
    serde_json::to_value(object).unwrap_or_default()
}
