//! One API and stage has one owner: within the cluster, and across clusters.

use crate::api::{Origin, ProtectedApiSpec};
use crate::domain::access::proof::Proof;
use crate::domain::edge::distribution::{COMMENT_START, Listed};
use crate::domain::kernel::identity::{Owner, TAG_CLUSTER, TAG_RETAINED, Tags};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::perimeter::listing::Listing;
use std::collections::BTreeSet;

/// An object that protects the same API and stage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// RFC 3339, which sorts by time.
    pub created: String,
    /// Breaks ties between objects of one second.
    pub uid: String,
    /// `<namespace>/<name>`, for people.
    pub object: String,
}

/// The claim that comes before `own`, if one does: the older object owns the API and stage.
#[must_use]
pub fn first_of<'a>(own: &Claim, others: impl IntoIterator<Item = &'a Claim>) -> Option<&'a Claim> {
    others
        .into_iter()
        .filter(|other| other.uid != own.uid && *other < own)
        .min()
}

/// The refusal of an object whose API and stage belong to `owner`.
#[must_use]
pub fn owned_by(owner: &Claim, origin: &Origin) -> Rejection {
    Rejection::new(
        Reason::OwnedByAnother,
        format!(
            "spec.origin: stage {} of {} is protected by the older object {}, which may serve viewers: take this one back. It \
             goes on by itself should the other be gone",
            origin.stage, origin.endpoint, owner.object
        ),
    )
}

/// Whether two specs ask for different locks of what stages of one API share: its methods or routes.
#[must_use]
pub fn asks_otherwise(a: &ProtectedApiSpec, b: &ProtectedApiSpec) -> bool {
    let lock = |spec: &ProtectedApiSpec| {
        let access = spec.access.clone().unwrap_or_default();
        let excluded: BTreeSet<_> = access.exclude_methods.unwrap_or_default().into_iter().collect();
        (Proof::of(spec), access.enforcement.unwrap_or_default(), excluded)
    };
    lock(a) != lock(b)
}

/// The refusal of an object whose lock would contradict that of `owner`, on another stage of the same API.
#[must_use]
pub fn access_differs(owner: &Claim, origin: &Origin) -> Rejection {
    Rejection::new(
        Reason::AccessDiffers,
        format!(
            "spec.access: the older object {} protects another stage of {}, and stages share their methods: give both the \
             same mode, enforcement and excludeMethods",
            owner.object, origin.endpoint
        ),
    )
}

/// Ids of the distributions that Palisade made, and of which the lists do not show that it was for this cluster. Hardly any,
/// so that not every pass over an object has to ask all distributions.
#[must_use]
pub fn strangers(listing: &Listing, cluster: &str) -> Vec<String> {
    let is_strange = |row: &&Listed| {
        row.comment.starts_with(COMMENT_START)
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

/// Whether tags name another cluster than the owner's, and an object there that did not leave its perimeter behind.
#[must_use]
pub fn is_elsewhere(tags: &Tags, owner: &Owner) -> bool {
    names_other_cluster(tags, &owner.cluster)
}

fn names_other_cluster(tags: &Tags, cluster: &str) -> bool {
    !tags.contains_key(TAG_RETAINED) && tags.get(TAG_CLUSTER).is_some_and(|found| found != cluster)
}

/// The refusal of an object before whose API another cluster's distribution stands.
#[must_use]
pub fn protected_elsewhere(distribution: &Listed) -> Rejection {
    Rejection::new(
        Reason::ProtectedElsewhere,
        format!(
            "spec.origin: distribution {id} of another cluster ({}) stands before the same API and path. To move it here without \
             a gap, set spec.deletionPolicy: Retain on its ProtectedApi there and delete that; if that cluster is gone, run \
             `aws cloudfront tag-resource --resource {arn} --tags 'Items=[{{Key={TAG_RETAINED},Value=moved}}]'`. It serves viewers \
             all the while, and this object goes on beside it",
            distribution.comment,
            id = distribution.id,
            arn = distribution.arn,
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(created: &str, uid: &str) -> Claim {
        Claim {
            created: created.into(),
            uid: uid.into(),
            object: format!("shop/{uid}"),
        }
    }

    #[test]
    fn the_older_object_owns_the_api() {
        let (old, new) = (
            claim("2026-01-01T00:00:00Z", "b"),
            claim("2026-01-02T00:00:00Z", "a"),
        );
        assert_eq!(first_of(&new, [&old, &new]), Some(&old));
        assert_eq!(first_of(&old, [&old, &new]), None);
    }

    #[test]
    fn of_two_objects_of_one_second_the_smaller_uid_owns_the_api() {
        let (a, b) = (
            claim("2026-01-01T00:00:00Z", "a"),
            claim("2026-01-01T00:00:00Z", "b"),
        );
        assert_eq!(first_of(&b, [&a, &b]), Some(&a));
    }
}
