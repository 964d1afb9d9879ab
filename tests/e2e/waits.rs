//! What a scene waits for. Objects and events are watched, and all else is looked at again.

use crate::scene::{Scene, aws, current_condition};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use k8s_openapi::api::events::v1::Event;
use kube::api::{Api, DynamicObject};
use kube::runtime::watcher::watch_object;
use kube::runtime::{WatchStreamExt as _, watcher};
use serde_json::Value;
use std::pin::pin;
use std::time::{Duration, Instant};

/// When a wait is given up. A deletion makes sure for more than a minute that nothing was created whose answer was lost, and many
/// tests share the processors.
const LONG: Duration = Duration::from_mins(4);
/// Between two looks at what cannot be watched: the more seldom, the longer it takes, for all tests share the processors.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_millis(300);

impl Scene {
    /// Waits until a condition of the current generation has this status and reason; answers its message.
    pub async fn until_condition(&self, name: &str, is: &str, status: &str, reason: &str) -> String {
        let what = format!("{is}={status}, {reason}");
        let seen = self.until_seen(&what, self.objects(), name, |object| {
            let found = current_condition(object, is)?;
            let is_so = found["status"] == status && found["reason"] == reason;
            is_so.then(|| found["message"].as_str().unwrap_or_default().to_owned())
        });
        seen.await
    }

    /// Like [`Scene::until_condition`], of any generation and status: a deletion changes the generation once more.
    pub async fn until_condition_of_any_generation(&self, name: &str, is: &str, reason: &str) -> String {
        let what = format!("{is}, {reason}");
        let seen = self.until_seen(&what, self.objects(), name, |object| {
            let conditions = object["status"]["conditions"].as_array()?;
            let mut found = conditions.iter();
            let found = found.find(|found| found["type"] == is && found["reason"] == reason)?;
            Some(found["message"].to_string())
        });
        seen.await
    }

    /// Waits until the object is Ready at its current generation.
    pub async fn until_ready(&self, name: &str) {
        self.until_condition(name, "Ready", "True", "Ready").await;
    }

    /// Waits until the object is gone.
    pub async fn until_gone(&self, name: &str) {
        let is_gone = |object: &Value| object.is_null().then_some(());
        self.until_seen(&format!("{name} is gone"), self.objects(), name, is_gone)
            .await;
    }

    /// Waits until the object is so, if only for a moment.
    pub async fn until_object(&self, what: &str, name: &str, is_so: impl Fn(&Value) -> bool) {
        self.until_seen(what, self.objects(), name, |object| is_so(object).then_some(()))
            .await;
    }

    /// Watches the object of this name until `right` has found in it (null: there is none) what is waited for. Nobody asks again and
    /// again: all tests share the API server.
    pub async fn until_seen<T>(
        &self,
        what: &str,
        api: Api<DynamicObject>,
        name: &str,
        right: impl Fn(&Value) -> Option<T>,
    ) -> T {
        let states = watch_object(api, name)
            .map_ok(|found| found.map_or(Value::Null, |object| serde_json::to_value(object).expect("JSON")));
        self.first_of(what, states, |state| right(&state)).await
    }

    /// The first answer of `right` to what a watch tells.
    async fn first_of<S, T>(
        &self,
        what: &str,
        told: impl Stream<Item = watcher::Result<S>>,
        right: impl Fn(S) -> Option<T>,
    ) -> T {
        let found = async {
            let mut told = pin!(told);
            loop {
                match told.next().await.expect("a watch does not end") {
                    Ok(told) => {
                        if let Some(found) = right(told) {
                            return found;
                        }
                    }
                    // It begins anew by itself.
                    Err(_) => tokio::time::sleep(SHORTEST).await,
                }
            }
        };
        let found = tokio::time::timeout(LONG, found).await;
        found.unwrap_or_else(|_| panic!("never: {what}\n{}", self.story()))
    }

    /// Waits for an event with this reason whose note has all of `parts`; answers the note.
    pub async fn until_event(&self, reason: &str, parts: &[&str]) -> String {
        let events = Api::namespaced(self.client.clone(), &self.namespace);
        self.until_event_in(&format!("an event {reason} with {parts:?}"), events, |event| {
            let note = event.note.unwrap_or_default();
            let is_so = event.reason.as_deref() == Some(reason);
            (is_so && parts.iter().all(|part| note.contains(part))).then_some(note)
        })
        .await
    }

    /// Waits for an event with this reason about an object without a namespace.
    pub async fn until_event_of(&self, reason: &str, name: &str) {
        let events = Api::namespaced(self.client.clone(), "default");
        self.until_event_in(&format!("an event {reason} about {name}"), events, |event| {
            let about = event.regarding.and_then(|about| about.name);
            let is_so = event.reason.as_deref() == Some(reason) && about.as_deref() == Some(name);
            is_so.then_some(())
        })
        .await;
    }

    async fn until_event_in<T>(&self, what: &str, api: Api<Event>, right: impl Fn(Event) -> Option<T>) -> T {
        let events = watcher(api, watcher::Config::default()).applied_objects();
        self.first_of(what, events, right).await
    }

    /// Waits until `holds`; says all there is to know when it never does.
    pub async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let began = Instant::now();
        while !holds().await {
            let waited = began.elapsed();
            assert!(waited < LONG, "never: {what}\n{}", self.story());
            tokio::time::sleep((waited / 10).clamp(SHORTEST, LONGEST)).await;
        }
    }

    /// Waits until what is made from now on is younger than the object: the API server counts seconds.
    pub async fn until_others_are_younger(&self, name: &str) {
        let object = self.object(name).await;
        let created = object["metadata"]["creationTimestamp"].as_str();
        let created: Timestamp = created.expect("a time").parse().expect("RFC 3339");
        self.until(
            &format!("the second in which {name} was made is over"),
            async || Timestamp::now().as_second() > created.as_second(),
        )
        .await;
    }

    /// Waits until the fault `id` struck.
    pub async fn until_struck(&self, id: &str) {
        self.until(&format!("fault {id} strikes"), async || {
            let faults = aws().control("GET", "faults", &Value::Null);
            let found = faults
                .as_array()
                .expect("a list")
                .iter()
                .find(|fault| fault["id"] == id);
            found.is_some_and(|fault| fault["hits"].as_u64() > Some(0))
        })
        .await;
    }
}
