//! In which Regions objects of each AWS account have something of mutual TLS, or had: a certificate that objects share outlives them, and is
//! found there again.
//!
//! The leader writes it into its Lease, which it renews anyway, and the next one reads it there. So the text is bounded: a Lease that the API
//! server does not take is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing::warn;

/// The annotation of the Lease that hands it on.
pub const ANNOTATION: &str = "palisade.dev/regions";

/// So much of an object's 256 KiB of annotations the text may take.
const MOST_BYTES: usize = 64 * 1024;
/// So many accounts, and Regions of each, are believed of what somebody wrote; AWS has fewer Regions.
const MOST_ACCOUNTS: usize = 1000;
const MOST_REGIONS: usize = 60;

/// Regions by account.
type Known = BTreeMap<String, BTreeSet<String>>;

/// The Regions of all accounts.
#[derive(Debug, Default)]
pub struct Regions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    known: Known,
    /// Those of which it was told that they cannot be read.
    told: BTreeSet<(String, String)>,
    /// Whether it was told that the Lease has no room for all.
    is_full_told: bool,
}

impl Regions {
    /// Those of one account.
    #[must_use]
    pub fn of(&self, account: &str) -> BTreeSet<String> {
        self.lock().known.get(account).cloned().unwrap_or_default()
    }

    /// A Region in which an object has something, or is about to, has answered.
    pub fn add(&self, account: &str, region: &str) {
        if !is_account(account) || !is_region(region) {
            return;
        }
        let mut state = self.lock();
        let known = &mut state.known;
        if !known.get(account).is_some_and(|regions| regions.contains(region)) {
            let regions = known.entry(account.to_owned()).or_default();
            regions.insert(region.to_owned());
        }
    }

    /// Notes whether a Region could be read; answers whether it was told before that it cannot.
    pub fn note_answer(&self, account: &str, region: &str, is_read: bool) -> bool {
        let key = (account.to_owned(), region.to_owned());
        let mut state = self.lock();
        let told = &mut state.told;
        if is_read {
            told.remove(&key);
            return false;
        }
        !told.insert(key)
    }

    /// Nothing is left there.
    pub fn remove(&self, account: &str, region: &str) {
        let mut state = self.lock();
        let known = &mut state.known;
        if let Some(regions) = known.get_mut(account) {
            regions.remove(region);
        }
        known.retain(|_, regions| !regions.is_empty());
    }

    /// An account is let go.
    pub fn forget(&self, account: &str) {
        let mut state = self.lock();
        state.known.remove(account);
        state.told.retain(|(told, _)| told != account);
    }

    /// Adds what a leader before has written; what cannot be read, or names no account and no Region, tells nothing.
    pub fn recall(&self, text: &str) {
        let written: Known = serde_json::from_str(text).unwrap_or_default();
        let written = written.into_iter().filter(|(account, _)| is_account(account));
        let mut state = self.lock();
        for (account, regions) in written.take(MOST_ACCOUNTS) {
            let regions = regions.into_iter().filter(|region| is_region(region));
            let regions: Vec<String> = regions.take(MOST_REGIONS).collect();
            if !regions.is_empty() {
                state.known.entry(account).or_default().extend(regions);
            }
        }
    }

    /// What the next leader is to know; `None` where there is nothing. What the Lease has no room for it finds by what objects and `AwsAccounts`
    /// say of themselves.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let mut state = self.lock();
        let (mut fitting, mut bytes) = (BTreeMap::new(), 2);
        for (account, regions) in &state.known {
            // Quotes, a colon, brackets and a comma besides.
            let more = account.len() + 6 + regions.iter().map(|region| region.len() + 3).sum::<usize>();
            if bytes + more <= MOST_BYTES {
                bytes += more;
                fitting.insert(account, regions);
            }
        }
        let left = state.known.len() - fitting.len();
        let text = serde_json::to_string(&fitting)
            .ok()
            .filter(|_| !fitting.is_empty());
        if left > 0 && !state.is_full_told {
            warn!(
                accounts = left,
                "the Lease has no room for the Regions of all accounts"
            );
            state.is_full_told = true;
        }
        text
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As AWS numbers accounts.
fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// As AWS names Regions, such as `us-gov-west-1`; those to come may be longer.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.as_slice() {
        [words @ .., number] if words.len() >= 2 && text.len() <= 32 => {
            let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
            words.iter().all(is_word) && (1..=2).contains(&number.len()) && is_number
        }
        _ => false,
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
        for text in [
            "",
            "eu-north-1",
            "[]",
            r#"{"1":"x"}"#,
            r#"{"x":["eu-west-1"]}"#,
            r#"{"111122223333":["","x","EU-WEST-1","eu-west","eu--1","eu-west-123","a.b-c-1","-1"]}"#,
            r#"{"444455556666":["x"]}"#,
        ] {
            known.recall(text);
        }
        assert_eq!(
            known.text().as_deref(),
            Some(r#"{"111122223333":["eu-north-1"]}"#)
        );
    }

    #[test]
    fn regions_of_all_partitions_are_known_by_their_form() {
        for region in [
            "eu-north-1",
            "us-gov-west-1",
            "us-iso-east-1",
            "eusc-de-east-1",
            "ap-southeast-7",
        ] {
            assert!(is_region(region), "{region}");
        }
    }

    #[test]
    fn the_lease_is_never_given_more_than_it_has_room_for() {
        let known = Regions::default();
        for account in 0..20_000 {
            known.add(&format!("{account:012}"), "ap-southeast-2");
            known.add(&format!("{account:012}"), "us-gov-west-1");
        }
        let text = known.text().expect("as many as fit");
        assert!(
            (MOST_BYTES / 2..=MOST_BYTES).contains(&text.len()),
            "{}",
            text.len()
        );
        let next = Regions::default();
        next.recall(&text);
        assert_eq!(next.of("000000000000").len(), 2);
        assert!(next.lock().known.len() <= MOST_ACCOUNTS);
        // Nothing is forgotten here.
        assert_eq!(known.of("000000019999").len(), 2);
    }

    #[test]
    fn that_a_region_cannot_be_read_is_told_once_until_it_answers() {
        let known = Regions::default();
        let note = |is_read: bool| known.note_answer("111122223333", "eu-north-1", is_read);
        assert_eq!([note(false), note(false), note(false)], [false, true, true]);
        assert!(!note(true));
        assert_eq!([note(false), note(false)], [false, true]);
    }
}
