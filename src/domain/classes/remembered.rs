//! The spec by which an object went last, as its status tells: for what is shown of it, and for what stands where the class is not
//! known any more. Nothing new is built by it.

use crate::api::{EffectiveStatus, ProtectedApi, ProtectedApiSpec};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The spec of `object` with what its class gave in the last pass, as far as its status has that whole.
#[must_use]
pub fn remembered(object: &ProtectedApi) -> Cow<'_, ProtectedApiSpec> {
    let status = object.status.as_ref();
    let effective = status.and_then(|status| status.effective.as_ref());
    match effective.and_then(|effective| with(&object.spec, effective)) {
        Some(spec) => Cow::Owned(spec),
        None => Cow::Borrowed(&object.spec),
    }
}

fn with(spec: &ProtectedApiSpec, effective: &EffectiveStatus) -> Option<ProtectedApiSpec> {
    let mut document = serde_json::to_value(spec).ok()?;
    for field in &effective.fields {
        let is_default = field.from.starts_with("spec.defaults.") && field.appended != Some(true);
        let path = field.field.strip_prefix("spec.").filter(|_| is_default);
        let value = serde_json::from_str(&field.value).ok();
        if let Some((path, value)) = path.zip(value) {
            put(&mut document, path, value);
        }
    }
    serde_json::from_value(document).ok()
}

/// What the class gave in the last pass at one field, such as `spec.access.enforcement`.
#[must_use]
pub fn given<T: DeserializeOwned>(object: &ProtectedApi, field: &str) -> Option<T> {
    let effective = object.status.as_ref()?.effective.as_ref()?;
    let found = effective.fields.iter().find(|given| given.field == field)?;
    serde_json::from_str(&found.value).ok()
}

fn put(document: &mut Value, path: &str, value: Value) {
    let (path, key) = match path.strip_suffix(']').and_then(|path| path.split_once('[')) {
        Some((path, key)) => (path, Some(key)),
        None => (path, None),
    };
    let mut at = document;
    for name in path.split('.').chain(key) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[name];
    }
    if at.is_null() {
        *at = value;
    }
}

#[cfg(test)]
mod tests {
    use super::super::effective::effective;
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_class_gave_is_known_from_status_alone() {
        let mut object: ProtectedApi = serde_json::from_value(json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi", "metadata": {"name": "petstore"},
            "spec": {
                "origin": {
                    "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
                },
                "tags": {"team": "pets"},
            },
        }))
        .unwrap();
        let class = json!({"defaults": {
            "access": {"mode": "SecretHeader", "secretHeader": {"name": "x-shop"}, "enforcement": "Observe"},
            "tags": {"cost": "1"}, "deletionPolicy": "Retain",
            "webAcl": {"logging": {"destinationArn": "arn", "redactHeaders": ["authorization"]}},
        }});
        let by_class = effective(&object.spec, "public", &serde_json::from_value(class).unwrap());
        assert!(matches!(remembered(&object), Cow::Borrowed(_)));
        let status = object.status.get_or_insert_default();
        status.effective = Some(by_class.status);
        assert_eq!(*remembered(&object), by_class.spec);
        assert_eq!(
            given(&object, "spec.access.enforcement"),
            Some(crate::api::Enforcement::Observe)
        );
    }
}
