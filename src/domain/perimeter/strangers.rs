//! Other distributions before the same API: those that Palisade made for other objects, of another cluster or left behind, and
//! those of others.

use super::listing::Listing;
use crate::api::Origin;
use crate::domain::access::asked::api::DEFAULT_STAGE;
use crate::domain::access::asked::other_signers::OtherSigners;
use crate::domain::access::asked::ways_in::{InFront, Left};
use crate::domain::access::authorization::Gate;
use crate::domain::access::obstacles::other_doors::Mapping;
use crate::domain::edge::distribution::{COMMENT_START, DEPLOYED, Listed};
use crate::domain::kernel::identity::{Owner, TAG_CONDEMNED, TAG_UID, Tags, is_abandoned};
use crate::domain::signer::role;
use crate::domain::tenancy::rivals::{is_elsewhere, names_other_cluster};
use std::collections::{BTreeMap, BTreeSet};

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

/// Distributions that no living object has and that lead viewers to the stage of `gate`, once for each origin by which they do:
/// by the API's own endpoint, or by a custom domain name that leads there. `mappings` and `targets` are what such names lead to,
/// and API Gateway's own domain names for each; `own` is the id of the object's distribution. `is_left` says whether what was made
/// for an object of this UID, and bears these tags, was left by it.
///
/// Every origin counts, as the rows have them: one that no behaviour uses is rare. What Palisade made for another object that is
/// alive, or is another cluster's, has a proof of its own, which the lock reckons with.
#[must_use]
pub fn in_front(
    gate: &Gate,
    mappings: &[Mapping],
    targets: &BTreeMap<String, Vec<String>>,
    own: Option<&str>,
    listing: &Listing,
    is_left: impl Fn(&str, &Tags) -> bool,
) -> Vec<InFront> {
    let mappings: Vec<&Mapping> = mappings.iter().filter(|mapping| mapping.leads_to(gate)).collect();
    let name_at = |domain: &str, path: &str| {
        let is_asked = |mapping: &Mapping| may_meet(path, &mapping.path) && is_at(domain, mapping, targets);
        let found = mappings.iter().find(|mapping| is_asked(mapping));
        found.map(|mapping| mapping.domain.clone())
    };
    let in_front = |row: &Listed, left: Option<&Left>, domain: &str, path: &str| {
        let is_endpoint = domain.eq_ignore_ascii_case(&gate.host);
        let name = name_at(domain, path);
        let leads_here = name.is_some() || (is_endpoint && may_lead_to(path, &gate.stage));
        leads_here.then(|| InFront {
            id: row.id.clone(),
            domain_name: row.domain_name.clone(),
            aliases: row.aliases.clone(),
            origin: domain.to_owned(),
            path: path.to_owned(),
            name,
            left: left.cloned(),
        })
    };
    let mut found = Vec::new();
    for row in listing.distributions.values() {
        let is_own = own == Some(row.id.as_str());
        // Edge locations may serve what is disabled until that is deployed.
        let may_serve = row.enabled || row.status != DEPLOYED;
        if !may_serve || row.is_staging || is_own {
            continue;
        }
        let left = match object_of(&row.comment) {
            None => None,
            Some((uid, object)) if is_left(uid, &listing.tags_of(&row.arn).unwrap_or_default()) => {
                Some(Left {
                    object: object.to_owned(),
                    signs: !row.functions.is_empty(),
                })
            }
            Some(_) => continue,
        };
        let origins = row.origins.iter();
        found.extend(origins.filter_map(|(domain, path)| in_front(row, left.as_ref(), domain, path)));
    }
    found
}

/// What those of `origins` that are custom domain names of API Gateway lead to at the endpoint of `gate`, with the path that is then put
/// before a viewer's: mappings put the stage there. Routing rules are not followed: not each takes the base path off.
#[must_use]
pub fn at_the_endpoint(
    origins: &[(String, String)],
    gate: &Gate,
    mappings: &[Mapping],
    targets: &BTreeMap<String, Vec<String>>,
) -> Vec<(String, String)> {
    let length = |path: &str| parts(path).count();
    let followed = |(domain, path): &(String, String)| {
        let is_asked = |mapping: &&Mapping| {
            let is_within = length(&mapping.path) <= length(path) && may_meet(path, &mapping.path);
            mapping.rule.is_none() && is_within && is_at(domain, mapping, targets)
        };
        let asked = mappings.iter().filter(is_asked);
        let asked = asked.max_by_key(|mapping| length(&mapping.path))?;
        // Where a mapping leaves the stage to the path, that has it already.
        let is_named = asked.stage == gate.stage && gate.stage != DEFAULT_STAGE;
        let stage = is_named.then_some(gate.stage.as_str());
        let mut there = String::new();
        for part in stage.into_iter().chain(parts(path).skip(length(&asked.path))) {
            there.push('/');
            there.push_str(part);
        }
        asked.leads_to(gate).then(|| (gate.host.clone(), there))
    };
    origins.iter().filter_map(followed).collect()
}

/// Whether `domain` is the custom domain name of `mapping`, or API Gateway's own name for it.
pub(super) fn is_at(domain: &str, mapping: &Mapping, targets: &BTreeMap<String, Vec<String>>) -> bool {
    let targets = targets.get(&mapping.domain).into_iter().flatten();
    let mut addresses = targets.chain([&mapping.domain]);
    addresses.any(|address| address.eq_ignore_ascii_case(domain))
}

/// Whether nobody looks after what was made for the object of this `uid` of the API, as its comment says, and bears `tags`. Tags may
/// be unread, or taken off: then only an object that is seen to be alive looks after it. `siblings` are the UIDs of the other objects of
/// the API; `None` where not all are seen, so that each whose tags name it may be alive.
#[must_use]
pub fn has_no_keeper(uid: &str, tags: &Tags, owner: &Owner, siblings: Option<&BTreeSet<String>>) -> bool {
    let is_seen = |uid: &str| match siblings {
        Some(siblings) => siblings.contains(uid),
        None => tags.contains_key(TAG_UID),
    };
    let is_alive = |uid: &str| uid == owner.uid || is_seen(uid);
    let uid = tags.get(TAG_UID).map_or(uid, String::as_str);
    let is_released = is_abandoned(tags, &owner.cluster, is_alive);
    is_released || (!names_other_cluster(tags, &owner.cluster) && !is_alive(uid))
}

/// UID and name of the object that a comment names, where it is one that Palisade writes, not only of somebody who begins with the
/// same word.
pub(super) fn object_of(comment: &str) -> Option<(&str, &str)> {
    let (uid, object) = comment.strip_prefix(COMMENT_START)?.split_once(' ')?;
    (!uid.is_empty() && object.contains('/')).then_some((uid, object))
}

/// Whether what is asked with `path` before it may come within the base path of a custom domain name.
fn may_meet(path: &str, base: &str) -> bool {
    parts(path).zip(parts(base)).all(|(one, other)| one == other)
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// Whether a distribution that puts `path` before its viewers' leads them to that stage, or may.
fn may_lead_to(path: &str, stage: &str) -> bool {
    parts(path)
        .next()
        .is_none_or(|first| first == stage || stage == DEFAULT_STAGE)
}

/// The role of a signer, of which a version runs: both have one name.
fn role_of(version_arn: &str, listing: &Listing) -> Option<role::Observed> {
    let (_, function) = version_arn.split_once(":function:")?;
    let name = function.split(':').next()?;
    listing.roles.get(name)?.unpack()
}
