//! What an update changes: a field's path, from what, to what.

use serde::Serialize;
use serde_json::Value;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The field's path within the resource, such as `origin.readTimeout`.
    pub path: String,
    /// What AWS has; null where it has nothing.
    pub from: Value,
    /// What is wanted; null where nothing is.
    pub to: Value,
}

/// The fields' paths.
#[must_use]
pub fn paths(changes: &[Change]) -> Vec<&str> {
    changes.iter().map(|change| change.path.as_str()).collect()
}

/// The fields in which `wanted` differs from `found`, both as plain data. Objects are compared key by key, everything
/// else as a whole.
#[must_use]
pub fn changes(found: &Value, wanted: &Value) -> Vec<Change> {
    let mut out = Vec::new();
    collect("", found, wanted, &mut out);
    out
}

/// Like [`changes`], for any two values of one serialisable type.
#[must_use]
pub fn changes_between<T: Serialize>(found: &T, wanted: &T) -> Vec<Change> {
    let plain = |value: &T| serde_json::to_value(value).unwrap_or(Value::Null);
    changes(&plain(found), &plain(wanted))
}

fn collect(path: &str, found: &Value, wanted: &Value, out: &mut Vec<Change>) {
    match (found, wanted) {
        (Value::Object(a), Value::Object(b)) => {
            let added = b.keys().filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(added) {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                collect(
                    &below,
                    a.get(key).unwrap_or(&Value::Null),
                    b.get(key).unwrap_or(&Value::Null),
                    out,
                );
            }
        }
        (a, b) if a != b => out.push(Change {
            path: path.to_owned(),
            from: a.clone(),
            to: b.clone(),
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_values_have_no_changes() {
        assert!(changes(&json!({"a": [1, 2]}), &json!({"a": [1, 2]})).is_empty());
    }

    #[test]
    fn nested_fields_are_named_by_path() {
        let found = changes(
            &json!({"a": {"b": 1, "c": 2}}),
            &json!({"a": {"b": 1, "c": 3, "d": 4}}),
        );
        assert_eq!(paths(&found), ["a.c", "a.d"]);
    }
}
