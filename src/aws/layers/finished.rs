//! Calls under way come to their end: one that is cut off leaves open whether AWS acted.

use super::budget;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::NO_ANSWER;
use crate::aws::operations::{Answer, Call};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use tracing::Instrument as _;

/// The calls under way. Clones speak of the same calls.
#[derive(Debug, Clone, Default)]
pub struct Calls(Arc<RwLock<()>>);

impl Calls {
    /// Waits until none is under way; while the answer is held, none begins.
    pub async fn ended(&self) -> OwnedRwLockWriteGuard<()> {
        Arc::clone(&self.0).write_owned().await
    }
}

/// A cloud whose calls end by themselves, also when nobody waits for the answer any more: a call that is cut off
/// leaves open whether AWS acted.
pub(super) struct Finished<C> {
    inner: Arc<C>,
    calls: Calls,
}

impl<C> Finished<C> {
    /// `inner`, its calls among `calls`.
    pub fn new(inner: C, calls: Calls) -> Self {
        Self {
            inner: Arc::new(inner),
            calls,
        }
    }
}

#[async_trait]
impl<C: Cloud + 'static> Cloud for Finished<C> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let operation = call.operation();
        let inner = Arc::clone(&self.inner);
        let under_way = Arc::clone(&self.calls.0).read_owned().await;
        let turn = budget::held();
        let call = async move {
            let result = inner.call(call).await;
            drop((under_way, turn));
            result
        };
        let ended = tokio::spawn(call.in_current_span()).await;
        ended.unwrap_or_else(|error| Err(CloudError::new(operation, NO_ANSWER, error.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::Semaphore;

    /// Answers when it is let to.
    struct Slow(Semaphore);

    #[async_trait]
    impl Cloud for Slow {
        async fn call(&self, _: Call) -> Result<Answer, CloudError> {
            self.0.acquire().await.expect("open").forget();
            Ok(Answer::DeleteRole(()))
        }
    }

    #[tokio::test]
    async fn a_call_is_finished_although_nobody_waits_for_it_and_none_begins_afterwards() {
        let (slow, calls) = (Arc::new(Slow(Semaphore::new(0))), Calls::default());
        let cloud = Arc::new(Finished::new(Arc::clone(&slow), calls.clone()));
        let call = || {
            let cloud = Arc::clone(&cloud);
            tokio::spawn(async move { cloud.call(Call::DeleteRole { name: "r".into() }).await })
        };
        let pass = call();
        tokio::task::yield_now().await;
        pass.abort();
        assert!(pass.await.is_err_and(|error| error.is_cancelled()));

        let moment = Duration::from_millis(50);
        assert!(
            tokio::time::timeout(moment, calls.ended()).await.is_err(),
            "ended while under way"
        );
        slow.0.add_permits(1);
        let _ended = calls.ended().await;
        slow.0.add_permits(1);
        assert!(
            tokio::time::timeout(moment, call()).await.is_err(),
            "began after the end"
        );
    }
}
