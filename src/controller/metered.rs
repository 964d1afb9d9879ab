//! Counts every call to AWS.

use super::metrics::Metrics;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::operations::{Answer, Call};
use async_trait::async_trait;
use std::sync::Arc;
use std::time::Instant;

/// Another cloud, with its calls counted.
pub struct Metered {
    inner: Arc<dyn Cloud>,
    metrics: Arc<Metrics>,
}

impl Metered {
    /// Counts the calls to `inner` in `metrics`.
    #[must_use]
    pub fn new(inner: Arc<dyn Cloud>, metrics: Arc<Metrics>) -> Self {
        Self { inner, metrics }
    }
}

#[async_trait]
impl Cloud for Metered {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        let operation = call.operation();
        let began = Instant::now();
        let result = self.inner.call(call).await;
        self.metrics.called(
            operation,
            result.as_ref().err().map(|error| error.kind),
            began.elapsed(),
        );
        result
    }
}
