//! A rule in one spelling, to be compared.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A rule in one spelling: without priority, nulls, empty lists and the defaults that AWS fills in, and with the names by which a
/// rate limit counts in small letters.
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
                    let value = match key.as_str() {
                        // Their priorities are meant.
                        "TextTransformations" => value.clone(),
                        "CustomKeys" | "ForwardedIPConfig" => canonical(&with_small_names(value)),
                        _ => canonical(value),
                    };
                    (key.clone(), value)
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

/// WAF does not tell names of headers and query arguments apart by their case, and may answer them in small letters.
fn with_small_names(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, inner)| {
                let inner = match (key.as_str(), inner) {
                    ("Name" | "HeaderName", Value::String(name)) => json!(name.to_ascii_lowercase()),
                    _ => with_small_names(inner),
                };
                (key.clone(), inner)
            });
            Value::Object(fields.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(with_small_names).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_limits_names_are_the_same_in_small_letters_and_its_transformations_keep_their_order() {
        let statement = |header: &str, forwarded: &str, first: &str| {
            let steps = json!([{"Priority": 0, "Type": first}, {"Priority": 1, "Type": "URL_DECODE"}]);
            json!({"RateBasedStatement": {
                "Limit": 10,
                "AggregateKeyType": "CUSTOM_KEYS",
                "ForwardedIPConfig": {"HeaderName": forwarded, "FallbackBehavior": "NO_MATCH"},
                "CustomKeys": [{"Header": {"Name": header, "TextTransformations": steps}}, {"ForwardedIP": {}}],
            }})
        };
        let wanted = canonical(&statement("X-Client", "X-Forwarded-For", "NONE"));
        assert_eq!(
            wanted,
            canonical(&statement("x-client", "x-forwarded-for", "NONE"))
        );
        assert_ne!(
            wanted,
            canonical(&statement("x-other", "x-forwarded-for", "NONE"))
        );
        assert_ne!(
            wanted,
            canonical(&statement("x-client", "x-forwarded-for", "LOWERCASE"))
        );
    }
}
