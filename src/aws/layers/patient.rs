//! A `Cloud` whose calls are tried again for a moment: what a resource is takes several reads, and one that fails makes the
//! others useless.

use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::operations::{Answer, Call};
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::sleep;

/// After each attempt but the last; the SDK has tried each one a few times by itself.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// The cloud `0`, whose failed calls are made again: reads that may go well soon, and of writes only those that AWS refused for
/// their rate, so that it did not act.
pub struct Patient<'a>(pub &'a dyn Cloud);

#[async_trait]
impl Cloud for Patient<'_> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let is_write = call.operation().class.is_write();
        for pause in PAUSES {
            let answer = self.0.call(call.clone()).await;
            let may_pass = answer.as_ref().is_err_and(|error| match error.kind {
                ErrorKind::Throttled => true,
                ErrorKind::Transient => !is_write,
                _ => false,
            });
            if !may_pass {
                return answer;
            }
            // Together with others it was refused, and together they should not come again.
            sleep(pause.mul_f64(fastrand::f64().mul_add(0.5, 0.5))).await;
        }
        self.0.call(call).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Fails so often, with this code, and counts.
    struct Failing(usize, &'static str, AtomicUsize);

    #[async_trait]
    impl Cloud for Failing {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            if self.2.fetch_add(1, Ordering::Relaxed) < self.0 {
                return Err(CloudError::new(call.operation(), self.1, "no"));
            }
            Ok(Answer::DeleteRole(()))
        }
    }

    /// Whether the call is answered in the end, and how often it was made.
    async fn made(failures: usize, code: &'static str, call: Call) -> (bool, usize) {
        let cloud = Failing(failures, code, AtomicUsize::new(0));
        let answer = Patient(&cloud).call(call).await;
        (answer.is_ok(), cloud.2.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn reads_are_repeated_where_that_may_help_and_writes_where_aws_did_not_act() {
        let read = || Call::GetRole { name: "r".into() };
        let write = || Call::DeleteRole { name: "r".into() };
        assert_eq!(made(3, "Throttling", read()).await, (true, 4));
        assert_eq!(made(9, "ServiceFailure", read()).await, (false, 4));
        assert_eq!(made(9, "AccessDenied", read()).await, (false, 1));
        assert_eq!(made(1, "Throttling", write()).await, (true, 2));
        assert_eq!(made(1, "ServiceFailure", write()).await, (false, 1));
    }
}
