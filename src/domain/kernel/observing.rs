//! The words of observing: how much is known of a resource, how closely it must be read, and what tells that it has changed.

use super::hash;
use super::planning::{Id, Kind};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What is known of one resource. `L` is its row in the lists, `T` the resource read in full.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen<L, T> {
    /// Only the lists were looked at; `None`: no complete list has it.
    Listed(Option<L>),
    /// A direct read says that it does not exist.
    Absent,
    /// It was read in full, or just written by us.
    Present(T),
}

impl<L, T> Default for Seen<L, T> {
    fn default() -> Self {
        Self::Listed(None)
    }
}

impl<L, T> Seen<L, T> {
    /// The resource, if it was read in full.
    #[must_use]
    pub fn present(&self) -> Option<&T> {
        match self {
            Self::Present(found) => Some(found),
            _ => None,
        }
    }
}

/// What has to be done about one resource before it can be compared.
pub enum Look<'a, L, T> {
    /// It was verified in full before, and neither it nor what is wanted has changed since; tags apart, which are in its
    /// row.
    Verified(&'a L),
    /// It is as it was when it was verified in full, but something else is wanted now.
    Outdated(&'a L),
    /// Read it in full first.
    Read,
    /// It does not exist.
    Absent,
    /// Compare with this.
    Present(&'a T),
}

/// A row or resource whose state can be told by a short text that changes with it.
pub trait Fingerprint {
    /// Equal as long as nothing that we manage has changed. A full read and the list row answer the same.
    fn fingerprint(&self) -> String;
}

/// The row of a resource that no list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Never {}

impl Fingerprint for Never {
    fn fingerprint(&self) -> String {
        match *self {}
    }
}

/// What a pass knows besides resources: what was verified before it, when it is, and how closely it looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// Its time.
    pub at: Timestamp,
    /// Read everything in full, whatever was verified before.
    pub deep: bool,
    /// It only plans: what nothing needs any more, which a pass looks for once a day, follows from no spec, and is not looked for.
    pub is_plan: bool,
    /// What was last verified in full, from status: `<hash of desired>.<fingerprint>` by [`Id::key`].
    pub recorded: BTreeMap<String, String>,
}

impl Default for Pass {
    fn default() -> Self {
        Self {
            at: Timestamp::UNIX_EPOCH,
            deep: false,
            is_plan: false,
            recorded: BTreeMap::new(),
        }
    }
}

impl Pass {
    /// Decides how closely resource `id` must be looked at, from its row and what was verified before.
    pub fn look<'a, L: Fingerprint, T>(
        &self,
        id: &Id,
        desired_hash: &str,
        seen: &'a Seen<L, T>,
    ) -> Look<'a, L, T> {
        let recorded = self.recorded.get(&id.key());
        match seen {
            Seen::Present(found) => Look::Present(found),
            Seen::Listed(Some(row)) => match recorded.and_then(|recorded| recorded.split_once('.')) {
                Some((_, known)) if self.deep || known != row.fingerprint() => Look::Read,
                Some((wanted, _)) if wanted == desired_hash => Look::Verified(row),
                Some(_) => Look::Outdated(row),
                None => Look::Read,
            },
            // A list that lacks what we once verified may be stale: only a direct read is believed.
            Seen::Listed(None) if recorded.is_some() => Look::Read,
            Seen::Listed(None) | Seen::Absent => Look::Absent,
        }
    }

    /// Whether `id` was verified in full before, and nothing else is wanted now.
    #[must_use]
    pub fn was_verified(&self, id: &Id, desired_hash: &str) -> bool {
        !self.deep && self.was_wanted(id, desired_hash)
    }

    /// Whether `id` stood once as it is wanted now.
    #[must_use]
    pub fn was_wanted(&self, id: &Id, desired_hash: &str) -> bool {
        let recorded = self
            .recorded
            .get(&id.key())
            .and_then(|recorded| recorded.split_once('.'));
        recorded.is_some_and(|(wanted, _)| wanted == desired_hash)
    }

    /// Whether status records that a resource of `kind` was verified.
    #[must_use]
    pub fn has_record(&self, kind: Kind) -> bool {
        self.recorded.contains_key(kind.name())
    }
}

/// The fingerprint under which a resource is recorded as verified.
pub fn record(desired_hash: &str, found: &impl Fingerprint) -> String {
    format!("{desired_hash}.{}", found.fingerprint())
}

/// Hash of what is wanted of one resource, inputs included.
#[must_use]
pub fn desired_hash<T: serde::Serialize>(desired: &T) -> String {
    hash::short(desired)
}
