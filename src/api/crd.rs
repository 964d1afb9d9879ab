//! The custom resource definitions as YAML.

use super::ProtectedApi;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::CustomResourceExt as _;

const HEADER: &str = "# Generated from src/api by `make crds`.\n";

/// The definition of [`ProtectedApi`].
#[must_use]
pub fn crd() -> CustomResourceDefinition {
    let mut crd = ProtectedApi::crd();
    for version in &mut crd.spec.versions {
        if let Some(schema) = version
            .schema
            .as_mut()
            .and_then(|schema| schema.open_api_v3_schema.as_mut())
        {
            refuse_null(schema);
        }
    }
    crd
}

/// The definitions as `crds/` holds them.
///
/// # Errors
/// When they cannot be written as YAML, which a test rules out.
pub fn crd_yaml() -> Result<String, serde_yaml::Error> {
    Ok(format!("{HEADER}{}", serde_yaml::to_string(&crd())?))
}

/// A field that may be left out need not be `null` as well: the API server drops such a null before any rule sees it,
/// whereas a nullable field would pass `has()` with nothing in it.
fn refuse_null(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    if let Some(values) = &mut schema.enum_ {
        values.retain(|value| !value.0.is_null());
    }
    for property in schema
        .properties
        .iter_mut()
        .flat_map(|properties| properties.values_mut())
    {
        refuse_null(property);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(items)) = &mut schema.items {
        refuse_null(items);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = &mut schema.additional_properties {
        refuse_null(values);
    }
}
