//! Passes over an object, until it has come to rest or is gone.

use super::Cluster;
use palisade::controller::engine::Outcome;
use palisade::domain::kernel::identity::TAG_CONDEMNED;
use std::time::Duration;

/// More passes than any object needs to come to rest.
const MAX_PASSES: usize = 400;
/// How often something stalled is looked at all the same.
const STALLED: Duration = Duration::from_mins(5);
pub const BACKOFF: Duration = Duration::from_secs(5);

impl Cluster {
    /// Passes over an object until it is ready.
    pub async fn ready(&mut self, name: &str) {
        self.settle(name).await;
        assert_eq!(self.condition(name, "Ready"), "True", "{}", self.story(name));
    }

    /// Passes over an object until it stalls; answers why.
    pub async fn stalled(&mut self, name: &str) -> String {
        self.settle(name).await;
        assert_eq!(self.condition(name, "Stalled"), "True", "{}", self.story(name));
        self.reason(name, "Stalled")
    }

    /// Like [`Self::ready`], where a fault may well look like something that a person must solve.
    pub async fn settle_patiently(&mut self, name: &str) {
        for _ in 0..10 {
            self.settle(name).await;
            if self.condition(name, "Ready") == "True" {
                return;
            }
            tokio::time::sleep(STALLED).await;
        }
        panic!("{name} stays stalled:\n{}", self.story(name));
    }

    /// Passes over an object, each when the one before asked for it, until it is ready or stalled.
    pub async fn settle(&mut self, name: &str) {
        for _ in 0..MAX_PASSES {
            let outcome = self.pass_surviving(name).await;
            let is = |condition: &str| self.condition(name, condition) == "True";
            let at_rest = outcome.plan.is_empty() && outcome.failures.is_empty();
            // What stalls does not hold up the rest, which is waited for.
            if (is("Ready") && at_rest) || (is("Stalled") && outcome.plan.waits.is_empty()) {
                return;
            }
            tokio::time::sleep(delay(&outcome)).await;
        }
        panic!("{name} does not come to rest:\n{}", self.story(name));
    }

    /// `kubectl delete --wait`, and then the sweeper's rounds until nothing condemned is left.
    pub async fn delete(&mut self, name: &str) {
        self.depart(name).await;
        self.sweep().await;
    }

    /// `kubectl delete --wait` alone.
    pub async fn depart(&mut self, name: &str) {
        self.begin_deletion(name);
        self.gone(name).await;
    }

    /// Passes over an object that is being deleted, until it is gone.
    pub async fn gone(&mut self, name: &str) {
        if !self.objects.contains_key(name) {
            return;
        }
        for _ in 0..MAX_PASSES {
            let outcome = self.pass_surviving(name).await;
            if !self.objects.contains_key(name) {
                return;
            }
            tokio::time::sleep(delay(&outcome)).await;
        }
        panic!("{name} does not go:\n{}", self.story(name));
    }

    pub async fn sweep(&mut self) {
        for _ in 0..MAX_PASSES {
            self.mark();
            // A round that fails is tried again at the next.
            let _ = self.engine.sweep(Duration::ZERO).await;
            if self.cloud.crashed() {
                self.restart();
            }
            if !self
                .cloud
                .resources()
                .iter()
                .any(|found| found.tags.contains_key(TAG_CONDEMNED))
            {
                return;
            }
            tokio::time::sleep(Duration::from_mins(10)).await;
        }
        panic!("condemned resources stay: {:?}", self.cloud.resources());
    }

    /// A pass; a process that dies in it is started again.
    pub async fn pass_surviving(&mut self, name: &str) -> Outcome {
        let outcome = Box::pin(self.pass(name)).await;
        if self.cloud.crashed() {
            self.restart();
        }
        outcome
    }

    /// Lets time pass until the next resync is due.
    pub async fn resync(&mut self, name: &str) -> Outcome {
        tokio::time::sleep(self.options.resync).await;
        self.pass_surviving(name).await
    }
}

fn delay(outcome: &Outcome) -> Duration {
    if outcome.failures.is_empty() {
        outcome.requeue
    } else {
        BACKOFF
    }
}
