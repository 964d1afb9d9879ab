//! What AWS refused last for its rate: while a pass waits for its turn, nothing else tells why.

use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::operations::{Answer, Call};
use async_trait::async_trait;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// So long a refusal explains a wait: calls that AWS goes on to refuse are made more often than that.
const FRESH: Duration = Duration::from_mins(2);

/// A `Cloud` of which it is known what AWS refused last for its rate.
pub struct Refusals {
    inner: Arc<dyn Cloud>,
    last: Mutex<Option<(Instant, CloudError)>>,
}

impl Refusals {
    /// `inner`, which has refused nothing yet.
    #[must_use]
    pub fn new(inner: Arc<dyn Cloud>) -> Self {
        Self {
            inner,
            last: Mutex::default(),
        }
    }

    /// What was refused last, if that was a moment ago.
    #[must_use]
    pub fn last(&self) -> Option<CloudError> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, error) = last.as_ref()?;
        (at.elapsed() <= FRESH).then(|| error.clone())
    }
}

#[async_trait]
impl Cloud for Refusals {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let answer = self.inner.call(call).await;
        if let Err(error) = &answer
            && error.kind == ErrorKind::Throttled
        {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            *last = Some((Instant::now(), error.clone()));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Refuses each call with this code.
    struct Refusing(&'static str);

    #[async_trait]
    impl Cloud for Refusing {
        async fn call(&self, call: Call) -> Result<Answer, CloudError> {
            Err(CloudError::new(call.operation(), self.0, "no"))
        }
    }

    /// What is known to be refused so long after a call that was answered with this code.
    async fn last(code: &'static str, after: Duration) -> Option<CloudError> {
        let refusals = Refusals::new(Arc::new(Refusing(code)));
        let answer = refusals.call(Call::GetRole { name: "r".into() }).await;
        assert!(answer.is_err());
        tokio::time::sleep(after).await;
        refusals.last()
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_for_the_rate_is_known_for_a_while_and_others_are_not() {
        let minute = Duration::from_mins(1);
        let known = last("Throttling", minute).await;
        assert_eq!(known.map(|error| error.code).as_deref(), Some("Throttling"));
        assert_eq!(last("Throttling", 3 * minute).await, None);
        assert_eq!(last("AccessDenied", minute).await, None);
    }
}
