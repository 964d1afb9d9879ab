//! REST APIs, in whichever Region they are.

use super::answers::{self, List, answer, understood};
use super::failure::Failure;
use super::integration;
use super::regional::Clients;
use crate::aws::cloud::Page;
use crate::domain::access::asked::api::Observed;
use crate::domain::access::asked::carried::Carried;
use crate::domain::access::authorization::{Authorization, Deployment, NONE, Route, Stage};
use crate::domain::access::obstacles::other_doors::NamedStage;
use aws_sdk_apigateway::types::{Op, PatchOperation};
use serde_json::Value;

/// As many items as a page of any list can have.
pub const PAGE: i32 = 500;

pub async fn get_rest_api(clients: &Clients, region: String, id: String) -> Result<Observed, Failure> {
    let call = clients.of(region).v1.get_rest_api().rest_api_id(id);
    let found: answers::RestApi = understood(&answer!(call))?;
    let endpoint_types = found.endpoint_configuration.and_then(|it| it.types);
    let policy = found.policy.filter(|text| !text.is_empty());
    Ok(Observed {
        protocol: "REST".to_owned(),
        endpoint_types: endpoint_types.unwrap_or_default(),
        default_endpoint_disabled: found.disable_execute_api_endpoint.unwrap_or(false),
        keys_from_authorizer: found.api_key_source.as_deref() == Some("AUTHORIZER"),
        policy: policy.map_or(Ok(Value::Null), |text| self::policy(&text))?,
        security_policy: found.security_policy.filter(|name| !name.is_empty()),
        endpoint_access_mode: found.endpoint_access_mode.filter(|mode| !mode.is_empty()),
    })
}

/// A resource policy, whose quotation marks API Gateway escapes once more than JSON needs.
fn policy(text: &str) -> Result<Value, Failure> {
    let escaped = serde_json::from_str::<String>(&format!("\"{text}\""));
    let plain = escaped.as_deref().unwrap_or(text);
    serde_json::from_str(plain)
        .map_err(|error| Failure::not_understood(format!("the policy is no JSON: {error}")))
}

/// Replaces the resource policy; an empty one takes it away.
pub async fn update_policy(
    clients: &Clients,
    region: String,
    id: String,
    policy: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v1.update_rest_api().rest_api_id(id);
    answer!(call.patch_operations(replace("/policy", policy)));
    Ok(())
}

/// Switches the default endpoint, as edited.
pub async fn switch_endpoint(
    clients: &Clients,
    region: String,
    id: String,
    off: bool,
) -> Result<(), Failure> {
    let call = clients.of(region).v1.update_rest_api().rest_api_id(id);
    answer!(call.patch_operations(replace("/disableExecuteApiEndpoint", off.to_string())));
    Ok(())
}

pub async fn list_stages(
    clients: &Clients,
    region: String,
    api_id: String,
) -> Result<Vec<NamedStage>, Failure> {
    let call = clients.of(region).v1.get_stages().rest_api_id(api_id);
    let found: List<answers::Stage> = understood(&answer!(call))?;
    let named = |found: answers::Stage| {
        Ok(NamedStage {
            name: found.stage_name.clone(),
            description: found.description.clone().unwrap_or_default(),
            stage: found.into(),
        })
    };
    Ok(found.page(None, named)?.items)
}

pub async fn get_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
) -> Result<Stage, Failure> {
    let call = clients.of(region).v1.get_stage();
    let found: answers::Stage = understood(&answer!(call.rest_api_id(api_id).stage_name(stage)))?;
    Ok(found.into())
}

pub async fn list_methods(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Route>, Failure> {
    let call = clients.of(region).v1.get_resources().rest_api_id(api_id);
    let call = call.embed("methods").limit(PAGE).set_position(marker.clone());
    let found: List<answers::Resource> = understood(&answer!(call))?;
    let page = found.page(marker.as_ref(), |resource| Ok(routes(resource)))?;
    Ok(Page {
        items: page.items.into_iter().flatten().collect(),
        next: page.next,
    })
}

fn routes(resource: answers::Resource) -> Vec<Route> {
    let (id, path) = (resource.id, resource.path);
    let methods = resource.resource_methods.unwrap_or_default().into_iter();
    let route = |(name, method): (String, Option<answers::Method>)| {
        let method = method.unwrap_or_default();
        Route {
            key: format!("{name} {path}"),
            integration: integration::render(method.method_integration.as_ref(), &id),
            id: id.clone(),
            authorization: authorization(method),
        }
    };
    methods.map(route).collect()
}

fn authorization(method: answers::Method) -> Authorization {
    Authorization {
        kind: method.authorization_type.unwrap_or_else(|| NONE.to_owned()),
        authorizer: method.authorizer_id,
        api_key_required: method.api_key_required.unwrap_or(false),
    }
}

pub async fn list_deployments(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Deployment>, Failure> {
    let call = clients.of(region).v1.get_deployments().rest_api_id(api_id);
    let call = call.limit(PAGE).set_position(marker.clone());
    let found: List<answers::Deployment> = understood(&answer!(call))?;
    found.page(marker.as_ref(), |found| Ok(deployment(found)))
}

pub async fn get_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    id: String,
) -> Result<Deployment, Failure> {
    let call = clients.of(region).v1.get_deployment().rest_api_id(api_id);
    let call = call.deployment_id(id).embed("apisummary");
    let found: answers::Deployment = understood(&answer!(call))?;
    Ok(deployment(found))
}

/// A deployment of either service's; only those of REST APIs tell what they carry.
pub fn deployment(found: answers::Deployment) -> Deployment {
    let paths = found.api_summary.unwrap_or_default().into_iter();
    let routes = paths.flat_map(|(path, methods)| {
        let methods = methods.unwrap_or_default().into_iter();
        methods.map(move |(name, method)| {
            let asked = authorization(method.unwrap_or_default());
            (format!("{name} {path}"), asked)
        })
    });
    Deployment {
        id: found.id,
        description: found.description.unwrap_or_default(),
        routes: Carried::told(routes.collect()),
    }
}

pub async fn export_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
) -> Result<Value, Failure> {
    let call = clients.of(region).v1.get_export().rest_api_id(api_id);
    let call = call.stage_name(stage).export_type("oas30");
    let call = call
        .parameters("extensions", "apigateway")
        .accepts("application/json");
    let output = call.send().await?;
    let mut document = document(output.body)?;
    integration::canonicalize_export(&mut document);
    Ok(document)
}

/// An exported API.
pub fn document(body: Option<aws_sdk_apigateway::primitives::Blob>) -> Result<Value, Failure> {
    let body = body.ok_or_else(|| Failure::missing("body"))?;
    serde_json::from_slice(body.as_ref())
        .map_err(|error| Failure::not_understood(format!("the export is no JSON: {error}")))
}

/// The authorizer goes by itself when the type needs none.
pub async fn update_method(
    clients: &Clients,
    region: String,
    api_id: String,
    resource: String,
    method: String,
    authorization: Authorization,
) -> Result<(), Failure> {
    let mut patches = vec![replace("/authorizationType", authorization.kind)];
    patches.extend(authorization.authorizer.map(|id| replace("/authorizerId", id)));
    patches.push(replace(
        "/apiKeyRequired",
        authorization.api_key_required.to_string(),
    ));
    let call = clients.of(region).v1.update_method().rest_api_id(api_id);
    let call = call.resource_id(resource).http_method(method);
    answer!(call.set_patch_operations(Some(patches)));
    Ok(())
}

pub async fn create_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    description: String,
) -> Result<String, Failure> {
    let call = clients.of(region).v1.create_deployment().rest_api_id(api_id);
    let made: answers::Deployment = understood(&answer!(call.description(description)))?;
    Ok(made.id)
}

pub async fn update_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
    deployment: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v1.update_stage().rest_api_id(api_id);
    let call = call.stage_name(stage);
    answer!(call.patch_operations(replace("/deploymentId", deployment)));
    Ok(())
}

/// Writes what a stage says of itself.
pub async fn describe_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
    description: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v1.update_stage().rest_api_id(api_id);
    let call = call.stage_name(stage);
    answer!(call.patch_operations(replace("/description", description)));
    Ok(())
}

pub async fn delete_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    id: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v1.delete_deployment().rest_api_id(api_id);
    call.deployment_id(id).send().await?;
    Ok(())
}

pub fn replace(path: &str, value: String) -> PatchOperation {
    patch(Op::Replace, path, value)
}

pub fn patch(op: Op, path: &str, value: String) -> PatchOperation {
    PatchOperation::builder().op(op).path(path).value(value).build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_policy_is_read_with_and_without_the_extra_escapes() {
        let wanted =
            json!({"Statement": [{"Sid": "a", "Condition": {"StringLike": {"aws:UserAgent": "x\\\"y"}}}]});
        let plain = wanted.to_string();
        let escaped = plain.replace('\\', "\\\\").replace('"', "\\\"");
        assert_eq!(policy(&plain).ok(), Some(wanted.clone()));
        assert_eq!(policy(&escaped).ok(), Some(wanted));
        assert!(policy("{").is_err());
    }
}
