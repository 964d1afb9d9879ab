//! The custom resource definitions as YAML.

use super::aws_account::AwsAccount;
use super::perimeter_class::PerimeterClass;
use super::perimeter_plan::PerimeterPlan;
use super::protected_api::ProtectedApi;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSON, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::CustomResourceExt as _;
use serde_json::json;

const HEADER: &str = "# Generated from src/api by `make crds`.\n";

/// The plural names of the kinds, in the order of their definitions.
pub const KINDS: [&str; 4] = [
    "protectedapis",
    "awsaccounts",
    "perimeterclasses",
    "perimeterplans",
];

/// The annotation of a definition that names the version of Palisade that it is of.
pub const DEFINED_BY: &str = "palisade.dev/version";

/// The definitions of this version.
#[must_use]
pub fn definitions() -> [CustomResourceDefinition; 4] {
    let definitions = [
        ProtectedApi::crd(),
        AwsAccount::crd(),
        PerimeterClass::crd(),
        PerimeterPlan::crd(),
    ];
    definitions.map(|mut crd| {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        crd.metadata.annotations = Some([(DEFINED_BY.to_owned(), version)].into());
        for version in &mut crd.spec.versions {
            if let Some(schema) = version
                .schema
                .as_mut()
                .and_then(|schema| schema.open_api_v3_schema.as_mut())
            {
                adapt(schema);
                say_what_nobody_looked_at(schema);
            }
        }
        crd
    })
}

/// The definitions as YAML, a document each: that of the kind `plural` as its file in `crds/` holds it, or all.
///
/// # Errors
/// When they cannot be written as YAML, which a test rules out.
pub fn crd_yaml(plural: Option<&str>) -> Result<String, serde_yaml::Error> {
    let is_wanted =
        |crd: &CustomResourceDefinition| plural.is_none_or(|plural| crd.spec.names.plural == plural);
    let wanted = definitions().into_iter().filter(is_wanted);
    let documents: Vec<String> = wanted
        .map(|crd| serde_yaml::to_string(&crd))
        .collect::<Result<_, _>>()?;
    Ok(format!("{HEADER}{}", documents.join("---\n")))
}

/// Tools that judge objects by kstatus's rules, such as Flux, call one *Current* that has no status: nobody has looked at it yet.
/// No generation is -1, so until somebody has, they call it *`InProgress`*.
fn say_what_nobody_looked_at(schema: &mut JSONSchemaProps) {
    let properties = schema.properties.as_mut();
    if let Some(status) = properties.and_then(|properties| properties.get_mut("status")) {
        status.default = Some(JSON(json!({"observedGeneration": -1})));
    }
}

/// The formats of the generated schemas that Kubernetes knows. `kubectl apply` warns of others, such as `uint16`; the bounds say the
/// same.
const KNOWN_FORMATS: [&str; 4] = ["date-time", "double", "int32", "int64"];

/// Leaves out, throughout, what Kubernetes does not take as it was generated.
///
/// A field that may be left out need not be `null` as well: the API server drops such a null before any rule sees it,
/// whereas a nullable field would pass `has()` with nothing in it.
fn adapt(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    let format = schema.format.take();
    schema.format = format.filter(|format| KNOWN_FORMATS.contains(&format.as_str()));
    if let Some(values) = &mut schema.enum_ {
        values.retain(|value| !value.0.is_null());
    }
    for property in schema
        .properties
        .iter_mut()
        .flat_map(|properties| properties.values_mut())
    {
        adapt(property);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut schema.items {
        adapt(items);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = &mut schema.additional_properties {
        adapt(values);
    }
}
