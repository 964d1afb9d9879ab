//! The seam: `Cloud` is AWS as the rest of the code sees it, in production the SDK, in tests a simulation.

use super::errors::{self, ErrorKind};
use super::operations::{Answer, Call, Operation};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// No call lasts longer, retries included. A write starts only under a Lease that outlasts it.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(40);

/// One AWS account.
///
/// Implementations answer one [`Call`] with the [`Answer`] of the same name. Layers (budget, fence, metrics) wrap
/// another `Cloud`. The typed methods, such as `cloud.get_role(name)`, stand on `dyn Cloud`.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// Makes one call.
    ///
    /// # Errors
    /// What AWS answered, classified; a lost answer is [`ErrorKind::Transient`] and leaves open whether AWS acted.
    async fn call(&self, call: Call) -> Result<Answer, CloudError>;
}

#[async_trait]
impl<C: Cloud + ?Sized> Cloud for Arc<C> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        self.as_ref().call(call).await
    }
}

/// Is told of attempts that the SDK makes by itself.
pub trait RetryObserver: Send + Sync {
    /// A further attempt of `operation` in `region` starts, as [`Call::region`] names it. `throttled` is when the attempt before
    /// it began, if AWS refused it for its rate; the last attempt's refusal is the call's error and is not told here.
    fn retried(&self, operation: Operation, region: &str, throttled: Option<Instant>);
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The page's items.
    pub items: Vec<T>,
    /// Marker of the next page; `None` on the last one.
    pub next: Option<String>,
}

/// What becomes of the items of a whole list. Each page is turned into rows before the next one is asked for.
pub(crate) async fn pages<T, R, C, F, Fut>(page: F, row: impl Fn(T) -> Option<R>) -> Result<C, CloudError>
where
    F: Fn(Option<String>) -> Fut,
    Fut: Future<Output = Result<Page<T>, CloudError>>,
    C: FromIterator<R>,
{
    let mut rows = Vec::new();
    let mut marker = None;
    loop {
        let answer = page(marker).await?;
        rows.extend(answer.items.into_iter().filter_map(&row));
        marker = answer.next;
        if marker.is_none() {
            return Ok(rows.into_iter().collect());
        }
    }
}

/// A refused or failed call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} {}: {code}: {message}", operation.service.name(), operation.name)]
pub struct CloudError {
    /// What was called.
    pub operation: Operation,
    /// AWS's error code, such as `PreconditionFailed`; of ours where AWS never answered.
    pub code: String,
    /// AWS's message.
    pub message: String,
    /// What follows from the code.
    pub kind: ErrorKind,
}

impl CloudError {
    /// An error with the kind that the table of [`super::errors`] gives its code.
    #[must_use]
    pub fn new(operation: Operation, code: impl Into<String>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        let kind = errors::classify(operation, &code, &message);
        Self {
            operation,
            code,
            message,
            kind,
        }
    }

    /// The same error where only time is missing: AWS has the resource and does not show it yet.
    #[must_use]
    pub fn not_yet(self, why: &str) -> Self {
        Self {
            kind: ErrorKind::NotYet,
            message: format!("{} ({why})", self.message),
            ..self
        }
    }

    /// A layer or implementation answered another operation than was called.
    #[must_use]
    pub fn mismatched(operation: Operation) -> Self {
        Self::new(
            operation,
            errors::MISMATCHED_ANSWER,
            "the answer is of another operation",
        )
    }
}
