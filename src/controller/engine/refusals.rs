//! What could not be written of objects' cut-overs, which this process remembers.

use crate::domain::access::marks::Marks;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Marks that could not be written.
#[derive(Debug, Clone)]
pub(super) struct Unwritten {
    /// Since when the cut-over goes on that the tags tell of: of another one, nothing is known.
    pub upon: Option<Timestamp>,
    pub marks: Marks,
}

/// What could not be written of objects' cut-overs, by UID; forgotten with this process.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<HashMap<String, Unwritten>>);

impl Refusals {
    /// Forgets an object that is gone, or whose marks were written.
    pub(in crate::controller) fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, HashMap<String, Unwritten>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
