//! What the change of a class comes to for its objects, so that it is reckoned once and not at each look at the class.

use crate::domain::rollout::outlook::Reckoned;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was reckoned: for an object as it is declared, from one revision to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// The object's generation.
    pub generation: Option<i64>,
    /// The revision that it goes by.
    pub held: Option<String>,
    /// The revision that it is to go by.
    pub target: String,
}

/// Of the objects of one class, by UID.
pub(super) type Outlooked = HashMap<String, (Asked, Reckoned)>;

/// Of the objects that have yet to move, by class.
#[derive(Debug, Default)]
pub struct Outlooks(Mutex<HashMap<String, Outlooked>>);

impl Outlooks {
    /// What is known of the objects of `class`, which is forgotten here until it is kept again.
    pub(super) fn of(&self, class: &str) -> Outlooked {
        self.known().remove(class).unwrap_or_default()
    }

    /// Keeps what is known of the objects of `class`.
    pub(super) fn keep(&self, class: &str, outlooked: Outlooked) {
        if outlooked.is_empty() {
            self.known().remove(class);
        } else {
            self.known().insert(class.to_owned(), outlooked);
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Outlooked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
