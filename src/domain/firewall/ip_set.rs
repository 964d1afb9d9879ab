//! IP sets: the address lists of the web ACL, one for each list and IP version.

use super::entity::Entity;
pub use super::entity::Listed;
use crate::domain::kernel::change::{Change, changes};
use crate::domain::kernel::identity::{Owner, Ownership, Tags, ownership};
use crate::domain::kernel::observing::{Fingerprint, Look, Pass, Seen, desired_hash};
use crate::domain::kernel::planning::{Id, Kind, Next, Verb};
use crate::domain::kernel::tagging::{
    RowTags, TagCall, TagStep, name_taken, row_tags, tag_step_changes, tags_back,
};
use ipnet::IpNet;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// WAF's limit on an IP set's name.
pub const NAME_LIMIT: usize = 128;

/// What `GetIPSet` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Identity and lock token.
    pub entity: Entity,
    /// `IPV4` or `IPV6`; fixed at creation.
    pub version: String,
    /// CIDR blocks in AWS's spelling and order.
    pub addresses: Vec<String>,
}

/// What an IP set is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Creation {
    /// The set's name.
    pub name: String,
    /// `IPV4` or `IPV6`.
    pub version: String,
    /// CIDR blocks.
    pub addresses: Vec<String>,
    /// The set's tags.
    pub tags: Tags,
}

/// An IP set as WAF has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Observed {
    /// Identity, lock token and addresses.
    pub content: Content,
    /// The set's tags.
    pub tags: Tags,
}

/// An IP set as it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Desired {
    /// Whose it is.
    pub owner: Owner,
    /// Which of the owner's sets: the suffix of its name.
    pub part: String,
    /// What it is made from.
    pub creation: Creation,
}

/// All of an object's sets as they are seen, by part.
pub type SeenSets = BTreeMap<String, Seen<Listed, Observed>>;

/// What the sets need of others.
pub struct Inputs<'a> {
    /// Whose a set that was found is, by its part.
    pub whose: &'a dyn Fn(&str, &Observed) -> Ownership,
    /// Whether there is a role: it comes first, so that where it is missing nothing can have been built.
    pub has_role: bool,
    /// Whether the web ACL is as wanted, so that it has let go of sets that are not.
    pub is_web_acl_done: bool,
}

/// One call that brings an IP set nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    Create(Creation),
    Update { entity: Entity, addresses: Vec<String> },
    Tag(TagCall),
    Delete(Entity),
}

/// The sets for one list of CIDR blocks: `<list>-v4` and `<list>-v6`, as far as the list has blocks of that version.
#[must_use]
pub fn desired(owner: &Owner, list: &str, blocks: &[IpNet], tags: &Tags) -> Vec<Desired> {
    [("v4", "IPV4", false), ("v6", "IPV6", true)]
        .into_iter()
        .filter_map(|(suffix, version, v6)| {
            let of_version = |block: &&IpNet| matches!(block, IpNet::V6(_)) == v6;
            let addresses: BTreeSet<String> = blocks
                .iter()
                .filter(of_version)
                .map(|block| block.trunc().to_string())
                .collect();
            let part = format!("{list}-{suffix}");
            (!addresses.is_empty()).then(|| Desired {
                owner: owner.clone(),
                creation: Creation {
                    name: owner.suffixed_name(&part, NAME_LIMIT),
                    version: version.to_owned(),
                    addresses: addresses.into_iter().collect(),
                    tags: tags.clone(),
                },
                part,
            })
        })
        .collect()
}

/// What the names of all of `owner`'s sets have in them, and few others.
#[must_use]
pub fn mark(owner: &Owner) -> String {
    format!("-{}-", owner.short_uid())
}

/// Which of `owner`'s sets has this name; `None` for a name of somebody else.
#[must_use]
pub fn part_of(owner: &Owner, name: &str) -> Option<String> {
    let (_, part) = name.split_once(&mark(owner))?;
    (owner.suffixed_name(part, NAME_LIMIT) == name).then(|| part.to_owned())
}

/// The fields in which a set differs from what is wanted, tags apart.
#[must_use]
pub fn diff(desired: &Desired, observed: &Observed) -> Vec<Change> {
    changes(
        &json!({"addresses": canonical(&observed.content.addresses)}),
        &json!({"addresses": canonical(&desired.creation.addresses)}),
    )
}

fn is_left_to_aws(desired: &Desired, found: &Observed, pass: &Pass) -> bool {
    let (part, wanted) = (&found.content.addresses, &desired.creation.addresses);
    pass.is_what_came_of(&id(&desired.part), found, &canonical(part), &canonical(wanted))
}

/// The differences that our own last write did not remove, and that are not written again.
#[must_use]
pub fn left(desired: &Desired, found: &Observed, pass: &Pass) -> Vec<Change> {
    if is_left_to_aws(desired, found, pass) {
        diff(desired, found)
    } else {
        vec![]
    }
}

/// WAF rewrites addresses (host bits, IPv6 spelling) and orders them as it likes.
pub(in crate::domain) fn canonical(addresses: &[String]) -> BTreeSet<String> {
    addresses
        .iter()
        .map(|block| {
            block
                .parse::<IpNet>()
                .map_or_else(|_| block.clone(), |block| block.trunc().to_string())
        })
        .collect()
}

/// What all sets of `owner` need next: the wanted ones, and those that no rule names any more.
#[must_use]
pub fn next_all(
    owner: &Owner,
    desired: &[Desired],
    all: &SeenSets,
    inputs: &Inputs<'_>,
    pass: &Pass,
) -> Vec<(Id, Next<Action>)> {
    let nothing = Seen::default();
    let wanted = desired.iter().map(|wanted| {
        let seen = all.get(&wanted.part).unwrap_or(&nothing);
        (id(&wanted.part), next(wanted, seen, inputs, pass))
    });
    let is_wanted = |part: &String| desired.iter().any(|wanted| wanted.part == *part);
    let surplus = all.iter().filter(|(part, _)| !is_wanted(part));
    let surplus = surplus.map(|(part, seen)| (id(part), next_of_surplus(owner, part, seen, inputs)));
    wanted.chain(surplus).collect()
}

fn next(desired: &Desired, seen: &Seen<Listed, Observed>, inputs: &Inputs<'_>, pass: &Pass) -> Next<Action> {
    match pass.look(&id(&desired.part), &hash_of(desired), seen) {
        Look::Verified(row) => {
            let (part, name, arn) = (&desired.part, &desired.creation.name, &row.entity.arn);
            match row_tags(row.tags.as_ref(), &desired.owner, &desired.creation.tags) {
                RowTags::Right => Next::Done,
                RowTags::Unknown => Next::Read,
                RowTags::Wrong(changes, step) => retag(part, name, arn, changes, step),
            }
        }
        Look::Outdated(_) | Look::Read => Next::Read,
        Look::Absent if !inputs.has_role => Next::Blocked(vec![Kind::Role]),
        Look::Absent => act(
            &desired.part,
            &desired.creation.name,
            Verb::Create,
            vec![],
            Action::Create(desired.creation.clone()),
        ),
        Look::Present(found) => next_of_present(desired, found, inputs, pass),
    }
}

/// Hash of everything that is wanted of the set.
#[must_use]
pub fn hash_of(desired: &Desired) -> String {
    let creation = &desired.creation;
    desired_hash(&(&creation.name, &creation.version, &creation.addresses))
}

fn next_of_present(desired: &Desired, found: &Observed, inputs: &Inputs<'_>, pass: &Pass) -> Next<Action> {
    let (part, name, arn) = (&desired.part, &desired.creation.name, &found.content.entity.arn);
    match (inputs.whose)(part, found) {
        Ownership::Foreign => {
            return Next::Problem(name_taken(id(part), "IP set", name, &desired.owner));
        }
        Ownership::Stripped => {
            let (changes, missing) = tags_back(&found.tags, &desired.creation.tags);
            return retag(part, name, arn, changes, TagStep::Set(missing));
        }
        Ownership::Ours | Ownership::Condemned | Ownership::Retained => {}
    }
    let changes = diff(desired, found);
    if !changes.is_empty() && !is_left_to_aws(desired, found, pass) {
        let action = Action::Update {
            entity: found.content.entity.clone(),
            addresses: desired.creation.addresses.clone(),
        };
        return act(part, name, Verb::Update, changes, action);
    }
    match tag_step_changes(&found.tags, &desired.creation.tags) {
        Some((changes, step)) => retag(part, name, arn, changes, step),
        None => Next::Done,
    }
}

/// A set may go once the web ACL's rules have let go of it.
fn next_of_surplus(
    owner: &Owner,
    part: &str,
    seen: &Seen<Listed, Observed>,
    inputs: &Inputs<'_>,
) -> Next<Action> {
    match seen {
        Seen::Absent | Seen::Listed(None) => Next::Done,
        Seen::Listed(Some(row)) => match &row.tags {
            Some(tags) if ownership(tags, owner) != Ownership::Foreign => delete(part, &row.entity, inputs),
            _ => Next::Read,
        },
        Seen::Present(found) => {
            let entity = &found.content.entity;
            match (inputs.whose)(part, found) {
                Ownership::Foreign => Next::Done,
                Ownership::Stripped => {
                    let (changes, missing) = tags_back(&found.tags, &owner.tags());
                    retag(part, &entity.name, &entity.arn, changes, TagStep::Set(missing))
                }
                Ownership::Ours | Ownership::Condemned | Ownership::Retained => delete(part, entity, inputs),
            }
        }
    }
}

fn delete(part: &str, entity: &Entity, inputs: &Inputs<'_>) -> Next<Action> {
    if !inputs.is_web_acl_done {
        return Next::Blocked(vec![Kind::WebAcl]);
    }
    let action = Action::Delete(entity.clone());
    act(part, &entity.name, Verb::Delete, vec![], action)
}

fn retag(part: &str, name: &str, arn: &str, changes: Vec<Change>, step: TagStep) -> Next<Action> {
    let action = Action::Tag(TagCall::new(arn, step));
    act(part, name, Verb::Update, changes, action)
}

fn act(part: &str, name: &str, verb: Verb, changes: Vec<Change>, action: Action) -> Next<Action> {
    Next::act(id(part), name, verb, changes, action)
}

/// The set of that part.
pub(in crate::domain) fn id(part: &str) -> Id {
    Id {
        kind: Kind::IpSet,
        part: part.to_owned(),
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        self.content.entity.fingerprint()
    }
}
