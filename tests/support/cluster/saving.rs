//! A cluster at one moment, from which any number of clusters begin.

use super::{Cluster, engine_of};
use crate::support::simulation::invariants::Invariants;
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
    kubernetes: Kubernetes,
}

/// What is not of the account.
#[derive(Clone)]
struct Kubernetes {
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
        let Kubernetes {
            objects,
            annotations,
            invariants,
            token,
            token_takes,
            options,
            uid,
            created,
            quotas,
            clock_ahead,
            now,
        } = self.kubernetes.clone();
        Cluster {
            engine: engine_of(&cloud, &options, &uid),
            cloud,
            objects,
            annotations,
            invariants,
            token,
            token_takes,
            options,
            uid,
            created,
            quotas,
            clock_ahead,
            epoch: (Instant::now(), now),
            recorded: Recorded::default(),
        }
    }
}

/// For each pass: how many calls had been recorded before it, the account's time then, and the cluster; empty while nothing is recorded.
#[derive(Default)]
pub struct Recorded {
    is_on: bool,
    passes: Vec<(usize, Instant, Kubernetes)>,
}

impl Cluster {
    pub fn saved(&self) -> Saved {
        Saved {
            account: self.cloud.saved(),
            kubernetes: self.kubernetes(),
        }
    }

    fn kubernetes(&self) -> Kubernetes {
        Kubernetes {
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

    /// From now on every call of AWS is recorded with what was before it, and after it where it writes.
    pub fn record(&mut self) {
        self.recorded.is_on = true;
        self.cloud.record();
    }

    /// A pass begins.
    pub(super) fn mark(&mut self) {
        if self.recorded.is_on {
            let pass = (self.calls_recorded(), self.cloud.at(), self.kubernetes());
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
        let passes = &self.recorded.passes;
        let (_, begun, pass) = passes.iter().rfind(|(from, ..)| *from <= n).expect("a pass");
        Saved {
            kubernetes: Kubernetes {
                now: pass.now + (account.at - *begun),
                ..pass.clone()
            },
            account,
        }
    }
}
