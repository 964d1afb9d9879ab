//! What owners left behind: condemned functions and roles to delete, and orphans to report.

use super::listing::Listing;
use super::unowned::Unowned;
use crate::domain::kernel::identity::{
    IAM_PATH, Owner, TAG_CLUSTER, TAG_CONDEMNED, TAG_RETAINED, Tags, owner_of,
};
use crate::domain::kernel::packed::Packed;
use crate::domain::kernel::planning::Kind;
use std::collections::BTreeMap;

/// One resource for the sweeper, and the object that it was of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Condemned {
    Function {
        name: String,
        owner: Option<Owner>,
    },
    Role {
        name: String,
        arn: String,
        owner: Option<Owner>,
    },
}

/// Condemned resources of `cluster` that may be tried now: a role only once the function that uses it, which bears
/// the same name, is gone.
#[must_use]
pub fn condemned(listing: &Listing, cluster: &str) -> Vec<Condemned> {
    let functions = listing
        .functions
        .values()
        .filter_map(Packed::unpack)
        .filter_map(|function| {
            let tags = listing.tags_of(&function.arn)?;
            may_sweep(&tags, cluster).then(|| Condemned::Function {
                name: function.name,
                owner: owner_of(&tags),
            })
        });
    let roles = listing
        .roles
        .values()
        .filter_map(Packed::unpack)
        .filter(|role| role.path == IAM_PATH && may_sweep(&role.tags, cluster))
        .filter(|role| {
            let function = listing.functions.get(&role.name).and_then(Packed::unpack);
            function.is_none_or(|function| function.settings.role != role.arn)
        })
        .map(|role| Condemned::Role {
            name: role.name,
            arn: role.arn,
            owner: owner_of(&role.tags),
        });
    functions.chain(roles).collect()
}

/// Whether the sweeper may delete a resource with these tags.
#[must_use]
pub fn may_sweep(tags: &Tags, cluster: &str) -> bool {
    tags.get(TAG_CLUSTER).is_some_and(|found| found == cluster)
        && tags.contains_key(TAG_CONDEMNED)
        && !tags.contains_key(TAG_RETAINED)
}

/// Number of resources by kind that nobody owns and nobody left on purpose: they are reported and never deleted.
#[must_use]
pub fn orphans(unowned: &[Unowned]) -> BTreeMap<Kind, usize> {
    let mut counts = BTreeMap::new();
    for found in unowned.iter().filter(|found| found.retained.is_none()) {
        *counts.entry(found.kind).or_insert(0) += 1;
    }
    counts
}
