//! What no object owns, as the sweeper counted it last, and since when this process counts it so: a status has no room for all of it.

use crate::domain::perimeter::unowned::Unowned;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::time::Instant;

/// The last count.
#[derive(Debug, Default)]
pub struct Counted(Mutex<Option<Count>>);

#[derive(Debug)]
struct Count {
    all: Vec<Unowned>,
    /// When each was first counted, by ARN, without a count in between that lacked it.
    since: HashMap<String, Instant>,
}

impl Counted {
    /// All of it; `None` before anything was counted.
    pub(in crate::controller::engine) fn all(&self) -> Option<Vec<Unowned>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.as_ref().map(|count| count.all.clone())
    }

    /// All of it, each with the time since when it is counted; `now` is the time.
    pub(in crate::controller::engine) fn with_ages(&self, now: Timestamp) -> Vec<(Unowned, Timestamp)> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = known.iter().flat_map(|count| {
            let age = |found: &Unowned| count.since.get(&found.arn).map(Instant::elapsed);
            count.all.iter().map(move |found| {
                let age = age(found).and_then(|age| SignedDuration::try_from(age).ok());
                (found.clone(), now - age.unwrap_or_default())
            })
        });
        all.collect()
    }

    /// Remembers another count; answers whether that is news.
    pub(in crate::controller::engine) fn note(&self, found: Vec<Unowned>) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // At a start, that there is nothing is none.
        let is_news = known
            .as_ref()
            .map_or(!found.is_empty(), |known| known.all != found);
        let before = known.take().map(|count| count.since).unwrap_or_default();
        let at = Instant::now();
        let since = found.iter().map(|found| {
            let since = before.get(&found.arn).copied().unwrap_or(at);
            (found.arn.clone(), since)
        });
        *known = Some(Count {
            since: since.collect(),
            all: found,
        });
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kernel::planning::Kind;
    use std::time::Duration;

    fn found(arn: &str) -> Unowned {
        Unowned {
            kind: Kind::Role,
            arn: arn.to_owned(),
            namespace: None,
            name: None,
            uid: Some("u".to_owned()),
            retained: None,
            adopted: false,
            may_serve: false,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn since_when_something_is_counted_is_kept_until_a_count_lacks_it() {
        let (counted, now) = (Counted::default(), Timestamp::UNIX_EPOCH);
        let age = |arn: &str| {
            let all = counted.with_ages(now).into_iter();
            let since = all.filter(|(found, _)| found.arn == arn).map(|(_, since)| since);
            since
                .map(|since| now.duration_since(since).as_mins())
                .collect::<Vec<_>>()
        };
        assert_eq!(counted.all(), None);
        assert!(!counted.note(vec![]));
        assert!(counted.note(vec![found("a")]));
        tokio::time::advance(Duration::from_mins(5)).await;
        assert!(counted.note(vec![found("a"), found("b")]));
        assert!(!counted.note(vec![found("a"), found("b")]));
        assert_eq!((age("a"), age("b"), age("c")), (vec![5], vec![0], vec![]));
        assert!(counted.note(vec![found("b")]));
        counted.note(vec![found("a"), found("b")]);
        assert_eq!((age("a"), age("b")), (vec![0], vec![0]));
    }
}
