//! How long answers of the Kubernetes API are waited for: a server that vanishes without closing its connections says nothing for a
//! quarter of an hour.

use std::time::Duration;
use tokio::time::timeout;

/// For one request that is no watch, where nothing waits more urgently.
const PATIENCE: Duration = Duration::from_secs(10);

/// The answer to `request`.
///
/// # Errors
/// What the API server answered, or that it did not.
pub(crate) async fn answered<T>(
    request: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, kube::Error> {
    answered_within(PATIENCE, request).await
}

/// The answer to `request`, which is waited for so long.
///
/// # Errors
/// What the API server answered, or that it did not.
pub(crate) async fn answered_within<T>(
    patience: Duration,
    request: impl Future<Output = Result<T, kube::Error>>,
) -> Result<T, kube::Error> {
    let silence = || format!("the API server did not answer within {} s", patience.as_secs());
    let answer = timeout(patience, request).await;
    answer.unwrap_or_else(|_| Err(kube::Error::Service(silence().into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn what_is_not_answered_fails_after_ten_seconds_and_says_so() {
        let began = Instant::now();
        let silent = answered(pending::<Result<(), kube::Error>>()).await;
        assert_eq!(began.elapsed(), Duration::from_secs(10));
        let said = silent.expect_err("nobody answered").to_string();
        assert!(said.contains("did not answer within 10 s"), "{said}");
        assert!(answered(ready(Ok::<_, kube::Error>(()))).await.is_ok());
    }
}
