//! Who owns what: names and tags made from an object's UID, and the predicate that decides what may be touched.

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
/// IAM path of every role we make.
pub const IAM_PATH: &str = "/palisade/";

const PREFIX: &str = "palisade";
const UID_SUFFIX: usize = 8;

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
}

impl Owner {
    /// `palisade-<namespace>-<name>-<first 8 of UID>`, cut in the middle to `limit` bytes; the UID's part always stays.
    #[must_use]
    pub fn resource_name(&self, limit: usize) -> String {
        self.suffixed_name("", limit)
    }

    /// Like [`Owner::resource_name`], with `-<suffix>` after the UID's part; neither is ever cut.
    #[must_use]
    pub fn suffixed_name(&self, suffix: &str, limit: usize) -> String {
        let uid = self.uid.get(..UID_SUFFIX).unwrap_or(&self.uid);
        let tail = if suffix.is_empty() { format!("-{uid}") } else { format!("-{uid}-{suffix}") };
        let head = format!("{PREFIX}-{}-{}", self.namespace, self.name).replace('.', "-");
        let room = limit.saturating_sub(tail.len()).min(head.len());
        let cut = head.get(..room).unwrap_or(&head).trim_end_matches('-');
        format!("{cut}{tail}")
    }

    /// The tags that mark a resource as this owner's.
    #[must_use]
    pub fn tags(&self) -> Tags {
        [
            (TAG_CLUSTER, &self.cluster),
            (TAG_NAMESPACE, &self.namespace),
            (TAG_NAME, &self.name),
            (TAG_UID, &self.uid),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.clone()))
        .collect()
    }
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
    /// Somebody else's, or nobody's: never touched.
    Foreign,
}

/// Decides from `tags` alone whether a resource belongs to `owner`.
#[must_use]
pub fn ownership(tags: &Tags, owner: &Owner) -> Ownership {
    let is = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
    if !is(TAG_CLUSTER, &owner.cluster) || !is(TAG_UID, &owner.uid) {
        Ownership::Foreign
    } else if tags.contains_key(TAG_CONDEMNED) {
        Ownership::Condemned
    } else if tags.contains_key(TAG_RETAINED) {
        Ownership::Retained
    } else {
        Ownership::Ours
    }
}

/// The owner that `tags` name, if they name one completely.
#[must_use]
pub fn owner_of(tags: &Tags) -> Option<Owner> {
    let get = |key: &str| tags.get(key).cloned();
    Some(Owner {
        cluster: get(TAG_CLUSTER)?,
        namespace: get(TAG_NAMESPACE)?,
        name: get(TAG_NAME)?,
        uid: get(TAG_UID)?,
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
        }
    }

    #[test]
    fn a_name_carries_namespace_name_and_the_start_of_the_uid() {
        assert_eq!(owner().resource_name(64), "palisade-shop-petstore-12345678");
    }

    #[test]
    fn a_long_name_is_cut_in_the_middle_and_keeps_the_uid() {
        let long = Owner { name: "x".repeat(63), ..owner() };
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
        let predecessor = Owner { uid: "99999999".into(), ..owner() };
        assert_eq!(ownership(&predecessor.tags(), &owner()), Ownership::Foreign);
    }

    #[test]
    fn a_resource_of_another_cluster_is_foreign() {
        let elsewhere = Owner { cluster: "other".into(), ..owner() };
        assert_eq!(ownership(&elsewhere.tags(), &owner()), Ownership::Foreign);
    }

    #[test]
    fn an_untagged_resource_is_foreign() {
        assert_eq!(ownership(&Tags::new(), &owner()), Ownership::Foreign);
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
    fn tags_name_their_owner_again() {
        assert_eq!(owner_of(&owner().tags()), Some(owner()));
    }
}
