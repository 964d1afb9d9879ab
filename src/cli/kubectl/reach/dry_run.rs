//! Whether the API server would take a spec of an object: it is asked, and stores nothing. Of a live object it alone knows every rule: which
//! fields never change, and what its admission says.

use super::super::rights::may;
use super::{MANAGER, Reach, Unanswered, check_name};
use crate::cli::failure::Failure;
use hyper::Request;
use kube::Error;
use kube::api::{ApiResource, DynamicObject};
use palisade::api::{GROUP, ProtectedApi};
use palisade::plugin::clean;
use serde_json::{Value, json};

/// What the API server says of a spec.
pub(in crate::cli::kubectl) enum Tried {
    /// It would take it.
    Taken,
    /// It would not, and says why.
    Refused(String),
    /// It was not tried, or the answer says nothing of the spec.
    Untried(String),
}

impl Reach {
    /// Asks for `spec` as that of the object `name`, whether or not there is one.
    pub(in crate::cli::kubectl) async fn dry_run(&self, name: &str, spec: &Value) -> Result<Tried, Failure> {
        if let Err(wrong) = check_name("name", Some(name)) {
            return Ok(Tried::Untried(wrong.to_string()));
        }
        let path = self.api.resource_url();
        let query = format!("dryRun=All&fieldManager={MANAGER}");
        // Fields that are unknown are refused of the plan: here they would be told in the words of a patch.
        let patch = json!([{"op": "replace", "path": "/spec", "value": spec}]);
        let change = Request::patch(format!("{path}/{name}?{query}"))
            .header("content-type", "application/json-patch+json")
            .body(serde_json::to_vec(&patch)?)?;
        if let Some(tried) = self.tried("patch", change).await {
            return Ok(tried);
        }
        let object = json!({
            "apiVersion": format!("{GROUP}/v1alpha1"),
            "kind": "ProtectedApi",
            "metadata": {"name": name, "namespace": self.namespace()},
            "spec": spec,
        });
        let creation = Request::post(format!("{path}?{query}"))
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&object)?)?;
        let made = self.tried("create", creation).await;
        Ok(made.unwrap_or_else(|| Tried::Untried("there is no such namespace, or kind".to_owned())))
    }

    /// What comes of a request that whoever asks needs `verb` for; `None` where what it is about is not there.
    async fn tried(&self, verb: &str, request: Request<Vec<u8>>) -> Option<Tried> {
        let answer = match self.heard(self.client().request::<DynamicObject>(request)).await {
            Ok(answer) => answer,
            Err(silent) => return Some(Tried::Untried(silent.to_string())),
        };
        let status = match answer {
            Ok(_) => return Some(Tried::Taken),
            Err(Error::Api(status)) if status.code == 404 => return None,
            Err(Error::Api(status)) => status,
            Err(error) => return Some(Tried::Untried(self.told(&error).to_string())),
        };
        let said = clean(&status.message);
        Some(match status.code {
            422 => Tried::Refused(said),
            // Webhooks refuse by the same code as the API server does whoever has no right.
            403 if self.is_granted(verb).await => Tried::Refused(said),
            403 => Tried::Untried(said),
            _ => {
                let told: Unanswered = self.told(&Error::Api(status));
                Tried::Untried(told.to_string())
            }
        })
    }

    async fn is_granted(&self, verb: &str) -> bool {
        let kind = ApiResource::erase::<ProtectedApi>(&());
        may(self, &kind.plural, verb, Some(self.namespace())).await == Some(true)
    }
}
