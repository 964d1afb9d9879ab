//! What a pass over an object may use.

use super::outlooks::Outlooks;
use crate::controller::accounts::Accounts;
use crate::controller::events::Events;
use crate::controller::process::lease::Leadership;
use crate::controller::process::metrics::Metrics;
use crate::controller::process::settings::Settings;
use crate::controller::process::shutdown::Shutdown;
use crate::controller::watch::aws_accounts::{AccountTriggers, AwsAccounts};
use crate::controller::watch::backoff::Backoff;
use crate::controller::watch::perimeter_classes::{ClassTriggers, PerimeterClasses};
use crate::controller::watch::perimeter_plans::{PlanObjects, PlanTriggers};
use crate::controller::watch::{Claims, Namespaces, Objects, Triggers};
use kube::Client;
use kube::runtime::reflector::ObjectRef;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// Writes to Kubernetes at a time: each has a connection of its own, with its buffers.
const WRITES_AT_A_TIME: usize = 16;

/// What the watches know, and what they and passes call for. Clones speak of the same.
#[derive(Clone)]
pub struct Watched {
    /// All objects that are watched.
    pub objects: Objects,
    /// Which of them protect which API.
    pub claims: Claims,
    /// The Namespaces' labels and `palisade.dev/` annotations.
    pub namespaces: Namespaces,
    /// Calls for passes over other objects.
    pub triggers: Triggers,
    /// All `AwsAccount`s that are watched.
    pub aws_accounts: AwsAccounts,
    /// Calls for passes over `AwsAccount`s.
    pub account_triggers: AccountTriggers,
    /// All `PerimeterClass`es that are watched.
    pub classes: PerimeterClasses,
    /// Calls for passes over `PerimeterClass`es.
    pub class_triggers: ClassTriggers,
    /// All `PerimeterPlan`s that are watched.
    pub plans: PlanObjects,
    /// Calls for passes over `PerimeterPlan`s.
    pub plan_triggers: PlanTriggers,
    /// Failures by object. A pass that ends well clears its object's entry, one that fails lengthens its delay.
    pub backoff: Arc<Backoff>,
}

/// Shared by all passes.
pub struct Context {
    /// The Kubernetes API.
    pub client: Client,
    /// What the command line decided.
    pub settings: Settings,
    /// What decides and does in AWS, by account.
    pub accounts: Accounts,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is told.
    pub events: Events,
    /// What there is in the cluster.
    pub watched: Watched,
    /// Places for writes to Kubernetes.
    pub writes: Semaphore,
    /// Whether this process may still act.
    pub leadership: Leadership,
    /// What changes of classes come to.
    pub outlooks: Outlooks,
    /// Something was condemned: sweep without waiting for the next round.
    pub sweep_soon: Notify,
    /// Asked to stop: begin nothing new.
    pub shutdown: Shutdown,
}

impl Context {
    /// Places for all writes to Kubernetes that may be made at a time.
    #[must_use]
    pub fn places() -> Semaphore {
        Semaphore::new(WRITES_AT_A_TIME)
    }

    /// Waits for a place; nobody closes the semaphore.
    pub async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.writes.acquire().await.ok()
    }

    /// The `palisade.dev/` annotations of a Namespace; `None` where it does not exist.
    #[must_use]
    pub fn namespace_annotations(&self, name: &str) -> Option<BTreeMap<String, String>> {
        let namespace = self.watched.namespaces.get(&ObjectRef::new(name))?;
        Some(namespace.metadata.annotations.clone().unwrap_or_default())
    }

    /// The labels of a Namespace; none where it does not exist.
    #[must_use]
    pub fn namespace_labels(&self, name: &str) -> BTreeMap<String, String> {
        let namespace = self.watched.namespaces.get(&ObjectRef::new(name));
        namespace
            .and_then(|namespace| namespace.metadata.labels.clone())
            .unwrap_or_default()
    }
}
