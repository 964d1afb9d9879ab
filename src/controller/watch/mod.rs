//! What is watched: the objects, their Namespaces, and what is asked besides. Each change that matters calls for a pass.

pub mod aws_accounts;
pub mod backoff;
pub mod known;
pub mod perimeter_classes;
pub mod perimeter_plans;

use crate::api::{GROUP, ProtectedApi};
use crate::domain::status::claims::claims;
use aws_accounts::AccountTriggers;
use backoff::Backoff;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::Namespace;
use kube::api::{ObjectMeta, PartialObjectMeta};
use kube::core::DeserializeGuard;
use kube::runtime::reflector::{ObjectRef, Store, store::Writer};
use kube::runtime::{PredicateConfig, WatchStreamExt as _, watcher};
use kube::{Api, Client, Resource, ResourceExt as _};
use perimeter_classes::ClassTriggers;
use std::collections::{BTreeMap, HashMap};
use std::future::ready;
use std::hash::{DefaultHasher, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tracing::warn;

/// A `ProtectedApi`, or the metadata of a malformed one.
pub type Object = DeserializeGuard<ProtectedApi>;
/// All objects that are watched.
pub type Objects = Store<Object>;
/// The Namespaces' labels and `palisade.dev/` annotations.
pub type Namespaces = Store<PartialObjectMeta<Namespace>>;

/// What `default_backoff` waits, growing to half a minute with jitter. That, however, begins anew with every attempt, since each
/// begins with an event: this one begins anew only two minutes after the last failure.
#[derive(Default)]
pub(super) struct Unhurried(watcher::DefaultBackoff);

impl Iterator for Unhurried {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.0.next()
    }
}

impl kube::runtime::utils::Backoff for Unhurried {
    fn reset(&mut self) {}
}

/// A page of objects comes with all their managed fields.
pub(super) const PAGE: u32 = 100;

/// Calls for passes over objects.
#[derive(Debug, Clone)]
pub struct Triggers(mpsc::UnboundedSender<ObjectRef<Object>>);

impl Triggers {
    /// Triggers, and what they call for.
    #[must_use]
    pub fn new() -> (Self, mpsc::UnboundedReceiver<ObjectRef<Object>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Calls for a pass over one object.
    pub fn one(&self, object: ObjectRef<Object>) {
        // Nobody listens any more when the process ends.
        let _ = self.0.send(object);
    }

    /// Calls for a pass over each of `objects`.
    pub fn each<'a>(&self, objects: impl IntoIterator<Item = &'a Arc<Object>>) {
        for object in objects {
            self.one(ObjectRef::from_obj(object.as_ref()));
        }
    }
}

/// The objects by the API that they protect, so that a pass need not ask all others for theirs. What is found here may have
/// changed since: the store decides.
#[derive(Debug, Clone, Default)]
pub struct Claims(Arc<Mutex<HashMap<u64, Vec<ObjectRef<Object>>>>>);

impl Claims {
    /// The objects that claimed a stage of the API at `endpoint`.
    #[must_use]
    pub fn of(&self, endpoint: &str) -> Vec<ObjectRef<Object>> {
        let claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        claims.get(&hash(&endpoint)).cloned().unwrap_or_default()
    }

    fn add(&self, object: &Object) {
        let Ok(readable) = &object.0 else { return };
        let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoint = readable.spec.origin.endpoint.as_str();
        let claimants = claims.entry(hash(&endpoint)).or_default();
        let claimant = claimant(object);
        if !claimants.contains(&claimant) {
            claimants.push(claimant);
        }
    }

    /// The objects of the same API as `object`, which may wait for it.
    fn beside(&self, object: &Object) -> Vec<ObjectRef<Object>> {
        let Ok(readable) = &object.0 else { return vec![] };
        let mut others = self.of(&readable.spec.origin.endpoint);
        let own = claimant(object);
        others.retain(|other| *other != own);
        others
    }

    fn retain(&self, is_there: impl Fn(&ObjectRef<Object>) -> bool) {
        let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        claims.retain(|_, claimants| {
            claimants.retain(&is_there);
            !claimants.is_empty()
        });
    }
}

/// The object, without its version.
fn claimant(object: &Object) -> ObjectRef<Object> {
    ObjectRef::new(&object.name_any()).within(&object.namespace().unwrap_or_default())
}

/// What is told of objects besides to their own passes.
struct Noted {
    store: Store<Object>,
    triggers: Triggers,
    backoff: Arc<Backoff>,
    claims: Claims,
    account_triggers: AccountTriggers,
    class_triggers: ClassTriggers,
}

impl Noted {
    fn note(&self, event: &watcher::Result<watcher::Event<Object>>) {
        match event {
            Ok(watcher::Event::InitApply(object)) => self.claims.add(object),
            Ok(watcher::Event::Apply(object)) => {
                self.claims.add(object);
                // It counts those that are ready, and names those that are refused.
                self.class_triggers.of(object);
            }
            Ok(watcher::Event::Delete(object)) => self.gone(object),
            // Deletions while the watch was down are not told one by one.
            Ok(watcher::Event::InitDone) => {
                let all = self.store.state();
                self.backoff
                    .retain(&all.iter().filter_map(|object| object.uid()).collect());
                self.claims.retain(|claimant| self.store.get(claimant).is_some());
            }
            _ => {}
        }
    }

    fn gone(&self, object: &Object) {
        self.class_triggers.of(object);
        self.backoff.succeeded(&object.uid().unwrap_or_default());
        let read = object.0.as_ref().ok();
        if let Some(account) = read.and_then(|object| object.spec.account_name.as_ref()) {
            // It may be waiting for its last user to go.
            self.account_triggers.one(account);
        }
        // Whoever let it go need not have been us.
        for other in self.claims.beside(object) {
            self.triggers.one(other);
        }
        let gone = claimant(object);
        self.claims.retain(|other| *other != gone);
    }
}

/// Follows the objects for ever, and calls for a pass over each that is new or was changed by others.
pub async fn follow_objects(
    client: Client,
    namespace: Option<String>,
    writer: Writer<Object>,
    triggers: Triggers,
    backoff: Arc<Backoff>,
    claims: Claims,
    (account_triggers, class_triggers): (AccountTriggers, ClassTriggers),
) {
    let api: Api<Object> = match &namespace {
        Some(namespace) => Api::namespaced(client, namespace),
        None => Api::all(client),
    };
    let noted = Noted {
        store: writer.as_reader(),
        triggers: triggers.clone(),
        backoff,
        claims,
        account_triggers,
        class_triggers,
    };
    watcher(api, watcher::Config::default().page_size(PAGE))
        .modify(keep_what_is_used)
        .reflect(writer)
        .inspect(move |event| noted.note(event))
        .inspect_err(|error| warn!(%error, "watching ProtectedApis failed; is the CRD installed, and may we list and watch?"))
        .backoff(Unhurried::default())
        .touched_objects()
        .predicate_filter(|object: &Object| Some(matters(object)), PredicateConfig::default())
        .for_each(|object| {
            if let Ok(object) = object {
                triggers.one(ObjectRef::from_obj(&object));
            }
            ready(())
        })
        .await;
}

/// Follows the Namespaces for ever, and calls for a pass over the objects of each whose labels or `palisade.dev/` annotations
/// change.
pub async fn follow_namespaces(
    client: Client,
    namespace: Option<String>,
    writer: Writer<PartialObjectMeta<Namespace>>,
    objects: Objects,
    triggers: Triggers,
) {
    let config = namespace.map_or_else(watcher::Config::default, |name| {
        watcher::Config::default().fields(&format!("metadata.name={name}"))
    });
    let api: Api<PartialObjectMeta<Namespace>> = Api::all(client);
    changed_namespaces(watcher(api, config).modify(keep_what_permits).reflect(writer))
        .for_each(|namespace| {
            triggers.each(&objects.state_filter(|object| object.namespace() == Some(namespace.clone())));
            ready(())
        })
        .await;
}

fn changed_namespaces(
    events: impl Stream<Item = watcher::Result<watcher::Event<PartialObjectMeta<Namespace>>>> + Send,
) -> impl Stream<Item = String> {
    events
        .inspect_err(|error| warn!(%error, "watching Namespaces failed; may we list and watch them?"))
        .backoff(Unhurried::default())
        .touched_objects()
        .predicate_filter(
            |namespace: &PartialObjectMeta<Namespace>| {
                let metadata = &namespace.metadata;
                Some(hash(&(&metadata.annotations, &metadata.labels)))
            },
            PredicateConfig::default(),
        )
        .filter_map(|namespace| ready(namespace.ok().map(|namespace| namespace.name_any())))
}

/// `<namespace>/<name>` of an object, or the name of one that is in no namespace.
#[must_use]
pub fn named(object: &impl Resource) -> String {
    match object.meta().namespace.as_deref() {
        Some(namespace) => format!("{namespace}/{}", object.name_any()),
        None => object.name_any(),
    }
}

/// What an object takes in memory besides what a pass looks at is often more than that.
fn keep_what_is_used(object: &mut Object) {
    let annotations = annotations_of_ours(object.meta());
    let metadata = object.meta_mut();
    metadata.annotations = Some(annotations);
    metadata.managed_fields = None;
}

/// Of a Namespace nothing else is needed, and clusters have many.
fn keep_what_permits(namespace: &mut PartialObjectMeta<Namespace>) {
    let metadata = std::mem::take(&mut namespace.metadata);
    namespace.metadata = ObjectMeta {
        annotations: Some(annotations_of_ours(&metadata)),
        labels: metadata.labels,
        name: metadata.name,
        uid: metadata.uid,
        resource_version: metadata.resource_version,
        ..ObjectMeta::default()
    };
}

/// What of an object's change calls for a pass. Its status does not: we write that ourselves. Only once it is seen that the
/// object claims nothing, another one may go on.
fn matters(object: &Object) -> u64 {
    let metadata = object.meta();
    let is_claim = object.0.as_ref().is_ok_and(claims);
    hash(&(
        is_claim,
        metadata.generation,
        metadata.deletion_timestamp.is_some(),
        crate::controller::kubernetes::status::has_finalizer::<ProtectedApi>(metadata),
        annotations_of_ours(metadata),
    ))
}

pub(super) fn annotations_of_ours(metadata: &ObjectMeta) -> BTreeMap<String, String> {
    let ours = |key: &str| key.split_once('/').is_some_and(|(prefix, _)| prefix == GROUP);
    metadata
        .annotations
        .iter()
        .flatten()
        .filter(|(key, _)| ours(key))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect()
}

pub(super) fn hash(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
