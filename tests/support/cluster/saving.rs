//! A cluster at one moment, from which any number of clusters begin.

use super::{Cluster, engine_of};
use crate::support::simulation::invariants::Invariants;
use crate::support::simulation::journal::Entry;
use crate::support::simulation::{self, SimulatedCloud};
use jiff::{SignedDuration, Timestamp};
use palisade::api::{AccountQuotas, ProtectedApi};
use palisade::controller::engine::Options;
use palisade::domain::access::probe::Token;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// A cluster and its account at one moment. What begins with it has a new process, which knows nothing but that.
#[derive(Clone)]
pub struct Saved {
    account: simulation::Saved,
    objects: BTreeMap<String, ProtectedApi>,
    annotations: BTreeMap<String, String>,
    invariants: Option<Invariants>,
    token: Token,
    token_takes: Duration,
    options: Options,
    uid: String,
    created: usize,
    quotas: AccountQuotas,
    clock_ahead: SignedDuration,
    now: Timestamp,
}

impl Saved {
    pub fn cluster(&self) -> Cluster {
        let cloud = Arc::new(SimulatedCloud::restored(&self.account));
        Cluster {
            engine: engine_of(&cloud, &self.options, &self.uid),
            cloud,
            objects: self.objects.clone(),
            annotations: self.annotations.clone(),
            invariants: self.invariants.clone(),
            token: self.token.clone(),
            token_takes: self.token_takes,
            options: self.options.clone(),
            uid: self.uid.clone(),
            created: self.created,
            quotas: self.quotas.clone(),
            clock_ahead: self.clock_ahead,
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
            objects: self.objects.clone(),
            annotations: self.annotations.clone(),
            invariants: self.invariants.clone(),
            token: self.token.clone(),
            token_takes: self.token_takes,
            options: self.options.clone(),
            uid: self.uid.clone(),
            created: self.created,
            quotas: self.quotas.clone(),
            clock_ahead: self.clock_ahead,
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
