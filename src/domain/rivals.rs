//! One API and stage has one owner: within the cluster, and across clusters.

use super::desired::Rejection;
use super::identity::{Owner, TAG_CLUSTER};
use super::observed::Listing;
use super::reason::Reason;
use crate::api::Origin;

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
            "spec.origin: stage {} of {} is protected by the older object {}; delete one of the two. This one goes on by \
             itself once the other is gone",
            origin.stage, origin.endpoint, owner.object
        ),
    )
}

/// Another cluster's distribution before the same API and path.
#[must_use]
pub fn protected_elsewhere(origin: &Origin, owner: &Owner, listing: &Listing) -> Option<Rejection> {
    let path = origin.path.as_deref().unwrap_or_default();
    let same_origin = |origins: &[(String, String)]| {
        origins
            .iter()
            .any(|(domain, found)| *domain == origin.endpoint && found == path)
    };
    let foreign = listing.distributions.values().find(|row| {
        let of_ours = listing
            .tags
            .get(&row.arn)
            .is_some_and(|tags| tags.get(TAG_CLUSTER) == Some(&owner.cluster));
        let of_palisade = row
            .comment
            .starts_with(super::resources::distribution::COMMENT_START);
        of_palisade
            && !of_ours
            && !row.comment.contains(&owner.uid)
            && row.enabled
            && same_origin(&row.origins)
    })?;
    Some(Rejection::new(
        Reason::ProtectedElsewhere,
        format!(
            "spec.origin: distribution {} of another cluster ({}) stands before the same API and path; delete its \
             ProtectedApi there first",
            foreign.id, foreign.comment
        ),
    ))
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
