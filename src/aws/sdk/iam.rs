//! Roles: of our functions, and that of the Shield Response Team, which is only read.

use super::failure::Failure;
use super::marker;
use crate::aws::cloud::Page;
use crate::domain::kernel::identity::{IAM_PATH, Tags};
use crate::domain::signer::role::{Creation, Observed};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AttachedPermissionsBoundary, EntityType, PolicyDetail, Role, RoleDetail, Tag};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The service's maximum.
const PAGE: i32 = 1000;
/// A role comes with all its documents: pages of the service's maximum would be megabytes.
const DETAILS_PAGE: i32 = 250;

pub async fn list_roles(client: &Client, marker: Option<String>) -> Result<Page<Observed>, Failure> {
    let output = client
        .get_account_authorization_details()
        .filter(EntityType::Role)
        .max_items(DETAILS_PAGE)
        .set_marker(marker.clone())
        .send()
        .await?;
    Ok(Page {
        items: output
            .role_detail_list
            .unwrap_or_default()
            .into_iter()
            .map(detailed)
            .collect(),
        next: marker::next(
            "Marker",
            output.marker.filter(|_| output.is_truncated),
            marker.as_ref(),
        )?,
    })
}

pub async fn get_role(client: &Client, name: String) -> Result<Observed, Failure> {
    let output = client.get_role().role_name(name).send().await?;
    Ok(observed(output.role.ok_or_else(|| Failure::missing("Role"))?))
}

pub async fn list_role_policies(client: &Client, name: String) -> Result<Vec<String>, Failure> {
    let output = client
        .list_role_policies()
        .role_name(name)
        .max_items(PAGE)
        .send()
        .await?;
    Ok(output.policy_names)
}

pub async fn list_attached_role_policies(client: &Client, name: String) -> Result<Vec<String>, Failure> {
    let output = client
        .list_attached_role_policies()
        .role_name(name)
        .max_items(PAGE)
        .send()
        .await?;
    let policies = output.attached_policies.unwrap_or_default();
    Ok(policies
        .into_iter()
        .filter_map(|policy| policy.policy_arn)
        .collect())
}

pub async fn get_role_policy(client: &Client, name: String, policy: String) -> Result<Value, Failure> {
    let output = client
        .get_role_policy()
        .role_name(name)
        .policy_name(policy)
        .send()
        .await?;
    Ok(document(&output.policy_document))
}

pub async fn create_role(client: &Client, role: Creation) -> Result<Observed, Failure> {
    let output = client
        .create_role()
        .role_name(role.name)
        .path(IAM_PATH)
        .description(role.description)
        .assume_role_policy_document(role.trust.to_string())
        .set_permissions_boundary(role.boundary)
        .set_tags(Some(tag_list(&role.tags)?))
        .send()
        .await?;
    Ok(observed(output.role.ok_or_else(|| Failure::missing("Role"))?))
}

pub async fn update_assume_role_policy(
    client: &Client,
    name: String,
    document: &Value,
) -> Result<(), Failure> {
    client
        .update_assume_role_policy()
        .role_name(name)
        .policy_document(document.to_string())
        .send()
        .await?;
    Ok(())
}

pub async fn put_role_policy(
    client: &Client,
    name: String,
    policy: String,
    document: &Value,
) -> Result<(), Failure> {
    let request = client.put_role_policy().role_name(name).policy_name(policy);
    request.policy_document(document.to_string()).send().await?;
    Ok(())
}

pub async fn delete_role_policy(client: &Client, name: String, policy: String) -> Result<(), Failure> {
    client
        .delete_role_policy()
        .role_name(name)
        .policy_name(policy)
        .send()
        .await?;
    Ok(())
}

pub async fn detach_role_policy(client: &Client, name: String, policy: String) -> Result<(), Failure> {
    client
        .detach_role_policy()
        .role_name(name)
        .policy_arn(policy)
        .send()
        .await?;
    Ok(())
}

pub async fn put_role_boundary(client: &Client, name: String, boundary: String) -> Result<(), Failure> {
    client
        .put_role_permissions_boundary()
        .role_name(name)
        .permissions_boundary(boundary)
        .send()
        .await?;
    Ok(())
}

pub async fn delete_role_boundary(client: &Client, name: String) -> Result<(), Failure> {
    client
        .delete_role_permissions_boundary()
        .role_name(name)
        .send()
        .await?;
    Ok(())
}

pub async fn delete_role(client: &Client, name: String) -> Result<(), Failure> {
    client.delete_role().role_name(name).send().await?;
    Ok(())
}

pub async fn tag_role(client: &Client, name: String, tags: &Tags) -> Result<(), Failure> {
    client
        .tag_role()
        .role_name(name)
        .set_tags(Some(tag_list(tags)?))
        .send()
        .await?;
    Ok(())
}

pub async fn untag_role(client: &Client, name: String, keys: Vec<String>) -> Result<(), Failure> {
    client
        .untag_role()
        .role_name(name)
        .set_tag_keys(Some(keys))
        .send()
        .await?;
    Ok(())
}

fn detailed(role: RoleDetail) -> Observed {
    Observed {
        name: role.role_name.unwrap_or_default(),
        arn: role.arn.unwrap_or_default(),
        path: role.path.unwrap_or_default(),
        trust: document(&role.assume_role_policy_document.unwrap_or_default()),
        policies: role
            .role_policy_list
            .unwrap_or_default()
            .into_iter()
            .filter_map(policy)
            .collect(),
        attached: role
            .attached_managed_policies
            .unwrap_or_default()
            .into_iter()
            .filter_map(|policy| policy.policy_arn)
            .collect(),
        boundary: boundary(role.permissions_boundary),
        tags: tag_map(role.tags),
        created: role.create_date.as_ref().and_then(timestamp),
    }
}

fn observed(role: Role) -> Observed {
    Observed {
        name: role.role_name,
        arn: role.arn,
        path: role.path,
        trust: document(&role.assume_role_policy_document.unwrap_or_default()),
        policies: BTreeMap::new(),
        attached: BTreeSet::new(),
        boundary: boundary(role.permissions_boundary),
        tags: tag_map(role.tags),
        created: timestamp(&role.create_date),
    }
}

fn timestamp(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(at.secs()).ok()
}

fn policy(detail: PolicyDetail) -> Option<(String, Value)> {
    Some((
        detail.policy_name?,
        document(&detail.policy_document.unwrap_or_default()),
    ))
}

fn boundary(attached: Option<AttachedPermissionsBoundary>) -> Option<String> {
    attached.and_then(|it| it.permissions_boundary_arn)
}

fn tag_map(tags: Option<Vec<Tag>>) -> Tags {
    tags.unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key, tag.value))
        .collect()
}

fn tag_list(tags: &Tags) -> Result<Vec<Tag>, Failure> {
    tags.iter()
        .map(|(key, value)| Ok(Tag::builder().key(key).value(value).build()?))
        .collect()
}

/// A policy document, which IAM answers percent-encoded.
///
/// What cannot be read stays a text: it equals no document of ours, and a list of all of an account's roles must not
/// fail for one of them.
fn document(encoded: &str) -> Value {
    let text = if encoded.trim_start().starts_with('{') {
        encoded.to_owned()
    } else {
        percent_decoded(encoded)
    };
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_encoded_document_is_decoded() {
        assert_eq!(
            document("%7B%22Action%22%3A%22a%2Ab%22%7D"),
            json!({"Action": "a*b"})
        );
    }

    #[test]
    fn a_plain_document_is_not_decoded_twice() {
        assert_eq!(document(r#"{"Action":"a%2Ab"}"#), json!({"Action": "a%2Ab"}));
    }

    #[test]
    fn an_unreadable_document_equals_no_document() {
        assert_eq!(document("%7Bbroken"), json!("{broken"));
        assert_eq!(document("100%"), json!("100%"));
    }
}
