//! Answers of the Kubernetes API are waited for so long and no longer: a server that vanishes without closing its
//! connections says nothing for a quarter of an hour.

use std::time::Duration;
use tokio::time::timeout;

/// For one request that is no watch.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The answer to `request`.
///
/// # Errors
/// What the API server answered, or that it did not.
pub async fn answered<T>(request: impl Future<Output = Result<T, kube::Error>>) -> Result<T, kube::Error> {
    let silence = || format!("the API server did not answer within {} s", PATIENCE.as_secs());
    let answer = timeout(PATIENCE, request).await;
    answer.unwrap_or_else(|_| Err(kube::Error::Service(silence().into())))
}
