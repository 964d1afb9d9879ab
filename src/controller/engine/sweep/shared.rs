//! Deletes certificates of origins' names that objects shared, and that no object needs any more.

use super::Regional;
use crate::aws::cloud::CloudError;
use crate::aws::errors::ErrorKind;
use crate::controller::engine::Engine;
use crate::domain::edge::certificate::Content;
use crate::domain::kernel::identity::Owner;
use crate::domain::kernel::observing::Seen;
use crate::domain::mutual_tls::shared_certificate::Shared;
use crate::domain::mutual_tls::shared_certificate::surplus::{awaited, may_delete, surplus, suspects};
use crate::domain::perimeter::observed::Observed;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tracing::{info, warn};

impl Engine {
    /// What the Lease is to hand on of Regions.
    #[must_use]
    pub fn known_regions(&self) -> Option<String> {
        self.regions.text()
    }

    /// Deletes what is shared by no object, and all but one of several alike, where nothing uses it; answers their ARNs. `declared` tells what
    /// objects declare, and is asked once the lists are read; nothing is deleted where that is not known.
    ///
    /// # Errors
    /// Something could not be read, or deleted; it is tried again next time.
    pub async fn sweep_shared(
        &self,
        declared: impl FnOnce() -> Option<BTreeSet<Shared>>,
    ) -> Result<Vec<String>, CloudError> {
        let rows = self.tagged_in_regions(self.max_age(false).others).await.rows;
        let Some(declared) = declared() else {
            return Ok(vec![]);
        };
        let (mut deleted, mut failed) = (vec![], None);
        for (shared, arns) in suspects(&rows, &self.cluster, &declared) {
            let swept = self.sweep_alike(&shared, arns, declared.contains(&shared), &mut deleted);
            if let Err(error) = swept.await {
                // What one Region refuses holds up no other.
                warn!(below = shared.below, %error, "a shared certificate is not swept");
                failed = Some(error);
            }
        }
        failed.map_or(Ok(deleted), Err)
    }

    /// How many wait for ACM alone until they are deleted, and which Regions could not be read, with why. `declared` tells what objects
    /// declare, and is asked once the lists are read.
    pub async fn shared_awaited(
        &self,
        max_age: Duration,
        declared: impl FnOnce() -> Option<BTreeSet<Shared>>,
    ) -> (usize, BTreeMap<String, CloudError>) {
        let Regional { rows, unread } = self.tagged_in_regions(max_age).await;
        (awaited(&rows, &self.cluster, declared().as_ref()), unread)
    }

    /// Sweeps those that are alike, of which one stays where it `is_declared`.
    async fn sweep_alike(
        &self,
        shared: &Shared,
        arns: Vec<String>,
        is_declared: bool,
        deleted: &mut Vec<String>,
    ) -> Result<(), CloudError> {
        let mut alike = vec![];
        for arn in arns {
            alike.extend(self.describe_shared(&arn).await?);
        }
        for arn in surplus(&alike, is_declared) {
            if self.delete_shared(&arn, shared).await? {
                info!(
                    arn,
                    below = shared.below,
                    "swept a certificate that no object shares any more"
                );
                deleted.push(arn);
            }
        }
        Ok(())
    }

    /// What ACM says of one; `None` where there is none of that ARN.
    async fn describe_shared(&self, arn: &str) -> Result<Option<Content>, CloudError> {
        match self.cloud.describe_certificate(arn.to_owned()).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind == ErrorKind::NotFound => {
                self.note_gone(arn);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes one, if it is still what the list showed; false where ACM sees it in use.
    async fn delete_shared(&self, arn: &str, shared: &Shared) -> Result<bool, CloudError> {
        // The list lags behind tags, and others may use it since.
        let Some(found) = self.describe_shared(arn).await? else {
            return Ok(false);
        };
        let tags = self.cloud.list_certificate_tags(arn.to_owned()).await?;
        if !may_delete(&found, &tags, &self.cluster, shared) {
            return Ok(false);
        }
        match self.cloud.delete_certificate(arn.to_owned()).await {
            Ok(()) => {
                self.note_gone(arn);
                Ok(true)
            }
            Err(error) if error.kind == ErrorKind::NotYet => {
                warn!(
                    arn,
                    "ACM sees a shared certificate in use; it is tried again next time"
                );
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// No pass takes one for there that is gone.
    fn note_gone(&self, arn: &str) {
        let nobody = Owner {
            cluster: self.cluster.clone(),
            namespace: String::new(),
            name: String::new(),
            uid: String::new(),
            taken: None,
        };
        let mut observed = Observed::of(nobody);
        let certificates = &mut observed.mutual_tls.origin_certificates;
        certificates.insert(arn.to_owned(), Seen::Absent);
        self.inventory.note(&observed);
    }
}
