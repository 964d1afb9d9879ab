//! Kubernetes events (events.k8s.io/v1): what a person would want to know, shown by `kubectl describe`.

use crate::domain::reason::Reason;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::debug;

/// The API server refuses longer notes.
const MAX_NOTE: usize = 1024;
/// Longer than a Recorder aggregates.
const REMEMBERED: Duration = Duration::from_mins(10);
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
    reporter: Reporter,
    /// One for each text: a Recorder aggregates by reason and action, and would repeat the first text for all others.
    recorders: Mutex<HashMap<Told, (Instant, Recorder)>>,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Told {
    uid: Option<String>,
    reason: String,
    action: String,
    note: String,
}

impl Events {
    /// Events in the name of `instance`, the pod.
    #[must_use]
    pub fn new(client: Client, instance: &str) -> Self {
        let reporter = Reporter {
            controller: "palisade.dev/controller".into(),
            instance: Some(instance.to_owned()),
        };
        Self(Some(Publisher {
            client,
            reporter,
            recorders: Mutex::default(),
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
        let event = Event {
            type_: if note.warning {
                EventType::Warning
            } else {
                EventType::Normal
            },
            reason: note.reason.to_string(),
            action: note.action.to_owned(),
            note: Some(shortened(note.note)),
            secondary: None,
        };
        let recorder = publisher.recorder(about, &event);
        let (reason, name) = (&event.reason, &about.name);
        match tokio::time::timeout(TIMEOUT, recorder.publish(&event, about)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => debug!(%error, reason, name, "an event could not be published"),
            Err(_) => debug!(reason, name, "publishing an event took too long"),
        }
    }
}

impl Publisher {
    fn recorder(&self, about: &ObjectReference, event: &Event) -> Recorder {
        let told = Told {
            uid: about.uid.clone(),
            reason: event.reason.clone(),
            action: event.action.clone(),
            note: event.note.clone().unwrap_or_default(),
        };
        let mut recorders = self.recorders.lock().unwrap_or_else(PoisonError::into_inner);
        recorders.retain(|_, (used, _)| used.elapsed() < REMEMBERED);
        let new = || {
            (
                Instant::now(),
                Recorder::new(self.client.clone(), self.reporter.clone()),
            )
        };
        let (used, recorder) = recorders.entry(told).or_insert_with(new);
        *used = Instant::now();
        recorder.clone()
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
