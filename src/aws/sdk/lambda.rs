//! Functions of ours: at the edge, with their published versions, and in the Regions of APIs, with their resource policies.

use super::failure::Failure;
use super::marker;
use crate::aws::cloud::Page;
use crate::domain::kernel::identity::Tags;
use crate::domain::signer::function::{Configuration, Creation, Foreign, LATEST, Observed, Settings, State};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::operation::update_function_configuration::builders::UpdateFunctionConfigurationFluentBuilder;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    self, Architecture, DeadLetterConfig, Environment, EnvironmentResponse, FunctionCode, LastUpdateStatus,
    Runtime, TracingConfig, TracingMode, VpcConfig,
};
use serde_json::Value;
use std::collections::HashMap;

/// The service's maximum.
const PAGE: i32 = 50;
/// Who may invoke a function, and how, by our permissions.
const INVOKER: &str = "apigateway.amazonaws.com";
const INVOKE: &str = "lambda:InvokeFunction";

/// A [`Configuration`] from any of the SDK's types that carry one: each operation has a type of its own, of the same
/// fields.
macro_rules! configuration {
    ($output:expr) => {{
        let output = $output;
        let version = output.version.unwrap_or_else(|| LATEST.to_owned());
        Configuration {
            name: output
                .function_name
                .ok_or_else(|| Failure::missing("FunctionName"))?,
            arn: qualified(
                output
                    .function_arn
                    .ok_or_else(|| Failure::missing("FunctionArn"))?,
                &version,
            ),
            version,
            settings: Settings {
                role: output.role.unwrap_or_default(),
                runtime: output
                    .runtime
                    .map(|it| it.as_str().to_owned())
                    .unwrap_or_default(),
                handler: output.handler.unwrap_or_default(),
                timeout: output.timeout.unwrap_or_default(),
                memory: output.memory_size.unwrap_or_default(),
                description: output.description.unwrap_or_default(),
                foreign: Foreign {
                    layers: output
                        .layers
                        .unwrap_or_default()
                        .into_iter()
                        .filter_map(|layer| layer.arn)
                        .collect(),
                    environment: names(output.environment),
                    subnets: output
                        .vpc_config
                        .and_then(|vpc| vpc.subnet_ids)
                        .unwrap_or_default(),
                    dead_letters: output
                        .dead_letter_config
                        .and_then(|config| config.target_arn)
                        .unwrap_or_default(),
                    tracing: output
                        .tracing_config
                        .is_some_and(|tracing| tracing.mode == Some(TracingMode::Active)),
                },
            },
            code_sha256: output.code_sha256.unwrap_or_default(),
            revision: output.revision_id.unwrap_or_default(),
            state: state(output.state.as_ref()),
            state_reason: output.state_reason.filter(|it| !it.is_empty()),
            updating: output.last_update_status == Some(LastUpdateStatus::InProgress),
        }
    }};
}

pub async fn list_functions(client: &Client, marker: Option<String>) -> Result<Page<Configuration>, Failure> {
    let output = client
        .list_functions()
        .max_items(PAGE)
        .set_marker(marker.clone())
        .send()
        .await?;
    let items = output
        .functions
        .unwrap_or_default()
        .into_iter()
        .map(listed)
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        next: marker::next("NextMarker", output.next_marker, marker.as_ref())?,
    })
}

pub async fn get_function(client: &Client, name: String) -> Result<Observed, Failure> {
    let output = client.get_function().function_name(name).send().await?;
    let latest = output
        .configuration
        .ok_or_else(|| Failure::missing("Configuration"))?;
    Ok(Observed {
        latest: listed(latest)?,
        tags: output.tags.unwrap_or_default().into_iter().collect(),
        versions: Vec::new(),
    })
}

pub async fn get_function_configuration(
    client: &Client,
    name: String,
    version: Option<String>,
) -> Result<Configuration, Failure> {
    let output = client
        .get_function_configuration()
        .function_name(name)
        .set_qualifier(version)
        .send()
        .await?;
    Ok(configuration!(output))
}

pub async fn list_versions(
    client: &Client,
    name: String,
    marker: Option<String>,
) -> Result<Page<Configuration>, Failure> {
    let output = client
        .list_versions_by_function()
        .function_name(name)
        .max_items(PAGE)
        .set_marker(marker.clone())
        .send()
        .await?;
    let published = output
        .versions
        .unwrap_or_default()
        .into_iter()
        .filter(|it| it.version() != Some(LATEST));
    let items = published.map(listed).collect::<Result<_, _>>()?;
    Ok(Page {
        items,
        next: marker::next("NextMarker", output.next_marker, marker.as_ref())?,
    })
}

pub async fn create_function(client: &Client, function: Creation) -> Result<Configuration, Failure> {
    let settings = function.settings;
    let output = client
        .create_function()
        .function_name(function.name)
        .role(settings.role)
        .runtime(Runtime::from(settings.runtime.as_str()))
        .handler(settings.handler)
        .timeout(settings.timeout)
        .memory_size(settings.memory)
        .description(settings.description)
        // Lambda@Edge runs on nothing else.
        .architectures(Architecture::X8664)
        .code(FunctionCode::builder().zip_file(Blob::new(function.zip)).build())
        .publish(function.publish)
        .set_tags(Some(function.tags.into_iter().collect()))
        .send()
        .await?;
    Ok(configuration!(output))
}

pub async fn update_function_code(
    client: &Client,
    name: String,
    zip: Vec<u8>,
    revision: String,
    publish: bool,
) -> Result<Configuration, Failure> {
    let output = client
        .update_function_code()
        .function_name(name)
        .zip_file(Blob::new(zip))
        .architectures(Architecture::X8664)
        .publish(publish)
        .revision_id(revision)
        .send()
        .await?;
    Ok(configuration!(output))
}

pub async fn update_function_configuration(
    client: &Client,
    name: String,
    settings: Settings,
    revision: String,
) -> Result<Configuration, Failure> {
    let request = client
        .update_function_configuration()
        .function_name(name)
        .role(settings.role)
        .runtime(Runtime::from(settings.runtime.as_str()))
        .handler(settings.handler)
        .timeout(settings.timeout)
        .memory_size(settings.memory)
        .description(settings.description)
        .revision_id(revision);
    let output = without(request, &settings.foreign).send().await?;
    Ok(configuration!(output))
}

/// Takes off what others have put on a function. What is not there is not mentioned, since some of it asks for rights.
fn without(
    request: UpdateFunctionConfigurationFluentBuilder,
    foreign: &Foreign,
) -> UpdateFunctionConfigurationFluentBuilder {
    let has = |is_there: bool| is_there.then_some(());
    let no_network = || {
        VpcConfig::builder()
            .set_subnet_ids(Some(vec![]))
            .set_security_group_ids(Some(vec![]))
    };
    request
        .set_layers(has(!foreign.layers.is_empty()).map(|()| vec![]))
        .set_environment(
            has(!foreign.environment.is_empty())
                .map(|()| Environment::builder().set_variables(Some(HashMap::new())).build()),
        )
        .set_vpc_config(has(!foreign.subnets.is_empty()).map(|()| no_network().build()))
        .set_dead_letter_config(
            has(!foreign.dead_letters.is_empty())
                .map(|()| DeadLetterConfig::builder().target_arn("").build()),
        )
        .set_tracing_config(
            has(foreign.tracing).map(|()| TracingConfig::builder().mode(TracingMode::PassThrough).build()),
        )
}

/// Names of environment variables, in order.
fn names(environment: Option<EnvironmentResponse>) -> Vec<String> {
    let variables = environment.and_then(|environment| environment.variables);
    let mut names: Vec<String> = variables.unwrap_or_default().into_keys().collect();
    names.sort();
    names
}

pub async fn publish_version(
    client: &Client,
    name: String,
    code_sha256: String,
) -> Result<Configuration, Failure> {
    let output = client
        .publish_version()
        .function_name(name)
        .code_sha256(code_sha256)
        .send()
        .await?;
    Ok(configuration!(output))
}

pub async fn delete_function(client: &Client, name: String, version: Option<String>) -> Result<(), Failure> {
    client
        .delete_function()
        .function_name(name)
        .set_qualifier(version)
        .send()
        .await?;
    Ok(())
}

pub async fn get_function_policy(client: &Client, name: String) -> Result<Value, Failure> {
    let output = client.get_policy().function_name(name).send().await?;
    let policy = output.policy.ok_or_else(|| Failure::missing("Policy"))?;
    serde_json::from_str(&policy)
        .map_err(|error| Failure::not_understood(format!("the policy is no JSON: {error}")))
}

pub async fn add_permission(
    client: &Client,
    name: String,
    statement: String,
    source: String,
) -> Result<(), Failure> {
    client
        .add_permission()
        .function_name(name)
        .statement_id(statement)
        .action(INVOKE)
        .principal(INVOKER)
        .source_arn(source)
        .send()
        .await?;
    Ok(())
}

pub async fn remove_permission(client: &Client, name: String, statement: String) -> Result<(), Failure> {
    client
        .remove_permission()
        .function_name(name)
        .statement_id(statement)
        .send()
        .await?;
    Ok(())
}

pub async fn tag_function(client: &Client, arn: String, tags: Tags) -> Result<(), Failure> {
    client
        .tag_resource()
        .resource(arn)
        .set_tags(Some(tags.into_iter().collect()))
        .send()
        .await?;
    Ok(())
}

pub async fn untag_function(client: &Client, arn: String, keys: Vec<String>) -> Result<(), Failure> {
    client
        .untag_resource()
        .resource(arn)
        .set_tag_keys(Some(keys))
        .send()
        .await?;
    Ok(())
}

fn listed(output: types::FunctionConfiguration) -> Result<Configuration, Failure> {
    Ok(configuration!(output))
}

/// The ARN of a published version ends with its number, also where the answer leaves it out.
fn qualified(arn: String, version: &str) -> String {
    if version == LATEST || arn.ends_with(&format!(":{version}")) {
        arn
    } else {
        format!("{arn}:{version}")
    }
}

fn state(state: Option<&types::State>) -> State {
    match state {
        Some(types::State::Pending) => State::Pending,
        Some(types::State::Active) => State::Active,
        Some(types::State::Inactive) => State::Inactive,
        Some(types::State::Failed) => State::Failed,
        _ => State::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_versions_arn_ends_with_its_number_exactly_once() {
        let arn = "arn:aws:lambda:us-east-1:1:function:palisade-a";
        assert_eq!(qualified(arn.to_owned(), "3"), format!("{arn}:3"));
        assert_eq!(qualified(format!("{arn}:3"), "3"), format!("{arn}:3"));
        assert_eq!(qualified(arn.to_owned(), LATEST), arn);
    }
}
