//! The Lambda@Edge function that signs requests, and its published versions.

use super::found;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::observed::{Observed as Everything, Seen};
use crate::domain::resources::function::{
    Action, Configuration, Creation, LATEST, Listed, NAME_LIMIT, Observed, State,
};

type SeenFunction = Seen<Listed, Observed>;

/// Reads the function and, unless Lambda still prepares it, its versions.
pub(super) async fn observe(cloud: &dyn Cloud, everything: &Everything) -> Result<SeenFunction, CloudError> {
    let name = everything.owner.resource_name(NAME_LIMIT);
    read(cloud, &name).await
}

async fn read(cloud: &dyn Cloud, name: &str) -> Result<SeenFunction, CloudError> {
    let Some(mut function) = found(cloud.get_function(name.to_owned()).await)? else {
        return Ok(Seen::Absent);
    };
    if function.latest.state != State::Pending {
        function.versions = versions(cloud, name).await?;
    }
    Ok(Seen::Present(function))
}

async fn versions(cloud: &dyn Cloud, name: &str) -> Result<Vec<Configuration>, CloudError> {
    let mut versions = Vec::new();
    let mut marker = None;
    loop {
        let page = cloud.list_versions(name.to_owned(), marker).await?;
        versions.extend(page.items);
        marker = page.next;
        if marker.is_none() {
            return Ok(versions);
        }
    }
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    name: &str,
    action: &Action,
    everything: &Everything,
) -> Result<SeenFunction, CloudError> {
    let name = name.to_owned();
    let answer = match action {
        Action::Create(creation) => return create(cloud, creation).await,
        Action::UpdateSettings { settings, revision } => {
            cloud
                .update_function_configuration(name, settings.clone(), revision.clone())
                .await?
        }
        Action::UpdateCode { zip, revision } => {
            cloud
                .update_function_code(name.clone(), zip.clone(), revision.clone())
                .await?;
            // The answer is of the new version or of the function, and both are being prepared: read them.
            return read(cloud, &name).await;
        }
        Action::Publish { code_sha256 } => cloud.publish_version(name, code_sha256.clone()).await?,
        Action::Tag(tags) => {
            let mut function = present(everything);
            if let Some(function) = &mut function {
                cloud
                    .tag_function(function.latest.arn.clone(), tags.clone())
                    .await?;
                function.tags.extend(tags.clone());
            }
            return Ok(function.map_or(Seen::Absent, Seen::Present));
        }
        Action::Untag(keys) => {
            let mut function = present(everything);
            if let Some(function) = &mut function {
                cloud
                    .untag_function(function.latest.arn.clone(), keys.clone())
                    .await?;
                function.tags.retain(|key, _| !keys.contains(key));
            }
            return Ok(function.map_or(Seen::Absent, Seen::Present));
        }
    };
    let mut function = present(everything);
    if let Some(function) = &mut function {
        function.absorb(answer);
    }
    Ok(function.map_or(Seen::Absent, Seen::Present))
}

fn present(everything: &Everything) -> Option<Observed> {
    everything.function.present().cloned()
}

async fn create(cloud: &dyn Cloud, creation: &Creation) -> Result<SeenFunction, CloudError> {
    match cloud.create_function(creation.clone()).await {
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
