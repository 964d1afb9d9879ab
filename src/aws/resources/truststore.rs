//! The truststore: one object of S3, whose versions API Gateway names.

use super::update::found;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::kernel::observing::{Never, Seen};
use crate::domain::mutual_tls::truststore::{Action, Observed};
use crate::domain::perimeter::observed::Observed as Everything;

/// Reads the newest version, and whether the bucket keeps versions.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    everything: &Everything,
) -> Result<Seen<Never, Observed>, CloudError> {
    let Some(declared) = &everything.mutual_tls.declared else {
        return Ok(Seen::Absent);
    };
    let (region, bucket) = (declared.gate.region.clone(), declared.bucket.clone());
    let (is_versioned, object) = tokio::try_join!(
        cloud.get_bucket_versioning(region.clone(), bucket.clone()),
        async {
            found(
                cloud
                    .get_object(region.clone(), bucket.clone(), declared.key.clone())
                    .await,
            )
        },
    )?;
    let (version, content) = match object {
        Some((version, content)) => (version, Some(content)),
        None => (None, None),
    };
    Ok(Seen::Present(Observed {
        version,
        content,
        is_versioned,
        region,
    }))
}

/// Makes the call of `action`.
pub(super) async fn apply(
    cloud: &dyn Cloud,
    action: &Action,
    everything: &Everything,
) -> Result<Seen<Never, Observed>, CloudError> {
    match action.clone() {
        Action::Put {
            region,
            bucket,
            key,
            content,
        } => {
            let version = cloud
                .put_object(region.clone(), bucket, key, content.clone())
                .await?;
            let known = everything.mutual_tls.truststore.present();
            Ok(Seen::Present(Observed {
                is_versioned: known.map_or(version.is_some(), |known| known.is_versioned),
                version,
                content: Some(content),
                region,
            }))
        }
        Action::Delete { region, bucket, key } => {
            let list =
                |marker| cloud.list_object_versions(region.clone(), bucket.clone(), key.clone(), marker);
            let versions: Vec<String> = pages(list, Some).await?;
            for version in versions {
                let deleted = cloud
                    .delete_object_version(region.clone(), bucket.clone(), key.clone(), version)
                    .await;
                found(deleted)?;
            }
            Ok(Seen::Absent)
        }
    }
}
