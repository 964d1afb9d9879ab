//! The Route 53 health check of the protection.

use super::update::{Update, found};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::domain::kernel::identity::{Owner, Tags};
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::planning::Id;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::shield::health_check::{Action, Content, Health, NAMED, Observed, is_of};

type SeenCheck = Seen<Content, Observed>;

/// Start of what a checker says of an answer that it likes.
const SUCCESS: &str = "Success";
const UNASKED: &str = "no checker has asked yet";

/// Reads a health check, by its row or its id.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    id: &Id,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let shield = &everything.shield;
    if id.part == NAMED {
        return match &shield.named_id {
            Some(id) => Ok(Update::NamedCheck(read(cloud, id).await?)),
            None => Ok(Update::NamedCheck(Seen::Absent)),
        };
    }
    let known = match &shield.own_check {
        Seen::Listed(Some(row)) => Some(row.id.clone()),
        Seen::Present(found) => Some(found.content.id.clone()),
        // It has no name by which it could be read.
        Seen::Listed(None) | Seen::Absent => find(cloud, &everything.owner).await?,
    };
    match known {
        Some(id) => Ok(Update::OwnCheck(read(cloud, &id).await?)),
        None => Ok(Update::OwnCheck(Seen::Absent)),
    }
}

async fn read(cloud: &dyn Cloud, id: &str) -> Result<SeenCheck, CloudError> {
    let Some(content) = found(cloud.get_health_check(id.to_owned()).await)? else {
        return Ok(Seen::Absent);
    };
    let tags = cloud.list_health_check_tags(id.to_owned()).await?;
    let health = health(cloud, &content).await?;
    Ok(Seen::Present(Observed {
        content,
        tags,
        health,
    }))
}

/// Only endpoints are looked at by checkers that say something.
async fn health(cloud: &dyn Cloud, content: &Content) -> Result<Health, CloudError> {
    if !content.r#type.starts_with("HTTP") && content.r#type != "TCP" {
        return Ok(Health::Healthy);
    }
    let said = cloud.get_health_check_status(content.id.clone()).await?;
    let good = said.iter().filter(|said| said.starts_with(SUCCESS)).count();
    // Route 53's own measure: more than 18 % of its checkers.
    if good * 100 > said.len() * 18 {
        return Ok(Health::Healthy);
    }
    let bad = said.into_iter().find(|said| !said.starts_with(SUCCESS));
    Ok(Health::Unhealthy(bad.unwrap_or_else(|| UNASKED.to_owned())))
}

async fn find(cloud: &dyn Cloud, owner: &Owner) -> Result<Option<String>, CloudError> {
    let ids: Vec<String> = pages(
        |marker| cloud.list_health_checks(marker),
        |row: Content| is_of(owner, &row.reference).then_some(row.id),
    )
    .await?;
    Ok(ids.into_iter().next())
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let mut present = everything.shield.own_check.present().cloned();
    match action.clone() {
        Action::Create { reference, settings } => {
            return match cloud.create_health_check(reference, settings).await {
                Ok(content) => Ok(Update::OwnCheck(Seen::Present(Observed {
                    content,
                    tags: Tags::new(),
                    health: Health::Unhealthy(UNASKED.to_owned()),
                }))),
                Err(error) if error.kind == ErrorKind::Exists => find_made(cloud, &everything.owner).await,
                Err(error) => Err(error),
            };
        }
        Action::Update {
            id,
            version,
            settings,
        } => {
            let content = cloud.update_health_check(id, version, settings).await?;
            present = present.map(|found| Observed { content, ..found });
        }
        Action::Tag { id, set, unset } => {
            cloud.tag_health_check(id, set.clone(), unset.clone()).await?;
            present = present.map(|found| Observed {
                tags: changed(found.tags, set, &unset),
                ..found
            });
        }
        Action::Delete { id } => {
            found(cloud.delete_health_check(id).await)?;
            present = None;
        }
    }
    Ok(Update::OwnCheck(present.map_or(Seen::Absent, Seen::Present)))
}

/// The caller reference was used before: by a health check of ours whose answer was lost, or by one that is deleted.
async fn find_made(cloud: &dyn Cloud, owner: &Owner) -> Result<Update, CloudError> {
    match find(cloud, owner).await? {
        Some(id) => Ok(Update::OwnCheck(read(cloud, &id).await?)),
        None => Ok(Update::NextCheckReference),
    }
}

fn changed(mut tags: Tags, set: Tags, unset: &[String]) -> Tags {
    tags.extend(set);
    tags.retain(|key, _| !unset.contains(key));
    tags
}
