//! Adoption of a distribution that stands already: in place, by its id, after its plan was shown and confirmed.
//!
//! ```text
//!  spec.distribution.adopt ─▶ Desired ──┐
//!                                       ├─▶ refusals (rivals: tools that may write it, too)   what keeps it from being adopted
//!  the distribution, its tags ─▶ Seen ──┼─▶ plan        what changes of it, and the hash that confirms that
//!  the web ACL that it has ─────────────┘   before      what stood before, in its own tags: the way back (release)
//! ```
//!
//! `manifest` writes the spec that leaves a distribution as it is found.
//!
//! Role, function and web ACL are made beside it, the tags of the owner are set, and one update puts them in place. From its tags on
//! the distribution is the object's, and all is planned as for one that Palisade made.

pub mod arns;
pub mod before;
pub mod manifest;
pub mod memory;
pub mod plan;
pub mod refusals;
pub mod release;
pub mod rivals;

use self::before::Before;
use crate::api::{
    AdoptSpec, AdoptionState, DeletionPolicy, ProtectedApiSpec, ProtectedApiStatus, WebAclSpec,
};
use crate::domain::edge::config::{function_of, settings_of, web_acl_of};
use crate::domain::edge::distribution::{COMMENT_START, Observed, comment};
use crate::domain::kernel::hash;
use crate::domain::kernel::identity::{
    Owner, Ownership, TAG_ADOPTED, TAG_CLUSTER, TAG_NAME, TAG_NAMESPACE, TAG_UID, Tags, ownership,
};
use crate::domain::pricing_plans::subscription;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// What the spec says of an adoption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Desired {
    /// The distribution's id.
    pub id: String,
    /// Hash of the plan that is confirmed.
    pub confirm: Option<String>,
    /// Tools that will let the distribution go.
    pub let_go: BTreeSet<String>,
    /// Whether it is to be given back.
    pub release: bool,
    /// What becomes of the object's resources when it is deleted, where the spec says so.
    pub deletion_policy: Option<DeletionPolicy>,
    /// Hash of all else that is confirmed.
    pub terms: String,
}

/// What is seen of a distribution that is to be adopted, is being adopted or is given back; nothing of one that is adopted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// The distribution, while it is not the object's.
    pub found: Option<Observed>,
    /// Whether CloudFront does not know it.
    pub is_missing: bool,
    /// Whether something of it could not be read.
    pub is_unread: bool,
    /// The document of the web ACL that it has, or had before, where our own takes over its rules.
    pub former_web_acl: Option<Value>,
    /// The flat-rate pricing plan that the distribution is in.
    pub pricing_plan: subscription::Seen,
    /// What the way back needs and is not there any more, as people know it.
    pub gone: Vec<String>,
    /// ARN of the role of the function that signed before, where the way back was looked at.
    pub former_role: Option<String>,
    /// Whether what is shown is what comes after confirm.
    pub is_shown: bool,
    /// Id of the distribution that the spec has adopted, unless it is to be given back: with a record in status it proves whose that is.
    pub proven: Option<String>,
}

/// What `spec` says of an adoption; `web_acl` is what it says of that, with the baseline and what its class requires.
#[must_use]
pub fn desired(spec: &ProtectedApiSpec, web_acl: &WebAclSpec) -> Option<Desired> {
    let adopt = adopt(spec)?;
    Some(Desired {
        id: adopt.id.clone(),
        confirm: adopt.confirm.clone(),
        let_go: adopt.let_go.iter().flatten().cloned().collect(),
        release: adopt.release.unwrap_or_default(),
        deletion_policy: spec.deletion_policy,
        terms: terms(spec, web_acl),
    })
}

/// Fields of a spec by which neither viewers nor the API notice anything, or that are taken into account otherwise.
const NOT_NOTICED: [&str; 8] = [
    "accountName",
    "className",
    "deletionPolicy",
    "handOver",
    "suspend",
    "tags",
    "takeOver",
    "webAcl",
];

/// Hash of what is confirmed besides the fields of the distribution that change: all of the spec that viewers or the API would notice, and
/// what becomes of the distribution with its object. Who confirms a plan confirms no other block list, lock or deletion.
fn terms(spec: &ProtectedApiSpec, web_acl: &WebAclSpec) -> String {
    let mut said = serde_json::to_value(spec).unwrap_or_default();
    if let Some(fields) = said.as_object_mut() {
        fields.retain(|field, _| !NOT_NOTICED.contains(&field.as_str()));
    }
    if let Some(fields) = said["distribution"].as_object_mut() {
        fields.retain(|field, _| field != "adopt");
    }
    let policy = spec.deletion_policy.unwrap_or(DeletionPolicy::Retain);
    hash::long(&(said, web_acl, &web_acl.required, policy))
}

/// What becomes of an object's resources when it is deleted. What stood before the object stays where the spec does not say otherwise,
/// and where it cannot be read; once it is given back, only what Palisade made is left. What is offered to another cluster stays for it.
#[must_use]
pub fn deletion_policy(
    spec: Option<&ProtectedApiSpec>,
    status: Option<&ProtectedApiStatus>,
) -> DeletionPolicy {
    if spec.is_some_and(|spec| spec.hand_over.is_some()) {
        return DeletionPolicy::Retain;
    }
    let state = status
        .and_then(|status| status.adoption.as_ref())
        .map(|known| known.state);
    let is_adopted = state.is_some() || spec.and_then(adopt).is_some();
    let baseline = if is_adopted && state != Some(AdoptionState::Released) {
        DeletionPolicy::Retain
    } else {
        DeletionPolicy::Delete
    };
    spec.and_then(|spec| spec.deletion_policy).unwrap_or(baseline)
}

/// Whether resources would stay for no other reason than that `spec` adopts what stood before: once it is sure that this never became the
/// object's, nothing keeps them.
#[must_use]
pub fn stays_for_adoption_alone(spec: &ProtectedApiSpec) -> bool {
    adopt(spec).is_some() && spec.deletion_policy.is_none() && spec.hand_over.is_none()
}

/// Whether `spec` adopts the distribution of this id.
#[must_use]
pub fn adopts(spec: &ProtectedApiSpec, id: &str) -> bool {
    adopt(spec).is_some_and(|adopt| adopt.id == id)
}

/// Id of the distribution that `spec` adopts.
#[must_use]
pub fn adopted_id(spec: &ProtectedApiSpec) -> Option<&str> {
    adopt(spec).map(|adopt| adopt.id.as_str())
}

fn adopt(spec: &ProtectedApiSpec) -> Option<&AdoptSpec> {
    spec.distribution.as_ref()?.adopt.as_ref()
}

/// Whose a distribution is that is to be adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The object's.
    Own,
    /// It was adopted by an object of this cluster, namespace and name that is gone: a cluster that was restored.
    Predecessors,
    /// Palisade's, for another object.
    AnotherObjects,
    /// Nobody of Palisade's has it.
    Free,
}

/// Whose `found` is, by its tags; and by its comment, where they were taken away.
#[must_use]
pub fn whose(found: &Observed, owner: &Owner) -> Whose {
    let tags = &found.tags;
    if ownership(tags, owner) != Ownership::Foreign {
        return Whose::Own;
    }
    let is = |key: &str, value: &str| tags.get(key).is_some_and(|found| found == value);
    let is_namesake =
        is(TAG_CLUSTER, &owner.cluster) && is(TAG_NAMESPACE, &owner.namespace) && is(TAG_NAME, &owner.name);
    let is_marked = tags.contains_key(TAG_CLUSTER) || tags.contains_key(TAG_UID);
    if is_marked && is_namesake && tags.contains_key(TAG_ADOPTED) {
        Whose::Predecessors
    } else if is_marked
        || settings_of(&found.content.config)
            .comment
            .starts_with(COMMENT_START)
    {
        Whose::AnotherObjects
    } else {
        Whose::Free
    }
}

/// Whether the update was made that puts what is ours in place: else the distribution serves as it did before. `web_acl` and `function`
/// are what those of the object are called.
#[must_use]
pub fn is_switched(found: &Observed, owner: &Owner, web_acl: &str, function: &str) -> bool {
    let config = &found.content.config;
    let runs = function_of(config).unwrap_or_default();
    is_comment_of(&settings_of(config).comment, owner)
        || web_acl_of(config).contains(&format!("/webacl/{web_acl}/"))
        || runs.contains(&format!(":function:{function}:"))
}

/// Whether Palisade writes this comment for an object of this namespace and name: its UID may be that of one that is gone.
fn is_comment_of(found: &str, owner: &Owner) -> bool {
    let uid = found
        .strip_prefix(COMMENT_START)
        .and_then(|rest| rest.split_once(' '))
        .map(|(uid, _)| uid);
    uid.is_some_and(|uid| {
        let writer = Owner {
            uid: uid.to_owned(),
            ..owner.clone()
        };
        comment(&writer) == found
    })
}

/// The tags that make a distribution the owner's: those that it is to have, when it was adopted, and what stood before.
#[must_use]
pub fn tags(wanted: &Tags, before: &Before, now: &str) -> Tags {
    let mut tags = wanted.clone();
    tags.insert(TAG_ADOPTED.to_owned(), now.to_owned());
    tags.extend(before.to_tags());
    tags
}

#[cfg(test)]
pub(in crate::domain) mod fixtures;
#[cfg(test)]
mod tests;
