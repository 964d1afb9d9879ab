//! Shield Advanced's protection of the distribution.

use super::update::{Update, found};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::observing::Seen;
use crate::domain::kernel::tagging::{TagCall, TagStep};
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::shield::automatic_response::Response;
use crate::domain::shield::protection::{Action, Content, Creation, Observed, after, switches_response};
use std::collections::BTreeSet;

type SeenProtection = Seen<Content, Observed>;

/// Reads the protection, by its row or by the distribution.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    everything: &Everything,
) -> Result<SeenProtection, CloudError> {
    let known = everything.shield.protection_content();
    let arn = known.map(|known| known.resource_arn.as_str());
    match arn.or_else(|| everything.distribution_arn()) {
        Some(arn) => read(cloud, arn).await,
        None => Ok(Seen::Absent),
    }
}

async fn read(cloud: &dyn Cloud, resource_arn: &str) -> Result<SeenProtection, CloudError> {
    let Some(content) = found(cloud.describe_protection(resource_arn.to_owned()).await)? else {
        return Ok(Seen::Absent);
    };
    let tags = cloud.list_protection_tags(content.arn.clone()).await?;
    Ok(Seen::Present(Observed { content, tags }))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    if let Action::Create(creation) = action {
        return create(cloud, creation).await.map(Update::Protection);
    }
    call(cloud, action).await?;
    let present = everything.shield.protection.present();
    let seen = present
        .and_then(|present| after(present, action))
        .map_or(Seen::Absent, Seen::Present);
    Ok(if switches_response(action) {
        Update::Switched(seen)
    } else {
        Update::Protection(seen)
    })
}

async fn call(cloud: &dyn Cloud, action: &Action) -> Result<(), CloudError> {
    match action.clone() {
        Action::Create(_) => Ok(()),
        Action::Tag(TagCall { arn, step }) => match step {
            TagStep::Set(tags) => cloud.tag_protection(arn, tags).await,
            TagStep::Remove(keys) => cloud.untag_protection(arn, keys).await,
        },
        Action::Enable {
            resource_arn,
            response,
        } => cloud.enable_automatic_response(resource_arn, response).await,
        Action::Change {
            resource_arn,
            response,
            ..
        } => cloud.update_automatic_response(resource_arn, response).await,
        // A crash in between leaves the response off: it then begins anew, with a clock of its own.
        Action::Reinstate {
            resource_arn,
            response,
        } => {
            cloud.disable_automatic_response(resource_arn.clone()).await?;
            cloud.enable_automatic_response(resource_arn, response).await
        }
        Action::Disable { resource_arn } => cloud.disable_automatic_response(resource_arn).await,
        Action::Associate {
            protection,
            health_check,
        } => cloud.associate_health_check(protection, health_check).await,
        Action::Disassociate {
            protection,
            health_check,
        } => {
            found(cloud.disassociate_health_check(protection, health_check).await)?;
            Ok(())
        }
        Action::Delete { id } => {
            found(cloud.delete_protection(id).await)?;
            Ok(())
        }
    }
}

async fn create(cloud: &dyn Cloud, creation: &Creation) -> Result<SeenProtection, CloudError> {
    match cloud.create_protection(creation.clone()).await {
        Ok(id) => {
            let account = Arn::of(&creation.resource_arn).map_or("", |arn| arn.account);
            Ok(Seen::Present(Observed {
                content: Content {
                    arn: format!("arn:aws:shield::{account}:protection/{id}"),
                    id,
                    resource_arn: creation.resource_arn.clone(),
                    response: Response::Off,
                    health_checks: BTreeSet::new(),
                },
                tags: creation.tags.clone(),
            }))
        }
        Err(error) if error.kind == ErrorKind::Exists => match read(cloud, &creation.resource_arn).await? {
            Seen::Absent => Err(error.not_yet("it cannot be read yet")),
            seen => Ok(seen),
        },
        Err(error) => Err(error),
    }
}
