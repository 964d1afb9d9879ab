//! A rule in one spelling, to be compared.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A rule in one spelling: without priority, nulls, empty lists and the defaults that AWS fills in.
#[must_use]
pub fn canonical(rule: &Value) -> Value {
    const DEFAULTS: [(&str, i64); 1] = [("EvaluationWindowSec", 300)];
    match rule {
        Value::Object(fields) => {
            let is_default = |key: &str, value: &Value| {
                DEFAULTS
                    .iter()
                    .any(|(name, default)| *name == key && value.as_i64() == Some(*default))
            };
            let is_void = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
            let kept = fields.iter().filter(|(key, value)| {
                key.as_str() != "Priority" && !is_void(value) && !is_default(key, value)
            });
            let sorted: BTreeMap<String, Value> = kept
                .map(|(key, value)| {
                    let keeps_priority = key == "TextTransformations";
                    (
                        key.clone(),
                        if keeps_priority {
                            value.clone()
                        } else {
                            canonical(value)
                        },
                    )
                })
                .collect();
            json!(sorted)
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(canonical).collect();
            if items.iter().all(Value::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
            Value::Array(items)
        }
        other => other.clone(),
    }
}
