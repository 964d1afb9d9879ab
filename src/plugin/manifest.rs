//! A manifest of one `ProtectedApi` or `PerimeterClass`, as kubectl would apply it. What its spec may hold, the API server says.

use crate::api::{IS_DEFAULT_CLASS, PerimeterClass, ProtectedApi};
use kube::Resource as _;
use serde::Deserialize as _;
use serde_json::{Map, Value};

/// All fields that an object has.
const FIELDS: [&str; 5] = ["apiVersion", "kind", "metadata", "spec", "status"];
/// What policies look at besides the spec.
const MARKS: [&str; 2] = ["labels", "annotations"];
/// As many documents are named.
const NAMED: usize = 5;

/// What a plan needs of a manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The object's name.
    pub name: Option<String>,
    /// The object's namespace.
    pub namespace: Option<String>,
    /// Its labels and annotations, as they are written.
    pub marks: Map<String, Value>,
    /// Its spec, as it is written.
    pub spec: Value,
    /// Whether it is a class.
    pub is_class: bool,
    /// What its annotation palisade.dev/is-default-class says, where it has one.
    pub is_default: Option<bool>,
}

/// Why a manifest is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It does not parse.
    #[error("it is neither YAML nor JSON: {0}")]
    Text(#[from] serde_yaml::Error),
    /// Kubernetes has no such value.
    #[error("it has what JSON has not: {0}")]
    Value(#[from] serde_json::Error),
    /// There is nothing in it.
    #[error("it is empty: write one ProtectedApi, as kubectl apply takes it")]
    Empty,
    /// There is more than one object in it.
    #[error(
        "it has {count} documents ({named}), and a plan is for one: take the others out, or ask for one after the other"
    )]
    Several {
        /// How many.
        count: usize,
        /// The first of them.
        named: String,
    },
    /// It is something else.
    #[error("it is {0}, and a plan is for a ProtectedApi or a PerimeterClass of {version}", version = version())]
    Kind(String),
    /// A field that no object has.
    #[error("unknown field {0:?}: an object has apiVersion, kind, metadata and spec")]
    Field(String),
    /// A field that is no text.
    #[error("metadata.{0} is no text")]
    NoText(&'static str),
    /// There is nothing to plan.
    #[error("it has no spec")]
    NoSpec,
}

/// The one object of `text`.
///
/// # Errors
/// [`ManifestError`].
pub fn read(text: &str) -> Result<Manifest, ManifestError> {
    let documents = documents(text)?;
    match documents.as_slice() {
        [] => Err(ManifestError::Empty),
        [document] => of(document),
        several => {
            let named: Vec<String> = several.iter().take(NAMED).map(title).collect();
            Err(ManifestError::Several {
                count: several.len(),
                named: named.join(", "),
            })
        }
    }
}

/// All documents that are not empty. YAML has all that JSON has.
fn documents(text: &str) -> Result<Vec<Value>, ManifestError> {
    let mut found = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        // A key that stands twice is an error here, and would be none as JSON.
        let mut document = serde_yaml::Value::deserialize(document)?;
        document.apply_merge()?;
        if !document.is_null() {
            found.push(serde_json::to_value(document)?);
        }
    }
    Ok(found)
}

fn of(document: &Value) -> Result<Manifest, ManifestError> {
    let is = |field: &str, wanted: &str| document[field].as_str() == Some(wanted);
    let is_class = is("kind", &PerimeterClass::kind(&()));
    let fields = document.as_object();
    let Some(fields) =
        fields.filter(|_| is("apiVersion", &version()) && (is("kind", &ProtectedApi::kind(&())) || is_class))
    else {
        return Err(ManifestError::Kind(title(document)));
    };
    if let Some(unknown) = fields.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        return Err(ManifestError::Field(unknown.clone()));
    }
    if !document["spec"].is_object() {
        return Err(ManifestError::NoSpec);
    }
    Ok(Manifest {
        name: text_of(&document["metadata"], "name")?,
        namespace: text_of(&document["metadata"], "namespace")?,
        marks: marks(&document["metadata"]),
        spec: document["spec"].clone(),
        is_class,
        is_default: is_default(&document["metadata"]),
    })
}

fn text_of(metadata: &Value, field: &'static str) -> Result<Option<String>, ManifestError> {
    match &metadata[field] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(ManifestError::NoText(field)),
    }
}

fn marks(metadata: &Value) -> Map<String, Value> {
    let said = MARKS.iter().filter(|field| !metadata[**field].is_null());
    said.map(|field| ((*field).to_owned(), metadata[*field].clone()))
        .collect()
}

fn is_default(metadata: &Value) -> Option<bool> {
    let annotation = metadata["annotations"].get(IS_DEFAULT_CLASS)?;
    Some(annotation == "true")
}

fn version() -> String {
    ProtectedApi::api_version(&()).into_owned()
}

/// What people call a document.
fn title(document: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    if document["kind"].is_null() {
        return "no object of Kubernetes".to_owned();
    }
    let (kind, version) = (text(&document["kind"]), text(&document["apiVersion"]));
    match document["metadata"]["name"].as_str() {
        Some(name) => format!("{kind} {name} of {version}"),
        None => format!("a {kind} of {version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PETSTORE: &str = "apiVersion: palisade.dev/v1alpha1
kind: ProtectedApi
metadata: {name: petstore, namespace: shop, labels: {team: pets}}
spec:
  origin: {endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}
";

    fn refused(text: &str) -> String {
        read(text).expect_err("refused").to_string()
    }

    #[test]
    fn yaml_and_json_are_read_alike_and_empty_documents_do_not_count() {
        let yaml = read(&format!("# a comment\n---\n{PETSTORE}---\n")).expect("a manifest");
        assert_eq!(yaml.name.as_deref(), Some("petstore"));
        assert_eq!(yaml.namespace.as_deref(), Some("shop"));
        assert_eq!(
            Value::from(yaml.marks.clone()),
            json!({"labels": {"team": "pets"}})
        );
        let value: Value = serde_yaml::from_str(PETSTORE).expect("YAML");
        for json in [value.to_string(), format!("{value:#}")] {
            assert_eq!(read(&json).expect("a manifest"), yaml);
        }
    }

    #[test]
    fn the_spec_is_taken_as_it_is_written_with_what_the_api_server_would_not_know() {
        let manifest = read(&format!("{PETSTORE}  colour: blue\n")).expect("a manifest");
        assert_eq!(manifest.spec["colour"], "blue");
    }

    #[test]
    fn a_class_is_told_apart_from_an_object() {
        let class = "apiVersion: palisade.dev/v1alpha1\nkind: PerimeterClass\nmetadata: {name: public}\nspec: {limits: {}}\n";
        let manifest = read(class).expect("a manifest");
        assert_eq!(
            (manifest.name.as_deref(), manifest.is_class),
            (Some("public"), true)
        );
        assert!(!read(PETSTORE).expect("a manifest").is_class);
        assert_eq!(manifest.is_default, None);
        for (says, is_default) in [("true", true), ("True", false)] {
            let annotated =
                format!("{{name: public, annotations: {{palisade.dev/is-default-class: '{says}'}}}}");
            let text = class.replace("{name: public}", &annotated);
            assert_eq!(read(&text).expect("a manifest").is_default, Some(is_default));
        }
    }

    #[test]
    fn anchors_and_merge_keys_are_resolved() {
        let text = format!("{PETSTORE}  tags: &tags {{a: x}}\n  other: {{<<: *tags, b: y}}\n");
        let manifest = read(&text).expect("a manifest");
        assert_eq!(manifest.spec["other"], json!({"a": "x", "b": "y"}));
    }

    #[test]
    fn what_is_not_one_protected_api_is_refused_by_name() {
        let second = PETSTORE.replace("petstore", "orders");
        let cases = [
            (String::new(), "it is empty"),
            (
                format!("{PETSTORE}---\n{second}"),
                "2 documents (ProtectedApi petstore of palisade.dev/v1alpha1, ProtectedApi orders",
            ),
            ("kind: [".to_owned(), "neither YAML nor JSON"),
            ("- a".to_owned(), "no object of Kubernetes"),
            (
                "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n".to_owned(),
                "it is Secret s of v1, and a plan is for a ProtectedApi or a PerimeterClass of palisade.dev/v1alpha1",
            ),
            (
                PETSTORE.replace("v1alpha1", "v2"),
                "ProtectedApi petstore of palisade.dev/v2",
            ),
            (format!("{PETSTORE}sepc: {{}}\n"), "unknown field \"sepc\""),
            (
                PETSTORE.replace("name: petstore", "name: 7"),
                "metadata.name is no text",
            ),
            (
                "apiVersion: palisade.dev/v1alpha1\nkind: ProtectedApi\n".to_owned(),
                "it has no spec",
            ),
            (format!("{PETSTORE}spec: {{}}\n"), "duplicate"),
        ];
        for (text, expected) in cases {
            let said = refused(&text);
            assert!(said.contains(expected), "{said}");
        }
    }
}
