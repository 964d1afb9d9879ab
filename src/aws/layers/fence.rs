//! The fence: no write starts unless the Lease outlasts it.
//!
//! Two replicas that both write would undo each other's work. A call cannot be taken back once it is sent, so the Lease
//! must be valid for longer than the longest call.

use crate::aws::cloud::{CALL_TIMEOUT, Cloud, CloudError};
use crate::aws::errors::NOT_LEADING;
use crate::aws::operations::{Answer, Call};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;

/// The right to write.
pub trait Lease: Send + Sync {
    /// How long nobody else can take the Lease, counted from now; zero when we do not hold it.
    fn valid_for(&self) -> Duration;
}

/// The Lease where leader election is off: there is one replica only.
pub struct Always;

impl Lease for Always {
    fn valid_for(&self) -> Duration {
        Duration::MAX
    }
}

/// A `Cloud` that reads always, and writes under a Lease.
pub(super) struct Fenced<C> {
    inner: C,
    lease: Arc<dyn Lease>,
}

impl<C> Fenced<C> {
    /// `inner`, writing under `lease`.
    pub fn new(inner: C, lease: Arc<dyn Lease>) -> Self {
        Self { inner, lease }
    }
}

#[async_trait]
impl<C: Cloud> Cloud for Fenced<C> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let operation = call.operation();
        if operation.class.is_write() && self.lease.valid_for() <= CALL_TIMEOUT {
            let message =
                "this replica does not lead for long enough to finish the call; the leader makes it";
            return Err(CloudError::new(operation, NOT_LEADING, message));
        }
        self.inner.call(call).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct For(Duration);

    impl Lease for For {
        fn valid_for(&self) -> Duration {
            self.0
        }
    }

    #[derive(Default)]
    struct Counter(AtomicUsize);

    #[async_trait]
    impl Cloud for Arc<Counter> {
        async fn call(&self, _: Call) -> Result<Answer, CloudError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Answer::DeleteRole(()))
        }
    }

    fn write() -> Call {
        Call::DeleteRole { name: "r".into() }
    }

    fn read() -> Call {
        Call::GetRole { name: "r".into() }
    }

    /// Whether `call` reaches AWS under `lease`.
    async fn passes(lease: impl Lease + 'static, call: Call) -> bool {
        let counter = Arc::new(Counter::default());
        let result = Fenced::new(Arc::clone(&counter), Arc::new(lease))
            .call(call)
            .await;
        assert!(result.is_ok() || result.is_err_and(|error| error.code == NOT_LEADING));
        counter.0.load(Ordering::Relaxed) == 1
    }

    #[tokio::test]
    async fn a_write_under_a_long_lease_passes() {
        assert!(passes(For(CALL_TIMEOUT + Duration::from_millis(1)), write()).await);
    }

    #[tokio::test]
    async fn a_write_that_could_outlast_the_lease_is_refused_before_it_is_sent() {
        assert!(!passes(For(CALL_TIMEOUT), write()).await);
        assert!(!passes(For(Duration::ZERO), write()).await);
    }

    #[tokio::test]
    async fn a_read_needs_no_lease() {
        assert!(passes(For(Duration::ZERO), read()).await);
    }

    #[tokio::test]
    async fn without_leader_election_every_write_passes() {
        assert!(passes(Always, write()).await);
    }
}
