//! Kubernetes events (events.k8s.io/v1): what a person would want to know, shown by `kubectl describe`.

pub(super) mod addresses;
mod before;
mod drift;
pub(super) mod of_access;
mod of_adoption;
pub(super) mod of_mutual_tls;
pub(super) mod of_names;
pub(super) mod of_other_doors;
pub mod of_pass;
mod of_promotions;
pub(super) mod of_shield;
mod of_step;
pub mod of_sweep;

use crate::domain::kernel::reason::Reason;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use serde_json::json;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::{debug, warn};

const CONTROLLER: &str = "palisade.dev/controller";
/// The API server refuses longer notes.
const MAX_NOTE: usize = 1024;
/// What is told again within this time is counted in the event that told it first.
const REMEMBERED: Duration = Duration::from_mins(10);
/// So many events are remembered for that, at most.
const MAX_REMEMBERED: usize = 1_000;
/// So much is written about an object at once: its creation and some changes tell of dozens of things. Each of the intervals
/// gives one more.
const BURST: u32 = 100;
/// How soon an object gets one more of [`BURST`].
const REFILL: Duration = Duration::from_mins(1);
const TIMEOUT: Duration = Duration::from_secs(5);

/// One thing to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventNote {
    /// Why.
    pub reason: Reason,
    /// What was done or tried, in CamelCase: `UpdateWebAcl`.
    pub action: &'static str,
    /// The sentence for people; cut to 1 kB.
    pub note: String,
    /// Whether something is wrong.
    pub warning: bool,
}

impl EventNote {
    /// Something went as it should.
    #[must_use]
    pub fn normal(reason: Reason, action: &'static str, note: impl Into<String>) -> Self {
        Self {
            reason,
            action,
            note: note.into(),
            warning: false,
        }
    }

    /// Something is wrong.
    #[must_use]
    pub fn warning(reason: Reason, action: &'static str, note: impl Into<String>) -> Self {
        Self {
            warning: true,
            ..Self::normal(reason, action, note)
        }
    }
}

/// Publishes events; failing to never fails the caller.
pub struct Events(Option<Publisher>);

struct Publisher {
    client: Client,
    instance: String,
    /// By a hash of the object and what was told of it.
    told: Mutex<HashMap<u64, Told>>,
    allowances: Mutex<Allowances>,
}

/// How much was written of late, by object.
#[derive(Debug, Default)]
struct Allowances(HashMap<String, Allowance>);

#[derive(Debug)]
struct Allowance {
    used: u32,
    since: Instant,
}

impl Allowances {
    /// Whether one thing more may be written about the object `uid`, `now`; counts it.
    fn take(&mut self, uid: &str, now: Instant) -> bool {
        if self.0.len() >= MAX_REMEMBERED {
            self.0.retain(|_, allowance| allowance.left(now).used > 0);
        }
        let allowance = self
            .0
            .entry(uid.to_owned())
            .or_insert(Allowance { used: 0, since: now });
        *allowance = allowance.left(now);
        let is_given = allowance.used < BURST;
        allowance.used += u32::from(is_given);
        is_given
    }
}

impl Allowance {
    /// What is used up at `now`, each whole interval having given one back.
    fn left(&self, now: Instant) -> Self {
        let passed = now.saturating_duration_since(self.since).as_secs() / REFILL.as_secs();
        let passed = u32::try_from(passed).unwrap_or(u32::MAX);
        Self {
            used: self.used.saturating_sub(passed),
            since: self.since + REFILL * passed,
        }
    }
}

/// An event that can count repetitions.
#[derive(Debug, Clone)]
struct Told {
    event: String,
    times: i32,
    last: Instant,
}

impl Events {
    /// Events in the name of `instance`, the pod.
    #[must_use]
    pub fn new(client: Client, instance: &str) -> Self {
        Self(Some(Publisher {
            client,
            instance: instance.to_owned(),
            told: Mutex::default(),
            allowances: Mutex::default(),
        }))
    }

    /// Publishes nothing.
    #[must_use]
    pub fn disabled() -> Self {
        Self(None)
    }

    /// Publishes `note` about the object `about`.
    pub async fn publish(&self, about: &ObjectReference, note: EventNote) {
        let Some(publisher) = &self.0 else { return };
        let (reason, name) = (note.reason, &about.name);
        match tokio::time::timeout(TIMEOUT, publisher.tell(about, note)).await {
            Ok(Ok(())) => {}
            Ok(Err(kube::Error::Api(status))) if status.code == 403 => {
                warn!(error = status.message, %reason, name, "an event may not be written");
            }
            Ok(Err(error)) => debug!(%error, %reason, name, "an event could not be published"),
            Err(_) => debug!(%reason, name, "publishing an event took too long"),
        }
    }

    /// Publishes notes about the object `about`, in order; all of them together take no longer than one may.
    pub async fn publish_all(&self, about: &ObjectReference, notes: Vec<EventNote>) {
        let all = async {
            for note in notes {
                self.publish(about, note).await;
            }
        };
        if tokio::time::timeout(TIMEOUT, all).await.is_err() {
            debug!(name = about.name, "publishing events took too long");
        }
    }
}

impl Publisher {
    async fn tell(&self, about: &ObjectReference, note: EventNote) -> Result<(), kube::Error> {
        let namespace = about.namespace.as_deref().unwrap_or("default");
        let events: Api<Event> = Api::namespaced(self.client.clone(), namespace);
        let mut hasher = DefaultHasher::new();
        (&about.uid, note.reason.as_str(), note.action, &note.note).hash(&mut hasher);
        let key = hasher.finish();
        let now = Timestamp::now();
        let repeated = self.repeated(key);
        if !self.may_write(about.uid.as_deref().unwrap_or_default()) {
            // A repetition is counted, and the count written with the next one.
            debug!(reason = %note.reason, name = about.name, "too many events about one object: left out");
            return Ok(());
        }
        if let Some(told) = repeated {
            let series = json!({"count": told.times, "lastObservedTime": MicroTime(now)});
            let patch = Patch::Merge(json!({ "series": series }));
            match events.patch(&told.event, &PatchParams::default(), &patch).await {
                // Events expire: it is told anew.
                Err(kube::Error::Api(status)) if status.code == 404 => {}
                answer => return answer.map(drop),
            }
        }
        let object = about.name.as_deref().unwrap_or_default();
        let name = format!("{object}.{:x}", now.as_nanosecond());
        let event = self.event(about, note, &name, now);
        events.create(&PostParams::default(), &event).await?;
        self.remember(key, name);
        Ok(())
    }

    fn event(&self, about: &ObjectReference, note: EventNote, name: &str, now: Timestamp) -> Event {
        Event {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                namespace: about.namespace.clone(),
                ..ObjectMeta::default()
            },
            type_: Some(if note.warning { "Warning" } else { "Normal" }.to_owned()),
            reason: Some(note.reason.to_string()),
            action: Some(note.action.to_owned()),
            note: Some(shortened(note.note)),
            regarding: Some(about.clone()),
            // Without `deprecatedLastTimestamp`: the API server refuses a new event that has one.
            event_time: Some(MicroTime(now)),
            reporting_controller: Some(CONTROLLER.to_owned()),
            reporting_instance: Some(self.instance.clone()),
            ..Event::default()
        }
    }

    fn may_write(&self, uid: &str) -> bool {
        let mut allowances = self.allowances.lock().unwrap_or_else(PoisonError::into_inner);
        allowances.take(uid, Instant::now())
    }

    /// The event that told the same a while ago, with this repetition counted.
    fn repeated(&self, key: u64) -> Option<Told> {
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let told = all
            .get_mut(&key)
            .filter(|told| told.last.elapsed() < REMEMBERED)?;
        told.times += 1;
        told.last = Instant::now();
        Some(told.clone())
    }

    fn remember(&self, key: u64, event: String) {
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_REMEMBERED {
            all.retain(|_, told| told.last.elapsed() < REMEMBERED);
        }
        if all.len() >= MAX_REMEMBERED {
            // Told again, it will be an event of its own.
            all.clear();
        }
        let last = Instant::now();
        all.insert(
            key,
            Told {
                event,
                times: 1,
                last,
            },
        );
    }
}

fn shortened(mut note: String) -> String {
    const ELLIPSIS: &str = "…";
    if note.len() > MAX_NOTE {
        note.truncate(note.floor_char_boundary(MAX_NOTE - ELLIPSIS.len()));
        note.push_str(ELLIPSIS);
    }
    note
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Request, Response, StatusCode};
    use kube::client::Body;
    use std::convert::Infallible;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// An API server that takes every event, and how many it was sent.
    fn counting() -> (Client, Arc<AtomicU32>) {
        let sent = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&sent);
        let service = tower::service_fn(move |_: Request<Body>| {
            counter.fetch_add(1, Ordering::Relaxed);
            async {
                let event = json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "e"},
                    "eventTime": null});
                Ok::<_, Infallible>(Response::new(Body::from(event.to_string().into_bytes())))
            }
        });
        (Client::new(service, "default"), sent)
    }

    #[tokio::test]
    async fn so_much_is_written_about_one_object_and_no_more() {
        let (client, sent) = counting();
        let events = Events::new(client, "pod");
        let about = |uid: &str| ObjectReference {
            uid: Some(uid.to_owned()),
            name: Some("petstore".to_owned()),
            namespace: Some("shop".to_owned()),
            ..ObjectReference::default()
        };
        let note = |number: u32| EventNote::normal(Reason::Ready, "Look", format!("note {number}"));
        for number in 0..2 * BURST {
            events.publish(&about("loud"), note(number)).await;
        }
        assert_eq!(sent.load(Ordering::Relaxed), BURST);
        // Repetitions are written as well.
        for _ in 0..2 * BURST {
            events.publish(&about("louder"), note(0)).await;
        }
        assert_eq!(sent.load(Ordering::Relaxed), 2 * BURST);
        events.publish(&about("quiet"), note(0)).await;
        assert_eq!(sent.load(Ordering::Relaxed), 2 * BURST + 1);
    }

    #[tokio::test]
    async fn a_repetition_of_an_event_that_has_expired_is_an_event_of_its_own() {
        let created = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&created);
        let service = tower::service_fn(move |request: Request<Body>| {
            let is_new = request.method().as_str() == "POST";
            counter.fetch_add(u32::from(is_new), Ordering::Relaxed);
            let answer = if is_new {
                json!({"apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": {"name": "e"}, "eventTime": null})
            } else {
                json!({"apiVersion": "v1", "kind": "Status", "status": "Failure", "message": "gone", "reason": "NotFound",
                    "code": 404})
            };
            let mut answer = Response::new(Body::from(answer.to_string().into_bytes()));
            *answer.status_mut() = if is_new {
                StatusCode::CREATED
            } else {
                StatusCode::NOT_FOUND
            };
            async move { Ok::<_, Infallible>(answer) }
        });
        let events = Events::new(Client::new(service, "default"), "pod");
        for _ in 0..2 {
            let note = EventNote::normal(Reason::Ready, "Look", "the same");
            events.publish(&ObjectReference::default(), note).await;
        }
        assert_eq!(created.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn much_about_one_object_is_cut_off_and_nobody_elses() {
        let (mut allowances, began) = (Allowances::default(), Instant::now());
        let given = (0..2 * BURST).filter(|_| allowances.take("loud", began)).count();
        assert_eq!(given, BURST as usize);
        assert!(allowances.take("quiet", began));
        assert!(!allowances.take("loud", began + REFILL / 2));
        assert!(allowances.take("loud", began + REFILL));
        assert!(!allowances.take("loud", began + REFILL));
        let later = began + REFILL * (2 * BURST);
        let given = (0..2 * BURST).filter(|_| allowances.take("loud", later)).count();
        assert_eq!(given, BURST as usize);
    }

    #[test]
    fn objects_that_are_quiet_again_are_forgotten() {
        let (mut allowances, began) = (Allowances::default(), Instant::now());
        for uid in 0..MAX_REMEMBERED {
            allowances.take(&uid.to_string(), began);
        }
        allowances.take("next", began + REFILL);
        assert_eq!(allowances.0.len(), 1);
    }

    #[test]
    fn a_note_that_fits_stays() {
        let note = "x".repeat(MAX_NOTE);
        assert_eq!(shortened(note.clone()), note);
    }

    #[test]
    fn a_long_note_is_cut_between_characters() {
        let note = shortened("é".repeat(MAX_NOTE));
        assert!(note.len() <= MAX_NOTE, "{}", note.len());
        assert!(note.ends_with("é…"));
    }
}
