//! AWS as a plan sees it: whatever could change anything is refused before it is sent.

use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::operations::{Answer, Call, Operation};
use async_trait::async_trait;

/// Our code of a refused write.
pub const READ_ONLY: &str = "ReadOnly";

/// A `Cloud` that reads, and refuses every write by its class.
pub struct ReadOnly<C>(C);

impl<C> ReadOnly<C> {
    /// `inner`, for reading alone.
    #[must_use]
    pub fn new(inner: C) -> Self {
        Self(inner)
    }
}

#[async_trait]
impl<C: Cloud> Cloud for ReadOnly<C> {
    async fn call(&self, call: Call) -> Result<Answer, CloudError> {
        match refusal(call.operation()) {
            Some(refused) => Err(refused),
            None => self.0.call(call).await,
        }
    }
}

/// Why `operation` is not called; `None` where it changes nothing.
fn refusal(operation: Operation) -> Option<CloudError> {
    operation.class.is_write().then(|| CloudError {
        operation,
        code: READ_ONLY.to_owned(),
        message: "a plan writes nothing; this is a bug in Palisade".to_owned(),
        kind: ErrorKind::Terminal,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::OPERATIONS;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Default)]
    struct Counter(AtomicUsize);

    #[async_trait]
    impl Cloud for Counter {
        async fn call(&self, _: Call) -> Result<Answer, CloudError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(Answer::DeleteRole(()))
        }
    }

    /// By AWS's own names: a row whose class is wrong would let a write through.
    #[test]
    fn of_all_operations_only_those_pass_whose_names_say_that_they_read() {
        for operation in OPERATIONS {
            let reads = ["Assume", "Check", "Describe", "Export", "Get", "List"];
            let is_read = reads.iter().any(|verb| operation.name.starts_with(verb));
            assert_eq!(refusal(*operation).is_none(), is_read, "{operation:?}");
        }
    }

    #[tokio::test]
    async fn a_write_is_refused_before_it_is_sent_and_a_read_passes() {
        let aws = Arc::new(Counter::default());
        let cloud = ReadOnly::new(Arc::clone(&aws));
        let refused = cloud.call(Call::DeleteRole { name: "r".into() }).await;
        assert_eq!(refused.unwrap_err().code, READ_ONLY);
        assert_eq!(aws.0.load(Ordering::Relaxed), 0);
        cloud.call(Call::GetRole { name: "r".into() }).await.unwrap();
        assert_eq!(aws.0.load(Ordering::Relaxed), 1);
    }
}
