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
use serde_json::{Map, Value, json};

/// What the API server says of a spec.
pub(super) enum Tried {
    /// It would take it.
    Taken,
    /// It would not, and says why.
    Refused(String),
    /// It was not tried, or the answer says nothing of the spec.
    Untried(String),
}

/// What to do where a policy refuses whoever asks, as where only Flux or Argo CD may apply.
const WHO_ASKS: &str = "where that is for who asks, ask as somebody who may plan and not apply (the ClusterRole palisade-planner): then \
                        nothing is tried, and the plan follows";

/// Asks for `spec` as that of the object `name` with these labels and annotations, whether or not there is one.
pub(super) async fn dry_run(
    reach: &Reach,
    name: &str,
    spec: &Value,
    marks: &Map<String, Value>,
) -> Result<Tried, Failure> {
    if let Err(wrong) = check_name("name", Some(name)) {
        return Ok(Tried::Untried(wrong.to_string()));
    }
    let kind = ApiResource::erase::<ProtectedApi>(&());
    let api: Api<DynamicObject> = Api::namespaced_with(reach.client(), reach.namespace(), &kind);
    let path = api.resource_url();
    let query = format!("dryRun=All&fieldManager={MANAGER}");
    // Only labels and annotations need it: they are applied beside those that others have set.
    let live = if marks.is_empty() {
        None
    } else {
        reach
            .heard(api.get_opt(name))
            .await
            .ok()
            .and_then(Result::ok)
            .flatten()
    };
    let steps = patch(spec, marks, live.as_ref());
    let change = Request::patch(format!("{path}/{name}?{query}"))
        .header("content-type", "application/json-patch+json")
        .body(serde_json::to_vec(&steps)?)?;
    if let Some(tried) = tried(reach, "patch", change).await {
        return Ok(tried);
    }
    let mut metadata = marks.clone();
    metadata.insert("name".to_owned(), name.into());
    metadata.insert("namespace".to_owned(), reach.namespace().into());
    let object = json!({
        "apiVersion": format!("{GROUP}/v1alpha1"),
        "kind": "ProtectedApi",
        "metadata": metadata,
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
    let Err(error) = answer else {
        return Some(Tried::Taken);
    };
    let Error::Api(status) = &error else {
        return Some(Tried::Untried(reach.told(&error).to_string()));
    };
    let said = clean(&status.message);
    match Says::of(status.code, &status.reason) {
        Says::NotThere => None,
        Says::Refused => Some(Tried::Refused(said)),
        Says::Forbidden if may(reach, "protectedapis", verb, Some(reach.namespace())).await == Some(true) => {
            Some(Tried::Refused(format!("{said}; {WHO_ASKS}")))
        }
        Says::Forbidden => Some(Tried::Untried(said)),
        Says::Nothing => Some(Tried::Untried(reach.told(&error).to_string())),
    }
}

/// What makes the live object that of the manifest. Fields of the spec that are unknown are refused of the plan: here they would be told
/// in the words of a patch.
fn patch(spec: &Value, marks: &Map<String, Value>, live: Option<&DynamicObject>) -> Value {
    let mut steps = vec![json!({"op": "replace", "path": "/spec", "value": spec})];
    if let Some(live) = live {
        let standing = json!(live.metadata);
        for (field, own) in marks {
            let mut all = standing[field].as_object().cloned().unwrap_or_default();
            all.extend(own.as_object().cloned().unwrap_or_default());
            steps.push(json!({"op": "add", "path": format!("/metadata/{field}"), "value": all}));
        }
    }
    Value::from(steps)
}

/// What an answer says of the object, by its code and reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// There is no such object, namespace or kind.
    NotThere,
    /// It is refused.
    Refused,
    /// Admission refuses it, or whoever asks has no right.
    Forbidden,
    /// Nothing.
    Nothing,
}

impl Says {
    fn of(code: u16, reason: &str) -> Self {
        match code {
            404 => Self::NotThere,
            422 => Self::Refused,
            403 => Self::Forbidden,
            // A webhook that refuses and names no code; what the API server refuses so, a webhook that takes no dry run among it, has a
            // reason.
            400 if reason.is_empty() => Self::Refused,
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_that_refuses_without_a_code_is_heard_and_one_that_takes_no_dry_run_refuses_nothing() {
        assert_eq!(Says::of(400, ""), Says::Refused);
        assert_eq!(Says::of(400, "BadRequest"), Says::Nothing);
        assert_eq!(Says::of(422, "Invalid"), Says::Refused);
        assert_eq!(Says::of(403, "Forbidden"), Says::Forbidden);
        assert_eq!(Says::of(404, "NotFound"), Says::NotThere);
        assert_eq!(Says::of(500, "InternalError"), Says::Nothing);
    }

    #[test]
    fn labels_of_a_manifest_are_tried_beside_those_that_others_have_set() {
        let mut live = DynamicObject::new("petstore", &ApiResource::erase::<ProtectedApi>(&()));
        live.metadata.labels = Some([("by".to_owned(), "flux".to_owned())].into());
        let marks = json!({"labels": {"team": "pets"}, "annotations": {"a": "b"}});
        let marks = marks.as_object().expect("an object");
        let replaced = json!({"op": "replace", "path": "/spec", "value": {}});
        assert_eq!(patch(&json!({}), marks, None), json!([replaced]));
        let all = patch(&json!({}), marks, Some(&live));
        let steps = all.as_array().expect("steps");
        let at = |path: &str| {
            let mut steps = steps.iter();
            steps.find(|step| step["path"] == path).map(|step| &step["value"])
        };
        assert_eq!(
            at("/metadata/labels"),
            Some(&json!({"by": "flux", "team": "pets"}))
        );
        assert_eq!(at("/metadata/annotations"), Some(&json!({"a": "b"})));
    }
}
