//! Which calls go before others, and how many one object has under way: said by whoever makes them, for all that they await.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task_local;

/// Calls of one object that are made, or wait for their turn, at a time: whoever comes after an API of hundreds of methods
/// does not wait for all of them.
const OF_ONE_OBJECT: usize = 6;

task_local! {
    static URGENT: bool;
    static PLACES: Arc<Semaphore>;
}

/// Has the calls and probes of `work` go before all others, or not.
pub async fn with_urgency<F: Future>(is_urgent: bool, work: F) -> F::Output {
    URGENT.scope(is_urgent, work).await
}

/// Whether what is under way goes before all others: viewers are refused until it is done.
#[must_use]
pub fn is_urgent() -> bool {
    URGENT.try_with(|is_urgent| *is_urgent).unwrap_or_default()
}

/// Has `work`, which is done for one object, make few calls at a time.
pub async fn of_one_object<F: Future>(work: F) -> F::Output {
    PLACES.scope(Arc::new(Semaphore::new(OF_ONE_OBJECT)), work).await
}

/// A place for a call of the object that it is made for; `None` where it is made for none.
pub(super) async fn place_of_object() -> Option<OwnedSemaphorePermit> {
    let places = PLACES.try_with(Arc::clone).ok()?;
    places.acquire_owned().await.ok()
}
