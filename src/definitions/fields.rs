//! What a schema knows: its fields, and the values that a field of few values may have.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinitionVersion;
use serde_json::Value;
use std::collections::BTreeSet;

/// How many are named where there are more.
const NAMED: usize = 3;

/// What a version's schema knows; nothing where it has none.
pub fn of_version(version: &CustomResourceDefinitionVersion) -> BTreeSet<String> {
    let schema = version.schema.as_ref();
    let schema = schema.and_then(|schema| serde_json::to_value(&schema.open_api_v3_schema).ok());
    of(&schema.unwrap_or_default())
}

/// All of the spec and the status: `spec.origin.stage`, `spec.webAcl.rules[].name`, `spec.origin.type=REST`.
pub fn of(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in ["spec", "status"] {
        below(&schema["properties"][part], part, &mut found);
    }
    found
}

fn below(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    for value in schema["enum"].as_array().into_iter().flatten() {
        found.insert(format!("{path}={}", value.as_str().unwrap_or_default()));
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        below(property, &path, found);
        found.insert(path);
    }
    for (key, suffix) in [("items", "[]"), ("additionalProperties", "{}")] {
        if schema[key].is_object() {
            below(&schema[key], &format!("{path}{suffix}"), found);
        }
    }
}

/// The first of these that the others lack, and how many more; nothing where they lack none.
pub fn lacked(these: &BTreeSet<String>, by: &BTreeSet<String>) -> Option<String> {
    // What lies below a field that is lacked says nothing new.
    let mut lacked: Vec<&str> = Vec::new();
    for path in these.difference(by) {
        let is_below = |above: &&str| {
            path.strip_prefix(*above)
                .is_some_and(|rest| rest.starts_with(['.', '[', '{', '=']))
        };
        if !lacked.iter().any(is_below) {
            lacked.push(path);
        }
    }
    let named = lacked.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match lacked.len() {
        0 => None,
        count if count <= NAMED => Some(named),
        count => Some(format!("{named} and {} more", count - NAMED)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({"properties": {
            "metadata": {"properties": {"name": {}}},
            "spec": {"properties": {
                "kind": {"enum": ["A", "B"]},
                "rules": {"items": {"properties": {"name": {}}}},
                "tags": {"additionalProperties": {"type": "string"}},
            }},
            "status": {"properties": {"seen": {}}},
        }})
    }

    #[test]
    fn fields_and_values_of_spec_and_status_are_named_by_their_paths() {
        let names: Vec<String> = of(&schema()).into_iter().collect();
        let wanted = [
            "spec.kind",
            "spec.kind=A",
            "spec.kind=B",
            "spec.rules",
            "spec.rules[].name",
            "spec.tags",
            "status.seen",
        ];
        assert_eq!(names, wanted);
    }

    #[test]
    fn a_field_that_is_lacked_is_named_without_what_lies_below_it() {
        let mut older = schema();
        let rules = older["properties"]["spec"]["properties"].as_object_mut();
        rules.expect("an object").remove("rules");
        older["properties"]["spec"]["properties"]["kind"]["enum"] = json!(["A"]);
        let (newer, older) = (of(&schema()), of(&older));
        assert_eq!(lacked(&newer, &older).as_deref(), Some("spec.kind=B, spec.rules"));
        assert_eq!(lacked(&older, &newer), None);
    }

    #[test]
    fn of_many_a_few_are_named() {
        let many = ["a", "b", "c", "d", "e"]
            .map(|name| format!("spec.{name}"))
            .into();
        assert_eq!(
            lacked(&many, &BTreeSet::new()).as_deref(),
            Some("spec.a, spec.b, spec.c and 2 more")
        );
    }
}
