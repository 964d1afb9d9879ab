//! IP sets: the address lists of the web ACL.

use super::update::{found, listed_tags};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::readings::inventory::Inventory;
use crate::domain::firewall::ip_set::{Action, Content, Creation, Listed, Observed};
use crate::domain::firewall::web_acl::Entity;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed as Everything;

type SeenSet = Seen<Listed, Observed>;

/// Reads a set. One without a row has no id to be read by: the uniqueness of its name guards its creation.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    part: &str,
    everything: &Everything,
) -> Result<SeenSet, CloudError> {
    match everything.ip_sets.get(part) {
        Some(Seen::Listed(Some(row))) => read(cloud, &row.entity, row.tags.as_ref()).await,
        Some(Seen::Present(set)) => read(cloud, &set.content.entity, Some(&set.tags)).await,
        _ => Ok(Seen::Absent),
    }
}

async fn read(cloud: &dyn Cloud, entity: &Entity, tags: Option<&Tags>) -> Result<SeenSet, CloudError> {
    let Some(content) = found(cloud.get_ip_set(entity.id.clone(), entity.name.clone()).await)? else {
        return Ok(Seen::Absent);
    };
    let tags = tags_of(cloud, &content.entity, tags).await?;
    Ok(Seen::Present(Observed { content, tags }))
}

/// The tags of a web ACL or IP set: as they are `listed`, or as WAF tells.
pub(super) async fn tags_of(
    cloud: &dyn Cloud,
    entity: &Entity,
    listed: Option<&Tags>,
) -> Result<Tags, CloudError> {
    match listed_tags(listed) {
        Some(tags) => Ok(tags),
        None => cloud.list_waf_tags(entity.arn.clone()).await,
    }
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    inventory: &Inventory,
    part: &str,
    action: &Action,
    everything: &Everything,
) -> Result<SeenSet, CloudError> {
    let mut set = everything.ip_sets.get(part).and_then(Seen::present).cloned();
    match action {
        Action::Create(creation) => return create(cloud, inventory, creation).await,
        Action::Update { entity, addresses } => {
            let token = cloud.update_ip_set(entity.clone(), addresses.clone()).await?;
            if let Some(set) = &mut set {
                set.content.addresses.clone_from(addresses);
                set.content.entity.lock_token = token;
            }
        }
        // Written by the caller, for all kinds alike.
        Action::Tag(_) => {}
        Action::Delete(entity) => {
            found(cloud.delete_ip_set(entity.clone()).await)?;
            return Ok(Seen::Absent);
        }
    }
    Ok(set.map_or(Seen::Absent, Seen::Present))
}

async fn create(
    cloud: &dyn Cloud,
    inventory: &Inventory,
    creation: &Creation,
) -> Result<SeenSet, CloudError> {
    match cloud.create_ip_set(creation.clone()).await {
        Ok(entity) => {
            let content = Content {
                entity,
                version: creation.version.clone(),
                addresses: creation.addresses.clone(),
            };
            Ok(Seen::Present(Observed {
                content,
                tags: creation.tags.clone(),
            }))
        }
        Err(error) if error.kind == ErrorKind::Exists => match inventory.find_ip_set(&creation.name).await? {
            Some(entity) => read(cloud, &entity, None).await,
            None => Err(error.not_yet("the list does not show it yet")),
        },
        Err(error) => Err(error),
    }
}
