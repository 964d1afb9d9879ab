//! The perimeter of an object that is gone, and whose cluster, namespace and name another object has now: after a backup was restored,
//! or after `deletionPolicy: Retain`. That object goes on with it as it stands. Names, tags and comment are made from a UID, and the
//! former one stays: nothing is made anew, and nothing has to be written for the takeover, so that nothing can break it off.
//!
//! A cluster has one object of a name at a time, so whoever had it before is gone, and nobody else keeps what it left.

use super::listing::Listing;
use super::strangers::object_of;
use crate::api::ProtectedApiSpec;
use crate::domain::adoption::adopts;
use crate::domain::edge::distribution::{Listed, comment};
use crate::domain::kernel::identity::{Owner, TAG_ADOPTED, TAG_CONDEMNED, Tags, owner_of};
use crate::domain::kernel::keeping::keeper_of;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::signer::role;

/// Distributions that an earlier object of `owner`'s name may have left before the API of `spec`; none where `owner` has one of its own.
#[must_use]
pub fn left_by_namesakes(spec: &ProtectedApiSpec, owner: &Owner, listing: &Listing) -> Vec<Listed> {
    let rows = listing.distributions.values();
    // What it took over bears another name, and its own in tags.
    let is_kept = |row: &Listed| {
        let tags = listing.tags_of(&row.arn);
        tags.and_then(|tags| keeper_of(&tags)) == Some(owner.keeper())
    };
    let ours: Vec<&Listed> = rows
        .filter(|row| !row.is_staging && (is_of_name(row, owner) || (leads_there(spec, row) && is_kept(row))))
        .collect();
    if ours.iter().any(|row| is_named(row, &owner.uid)) {
        return vec![];
    }
    // Its viewers are led to no other API.
    ours.iter()
        .filter(|row| leads_there(spec, row))
        .map(|row| (*row).clone())
        .collect()
}

/// Whether a distribution leads to the API of `spec`.
pub(super) fn leads_there(spec: &ProtectedApiSpec, row: &Listed) -> bool {
    let mut origins = row.origins.iter();
    origins.any(|(domain, _)| origins_of(spec).any(|ours| domain.eq_ignore_ascii_case(ours)))
}

/// The UID by which the perimeter goes on, where its distribution bears `tags`.
#[must_use]
pub fn former_uid(tags: &Tags, owner: &Owner) -> Option<String> {
    // What bears other names than the object's is known again by spec.takeOver.
    let former = owner_of(tags).filter(|found| !tags.contains_key(TAG_CONDEMNED) && found.taken.is_none())?;
    let is_namesake =
        (&former.cluster, &former.namespace, &former.name) == (&owner.cluster, &owner.namespace, &owner.name);
    (is_namesake && former.uid != owner.uid).then_some(former.uid)
}

/// Why the distribution `id` with these tags is not taken over: it was adopted, and what `spec` does not say of it would be taken from its
/// viewers, as an adoption does not.
#[must_use]
pub fn unnamed(spec: &ProtectedApiSpec, id: &str, tags: &Tags) -> Option<Rejection> {
    let is_unnamed = tags.contains_key(TAG_ADOPTED) && !adopts(spec, id);
    is_unnamed.then(|| {
        Rejection::new(
            Reason::AdoptionRefused,
            format!(
                "distribution {id} was adopted by an earlier object, and this spec does not say so: nothing is built \
                 beside it, and nothing of it is touched. Write spec.distribution.adopt: {{id: {id}}}"
            ),
        )
    })
}

/// Whether what bears `tags` proves that an object of this cluster, namespace and name had `owner`'s UID.
#[must_use]
pub fn proves(tags: &Tags, owner: &Owner) -> bool {
    owner_of(tags).as_ref() == Some(owner)
}

/// Why nothing is touched under the UID that status claims for `owner`, while something stands that does not prove it.
#[must_use]
pub fn unproven(owner: &Owner) -> Rejection {
    let Owner {
        namespace, name, uid, ..
    } = owner;
    let tags: Vec<String> = owner
        .tags()
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let tags = tags.join(", ");
    // Its name says whose it is, which a distribution that status names does not.
    let role = owner.resource_name(role::NAME_LIMIT);
    Rejection::new(
        Reason::NameTaken,
        format!(
            "status.perimeterUid is {uid}, and no tags prove that an object of this namespace and name had that UID: nothing is touched. \
             If somebody else wrote status, take the field away: kubectl patch protectedapi {name} -n {namespace} \
             --subresource=status --type=merge -p '{{\"status\":{{\"perimeterUid\":null}}}}'. If you know that what stands is this \
             object's and lost its tags, give its IAM role {role} back {tags}"
        ),
    )
}

/// Which of several is gone on with, by UID and whether it is enabled: the one that serves. Of two that serve none is, since that would
/// leave the other.
#[must_use]
pub fn chosen(mut found: Vec<(String, bool)>) -> Option<String> {
    if found.iter().any(|(_, enabled)| *enabled) {
        found.retain(|(_, enabled)| *enabled);
    }
    match found.as_slice() {
        [(uid, _)] => Some(uid.clone()),
        _ => None,
    }
}

/// What CloudFront asks for a perimeter of `spec`, in whichever mode: the former one may have been another.
fn origins_of(spec: &ProtectedApiSpec) -> impl Iterator<Item = &str> {
    let access = spec.access.as_ref();
    let mutual_tls = access.and_then(|access| access.mutual_tls.as_ref());
    let domain = mutual_tls.map(|wanted| wanted.origin_domain.as_str());
    std::iter::once(spec.origin.endpoint.as_str()).chain(domain)
}

/// Whether the comment, which is cut where names are long, is that of an object of `owner`'s namespace and name. Whose it is, tags tell.
fn is_of_name(row: &Listed, owner: &Owner) -> bool {
    object_of(&row.comment).is_some_and(|(found, _)| {
        let former = Owner {
            uid: found.to_owned(),
            ..owner.clone()
        };
        row.comment == comment(&former)
    })
}

/// Whether a distribution's comment says that it was made for the object of this UID.
pub(super) fn is_named(row: &Listed, uid: &str) -> bool {
    object_of(&row.comment).is_some_and(|(found, _)| found == uid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::identity::TAG_RETAINED;

    fn owner(uid: &str) -> Owner {
        Owner {
            cluster: "c".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: uid.into(),
            taken: None,
        }
    }

    #[test]
    fn what_an_object_of_the_same_name_left_is_gone_on_with_also_where_it_was_retained() {
        let mut tags = owner("old").tags();
        assert_eq!(former_uid(&tags, &owner("new")).as_deref(), Some("old"));
        tags.insert(TAG_RETAINED.into(), "now".into());
        assert_eq!(former_uid(&tags, &owner("new")).as_deref(), Some("old"));
    }

    #[test]
    fn what_is_condemned_of_another_name_namespace_or_cluster_or_its_own_is_not_taken_over() {
        let mut condemned = owner("old").tags();
        condemned.insert(TAG_CONDEMNED.into(), "now".into());
        assert_eq!(former_uid(&condemned, &owner("new")), None);
        assert_eq!(former_uid(&owner("new").tags(), &owner("new")), None);
        assert_eq!(former_uid(&Tags::new(), &owner("new")), None);
        for key in [
            "palisade.dev/cluster",
            "palisade.dev/namespace",
            "palisade.dev/name",
        ] {
            let mut theirs = owner("old").tags();
            theirs.insert(key.into(), "theirs".into());
            assert_eq!(former_uid(&theirs, &owner("new")), None, "{key}");
            theirs.remove(key);
            assert_eq!(former_uid(&theirs, &owner("new")), None, "{key}");
        }
    }

    #[test]
    fn a_uid_is_proven_by_all_tags_of_a_namesake_and_by_nothing_less() {
        assert!(proves(&owner("old").tags(), &owner("old")));
        assert!(!proves(&owner("another").tags(), &owner("old")));
        assert!(!proves(&Tags::new(), &owner("old")));
        for key in owner("old").tags().keys() {
            let mut less = owner("old").tags();
            less.insert(key.clone(), "theirs".into());
            assert!(!proves(&less, &owner("old")), "{key}");
            less.remove(key);
            assert!(!proves(&less, &owner("old")), "{key}");
        }
    }

    #[test]
    fn of_several_the_one_that_serves_is_chosen_and_of_two_that_serve_none() {
        let of = |all: &[(&str, bool)]| {
            chosen(
                all.iter()
                    .map(|(uid, enabled)| ((*uid).to_owned(), *enabled))
                    .collect(),
            )
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("a", false)]).as_deref(), Some("a"));
        assert_eq!(of(&[("a", false), ("b", true)]).as_deref(), Some("b"));
        assert_eq!(of(&[("a", true), ("b", true)]), None);
        assert_eq!(of(&[("a", false), ("b", false)]), None);
    }
}
