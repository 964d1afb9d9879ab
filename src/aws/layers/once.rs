//! What was read once is not read again: of several readers of the same thing, one asks AWS, and all have its answer. For a short while
//! in which nothing is written, such as a plan's.

use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::operations::{Answer, Call};
use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// A read, and what came of it.
type Asked = (Call, Arc<OnceCell<Answer>>);

/// A `Cloud` that makes each read once, until it is answered; whoever comes meanwhile waits for that answer.
pub struct Once<C> {
    inner: C,
    /// A plan makes a few dozen reads.
    asked: Mutex<Vec<Asked>>,
}

impl<C> Once<C> {
    /// `inner`, of which nothing was read yet.
    #[must_use]
    pub fn new(inner: C) -> Self {
        Self {
            inner,
            asked: Mutex::default(),
        }
    }

    /// Where the answer to `call` is, or will be.
    fn answer(&self, call: &Call) -> Arc<OnceCell<Answer>> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = asked.iter().find(|(known, _)| known == call) {
            return Arc::clone(known);
        }
        let answer = Arc::default();
        asked.push((call.clone(), Arc::clone(&answer)));
        answer
    }
}

#[async_trait]
impl<C: Cloud> Cloud for Once<C> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        if call.operation().class.is_write() {
            return self.inner.call(call).await;
        }
        let answer = self.answer(&call);
        let read = answer.get_or_try_init(|| self.inner.call(call));
        read.await.cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    /// Fails so often, and takes a while.
    #[derive(Default)]
    struct Aws {
        failures: usize,
        calls: AtomicUsize,
    }

    #[async_trait]
    impl Cloud for Aws {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            let before = self.calls.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_secs(1)).await;
            if before < self.failures {
                return Err(CloudError::new(call.operation(), "ServiceFailure", "no"));
            }
            Ok(Answer::DeleteRole(()))
        }
    }

    fn read(name: &str) -> Call {
        Call::GetRole { name: name.into() }
    }

    #[tokio::test(start_paused = true)]
    async fn of_those_who_read_the_same_one_asks_and_the_others_have_its_answer() {
        let cloud = Once::new(Aws::default());
        let answers = join_all(["a", "a", "b", "a"].map(|name| cloud.call(read(name)))).await;
        assert!(answers.iter().all(Result::is_ok));
        assert!(cloud.call(read("a")).await.is_ok());
        assert_eq!(cloud.inner.calls.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_failed_is_asked_again_and_a_write_is_made_each_time() {
        let cloud = Once::new(Aws {
            failures: 1,
            ..Aws::default()
        });
        assert!(cloud.call(read("a")).await.is_err());
        assert!(cloud.call(read("a")).await.is_ok());
        for _ in 0..2 {
            let write = Call::DeleteRole { name: "a".into() };
            assert!(cloud.call(write).await.is_ok());
        }
        assert_eq!(cloud.inner.calls.load(Ordering::Relaxed), 4);
    }
}
