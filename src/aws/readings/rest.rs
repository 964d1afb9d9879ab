//! After a failure a list is left alone for a while, longer each time: whoever asks meanwhile gets the failure at once.

use crate::aws::cloud::CloudError;
use crate::aws::errors::ErrorKind;
use std::time::Duration;
use tokio::time::Instant;

/// Passes that failed come again after this.
const FIRST: Duration = Duration::from_secs(4);
const LONGEST: Duration = Duration::from_mins(2);
/// What our credentials may not do ends when a person mends that, who then waits to see it: nobody is told of it for much longer.
const LONGEST_DENIED: Duration = Duration::from_secs(15);

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
        let is_denied = error.is_some_and(|error| error.kind == ErrorKind::Denied);
        let longest = if is_denied { LONGEST_DENIED } else { LONGEST };
        let pause = FIRST.saturating_mul(2_u32.saturating_pow(failures)).min(longest);
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

    /// For how many seconds a list is left alone after each of seven failures with this code.
    async fn pauses(code: &str) -> Vec<u64> {
        let operation = Call::ListIpSets { marker: None }.operation();
        let error = CloudError::new(operation, code, "no");
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
        rest.note(None);
        assert_eq!((rest.error(), rest.is_over()), (None, true));
        pauses
    }

    #[tokio::test(start_paused = true)]
    async fn each_failure_is_remembered_for_longer_and_a_success_ends_that() {
        assert_eq!(pauses("ThrottlingException").await, [4, 8, 16, 32, 64, 120, 120]);
    }

    #[tokio::test(start_paused = true)]
    async fn credentials_that_a_person_mends_are_tried_again_within_seconds() {
        for code in ["ExpiredTokenException", "AccessDeniedException"] {
            assert_eq!(pauses(code).await, [4, 8, 15, 15, 15, 15, 15], "{code}");
        }
    }
}
