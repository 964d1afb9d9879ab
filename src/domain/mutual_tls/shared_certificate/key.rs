//! By what a shared certificate is known: Region, and what its names lie below; and how fit one of several alike is.

use crate::api::ProtectedApiSpec;
use crate::domain::access::asked::gate;
use crate::domain::edge::certificate::{ISSUED, PENDING};
use crate::domain::kernel::arn::Arn;
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{TAG_CLUSTER, Tags};
use crate::domain::mutual_tls::leaving::is_declared;
use crate::domain::mutual_tls::{Desired, TAG_SERVES};

/// The value of [`TAG_SERVES`] on a certificate that objects share.
pub const SERVES_SHARED: &str = "shared-origin";
/// What the names of such a one lie below, as a tag: no tag takes the asterisk of a wildcard.
pub const TAG_BELOW: &str = "palisade.dev/origin-names-below";

/// What one certificate of a cluster and an AWS account is shared by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shared {
    /// The API's Region.
    pub region: String,
    /// What the names lie below, by one label.
    pub below: String,
}

impl Shared {
    /// The one that an object declares.
    #[must_use]
    pub fn of(desired: &Desired) -> Option<Self> {
        let below = below(&desired.origin_domain).filter(|_| desired.shares_certificate)?;
        Some(Self {
            region: desired.gate.region.clone(),
            below,
        })
    }

    /// The same, of a spec.
    #[must_use]
    pub fn of_spec(spec: &ProtectedApiSpec) -> Option<Self> {
        let wanted = spec.access.as_ref()?.mutual_tls.as_ref()?;
        let is_shared = wanted.shared_certificate.unwrap_or_default() && wanted.certificate_arn.is_none();
        let below = below(&wanted.origin_domain).filter(|_| is_shared && is_declared(spec))?;
        Some(Self {
            region: gate(&spec.origin).region,
            below,
        })
    }

    /// The one that a certificate of `cluster` is, by its tags.
    #[must_use]
    pub fn of_tags(arn: &str, tags: &Tags, cluster: &str) -> Option<Self> {
        let is = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
        let is_ours = is(TAG_SERVES, SERVES_SHARED) && is(TAG_CLUSTER, cluster);
        let below = tags.get(TAG_BELOW).filter(|_| is_ours)?;
        Some(Self {
            region: Arn::of(arn)?.region.to_owned(),
            below: below.clone(),
        })
    }

    /// The certificate's one name.
    #[must_use]
    pub fn wildcard(&self) -> String {
        format!("*.{}", self.below)
    }

    /// Its tags: none names an object, since it is nobody's own.
    #[must_use]
    pub fn tags(&self, cluster: &str) -> Tags {
        let tags = [
            (TAG_CLUSTER, cluster),
            (TAG_SERVES, SERVES_SHARED),
            (TAG_BELOW, self.below.as_str()),
        ];
        tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    /// With the same token ACM answers with the same certificate for an hour, whichever object asks.
    #[must_use]
    pub fn token(&self, cluster: &str, attempt: u32) -> String {
        hash::short(&(SERVES_SHARED, cluster, &self.region, &self.below, attempt))
    }

    /// Whether it covers a name: one label below.
    #[must_use]
    pub fn covers(&self, name: &str) -> bool {
        below(name).is_some_and(|below| below == self.below)
    }
}

fn below(name: &str) -> Option<String> {
    name.split_once('.').map(|(_, below)| below.to_owned())
}

/// How fit a certificate is, the fittest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fitness {
    /// It can be used.
    Issued,
    /// It is being proved, or was not read yet.
    Pending,
    /// ACM has given it up, or it is valid no more.
    Unfit,
}

/// The fitness of what ACM says this of.
#[must_use]
pub fn fitness(status: &str) -> Fitness {
    match status {
        ISSUED => Fitness::Issued,
        PENDING => Fitness::Pending,
        _ => Fitness::Unfit,
    }
}
