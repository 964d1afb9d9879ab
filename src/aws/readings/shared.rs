//! One reading that many share.

use super::rest::Rest;
use crate::aws::cloud::CloudError;
use futures::future::join_all;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// So long after it was last asked for, a reading of [`Each`] is forgotten: much longer than objects wait for their next pass.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);

/// What was read of several lists `K`, and kept as `T`.
pub(super) struct Shared<K, T> {
    /// Whoever holds it reads; the others wait and share what comes of it.
    turn: tokio::sync::Mutex<()>,
    known: Mutex<Known<K, T>>,
}

/// What is known.
pub(super) struct Known<K, T> {
    readings: BTreeMap<K, Reading>,
    /// What was read so far, and what was written since.
    pub content: T,
}

/// How one list was read.
#[derive(Default)]
struct Reading {
    /// When the last reading began that came to its end.
    since: Option<Instant>,
    rest: Rest,
}

/// A list that is older than it may be, and could not be read.
pub(super) struct Unread<K> {
    pub list: K,
    pub error: CloudError,
    /// Whether it was read before, so that what it said then is known.
    pub is_known: bool,
}

impl<K, T: Default> Default for Shared<K, T> {
    fn default() -> Self {
        let known = Known {
            readings: BTreeMap::new(),
            content: T::default(),
        };
        Self {
            turn: tokio::sync::Mutex::default(),
            known: Mutex::new(known),
        }
    }
}

impl<K: Ord + Copy, T> Shared<K, T> {
    pub fn known(&self) -> MutexGuard<'_, Known<K, T>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads those of `wanted` that are older than they may be, side by side. What came whole is given to `take` with when its
    /// reading began; what failed a moment ago is left alone for a while. All who come before a reading begins share it, however
    /// long it takes.
    pub async fn refresh<P, F>(
        &self,
        wanted: &[(K, Duration)],
        read: impl Fn(K) -> F,
        take: impl FnOnce(&mut T, Vec<P>, Instant),
    ) where
        F: Future<Output = Result<P, CloudError>>,
    {
        let came = Instant::now();
        if self.known().due(wanted, came).is_empty() {
            return;
        }
        let _turn = self.turn.lock().await;
        let due = self.known().due(wanted, came);
        if due.is_empty() {
            return;
        }
        let began = Instant::now();
        let answers = join_all(due.iter().map(|list| read(*list))).await;
        let mut known = self.known();
        let mut parts = Vec::new();
        for (list, answer) in due.into_iter().zip(answers) {
            let reading = known.readings.entry(list).or_default();
            reading.rest.note(answer.as_ref().err());
            if let Ok(part) = answer {
                reading.since = Some(began);
                parts.push(part);
            }
        }
        take(&mut known.content, parts, began);
    }
}

impl<K: Ord + Copy, T> Known<K, T> {
    /// Those of `wanted` that are older than they may be, and could not be read.
    pub fn unread(&self, wanted: &[(K, Duration)]) -> Vec<Unread<K>> {
        let now = Instant::now();
        let old = wanted
            .iter()
            .filter(|(list, max_age)| self.is_old(*list, *max_age, now));
        old.filter_map(|(list, _)| {
            let reading = self.readings.get(list)?;
            Some(Unread {
                list: *list,
                error: reading.rest.error()?.clone(),
                is_known: reading.since.is_some(),
            })
        })
        .collect()
    }

    /// What is known, if all of `wanted` is young enough.
    ///
    /// # Errors
    /// The first that could not be read.
    pub fn whole(&self, wanted: &[(K, Duration)]) -> Result<&T, CloudError> {
        match self.unread(wanted).into_iter().next() {
            Some(unread) => Err(unread.error),
            None => Ok(&self.content),
        }
    }

    /// `list` is to be read anew, whatever it may be old.
    pub fn forget(&mut self, list: K) {
        self.readings.remove(&list);
    }

    /// `list` was read now, by somebody else.
    pub fn was_read(&mut self, list: K) {
        self.readings.entry(list).or_default().since = Some(Instant::now());
    }

    fn is_old(&self, list: K, max_age: Duration, at: Instant) -> bool {
        let since = self.readings.get(&list).and_then(|reading| reading.since);
        since.is_none_or(|since| at.saturating_duration_since(since) > max_age)
    }

    /// Those that are too old for whoever came at `came`.
    fn due(&self, wanted: &[(K, Duration)], came: Instant) -> Vec<K> {
        let is_resting = |list: &K| {
            let reading = self.readings.get(list);
            reading.is_some_and(|reading| !reading.rest.is_over())
        };
        let old = wanted
            .iter()
            .filter(|(list, max_age)| self.is_old(*list, *max_age, came));
        old.map(|(list, _)| *list)
            .filter(|list| !is_resting(list))
            .collect()
    }
}

/// Readings of one kind of thing, each for itself, by name. What nobody asks for any more is forgotten.
#[derive(Default)]
pub(super) struct Each<T>(Mutex<BTreeMap<String, Asked<T>>>);

/// A reading that was asked for.
struct Asked<T> {
    last: Instant,
    reading: Arc<Shared<(), T>>,
}

impl<T: Default> Each<T> {
    pub fn of(&self, name: &str) -> Arc<Shared<(), T>> {
        let now = Instant::now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(name) {
            all.retain(|_, asked| now.saturating_duration_since(asked.last) <= FORGOTTEN_AFTER);
        }
        let asked = all.entry(name.to_owned()).or_insert_with(|| Asked {
            last: now,
            reading: Arc::default(),
        });
        asked.last = now;
        Arc::clone(&asked.reading)
    }

    /// All readings by their names.
    pub fn all(&self) -> Vec<(String, Arc<Shared<(), T>>)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = all.iter();
        all.map(|(name, asked)| (name.clone(), Arc::clone(&asked.reading)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::Call;
    use std::cell::Cell;

    const WANTED: [(char, Duration); 2] = [('a', Duration::from_mins(1)), ('b', Duration::from_mins(1))];

    /// What each refresh of several at a time finds, and how many readings were made.
    async fn read(shared: &Shared<char, String>, refreshes: usize, broken: Option<char>) -> (String, usize) {
        let made = Cell::new(0);
        let one = || {
            let read = async |list| {
                made.set(made.get() + 1);
                tokio::time::sleep(Duration::from_secs(1)).await;
                let operation = Call::ListIpSets { marker: None }.operation();
                let failed = || CloudError::new(operation, "ServiceFailure", "no");
                (broken != Some(list)).then_some(list).ok_or_else(failed)
            };
            shared.refresh(&WANTED, read, |content, parts, _| content.extend(parts))
        };
        join_all((0..refreshes).map(|_| one())).await;
        (shared.known().content.clone(), made.get())
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_meanwhile_shares_what_is_read_until_it_is_old() {
        let shared = Shared::default();
        assert_eq!(read(&shared, 3, None).await, ("ab".to_owned(), 2));
        assert_eq!(read(&shared, 3, None).await.1, 0);
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(read(&shared, 3, None).await, ("abab".to_owned(), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_asks_for_any_more_is_forgotten() {
        let each: Each<usize> = Each::default();
        for name in ["kept", "left"] {
            each.of(name).known().content = 1;
        }
        for hour in 0..30 {
            tokio::time::sleep(Duration::from_hours(1)).await;
            assert_eq!(each.of("kept").known().content, 1, "hour {hour}");
        }
        each.of("new");
        assert_eq!(each.0.lock().expect("no panic").len(), 2);
        assert_eq!(each.of("left").known().content, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reading_that_takes_longer_than_it_may_be_old_serves_all_who_waited_for_it() {
        let shared: Shared<(), usize> = Shared::default();
        let wanted = [((), Duration::from_secs(5))];
        let one = || {
            let read = async |()| {
                tokio::time::sleep(Duration::from_secs(20)).await;
                Ok::<_, CloudError>(1)
            };
            shared.refresh(&wanted, read, |count, parts: Vec<usize>, _| *count += parts.len())
        };
        join_all((0..3).map(|_| one())).await;
        assert_eq!(shared.known().content, 1);
        one().await;
        assert_eq!(shared.known().content, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_shared_too_and_holds_up_neither_the_others_nor_what_was_known() {
        let shared = Shared::default();
        assert_eq!(read(&shared, 3, Some('b')).await, ("a".to_owned(), 2));
        let unread = shared.known().unread(&WANTED);
        assert_eq!(unread.len(), 1);
        assert!(unread[0].list == 'b' && !unread[0].is_known);
        assert!(shared.known().whole(&WANTED).is_err());
        assert_eq!(read(&shared, 3, None).await.1, 0, "it rests");
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(read(&shared, 3, None).await, ("ab".to_owned(), 1));
        assert!(shared.known().whole(&WANTED).is_ok());
    }
}
