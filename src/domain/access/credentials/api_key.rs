//! The API key that a REST API asks the perimeter for, and the usage plan that makes it valid for the stage: what there is, whose it
//! is, and the calls that change it.

use super::api_key_tags::{Bearer, tags_first};
use crate::domain::kernel::identity::{Owner, Ownership, Tags, ownership_proven};
use crate::domain::kernel::observing::{Fingerprint, desired_hash};
use crate::domain::kernel::planning::{self, Id, Kind, Verb};
use crate::domain::kernel::secret::Secret;
use serde::Serialize;
use std::collections::BTreeSet;

/// One call about keys and plans.
pub type Step = planning::Step<Action>;
/// What they need next.
pub type Next = planning::Next<Action>;

/// API Gateway's limit on a name is higher; this one is like that of our other names.
const NAME_LIMIT: usize = 64;

/// An API key as API Gateway has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Key {
    pub id: String,
    pub name: String,
    pub value: Secret,
    pub enabled: bool,
    pub tags: Tags,
}

/// What a key is made from; it is enabled from the start.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct KeyCreation {
    pub name: String,
    pub value: Secret,
    /// For people who read API Gateway's console.
    pub description: String,
    pub tags: Tags,
}

/// A usage plan as API Gateway has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct UsagePlan {
    pub id: String,
    pub name: String,
    /// (API id, stage) of each stage that its keys open.
    pub stages: Vec<(String, String)>,
    pub tags: Tags,
}

/// What a usage plan is made from: without throttle and quota.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct UsagePlanCreation {
    pub name: String,
    /// For people who read API Gateway's console.
    pub description: String,
    /// (API id, stage) that its keys open.
    pub stage: (String, String),
    pub tags: Tags,
}

/// A usage plan beside the one that is used: of others, where it has the stage, or the owner's. And the ids of its keys. API Gateway does not tell there which are switched off,
/// so all count.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct OtherPlan {
    pub plan: UsagePlan,
    pub keys: BTreeSet<String>,
    /// Whether an object of ours that is gone left it behind: what it opens is a perimeter, and no customer.
    pub is_left_behind: bool,
    /// Whether it is the owner's: an earlier spec used it, or nobody was told that it was made.
    pub is_own: bool,
}

/// The key and its plan as they should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Desired {
    /// Whose they are.
    pub owner: Owner,
    /// (API id, stage) that the key opens.
    pub stage: (String, String),
    /// Id of the plan to be used; one of ours where absent.
    pub given_plan: Option<String>,
    /// Tags of key and plan.
    pub tags: Tags,
}

/// The keys of an owner, oldest first, and the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    /// The owner's keys.
    pub keys: Vec<Key>,
    /// The given plan, or the owner's.
    pub plan: Option<UsagePlan>,
    /// Ids of the plan's keys.
    pub in_plan: BTreeSet<String>,
    /// The other plans that have the stage, or are the owner's.
    pub others: Vec<OtherPlan>,
    /// Whether the spec names the plan: then it is others', whatever it is called.
    pub is_given: bool,
}

/// One call that brings key and plan nearer to what is wanted.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Action {
    CreatePlan(UsagePlanCreation),
    AddStage { plan: String, stage: (String, String) },
    RemoveStage { plan: String, stage: (String, String) },
    DeletePlan(String),
    CreateKey(KeyCreation),
    AddKey { plan: String, key: String },
    DeleteKey(String),
    Tag { bearer: Bearer, tags: Tags },
    Untag { bearer: Bearer, keys: Vec<String> },
}

/// The name of an owner's plan, and what the names of its keys begin with.
#[must_use]
pub fn name(owner: &Owner) -> String {
    owner.resource_name(NAME_LIMIT)
}

/// Which of an owner's keys `key` is: they are counted.
#[must_use]
pub fn number(owner: &Owner, key: &str) -> Option<u32> {
    let rest = key.strip_prefix(&name(owner))?.strip_prefix('-')?;
    rest.parse().ok()
}

/// Whose a key or plan is that was sorted out as `owner`'s.
#[must_use]
pub fn ownership_of(owner: &Owner, called: &str, tags: &Tags) -> Ownership {
    ownership_proven(tags, owner, || {
        called == name(owner) || number(owner, called).is_some()
    })
}

impl Observed {
    /// Sorts out what belongs to `owner`; `plan` is the given one or the owner's. `is_known`: status says that keys were
    /// verified, so that one of our name in that plan is ours also without its tags.
    #[must_use]
    pub fn of(
        owner: &Owner,
        keys: Vec<Key>,
        plan: Option<UsagePlan>,
        in_plan: BTreeSet<String>,
        is_known: bool,
    ) -> Self {
        let is_ours = |key: &Key| {
            let is_in_place = || is_known && in_plan.contains(&key.id);
            number(owner, &key.name).is_some()
                && ownership_proven(&key.tags, owner, is_in_place) != Ownership::Foreign
        };
        let mut keys: Vec<Key> = keys.into_iter().filter(is_ours).collect();
        keys.sort_by_key(|key| number(owner, &key.name));
        Self {
            keys,
            plan,
            in_plan,
            others: vec![],
            is_given: false,
        }
    }

    /// The same beside `others`. Of several plans of the owner's that with its keys is used, unless the spec names one.
    #[must_use]
    pub fn beside(mut self, mut others: Vec<OtherPlan>, is_given: bool) -> Self {
        let has_ours = |ids: &BTreeSet<String>| self.keys.iter().any(|key| ids.contains(&key.id));
        let is_without = !is_given && !has_ours(&self.in_plan);
        let mut better = others
            .iter_mut()
            .filter(|other| is_without && other.is_own && has_ours(&other.keys));
        if let (Some(used), Some(better)) = (&mut self.plan, better.next()) {
            std::mem::swap(used, &mut better.plan);
            std::mem::swap(&mut self.in_plan, &mut better.keys);
        }
        Self {
            others,
            is_given,
            ..self
        }
    }

    /// Whether a key of this name may be `owner`'s, whatever the list shows of its tags.
    #[must_use]
    pub fn may_be_ours(owner: &Owner, key: &Key) -> bool {
        number(owner, &key.name).is_some()
    }

    fn is_usable(&self, key: &Key) -> bool {
        key.enabled && self.in_plan.contains(&key.id)
    }

    /// Whether another plan has the key already: API Gateway takes it into no second one of the same stage.
    pub(in crate::domain::access) fn is_in_another(&self, key: &Key) -> bool {
        self.others.iter().any(|other| other.keys.contains(&key.id))
    }

    /// The newest key that opens the stage by the plan.
    #[must_use]
    pub fn newest(&self) -> Option<&Key> {
        self.keys.iter().rev().find(|key| self.is_usable(key))
    }

    /// Whether a key with `value` opens the stage, by whichever plan.
    #[must_use]
    pub fn accepts(&self, value: &Secret) -> bool {
        let opens = |key: &Key| self.is_usable(key) || (key.enabled && self.is_in_another(key));
        self.keys.iter().any(|key| key.value == *value && opens(key))
    }

    /// Whether nothing is left of `owner`'s.
    #[must_use]
    pub fn is_empty(&self, owner: &Owner) -> bool {
        removal(owner, self).is_none()
    }

    pub(super) fn own_plan(&self, owner: &Owner) -> Option<&UsagePlan> {
        self.plan.as_ref().filter(|plan| {
            let whose = ownership_proven(&plan.tags, owner, || !self.is_given && plan.name == name(owner));
            whose != Ownership::Foreign
        })
    }

    /// The plans that are the owner's, the one that is used first.
    pub(super) fn own_plans(&self, owner: &Owner) -> impl Iterator<Item = &UsagePlan> {
        let surplus = self.others.iter().filter(|other| other.is_own);
        self.own_plan(owner)
            .into_iter()
            .chain(surplus.map(|other| &other.plan))
    }

    fn each_plan(&mut self) -> impl Iterator<Item = &mut UsagePlan> {
        let others = self.others.iter_mut().map(|other| &mut other.plan);
        self.plan.iter_mut().chain(others)
    }

    pub(super) fn plan_mut(&mut self, id: &str) -> Option<&mut UsagePlan> {
        self.each_plan().find(|plan| plan.id == id)
    }
}

/// Hash of everything that is wanted of key and plan.
#[must_use]
pub fn hash_of(desired: &Desired) -> String {
    desired_hash(desired)
}

/// The next call that takes the owner's keys and plans away; `None` when nothing is left.
#[must_use]
pub fn removal(owner: &Owner, found: &Observed) -> Option<Step> {
    if let Some(step) = tags_first(owner, found, &owner.tags()) {
        return Some(step);
    }
    if let Some(key) = found.keys.first() {
        return Some(step(Verb::Delete, &key.name, Action::DeleteKey(key.id.clone())));
    }
    found.own_plans(owner).next().map(step_away)
}

/// The next call that takes a plan away.
pub(in crate::domain::access) fn step_away(plan: &UsagePlan) -> Step {
    match plan.stages.first() {
        Some(stage) => {
            let action = Action::RemoveStage {
                plan: plan.id.clone(),
                stage: stage.clone(),
            };
            step(Verb::Update, &plan.name, action)
        }
        None => step(Verb::Delete, &plan.name, Action::DeletePlan(plan.id.clone())),
    }
}

pub(in crate::domain::access) fn step(verb: Verb, name: &str, action: Action) -> Step {
    Step {
        id: Id::of(Kind::ApiKey),
        name: name.to_owned(),
        verb,
        changes: vec![],
        action,
    }
}

/// Takes in that `action` was done, without reading keys and plans again. What was made is not known until whoever made it adds it.
pub fn after(found: &mut Observed, action: &Action) {
    match action {
        Action::CreatePlan(_) | Action::CreateKey(_) => {}
        Action::AddStage { plan, stage } => {
            if let Some(plan) = found.plan_mut(plan) {
                plan.stages.push(stage.clone());
            }
        }
        Action::RemoveStage { plan, stage } => {
            if let Some(plan) = found.plan_mut(plan) {
                plan.stages.retain(|known| known != stage);
            }
        }
        Action::DeletePlan(id) => {
            found.plan = found.plan.take().filter(|plan| plan.id != *id);
            found.others.retain(|other| other.plan.id != *id);
        }
        Action::AddKey { key, .. } => drop(found.in_plan.insert(key.clone())),
        Action::DeleteKey(id) => {
            found.keys.retain(|key| key.id != *id);
            found.in_plan.remove(id);
            for other in &mut found.others {
                other.keys.remove(id);
            }
        }
        Action::Tag { bearer, tags } => found.change_tags(bearer, |found| found.extend(tags.clone())),
        Action::Untag { bearer, keys } => {
            found.change_tags(bearer, |found| found.retain(|key, _| !keys.contains(key)));
        }
    }
}

impl Fingerprint for Observed {
    fn fingerprint(&self) -> String {
        let keys: Vec<&String> = self.keys.iter().map(|key| &key.id).collect();
        crate::domain::kernel::hash::short(&(keys, self.plan.as_ref().map(|plan| &plan.id)))
    }
}
