//! Conditions as metrics: how many objects stand so, and since when the one has that has stood so for longest.

use crate::api::{Enforcement, ProtectedApi};
use crate::domain::classes::remembered::given;
use crate::domain::kernel::reason::Reason;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::atomic::AtomicU64;

const STATUSES: &[&str] = &["True", "False", "Unknown"];
/// A reason that another version wrote.
const OTHER: &str = "Other";

/// A condition of a `ProtectedApi`. What is open under `Observe` is open as declared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfObject {
    pub r#type: &'static str,
    pub status: &'static str,
    pub reason: &'static str,
    pub enforcement: &'static str,
}

/// A condition of an `AwsAccount`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OfAccount {
    pub r#type: &'static str,
    pub status: &'static str,
    pub reason: &'static str,
}

type Since = Gauge<f64, AtomicU64>;

/// The conditions of one kind of object.
pub(super) struct Standing<L> {
    count: Family<L, Gauge>,
    since: Family<L, Since>,
}

impl<L: Clone + Hash + Eq> Default for Standing<L> {
    fn default() -> Self {
        Self {
            count: Family::default(),
            since: Family::default(),
        }
    }
}

impl<L: EncodeLabelSet + Debug + Clone + Hash + Eq + Send + Sync + 'static> Standing<L> {
    pub fn register(&self, registry: &mut Registry, name: &str, of: &str) {
        registry.register(
            format!("{name}s"),
            format!("{of}, by condition, its status and reason"),
            self.count.clone(),
        );
        registry.register(
            format!("{name}_since_timestamp_seconds"),
            format!("Since when the one of these {of} has this status that has had it for longest"),
            self.since.clone(),
        );
    }

    pub fn clear(&self) {
        self.count.clear();
        self.since.clear();
    }

    /// Counts a condition of one of these `types`; others come from elsewhere.
    pub fn count(
        &self,
        types: &[&'static str],
        condition: &Condition,
        labels: impl Fn(&'static str, &'static str, &'static str) -> L,
    ) {
        let known = |list: &[&'static str], value: &str| list.iter().copied().find(|known| *known == value);
        let found = known(types, &condition.type_).zip(known(STATUSES, &condition.status));
        let Some((r#type, status)) = found else { return };
        let reason = Reason::parse(&condition.reason).map_or(OTHER, Reason::as_str);
        let labels = labels(r#type, status, reason);
        self.count.get_or_create(&labels).inc();
        // Seconds of our time fit.
        #[allow(clippy::cast_precision_loss)]
        let began = condition.last_transition_time.0.as_second() as f64;
        let since = self.since.get_or_create(&labels);
        let before = since.get();
        since.set(if before > 0.0 { before.min(began) } else { began });
    }
}

/// What `spec.access.enforcement` says, in the object or by its class.
pub(super) fn enforcement(object: &ProtectedApi) -> &'static str {
    let own = object.spec.access.as_ref().and_then(|access| access.enforcement);
    match own.or_else(|| given(object, "spec.access.enforcement")) {
        None | Some(Enforcement::Enforce) => "Enforce",
        Some(Enforcement::Observe) => "Observe",
    }
}
