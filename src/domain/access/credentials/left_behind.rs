//! Authorizers and usage plans that Palisade made for objects that are gone, or that left their perimeter on purpose
//! (`deletionPolicy: Retain`). They stay, since they may serve viewers, and are named as ours.

use super::api_key::OtherPlan;
use crate::domain::kernel::identity::{Owner, TAG_CONDEMNED, Tags, is_abandoned};
use serde::Serialize;

/// An authorizer of the API that belongs to nobody any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LeftBehind {
    /// Its function is gone, or about to be: it lets nobody in.
    Dead,
    /// Its function is there: a distribution may send what it accepts.
    Serving {
        /// ARN of the function.
        function_arn: String,
    },
}

/// The API key that the routes ask for, which an object of ours had them ask for that is gone: a lock by key is made only where
/// nobody asked for keys before, so that no customer has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyLeftBehind {
    /// No key opens the stage: nobody is let in.
    Dead,
    /// Keys of these usage plans do: a distribution may send one.
    Serving {
        /// Name and id of each.
        plans: Vec<String>,
    },
}

impl KeyLeftBehind {
    /// By the usage plans of others that have the stage; `None` where one of them is no leftover of ours.
    #[must_use]
    pub fn of(others: &[OtherPlan]) -> Option<Self> {
        let mut used = others.iter().filter(|other| !other.keys.is_empty()).peekable();
        if used.peek().is_none() {
            return Some(Self::Dead);
        }
        let plans: Vec<&OtherPlan> = used.collect();
        let named = |other: &&OtherPlan| format!("{} ({})", other.plan.name, other.plan.id);
        plans
            .iter()
            .all(|other| other.is_left_behind)
            .then(|| Self::Serving {
                plans: plans.iter().map(named).collect(),
            })
    }
}

impl LeftBehind {
    /// What to make of a function of our naming whose `tags` are these; `None` where it has an owner, or was not made by us.
    #[must_use]
    pub fn of(
        function_arn: &str,
        tags: &Tags,
        owner: &Owner,
        may_be_alive: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        if tags.contains_key(TAG_CONDEMNED) {
            return Some(Self::Dead);
        }
        is_left_behind(tags, owner, may_be_alive).then(|| Self::Serving {
            function_arn: function_arn.to_owned(),
        })
    }
}

/// Whether what bears `tags` was made for an object that is gone, or that left it behind. While the objects of the cluster are
/// not known, each may be alive.
#[must_use]
pub fn is_left_behind(tags: &Tags, owner: &Owner, may_be_alive: impl Fn(&str) -> bool) -> bool {
    let is_alive = |uid: &str| uid == owner.uid || may_be_alive(uid);
    is_abandoned(tags, &owner.cluster, is_alive)
}
