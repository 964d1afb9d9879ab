//! What decides and does for one account, without Kubernetes: passes over objects stand on this, and so do simulations.

use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::inventory::{Inventory, MaxAge};
use crate::domain::identity::{Owner, Tags};
use crate::domain::tenancy::Tenancy;
use crate::signer::{self, Package, PackageError};
use jiff::Timestamp;
use kube::ResourceExt as _;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::execute::Done;
use crate::api::{ProtectedApi, ProtectedApiStatus};
use crate::domain::desired::{Rejection, SignerOptions};
use crate::domain::failure::Failure;
use crate::domain::plan::{Plan, Wait};
use crate::domain::reason::Reason;

/// What the command line decides about AWS.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct Options {
    pub resync: Duration,
    pub deep_resync: Duration,
    /// How often deployments are looked at, by one list call for all that wait.
    pub deployment_poll: Duration,
    pub tenancy: Tenancy,
    pub default_tags: Tags,
    pub permissions_boundary: Option<String>,
}

/// One AWS account, as all passes over objects share it.
pub struct Engine {
    /// AWS.
    pub cloud: Arc<dyn Cloud>,
    /// The account-wide lists.
    pub inventory: Inventory,
    /// What the command line decides.
    pub options: Options,
    /// UID of the cluster's kube-system namespace.
    pub cluster: String,
    /// The account's id.
    pub account: String,
    /// The signers' packages.
    pub(super) packages: Packages,
}

/// Packages made before: compressing one costs more than the rest of a pass that finds all in place.
#[derive(Default)]
pub(super) struct Packages(Mutex<HashMap<SignerOptions, Arc<Package>>>);

impl Packages {
    /// More than an account can have distributions with functions.
    const LIMIT: usize = 4_096;

    /// The package for `options`.
    pub(super) fn of(&self, options: &SignerOptions) -> Result<Arc<Package>, PackageError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(package) = known.get(options) {
            return Ok(Arc::clone(package));
        }
        if known.len() >= Self::LIMIT {
            known.clear();
        }
        let package = Arc::new(signer::package(options)?);
        known.insert(options.clone(), Arc::clone(&package));
        Ok(package)
    }
}

/// What a pass came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The status to write.
    pub status: ProtectedApiStatus,
    /// What is left to do.
    pub plan: Plan,
    /// What was done.
    pub done: Vec<Done>,
    /// What failed.
    pub failures: Vec<Failure>,
    /// Why the spec was not acted upon.
    pub rejection: Option<Rejection>,
    /// When to look again, if nothing failed.
    pub requeue: Duration,
    /// Deletion: nothing is left but condemned or retained resources, and the object may go.
    pub finished: bool,
}

impl Engine {
    /// An engine whose inventory has read nothing yet.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>, options: Options, cluster: String, account: String) -> Self {
        let inventory = Inventory::new(Arc::clone(&cloud), cluster.clone());
        Self {
            cloud,
            inventory,
            options,
            cluster,
            account,
            packages: Packages::default(),
        }
    }

    /// The owner that `object`'s resources are named and tagged after.
    #[must_use]
    pub fn owner(&self, object: &ProtectedApi) -> Owner {
        Owner {
            cluster: self.cluster.clone(),
            namespace: object.namespace().unwrap_or_default(),
            name: object.name_any(),
            uid: object.uid().unwrap_or_default(),
        }
    }

    /// How old the lists may be for an object: the newer ones where it waits for a deployment.
    pub(super) fn max_age(&self, awaits_deployment: bool) -> MaxAge {
        let all = self.options.resync.mul_f64(0.95);
        MaxAge {
            // A little less than the interval, so that whoever comes next reads anew and the others share it.
            distributions: if awaits_deployment {
                self.options.deployment_poll.mul_f64(0.75).min(all)
            } else {
                all
            },
            others: all,
        }
    }

    /// When to look again at an object with this plan.
    pub(super) fn requeue(&self, plan: &Plan) -> Duration {
        let after = |wait: &Wait| match wait.reason {
            Reason::Deploying => self.options.deployment_poll,
            _ => wait.retry_after,
        };
        plan.waits.iter().map(after).min().unwrap_or(self.options.resync)
    }

    /// Whether `status` is due for a full read: once in `deep_resync`, spread over the objects by UID.
    pub(super) fn is_deep_read_due(
        &self,
        owner: &Owner,
        status: &ProtectedApiStatus,
        now: Timestamp,
    ) -> bool {
        let Some(verified) = status
            .verified_at
            .as_deref()
            .and_then(|text| text.parse::<Timestamp>().ok())
        else {
            return false;
        };
        let spread = owner
            .uid
            .bytes()
            .fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 1000);
        let due = self.options.deep_resync.mul_f64(0.8 + f64::from(spread) * 0.0002);
        let age = now.duration_since(verified);
        // A time in the future is no proof of a read: read.
        age.is_negative() || age.unsigned_abs() > due
    }
}

/// A failure that concerns the object as a whole.
pub(super) fn whole(error: &CloudError) -> Failure {
    super::execute::failure(None, error)
}
