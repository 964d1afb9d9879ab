//! A cluster at one moment, from which any number of clusters begin.

use super::{Cluster, Kept, engine_of};
use crate::support::simulation::{self, SimulatedCloud};
use jiff::Timestamp;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use tokio::time::Instant;

/// A cluster and its account at one moment. What begins with it has a new process, which knows nothing but that.
#[derive(Clone)]
pub struct Saved {
    account: simulation::Saved,
    kept: Kept,
    now: Timestamp,
}

impl Deref for Cluster {
    type Target = Kept;

    fn deref(&self) -> &Kept {
        &self.kept
    }
}

impl DerefMut for Cluster {
    fn deref_mut(&mut self) -> &mut Kept {
        &mut self.kept
    }
}

impl Saved {
    pub fn cluster(&self) -> Cluster {
        let cloud = Arc::new(SimulatedCloud::restored(&self.account));
        Cluster {
            engine: engine_of(&cloud, &self.kept.options, &self.kept.uid),
            cloud,
            kept: self.kept.clone(),
            epoch: (Instant::now(), self.now),
            recorded: Recorded::default(),
        }
    }
}

/// The passes since the record was begun; empty while nothing is recorded.
#[derive(Default)]
pub struct Recorded {
    is_on: bool,
    passes: Vec<Pass>,
}

/// What was before a pass.
struct Pass {
    /// As many calls had been recorded.
    calls: usize,
    /// The account's time.
    at: Instant,
    kept: Kept,
    now: Timestamp,
}

impl Cluster {
    pub fn saved(&self) -> Saved {
        Saved {
            account: self.cloud.saved(),
            kept: self.kept.clone(),
            now: self.now() - self.clock_ahead,
        }
    }

    /// From now on every call of AWS is recorded with what was before it, and after it where it writes.
    pub fn record(&mut self) {
        self.recorded.is_on = true;
        self.cloud.record();
    }

    /// A pass begins.
    pub(super) fn mark(&mut self) {
        if self.recorded.is_on {
            let pass = Pass {
                calls: self.calls_recorded(),
                at: self.cloud.at(),
                kept: self.kept.clone(),
                now: self.now() - self.clock_ahead,
            };
            self.recorded.passes.push(pass);
        }
    }

    pub fn calls_recorded(&self) -> usize {
        self.cloud.calls_recorded()
    }

    /// What a process finds that starts where another one died before the `n`th call since [`Self::record`], counted from 1: the account
    /// as it was then, and the objects as they were before the pass that made the call.
    pub fn death_before(&self, n: usize) -> Saved {
        self.death(n - 1, self.cloud.recorded(n - 1).before)
    }

    /// What a process finds that starts where another one died after a write, for each since [`Self::record`].
    pub fn deaths_after_writes(&self) -> Vec<Saved> {
        let calls = 0..self.calls_recorded();
        let of_writes = calls.filter_map(|n| Some((n, self.cloud.recorded(n).after_write?)));
        of_writes.map(|(n, account)| self.death(n, account)).collect()
    }

    fn death(&self, n: usize, account: simulation::Saved) -> Saved {
        let mut passes = self.recorded.passes.iter();
        let pass = passes.rfind(|pass| pass.calls <= n).expect("a pass");
        Saved {
            now: pass.now + (account.at - pass.at),
            account,
            kept: pass.kept.clone(),
        }
    }
}
