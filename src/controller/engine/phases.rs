//! Which objects have a cut-over under way, as far as this process knows.

use crate::domain::access::table::marks::Marks;
use crate::domain::mutual_tls;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where an object's cut-over stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// None is under way.
    None,
    /// Begun, and neither proven nor put back.
    Begun,
}

impl Phase {
    pub fn of(marks: &Marks) -> Self {
        if marks.is_unproven() {
            Self::Begun
        } else {
            Self::None
        }
    }

    /// The same of a default endpoint that is being switched off. Where that takes long, whoever was to be refused by it was.
    pub fn of_endpoint(seen: &mutual_tls::Seen, now: Timestamp) -> Self {
        if seen.is_endpoint_in_doubt(now) {
            Self::Begun
        } else {
            Self::None
        }
    }
}

/// What this process knows of the cut-overs of objects, by UID; forgotten with it.
#[derive(Debug, Default)]
pub struct Phases(Mutex<HashMap<String, Phase>>);

impl Phases {
    pub(super) fn of(&self, uid: &str) -> Option<Phase> {
        self.lock().get(uid).copied()
    }

    pub(super) fn note(&self, uid: &str, phase: Phase) {
        self.lock().insert(uid.to_owned(), phase);
    }

    /// Forgets an object that is gone.
    pub(in crate::controller) fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Phase>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
