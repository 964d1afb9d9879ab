//! Whether the API server would take a spec of an object: it is asked, and stores nothing. Of a live object it alone knows every rule: which
//! fields never change, and what its admission says.

use super::reach::{MANAGER, Reach, check_name};
use super::rights::may;
use crate::cli::failure::Failure;
use hyper::Request;
use kube::Error;
use kube::api::{Api, ApiResource, DynamicObject};
use palisade::api::{GROUP, ProtectedApi};
use palisade::plugin::clean;
use serde_json::{Value, json};

/// What the API server says of a spec.
pub(super) enum Tried {
    /// It would take it.
    Taken,
    /// It would not, and says why.
    Refused(String),
    /// It was not tried, or the answer says nothing of the spec.
    Untried(String),
}

/// Asks for `spec` as that of the object `name`, whether or not there is one.
pub(super) async fn dry_run(reach: &Reach, name: &str, spec: &Value) -> Result<Tried, Failure> {
    if let Err(wrong) = check_name("name", Some(name)) {
        return Ok(Tried::Untried(wrong.to_string()));
    }
    let kind = ApiResource::erase::<ProtectedApi>(&());
    let api: Api<DynamicObject> = Api::namespaced_with(reach.client(), reach.namespace(), &kind);
    let path = api.resource_url();
    let query = format!("dryRun=All&fieldManager={MANAGER}");
    // Fields that are unknown are refused of the plan: here they would be told in the words of a patch.
    let patch = json!([{"op": "replace", "path": "/spec", "value": spec}]);
    let change = Request::patch(format!("{path}/{name}?{query}"))
        .header("content-type", "application/json-patch+json")
        .body(serde_json::to_vec(&patch)?)?;
    if let Some(tried) = tried(reach, "patch", change).await {
        return Ok(tried);
    }
    let object = json!({
        "apiVersion": format!("{GROUP}/v1alpha1"),
        "kind": "ProtectedApi",
        "metadata": {"name": name, "namespace": reach.namespace()},
        "spec": spec,
    });
    let creation = Request::post(format!("{path}?{query}"))
        .header("content-type", "application/json")
        .body(serde_json::to_vec(&object)?)?;
    let made = tried(reach, "create", creation).await;
    Ok(made.unwrap_or_else(|| Tried::Untried("there is no such namespace, or kind".to_owned())))
}

/// What comes of a request that whoever asks needs `verb` for; `None` where what it is about is not there.
async fn tried(reach: &Reach, verb: &str, request: Request<Vec<u8>>) -> Option<Tried> {
    let client = reach.client();
    let answer = match reach.heard(client.request::<DynamicObject>(request)).await {
        Ok(answer) => answer,
        Err(silent) => return Some(Tried::Untried(silent.to_string())),
    };
    let error = match answer {
        Ok(_) => return Some(Tried::Taken),
        Err(error) => error,
    };
    let Error::Api(status) = &error else {
        return Some(Tried::Untried(reach.told(&error).to_string()));
    };
    let said = clean(&status.message);
    match status.code {
        404 => None,
        422 => Some(Tried::Refused(said)),
        // Webhooks and policies refuse by the same code as the API server does whoever has no right.
        403 if may(reach, "protectedapis", verb, Some(reach.namespace())).await == Some(true) => {
            Some(Tried::Refused(said))
        }
        403 => Some(Tried::Untried(said)),
        _ => Some(Tried::Untried(reach.told(&error).to_string())),
    }
}
