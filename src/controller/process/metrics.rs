//! Prometheus metrics. Labels come from closed lists; no object's name is one.

mod certificates;
mod rollouts;
mod standing;
#[cfg(test)]
mod tests;

use crate::api::{AwsAccount, ProtectedApi, RolloutStatus};
use crate::aws::operations::{OPERATIONS, Operation, Service};
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::status::{account, conditions};
use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use rollouts::Rollouts;
use standing::{OfAccount, OfObject, Standing};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What AWS lets go hours after it was deleted.
pub(in crate::controller) const CONDEMNED: [Kind; 2] = [Kind::Function, Kind::Role];
/// Outcomes of a pass that an alert waits for: a counter that begins with its first event hides that event from `increase`.
const AWAITED: [&str; 3] = [OK, PANIC, Reason::Malformed.as_str()];
/// The outcome of a pass that did all it could.
pub(in crate::controller) const OK: &str = "ok";
/// The outcome of a pass that ended by a bug.
pub(in crate::controller) const PANIC: &str = "Panic";

macro_rules! labels {
    ($($name:ident { $($label:ident),+ })*) => {
        $(#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
        struct $name { $($label: &'static str),+ })*
    };
}

labels! {
    ByOutcome { outcome }
    ByReason { reason }
    ByService { service }
    ByKind { kind }
    BySource { source }
    ByRefusal { kind, reason }
    ByCall { service, operation, outcome }
    Build { version }
}

type Histograms = Family<ByService, Histogram, fn() -> Histogram>;

/// All metrics of the process.
pub struct Metrics {
    registry: Mutex<Registry>,
    reconciles: Family<ByOutcome, Counter>,
    reconcile_duration: Histogram,
    waits: Family<ByReason, Counter>,
    aws_calls: Family<ByCall, Counter>,
    aws_throttles: Family<ByService, Counter>,
    aws_budget_wait: Histograms,
    drift_corrected: Family<ByKind, Counter>,
    conditions: Standing<OfObject>,
    account_conditions: Standing<OfAccount>,
    certificate_expiry: Family<BySource, Gauge<f64, AtomicU64>>,
    orphans: Family<ByKind, Gauge>,
    condemned: Family<ByKind, Gauge>,
    condemned_refused: Family<ByRefusal, Gauge>,
    leftovers_counted: Gauge<f64, AtomicU64>,
    rollouts: Rollouts,
    leader: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics that counted nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let metrics = Self {
            registry: Mutex::default(),
            reconciles: Family::default(),
            reconcile_duration: seconds(),
            waits: Family::default(),
            aws_calls: Family::default(),
            aws_throttles: Family::default(),
            aws_budget_wait: Family::new_with_constructor(seconds),
            drift_corrected: Family::default(),
            conditions: Standing::default(),
            account_conditions: Standing::default(),
            certificate_expiry: Family::default(),
            orphans: Family::default(),
            condemned: Family::default(),
            condemned_refused: Family::default(),
            leftovers_counted: Gauge::default(),
            rollouts: Rollouts::default(),
            leader: Gauge::default(),
        };
        metrics.register();
        for outcome in AWAITED {
            metrics.reconciles.get_or_create(&ByOutcome { outcome }).inc_by(0);
        }
        for operation in OPERATIONS {
            let service = operation.service.name();
            metrics
                .aws_throttles
                .get_or_create(&ByService { service })
                .inc_by(0);
        }
        for kind in Kind::ALL {
            metrics.set_orphans(kind.name(), 0);
            metrics
                .drift_corrected
                .get_or_create(&ByKind { kind: kind.name() })
                .inc_by(0);
        }
        for kind in CONDEMNED {
            metrics.set_condemned(kind.name(), 0);
        }
        metrics
    }

    fn register(&self) {
        let mut registry = Registry::with_prefix("palisade");
        registry.register(
            "reconciles",
            "Passes over an object, by outcome",
            self.reconciles.clone(),
        );
        registry.register(
            "reconcile_duration_seconds",
            "Duration of a pass over an object",
            self.reconcile_duration.clone(),
        );
        registry.register("waits", "Planned waits, by reason", self.waits.clone());
        registry.register(
            "aws_calls",
            "Calls to AWS, by service, operation and outcome",
            self.aws_calls.clone(),
        );
        registry.register(
            "aws_throttles",
            "Attempts that AWS throttled, by service",
            self.aws_throttles.clone(),
        );
        registry.register(
            "aws_budget_wait_seconds",
            "Time a call waited for its share of AWS's quota",
            self.aws_budget_wait.clone(),
        );
        registry.register(
            "drift_corrected",
            "Changes by others that were set right, by kind of AWS resource",
            self.drift_corrected.clone(),
        );
        self.conditions
            .register(&mut registry, "condition", "ProtectedApis");
        self.account_conditions
            .register(&mut registry, "account_condition", "AwsAccounts");
        registry.register(
            "certificate_expiry_seconds",
            "Time until the first of the certificates that perimeters stand on expires, as last read; below 0 once it has",
            self.certificate_expiry.clone(),
        );
        registry.register(
            "orphans",
            "AWS resources of ours whose owner vanished, by kind; they are never deleted by themselves",
            self.orphans.clone(),
        );
        registry.register(
            "condemned",
            "AWS resources of deleted objects that AWS does not let go yet, by kind",
            self.condemned.clone(),
        );
        registry.register(
            "condemned_refused",
            "AWS resources of deleted objects whose deletion failed at the last try, by kind and reason",
            self.condemned_refused.clone(),
        );
        registry.register(
            "leftovers_counted_timestamp_seconds",
            "When orphans and condemned resources were last counted in every account; 0 before",
            self.leftovers_counted.clone(),
        );
        self.rollouts.register(&mut registry);
        registry.register("leader", "Whether this process leads", self.leader.clone());
        registry.register(
            "build",
            "The version that runs",
            Info::new(Build {
                version: env!("CARGO_PKG_VERSION"),
            }),
        );
        *self.registry.lock().unwrap_or_else(PoisonError::into_inner) = registry;
    }

    /// A pass over an object ended; `outcome` is `ok`, or the category of what failed.
    pub fn reconciled(&self, outcome: &'static str, took: Duration) {
        self.reconciles.get_or_create(&ByOutcome { outcome }).inc();
        self.reconcile_duration.observe(took.as_secs_f64());
    }

    /// A pass ended in a planned wait.
    pub fn waiting(&self, reason: Reason) {
        self.waits
            .get_or_create(&ByReason {
                reason: reason.as_str(),
            })
            .inc();
    }

    /// A call to AWS ended, after waiting for its share of the quota.
    pub fn called(&self, operation: Operation, outcome: &'static str, waited: Duration) {
        let service = operation.service.name();
        self.aws_calls
            .get_or_create(&ByCall {
                service,
                operation: operation.name,
                outcome,
            })
            .inc();
        self.aws_budget_wait
            .get_or_create(&ByService { service })
            .observe(waited.as_secs_f64());
    }

    /// AWS throttled an attempt.
    pub fn throttled(&self, service: Service) {
        self.aws_throttles
            .get_or_create(&ByService {
                service: service.name(),
            })
            .inc();
    }

    /// Somebody else's change of a resource was set right.
    pub fn corrected_drift(&self, kind: &'static str) {
        self.drift_corrected.get_or_create(&ByKind { kind }).inc();
    }

    /// So many resources of `kind` lost their owner.
    pub fn set_orphans(&self, kind: &'static str, count: usize) {
        self.orphans.get_or_create(&ByKind { kind }).set(gauge(count));
    }

    /// So many resources of `kind` wait for the sweeper.
    pub fn set_condemned(&self, kind: &'static str, count: usize) {
        self.condemned.get_or_create(&ByKind { kind }).set(gauge(count));
    }

    /// The kind of each resource that the sweeper could not delete at its last try, and the reason.
    pub fn set_condemned_refused(&self, refused: impl Iterator<Item = (&'static str, &'static str)>) {
        // Held throughout, so that no scrape sees a part of it.
        let _registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.condemned_refused.clear();
        for (kind, reason) in refused {
            let labels = ByRefusal { kind, reason };
            self.condemned_refused.get_or_create(&labels).inc();
        }
    }

    /// Orphans and condemned resources were counted in every account, `at` seconds after 1970 began.
    pub fn counted_leftovers(&self, at: f64) {
        self.leftovers_counted.set(at);
    }

    /// How the rollouts of all classes stand.
    pub fn set_rollouts<'a>(&self, rollouts: impl Iterator<Item = &'a RolloutStatus>) {
        self.rollouts.set(rollouts);
    }

    /// Whether this process leads.
    pub fn set_leader(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// Everything in `OpenMetrics` text; conditions and certificates are counted from `objects` and `accounts` now.
    #[must_use]
    pub fn render<'a>(
        &self,
        objects: impl Iterator<Item = &'a ProtectedApi>,
        accounts: impl Iterator<Item = &'a AwsAccount>,
    ) -> String {
        // Held throughout, so that two scrapes do not count into each other.
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.conditions.clear();
        self.certificate_expiry.clear();
        let now = Timestamp::now();
        let mut first_to_expire: BTreeMap<&'static str, f64> = BTreeMap::new();
        for object in objects {
            for (source, left) in certificates::seconds_left(object, now) {
                let first = first_to_expire.entry(source).or_insert(left);
                *first = first.min(left);
            }
            let enforcement = standing::enforcement(object);
            for condition in object.status.iter().flat_map(|status| &status.conditions) {
                self.conditions
                    .count(conditions::types::ALL, condition, |r#type, status, reason| {
                        OfObject {
                            r#type,
                            status,
                            reason,
                            enforcement,
                        }
                    });
            }
        }
        for (source, left) in first_to_expire {
            self.certificate_expiry
                .get_or_create(&BySource { source })
                .set(left);
        }
        self.account_conditions.clear();
        for found in accounts {
            for condition in found.status.iter().flat_map(|status| &status.conditions) {
                self.account_conditions
                    .count(account::TYPES, condition, |r#type, status, reason| OfAccount {
                        r#type,
                        status,
                        reason,
                    });
            }
        }
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }
}

fn seconds() -> Histogram {
    // 5 ms to 80 s.
    Histogram::new(exponential_buckets(0.005, 4.0, 8))
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
