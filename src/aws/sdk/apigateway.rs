//! REST APIs, in whichever Region they are.

use super::failure::Failure;
use super::integration;
use super::regional::Clients;
use crate::aws::cloud::Page;
use crate::domain::resources::access::{Authorization, Canary, Deployment, Door, Stage};
use crate::domain::resources::api::Observed;
use crate::domain::resources::other_doors::NamedStage;
use aws_sdk_apigateway::types::{ApiKeySourceType, Method, Op, PatchOperation, Resource};
use serde_json::Value;
use std::collections::BTreeMap;

/// As many items as a page of any list can have.
pub const PAGE: i32 = 500;

pub async fn get_rest_api(clients: &Clients, region: String, id: String) -> Result<Observed, Failure> {
    let call = clients.of(region).v1.get_rest_api().rest_api_id(id);
    let output = call.send().await?;
    let endpoint_types = output
        .endpoint_configuration
        .and_then(|it| it.types)
        .unwrap_or_default();
    Ok(Observed {
        protocol: "REST".to_owned(),
        endpoint_types: endpoint_types.iter().map(|it| it.as_str().to_owned()).collect(),
        default_endpoint_disabled: output.disable_execute_api_endpoint,
        keys_from_authorizer: output.api_key_source == Some(ApiKeySourceType::Authorizer),
        policy: output.policy.map_or(Ok(Value::Null), |text| policy(&text))?,
    })
}

/// A resource policy, whose quotation marks API Gateway escapes once more than JSON needs.
fn policy(text: &str) -> Result<Value, Failure> {
    let escaped = serde_json::from_str::<String>(&format!("\"{text}\""));
    let plain = escaped.as_deref().unwrap_or(text);
    serde_json::from_str(plain)
        .map_err(|error| Failure::unreadable(format!("the policy is no JSON: {error}")))
}

/// Replaces the resource policy; an empty one takes it away.
pub async fn update_policy(
    clients: &Clients,
    region: String,
    id: String,
    policy: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v1.update_rest_api().rest_api_id(id);
    call.patch_operations(replace("/policy", policy)).send().await?;
    Ok(())
}

pub async fn list_stages(
    clients: &Clients,
    region: String,
    api_id: String,
) -> Result<Vec<NamedStage>, Failure> {
    let call = clients.of(region).v1.get_stages().rest_api_id(api_id);
    let stages = call.send().await?.item.unwrap_or_default().into_iter();
    let named = |found: aws_sdk_apigateway::types::Stage| {
        Ok(NamedStage {
            name: found.stage_name.ok_or_else(|| Failure::missing("stageName"))?,
            stage: stage(found.deployment_id, found.canary_settings),
        })
    };
    stages.map(named).collect()
}

pub async fn get_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
) -> Result<Stage, Failure> {
    let call = clients.of(region).v1.get_stage();
    let output = call.rest_api_id(api_id).stage_name(stage).send().await?;
    Ok(self::stage(output.deployment_id, output.canary_settings))
}

fn stage(deployment: Option<String>, canary: Option<aws_sdk_apigateway::types::CanarySettings>) -> Stage {
    let canary = canary.and_then(|canary| {
        Some(Canary {
            deployment: canary.deployment_id?,
            is_served: canary.percent_traffic > 0.0,
        })
    });
    Stage {
        deployment,
        auto_deploy: false,
        said: None,
        canary,
    }
}

pub async fn list_methods(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Door>, Failure> {
    let call = clients.of(region).v1.get_resources().rest_api_id(api_id);
    let call = call.embed("methods").limit(PAGE).set_position(marker);
    let output = call.send().await?;
    let mut items = Vec::new();
    for resource in output.items.unwrap_or_default() {
        items.extend(doors(resource)?);
    }
    Ok(Page {
        items,
        next: output.position,
    })
}

fn doors(resource: Resource) -> Result<Vec<Door>, Failure> {
    let id = resource.id.ok_or_else(|| Failure::missing("resource's id"))?;
    let path = resource.path.ok_or_else(|| Failure::missing("resource's path"))?;
    let methods = resource.resource_methods.unwrap_or_default().into_iter();
    let mut doors: Vec<_> = methods
        .map(|(name, method)| Door {
            key: format!("{name} {path}"),
            integration: integration::render(method.method_integration.as_ref(), &id),
            id: id.clone(),
            authorization: authorization(method),
        })
        .collect();
    doors.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(doors)
}

fn authorization(method: Method) -> Authorization {
    Authorization {
        kind: method.authorization_type.unwrap_or_else(|| "NONE".to_owned()),
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
    let output = call.limit(PAGE).set_position(marker).send().await?;
    let deployments = output.items.unwrap_or_default().into_iter();
    let deployment = |found: aws_sdk_apigateway::types::Deployment| {
        Ok(Deployment {
            id: found.id.ok_or_else(|| Failure::missing("id"))?,
            description: found.description.unwrap_or_default(),
            doors: BTreeMap::new(),
        })
    };
    Ok(Page {
        items: deployments.map(deployment).collect::<Result<_, Failure>>()?,
        next: output.position,
    })
}

pub async fn get_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    id: String,
) -> Result<Deployment, Failure> {
    let call = clients.of(region).v1.get_deployment().rest_api_id(api_id);
    let output = call.deployment_id(id).embed("apisummary").send().await?;
    let paths = output.api_summary.unwrap_or_default().into_iter();
    let doors = paths.flat_map(|(path, methods)| {
        methods.into_iter().map(move |(name, snapshot)| {
            let authorization = Authorization {
                kind: snapshot.authorization_type.unwrap_or_else(|| "NONE".to_owned()),
                authorizer: None,
                api_key_required: snapshot.api_key_required,
            };
            (format!("{name} {path}"), authorization)
        })
    });
    Ok(Deployment {
        id: output.id.ok_or_else(|| Failure::missing("id"))?,
        description: output.description.unwrap_or_default(),
        doors: doors.collect(),
    })
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
        .map_err(|error| Failure::unreadable(format!("the export is no JSON: {error}")))
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
    call.set_patch_operations(Some(patches)).send().await?;
    Ok(())
}

pub async fn create_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    description: String,
) -> Result<String, Failure> {
    let call = clients.of(region).v1.create_deployment().rest_api_id(api_id);
    let output = call.description(description).send().await?;
    output.id.ok_or_else(|| Failure::missing("id"))
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
    call.patch_operations(replace("/deploymentId", deployment))
        .send()
        .await?;
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
