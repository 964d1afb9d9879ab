//! API keys of REST APIs, and the usage plans that make them valid for stages.

use super::apigateway::{PAGE, patch};
use super::failure::Failure;
use super::marker;
use super::regional::Clients;
use crate::aws::cloud::Page;
use crate::domain::access::credentials::api_key::{Key, KeyCreation, UsagePlan, UsagePlanCreation};
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::secret::Secret;
use aws_sdk_apigateway::types::{ApiStage, Op};
use std::collections::HashMap;

/// What kind of key a usage plan takes; there is no other.
const KEY_TYPE: &str = "API_KEY";

/// A [`Key`] from any of the SDK's types that carry one.
macro_rules! key {
    ($output:expr) => {{
        let output = $output;
        Ok(Key {
            id: output.id.ok_or_else(|| Failure::missing("id"))?,
            name: output.name.unwrap_or_default(),
            value: Secret::new(output.value.ok_or_else(|| Failure::missing("value"))?),
            enabled: output.enabled,
            tags: tags(output.tags),
        })
    }};
}

/// A [`UsagePlan`] from any of the SDK's types that carry one.
macro_rules! usage_plan {
    ($output:expr) => {{
        let output = $output;
        Ok(UsagePlan {
            id: output.id.ok_or_else(|| Failure::missing("id"))?,
            name: output.name.unwrap_or_default(),
            stages: stages(output.api_stages)?,
            tags: tags(output.tags),
        })
    }};
}

pub async fn list_api_keys(
    clients: &Clients,
    region: String,
    name: String,
    marker: Option<String>,
) -> Result<Page<Key>, Failure> {
    let call = clients.of(region).v1.get_api_keys().name_query(name);
    let call = call.include_values(true).limit(PAGE).set_position(marker.clone());
    let output = call.send().await?;
    let keys = output.items.unwrap_or_default().into_iter();
    Ok(Page {
        items: keys.map(|found| key!(found)).collect::<Result<_, Failure>>()?,
        next: marker::next("position", output.position, marker.as_ref())?,
    })
}

pub async fn get_api_key(clients: &Clients, region: String, id: String) -> Result<Key, Failure> {
    let call = clients.of(region).v1.get_api_key().api_key(id);
    key!(call.include_value(true).send().await?)
}

pub async fn create_api_key(clients: &Clients, region: String, key: KeyCreation) -> Result<Key, Failure> {
    let call = clients.of(region).v1.create_api_key().name(key.name);
    let call = call.value(key.value.expose()).description(key.description);
    let call = call.enabled(true).set_tags(Some(key.tags.into_iter().collect()));
    key!(call.send().await?)
}

pub async fn delete_api_key(clients: &Clients, region: String, id: String) -> Result<(), Failure> {
    clients.of(region).v1.delete_api_key().api_key(id).send().await?;
    Ok(())
}

pub async fn list_usage_plans(
    clients: &Clients,
    region: String,
    marker: Option<String>,
) -> Result<Page<UsagePlan>, Failure> {
    let call = clients.of(region).v1.get_usage_plans();
    let output = call.limit(PAGE).set_position(marker.clone()).send().await?;
    let plans = output.items.unwrap_or_default().into_iter();
    Ok(Page {
        items: plans
            .map(|found| usage_plan!(found))
            .collect::<Result<_, Failure>>()?,
        next: marker::next("position", output.position, marker.as_ref())?,
    })
}

pub async fn get_usage_plan(clients: &Clients, region: String, id: String) -> Result<UsagePlan, Failure> {
    let call = clients.of(region).v1.get_usage_plan().usage_plan_id(id);
    usage_plan!(call.send().await?)
}

pub async fn create_usage_plan(
    clients: &Clients,
    region: String,
    plan: UsagePlanCreation,
) -> Result<UsagePlan, Failure> {
    let (api_id, stage) = plan.stage;
    let stage = ApiStage::builder().api_id(api_id).stage(stage).build();
    let call = clients.of(region).v1.create_usage_plan().name(plan.name);
    let call = call.description(plan.description).api_stages(stage);
    let call = call.set_tags(Some(plan.tags.into_iter().collect()));
    usage_plan!(call.send().await?)
}

pub async fn update_usage_plan(
    clients: &Clients,
    region: String,
    id: String,
    (api_id, stage): (String, String),
    add: bool,
) -> Result<(), Failure> {
    let op = if add { Op::Add } else { Op::Remove };
    let call = clients.of(region).v1.update_usage_plan().usage_plan_id(id);
    let patch = patch(op, "/apiStages", format!("{api_id}:{stage}"));
    call.patch_operations(patch).send().await?;
    Ok(())
}

pub async fn delete_usage_plan(clients: &Clients, region: String, id: String) -> Result<(), Failure> {
    let call = clients.of(region).v1.delete_usage_plan().usage_plan_id(id);
    call.send().await?;
    Ok(())
}

/// The answer carries the keys' values too; they are dropped here.
pub async fn list_usage_plan_keys(
    clients: &Clients,
    region: String,
    plan: String,
    marker: Option<String>,
) -> Result<Page<String>, Failure> {
    let call = clients.of(region).v1.get_usage_plan_keys().usage_plan_id(plan);
    let output = call.limit(PAGE).set_position(marker.clone()).send().await?;
    let keys = output.items.unwrap_or_default().into_iter();
    Ok(Page {
        items: keys
            .map(|found| found.id.ok_or_else(|| Failure::missing("id")))
            .collect::<Result<_, _>>()?,
        next: marker::next("position", output.position, marker.as_ref())?,
    })
}

pub async fn create_usage_plan_key(
    clients: &Clients,
    region: String,
    plan: String,
    key: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v1.create_usage_plan_key().usage_plan_id(plan);
    call.key_id(key).key_type(KEY_TYPE).send().await?;
    Ok(())
}

pub async fn tag(clients: &Clients, arn: String, tags: Tags) -> Result<(), Failure> {
    let call = clients.of(region_of(&arn)).v1.tag_resource().resource_arn(arn);
    call.set_tags(Some(tags.into_iter().collect())).send().await?;
    Ok(())
}

pub async fn untag(clients: &Clients, arn: String, keys: Vec<String>) -> Result<(), Failure> {
    let call = clients.of(region_of(&arn)).v1.untag_resource().resource_arn(arn);
    call.set_tag_keys(Some(keys)).send().await?;
    Ok(())
}

fn region_of(arn: &str) -> &str {
    Arn::of(arn).map_or("", |arn| arn.region)
}

fn stages(found: Option<Vec<ApiStage>>) -> Result<Vec<(String, String)>, Failure> {
    let found = found.unwrap_or_default().into_iter();
    found
        .map(|it| {
            let api_id = it.api_id.ok_or_else(|| Failure::missing("apiId"))?;
            Ok((api_id, it.stage.ok_or_else(|| Failure::missing("stage"))?))
        })
        .collect()
}

fn tags(found: Option<HashMap<String, String>>) -> Tags {
    found.unwrap_or_default().into_iter().collect()
}
