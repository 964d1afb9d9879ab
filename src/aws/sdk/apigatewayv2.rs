//! HTTP and WebSocket APIs, in whichever Region they are.

use super::answers::{self, List, answer, understood};
use super::apigateway::{deployment, document};
use super::failure::Failure;
use super::regional::Clients;
use crate::aws::cloud::Page;
use crate::domain::access::asked::api::Observed;
use crate::domain::access::authorization::{Authorization, Deployment, Integration, NONE, Route, Stage};
use crate::domain::access::obstacles::other_doors::{DomainName, Mapping, NamedStage};
use aws_sdk_apigatewayv2::types::AuthorizationType;
use serde_json::{Value, json};

/// As many items as a page of any list can have; the API takes the number as text.
pub const PAGE: &str = "100";
/// As many routing rules as a page can have; there are at most 50 for a domain name.
const RULES: i32 = 100;

pub async fn get_api(clients: &Clients, region: String, id: String) -> Result<Observed, Failure> {
    let found: answers::Api = understood(&answer!(clients.of(region).v2.get_api().api_id(id)))?;
    Ok(Observed {
        protocol: found.protocol_type,
        endpoint_types: Vec::new(),
        default_endpoint_disabled: found.disable_execute_api_endpoint.unwrap_or(false),
        keys_from_authorizer: false,
        policy: Value::Null,
        // Of HTTP and WebSocket APIs nobody chooses one.
        security_policy: None,
        endpoint_access_mode: None,
    })
}

pub async fn get_stage(
    clients: &Clients,
    region: String,
    api_id: String,
    stage: String,
) -> Result<Stage, Failure> {
    let call = clients.of(region).v2.get_stage();
    let found: answers::Stage = understood(&answer!(call.api_id(api_id).stage_name(stage)))?;
    Ok(found.into())
}

pub async fn list_stages(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<NamedStage>, Failure> {
    let call = clients.of(region).v2.get_stages().api_id(api_id);
    let call = call.max_results(PAGE).set_next_token(marker.clone());
    let found: List<answers::Stage> = understood(&answer!(call))?;
    found.page(marker.as_ref(), |found| {
        Ok(NamedStage {
            name: found.stage_name.clone(),
            description: found.description.clone().unwrap_or_default(),
            stage: found.into(),
        })
    })
}

pub async fn list_domain_names(
    clients: &Clients,
    region: String,
    marker: Option<String>,
) -> Result<Page<DomainName>, Failure> {
    let call = clients.of(region).v2.get_domain_names();
    let call = call.max_results(PAGE).set_next_token(marker.clone());
    let found: List<answers::DomainName> = understood(&answer!(call))?;
    found.page(marker.as_ref(), |found| {
        let configurations = found.domain_name_configurations.unwrap_or_default().into_iter();
        let truststore = found.mutual_tls_authentication.and_then(|it| it.truststore_uri);
        Ok(DomainName {
            targets: configurations
                .filter_map(|configuration| configuration.api_gateway_domain_name)
                .collect(),
            truststore: truststore.filter(|uri| !uri.is_empty()),
            ..DomainName::of(found.domain_name, found.routing_mode.as_deref())
        })
    })
}

/// One row for each base path of each rule.
pub async fn list_routing_rules(
    clients: &Clients,
    region: String,
    domain: String,
    marker: Option<String>,
) -> Result<Page<Mapping>, Failure> {
    let call = clients.of(region).v2.list_routing_rules().domain_name(&domain);
    let call = call.max_results(RULES).set_next_token(marker.clone());
    let found: List<answers::RoutingRule> = understood(&answer!(call))?;
    let page = found.page(marker.as_ref(), |rule| Ok(led_to(&domain, rule)))?;
    Ok(Page {
        items: page.items.into_iter().flatten().collect(),
        next: page.next,
    })
}

fn led_to(domain: &str, rule: answers::RoutingRule) -> Vec<Mapping> {
    let mut told = rule.priority.unwrap_or_default().to_string();
    let mut paths = Vec::new();
    for condition in rule.conditions.unwrap_or_default() {
        let of_paths = condition.match_base_paths.and_then(|any| any.any_of);
        paths.extend(of_paths.unwrap_or_default());
        let headers = condition.match_headers.and_then(|any| any.any_of);
        for header in headers.unwrap_or_default() {
            told = format!("{told} ({}: {})", header.header, header.value_glob);
        }
    }
    if paths.is_empty() {
        paths.push(String::new());
    }
    let actions = rule.actions.unwrap_or_default().into_iter();
    let targets = actions.filter_map(|action| action.invoke_api);
    targets
        .flat_map(|target| {
            let of = |path: &String| Mapping {
                domain: domain.to_owned(),
                path: path.clone(),
                rule: Some(told.clone()),
                api_id: target.api_id.clone(),
                stage: target.stage.clone().unwrap_or_default(),
            };
            paths.iter().map(of).collect::<Vec<_>>()
        })
        .collect()
}

/// Also those of REST APIs, with base paths of several parts, which the older service does not list.
pub async fn list_api_mappings(
    clients: &Clients,
    region: String,
    domain: String,
    marker: Option<String>,
) -> Result<Page<Mapping>, Failure> {
    let call = clients.of(region).v2.get_api_mappings().domain_name(&domain);
    let call = call.max_results(PAGE).set_next_token(marker.clone());
    let found: List<answers::ApiMapping> = understood(&answer!(call))?;
    found.page(marker.as_ref(), |found| {
        Ok(Mapping {
            domain: domain.clone(),
            path: found.api_mapping_key.unwrap_or_default(),
            rule: None,
            api_id: found.api_id,
            stage: found.stage.unwrap_or_default(),
        })
    })
}

/// Switches the default endpoint: at once where the stage deploys by itself.
pub async fn switch_endpoint(
    clients: &Clients,
    region: String,
    id: String,
    off: bool,
) -> Result<(), Failure> {
    let call = clients.of(region).v2.update_api().api_id(id);
    answer!(call.disable_execute_api_endpoint(off));
    Ok(())
}

pub async fn list_routes(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Route>, Failure> {
    let call = clients.of(region).v2.get_routes().api_id(api_id);
    let call = call.max_results(PAGE).set_next_token(marker.clone());
    let found: List<answers::Route> = understood(&answer!(call))?;
    found.page(marker.as_ref(), |route| Ok(as_edited(route)))
}

fn as_edited(route: answers::Route) -> Route {
    Route {
        key: route.route_key,
        id: route.route_id,
        authorization: Authorization {
            kind: route.authorization_type.unwrap_or_else(|| NONE.to_owned()),
            authorizer: route.authorizer_id,
            api_key_required: route.api_key_required.unwrap_or(false),
        },
        integration: route
            .target
            .map_or(Value::Null, |target| json!({"target": target})),
    }
}

pub async fn list_integrations(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Integration>, Failure> {
    let call = clients.of(region).v2.get_integrations().api_id(api_id);
    let call = call.max_results(PAGE).set_next_token(marker.clone());
    let found: List<answers::Integration> = understood(&answer!(call))?;
    found.page(marker.as_ref(), |found| {
        Ok(Integration {
            id: found.integration_id,
            credentials: found.credentials_arn,
        })
    })
}

pub async fn list_deployments(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Deployment>, Failure> {
    let call = clients.of(region).v2.get_deployments().api_id(api_id);
    let call = call.max_results(PAGE).set_next_token(marker.clone());
    let found: List<answers::Deployment> = understood(&answer!(call))?;
    found.page(marker.as_ref(), |found| Ok(deployment(found)))
}

pub async fn get_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    id: String,
) -> Result<Deployment, Failure> {
    let call = clients.of(region).v2.get_deployment();
    let found: answers::Deployment = understood(&answer!(call.api_id(api_id).deployment_id(id)))?;
    Ok(deployment(found))
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
    answer!(call.set_authorizer_id(authorization.authorizer));
    Ok(())
}

pub async fn create_deployment(
    clients: &Clients,
    region: String,
    api_id: String,
    description: String,
) -> Result<String, Failure> {
    let call = clients.of(region).v2.create_deployment();
    let made: answers::Deployment = understood(&answer!(call.api_id(api_id).description(description)))?;
    Ok(made.id)
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
    answer!(call.deployment_id(deployment));
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
    let call = clients.of(region).v2.update_stage();
    let call = call.api_id(api_id).stage_name(stage);
    answer!(call.description(description));
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
