//! Web ACLs, IP sets and their logging, of CLOUDFRONT scope.

use super::failure::Failure;
use super::marker;
use super::raw_body::RawBody;
use crate::aws::cloud::Page;
use crate::domain::firewall::ip_set;
use crate::domain::firewall::web_acl::{Content, Entity};
use crate::domain::kernel::identity::Tags;
use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{IpAddressVersion, IpSetSummary, Scope, Tag};
use serde_json::{Map, Value, json};

/// The service's maximum.
const PAGE: i32 = 100;
const SCOPE: &str = "CLOUDFRONT";

/// Members of a web ACL that `GetWebACL` answers and no write takes.
const READ_ONLY: [&str; 8] = [
    "ARN",
    "Capacity",
    "LabelNamespace",
    "ManagedByFirewallManager",
    "PostProcessFirewallManagerRuleGroups",
    "PreProcessFirewallManagerRuleGroups",
    "RetrofittedByFirewallManager",
    "Id",
];

pub async fn list_ip_sets(client: &Client, marker: Option<String>) -> Result<Page<Entity>, Failure> {
    let output = client
        .list_ip_sets()
        .scope(Scope::Cloudfront)
        .limit(PAGE)
        .set_next_marker(marker.clone())
        .send()
        .await?;
    let entities = output.ip_sets.unwrap_or_default().into_iter().map(of_summary);
    Ok(Page {
        items: entities.collect(),
        next: marker::next("NextMarker", output.next_marker, marker.as_ref())?,
    })
}

pub async fn get_ip_set(client: &Client, id: String, name: String) -> Result<ip_set::Content, Failure> {
    let output = client
        .get_ip_set()
        .scope(Scope::Cloudfront)
        .id(id)
        .name(name)
        .send()
        .await?;
    let set = output.ip_set.ok_or_else(|| Failure::missing("IPSet"))?;
    let lock_token = output.lock_token.ok_or_else(|| Failure::missing("LockToken"))?;
    Ok(ip_set::Content {
        entity: Entity {
            id: set.id,
            name: set.name,
            arn: set.arn,
            lock_token,
        },
        version: set.ip_address_version.as_str().to_owned(),
        addresses: set.addresses,
    })
}

pub async fn create_ip_set(client: &Client, ip_set: ip_set::Creation) -> Result<Entity, Failure> {
    let output = client
        .create_ip_set()
        .scope(Scope::Cloudfront)
        .name(ip_set.name)
        .ip_address_version(IpAddressVersion::from(ip_set.version.as_str()))
        .set_addresses(Some(ip_set.addresses))
        .set_tags(tag_list(&ip_set.tags)?)
        .send()
        .await?;
    let summary = output.summary.ok_or_else(|| Failure::missing("Summary"))?;
    Ok(of_summary(summary))
}

fn of_summary(summary: IpSetSummary) -> Entity {
    Entity {
        id: summary.id.unwrap_or_default(),
        name: summary.name.unwrap_or_default(),
        arn: summary.arn.unwrap_or_default(),
        lock_token: summary.lock_token.unwrap_or_default(),
    }
}

pub async fn update_ip_set(
    client: &Client,
    entity: Entity,
    addresses: Vec<String>,
) -> Result<String, Failure> {
    let output = client
        .update_ip_set()
        .scope(Scope::Cloudfront)
        .id(entity.id)
        .name(entity.name)
        .lock_token(entity.lock_token)
        .set_addresses(Some(addresses))
        .send()
        .await?;
    output
        .next_lock_token
        .ok_or_else(|| Failure::missing("NextLockToken"))
}

pub async fn delete_ip_set(client: &Client, entity: Entity) -> Result<(), Failure> {
    let request = client
        .delete_ip_set()
        .scope(Scope::Cloudfront)
        .id(entity.id)
        .name(entity.name);
    request.lock_token(entity.lock_token).send().await?;
    Ok(())
}

pub async fn list_web_acls(client: &Client, marker: Option<String>) -> Result<Page<Entity>, Failure> {
    let output = client
        .list_web_acls()
        .scope(Scope::Cloudfront)
        .limit(PAGE)
        .set_next_marker(marker.clone())
        .send()
        .await?;
    let entities = output.web_acls.unwrap_or_default().into_iter().map(|it| Entity {
        id: it.id.unwrap_or_default(),
        name: it.name.unwrap_or_default(),
        arn: it.arn.unwrap_or_default(),
        lock_token: it.lock_token.unwrap_or_default(),
    });
    Ok(Page {
        items: entities.collect(),
        next: marker::next("NextMarker", output.next_marker, marker.as_ref())?,
    })
}

pub async fn get_web_acl(client: &Client, id: String, name: String) -> Result<Content, Failure> {
    let raw = RawBody::reading();
    let request = client.get_web_acl().scope(Scope::Cloudfront).id(id).name(name);
    let outcome = request.customize().interceptor(raw.clone()).send().await;
    let mut answer = raw.finish(outcome)?.into_json()?;
    let lock_token = text(&answer, "LockToken")?;
    let document = taken(&mut answer, "WebACL")?;
    let entity = of_document(&document, lock_token)?;
    Ok(Content { entity, document })
}

fn of_document(document: &Value, lock_token: String) -> Result<Entity, Failure> {
    Ok(Entity {
        id: text(document, "Id")?,
        name: text(document, "Name")?,
        arn: text(document, "ARN")?,
        lock_token,
    })
}

pub async fn create_web_acl(
    client: &Client,
    name: String,
    document: Value,
    tags: &Tags,
) -> Result<Entity, Failure> {
    let mut body = writable(document)?;
    body.insert("Name".to_owned(), name.into());
    if !tags.is_empty() {
        let tags = tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        body.insert("Tags".to_owned(), Value::Array(tags));
    }
    let raw = RawBody::json(&Value::Object(body));
    let outcome = client
        .create_web_acl()
        .customize()
        .interceptor(raw.clone())
        .send()
        .await;
    let mut answer = raw.finish(outcome)?.into_json()?;
    let summary = taken(&mut answer, "Summary")?;
    let lock_token = text(&summary, "LockToken")?;
    of_document(&summary, lock_token)
}

pub async fn update_web_acl(client: &Client, entity: Entity, document: Value) -> Result<String, Failure> {
    let mut body = writable(document)?;
    body.insert("Id".to_owned(), entity.id.into());
    body.insert("Name".to_owned(), entity.name.into());
    body.insert("LockToken".to_owned(), entity.lock_token.into());
    let raw = RawBody::json(&Value::Object(body));
    let outcome = client
        .update_web_acl()
        .customize()
        .interceptor(raw.clone())
        .send()
        .await;
    text(&raw.finish(outcome)?.into_json()?, "NextLockToken")
}

pub async fn delete_web_acl(client: &Client, entity: Entity) -> Result<(), Failure> {
    let request = client
        .delete_web_acl()
        .scope(Scope::Cloudfront)
        .id(entity.id)
        .name(entity.name);
    request.lock_token(entity.lock_token).send().await?;
    Ok(())
}

pub async fn check_capacity(client: &Client, rules: &Value) -> Result<i64, Failure> {
    let raw = RawBody::json(&json!({"Scope": SCOPE, "Rules": rules}));
    let outcome = client
        .check_capacity()
        .customize()
        .interceptor(raw.clone())
        .send()
        .await;
    let answer = raw.finish(outcome)?.into_json()?;
    answer
        .get("Capacity")
        .and_then(Value::as_i64)
        .ok_or_else(|| Failure::missing("Capacity"))
}

pub async fn list_logging_configurations(
    client: &Client,
    marker: Option<String>,
) -> Result<Page<Value>, Failure> {
    let raw = RawBody::reading();
    let request = client
        .list_logging_configurations()
        .scope(Scope::Cloudfront)
        .limit(PAGE);
    let outcome = request
        .set_next_marker(marker.clone())
        .customize()
        .interceptor(raw.clone())
        .send()
        .await;
    let mut answer = raw.finish(outcome)?.into_json()?;
    let items = match answer.get_mut("LoggingConfigurations").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    Ok(Page {
        items,
        next: marker::next("NextMarker", text(&answer, "NextMarker").ok(), marker.as_ref())?,
    })
}

pub async fn get_logging_configuration(client: &Client, web_acl_arn: String) -> Result<Value, Failure> {
    let raw = RawBody::reading();
    let request = client.get_logging_configuration().resource_arn(web_acl_arn);
    let outcome = request.customize().interceptor(raw.clone()).send().await;
    taken(&mut raw.finish(outcome)?.into_json()?, "LoggingConfiguration")
}

pub async fn put_logging_configuration(client: &Client, document: &Value) -> Result<Value, Failure> {
    let raw = RawBody::json(&json!({"LoggingConfiguration": document}));
    let outcome = client
        .put_logging_configuration()
        .customize()
        .interceptor(raw.clone())
        .send()
        .await;
    taken(&mut raw.finish(outcome)?.into_json()?, "LoggingConfiguration")
}

pub async fn delete_logging_configuration(client: &Client, web_acl_arn: String) -> Result<(), Failure> {
    client
        .delete_logging_configuration()
        .resource_arn(web_acl_arn)
        .send()
        .await?;
    Ok(())
}

pub async fn list_tags(client: &Client, arn: String) -> Result<Tags, Failure> {
    // A resource has at most 50 tags: one page.
    let output = client
        .list_tags_for_resource()
        .resource_arn(arn)
        .limit(PAGE)
        .send()
        .await?;
    let tags = output
        .tag_info_for_resource
        .and_then(|info| info.tag_list)
        .unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

pub async fn tag(client: &Client, arn: String, tags: &Tags) -> Result<(), Failure> {
    client
        .tag_resource()
        .resource_arn(arn)
        .set_tags(tag_list(tags)?)
        .send()
        .await?;
    Ok(())
}

pub async fn untag(client: &Client, arn: String, keys: Vec<String>) -> Result<(), Failure> {
    client
        .untag_resource()
        .resource_arn(arn)
        .set_tag_keys(Some(keys))
        .send()
        .await?;
    Ok(())
}

/// A web ACL document as writes take it: without what only reads answer, and of our scope.
fn writable(document: Value) -> Result<Map<String, Value>, Failure> {
    let Value::Object(mut members) = document else {
        return Err(Failure::unsendable("a web ACL's document must be an object"));
    };
    members.retain(|name, _| !READ_ONLY.contains(&name.as_str()));
    members.insert("Scope".to_owned(), SCOPE.into());
    Ok(members)
}

/// WAF refuses an empty list of tags, so none at all is sent.
fn tag_list(tags: &Tags) -> Result<Option<Vec<Tag>>, Failure> {
    let tags: Vec<_> = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()?;
    Ok(Some(tags).filter(|tags| !tags.is_empty()))
}

fn text(document: &Value, name: &str) -> Result<String, Failure> {
    document
        .get(name)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| Failure::missing(name))
}

fn taken(document: &mut Value, name: &str) -> Result<Value, Failure> {
    document
        .get_mut(name)
        .map(Value::take)
        .ok_or_else(|| Failure::missing(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_was_read_becomes_one_that_can_be_written() {
        let read =
            json!({"Id": "1", "ARN": "arn", "Capacity": 5, "Rules": [{"New": true}], "Invented": {"x": 1}});
        let written = Value::Object(writable(read).unwrap());
        assert_eq!(
            written,
            json!({"Rules": [{"New": true}], "Invented": {"x": 1}, "Scope": "CLOUDFRONT"})
        );
    }

    #[test]
    fn a_document_that_is_no_object_is_not_sent() {
        assert!(writable(json!([])).is_err());
    }
}
