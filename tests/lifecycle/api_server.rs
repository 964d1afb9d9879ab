//! The Kubernetes API in memory, as far as a controller calls it: paused time cannot wait for a real one.

mod answering;

use super::support::pieces::CLUSTER;
use answering::answered;
use axum::Router;
use jiff::{SignedDuration, Timestamp};
use kube::Client;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The controller asks the wall clock how long a deletion is under way, and that stands still while time is paused.
const DELETED_SINCE: SignedDuration = SignedDuration::from_mins(10);

/// Plural, namespace (empty where there is none) and name.
type Key = (String, String, String);

/// All objects, and what happened to them.
pub struct ApiServer {
    stored: Mutex<Stored>,
    version: watch::Sender<u64>,
    /// Whether nothing is answered any more, while connections stay.
    is_silent: watch::Sender<bool>,
    /// Requests, watches apart, that wait for an answer that never comes; and how long one of them waited at most.
    waiting: Mutex<(usize, Duration)>,
    /// Objects that may not be written, by plural and name.
    refused: Mutex<Vec<(&'static str, &'static str)>>,
}

#[derive(Default)]
struct Stored {
    objects: BTreeMap<Key, Value>,
    /// Version, plural and watch event, in order.
    events: Vec<(u64, String, Value)>,
    version: u64,
    created: u32,
}

impl ApiServer {
    /// Without objects, but with the namespaces `kube-system` and these.
    pub fn new(namespaces: &[&str]) -> Arc<Self> {
        let server = Self {
            stored: Mutex::default(),
            version: watch::channel(0).0,
            is_silent: watch::channel(false).0,
            waiting: Mutex::default(),
            refused: Mutex::default(),
        };
        server.apply(
            "namespaces",
            &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": CLUSTER}}),
        );
        for name in namespaces {
            server.apply(
                "namespaces",
                &json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}),
            );
        }
        Arc::new(server)
    }

    /// A client; it lives on the runtime that asks for it.
    pub fn client(self: &Arc<Self>) -> Client {
        let service: Router = Router::new().fallback(answered).with_state(Arc::clone(self));
        Client::new(service, "default")
    }

    /// From now on requests are not answered, or are again; those that were not answered never are.
    pub fn be_silent(&self, is_silent: bool) {
        self.is_silent.send_replace(is_silent);
    }

    /// How many requests, watches apart, wait for an answer that never comes; and how long one of them waited at most.
    pub fn waiting(&self) -> (usize, Duration) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No right lets anybody write this object.
    pub fn refuse(&self, plural: &'static str, name: &'static str) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.push((plural, name));
    }

    fn is_refused(&self, key: &Key) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused
            .iter()
            .any(|(plural, name)| *plural == key.0 && *name == key.2)
    }

    /// `kubectl apply`: makes an object, or replaces its spec. Answers its UID.
    pub fn apply(&self, plural: &str, manifest: &Value) -> String {
        let mut stored = self.stored();
        let key = key_of(plural, manifest);
        let mut object = stored.objects.get(&key).cloned();
        if object.is_none() {
            stored.created += 1;
            let mut made = manifest.clone();
            let metadata = &mut made["metadata"];
            if metadata["uid"].is_null() {
                let number = u64::from(stored.created) * 0x0101_0101;
                metadata["uid"] = format!("{number:08x}-0000-4000-8000-000000000000").into();
            }
            metadata["generation"] = 1.into();
            // Of two, the first one is older, also where both come at once.
            let age = SignedDuration::from_secs(i64::from(1_000 - stored.created));
            if metadata["creationTimestamp"].is_null() {
                metadata["creationTimestamp"] = text(Timestamp::now() - age).into();
            }
            object = Some(made);
        } else if let Some(found) = object.as_mut().filter(|found| found["spec"] != manifest["spec"]) {
            found["spec"] = manifest["spec"].clone();
            raise_generation(found);
        }
        let object = object.expect("it was found or made");
        let uid = object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
        self.put(&mut stored, key, object);
        uid
    }

    /// Gives an object these annotations, and no others.
    pub fn annotate(&self, plural: &str, namespace: &str, name: &str, annotations: &Value) {
        let mut stored = self.stored();
        let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
        let mut object = stored.objects[&key].clone();
        object["metadata"]["annotations"] = annotations.clone();
        self.put(&mut stored, key, object);
    }

    /// `kubectl delete --wait=false`.
    pub fn delete(&self, plural: &str, namespace: &str, name: &str) {
        let mut stored = self.stored();
        let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
        let mut object = stored.objects[&key].clone();
        if !is_held(&object) {
            self.remove(&mut stored, &key);
            return;
        }
        object["metadata"]["deletionTimestamp"] = text(Timestamp::now() - DELETED_SINCE).into();
        raise_generation(&mut object);
        self.put(&mut stored, key, object);
    }

    /// Takes all finalizers off an object that is being deleted, as a person does who is tired of waiting.
    pub fn let_go(&self, plural: &str, namespace: &str, name: &str) {
        self.change(plural, namespace, name, |object| {
            object["metadata"]["finalizers"] = json!([]);
        });
    }

    /// The object; null where there is none.
    pub fn get(&self, plural: &str, namespace: &str, name: &str) -> Value {
        let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
        self.stored().objects.get(&key).cloned().unwrap_or_default()
    }

    /// All objects of a kind.
    pub fn all(&self, plural: &str) -> Vec<Value> {
        let stored = self.stored();
        let all = stored.objects.iter().filter(|(key, _)| key.0 == plural);
        all.map(|(_, object)| object.clone()).collect()
    }

    /// Takes an object's status away, as a restored backup lacks it.
    pub fn forget_status(&self, plural: &str, namespace: &str, name: &str) {
        self.change(plural, namespace, name, |object| object["status"] = Value::Null);
    }

    /// The object is gone, whatever held it, as after a restore of etcd.
    pub fn vanish(&self, plural: &str, namespace: &str, name: &str) {
        let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
        self.remove(&mut self.stored(), &key);
    }

    /// Somebody changes an object, past its controller.
    pub fn change(&self, plural: &str, namespace: &str, name: &str, change: impl FnOnce(&mut Value)) {
        let mut stored = self.stored();
        let key = (plural.to_owned(), namespace.to_owned(), name.to_owned());
        let mut object = stored.objects[&key].clone();
        change(&mut object);
        self.put(&mut stored, key, object);
    }

    /// Stores the object, or lets it go where nothing holds a deleted one any more.
    fn put(&self, stored: &mut Stored, key: Key, mut object: Value) -> Value {
        if stored.objects.get(&key) == Some(&object) {
            return object;
        }
        stored.version += 1;
        let version = stored.version;
        object["metadata"]["resourceVersion"] = version.to_string().into();
        let is_gone = !object["metadata"]["deletionTimestamp"].is_null() && !is_held(&object);
        let event = match (is_gone, stored.objects.contains_key(&key)) {
            (true, _) => "DELETED",
            (false, true) => "MODIFIED",
            (false, false) => "ADDED",
        };
        let told = json!({"type": event, "object": object});
        stored.events.push((version, key.0.clone(), told));
        if is_gone {
            stored.objects.remove(&key);
        } else {
            stored.objects.insert(key, object.clone());
        }
        self.version.send_replace(version);
        object
    }

    /// Lets an object go that nothing holds: its last event shows it as it was.
    fn remove(&self, stored: &mut Stored, key: &Key) {
        let Some(mut object) = stored.objects.remove(key) else {
            return;
        };
        stored.version += 1;
        let version = stored.version;
        object["metadata"]["resourceVersion"] = version.to_string().into();
        let told = json!({"type": "DELETED", "object": object});
        stored.events.push((version, key.0.clone(), told));
        self.version.send_replace(version);
    }

    fn list(&self, plural: &str) -> Value {
        let version = self.stored().version.to_string();
        let metadata = json!({"resourceVersion": version});
        json!({"apiVersion": "v1", "kind": "List", "metadata": metadata, "items": self.all(plural)})
    }

    /// What happened after `version`, once something did. Whoever watches asks again from there.
    async fn news(&self, plural: &str, version: u64) -> String {
        let mut changed = self.version.subscribe();
        loop {
            let lines: Vec<String> = {
                let stored = self.stored();
                let news = stored.events.iter();
                let news = news.filter(|(at, of, _)| *at > version && of == plural);
                news.map(|(_, _, event)| format!("{event}\n")).collect()
            };
            if !lines.is_empty() || changed.changed().await.is_err() {
                return lines.concat();
            }
        }
    }

    fn patch(&self, key: Key, is_status: bool, patch: &Value) -> Result<Value, (u16, &'static str)> {
        let mut stored = self.stored();
        let mut object = stored.objects.get(&key).cloned().ok_or((404, "NotFound"))?;
        if is_status {
            let version = &patch["metadata"]["resourceVersion"];
            if *version != object["metadata"]["resourceVersion"] {
                return Err((409, "Conflict"));
            }
            object["status"] = patch["status"].clone();
        } else {
            let steps = patch.as_array().ok_or((415, "UnsupportedMediaType"))?;
            for step in steps {
                take(step, &mut object).ok_or((422, "Invalid"))?;
            }
        }
        Ok(self.put(&mut stored, key, object))
    }

    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One step of a JSON patch; `None` where it cannot be taken.
fn take(step: &Value, object: &mut Value) -> Option<()> {
    let path = step["path"].as_str()?;
    let (parent, last) = path.rsplit_once('/')?;
    match (step["op"].as_str()?, last) {
        ("test", _) => {
            let found = object.pointer(path).unwrap_or(&Value::Null);
            (*found == step["value"]).then_some(())
        }
        ("add", "-") => object
            .pointer_mut(parent)?
            .as_array_mut()
            .map(|all| all.push(step["value"].clone())),
        ("add", name) => {
            object.pointer_mut(parent)?[plain(name)] = step["value"].clone();
            Some(())
        }
        ("remove", name) if object.pointer(parent)?.is_object() => {
            let fields = object.pointer_mut(parent)?.as_object_mut()?;
            fields.remove(&plain(name)).map(drop)
        }
        ("remove", number) => {
            let all = object.pointer_mut(parent)?.as_array_mut()?;
            let number = number.parse().ok().filter(|number| *number < all.len())?;
            all.remove(number);
            Some(())
        }
        _ => None,
    }
}

/// A field's name, as a JSON pointer writes it.
fn plain(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

fn key_of(plural: &str, object: &Value) -> Key {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    (plural.to_owned(), text("namespace"), text("name"))
}

/// Whether a finalizer keeps it.
fn is_held(object: &Value) -> bool {
    let finalizers = object["metadata"]["finalizers"].as_array();
    finalizers.is_some_and(|all| !all.is_empty())
}

fn raise_generation(object: &mut Value) {
    let generation = object["metadata"]["generation"].as_i64().unwrap_or_default();
    object["metadata"]["generation"] = (generation + 1).into();
}

fn text(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
