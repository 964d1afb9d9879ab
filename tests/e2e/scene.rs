//! What a test plays in: a namespace, an API, and all that can be seen of them in Kubernetes and in AWS.

use crate::apis::{endpoint, seed_rest};
use crate::emulator::Emulator;
use crate::kubernetes::{self, kubectl_of};
use crate::took::Took;
use jiff::Timestamp;
use k8s_openapi::api::events::v1::Event;
use kube::Client;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::RwLock;

/// When a wait is given up. A deletion makes sure for more than a minute that nothing was created whose answer was lost, and many
/// tests share the processors.
const LONG: Duration = Duration::from_mins(4);
/// What lets a namespace name everything.
pub const EVERYTHING: [(&str, &str); 3] = [
    ("palisade.dev/allowed-apis", "*"),
    ("palisade.dev/allowed-domains", "*"),
    ("palisade.dev/allowed-arns", "*"),
];

/// The emulated AWS of all tests. It asks for permissions: each controller's key belongs to a user.
pub fn aws() -> &'static Emulator {
    static EMULATOR: OnceLock<Emulator> = OnceLock::new();
    EMULATOR.get_or_init(|| {
        Emulator::start(&json!({
            "deploymentDelay": 0.3, "functionPending": 0, "rolePropagation": 0, "replicaRetention": 1.5,
            "domainNameDelay": 0.3, "enforceIam": true,
        }))
    })
}

/// Held for reading where the API server is to refuse something, for writing by who takes its schema away for a moment.
pub static SCHEMA: RwLock<()> = RwLock::const_new(());

/// What one test plays in.
pub struct Scene {
    pub client: Client,
    /// Of the cluster that the namespace is in.
    pub kubeconfig: PathBuf,
    pub namespace: String,
    /// Id of a REST API in eu-north-1 with the stage `prod`.
    pub api: String,
    pub folder: tempfile::TempDir,
    logs: Mutex<Vec<PathBuf>>,
    _took: Took,
}

impl Scene {
    /// A namespace that may name everything.
    pub async fn new() -> Self {
        Self::permitted(&EVERYTHING).await
    }

    /// A namespace with these annotations.
    pub async fn permitted(annotations: &[(&str, &str)]) -> Self {
        Self::within(kubernetes::kubeconfig(), annotations).await
    }

    /// The same in the cluster that has this kubeconfig.
    pub async fn within(kubeconfig: &Path, annotations: &[(&str, &str)]) -> Self {
        let took = Took::since_now();
        let client = kubernetes::client_of(kubeconfig).await;
        let namespace = kubernetes::namespace(&client, annotations).await;
        let number: u32 = namespace
            .trim_start_matches("test-")
            .parse()
            .expect("test-<number>");
        let api = format!("e2e{number:07}");
        seed_rest(&api);
        Self {
            client,
            kubeconfig: kubeconfig.to_owned(),
            namespace,
            api,
            folder: tempfile::tempdir().expect("a folder"),
            logs: Mutex::default(),
            _took: took,
        }
    }

    pub fn endpoint(&self) -> String {
        endpoint(&self.api)
    }

    /// An id for another API of this scene, which begins with `letter`.
    pub fn another_api(&self, letter: char) -> String {
        format!("{letter}{}", &self.api[1..])
    }

    /// The smallest manifest for this scene's API, with `more` merged into its spec.
    pub fn manifest(&self, name: &str, more: &Value) -> Value {
        let mut spec = json!({"origin": {"endpoint": self.endpoint(), "type": "REST", "stage": "prod"}});
        merge(&mut spec, more);
        json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
            "metadata": {"name": name, "namespace": self.namespace}, "spec": spec,
        })
    }

    /// `kubectl apply` of [`Scene::manifest`].
    pub fn apply(&self, name: &str, more: &Value) {
        let file = self.write(&self.manifest(name, more));
        self.kubectl(&["apply", "-f", &file]);
    }

    /// A manifest as a file for kubectl; JSON is YAML.
    pub fn write(&self, manifest: &Value) -> String {
        let file = self.folder.path().join("manifest.yaml");
        std::fs::write(&file, manifest.to_string()).expect("written");
        file.to_string_lossy().into_owned()
    }

    /// kubectl in this scene's namespace.
    pub fn kubectl(&self, arguments: &[&str]) -> String {
        let namespace = ["--namespace", &self.namespace];
        kubectl_of(&self.kubeconfig, &[&namespace, arguments].concat())
    }

    /// What kubectl says when the API server refuses the manifest.
    pub async fn refusal(&self, manifest: &Value) -> String {
        let _schema = SCHEMA.read().await;
        let file = self.write(manifest);
        let output = Command::new("kubectl")
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .args(["apply", "-f", &file])
            .output()
            .expect("kubectl runs");
        assert!(!output.status.success(), "taken: {manifest}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub fn objects(&self) -> Api<DynamicObject> {
        let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "ProtectedApi");
        Api::namespaced_with(
            self.client.clone(),
            &self.namespace,
            &ApiResource::from_gvk(&kind),
        )
    }

    /// The object as the API server has it; null where it has none.
    pub async fn object(&self, name: &str) -> Value {
        let found = self.objects().get_opt(name).await.expect("an answer");
        found.map_or(Value::Null, |object| serde_json::to_value(object).expect("JSON"))
    }

    /// Merges `patch` into the object's spec.
    pub async fn change(&self, name: &str, patch: Value) {
        let patch = Patch::Merge(json!({"spec": patch}));
        self.objects()
            .patch(name, &PatchParams::default(), &patch)
            .await
            .expect("changed");
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

    /// The object's UID.
    pub async fn uid(&self, name: &str) -> String {
        self.object(name).await["metadata"]["uid"]
            .as_str()
            .expect("a UID")
            .to_owned()
    }

    /// Asks for the object's deletion.
    pub async fn delete(&self, name: &str) {
        self.objects()
            .delete(name, &DeleteParams::default())
            .await
            .expect("deleted");
    }

    /// (status, reason, message) of a condition of the current generation.
    pub async fn condition(&self, name: &str, is: &str) -> Option<(String, String, String)> {
        let found = current_condition(&self.object(name).await, is)?;
        let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
        Some((text("status"), text("reason"), text("message")))
    }

    /// Waits until a condition of the current generation has this status and reason; answers its message.
    pub async fn until_condition(&self, name: &str, is: &str, status: &str, reason: &str) -> String {
        let mut message = String::new();
        self.until(&format!("{is}={status}, {reason}"), async || {
            let found = self.condition(name, is).await;
            let found = found.filter(|found| found.0 == status && found.1 == reason);
            found.map(|found| message = found.2).is_some()
        })
        .await;
        message
    }

    /// Like [`Scene::until_condition`], of any generation and status: a deletion changes the generation once more.
    pub async fn until_condition_of_any_generation(&self, name: &str, is: &str, reason: &str) -> String {
        let mut message = String::new();
        self.until(&format!("{is}, {reason}"), async || {
            let object = self.object(name).await;
            let conditions = object["status"]["conditions"].as_array();
            let found = conditions
                .into_iter()
                .flatten()
                .find(|found| found["type"] == is && found["reason"] == reason);
            found
                .map(|found| message = found["message"].to_string())
                .is_some()
        })
        .await;
        message
    }

    /// Waits until the object is Ready at its current generation.
    pub async fn until_ready(&self, name: &str) {
        self.until_condition(name, "Ready", "True", "Ready").await;
    }

    /// Waits until the object is gone.
    pub async fn until_gone(&self, name: &str) {
        self.until(&format!("{name} is gone"), async || {
            self.object(name).await.is_null()
        })
        .await;
    }

    /// Waits for an event with this reason whose note has all of `parts`; answers the note.
    pub async fn until_event(&self, reason: &str, parts: &[&str]) -> String {
        let mut note = String::new();
        self.until(&format!("an event {reason} with {parts:?}"), async || {
            let found = self
                .events()
                .await
                .into_iter()
                .find(|(found, text)| found == reason && parts.iter().all(|part| text.contains(part)));
            found.map(|found| note = found.1).is_some()
        })
        .await;
        note
    }

    /// Waits for an event with this reason about an object without a namespace.
    pub async fn until_event_of(&self, reason: &str, name: &str) {
        let events: Api<Event> = Api::namespaced(self.client.clone(), "default");
        self.until(&format!("an event {reason} about {name}"), async || {
            let all = events.list(&ListParams::default()).await.expect("events");
            all.into_iter().any(|event| {
                let about = event.regarding.and_then(|about| about.name);
                event.reason.as_deref() == Some(reason) && about.as_deref() == Some(name)
            })
        })
        .await;
    }

    /// (reason, note) of all events in the namespace.
    pub async fn events(&self) -> Vec<(String, String)> {
        let events: Api<Event> = Api::namespaced(self.client.clone(), &self.namespace);
        let events = events.list(&ListParams::default()).await.expect("events");
        events
            .into_iter()
            .map(|event| (event.reason.unwrap_or_default(), event.note.unwrap_or_default()))
            .collect()
    }

    /// Waits until `holds`; says all there is to know when it never does.
    pub async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let began = Instant::now();
        while !holds().await {
            assert!(began.elapsed() < LONG, "never: {what}\n{}", self.story());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// What a person would look at.
    pub fn story(&self) -> String {
        let mut story = self.kubectl(&["describe", "papi"]);
        for log in self.logs.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let text = std::fs::read_to_string(log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let tail = lines[lines.len().saturating_sub(40)..].join("\n");
            story = format!("{story}\n--- {}\n{tail}", log.display());
        }
        story
    }

    /// A file for a controller's log.
    pub fn new_log(&self, name: &str) -> PathBuf {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let log = self.folder.path().join(format!("{name}-{}.log", logs.len()));
        logs.push(log.clone());
        log
    }

    /// The texts of all logs.
    pub fn all_logs(&self) -> String {
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.iter()
            .map(|log| std::fs::read_to_string(log).unwrap_or_default())
            .collect()
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

/// Adds a fault, whose `match` should name an object's UID or a namespace; answers its id.
pub fn fault(rule: &Value) -> String {
    let answer = aws().control("POST", "faults", rule);
    answer["id"].as_str().expect("an id").to_owned()
}

/// A condition of an object's current generation.
pub fn current_condition(object: &Value, is: &str) -> Option<Value> {
    let generation = &object["metadata"]["generation"];
    let conditions = object["status"]["conditions"].as_array()?;
    let found = conditions
        .iter()
        .find(|condition| condition["type"] == is && condition["observedGeneration"] == *generation);
    found.cloned()
}

/// An ACM certificate for this domain and all below it; answers its ARN.
pub fn seed_certificate(domain: &str) -> String {
    let certificate = json!({"domain": domain, "alternativeNames": [format!("*.{domain}")]});
    let made = aws().control("POST", "seed", &json!({"certificates": [certificate]}));
    made["certificates"][0]["arn"]
        .as_str()
        .expect("an ARN")
        .to_owned()
}

/// JSON merge patch.
fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(fields) = patch else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (key, value) in fields {
        merge(&mut into[key], value);
    }
}
