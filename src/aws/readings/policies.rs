//! Policies of the account's own that distributions name: whether they send the viewer's Host on. They change seldom, and several objects
//! name the same, so what was read serves all for a while.
//!
//! Nobody needs the right to read them: what could not be read is not known, and whoever decides by it waits. What was known stays known
//! through what passes by itself, so that no change is turned back for it.

use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::layers::patient::Patient;
use crate::domain::edge::host::{Headers, Known, Named};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer counts by which viewers are refused: somebody is mending it.
const SENDS: Duration = Duration::from_secs(30);
/// What nobody has asked for so long is forgotten: specs may name ever more ids.
const FORGOTTEN: Duration = Duration::from_hours(24);
/// How long one that passes by itself does: for those who ask at once.
const AT_ONCE: Duration = Duration::from_secs(1);

/// The policies of one account.
pub struct Policies {
    cloud: Arc<dyn Cloud>,
    /// By id; whoever reads one holds its place, so that others who ask meanwhile take over the answer.
    known: Mutex<HashMap<String, Place>>,
}

type Place = Arc<tokio::sync::Mutex<Option<Kept>>>;

/// What was last known of a policy.
#[derive(Debug, Clone, Copy)]
struct Kept {
    /// Whether it sends the viewer's Host on; `None` where that is not known.
    sends: Option<bool>,
    /// Why it could not be read when it was last asked for.
    failed: Option<ErrorKind>,
    at: Instant,
}

impl Kept {
    fn is_fresh(&self, max_age: Duration) -> bool {
        let limit = match (self.failed, self.sends) {
            (None | Some(ErrorKind::Denied), Some(true)) => SENDS,
            (None | Some(ErrorKind::Denied), _) => max_age,
            (Some(_), _) => AT_ONCE,
        };
        self.at.elapsed() <= limit
    }
}

impl Policies {
    /// Nothing was read yet.
    #[must_use]
    pub fn new(cloud: Arc<dyn Cloud>) -> Self {
        Self {
            cloud,
            known: Mutex::default(),
        }
    }

    /// Whether each of these sends the viewer's Host on, as it was at most `max_age` ago, or why that is not known.
    pub async fn of(&self, named: &[Named], max_age: Duration) -> Known {
        let mut found = Known::default();
        for policy in named {
            let (id, kept) = (policy.id().to_owned(), self.one(policy, max_age).await);
            match (kept.sends, kept.failed) {
                (Some(sends), _) => {
                    found.read.insert(id, sends);
                }
                (None, Some(failed)) => {
                    found.unread.insert(id, failed);
                }
                (None, None) => {}
            }
        }
        found
    }

    async fn one(&self, policy: &Named, max_age: Duration) -> Kept {
        let place = self.place(policy.id());
        let mut known = place.lock().await;
        if let Some(kept) = known.filter(|kept| kept.is_fresh(max_age)) {
            return kept;
        }
        let (sends, failed) = match self.read(policy).await {
            Ok(headers) => (Some(headers.sends_host()), None),
            Err(error) => {
                tracing::debug!(%error, policy = policy.id(), "a policy cannot be read");
                let before = known.and_then(|kept| kept.sends);
                let passes = !matches!(error.kind, ErrorKind::Denied);
                (before.filter(|_| passes), Some(error.kind))
            }
        };
        let at = Instant::now();
        *known.insert(Kept { sends, failed, at })
    }

    async fn read(&self, policy: &Named) -> Result<Headers, CloudError> {
        let cloud: &dyn Cloud = &Patient(self.cloud.as_ref());
        match policy {
            Named::Cache(id) => cloud.get_cache_policy(id.clone()).await,
            Named::OriginRequest(id) => cloud.get_origin_request_policy(id.clone()).await,
        }
    }

    fn place(&self, id: &str) -> Place {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever asks reads it again within the hour, whatever comes of that.
        known.retain(|_, place| {
            let is_asked = Arc::strong_count(place) > 1;
            let kept = place.try_lock().ok().and_then(|kept| *kept);
            is_asked || kept.is_some_and(|kept| kept.at.elapsed() < FORGOTTEN)
        });
        Arc::clone(known.entry(id.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::{Answer, Call};
    use async_trait::async_trait;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const OWN: &str = "11111111-2222-4333-8444-555555555555";

    /// Has policies that send everything, or nothing, or refuses in this way; counts how often it was asked.
    struct Account {
        asked: AtomicUsize,
        answer: Mutex<Result<&'static str, ErrorKind>>,
    }

    impl Account {
        fn new(answer: Result<&'static str, ErrorKind>) -> Arc<Self> {
            Arc::new(Self {
                asked: AtomicUsize::default(),
                answer: Mutex::new(answer),
            })
        }

        fn set(&self, answer: Result<&'static str, ErrorKind>) {
            *self.answer.lock().unwrap() = answer;
        }
    }

    #[async_trait]
    impl Cloud for Account {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            let answer = *self.answer.lock().unwrap();
            let headers = match answer {
                Ok(behavior) => Headers {
                    behavior: behavior.to_owned(),
                    names: vec![],
                },
                Err(kind) => {
                    let error = CloudError::mismatched(call.operation());
                    return Err(CloudError { kind, ..error });
                }
            };
            Ok(match call {
                Call::GetCachePolicy { .. } => Answer::GetCachePolicy(headers),
                _ => Answer::GetOriginRequestPolicy(headers),
            })
        }
    }

    async fn found(policies: &Policies) -> Known {
        let named = [Named::OriginRequest(OWN.to_owned())];
        policies.of(&named, Duration::from_mins(1)).await
    }

    async fn told(policies: &Policies, account: &Account) -> (Option<bool>, usize) {
        let found = found(policies).await;
        (
            found.read.get(OWN).copied(),
            account.asked.swap(0, Ordering::SeqCst),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn what_sends_no_host_is_kept_for_a_while_and_what_does_for_half_a_minute() {
        let account = Account::new(Ok("none"));
        let policies = Policies::new(account.clone());
        assert_eq!(told(&policies, &account).await, (Some(false), 1));
        account.set(Ok("allViewer"));
        assert_eq!(told(&policies, &account).await, (Some(false), 0));
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(told(&policies, &account).await, (Some(true), 1));
        account.set(Ok("none"));
        assert_eq!(told(&policies, &account).await, (Some(true), 0));
        tokio::time::sleep(Duration::from_secs(31)).await;
        assert_eq!(told(&policies, &account).await, (Some(false), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_ask_at_once_share_one_read_whatever_it_answers() {
        for answer in [
            Ok("none"),
            Ok("allViewer"),
            Err(ErrorKind::Denied),
            Err(ErrorKind::Terminal),
        ] {
            let account = Account::new(answer);
            let policies = Policies::new(account.clone());
            let (one, other) = tokio::join!(found(&policies), found(&policies));
            assert_eq!(one, other, "{answer:?}");
            assert_eq!(account.asked.load(Ordering::SeqCst), 1, "{answer:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_not_be_read_is_not_known_and_is_tried_again_after_a_while() {
        let account = Account::new(Ok("none"));
        let policies = Policies::new(account.clone());
        assert_eq!(told(&policies, &account).await, (Some(false), 1));
        account.set(Err(ErrorKind::Denied));
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(found(&policies).await.unread.get(OWN), Some(&ErrorKind::Denied));
        assert_eq!(told(&policies, &account).await, (None, 1));
        account.set(Ok("none"));
        assert_eq!(told(&policies, &account).await, (None, 0));
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(told(&policies, &account).await, (Some(false), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_asks_for_in_a_day_is_forgotten() {
        let account = Account::new(Ok("none"));
        let policies = Policies::new(account.clone());
        let other = [Named::Cache("another".to_owned())];
        let count = || policies.known.lock().unwrap().len();
        policies.of(&other, Duration::from_mins(1)).await;
        for _ in 0..30 {
            found(&policies).await;
            assert!(count() >= 1);
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
        assert_eq!(count(), 1);
        assert_eq!(told(&policies, &account).await.0, Some(false));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_known_stays_known_through_what_passes_by_itself() {
        for kind in [ErrorKind::Terminal, ErrorKind::NotFound] {
            let account = Account::new(Ok("none"));
            let policies = Policies::new(account.clone());
            assert_eq!(told(&policies, &account).await, (Some(false), 1));
            account.set(Err(kind));
            tokio::time::sleep(Duration::from_mins(2)).await;
            assert_eq!(told(&policies, &account).await, (Some(false), 1), "{kind:?}");
            // It is asked for again by whoever comes next.
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert_eq!(told(&policies, &account).await, (Some(false), 1), "{kind:?}");
        }
        let account = Account::new(Err(ErrorKind::NotFound));
        let found = found(&Policies::new(account)).await;
        assert_eq!(found.unread.get(OWN), Some(&ErrorKind::NotFound));
    }
}
