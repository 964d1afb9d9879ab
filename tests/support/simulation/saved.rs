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

/// The account before and after one call.
#[derive(Clone)]
pub struct Around {
    pub before: Saved,
    /// Of a call that only reads, nobody asks.
    pub after_write: Option<Saved>,
}

impl SimulatedCloud {
    pub fn saved(&self) -> Saved {
        Saved {
            state: self.lock().clone(),
            at: self.at(),
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

    pub(super) fn records(&self) -> MutexGuard<'_, Option<Vec<Around>>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the account is saved before each call and after each write.
    pub fn record(&self) {
        self.records().get_or_insert_default();
    }

    /// The account's own time.
    pub fn at(&self) -> Instant {
        self.clock.now()
    }

    pub fn calls_recorded(&self) -> usize {
        self.records().as_ref().map_or(0, Vec::len)
    }

    /// The account around the `n`th call since [`Self::record`], counted from 0.
    pub fn recorded(&self, n: usize) -> Around {
        self.records().as_ref().expect("a record")[n].clone()
    }
}
