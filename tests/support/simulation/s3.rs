//! S3: buckets of one Region each, with versions or without.

use super::SimulatedCloud;
use super::account::Account;
use super::history;
use super::refusal::{Outcome, Refusal};
use palisade::aws::cloud::Page;
use palisade::aws::operations::{Answer, Call};
use palisade::domain::kernel::identity::{TAG_CLUSTER, TAG_UID, Tags};
use std::collections::BTreeMap;

/// How S3 names the only version of an object in a bucket that keeps none.
const NO_VERSION: &str = "null";

/// Buckets by name.
#[derive(Clone, Default)]
pub struct Store {
    buckets: BTreeMap<String, Bucket>,
    made: usize,
}

/// A bucket.
#[derive(Clone)]
struct Bucket {
    region: String,
    is_versioned: bool,
    /// Versions by key, the newest last; never empty.
    objects: BTreeMap<String, Vec<Version>>,
}

/// A version of an object.
#[derive(Debug, Clone)]
struct Version {
    id: String,
    /// `None`: a deletion marker.
    content: Option<String>,
}

/// An object, for looking from outside.
pub struct Found<'a> {
    pub bucket: &'a str,
    pub key: &'a str,
    versions: &'a [Version],
}

impl Found<'_> {
    /// All that it ever held.
    pub fn contents(&self) -> Vec<Option<&str>> {
        self.versions
            .iter()
            .map(|version| version.content.as_deref())
            .collect()
    }

    /// The owner that its key names, as tags: `palisade/<cluster>/<object>.pem`.
    pub fn tags(&self) -> Tags {
        let mut parts = self.key.trim_end_matches(".pem").split('/').skip(1);
        let keys = [TAG_CLUSTER, TAG_UID].into_iter();
        keys.filter_map(|key| Some((key.to_owned(), parts.next()?.to_owned())))
            .collect()
    }
}

impl SimulatedCloud {
    pub fn preload_bucket(&self, region: &str, name: &str, is_versioned: bool) {
        let bucket = Bucket {
            region: region.to_owned(),
            is_versioned,
            objects: BTreeMap::new(),
        };
        self.lock().account.s3.buckets.insert(name.to_owned(), bucket);
    }

    pub fn delete_bucket(&self, name: &str) {
        self.lock().account.s3.buckets.remove(name);
    }

    /// From now on the bucket keeps versions, or keeps none.
    pub fn set_versioning(&self, name: &str, is_versioned: bool) {
        let account = &mut self.lock().account;
        let bucket = account.s3.buckets.get_mut(name);
        bucket.expect("the bucket exists").is_versioned = is_versioned;
    }

    /// What the newest version of each object of a bucket holds, by key; `None` where it is deleted.
    pub fn objects_of(&self, bucket: &str) -> BTreeMap<String, Option<String>> {
        let account = &self.lock().account;
        let objects = account.s3.buckets.get(bucket).map(|found| &found.objects);
        let newest = |versions: &Vec<Version>| versions.last().and_then(|version| version.content.clone());
        let objects = objects.into_iter().flatten();
        objects
            .map(|(key, versions)| (key.clone(), newest(versions)))
            .collect()
    }

    /// Somebody writes an object.
    pub fn write_object(&self, bucket: &str, key: &str, content: &str) {
        let account = &mut self.lock().account;
        account.write_object(bucket, key, Some(content.to_owned()));
    }

    /// Somebody deletes an object; its versions stay.
    pub fn delete_object(&self, bucket: &str, key: &str) {
        let account = &mut self.lock().account;
        account.write_object(bucket, key, None);
    }
}

impl Account {
    pub fn perform_s3(&mut self, call: Call) -> Outcome<Answer> {
        Ok(match call {
            Call::GetBucketVersioning { region, bucket } => {
                Answer::GetBucketVersioning(self.get_bucket_versioning(&region, &bucket)?)
            }
            Call::GetObject { region, bucket, key } => {
                Answer::GetObject(self.get_object(&region, &bucket, &key)?)
            }
            Call::PutObject {
                region,
                bucket,
                key,
                content,
            } => Answer::PutObject(self.put_object(&region, &bucket, &key, content)?),
            Call::ListObjectVersions {
                region,
                bucket,
                key,
                marker,
            } => Answer::ListObjectVersions(self.list_object_versions(
                &region,
                &bucket,
                &key,
                marker.as_deref(),
            )?),
            Call::DeleteObjectVersion {
                region,
                bucket,
                key,
                version,
            } => Answer::DeleteObjectVersion(self.delete_object_version(&region, &bucket, &key, &version)?),
            other => unreachable!("{other:?} belongs to another service"),
        })
    }

    pub fn get_bucket_versioning(&self, region: &str, bucket: &str) -> Outcome<bool> {
        Ok(self.bucket(region, bucket)?.is_versioned)
    }

    pub fn get_object(&self, region: &str, bucket: &str, key: &str) -> Outcome<(Option<String>, String)> {
        let found = self.bucket(region, bucket)?;
        let newest = found.objects.get(key).and_then(|versions| versions.last());
        let content = newest.and_then(|version| Some((version, version.content.clone()?)));
        let Some((version, content)) = content else {
            return Refusal::refuse("NoSuchKey", "The specified key does not exist.");
        };
        let version = Some(version.id.clone()).filter(|id| id != NO_VERSION);
        Ok((version, content))
    }

    pub fn put_object(
        &mut self,
        region: &str,
        bucket: &str,
        key: &str,
        content: String,
    ) -> Outcome<Option<String>> {
        self.bucket(region, bucket)?;
        let version = self.write_object(bucket, key, Some(content));
        Ok(Some(version).filter(|id| id != NO_VERSION))
    }

    pub fn list_object_versions(
        &self,
        region: &str,
        bucket: &str,
        key: &str,
        marker: Option<&str>,
    ) -> Outcome<Page<String>> {
        let found = self.bucket(region, bucket)?;
        let versions = found.objects.get(key).into_iter().flatten();
        let rows = versions.map(|version| (version.id.clone(), version.id.clone()));
        Ok(history::page(rows.collect(), marker, self.page_size(1000)))
    }

    /// What is not there is deleted, too.
    pub fn delete_object_version(
        &mut self,
        region: &str,
        bucket: &str,
        key: &str,
        version: &str,
    ) -> Outcome<()> {
        self.bucket(region, bucket)?;
        let Some(found) = self.s3.buckets.get_mut(bucket) else {
            return Ok(());
        };
        if let Some(versions) = found.objects.get_mut(key) {
            versions.retain(|known| known.id != version);
            if versions.is_empty() {
                found.objects.remove(key);
            }
        }
        Ok(())
    }

    /// What a version of the object at `s3://bucket/key` holds, for whoever reads it in that Region.
    pub fn object_at(&self, region: &str, uri: &str, version: Option<&str>) -> Option<String> {
        let (bucket, key) = uri.strip_prefix("s3://")?.split_once('/')?;
        let found = self.bucket(region, bucket).ok();
        let elsewhere = || self.s3.buckets.get(bucket);
        let found = found.or_else(|| elsewhere().filter(|_| self.settings.truststore_of_any_region))?;
        let versions = found.objects.get(key)?;
        let meant = match version {
            Some(id) => versions.iter().find(|known| known.id == id),
            None => versions.last(),
        };
        meant?.content.clone()
    }

    /// Objects below `palisade/`.
    pub fn truststores(&self) -> Vec<Found<'_>> {
        let mut all = Vec::new();
        for (bucket, found) in &self.s3.buckets {
            let objects = found
                .objects
                .iter()
                .filter(|(key, _)| key.starts_with("palisade/"));
            all.extend(objects.map(|(key, versions)| Found {
                bucket,
                key,
                versions,
            }));
        }
        all
    }

    /// Writes what an object holds from now on; answers its version.
    fn write_object(&mut self, bucket: &str, key: &str, content: Option<String>) -> String {
        self.s3.made += 1;
        let number = self.s3.made;
        let found = self.s3.buckets.get_mut(bucket).expect("the bucket exists");
        let id = if found.is_versioned {
            format!("{number:06}.V3rs10n")
        } else {
            NO_VERSION.to_owned()
        };
        let versions = found.objects.entry(key.to_owned()).or_default();
        versions.retain(|known| known.id != id);
        versions.push(Version {
            id: id.clone(),
            content,
        });
        id
    }

    fn bucket(&self, region: &str, name: &str) -> Outcome<&Bucket> {
        let missing = || Refusal::new("NoSuchBucket", "The specified bucket does not exist");
        let found = self.s3.buckets.get(name).ok_or_else(missing)?;
        if found.region != region {
            let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please send \
                           all future requests to this endpoint.";
            return Refusal::refuse("PermanentRedirect", message);
        }
        Ok(found)
    }
}
