//! An account at one moment, from which any number of accounts go on.

use super::clock::Clock;
use super::{SimulatedCloud, State};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;

/// An account as it was at one moment, from which any number of accounts begin.
#[derive(Clone)]
pub struct Saved {
    pub(super) state: State,
    pub at: Instant,
}

impl SimulatedCloud {
    pub fn saved(&self) -> Saved {
        Saved {
            state: self.lock().clone(),
            at: self.clock.now(),
        }
    }

    /// The account goes on from where it was saved, whatever the time is now.
    pub fn restored(saved: &Saved) -> Self {
        Self {
            state: Mutex::new(saved.state.clone()),
            clock: Clock::at(saved.at),
            recorded: Mutex::new(None),
        }
    }

    pub(super) fn records(&self) -> MutexGuard<'_, Option<Vec<[Saved; 2]>>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the account is saved before and after each call.
    pub fn record(&self) {
        self.records().get_or_insert_default();
    }

    pub fn calls_recorded(&self) -> usize {
        self.records().as_ref().map_or(0, Vec::len)
    }

    /// The account before and after each call since [`Self::record`].
    pub fn recorded(&self) -> Vec<[Saved; 2]> {
        self.records().clone().unwrap_or_default()
    }
}
