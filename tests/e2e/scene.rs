//! What a test plays in: a namespace, an API, and all that can be seen of them in Kubernetes and in AWS.

use crate::apis::{endpoint, seed_rest};
use crate::emulator::Emulator;
use crate::kubernetes::{self, kubectl_of};
use crate::took::Took;
use k8s_openapi::api::events::v1::Event;
use kube::Client;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use tokio::sync::RwLock;

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

    /// (reason, note) of all events in the namespace.
    pub async fn events(&self) -> Vec<(String, String)> {
        let events: Api<Event> = Api::namespaced(self.client.clone(), &self.namespace);
        let events = events.list(&ListParams::default()).await.expect("events");
        events
            .into_iter()
            .map(|event| (event.reason.unwrap_or_default(), event.note.unwrap_or_default()))
            .collect()
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
}

impl Drop for Scene {
    /// What it made is forgotten: each controller of the other tests lists all that stands in the account, again and again. Of a test that
    /// failed it stays.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let path = format!("namespaces/{}?apis={}", self.namespace, &self.api[1..]);
            aws().control("DELETE", &path, &Value::Null);
        }
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
