//! One object of a bucket: the truststore.

use super::failure::Failure;
use super::marker;
use crate::aws::cloud::{CALL_TIMEOUT, Page};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::BucketVersioningStatus;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

/// The largest truststore that API Gateway takes. What is larger is none of ours, and is not read to its end.
const LARGEST: usize = 1 << 20;
/// How S3 names the version of what was written while the bucket kept none.
const NO_VERSION: &str = "null";

/// A bucket, and the account whose it has to be, where that is known: a bucket's name may be anybody's tomorrow.
pub struct Bucket {
    pub name: String,
    pub account: Option<String>,
}

pub async fn get_bucket_versioning(client: Client, bucket: Bucket) -> Result<bool, Failure> {
    let call = client.get_bucket_versioning().bucket(bucket.name);
    let output = call.set_expected_bucket_owner(bucket.account).send().await?;
    Ok(output.status == Some(BucketVersioningStatus::Enabled))
}

pub async fn get_object(
    client: Client,
    bucket: Bucket,
    key: String,
) -> Result<(Option<String>, String), Failure> {
    let call = client.get_object().bucket(bucket.name).key(key);
    let output = call.set_expected_bucket_owner(bucket.account).send().await?;
    let content = tokio::time::timeout(CALL_TIMEOUT, read(output.body)).await;
    let content = content.map_err(|_| Failure::unreadable("the object did not come in time"))??;
    Ok((kept(output.version_id), content))
}

async fn read(mut body: ByteStream) -> Result<String, Failure> {
    let mut content = Vec::new();
    while content.len() <= LARGEST {
        let part = body.try_next().await;
        match part.map_err(|error| Failure::unreadable(error.to_string()))? {
            Some(part) => content.extend_from_slice(&part),
            None => break,
        }
    }
    Ok(String::from_utf8_lossy(&content).into_owned())
}

pub async fn put_object(
    client: Client,
    bucket: Bucket,
    key: String,
    content: String,
) -> Result<Option<String>, Failure> {
    let call = client.put_object().bucket(bucket.name).key(key);
    let call = call
        .set_expected_bucket_owner(bucket.account)
        .content_type("application/x-pem-file")
        .checksum_sha256(BASE64.encode(Sha256::digest(&content)))
        .body(ByteStream::from(content.into_bytes()));
    let output = call.send().await?;
    Ok(kept(output.version_id))
}

/// Ids of the versions and deletion markers of the object `key`. Others whose keys begin so follow it in the list.
pub async fn list_object_versions(
    client: Client,
    bucket: Bucket,
    key: String,
    marker: Option<String>,
) -> Result<Page<String>, Failure> {
    let call = client.list_object_versions().bucket(bucket.name).prefix(&key);
    let call = call
        .set_expected_bucket_owner(bucket.account)
        .set_key_marker(marker.as_ref().map(|_| key.clone()))
        .set_version_id_marker(marker.clone());
    let output = call.send().await?;
    let versions = output.versions.unwrap_or_default().into_iter();
    let markers = output.delete_markers.unwrap_or_default().into_iter();
    let found = versions
        .map(|version| (version.key, version.version_id))
        .chain(markers.map(|deletion| (deletion.key, deletion.version_id)));
    let next = output
        .next_version_id_marker
        .filter(|_| output.is_truncated == Some(true) && output.next_key_marker.as_ref() == Some(&key));
    Ok(Page {
        items: found
            .filter(|(of, _)| of.as_ref() == Some(&key))
            .filter_map(|(_, version)| version)
            .collect(),
        next: marker::next("NextVersionIdMarker", next, marker.as_ref())?,
    })
}

pub async fn delete_object_version(
    client: Client,
    bucket: Bucket,
    key: String,
    version: String,
) -> Result<(), Failure> {
    let call = client.delete_object().bucket(bucket.name).key(key);
    let call = call.set_expected_bucket_owner(bucket.account);
    call.version_id(version).send().await?;
    Ok(())
}

/// A version that stays when the object is written again.
fn kept(version: Option<String>) -> Option<String> {
    version.filter(|version| version != NO_VERSION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_object_is_read_whole_and_one_that_is_too_large_only_so_far() {
        let read = async |length: usize| {
            let body = ByteStream::from(vec![b'x'; length]);
            read(body).await.unwrap().len()
        };
        assert_eq!(read(0).await, 0);
        assert_eq!(read(LARGEST).await, LARGEST);
        assert!(read(3 * LARGEST).await > LARGEST);
    }

    #[test]
    fn what_is_written_without_versions_has_none() {
        assert_eq!(kept(Some("null".to_owned())), None);
        assert_eq!(kept(Some("v1".to_owned())).as_deref(), Some("v1"));
    }
}
