//! Policies of the account's own that distributions name: whether they send the viewer's Host on. They change seldom, and several objects
//! name the same, so what was read serves all for a while.
//!
//! Nobody needs the right to read them: what could not be read is not known, and whoever decides by it waits.

use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::layers::patient::Patient;
use crate::domain::edge::host::{Headers, Named};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The policies of one account.
pub struct Policies {
    cloud: Arc<dyn Cloud>,
    known: Mutex<HashMap<String, (Option<bool>, Instant)>>,
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

    /// Whether each of these sends the viewer's Host on, as it was at most `max_age` ago; without those that cannot be read.
    pub async fn of(&self, named: &[Named], max_age: Duration) -> BTreeMap<String, bool> {
        let mut found = BTreeMap::new();
        for policy in named {
            if let Some(sends) = self.one(policy, max_age).await {
                found.insert(policy.id().to_owned(), sends);
            }
        }
        found
    }

    async fn one(&self, policy: &Named, max_age: Duration) -> Option<bool> {
        let known = self.known().get(policy.id()).copied();
        // What refuses viewers is asked about anew: somebody is mending it.
        let kept = known.filter(|(sends, at)| *sends != Some(true) && at.elapsed() <= max_age);
        if let Some((sends, _)) = kept {
            return sends;
        }
        let sends = match self.read(policy).await {
            Ok(headers) => Some(headers.sends_host()),
            Err(error) => {
                tracing::debug!(%error, policy = policy.id(), "a policy cannot be read");
                // What passes by itself is tried again by whoever comes next.
                if !matches!(error.kind, ErrorKind::Denied) {
                    self.known().remove(policy.id());
                    return None;
                }
                None
            }
        };
        self.known()
            .insert(policy.id().to_owned(), (sends, Instant::now()));
        sends
    }

    async fn read(&self, policy: &Named) -> Result<Headers, CloudError> {
        let cloud: &dyn Cloud = &Patient(self.cloud.as_ref());
        match policy {
            Named::Cache(id) => cloud.get_cache_policy(id.clone()).await,
            Named::OriginRequest(id) => cloud.get_origin_request_policy(id.clone()).await,
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, (Option<bool>, Instant)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::{Answer, Call};
    use async_trait::async_trait;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const OWN: &str = "11111111-2222-4333-8444-555555555555";

    /// Has policies that send everything, or nothing; counts how often it was asked.
    #[derive(Default)]
    struct Account {
        asked: AtomicUsize,
        sends: Mutex<Option<&'static str>>,
    }

    #[async_trait]
    impl Cloud for Account {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let Some(behavior) = *self.sends.lock().unwrap() else {
                let error = CloudError::mismatched(call.operation());
                return Err(CloudError {
                    kind: ErrorKind::Denied,
                    ..error
                });
            };
            let headers = Headers {
                behavior: behavior.to_owned(),
                names: vec![],
            };
            Ok(match call {
                Call::GetCachePolicy { .. } => Answer::GetCachePolicy(headers),
                _ => Answer::GetOriginRequestPolicy(headers),
            })
        }
    }

    async fn told(policies: &Policies, account: &Account) -> (Option<bool>, usize) {
        let named = [Named::OriginRequest(OWN.to_owned())];
        let found = policies.of(&named, Duration::from_mins(1)).await;
        (found.get(OWN).copied(), account.asked.swap(0, Ordering::SeqCst))
    }

    #[tokio::test(start_paused = true)]
    async fn what_sends_no_host_is_kept_for_a_while_and_what_does_is_asked_about_each_time() {
        let account = Arc::new(Account::default());
        let policies = Policies::new(account.clone());
        *account.sends.lock().unwrap() = Some("none");
        assert_eq!(told(&policies, &account).await, (Some(false), 1));
        *account.sends.lock().unwrap() = Some("allViewer");
        assert_eq!(told(&policies, &account).await, (Some(false), 0));
        tokio::time::sleep(Duration::from_mins(2)).await;
        for _ in 0..2 {
            assert_eq!(told(&policies, &account).await, (Some(true), 1));
        }
        *account.sends.lock().unwrap() = Some("none");
        assert_eq!(told(&policies, &account).await, (Some(false), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_not_be_read_is_not_known_and_is_tried_again_after_a_while() {
        let account = Arc::new(Account::default());
        let policies = Policies::new(account.clone());
        assert_eq!(told(&policies, &account).await, (None, 1));
        *account.sends.lock().unwrap() = Some("none");
        assert_eq!(told(&policies, &account).await, (None, 0));
        tokio::time::sleep(Duration::from_mins(2)).await;
        assert_eq!(told(&policies, &account).await, (Some(false), 1));
    }
}
