//! Protections of Shield Advanced.

use super::failure::Failure;
use super::marker;
use crate::aws::cloud::Page;
use crate::domain::kernel::identity::Tags;
use crate::domain::shield::automatic_response::Response;
use crate::domain::shield::protection::{Content, Creation};
use aws_sdk_shield::Client;
use aws_sdk_shield::types::{
    ApplicationLayerAutomaticResponseStatus, BlockAction, CountAction, Protection, ResponseAction,
    SubscriptionState, Tag,
};

/// The service takes up to 10,000.
const PAGE: i32 = 1_000;
/// Shield's own name for a health check.
const HEALTH_CHECK: &str = "arn:aws:route53:::healthcheck/";

pub async fn get_subscription_state(client: &Client) -> Result<bool, Failure> {
    let output = client.get_subscription_state().send().await?;
    Ok(output.subscription_state == SubscriptionState::Active)
}

pub async fn list_protections(client: &Client, marker: Option<String>) -> Result<Page<Content>, Failure> {
    let request = client.list_protections().max_results(PAGE);
    let output = request.set_next_token(marker.clone()).send().await?;
    Ok(Page {
        items: output
            .protections
            .unwrap_or_default()
            .into_iter()
            .map(content)
            .collect(),
        next: marker::next("NextToken", output.next_token, marker.as_ref())?,
    })
}

pub async fn describe_protection(client: &Client, resource_arn: String) -> Result<Content, Failure> {
    let output = client
        .describe_protection()
        .resource_arn(resource_arn)
        .send()
        .await?;
    Ok(content(
        output.protection.ok_or_else(|| Failure::missing("Protection"))?,
    ))
}

pub async fn list_tags(client: &Client, arn: String) -> Result<Tags, Failure> {
    let output = client.list_tags_for_resource().resource_arn(arn).send().await?;
    let tags = output.tags.unwrap_or_default().into_iter();
    Ok(tags
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect())
}

pub async fn create_protection(client: &Client, protection: Creation) -> Result<String, Failure> {
    let output = client
        .create_protection()
        .name(protection.name)
        .resource_arn(protection.resource_arn)
        .set_tags(Some(tag_list(&protection.tags)))
        .send()
        .await?;
    output
        .protection_id
        .ok_or_else(|| Failure::missing("ProtectionId"))
}

pub async fn delete_protection(client: &Client, id: String) -> Result<(), Failure> {
    client.delete_protection().protection_id(id).send().await?;
    Ok(())
}

pub async fn tag(client: &Client, arn: String, tags: &Tags) -> Result<(), Failure> {
    let request = client.tag_resource().resource_arn(arn);
    request.set_tags(Some(tag_list(tags))).send().await?;
    Ok(())
}

pub async fn untag(client: &Client, arn: String, keys: Vec<String>) -> Result<(), Failure> {
    let request = client.untag_resource().resource_arn(arn);
    request.set_tag_keys(Some(keys)).send().await?;
    Ok(())
}

pub async fn enable_response(
    client: &Client,
    resource_arn: String,
    response: Response,
) -> Result<(), Failure> {
    let request = client.enable_application_layer_automatic_response();
    request
        .resource_arn(resource_arn)
        .action(action(response))
        .send()
        .await?;
    Ok(())
}

pub async fn update_response(
    client: &Client,
    resource_arn: String,
    response: Response,
) -> Result<(), Failure> {
    let request = client.update_application_layer_automatic_response();
    request
        .resource_arn(resource_arn)
        .action(action(response))
        .send()
        .await?;
    Ok(())
}

pub async fn disable_response(client: &Client, resource_arn: String) -> Result<(), Failure> {
    let request = client.disable_application_layer_automatic_response();
    request.resource_arn(resource_arn).send().await?;
    Ok(())
}

pub async fn associate_health_check(
    client: &Client,
    protection: String,
    health_check: &str,
) -> Result<(), Failure> {
    let request = client.associate_health_check().protection_id(protection);
    let arn = format!("{HEALTH_CHECK}{health_check}");
    request.health_check_arn(arn).send().await?;
    Ok(())
}

pub async fn disassociate_health_check(
    client: &Client,
    protection: String,
    health_check: &str,
) -> Result<(), Failure> {
    let request = client.disassociate_health_check().protection_id(protection);
    let arn = format!("{HEALTH_CHECK}{health_check}");
    request.health_check_arn(arn).send().await?;
    Ok(())
}

fn action(response: Response) -> ResponseAction {
    let action = ResponseAction::builder();
    match response {
        Response::Block => action.block(BlockAction::builder().build()).build(),
        Response::Count | Response::Off => action.count(CountAction::builder().build()).build(),
    }
}

fn content(protection: Protection) -> Content {
    let response = protection
        .application_layer_automatic_response_configuration
        .filter(|it| it.status == ApplicationLayerAutomaticResponseStatus::Enabled);
    let blocks = |action: &ResponseAction| action.block.is_some();
    Content {
        id: protection.id.unwrap_or_default(),
        arn: protection.protection_arn.unwrap_or_default(),
        resource_arn: protection.resource_arn.unwrap_or_default(),
        response: match response {
            None => Response::Off,
            Some(found) if found.action.as_ref().is_some_and(blocks) => Response::Block,
            Some(_) => Response::Count,
        },
        health_checks: protection
            .health_check_ids
            .unwrap_or_default()
            .into_iter()
            .collect(),
    }
}

fn tag_list(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}
