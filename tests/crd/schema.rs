//! What the generated schema must and must not have.

use palisade::api::{KINDS, crd_yaml};
use serde_json::Value;

#[test]
fn the_committed_definitions_are_the_generated_ones() {
    let committed = [
        include_str!("../../crds/protectedapis.palisade.dev.yaml"),
        include_str!("../../crds/awsaccounts.palisade.dev.yaml"),
        include_str!("../../crds/perimeterclasses.palisade.dev.yaml"),
        include_str!("../../crds/perimeterplans.palisade.dev.yaml"),
    ];
    for (kind, committed) in KINDS.into_iter().zip(committed) {
        let generated = crd_yaml(Some(kind)).expect("YAML");
        assert!(
            committed == generated,
            "crds/ has drifted from src/api: run `make crds` and commit the result"
        );
    }
}

/// All schemas below the object's, each with its path.
fn schemas(kind: &str) -> Vec<(String, Value)> {
    fn collect(path: &str, schema: &Value, found: &mut Vec<(String, Value)>) {
        found.push((path.to_owned(), schema.clone()));
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            collect(&format!("{path}.{name}"), property, found);
        }
        for (key, mark) in [("items", "[]"), ("additionalProperties", "{}")] {
            if schema[key].is_object() {
                collect(&format!("{path}{mark}"), &schema[key], found);
            }
        }
    }
    let crd: Value = serde_yaml::from_str(&crd_yaml(Some(kind)).expect("YAML")).expect("a definition");
    let mut found = Vec::new();
    collect(
        "",
        &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"],
        &mut found,
    );
    found
}

/// Paths of the schemas that break `rule`.
fn offenders(rule: impl Fn(&str, &Value) -> bool) -> Vec<String> {
    KINDS
        .into_iter()
        .flat_map(schemas)
        .filter(|(path, schema)| !rule(path, schema))
        .map(|(path, _)| path)
        .collect()
}

#[test]
fn kubectl_knows_each_format_and_warns_of_none() {
    let known = ["date-time", "double", "int32", "int64"];
    let is_known = |schema: &Value| {
        let format = schema.get("format").and_then(Value::as_str);
        format.is_none_or(|format| known.contains(&format))
    };
    assert_eq!(offenders(|_, schema| is_known(schema)), Vec::<String>::new());
}

#[test]
fn no_property_has_a_default_that_would_shadow_a_class() {
    // A class sets fields of the spec; the status says in this way that nobody has looked at the object yet.
    assert_eq!(
        offenders(|path, schema| path == ".status" || schema.get("default").is_none()),
        Vec::<String>::new()
    );
}

#[test]
fn every_list_map_and_string_is_bounded() {
    let bounded = |_: &str, schema: &Value| match schema["type"].as_str() {
        Some("array") => schema.get("maxItems").is_some(),
        Some("string") => ["maxLength", "enum", "format"]
            .iter()
            .any(|bound| schema.get(bound).is_some()),
        Some("object") => schema["additionalProperties"].is_null() || schema.get("maxProperties").is_some(),
        _ => true,
    };
    assert_eq!(offenders(bounded), Vec::<String>::new());
}

#[test]
fn every_property_is_described() {
    let described = |path: &str, schema: &Value| {
        let is_property = !path.is_empty() && !path.ends_with("[]") && !path.ends_with("{}");
        !is_property
            || schema["description"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
    };
    assert_eq!(offenders(described), Vec::<String>::new());
}

#[test]
fn nothing_may_be_null() {
    assert_eq!(
        offenders(|_, schema| schema.get("nullable").is_none()),
        Vec::<String>::new()
    );
}

/// The messages of all rules of a kind.
pub fn messages(kind: &str) -> Vec<String> {
    let schemas = schemas(kind);
    let rules = schemas.iter().flat_map(|(_, schema)| {
        schema["x-kubernetes-validations"]
            .as_array()
            .into_iter()
            .flatten()
    });
    rules
        .map(|rule| rule["message"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn every_rule_has_a_message_that_names_a_field() {
    let named = |message: &String| message.starts_with("spec.") || message.starts_with("metadata.");
    let all = KINDS.into_iter().flat_map(messages);
    let nameless: Vec<_> = all.filter(|message| !named(message)).collect();
    assert_eq!(nameless, Vec::<String>::new());
}
