//! Distributions that Palisade made for other objects before the same API: of another cluster, or left behind.

use super::listing::Listing;
use crate::api::Origin;
use crate::domain::access::api::DEFAULT_STAGE;
use crate::domain::access::other_signers::OtherSigners;
use crate::domain::edge::distribution::{COMMENT_START, Listed};
use crate::domain::kernel::identity::{Owner, TAG_CONDEMNED, TAG_UID, is_abandoned};
use crate::domain::signer::role;
use crate::domain::tenancy::rivals::{is_elsewhere, names_other_cluster};
use std::collections::BTreeSet;

/// Ids of the distributions that Palisade made, and of which the lists do not show that it was for this cluster. Hardly any,
/// so that not every pass over an object has to ask all distributions.
#[must_use]
pub fn strangers(listing: &Listing, cluster: &str) -> Vec<String> {
    let is_strange = |row: &&Listed| {
        row.comment.starts_with(COMMENT_START)
            && !row.is_staging
            && listing
                .tags_of(&row.arn)
                .is_none_or(|tags| names_other_cluster(&tags, cluster))
    };
    let found = listing.distributions.values().filter(is_strange);
    found.map(|row| row.id.clone()).collect()
}

/// Those of the strangers that stand before the same API and path.
pub fn suspects<'a>(
    origin: &'a Origin,
    owner: &'a Owner,
    listing: &'a Listing,
) -> impl Iterator<Item = &'a Listed> {
    let path = origin.path.as_deref().unwrap_or_default();
    let is_same_origin = move |origins: &[(String, String)]| {
        origins
            .iter()
            .any(|(domain, found)| *domain == origin.endpoint && found == path)
    };
    let strangers = listing.strangers.iter();
    let strangers = strangers.filter_map(|id| listing.distributions.get(id));
    strangers.filter(move |row| {
        row.enabled
            && is_same_origin(&row.origins)
            && !row.comment.contains(&owner.uid)
            && listing
                .tags_of(&row.arn)
                .is_none_or(|tags| is_elsewhere(&tags, owner))
    })
}

/// Who signs for viewers of the same API besides `owner`, as far as lists show, and no object of this cluster. `siblings` are the
/// UIDs of the other objects of the API; `None` where nobody can tell who signs.
#[must_use]
pub fn other_signers(
    origin: &Origin,
    owner: &Owner,
    listing: &Listing,
    siblings: Option<&BTreeSet<String>>,
) -> Option<OtherSigners> {
    let is_before_it = |row: &&Listed| {
        let mut origins = row.origins.iter();
        row.enabled
            && !row.is_staging
            && row.comment.starts_with(COMMENT_START)
            && !row.comment.contains(&owner.uid)
            && origins.any(|(domain, path)| *domain == origin.endpoint && may_lead_to(path, &origin.stage))
    };
    let rows = listing.distributions.values().filter(is_before_it);
    let roles: Vec<role::Observed> = rows
        .flat_map(|row| &row.functions)
        .filter_map(|version| role_of(version, listing))
        .collect();
    let mut found = OtherSigners::default();
    for role in roles {
        let uid = role.tags.get(TAG_UID).filter(|uid| **uid != owner.uid);
        let Some(uid) = uid.filter(|_| !role.tags.contains_key(TAG_CONDEMNED)) else {
            continue;
        };
        let siblings = siblings?;
        if is_abandoned(&role.tags, &owner.cluster, |uid| siblings.contains(uid)) {
            found.left.insert(role.arn);
        } else if !siblings.contains(uid) {
            found.living.insert(role.arn);
        }
    }
    Some(found)
}

/// Whether a distribution that puts `path` before its viewers' leads them to that stage, or may.
fn may_lead_to(path: &str, stage: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    first.is_empty() || first == stage || stage == DEFAULT_STAGE
}

/// The role of a signer, of which a version runs: both have one name.
fn role_of(version_arn: &str, listing: &Listing) -> Option<role::Observed> {
    let (_, function) = version_arn.split_once(":function:")?;
    let name = function.split(':').next()?;
    listing.roles.get(name)?.unpack()
}
