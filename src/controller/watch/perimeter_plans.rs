//! The watch of `PerimeterPlan`s. An older installation lacks their CRD, or the right to watch them: then nobody asks for a plan.

use super::aws_accounts::pausing_when_refused;
use super::{PAGE, Unhurried, hash};
use crate::api::PerimeterPlan;
use futures::{StreamExt as _, TryStreamExt as _};
use kube::core::DeserializeGuard;
use kube::runtime::reflector::{ObjectRef, Store, store::Writer};
use kube::runtime::{PredicateConfig, WatchStreamExt as _, watcher};
use kube::{Api, Client, Resource as _};
use std::future::ready;
use std::sync::Arc;
use tokio::sync::mpsc;
use tracing::{debug, warn};

/// A `PerimeterPlan`, or the metadata of a malformed one.
pub type PlanObject = DeserializeGuard<PerimeterPlan>;
/// All `PerimeterPlan`s that are watched, without the plans that were made.
pub type PlanObjects = Store<PlanObject>;

/// Calls for passes over `PerimeterPlan`s.
#[derive(Debug, Clone)]
pub struct PlanTriggers(mpsc::UnboundedSender<ObjectRef<PlanObject>>);

impl PlanTriggers {
    /// Triggers, and what they call for.
    #[must_use]
    pub fn new() -> (Self, mpsc::UnboundedReceiver<ObjectRef<PlanObject>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Calls for a pass over each of `plans`.
    pub fn each<'a>(&self, plans: impl IntoIterator<Item = &'a Arc<PlanObject>>) {
        for plan in plans {
            self.one(plan);
        }
    }

    fn one(&self, plan: &PlanObject) {
        // Nobody listens any more when the process ends.
        let _ = self.0.send(ObjectRef::from_obj(plan));
    }
}

/// Follows the `PerimeterPlan`s for ever, and calls for a pass over each that is new.
pub async fn follow_plans(
    client: Client,
    namespace: Option<String>,
    writer: Writer<PlanObject>,
    triggers: PlanTriggers,
) {
    let api: Api<PlanObject> = match &namespace {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    };
    let mut is_told = false;
    let events = watcher(api, watcher::Config::default().page_size(PAGE))
        .modify(keep_what_is_used)
        .reflect(writer)
        .inspect_err(move |error| {
            if is_told {
                debug!(%error, "watching PerimeterPlans failed");
            } else {
                warn!(%error, "watching PerimeterPlans failed: is their CRD installed, and may we list and watch them? All else \
                    does without");
            }
            is_told = true;
        });
    pausing_when_refused(events)
        .backoff(Unhurried::default())
        .touched_objects()
        .predicate_filter(
            |plan: &PlanObject| Some(matters(plan)),
            PredicateConfig::default(),
        )
        .for_each(|plan| {
            if let Ok(plan) = plan {
                triggers.one(&plan);
            }
            ready(())
        })
        .await;
}

/// A plan that was made is for people.
fn keep_what_is_used(plan: &mut PlanObject) {
    plan.meta_mut().managed_fields = None;
    let readable = plan.0.as_mut().ok();
    if let Some(status) = readable.and_then(|plan| plan.status.as_mut()) {
        (status.plan, status.class_plan, status.perimeter) = (None, None, None);
    }
}

/// What of a change calls for a pass. Its status does not: we write that ourselves.
fn matters(plan: &PlanObject) -> u64 {
    let metadata = plan.meta();
    hash(&(metadata.generation, metadata.deletion_timestamp.is_some()))
}
