//! Bodies of the web ACL's answers: ours, under a prefix, among those of others.

use super::rules::RULE_PREFIX;
use crate::api::{CustomResponseContentType, WebAclSpec};
use serde_json::{Map, Value, json};

/// Where an action names a body.
pub const BODY_KEY: &str = "CustomResponseBodyKey";
/// The web ACL's field of bodies, by key.
pub const BODIES: &str = "CustomResponseBodies";

fn key(name: &str) -> String {
    format!("{RULE_PREFIX}{name}")
}

/// The bodies that `spec` declares, as WAF has them.
#[must_use]
pub fn bodies(spec: &WebAclSpec) -> Map<String, Value> {
    let declared = spec.custom_response_bodies.iter().flatten();
    let body = |body: &crate::api::CustomResponseBody| {
        let kind = match body.content_type.unwrap_or_default() {
            CustomResponseContentType::Text => "TEXT_PLAIN",
            CustomResponseContentType::Html => "TEXT_HTML",
            CustomResponseContentType::Json => "APPLICATION_JSON",
        };
        let content = json!({"ContentType": kind, "Content": body.content});
        (key(&body.name), content)
    };
    declared.map(body).collect()
}

/// A rule of the user's with the bodies that it names called as we call them.
#[must_use]
pub fn with_our_keys(rule: &Value) -> Value {
    with_keys(rule, &key)
}

/// `value` with the bodies that it names called as `renamed` says.
pub(super) fn with_keys(value: &Value, renamed: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| match value {
                Value::String(body) if name == BODY_KEY => (name.clone(), json!(renamed(body))),
                _ => (name.clone(), with_keys(value, renamed)),
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => items.iter().map(|item| with_keys(item, renamed)).collect(),
        other => other.clone(),
    }
}

/// The bodies of `document` that are ours.
#[must_use]
pub fn ours(document: &Value) -> Map<String, Value> {
    let all = document[BODIES].as_object().into_iter().flatten();
    let ours = all.filter(|(key, _)| key.starts_with(RULE_PREFIX));
    ours.map(|(key, body)| (key.clone(), body.clone())).collect()
}

/// Puts `wanted` in place of what is ours of `document`. WAF takes no empty set of bodies.
pub fn put(document: &mut Value, wanted: &Map<String, Value>) {
    let all = document[BODIES].as_object().cloned().unwrap_or_default();
    let others = all.into_iter().filter(|(key, _)| !key.starts_with(RULE_PREFIX));
    let wanted = wanted.iter().map(|(key, body)| (key.clone(), body.clone()));
    let bodies: Map<String, Value> = others.chain(wanted).collect();
    if !bodies.is_empty() {
        document[BODIES] = Value::Object(bodies);
    } else if let Some(fields) = document.as_object_mut() {
        fields.shift_remove(BODIES);
    }
}
