//! One pass over one object.

use super::context::Context;
use super::guard;
use super::watch::Object;
use kube::ResourceExt as _;
use kube::runtime::controller::Action;
use std::sync::Arc;
use tracing::info;

/// Why a pass failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The object could not be written.
    #[error(transparent)]
    Write(#[from] super::status::WriteError),
}

impl Error {
    /// Name of the failed step, for conditions, events and metrics.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self {
            Self::Write(error) => error.category(),
        }
    }
}

/// Looks at `object` and does what is next.
///
/// # Errors
/// When a step failed; the object is looked at again after its backoff.
#[allow(clippy::unused_async)]
pub async fn reconcile(object: Arc<Object>, context: Arc<Context>) -> Result<Action, Error> {
    match &object.0 {
        Ok(api) => info!(
            generation = api.metadata.generation,
            uid = object.uid(),
            "reconciled"
        ),
        Err(invalid) => guard::report_malformed(&context, &object, invalid).await,
    }
    Ok(Action::requeue(context.settings.resync))
}
