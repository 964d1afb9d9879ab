//! What the names of the distribution need of others.

use super::certificate;
use super::known::SeenDistribution;
use super::names::{Desired, Seen, TAG_ZONES};
use crate::domain::kernel::identity::{Owner, Ownership, ownership_proven};
use crate::domain::kernel::observing::Pass;
use std::collections::BTreeSet;

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
        ownership_proven(&found.tags, self.owner, || {
            self.remembered_certificate == Some(&found.content.arn)
        })
    }
}
