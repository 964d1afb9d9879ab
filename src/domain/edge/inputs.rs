//! What the names of the distribution need of others.

use super::certificate;
use super::certificates::{Certificates, Fields};
use super::known::SeenDistribution;
use super::names::{Desired, Seen, TAG_ZONES};
use crate::domain::kernel::identity::{Owner, Ownership};
use crate::domain::kernel::observing::Pass;
use crate::domain::kernel::planning::Kind;
use std::collections::BTreeSet;

/// CloudFront takes viewers' certificates of this Region alone.
const REGION: &str = "us-east-1";
const FIELDS: Fields = Fields {
    zone: "spec.distribution.hostedZoneId",
    own: "spec.distribution.certificateArn, in place of requestCertificate",
};

/// What is declared and seen of an object's names, with what they need of others.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The object.
    pub owner: &'a Owner,
    /// What is declared; `None` where there are no names.
    pub desired: Option<&'a Desired>,
    /// What is seen.
    pub seen: &'a Seen,
    /// What the pass knows.
    pub pass: &'a Pass,
    /// The distribution.
    pub distribution: &'a SeenDistribution,
    /// The distribution's own domain name, as seen or as status remembers it.
    pub domain_name: Option<&'a str>,
    /// The hosted zones that may have records of the object's names, as status remembers them.
    pub remembered_zones: &'a [String],
    /// ARN of the certificate that status remembers.
    pub remembered_certificate: Option<&'a String>,
}

impl Inputs<'_> {
    /// The hosted zones that may have records of the object's names, as its distribution's tags and status say.
    #[must_use]
    pub fn known_zones(&self) -> BTreeSet<String> {
        let remembered = self.remembered_zones.iter().cloned();
        self.marked_zones().chain(remembered).collect()
    }

    /// The hosted zones in the distribution's tags.
    #[must_use]
    pub fn marked_zones(&self) -> std::vec::IntoIter<String> {
        let tag = self.distribution.tags().and_then(|tags| tags.get(TAG_ZONES));
        let zones: Vec<String> = tag
            .into_iter()
            .flat_map(|zones| zones.split(' '))
            .filter(|zone| !zone.is_empty())
            .map(ToOwned::to_owned)
            .collect();
        zones.into_iter()
    }

    /// Whose the certificate is.
    #[must_use]
    pub fn owns_certificate(&self, found: &certificate::Observed) -> Ownership {
        self.certificates().owns(found)
    }
}

impl<'a> Inputs<'a> {
    /// The certificates for viewers' names.
    pub(super) fn certificates(&self) -> Certificates<'a> {
        Certificates {
            kind: Kind::Certificate,
            serves: None,
            region: REGION,
            owner: self.owner,
            pass: self.pass,
            seen: &self.seen.certificates,
            attempt: self.seen.attempt,
            remembered: self.remembered_certificate,
            elsewhere: None,
            fields: FIELDS,
        }
    }
}
