//! Who owns what: names and tags made from an object's UID, and the predicate that decides what may be touched.

use super::keeping::{
    TAG_CLAIMED_BY, TAG_OFFERED_TO, TAG_RELEASED_TO, TakenOver, is_of_keeper_before, keeper_of,
    released_to_another,
};
use crate::api::ProtectedApi;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Tags of an AWS resource.
pub type Tags = BTreeMap<String, String>;

/// The UID of the cluster's kube-system namespace.
pub const TAG_CLUSTER: &str = "palisade.dev/cluster";
/// The owner's namespace.
pub const TAG_NAMESPACE: &str = "palisade.dev/namespace";
/// The owner's name.
pub const TAG_NAME: &str = "palisade.dev/name";
/// The owner's UID.
pub const TAG_UID: &str = "palisade.dev/uid";
/// Set when the owner is gone and only the sweeper may act; its value is the time (RFC 3339).
pub const TAG_CONDEMNED: &str = "palisade.dev/condemned";
/// Set when the owner was deleted with `deletionPolicy: Retain`; its value is the time (RFC 3339).
pub const TAG_RETAINED: &str = "palisade.dev/retained";
/// Set on a distribution that stood before its owner and was adopted; its value is the time (RFC 3339), or unknown where somebody took
/// the mark away.
pub const TAG_ADOPTED: &str = "palisade.dev/adopted";
/// Keys of the tags that the spec and the controller's defaults asked for, so that one taken out of the spec is removed.
pub const TAG_KEYS: &str = "palisade.dev/tag-keys";
/// AWS's limit on a tag's value, in characters.
pub(crate) const TAG_VALUE_LIMIT: usize = 256;
/// IAM path of every role we make.
pub const IAM_PATH: &str = "/palisade/";

/// What every name that we give begins with, and many an identifier.
pub const PREFIX: &str = "palisade";
/// Start of every name that we give.
pub const NAME_START: &str = "palisade-";
/// As many characters of a UID stand in names.
const SHORT_UID: usize = 8;

/// The object that a resource belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner {
    /// UID of the cluster's kube-system namespace.
    pub cluster: String,
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// The object's UID.
    pub uid: String,
    /// Where the parts were made for another object, and this one took them over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Box<TakenOver>>,
}

impl Owner {
    /// The part of the UID that stands in names.
    #[must_use]
    pub fn short_uid(&self) -> &str {
        self.uid.get(..SHORT_UID).unwrap_or(&self.uid)
    }

    /// `palisade-<namespace>-<name>-<first 8 of UID>`, cut in the middle to `limit` bytes; the UID's part always stays.
    #[must_use]
    pub fn resource_name(&self, limit: usize) -> String {
        self.suffixed_name("", limit)
    }

    /// Like [`Owner::resource_name`], with `-<suffix>` after the UID's part; neither is ever cut.
    #[must_use]
    pub fn suffixed_name(&self, suffix: &str, limit: usize) -> String {
        let uid = self.short_uid();
        let tail = if suffix.is_empty() {
            format!("-{uid}")
        } else {
            format!("-{uid}-{suffix}")
        };
        let named = self.made_for();
        let head = format!("{PREFIX}-{}-{}", named.namespace, named.name).replace('.', "-");
        let room = limit.saturating_sub(tail.len()).min(head.len());
        let cut = head.get(..room).unwrap_or(&head).trim_end_matches('-');
        format!("{cut}{tail}")
    }

    /// The tags that mark a resource as this owner's.
    #[must_use]
    pub fn tags(&self) -> Tags {
        let taken = self.taken.iter().flat_map(|taken| taken.tags());
        [
            (TAG_CLUSTER, &self.cluster),
            (TAG_NAMESPACE, &self.namespace),
            (TAG_NAME, &self.name),
            (TAG_UID, &self.uid),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .chain(taken)
        .collect()
    }
}

/// The UID that the resources of `object` are named and tagged after: its own, unless it goes on with what an earlier object of its name
/// left.
#[must_use]
pub fn perimeter_uid(object: &ProtectedApi) -> Option<&str> {
    let status = object.status.as_ref();
    let former = status.and_then(|status| status.perimeter_uid.as_deref());
    former.or(object.metadata.uid.as_deref())
}

/// The tags of a resource of `owner`: `custom` ones, the owner's, and the list of the custom keys.
#[must_use]
pub fn tags_for(owner: &Owner, custom: &Tags) -> Tags {
    let mut tags = custom.clone();
    if let Some(keys) = joined_keys(custom) {
        tags.insert(TAG_KEYS.to_owned(), keys);
    }
    tags.extend(owner.tags());
    tags
}

/// Whether AWS takes two tag keys for one: to IAM keys that differ in case alone are the same.
#[must_use]
pub fn is_same_key(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// Whether a tag key is AWS's or ours, in any case: nobody else may set it.
#[must_use]
pub fn is_reserved(key: &str) -> bool {
    let key = key.to_lowercase();
    key.starts_with("palisade.dev/") || key.starts_with("aws:")
}

/// Keys beyond the limit of a tag's value are left out: their tags then outlive their entry in the spec.
fn joined_keys(custom: &Tags) -> Option<String> {
    let mut joined = String::new();
    for key in custom.keys().filter(|key| !key.contains(' ')) {
        if joined.len() + key.len() < TAG_VALUE_LIMIT {
            joined.push_str(if joined.is_empty() { "" } else { " " });
            joined.push_str(key);
        }
    }
    (!joined.is_empty()).then_some(joined)
}

/// What has to be written so that `found` carries `wanted`: tags to set, and keys to remove. Tags of others stay.
#[must_use]
pub fn tag_changes(found: &Tags, wanted: &Tags) -> (Tags, Vec<String>) {
    let set = wanted
        .iter()
        .filter(|(key, value)| found.get(*key) != Some(value));
    let listed = found.get(TAG_KEYS).map(String::as_str).unwrap_or_default();
    let states = [
        TAG_CONDEMNED,
        TAG_RETAINED,
        TAG_KEYS,
        TAG_OFFERED_TO,
        TAG_CLAIMED_BY,
        TAG_RELEASED_TO,
    ];
    let unset = listed
        .split(' ')
        .chain(states)
        .filter(|key| found.contains_key(*key) && !wanted.contains_key(*key))
        .map(ToOwned::to_owned)
        .collect();
    (
        set.map(|(key, value)| (key.clone(), value.clone())).collect(),
        unset,
    )
}

/// What the tags of a resource say about whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// This owner's, and alive.
    Ours,
    /// This owner's, released to the sweeper.
    Condemned,
    /// This owner's, left behind on purpose.
    Retained,
    /// This owner's by other proof than tags, which somebody took away: they are put back before anything else is written. So is what
    /// bears the tags of the keeper from which this owner took the perimeter over.
    Stripped,
    /// Somebody else's, or nobody's: never touched.
    Foreign,
}

/// Decides from `tags` alone whether a resource belongs to `owner`. A UID alone is no proof, since status may say any.
#[must_use]
pub fn ownership(tags: &Tags, owner: &Owner) -> Ownership {
    let is = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
    if released_to_another(tags, owner).is_some() {
        Ownership::Foreign
    } else if is(TAG_UID, &owner.uid) && is_of_keeper_before(tags, owner) {
        Ownership::Stripped
    } else if !is(TAG_CLUSTER, &owner.cluster) || !is(TAG_UID, &owner.uid) || names_another(tags, owner) {
        Ownership::Foreign
    } else if tags.contains_key(TAG_CONDEMNED) {
        Ownership::Condemned
    } else if tags.contains_key(TAG_RETAINED) {
        Ownership::Retained
    } else {
        Ownership::Ours
    }
}

/// Like [`ownership`], where tags may have been taken away: as long as none that is left names somebody else, `is_proven`
/// decides.
#[must_use]
pub fn ownership_proven(tags: &Tags, owner: &Owner, is_proven: impl FnOnce() -> bool) -> Ownership {
    match ownership(tags, owner) {
        Ownership::Foreign if !names_another(tags, owner) && is_proven() => Ownership::Stripped,
        known => known,
    }
}

/// Whether one of the owner's tags has a value that is not `owner`'s, or it was let go to another.
fn names_another(tags: &Tags, owner: &Owner) -> bool {
    let is_other = |(key, value): (&String, &String)| tags.get(key).is_some_and(|found| found != value);
    owner.tags().iter().any(is_other) || released_to_another(tags, owner).is_some()
}

/// Whether what bears `tags` has no owner any more: it was released, or left behind on purpose, or its object in this cluster
/// is gone. What another cluster has is not judged.
#[must_use]
pub fn is_abandoned(tags: &Tags, cluster: &str, is_alive: impl FnOnce(&str) -> bool) -> bool {
    if tags.contains_key(TAG_RETAINED) || tags.contains_key(TAG_CONDEMNED) {
        return true;
    }
    let is_here = tags.get(TAG_CLUSTER).is_some_and(|found| found == cluster);
    is_here && tags.get(TAG_UID).is_some_and(|uid| !is_alive(uid))
}

/// The owner that `tags` name, if they name one completely.
#[must_use]
pub fn owner_of(tags: &Tags) -> Option<Owner> {
    let keeper = keeper_of(tags)?;
    Some(Owner {
        cluster: keeper.cluster,
        namespace: keeper.namespace,
        name: keeper.name,
        uid: tags.get(TAG_UID)?.clone(),
        taken: TakenOver::of_tags(tags).map(Box::new),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner {
            cluster: "c0ffee00-0000".into(),
            namespace: "shop".into(),
            name: "petstore".into(),
            uid: "12345678-aaaa-bbbb".into(),
            taken: None,
        }
    }

    #[test]
    fn a_name_carries_namespace_name_and_the_start_of_the_uid() {
        assert_eq!(owner().resource_name(64), "palisade-shop-petstore-12345678");
    }

    #[test]
    fn a_long_name_is_cut_in_the_middle_and_keeps_the_uid() {
        let long = Owner {
            name: "x".repeat(63),
            ..owner()
        };
        let name = long.suffixed_name("block", 64);
        assert!(name.len() <= 64, "{name}");
        assert!(name.ends_with("-12345678-block"), "{name}");
    }

    #[test]
    fn a_resource_with_all_our_tags_is_ours() {
        assert_eq!(ownership(&owner().tags(), &owner()), Ownership::Ours);
    }

    #[test]
    fn a_resource_of_a_predecessor_with_the_same_name_is_foreign() {
        let predecessor = Owner {
            uid: "99999999".into(),
            ..owner()
        };
        assert_eq!(ownership(&predecessor.tags(), &owner()), Ownership::Foreign);
    }

    #[test]
    fn a_resource_of_another_cluster_is_foreign() {
        let elsewhere = Owner {
            cluster: "other".into(),
            ..owner()
        };
        assert_eq!(ownership(&elsewhere.tags(), &owner()), Ownership::Foreign);
    }

    #[test]
    fn a_resource_of_another_object_is_foreign_whatever_uid_the_owner_is_said_to_have() {
        let of_namespace = Owner {
            namespace: "theirs".into(),
            ..owner()
        };
        let of_name = Owner {
            name: "theirs".into(),
            ..owner()
        };
        for theirs in [of_namespace, of_name] {
            assert_eq!(ownership(&theirs.tags(), &owner()), Ownership::Foreign);
        }
    }

    #[test]
    fn an_untagged_resource_is_foreign() {
        assert_eq!(ownership(&Tags::new(), &owner()), Ownership::Foreign);
    }

    #[test]
    fn tags_that_were_taken_away_are_no_proof_against_us_and_those_of_another_are() {
        let half = Tags::from([(TAG_UID.to_owned(), owner().uid)]);
        for tags in [Tags::new(), half] {
            assert_eq!(ownership_proven(&tags, &owner(), || true), Ownership::Stripped);
            assert_eq!(ownership_proven(&tags, &owner(), || false), Ownership::Foreign);
        }
        for key in [TAG_CLUSTER, TAG_NAMESPACE, TAG_NAME, TAG_UID] {
            let theirs = Tags::from([(key.to_owned(), "theirs".to_owned())]);
            assert_eq!(
                ownership_proven(&theirs, &owner(), || true),
                Ownership::Foreign,
                "{key}"
            );
        }
        assert_eq!(
            ownership_proven(&owner().tags(), &owner(), || false),
            Ownership::Ours
        );
    }

    #[test]
    fn condemned_and_retained_resources_are_told_apart() {
        let mut tags = owner().tags();
        tags.insert(TAG_RETAINED.into(), "now".into());
        assert_eq!(ownership(&tags, &owner()), Ownership::Retained);
        tags.insert(TAG_CONDEMNED.into(), "now".into());
        assert_eq!(ownership(&tags, &owner()), Ownership::Condemned);
    }

    #[test]
    fn what_was_left_behind_has_no_owner_and_what_another_cluster_has_is_not_judged() {
        let (cluster, tags) = (owner().cluster, owner().tags());
        assert!(!is_abandoned(&tags, &cluster, |uid| uid == owner().uid));
        assert!(is_abandoned(&tags, &cluster, |_| false));
        assert!(!is_abandoned(&tags, "another", |_| false));
        for mark in [TAG_RETAINED, TAG_CONDEMNED] {
            let mut marked = tags.clone();
            marked.insert(mark.to_owned(), "now".to_owned());
            assert!(is_abandoned(&marked, "another", |_| true), "{mark}");
        }
        assert!(!is_abandoned(&Tags::new(), &cluster, |_| false));
    }

    #[test]
    fn a_tag_taken_out_of_the_spec_is_removed_and_tags_of_others_stay() {
        let custom = Tags::from([("team".into(), "shop".into()), ("stage".into(), "prod".into())]);
        let mut found = tags_for(&owner(), &custom);
        found.insert("cost-center".into(), "42".into());
        let wanted = tags_for(&owner(), &Tags::from([("team".into(), "pets".into())]));
        let (set, unset) = tag_changes(&found, &wanted);
        assert_eq!(
            set,
            Tags::from([("team".into(), "pets".into()), (TAG_KEYS.into(), "team".into())])
        );
        assert_eq!(unset, ["stage"]);
    }

    #[test]
    fn a_resource_with_all_wanted_tags_needs_no_tag_call() {
        let tags = tags_for(&owner(), &Tags::from([("team".into(), "shop".into())]));
        assert_eq!(tag_changes(&tags, &tags), (Tags::new(), vec![]));
    }

    #[test]
    fn tags_name_their_owner_again() {
        assert_eq!(owner_of(&owner().tags()), Some(owner()));
    }
}
