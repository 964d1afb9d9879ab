//! The watch of `PerimeterClass`es. An older installation lacks their CRD, or the right to watch them: then only objects that go by none
//! are built.

use super::aws_accounts::{is_refused, pausing_when_refused};
use super::known::{Knowledge, Known, Writing};
use super::{Namespaces, Object, Objects, PAGE, Triggers, Unhurried, annotations_of_ours, hash};
use crate::api::{CLASS, IS_DEFAULT_CLASS, PerimeterClass};
use crate::controller::kubernetes::status::has_finalizer;
use crate::domain::kernel::reason::Reason;
use crate::domain::status::conditions::has_reason;
use crate::domain::status::rollout::remembered;
use futures::{StreamExt as _, TryStreamExt as _};
use kube::core::DeserializeGuard;
use kube::runtime::reflector::ObjectRef;
use kube::runtime::{PredicateConfig, WatchStreamExt as _, watcher};
use kube::{Api, Client, Resource as _, ResourceExt as _};
use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::sync::Arc;
use tokio::sync::mpsc;
use tracing::{debug, warn};

/// A `PerimeterClass`, or the metadata of a malformed one.
pub type Class = DeserializeGuard<PerimeterClass>;
/// All `PerimeterClass`es that are watched.
pub type PerimeterClasses = Known<PerimeterClass>;

/// Calls for passes over `PerimeterClass`es.
#[derive(Debug, Clone)]
pub struct ClassTriggers(mpsc::UnboundedSender<ObjectRef<Class>>);

impl ClassTriggers {
    /// Triggers, and what they call for.
    #[must_use]
    pub fn new() -> (Self, mpsc::UnboundedReceiver<ObjectRef<Class>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Calls for a pass over the one of this name.
    pub fn one(&self, name: &str) {
        // Nobody listens any more when the process ends.
        let _ = self.0.send(ObjectRef::new(name));
    }

    /// Calls for a pass over each of `classes`.
    pub fn each<'a>(&self, classes: impl IntoIterator<Item = &'a Arc<Class>>) {
        classes.into_iter().for_each(|class| self.one(&class.name_any()));
    }

    /// Calls for a pass over the class that `object` went by in its last pass.
    pub fn of(&self, object: &Object) {
        let readable = object.0.as_ref().ok();
        let status = readable.and_then(|object| object.status.as_ref());
        if let Some(class) = status.and_then(|status| status.class.as_ref()) {
            self.one(&class.name);
        }
    }
}

/// Follows the `PerimeterClass`es for ever, and calls for a pass over each that others changed, and over the objects that it
/// matters to.
pub async fn follow_classes(
    client: Client,
    writing: Writing<PerimeterClass>,
    triggers: ClassTriggers,
    (objects, object_triggers): (Objects, Triggers),
    namespaces: Namespaces,
) {
    let Writing { writer, knowledge } = writing;
    let all = writer.as_reader();
    let wake = |class: &Class| {
        object_triggers.each(&objects.state_filter(|object| is_for(class, object, &namespaces)));
        // Each says whether it is the only default one.
        triggers.each(&all.state());
    };
    let mut turns = Turns::default();
    let api: Api<Class> = Api::all(client);
    let events = watcher(api, watcher::Config::default().page_size(PAGE));
    let events = events
        .modify(|class| class.meta_mut().managed_fields = None)
        .reflect(writer)
        .inspect(|event| match event {
            Ok(watcher::Event::InitDone) => {
                let before = knowledge.send_replace(Knowledge::Listed);
                if before == Knowledge::Unavailable {
                    // Objects were refused for want of their classes, or went by none.
                    object_triggers.each(&objects.state());
                }
            }
            // As it was before, perhaps, so that nothing of it matters below.
            Ok(watcher::Event::Delete(class)) => {
                turns.0.remove(&class.name_any());
                wake(class);
            }
            // Passes over them read the class's status from here.
            Ok(watcher::Event::Apply(class)) => turns.call(class, &object_triggers),
            _ => {}
        })
        .inspect_err(|error| {
            let is_known = *knowledge.borrow() != Knowledge::NotYet;
            if is_known {
                debug!(%error, "watching PerimeterClasses failed");
            } else {
                warn!(%error, "watching PerimeterClasses failed: is their CRD installed, and may we list and watch them? Objects \
                    that go by none do without");
            }
            if !is_known && is_refused(error) {
                knowledge.send_replace(Knowledge::Unavailable);
            }
        });
    pausing_when_refused(events)
        .backoff(Unhurried::default())
        .touched_objects()
        .predicate_filter(|class: &Class| Some(matters(class)), PredicateConfig::default())
        .for_each(|class| {
            if let Ok(class) = class {
                wake(&class);
            }
            ready(())
        })
        .await;
}

/// Whether a change of `class` may matter to `object`: it goes by it, may come to go by it, or waits for whichever there is.
fn is_for(class: &Class, object: &Object, namespaces: &Namespaces) -> bool {
    let Ok(readable) = &object.0 else { return false };
    let name = class.name_any();
    let status = readable.status.as_ref();
    let went_by = status.and_then(|status| status.class.as_ref());
    if went_by.is_some_and(|class| class.name == name) {
        return true;
    }
    if let Some(named) = &readable.spec.class_name {
        return *named == name;
    }
    let waits = |reason| status.is_some_and(|status| has_reason(&status.conditions, reason));
    let namespace = object.namespace().unwrap_or_default();
    let namespace = namespaces.get(&ObjectRef::new(&namespace));
    let annotations = namespace
        .as_ref()
        .and_then(|found| found.metadata.annotations.as_ref());
    let of_namespace = annotations.and_then(|annotations| annotations.get(CLASS));
    of_namespace.is_some_and(|named| named.trim() == name)
        || is_default(class)
        || waits(Reason::DefaultClassAmbiguous)
        || waits(Reason::ClassNotFound)
}

/// Whether objects go by the class for which nobody names one.
#[must_use]
pub fn is_default(class: &Class) -> bool {
    let annotation = class.annotations().get(IS_DEFAULT_CLASS);
    annotation.is_some_and(|is| is == "true")
}

/// Whose turn it was, by class, when its status was seen last: the revision, and the objects.
#[derive(Default)]
struct Turns(BTreeMap<String, (String, BTreeSet<String>)>);

impl Turns {
    /// Calls for a pass over each object whose turn it has become. One that fails then is tried again at its own pace.
    fn call(&mut self, class: &Class, triggers: &Triggers) {
        let Some(rollout) = class.0.as_ref().ok().and_then(remembered) else {
            return;
        };
        let moving: BTreeSet<String> = rollout
            .moving
            .iter()
            .map(|moving| moving.object.clone())
            .collect();
        let now = (rollout.revision.clone(), moving);
        let before = self.0.insert(class.name_any(), now.clone());
        let (revision, moving) = now;
        let is_known = |object: &str| {
            let before = before.as_ref().filter(|before| before.0 == revision);
            before.is_some_and(|before| before.1.contains(object))
        };
        for object in moving.iter().filter(|object| !is_known(object)) {
            if let Some((namespace, name)) = object.split_once('/') {
                triggers.one(ObjectRef::new(name).within(namespace));
            }
        }
    }
}

/// What of a change calls for passes. Its status does not, but for the first one, without which nobody goes by it: we write that
/// ourselves.
fn matters(class: &Class) -> u64 {
    let metadata = class.meta();
    let is_looked_at = class.0.as_ref().is_ok_and(|class| remembered(class).is_some());
    hash(&(
        is_looked_at,
        metadata.generation,
        metadata.deletion_timestamp.is_some(),
        has_finalizer::<PerimeterClass>(metadata),
        annotations_of_ours(metadata),
    ))
}
