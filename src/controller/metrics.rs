//! Prometheus metrics. Labels come from closed lists; no object's name is one.

use crate::api::ProtectedApi;
use crate::aws::operations::{Operation, Service};
use crate::domain::reason::Reason;
use crate::domain::status::types;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The condition types that are counted; others in a status come from elsewhere.
const CONDITIONS: &[&str] = &[
    types::ACCEPTED,
    types::SIGNER_READY,
    types::WEB_ACL_READY,
    types::DISTRIBUTION_DEPLOYED,
    types::ACCESS_RESTRICTED,
    types::READY,
    types::RECONCILING,
    types::STALLED,
];
const STATUSES: &[&str] = &["True", "False", "Unknown"];

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
    orphans: Family<ByKind, Gauge>,
    condemned: Family<ByKind, Gauge>,
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
            orphans: Family::default(),
            condemned: Family::default(),
            leader: Gauge::default(),
        };
        metrics.register();
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
            "Objects, by condition and its status",
            self.conditions.clone(),
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

    /// A pass over an object ended; `outcome` is `ok` or an error's category.
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

    /// Whether this process leads.
    pub fn set_leader(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// Everything in `OpenMetrics` text; conditions are counted from `objects` now.
    #[must_use]
    pub fn render<'a>(&self, objects: impl Iterator<Item = &'a ProtectedApi>) -> String {
        // Held throughout, so that two scrapes do not count into each other.
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        self.conditions.clear();
        for condition in objects
            .filter_map(|object| object.status.as_ref())
            .flat_map(|status| &status.conditions)
        {
            let known =
                |list: &'static [&str], value: &str| list.iter().copied().find(|known| *known == value);
            let (r#type, status) = (
                known(CONDITIONS, &condition.type_),
                known(STATUSES, &condition.status),
            );
            if let (Some(r#type), Some(status)) = (r#type, status) {
                self.conditions
                    .get_or_create(&ByCondition { r#type, status })
                    .inc();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::Class;
    use serde_json::json;

    fn object(ready: &str) -> ProtectedApi {
        let condition = |kind: &str, status: &str| json!({"type": kind, "status": status, "reason": "R", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"});
        let object = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi", "metadata": {"name": "petstore"},
            "spec": {"origin": {"endpoint": "a.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"}},
            "status": {"conditions": [condition("Ready", ready), condition("Invented", "True")]},
        });
        serde_json::from_value(object).expect("an object")
    }

    #[test]
    fn conditions_are_counted_anew_at_each_scrape() {
        let metrics = Metrics::new();
        let first = metrics.render([object("True"), object("True")].iter());
        assert!(
            first.contains("palisade_conditions{type=\"Ready\",status=\"True\"} 2"),
            "{first}"
        );
        let second = metrics.render([object("False")].iter());
        assert!(
            second.contains("palisade_conditions{type=\"Ready\",status=\"False\"} 1"),
            "{second}"
        );
        assert!(!second.contains("status=\"True\""), "{second}");
    }

    #[test]
    fn a_condition_type_from_elsewhere_is_no_label() {
        assert!(
            !Metrics::new()
                .render([object("True")].iter())
                .contains("Invented")
        );
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
        let text = metrics.render(std::iter::empty());
        let call = "palisade_aws_calls_total{service=\"cloudfront\",operation=\"UpdateDistribution\",outcome=\"throttled\"} 1";
        assert!(text.contains(call), "{text}");
        assert!(
            text.contains("palisade_aws_throttles_total{service=\"cloudfront\"} 1"),
            "{text}"
        );
    }
}
