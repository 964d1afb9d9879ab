//! A cluster at one moment, from which any number of clusters begin.

use super::{Cluster, Kept, engine_of};
use crate::support::simulation::journal::Entry;
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

/// The cluster as it was before each pass, and how many calls had been recorded then; empty while nothing is recorded.
#[derive(Default)]
pub struct Recorded {
    is_on: bool,
    passes: Vec<(usize, Saved)>,
}

impl Cluster {
    pub fn saved(&self) -> Saved {
        Saved {
            account: self.cloud.saved(),
            kept: self.kept.clone(),
            now: self.now() - self.clock_ahead,
        }
    }

    /// From now on every call of AWS is recorded with what was before and after it.
    pub fn record(&mut self) {
        self.recorded.is_on = true;
        self.cloud.record();
    }

    /// A pass begins.
    pub(super) fn mark(&mut self) {
        if self.recorded.is_on {
            let pass = (self.cloud.calls_recorded(), self.saved());
            self.recorded.passes.push(pass);
        }
    }

    /// What a process finds that starts where another one died, before and after each call since [`Self::record`]: the account as it
    /// was then, and the objects as they were before the pass that made the call.
    fn deaths(&self) -> Vec<[Saved; 2]> {
        let calls = self.cloud.recorded();
        let at_death = |n: usize, account: simulation::Saved| {
            let (_, pass) = self
                .recorded
                .passes
                .iter()
                .rfind(|(from, _)| *from <= n)
                .expect("a pass");
            Saved {
                now: pass.now + (account.at - pass.account.at),
                account,
                ..pass.clone()
            }
        };
        let calls = calls.into_iter().enumerate();
        calls
            .map(|(n, sides)| sides.map(|account| at_death(n, account)))
            .collect()
    }

    /// The calls since then, and these.
    pub fn deaths_by_call(&self) -> (Vec<Entry>, Vec<[Saved; 2]>) {
        let deaths = self.deaths();
        let mut calls = self.cloud.journal().entries;
        let calls = calls.split_off(calls.len() - deaths.len());
        (calls, deaths)
    }

    /// What a process finds that starts where another one died after a write, for each since [`Self::record`].
    pub fn deaths_after_writes(&self) -> Vec<Saved> {
        let (calls, deaths) = self.deaths_by_call();
        let of_writes = calls.iter().zip(deaths);
        let of_writes = of_writes.filter(|(call, _)| call.operation.class.is_write());
        of_writes.map(|(_, [_, after])| after).collect()
    }
}
