//! The AWS WAF web ACL.

use super::ip_set::tags_of;
use super::update::found;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::readings::inventory::Inventory;
use crate::domain::firewall::web_acl::{Action, Entity, Listed, NAME_LIMIT, Observed};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed as Everything;
use serde_json::Value;

type SeenAcl = Seen<Listed, Observed>;

/// Reads the web ACL, by its row or by the id in status.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<SeenAcl, CloudError> {
    let name = everything.owner.resource_name(NAME_LIMIT);
    match (&everything.web_acl, &everything.outputs.web_acl_id) {
        (Seen::Listed(Some(row)), _) => read(cloud, &row.entity.id, &name, row.tags.as_ref()).await,
        (Seen::Present(acl), _) => read(cloud, &acl.content.entity.id, &name, Some(&acl.tags)).await,
        (_, Some(id)) => read(cloud, id, &name, None).await,
        (_, None) => Ok(Seen::Absent),
    }
}

async fn read(cloud: &dyn Cloud, id: &str, name: &str, tags: Option<&Tags>) -> Result<SeenAcl, CloudError> {
    let Some(content) = found(cloud.get_web_acl(id.to_owned(), name.to_owned()).await)? else {
        return Ok(Seen::Absent);
    };
    let tags = tags_of(cloud, &content.entity, tags).await?;
    Ok(Seen::Present(Observed { content, tags }))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    inventory: &Inventory,
    action: &Action,
    everything: &Everything,
) -> Result<SeenAcl, CloudError> {
    let acl = everything.web_acl.present().cloned();
    match action {
        Action::Create { name, document, tags } => {
            return create(cloud, inventory, name, document, tags).await;
        }
        Action::Update { entity, document } => {
            let token = cloud.update_web_acl(entity.clone(), document.clone()).await?;
            let entity = Entity {
                lock_token: token,
                ..entity.clone()
            };
            let tags = acl.map(|acl| acl.tags).unwrap_or_default();
            return Ok(Seen::Present(Observed::written(entity, document.clone(), tags)));
        }
        // Written by the caller, for all kinds alike.
        Action::Tag(_) => {}
        Action::Delete(entity) => {
            found(cloud.delete_web_acl(entity.clone()).await)?;
            return Ok(Seen::Absent);
        }
    }
    Ok(acl.map_or(Seen::Absent, Seen::Present))
}

async fn create(
    cloud: &dyn Cloud,
    inventory: &Inventory,
    name: &str,
    document: &Value,
    tags: &Tags,
) -> Result<SeenAcl, CloudError> {
    match cloud
        .create_web_acl(name.to_owned(), document.clone(), tags.clone())
        .await
    {
        Ok(entity) => Ok(Seen::Present(Observed::written(
            entity,
            document.clone(),
            tags.clone(),
        ))),
        Err(error) if error.kind == ErrorKind::Exists => match inventory.find_web_acl(name).await? {
            Some(entity) => read(cloud, &entity.id, name, None).await,
            None => Err(error.not_yet("the list does not show it yet")),
        },
        Err(error) => Err(error),
    }
}
