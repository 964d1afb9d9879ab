//! Objects of S3 with versions, as a truststore is one.

use crate::conformance::world::{World, conformance, refused};
use palisade::aws::cloud::{Cloud, CloudError};
use palisade::aws::errors::ErrorKind::{NotFound, Terminal};

conformance!(
    a_bucket_tells_whether_it_keeps_versions,
    an_object_is_read_with_its_newest_version,
    without_versions_there_is_none_to_name,
    versions_are_listed_and_deleted_one_by_one,
    what_is_not_there_is_not_found_in_s3,
    a_bucket_of_another_region_is_refused,
);

const REGION: &str = "eu-north-1";
const KEPT: &str = "shop-truststores";
const PLAIN: &str = "shop-plain";
const KEY: &str = "palisade/c/u.pem";

async fn buckets(world: &dyn World) {
    world.preload_bucket(REGION, KEPT, true).await;
    world.preload_bucket(REGION, PLAIN, false).await;
}

async fn put(cloud: &dyn Cloud, bucket: &str, content: &str) -> Option<String> {
    let [region, bucket, key] = [REGION, bucket, KEY].map(str::to_owned);
    cloud
        .put_object(region, bucket, key, content.to_owned())
        .await
        .unwrap()
}

async fn get(cloud: &dyn Cloud, bucket: &str) -> Result<(Option<String>, String), CloudError> {
    let [region, bucket, key] = [REGION, bucket, KEY].map(str::to_owned);
    cloud.get_object(region, bucket, key).await
}

async fn versions(cloud: &dyn Cloud) -> Vec<String> {
    let [region, bucket, key] = [REGION, KEPT, KEY].map(str::to_owned);
    let page = cloud.list_object_versions(region, bucket, key, None).await;
    let mut found = page.unwrap().items;
    found.sort();
    found
}

async fn a_bucket_tells_whether_it_keeps_versions(cloud: &dyn Cloud, world: &dyn World) {
    buckets(world).await;
    for (bucket, is_versioned) in [(KEPT, true), (PLAIN, false)] {
        let found = cloud.get_bucket_versioning(REGION.into(), bucket.into()).await;
        assert_eq!(found.unwrap(), is_versioned, "{bucket}");
    }
}

async fn an_object_is_read_with_its_newest_version(cloud: &dyn Cloud, world: &dyn World) {
    buckets(world).await;
    let first = put(cloud, KEPT, "first").await;
    let next = put(cloud, KEPT, "next").await;
    assert!(
        first.is_some() && next.is_some() && first != next,
        "{first:?} {next:?}"
    );
    assert_eq!(get(cloud, KEPT).await.unwrap(), (next, "next".to_owned()));
}

async fn without_versions_there_is_none_to_name(cloud: &dyn Cloud, world: &dyn World) {
    buckets(world).await;
    assert_eq!(put(cloud, PLAIN, "content").await, None);
    assert_eq!(get(cloud, PLAIN).await.unwrap(), (None, "content".to_owned()));
}

async fn versions_are_listed_and_deleted_one_by_one(cloud: &dyn Cloud, world: &dyn World) {
    buckets(world).await;
    let mut wanted: Vec<String> = vec![];
    for content in ["first", "next"] {
        wanted.extend(put(cloud, KEPT, content).await);
    }
    let last = wanted.clone().pop();
    wanted.sort();
    assert_eq!(versions(cloud).await, wanted);
    for version in wanted {
        assert!(get(cloud, KEPT).await.is_ok(), "{last:?}");
        let [region, bucket, key] = [REGION, KEPT, KEY].map(str::to_owned);
        cloud
            .delete_object_version(region, bucket, key, version)
            .await
            .unwrap();
    }
    assert_eq!(versions(cloud).await, [""; 0]);
    refused(get(cloud, KEPT).await, "NoSuchKey", NotFound);
}

async fn what_is_not_there_is_not_found_in_s3(cloud: &dyn Cloud, world: &dyn World) {
    buckets(world).await;
    refused(get(cloud, KEPT).await, "NoSuchKey", NotFound);
    assert_eq!(versions(cloud).await, [""; 0]);
    let [region, missing] = [REGION, "no-such-bucket-anywhere"].map(str::to_owned);
    let versioning = cloud.get_bucket_versioning(region, missing).await;
    refused(versioning, "NoSuchBucket", Terminal);
    // A version that is gone is deleted, too.
    let [region, bucket, key] = [REGION, KEPT, KEY].map(str::to_owned);
    cloud
        .delete_object_version(region, bucket, key, "none".into())
        .await
        .unwrap();
}

async fn a_bucket_of_another_region_is_refused(cloud: &dyn Cloud, world: &dyn World) {
    world.preload_bucket("us-west-2", KEPT, true).await;
    let [region, bucket] = [REGION, KEPT].map(str::to_owned);
    let versioning = cloud.get_bucket_versioning(region, bucket).await;
    refused(versioning, "PermanentRedirect", Terminal);
    refused(get(cloud, KEPT).await, "PermanentRedirect", Terminal);
}
