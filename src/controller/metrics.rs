//! Prometheus metrics. Labels come from closed lists; no object's name is one.

use crate::api::{AwsAccount, ProtectedApi};
use crate::aws::operations::{Operation, Service};
use crate::domain::kernel::planning::Kind;
use crate::domain::kernel::reason::Reason;
use crate::domain::status::{account, conditions};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const STATUSES: &[&str] = &["True", "False", "Unknown"];
/// What AWS lets go hours after it was deleted.
pub(super) const CONDEMNED: [Kind; 2] = [Kind::Function, Kind::Role];

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
    ByCall { service, operation, outcome }
    ByCondition { r#type, status }
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
    conditions: Family<ByCondition, Gauge>,
    account_conditions: Family<ByCondition, Gauge>,
    orphans: Family<ByKind, Gauge>,
    condemned: Family<ByKind, Gauge>,
    leftovers_counted: Gauge<f64, AtomicU64>,
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
            conditions: Family::default(),
            account_conditions: Family::default(),
            orphans: Family::default(),
            condemned: Family::default(),
            leftovers_counted: Gauge::default(),
            leader: Gauge::default(),
        };
        metrics.register();
        for kind in Kind::ALL {
            metrics.set_orphans(kind.name(), 0);
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
            "Calls that AWS throttled, by service",
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
        registry.register(
            "conditions",
            "ProtectedApis, by condition and its status",
            self.conditions.clone(),
        );
        registry.register(
            "account_conditions",
            "AwsAccounts, by condition and its status",
            self.account_conditions.clone(),
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
            "leftovers_counted_timestamp_seconds",
            "When orphans and condemned resources were last counted in every account; 0 before",
            self.leftovers_counted.clone(),
        );
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

    /// Orphans and condemned resources were counted in every account, `at` seconds after 1970 began.
    pub fn counted_leftovers(&self, at: f64) {
        self.leftovers_counted.set(at);
    }

    /// Whether this process leads.
    pub fn set_leader(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// Everything in `OpenMetrics` text; conditions are counted from `objects` and `accounts` now.
    #[must_use]
    pub fn render<'a>(
        &self,
        objects: impl Iterator<Item = &'a ProtectedApi>,
        accounts: impl Iterator<Item = &'a AwsAccount>,
    ) -> String {
        // Held throughout, so that two scrapes do not count into each other.
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        let of_objects = objects.filter_map(|object| object.status.as_ref());
        let of_objects = of_objects.flat_map(|status| &status.conditions);
        count(&self.conditions, conditions::types::ALL, of_objects);
        let of_accounts = accounts.filter_map(|account| account.status.as_ref());
        let of_accounts = of_accounts.flat_map(|status| &status.conditions);
        count(&self.account_conditions, account::TYPES, of_accounts);
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }
}

/// Counts `conditions` anew; those of other types come from elsewhere.
fn count<'a>(
    into: &Family<ByCondition, Gauge>,
    types: &'static [&'static str],
    conditions: impl Iterator<Item = &'a Condition>,
) {
    into.clear();
    let known =
        |list: &'static [&'static str], value: &str| list.iter().copied().find(|known| *known == value);
    for condition in conditions {
        let (r#type, status) = (known(types, &condition.type_), known(STATUSES, &condition.status));
        if let (Some(r#type), Some(status)) = (r#type, status) {
            into.get_or_create(&ByCondition { r#type, status }).inc();
        }
    }
}

fn seconds() -> Histogram {
    // 5 ms to 80 s.
    Histogram::new(exponential_buckets(0.005, 4.0, 8))
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::Class;
    use serde_json::{Value, json};

    fn condition(kind: &str, status: &str) -> Value {
        json!({"type": kind, "status": status, "reason": "R", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"})
    }

    fn object(conditions: &[Value]) -> ProtectedApi {
        let object = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi", "metadata": {"name": "petstore"},
            "spec": {"origin": {"endpoint": "a.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"}},
            "status": {"conditions": conditions},
        });
        serde_json::from_value(object).expect("an object")
    }

    fn account(conditions: &[Value]) -> AwsAccount {
        let account = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": "production"},
            "spec": {}, "status": {"conditions": conditions},
        });
        serde_json::from_value(account).expect("an account")
    }

    fn rendered(metrics: &Metrics, objects: &[ProtectedApi], accounts: &[AwsAccount]) -> String {
        metrics.render(objects.iter(), accounts.iter())
    }

    #[test]
    fn conditions_are_counted_anew_at_each_scrape() {
        let metrics = Metrics::new();
        let ready = |status: &str| object(&[condition("Ready", status)]);
        let first = rendered(&metrics, &[ready("True"), ready("True")], &[]);
        assert!(
            first.contains("palisade_conditions{type=\"Ready\",status=\"True\"} 2"),
            "{first}"
        );
        let second = rendered(&metrics, &[ready("False")], &[]);
        assert!(
            second.contains("palisade_conditions{type=\"Ready\",status=\"False\"} 1"),
            "{second}"
        );
        assert!(!second.contains("status=\"True\""), "{second}");
    }

    #[test]
    fn every_condition_of_both_kinds_is_counted_and_one_from_elsewhere_is_no_label() {
        let of = |types: &[&str]| -> Vec<Value> {
            types
                .iter()
                .chain(&["Invented"])
                .map(|kind| condition(kind, "False"))
                .collect()
        };
        let (objects, accounts) = (
            [object(&of(conditions::types::ALL))],
            [account(&of(account::TYPES))],
        );
        let text = rendered(&Metrics::new(), &objects, &accounts);
        for (metric, types) in [
            ("conditions", conditions::types::ALL),
            ("account_conditions", account::TYPES),
        ] {
            for kind in types {
                let line = format!("palisade_{metric}{{type=\"{kind}\",status=\"False\"}} 1");
                assert!(text.contains(&line), "{line}: {text}");
            }
        }
        assert!(!text.contains("Invented"), "{text}");
    }

    #[test]
    fn leftovers_are_there_before_they_are_counted_and_say_that_they_are_not() {
        let text = rendered(&Metrics::new(), &[], &[]);
        for line in [
            "palisade_condemned{kind=\"role\"} 0",
            "palisade_condemned{kind=\"function\"} 0",
            "palisade_orphans{kind=\"distribution\"} 0",
            "palisade_leftovers_counted_timestamp_seconds 0",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }

    #[test]
    fn calls_and_throttles_are_told_apart_by_service() {
        let metrics = Metrics::new();
        let operation = Operation {
            service: Service::CloudFront,
            name: "UpdateDistribution",
            class: Class::Update,
        };
        metrics.called(operation, "throttled", Duration::from_millis(20));
        metrics.throttled(Service::CloudFront);
        let text = rendered(&metrics, &[], &[]);
        let call = "palisade_aws_calls_total{service=\"cloudfront\",operation=\"UpdateDistribution\",outcome=\"throttled\"} 1";
        assert!(text.contains(call), "{text}");
        assert!(
            text.contains("palisade_aws_throttles_total{service=\"cloudfront\"} 1"),
            "{text}"
        );
    }
}
