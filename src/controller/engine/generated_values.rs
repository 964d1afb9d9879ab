//! Secret values that will be needed next: random, one an object, kept in memory until CloudFront or API Gateway has it.

use crate::domain::kernel::secret::Secret;
use crate::domain::perimeter::observed::Observed;
use rustls::crypto::aws_lc_rs;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The next value of each object that may need one, by UID.
#[derive(Default)]
pub(super) struct GeneratedValues(Mutex<HashMap<String, Secret>>);

impl GeneratedValues {
    /// The next value for the object of this UID; `None` where the system has no randomness to give.
    pub(in crate::controller) fn of(&self, uid: &str) -> Option<Secret> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = values.get(uid) {
            return Some(value.clone());
        }
        let mut bits = [0; 32];
        aws_lc_rs::default_provider().secure_random.fill(&mut bits).ok()?;
        let value = Secret::from_random(&bits);
        values.insert(uid.to_owned(), value.clone());
        Some(value)
    }

    /// Forgets a value that is in use: the next one is another.
    pub(in crate::controller) fn settle(&self, observed: &Observed) {
        let Some(next) = &observed.generated_value else {
            return;
        };
        let is_sent = observed
            .distribution
            .present()
            .is_some_and(|found| found.sent().headers.values().any(|value| value == next));
        let is_made = observed
            .api_key
            .present()
            .is_some_and(|found| found.keys.iter().any(|key| key.value == *next));
        if is_sent || is_made {
            self.forget(&observed.owner.uid);
        }
    }

    /// Forgets the value of an object.
    pub(in crate::controller) fn forget(&self, uid: &str) {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        values.remove(uid);
    }
}
