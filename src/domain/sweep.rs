//! What owners left behind: condemned functions and roles to delete, and orphans to report.

use super::identity::{IAM_PATH, TAG_CLUSTER, TAG_CONDEMNED, TAG_RETAINED, TAG_UID, Tags};
use super::observed::Listing;
use super::plan::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// One resource for the sweeper.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Condemned {
    Function { name: String },
    Role { name: String, arn: String },
}

/// Condemned resources of `cluster` that may be tried now: a role only once the function that uses it, which bears
/// the same name, is gone.
#[must_use]
pub fn condemned(listing: &Listing, cluster: &str) -> Vec<Condemned> {
    let functions = listing
        .functions
        .values()
        .filter(|function| {
            listing
                .tags
                .get(&function.arn)
                .is_some_and(|tags| may_sweep(tags, cluster))
        })
        .map(|function| Condemned::Function {
            name: function.name.clone(),
        });
    let roles = listing
        .roles
        .values()
        .filter(|role| role.path == IAM_PATH && may_sweep(&role.tags, cluster))
        .filter(|role| {
            let function = listing.functions.get(&role.name);
            function.is_none_or(|function| function.settings.role != role.arn)
        })
        .map(|role| Condemned::Role {
            name: role.name.clone(),
            arn: role.arn.clone(),
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

/// Number of resources by kind that carry `cluster`'s tag and an owner that is not in `alive`, and are neither
/// condemned nor retained. They are reported and never deleted.
#[must_use]
pub fn orphans(listing: &Listing, cluster: &str, alive: &BTreeSet<String>) -> BTreeMap<Kind, usize> {
    let mut out = BTreeMap::new();
    let mut count = |kind: Kind, tags: Option<&Tags>| {
        let Some(tags) = tags else { return };
        let is_ours = tags.get(TAG_CLUSTER).is_some_and(|found| found == cluster);
        let has_owner = tags.get(TAG_UID).is_some_and(|uid| alive.contains(uid));
        let is_released = tags.contains_key(TAG_CONDEMNED) || tags.contains_key(TAG_RETAINED);
        if is_ours && !has_owner && !is_released {
            *out.entry(kind).or_insert(0) += 1;
        }
    };
    let tags_of = |arn: &str| listing.tags.get(arn);
    listing
        .roles
        .values()
        .for_each(|role| count(Kind::Role, Some(&role.tags)));
    listing
        .functions
        .values()
        .for_each(|function| count(Kind::Function, tags_of(&function.arn)));
    listing
        .ip_sets
        .values()
        .for_each(|set| count(Kind::IpSet, tags_of(&set.arn)));
    listing
        .web_acls
        .values()
        .for_each(|acl| count(Kind::WebAcl, tags_of(&acl.arn)));
    listing
        .distributions
        .values()
        .for_each(|row| count(Kind::Distribution, tags_of(&row.arn)));
    out
}
