//! In which Regions objects of each AWS account have something of mutual TLS, or had: a certificate that objects share outlives them, and is
//! found there again.
//!
//! The leader writes it into its Lease, which it renews anyway, and the next one reads it there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The annotation of the Lease that hands it on.
pub const ANNOTATION: &str = "palisade.dev/regions";

/// Regions by account.
type Known = BTreeMap<String, BTreeSet<String>>;

/// The Regions of all accounts.
#[derive(Debug, Default)]
pub struct Regions(Mutex<Known>);

impl Regions {
    /// Those of one account.
    #[must_use]
    pub fn of(&self, account: &str) -> BTreeSet<String> {
        self.lock().get(account).cloned().unwrap_or_default()
    }

    /// An object has something in a Region, or is about to.
    pub fn add(&self, account: &str, region: &str) {
        let mut known = self.lock();
        if !known.get(account).is_some_and(|regions| regions.contains(region)) {
            let regions = known.entry(account.to_owned()).or_default();
            regions.insert(region.to_owned());
        }
    }

    /// Nothing is left there.
    pub fn remove(&self, account: &str, region: &str) {
        let mut known = self.lock();
        if let Some(regions) = known.get_mut(account) {
            regions.remove(region);
        }
        known.retain(|_, regions| !regions.is_empty());
    }

    /// An account is let go.
    pub fn forget(&self, account: &str) {
        self.lock().remove(account);
    }

    /// Adds what a leader before has written; what cannot be read tells nothing.
    pub fn recall(&self, text: &str) {
        let written: Known = serde_json::from_str(text).unwrap_or_default();
        let mut known = self.lock();
        for (account, regions) in written {
            known.entry(account).or_default().extend(regions);
        }
    }

    /// What the next leader is to know; `None` where there is nothing.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let known = self.lock();
        let text = || serde_json::to_string(&*known).ok();
        (!known.is_empty()).then(text).flatten()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_leader_knows_what_this_one_knew() {
        let known = Regions::default();
        assert_eq!(known.text(), None);
        for region in ["eu-north-1", "us-west-2", "eu-north-1"] {
            known.add("111122223333", region);
        }
        known.add("444455556666", "eu-north-1");
        known.remove("444455556666", "eu-north-1");
        let text = known.text().expect("something");
        assert_eq!(text, r#"{"111122223333":["eu-north-1","us-west-2"]}"#);
        let next = Regions::default();
        next.add("111122223333", "eu-west-1");
        next.recall(&text);
        let all = ["eu-north-1", "eu-west-1", "us-west-2"].map(str::to_owned);
        assert_eq!(next.of("111122223333"), BTreeSet::from(all));
        assert!(next.of("444455556666").is_empty());
        next.forget("111122223333");
        assert_eq!(next.text(), None);
    }

    #[test]
    fn what_somebody_wrote_into_the_lease_spoils_nothing() {
        let known = Regions::default();
        known.add("111122223333", "eu-north-1");
        for text in ["", "eu-north-1", "[]", r#"{"1":"x"}"#] {
            known.recall(text);
        }
        assert_eq!(
            known.text().as_deref(),
            Some(r#"{"111122223333":["eu-north-1"]}"#)
        );
    }
}
