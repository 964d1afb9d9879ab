//! The words of observing: how much is known of a resource, how closely it must be read, and what tells that it has changed.

use super::hash;

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

/// The fingerprint under which a resource is recorded as verified.
pub fn record(desired_hash: &str, found: &impl Fingerprint) -> String {
    format!("{desired_hash}.{}", found.fingerprint())
}

/// Hash of what is wanted of one resource, inputs included.
#[must_use]
pub fn desired_hash<T: serde::Serialize>(desired: &T) -> String {
    hash::short(desired)
}
