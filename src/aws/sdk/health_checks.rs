//! Health checks of Route 53.

use super::failure::Failure;
use super::marker;
use crate::aws::cloud::Page;
use crate::domain::kernel::identity::Tags;
use crate::domain::shield::health_check::{Content, Settings};
use aws_sdk_route53::Client;
use aws_sdk_route53::types::{HealthCheck, HealthCheckConfig, HealthCheckType, Tag, TagResourceType};

/// The service's maximum.
const PAGE: i32 = 100;

pub async fn list_health_checks(client: &Client, marker: Option<String>) -> Result<Page<Content>, Failure> {
    let request = client.list_health_checks().max_items(PAGE);
    let output = request.set_marker(marker.clone()).send().await?;
    Ok(Page {
        items: output.health_checks.into_iter().map(content).collect(),
        next: marker::next(
            "NextMarker",
            output.next_marker.filter(|_| output.is_truncated),
            marker.as_ref(),
        )?,
    })
}

pub async fn get_health_check(client: &Client, id: String) -> Result<Content, Failure> {
    let output = client.get_health_check().health_check_id(id).send().await?;
    found(output.health_check)
}

pub async fn get_health_check_status(client: &Client, id: String) -> Result<Vec<String>, Failure> {
    let output = client
        .get_health_check_status()
        .health_check_id(id)
        .send()
        .await?;
    let said = output.health_check_observations.into_iter();
    Ok(said.filter_map(|it| it.status_report?.status).collect())
}

pub async fn list_tags(client: &Client, id: String) -> Result<Tags, Failure> {
    let request = client
        .list_tags_for_resource()
        .resource_type(TagResourceType::Healthcheck);
    let output = request.resource_id(id).send().await?;
    let set = output
        .resource_tag_set
        .ok_or_else(|| Failure::missing("ResourceTagSet"))?;
    let tags = set.tags.unwrap_or_default().into_iter();
    Ok(tags
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .collect())
}

pub async fn create_health_check(
    client: &Client,
    reference: String,
    settings: Settings,
) -> Result<Content, Failure> {
    let config = HealthCheckConfig::builder()
        .r#type(HealthCheckType::Https)
        .fully_qualified_domain_name(settings.domain)
        .resource_path(settings.path)
        .port(settings.port)
        .enable_sni(settings.sni)
        .request_interval(settings.interval)
        .failure_threshold(settings.failure_threshold)
        .disabled(settings.disabled)
        .inverted(settings.inverted)
        .build()?;
    let request = client.create_health_check().caller_reference(reference);
    let output = request.health_check_config(config).send().await?;
    found(output.health_check)
}

pub async fn update_health_check(
    client: &Client,
    id: String,
    version: i64,
    settings: Settings,
) -> Result<Content, Failure> {
    let output = client
        .update_health_check()
        .health_check_id(id)
        .health_check_version(version)
        .fully_qualified_domain_name(settings.domain)
        .resource_path(settings.path)
        .port(settings.port)
        .enable_sni(settings.sni)
        .failure_threshold(settings.failure_threshold)
        .disabled(settings.disabled)
        .inverted(settings.inverted)
        .send()
        .await?;
    found(output.health_check)
}

pub async fn delete_health_check(client: &Client, id: String) -> Result<(), Failure> {
    client.delete_health_check().health_check_id(id).send().await?;
    Ok(())
}

pub async fn change_tags(client: &Client, id: String, set: &Tags, unset: Vec<String>) -> Result<(), Failure> {
    let tags = set
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build());
    client
        .change_tags_for_resource()
        .resource_type(TagResourceType::Healthcheck)
        .resource_id(id)
        .set_add_tags(Some(tags.collect()).filter(|tags: &Vec<Tag>| !tags.is_empty()))
        .set_remove_tag_keys(Some(unset).filter(|keys| !keys.is_empty()))
        .send()
        .await?;
    Ok(())
}

pub async fn get_checker_ip_ranges(client: &Client) -> Result<Vec<String>, Failure> {
    Ok(client.get_checker_ip_ranges().send().await?.checker_ip_ranges)
}

fn found(health_check: Option<HealthCheck>) -> Result<Content, Failure> {
    Ok(content(
        health_check.ok_or_else(|| Failure::missing("HealthCheck"))?,
    ))
}

fn content(health_check: HealthCheck) -> Content {
    let config = health_check.health_check_config;
    let r#type = config.as_ref().map(|it| it.r#type.as_str().to_owned());
    Content {
        id: health_check.id,
        reference: health_check.caller_reference,
        version: health_check.health_check_version,
        r#type: r#type.unwrap_or_default(),
        settings: config.map(settings).unwrap_or_default(),
    }
}

fn settings(config: HealthCheckConfig) -> Settings {
    Settings {
        domain: config.fully_qualified_domain_name.unwrap_or_default(),
        path: config.resource_path.unwrap_or_default(),
        port: config.port.unwrap_or_default(),
        sni: config.enable_sni.unwrap_or_default(),
        interval: config.request_interval.unwrap_or_default(),
        failure_threshold: config.failure_threshold.unwrap_or_default(),
        disabled: config.disabled.unwrap_or_default(),
        inverted: config.inverted.unwrap_or_default(),
    }
}
