//! The IAM role of the signing function, and what the authorizer's role is read and changed by.

use super::update::found;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::signer::role::{Action, NAME_LIMIT, Observed, after};

type SeenRole = Seen<Observed, Observed>;

/// Reads the role with its inline policies.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<SeenRole, CloudError> {
    let name = everything.owner.resource_name(NAME_LIMIT);
    read(cloud, &name).await
}

async fn read(cloud: &dyn Cloud, name: &str) -> Result<SeenRole, CloudError> {
    let role = whole(cloud, name).await?;
    Ok(role.map_or(Seen::Absent, Seen::Present))
}

/// The role of that name with its policies.
pub(super) async fn whole(cloud: &dyn Cloud, name: &str) -> Result<Option<Observed>, CloudError> {
    let Some(mut role) = found(cloud.get_role(name.to_owned()).await)? else {
        return Ok(None);
    };
    let (inline, attached) = tokio::try_join!(
        cloud.list_role_policies(name.to_owned()),
        cloud.list_attached_role_policies(name.to_owned()),
    )?;
    for policy in inline {
        if let Some(document) = found(cloud.get_role_policy(name.to_owned(), policy.clone()).await)? {
            role.policies.insert(policy, document);
        }
    }
    role.attached = attached.into_iter().collect();
    Ok(Some(role))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    name: &str,
    action: &Action,
    everything: &Everything,
) -> Result<SeenRole, CloudError> {
    if let Action::Create(creation) = action {
        return match cloud.create_role(creation.clone()).await {
            Ok(role) => Ok(Seen::Present(role)),
            Err(error) if error.kind == ErrorKind::Exists => read(cloud, name).await,
            Err(error) => Err(error),
        };
    }
    change(cloud, name, action).await?;
    // The list shows a role whole, so its row is as good as the role.
    let found = match &everything.role {
        Seen::Present(found) | Seen::Listed(Some(found)) => Some(found),
        Seen::Listed(None) | Seen::Absent => None,
    };
    Ok(after(found, action).map_or(Seen::Absent, Seen::Present))
}

/// Makes the call of an action that changes a role.
pub(super) async fn change(cloud: &dyn Cloud, name: &str, action: &Action) -> Result<(), CloudError> {
    let name = name.to_owned();
    match action {
        Action::Create(creation) => drop(cloud.create_role(creation.clone()).await?),
        Action::SetTrust(document) => cloud.update_assume_role_policy(name, document.clone()).await?,
        Action::PutPolicy {
            name: policy,
            document,
        } => {
            cloud
                .put_role_policy(name, policy.clone(), document.clone())
                .await?;
        }
        Action::DeletePolicy { name: policy } => {
            found(cloud.delete_role_policy(name, policy.clone()).await)?;
        }
        Action::Detach(arn) => {
            found(cloud.detach_role_policy(name, arn.clone()).await)?;
        }
        Action::SetBoundary(arn) => cloud.put_role_boundary(name, arn.clone()).await?,
        Action::ClearBoundary => {
            found(cloud.delete_role_boundary(name).await)?;
        }
        Action::Tag(tags) => cloud.tag_role(name, tags.clone()).await?,
        Action::Untag(keys) => cloud.untag_role(name, keys.clone()).await?,
    }
    Ok(())
}
