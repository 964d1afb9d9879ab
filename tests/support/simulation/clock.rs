//! The account's time: tokio's, which tests may pause, or later than what it was where the account was [saved](super::Saved).

use std::cell::Cell;
use tokio::time::Instant;

/// How tokio's time is read: `there` is what an account takes for `here`.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    here: Instant,
    there: Instant,
}

thread_local! {
    static CLOCK: Cell<Option<Clock>> = const { Cell::new(None) };
}

impl Clock {
    /// Tokio's time.
    pub fn new() -> Self {
        Self::at(Instant::now())
    }

    /// A clock that says `there` now.
    pub fn at(there: Instant) -> Self {
        Self {
            here: Instant::now(),
            there,
        }
    }

    pub fn now(self) -> Instant {
        self.there + (Instant::now() - self.here)
    }

    /// [`now`] is this clock's from here on, in this thread.
    pub fn set(self) {
        CLOCK.set(Some(self));
    }
}

/// The time of the account that is looked at.
pub fn now() -> Instant {
    CLOCK.get().map_or_else(Instant::now, Clock::now)
}
