//! The places of one call: kept until it ends, also where nobody waits for its answer any more.

use super::places::Place;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task_local;

task_local! {
    static HELD: Arc<Turn>;
}

/// What a call took before it was made.
pub(in crate::aws::layers) struct Turn {
    _of_object: Option<OwnedSemaphorePermit>,
    _place: Place,
}

impl Turn {
    /// The object's place, where the call is made for one, and the service's.
    pub(super) fn new(of_object: Option<OwnedSemaphorePermit>, place: Place) -> Self {
        Self {
            _of_object: of_object,
            _place: place,
        }
    }

    /// Makes `call` in this turn.
    pub(super) async fn make<F: Future>(self, call: F) -> F::Output {
        HELD.scope(Arc::new(self), call).await
    }
}

/// The turn in which the call is made that asks. Whoever keeps it keeps the places.
pub(in crate::aws::layers) fn held() -> Option<Arc<Turn>> {
    HELD.try_with(Arc::clone).ok()
}
