//! After a failure a list is left alone for a while, longer each time: whoever asks meanwhile gets the failure at once.

use crate::aws::cloud::CloudError;
use std::time::Duration;
use tokio::time::Instant;

/// Passes that failed come again after this.
const FIRST: Duration = Duration::from_secs(4);
const LONGEST: Duration = Duration::from_mins(2);

/// How the last readings of a list went.
#[derive(Debug, Clone, Default)]
pub(super) struct Rest(Option<Trouble>);

#[derive(Debug, Clone)]
struct Trouble {
    until: Instant,
    failures: u32,
    error: CloudError,
}

impl Rest {
    /// Notes how a reading ended.
    pub fn note(&mut self, error: Option<&CloudError>) {
        let failures = self.0.as_ref().map_or(0, |trouble| trouble.failures);
        let pause = FIRST.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST);
        self.0 = error.map(|error| Trouble {
            until: Instant::now() + pause,
            failures: failures.saturating_add(1),
            error: error.clone(),
        });
    }

    /// Whether it may be read again.
    pub fn is_over(&self) -> bool {
        let until = self.0.as_ref().map(|trouble| trouble.until);
        until.is_none_or(|until| Instant::now() >= until)
    }

    /// How the last reading failed, if it did.
    pub fn error(&self) -> Option<&CloudError> {
        self.0.as_ref().map(|trouble| &trouble.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::Call;

    #[tokio::test(start_paused = true)]
    async fn each_failure_is_remembered_for_longer_and_a_success_ends_that() {
        let operation = Call::ListIpSets { marker: None }.operation();
        let error = CloudError::new(operation, "ThrottlingException", "slower");
        let mut rest = Rest::default();
        let mut pauses = Vec::new();
        for _ in 0..7 {
            rest.note(Some(&error));
            assert_eq!((rest.error(), rest.is_over()), (Some(&error), false));
            let began = Instant::now();
            while !rest.is_over() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            pauses.push(began.elapsed().as_secs());
        }
        assert_eq!(pauses, [4, 8, 16, 32, 64, 120, 120]);
        rest.note(None);
        assert_eq!((rest.error(), rest.is_over()), (None, true));
    }
}
