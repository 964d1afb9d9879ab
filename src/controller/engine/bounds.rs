//! How many passes do something at a time in the whole process, over all accounts: each holds its documents while it waits
//! for AWS's quotas, which far fewer exhaust.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Perimeters that are begun at a time.
const STARTS: usize = 32;
/// Passes over what stands: they do not wait for those that begin.
const STANDING: usize = 64;

/// The places of a process.
#[derive(Debug)]
pub struct Bounds {
    starts: Semaphore,
    standing: Semaphore,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            starts: Semaphore::new(STARTS),
            standing: Semaphore::new(STANDING),
        }
    }
}

impl Bounds {
    /// Waits for a place of a pass over an object of which something stands, or nothing yet. Nobody closes a semaphore.
    pub(in crate::controller) async fn place(&self, stands: bool) -> Option<SemaphorePermit<'_>> {
        let places = if stands { &self.standing } else { &self.starts };
        places.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[tokio::test]
    async fn changes_have_places_of_their_own_and_neither_are_without_bound() {
        let bounds = Bounds::default();
        let mut held = Vec::new();
        for (stands, count) in [(false, STARTS), (true, STANDING)] {
            for _ in 0..count {
                held.push(bounds.place(stands).now_or_never().expect("a place"));
            }
            assert!(bounds.place(stands).now_or_never().is_none());
        }
        drop(held.pop());
        assert!(bounds.place(true).now_or_never().is_some());
        assert!(bounds.place(false).now_or_never().is_none());
    }
}
