//! What the resources of this room need of others, as plain values.

use crate::domain::kernel::identity::{Owner, Ownership};
use crate::domain::kernel::observing::Pass;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What Shield's resources of one object need of others.
#[derive(Debug, Clone)]
pub struct Inputs<'a> {
    /// The object.
    pub owner: &'a Owner,
    /// What the pass knows.
    pub pass: &'a Pass,
    /// ARN of the distribution, once it is ours and marked as protected.
    pub target: Option<&'a str>,
    /// The name by which a health check of ours asks, once there is a distribution.
    pub asked_name: Option<&'a str>,
    /// Whether the distribution's configuration is in force everywhere.
    pub is_deployed: bool,
    /// ARN of the web ACL, once that is known to be ours.
    pub web_acl: Option<String>,
    /// Whether the account is not subscribed to Shield Advanced, so that nothing may be made or changed.
    pub is_unsubscribed: bool,
    /// Ids of the health checks that the protection has.
    pub associated: Option<&'a BTreeSet<String>>,
    /// Which `CallerReference` a new health check takes.
    pub reference: u32,
    /// Whether the web ACL that the distribution names was read since the response was last switched, and has no rule of Shield's.
    pub lacks_rule: bool,
    /// Since when the automatic response counts, as status remembers it.
    pub count_since: Option<Timestamp>,
    /// Whose the resources are that were read in full.
    pub whose: Whose,
    /// Which resources status names: those are looked for directly, whatever lists say.
    pub known: Known,
}

/// Whose each resource is; somebody else's where it was not read in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Whose {
    pub protection: Ownership,
    pub health_check: Ownership,
    pub alarm: Ownership,
}

/// Which resources status names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Known {
    pub protection: bool,
    pub health_check: bool,
    pub alarm: bool,
}

impl Inputs<'_> {
    /// Whether the protection has this health check.
    pub(super) fn has_associated(&self, health_check: &str) -> bool {
        self.associated.is_some_and(|ids| ids.contains(health_check))
    }
}
