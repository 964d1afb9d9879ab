//! Things as they were a moment ago, for lists that lag behind writes; and the pages of lists.

use super::clock;
use palisade::aws::cloud::Page;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// No list lags longer than this; older states are forgotten.
const LONGEST_LAG: Duration = Duration::from_mins(10);

/// Every state of each thing, by its key.
#[derive(Clone)]
pub struct History<T> {
    states: BTreeMap<String, Vec<(Instant, Option<T>)>>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self {
            states: BTreeMap::new(),
        }
    }
}

impl<T: Clone> History<T> {
    /// What the thing called `key` is from now on; `None`: it is gone.
    pub fn put(&mut self, key: &str, state: Option<T>) {
        let now = clock::now();
        let states = self.states.entry(key.to_owned()).or_default();
        states.push((now, state));
        // The newest state that is old enough for every list hides all before it.
        while states.get(1).is_some_and(|(since, _)| *since + LONGEST_LAG < now) {
            states.remove(0);
        }
    }

    /// All that existed `lag` ago, by key.
    pub fn before(&self, lag: Duration) -> Vec<(String, T)> {
        let seen = self.seen(lag);
        seen.map(|(key, state)| (key.clone(), state.clone())).collect()
    }

    /// The same, for lists that show a part of it: nothing is copied.
    pub fn seen(&self, lag: Duration) -> impl Iterator<Item = (&String, &T)> {
        let when = clock::now().checked_sub(lag);
        self.states.iter().filter_map(move |(key, states)| {
            let mut newest_first = states.iter().rev();
            let (_, state) = newest_first.find(|(since, _)| when.is_some_and(|when| *since <= when))?;
            Some((key, state.as_ref()?))
        })
    }
}

/// The page of `items` (in the order of their keys) after `marker`, which is the key of the last item before it: so a
/// page neither repeats nor skips anything when items come and go between two pages.
pub fn page<T>(items: Vec<(String, T)>, marker: Option<&str>, size: usize) -> Page<T> {
    let mut rest = items
        .into_iter()
        .filter(|(key, _)| marker.is_none_or(|marker| key.as_str() > marker))
        .peekable();
    let mut chosen = Vec::new();
    let mut last = None;
    while chosen.len() < size.max(1)
        && let Some((key, item)) = rest.next()
    {
        chosen.push(item);
        last = Some(key);
    }
    let next = rest.peek().is_some().then_some(last).flatten();
    Page { items: chosen, next }
}

/// Like [`page`], of a service that marks every page on which something stands: that one is the last, only the next one tells.
pub fn marked_page<T>(items: Vec<(String, T)>, marker: Option<&str>, size: usize) -> Page<T> {
    let keys: Vec<String> = items.iter().map(|(key, _)| key.clone()).collect();
    let mut found = page(items, marker, size);
    let shown = keys
        .iter()
        .filter(|key| marker.is_none_or(|marker| key.as_str() > marker));
    found.next = shown.take(found.items.len()).last().cloned();
    found
}
