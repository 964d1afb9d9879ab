//! Places for the calls that are under way: each has a connection and its buffers.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls to one service of one Region at a time. AWS's quotas are spent with far fewer.
pub(super) const AT_A_TIME: usize = 16;
/// Besides these, so many urgent ones: viewers are refused until they are done.
const URGENT: usize = 8;

/// The places of one service in one Region.
pub(super) struct Places {
    all: Arc<Semaphore>,
    urgent: Arc<Semaphore>,
}

/// A call under way.
pub(super) type Place = Option<OwnedSemaphorePermit>;

impl Places {
    pub fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(AT_A_TIME)),
            urgent: Arc::new(Semaphore::new(URGENT)),
        }
    }

    /// Waits for a place; nobody closes a semaphore.
    pub async fn take(&self, is_urgent: bool) -> Place {
        let places = if is_urgent { &self.urgent } else { &self.all };
        Arc::clone(places).acquire_owned().await.ok()
    }
}
