//! Distributions that Palisade made, and that may be of another cluster.

use super::listing::Listing;
use crate::api::Origin;
use crate::domain::edge::distribution::{COMMENT_START, Listed};
use crate::domain::kernel::identity::Owner;
use crate::domain::tenancy::rivals::{is_elsewhere, names_other_cluster};

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
