//! Fields that a document has and a class has not: where the API server lets any in, they are looked for here.

use crate::api::PerimeterClassSpec;
use serde_json::Value;

/// The first field of `given` that `read`, which was read from it, does not have.
#[must_use]
pub fn unknown_field(given: &Value, read: &PerimeterClassSpec) -> Option<String> {
    let read = serde_json::to_value(read).ok()?;
    missing("", given, &read)
}

fn missing(path: &str, given: &Value, read: &Value) -> Option<String> {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match (given, read) {
        (Value::Object(given), Value::Object(read)) => {
            given.iter().find_map(|(name, value)| match read.get(name) {
                _ if value.is_null() => None,
                Some(read) => missing(&below(name), value, read),
                None => Some(below(name)),
            })
        }
        (Value::Array(given), Value::Array(read)) => {
            let mut pairs = given.iter().zip(read).enumerate();
            pairs.find_map(|(at, (given, read))| missing(&format!("{path}[{at}]"), given, read))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn unknown(given: &Value) -> Option<String> {
        let read = serde_json::from_value(given.clone()).unwrap();
        unknown_field(given, &read)
    }

    #[test]
    fn a_field_that_no_class_has_is_named_by_its_path() {
        let known = json!({"defaults": {"webAcl": {"rules": [{"Name": "r", "Anything": {"goes": 1}}]}}, "limits": null});
        assert_eq!(unknown(&known), None);
        assert_eq!(unknown(&json!({"limit": {}})).as_deref(), Some("limit"));
        let nested = json!({"defaults": {"webAcl": {"rateLimits": [{"name": "a", "limit": 10, "per": 1}]}}});
        assert_eq!(
            unknown(&nested).as_deref(),
            Some("defaults.webAcl.rateLimits[0].per")
        );
    }
}
