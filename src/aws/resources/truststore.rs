//! The truststore: one object of S3, whose versions API Gateway names.

use super::update::found;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::kernel::observing::{Never, Seen};
use crate::domain::mutual_tls::truststore::{Action, Bucket, Observed};
use crate::domain::perimeter::observed::Observed as Everything;

/// There is no such bucket.
const MISSING: &str = "NoSuchBucket";
/// It is in another Region than the one that was asked.
const ELSEWHERE: [&str; 2] = ["PermanentRedirect", "AuthorizationHeaderMalformed"];

/// Reads the newest version, and whether the bucket keeps versions. Where there is no bucket, there is no truststore.
pub(super) async fn observe(
    cloud: &dyn Cloud,
    everything: &Everything,
) -> Result<Seen<Never, Observed>, CloudError> {
    let Some(declared) = &everything.mutual_tls.declared else {
        return Ok(Seen::Absent);
    };
    let (region, bucket) = (declared.gate.region.clone(), declared.bucket.clone());
    let read = async {
        tokio::try_join!(
            cloud.get_bucket_versioning(region.clone(), bucket.clone()),
            async {
                found(
                    cloud
                        .get_object(region.clone(), bucket.clone(), declared.key.clone())
                        .await,
                )
            },
        )
    };
    let (bucket, object) = match read.await {
        Ok((true, object)) => (Bucket::Fit, object),
        Ok((false, object)) => (Bucket::Unversioned, object),
        Err(error) if error.code == MISSING => return Ok(Seen::Absent),
        Err(error) if ELSEWHERE.contains(&error.code.as_str()) => (Bucket::Elsewhere, None),
        Err(error) => return Err(error),
    };
    let (version, content) = match object {
        Some((version, content)) => (version, Some(content)),
        None => (None, None),
    };
    Ok(Seen::Present(Observed {
        version,
        content,
        bucket,
        region,
    }))
}

/// Makes the call of `action`.
pub(super) async fn apply(cloud: &dyn Cloud, action: &Action) -> Result<Seen<Never, Observed>, CloudError> {
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
            let bucket = if version.is_some() {
                Bucket::Fit
            } else {
                Bucket::Unversioned
            };
            Ok(Seen::Present(Observed {
                bucket,
                version,
                content: Some(content),
                region,
            }))
        }
        Action::Delete { region, bucket, key } => {
            let list =
                |marker| cloud.list_object_versions(region.clone(), bucket.clone(), key.clone(), marker);
            let versions: Vec<String> = match pages(list, Some).await {
                Err(error) if error.code == MISSING => return Ok(Seen::Absent),
                listed => listed?,
            };
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
