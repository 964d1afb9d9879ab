//! The Lambda@Edge function that signs requests, and its published versions.

use super::update::{Update, found, listed_tags};
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::observing::Seen;
use crate::domain::perimeter::observed::Observed as Everything;
use crate::domain::signer::function::{
    Action, Configuration, Creation, EDGE_REGION, LATEST, Listed, NAME_LIMIT, Observed, State,
};

type SeenFunction = Seen<Listed, Observed>;

/// Reads the function and, unless Lambda still prepares it, its versions. Where the lists show the rest, and show that
/// it is ours, it is enough to read the version in use.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<SeenFunction, CloudError> {
    let name = everything.owner.resource_name(NAME_LIMIT);
    if let Some((row, tags, version)) = in_use(everything) {
        let read = cloud.get_function_configuration(name.clone(), Some(version.to_owned()));
        if let Some(version) = found(read.await)? {
            let latest = Configuration {
                state: State::Unknown,
                updating: false,
                ..row.latest.clone()
            };
            let versions = vec![version];
            return Ok(Seen::Present(Observed {
                latest,
                tags,
                versions,
            }));
        }
    }
    read(cloud, &name).await
}

/// The function's row, its tags, and the version that was last chosen, as far as they can be trusted.
fn in_use(everything: &Everything) -> Option<(&Listed, Tags, &str)> {
    let Seen::Listed(Some(row)) = &everything.function else {
        return None;
    };
    let tags = listed_tags(row.tags.as_ref()).filter(|_| !everything.pass.deep)?;
    let version = everything.outputs.version_arn.as_ref()?;
    let number = version.strip_prefix(&row.latest.arn)?.strip_prefix(':')?;
    Some((row, tags, number))
}

async fn read(cloud: &dyn Cloud, name: &str) -> Result<SeenFunction, CloudError> {
    let Some(mut function) = found(cloud.get_function(EDGE_REGION.to_owned(), name.to_owned()).await)? else {
        return Ok(Seen::Absent);
    };
    if function.latest.state != State::Pending {
        function.versions = versions(cloud, name).await?;
    }
    Ok(Seen::Present(function))
}

async fn versions(cloud: &dyn Cloud, name: &str) -> Result<Vec<Configuration>, CloudError> {
    pages(|marker| cloud.list_versions(name.to_owned(), marker), Some).await
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    name: &str,
    action: &Action,
    everything: &Everything,
) -> Result<Update, CloudError> {
    let (region, name) = (EDGE_REGION.to_owned(), name.to_owned());
    let mut function = known(everything);
    let answer = match action {
        Action::Create(creation) => return create(cloud, creation).await.map(Update::Function),
        Action::UpdateSettings { settings, revision } => {
            cloud
                .update_function_configuration(region, name, settings.clone(), revision.clone())
                .await?
        }
        Action::UpdateCode { zip, revision } => {
            let answer = cloud
                .update_function_code(region, name, zip.clone(), revision.clone(), true)
                .await?;
            // The answer is of the new version, and Lambda is still busy with the function itself.
            if let Some(function) = &mut function {
                function.latest.code_sha256.clone_from(&answer.code_sha256);
                function.latest.updating = true;
            }
            answer
        }
        Action::Publish { code_sha256 } => cloud.publish_version(name, code_sha256.clone()).await?,
        Action::DeleteVersion(version) => {
            let deleted = cloud.delete_function(region, name, Some(version.clone())).await;
            match found(deleted) {
                Ok(_) => {}
                // Replicas at the edge outlive the association for hours: the next full read tries again.
                Err(error) if error.kind == ErrorKind::NotYet => {
                    return Ok(Update::VersionStays(version.clone()));
                }
                Err(error) => return Err(error),
            }
            if let Some(function) = &mut function {
                function.versions.retain(|known| known.version != *version);
            }
            return Ok(seen(function));
        }
        // Written by the caller, for all kinds alike.
        Action::Tag(_) => return Ok(seen(function)),
    };
    if let Some(function) = &mut function {
        function.absorb(answer);
    }
    Ok(seen(function))
}

fn seen(function: Option<Observed>) -> Update {
    Update::Function(function.map_or(Seen::Absent, Seen::Present))
}

/// The function as far as it is known: read, or from its row.
fn known(everything: &Everything) -> Option<Observed> {
    match &everything.function {
        Seen::Present(found) => Some(found.clone()),
        Seen::Listed(Some(row)) => Some(Observed {
            latest: row.latest.clone(),
            tags: row.tags.clone().unwrap_or_default(),
            versions: vec![],
        }),
        Seen::Listed(None) | Seen::Absent => None,
    }
}

async fn create(cloud: &dyn Cloud, creation: &Creation) -> Result<SeenFunction, CloudError> {
    match cloud
        .create_function(EDGE_REGION.to_owned(), creation.clone())
        .await
    {
        Ok(answer) => {
            let arn = answer
                .arn
                .trim_end_matches(&format!(":{}", answer.version))
                .to_owned();
            let latest = Configuration {
                arn,
                version: LATEST.to_owned(),
                ..answer.clone()
            };
            let mut function = Observed {
                latest,
                tags: creation.tags.clone(),
                versions: vec![],
            };
            function.absorb(answer);
            Ok(Seen::Present(function))
        }
        Err(error) if error.kind == ErrorKind::Exists => read(cloud, &creation.name).await,
        Err(error) => Err(error),
    }
}
