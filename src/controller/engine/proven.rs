//! Which objects go on with what an earlier one of their name left, as this process has proven it: remembered until it ends.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The former UID that is proven of each object, by the object's own UID; forgotten with the process.
#[derive(Default)]
pub(super) struct Proven(Mutex<HashMap<String, String>>);

impl Proven {
    /// Whether this UID is proven of the object.
    pub(super) fn has(&self, own: &str, former: &str) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(own).is_some_and(|known| known == former)
    }

    /// It is.
    pub(super) fn note(&self, own: &str, former: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(own.to_owned(), former.to_owned());
    }

    /// Forgets the object that goes by this UID.
    pub(super) fn forget(&self, uid: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|own, former| own != uid && former != uid);
    }
}
