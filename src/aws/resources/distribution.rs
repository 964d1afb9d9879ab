//! The CloudFront distribution.

use super::update::{Update, found, listed_tags};
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::edge::distribution::{Action, Observed, Row};
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed as Everything;

type SeenDistribution = Seen<Row, Observed>;

/// Reads the distribution, by its row or by the id in status.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    everything: &Everything,
) -> Result<SeenDistribution, CloudError> {
    match (&everything.distribution, &everything.outputs.distribution_id) {
        (Seen::Listed(Some(row)), _) => read(cloud, &row.listed.id, row.tags.as_ref()).await,
        (Seen::Present(found), _) => read(cloud, &found.content.id, Some(&found.tags)).await,
        (_, Some(id)) => read(cloud, id, None).await,
        (_, None) => Ok(Seen::Absent),
    }
}

async fn read(cloud: &dyn Cloud, id: &str, tags: Option<&Tags>) -> Result<SeenDistribution, CloudError> {
    let Some(content) = found(cloud.get_distribution(id.to_owned()).await)? else {
        return Ok(Seen::Absent);
    };
    let tags = match listed_tags(tags) {
        Some(tags) => tags,
        None => cloud.list_distribution_tags(content.arn.clone()).await?,
    };
    Ok(Seen::Present(Observed { content, tags }))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let mut present = everything.distribution.present().cloned();
    match action {
        Action::Create { config, tags } => {
            return match cloud.create_distribution(config.clone(), tags.clone()).await {
                Ok(content) => Ok(Update::Distribution(Seen::Present(Observed {
                    content,
                    tags: tags.clone(),
                }))),
                Err(error) if error.kind == ErrorKind::Exists => adopt(cloud, &error).await,
                Err(error) => Err(error),
            };
        }
        Action::Update { id, etag, config } => {
            let content = cloud
                .update_distribution(id.clone(), etag.clone(), config.clone())
                .await?;
            let tags = present.map(|found| found.tags).unwrap_or_default();
            present = Some(Observed { content, tags });
        }
        // Written by the caller, for all kinds alike.
        Action::Tag(_) => {}
        Action::MoveAlias { id, alias, .. } => {
            cloud.associate_alias(id.clone(), alias.clone()).await?;
            // What the distribution has become only a read tells.
            let seen = read(cloud, id, everything.distribution_tags()).await?;
            return Ok(Update::AliasMoved(alias.clone(), seen));
        }
        Action::Delete { id, etag } => {
            found(cloud.delete_distribution(id.clone(), etag.clone()).await)?;
            present = None;
        }
    }
    Ok(Update::Distribution(present.map_or(Seen::Absent, Seen::Present)))
}

/// The caller reference was used before: by a distribution of ours whose answer was lost, or by one that is deleted.
async fn adopt(cloud: &dyn Cloud, refusal: &CloudError) -> Result<Update, CloudError> {
    let Some(id) = existing_id(&refusal.message) else {
        return Err(refusal.clone());
    };
    match read(cloud, id, None).await? {
        Seen::Present(found) => Ok(Update::Distribution(Seen::Present(found))),
        _ => Ok(Update::NextReference),
    }
}

/// CloudFront names the id at the end of its message, "… Already exists: E1ABCDEF", and nowhere else in its answer
/// (aws/aws-sdk-js-v3#2618). Whose the distribution is, its tags say, which are read before anything is done with it.
fn existing_id(message: &str) -> Option<&str> {
    let (_, tail) = message.rsplit_once("lready exists: ")?;
    let end = tail
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(tail.len());
    tail.get(..end).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_the_existing_distribution_is_read_from_the_refusal() {
        let message = "The caller reference that you are using to create a distribution is associated with another \
                       distribution. Already exists: E2ABCDEFGHIJK";
        assert_eq!(existing_id(message), Some("E2ABCDEFGHIJK"));
        assert_eq!(existing_id("something else"), None);
    }
}
