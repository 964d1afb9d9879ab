//! What a pass is over, and what stops it before it comes to look at the object's resources.

use super::failures::whole;
use crate::api::{AccountQuotas, Enforcement, ProtectedApi, ProtectedApiSpec};
use crate::aws::cloud::CloudError;
use crate::controller::kubernetes::probe_token::Awaited;
use crate::domain::kernel::failure::Failure;
use crate::domain::kernel::identity::Tags;
use crate::domain::kernel::rejection::Rejection;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What a pass needs to know besides AWS.
pub struct Subject<'a> {
    /// The object, with the spec that is acted upon.
    pub object: &'a ProtectedApi,
    /// The spec as the object has it: its Namespace must permit what that names. What its class gives, the platform team gave.
    pub declared: &'a ProtectedApiSpec,
    /// Why its class does not let it act.
    pub forbidden: Option<Rejection>,
    /// The annotations of its Namespace.
    pub annotations: BTreeMap<String, String>,
    /// Why another object comes first, if one does.
    pub rivalry: Option<Rejection>,
    /// Stages of the same API that other objects declare.
    pub declared_stages: BTreeSet<String>,
    /// Stages of the same API that other objects protect.
    pub protected_stages: BTreeSet<String>,
    /// The value of the header that probes show, where the spec names one.
    pub token: Awaited,
    /// Other objects of the same API whose viewers may come by its default endpoint, for people.
    pub by_default_endpoint: Vec<String>,
    /// Other objects of the same API whose lock hangs on its default endpoint being off, for people.
    pub by_endpoint_off: Vec<String>,
    /// How many other objects share the certificate that this one shares.
    pub shared_by_others: usize,
    /// UIDs of the other objects of the same API that are seen, whether or not those are all.
    pub seen_others: BTreeSet<String>,
    /// UIDs of the other objects of the same API; `None` where not all objects of the cluster are seen.
    pub siblings: Option<BTreeSet<String>>,
    /// The objects that lock other stages of the same API, whose methods they share, for people.
    pub sharing: Vec<String>,
    /// Stages of the same API that other objects have locked by an API key.
    pub keyed_stages: BTreeSet<String>,
    /// The limits of its AWS account, as far as the `AwsAccount` states them.
    pub quotas: AccountQuotas,
    /// Whether there may be an object with this UID in the cluster.
    pub is_alive: &'a (dyn Fn(&str) -> bool + Send + Sync),
    /// The time.
    pub now: Timestamp,
}

/// A perimeter that its keeper offers to another object, as the tags of its distribution, which were read in this pass, say.
pub(super) struct Offer {
    /// The distribution.
    pub arn: String,
    /// Its tags.
    pub tags: Tags,
}

/// Why a pass does not come to look at the object's resources.
pub(in crate::controller) enum Stop {
    /// The spec must not be acted upon.
    Rejected(Rejection),
    /// A call to AWS failed.
    Failed(Failure),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<CloudError> for Stop {
    fn from(error: CloudError) -> Self {
        Self::Failed(whole(&error))
    }
}

/// Whether the spec has the API locked, and not only looked at.
pub(super) fn enforces(spec: &ProtectedApiSpec) -> bool {
    let enforcement = spec.access.as_ref().and_then(|access| access.enforcement);
    enforcement != Some(Enforcement::Observe)
}
