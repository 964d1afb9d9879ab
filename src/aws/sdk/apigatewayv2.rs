//! HTTP and WebSocket APIs, in whichever Region they are.

use super::apigateway::document;
use super::failure::Failure;
use super::regional::Clients;
use crate::aws::cloud::Page;
use crate::domain::resources::access::{Authorization, Deployment, Door, Stage};
use crate::domain::resources::api::Observed;
use crate::domain::resources::other_doors::{Mapping, NamedStage};
use aws_sdk_apigatewayv2::types::{AuthorizationType, Route};
use serde_json::Value;
use std::collections::BTreeMap;

/// As many items as a page of any list can have; the API takes the number as text.
pub const PAGE: &str = "100";

pub async fn get_api(clients: &Clients, region: String, id: String) -> Result<Observed, Failure> {
    let output = clients.of(region).v2.get_api().api_id(id).send().await?;
    let protocol = output
        .protocol_type
        .ok_or_else(|| Failure::missing("protocolType"))?;
    Ok(Observed {
        protocol: protocol.as_str().to_owned(),
        endpoint_types: Vec::new(),
        default_endpoint_disabled: output.disable_execute_api_endpoint.unwrap_or(false),
        keys_from_authorizer: false,
        policy: Value::Null,
    })
}

pub async fn get_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
) -> Result<Stage, Failure> {
    let call = clients.of(region).v2.get_stage();
    let output = call.api_id(api_id).stage_name(stage).send().await?;
    Ok(Stage {
        deployment: output.deployment_id,
        auto_deploy: output.auto_deploy.unwrap_or(false),
        said: output.last_deployment_status_message,
        canary: None,
    })
}

pub async fn list_stages(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<NamedStage>, Failure> {
    let call = clients.of(region).v2.get_stages().api_id(api_id);
    let output = call.max_results(PAGE).set_next_token(marker).send().await?;
    let stages = output.items.unwrap_or_default().into_iter();
    let stage = |found: aws_sdk_apigatewayv2::types::Stage| {
        Ok(NamedStage {
            name: found.stage_name.ok_or_else(|| Failure::missing("stageName"))?,
            stage: Stage {
                deployment: found.deployment_id,
                auto_deploy: found.auto_deploy.unwrap_or(false),
                said: found.last_deployment_status_message,
                canary: None,
            },
        })
    };
    Ok(Page {
        items: stages.map(stage).collect::<Result<_, Failure>>()?,
        next: output.next_token,
    })
}

pub async fn list_domain_names(
    clients: &Clients,
    region: String,
    marker: Option<String>,
) -> Result<Page<String>, Failure> {
    let call = clients.of(region).v2.get_domain_names();
    let output = call.max_results(PAGE).set_next_token(marker).send().await?;
    let domains = output.items.unwrap_or_default().into_iter();
    Ok(Page {
        items: domains.filter_map(|found| found.domain_name).collect(),
        next: output.next_token,
    })
}

/// Also those of REST APIs, with base paths of several parts, which the older service does not list.
pub async fn list_api_mappings(
    clients: &Clients,
    region: String,
    domain: String,
    marker: Option<String>,
) -> Result<Page<Mapping>, Failure> {
    let call = clients.of(region).v2.get_api_mappings().domain_name(&domain);
    let output = call.max_results(PAGE).set_next_token(marker).send().await?;
    let mappings = output.items.unwrap_or_default().into_iter();
    let mapping = |found: aws_sdk_apigatewayv2::types::ApiMapping| {
        Ok(Mapping {
            domain: domain.clone(),
            path: found.api_mapping_key.unwrap_or_default(),
            api_id: found.api_id.ok_or_else(|| Failure::missing("apiId"))?,
            stage: found.stage.unwrap_or_default(),
        })
    };
    Ok(Page {
        items: mappings.map(mapping).collect::<Result<_, Failure>>()?,
        next: output.next_token,
    })
}

pub async fn list_routes(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Door>, Failure> {
    let call = clients.of(region).v2.get_routes().api_id(api_id);
    let output = call.max_results(PAGE).set_next_token(marker).send().await?;
    let routes = output.items.unwrap_or_default().into_iter();
    Ok(Page {
        items: routes.map(door).collect::<Result<_, _>>()?,
        next: output.next_token,
    })
}

fn door(route: Route) -> Result<Door, Failure> {
    let kind = route.authorization_type.unwrap_or(AuthorizationType::None);
    Ok(Door {
        key: route.route_key.ok_or_else(|| Failure::missing("routeKey"))?,
        id: route.route_id.ok_or_else(|| Failure::missing("routeId"))?,
        authorization: Authorization {
            kind: kind.as_str().to_owned(),
            authorizer: route.authorizer_id,
            api_key_required: route.api_key_required.unwrap_or(false),
        },
        integration: Value::Null,
    })
}

pub async fn list_deployments(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Deployment>, Failure> {
    let call = clients.of(region).v2.get_deployments().api_id(api_id);
    let output = call.max_results(PAGE).set_next_token(marker).send().await?;
    let deployments = output.items.unwrap_or_default().into_iter();
    let deployment = |found: aws_sdk_apigatewayv2::types::Deployment| {
        Ok(Deployment {
            id: found
                .deployment_id
                .ok_or_else(|| Failure::missing("deploymentId"))?,
            description: found.description.unwrap_or_default(),
            doors: BTreeMap::new(),
        })
    };
    Ok(Page {
        items: deployments.map(deployment).collect::<Result<_, Failure>>()?,
        next: output.next_token,
    })
}

pub async fn get_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    id: String,
) -> Result<Deployment, Failure> {
    let call = clients.of(region).v2.get_deployment();
    let output = call.api_id(api_id).deployment_id(id).send().await?;
    Ok(Deployment {
        id: output
            .deployment_id
            .ok_or_else(|| Failure::missing("deploymentId"))?,
        description: output.description.unwrap_or_default(),
        doors: BTreeMap::new(),
    })
}

pub async fn export_api(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: Option<String>,
) -> Result<Value, Failure> {
    let call = clients.of(region).v2.export_api().api_id(api_id);
    let call = call.specification("OAS30").output_type("JSON");
    let call = call.include_extensions(true).set_stage_name(stage);
    let output = call.send().await?;
    document(output.body)
}

pub async fn update_route(
    clients: &Clients,
    region: String,
    api_id: String,
    route: String,
    authorization: Authorization,
) -> Result<(), Failure> {
    let call = clients.of(region).v2.update_route();
    let call = call.api_id(api_id).route_id(route);
    let call = call.authorization_type(AuthorizationType::from(authorization.kind.as_str()));
    let call = call.set_authorizer_id(authorization.authorizer);
    call.send().await?;
    Ok(())
}

pub async fn create_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    description: String,
) -> Result<String, Failure> {
    let call = clients.of(region).v2.create_deployment();
    let output = call.api_id(api_id).description(description).send().await?;
    output
        .deployment_id
        .ok_or_else(|| Failure::missing("deploymentId"))
}

pub async fn update_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
    deployment: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v2.update_stage();
    let call = call.api_id(api_id).stage_name(stage);
    call.deployment_id(deployment).send().await?;
    Ok(())
}

pub async fn delete_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    id: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v2.delete_deployment();
    call.api_id(api_id).deployment_id(id).send().await?;
    Ok(())
}
