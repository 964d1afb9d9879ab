//! The definitions in a cluster that has others: how they are brought in, and what a controller does that finds them.

mod applied;
#[allow(
    clippy::duplicate_mod,
    reason = "an instance of its own: its tests would disturb those of the others"
)]
#[path = "../support/kubernetes.rs"]
mod kubernetes;
mod skewed;

use crate::deploy::eventually;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

const OBJECTS: &str = "protectedapis.palisade.dev";

/// Held by each test: the definitions are those of the whole cluster.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn kubectl(arguments: &[&str]) -> String {
    kubernetes::kubectl(arguments)
}

/// kubectl with a document to apply.
fn apply(document: &Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("document.json");
    std::fs::write(&file, document.to_string()).expect("a file");
    apply_file(&file);
}

fn apply_file(file: &Path) {
    kubectl(&[
        "apply",
        "--server-side",
        "--force-conflicts",
        "-f",
        &file.to_string_lossy(),
    ]);
}

/// The binary as a person runs it; answers whether it succeeded, and all that it said.
fn palisade(arguments: &[&str], kubeconfig: &Path) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(arguments)
        .env_clear()
        .env("KUBECONFIG", kubeconfig)
        .output()
        .expect("palisade runs");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// The definition of objects as the cluster has it.
fn definition() -> Value {
    serde_json::from_str(&kubectl(&["get", "crd", OBJECTS, "-o", "json"])).expect("a definition")
}

/// The schema in it.
fn schema(definition: &mut Value) -> &mut Value {
    &mut definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
}

/// The cluster gets the definition as another version had it.
fn replace_definition(version: Option<&str>, change: impl Fn(&mut Value)) {
    let mut other = definition();
    let annotations = other["metadata"]["annotations"].as_object_mut();
    let annotations = annotations.expect("annotations");
    annotations.remove("palisade.dev/version");
    annotations.extend(version.map(|version| ("palisade.dev/version".to_owned(), json!(version))));
    change(schema(&mut other));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("definition.json");
    std::fs::write(&file, other.to_string()).expect("a file");
    kubectl(&["replace", "-f", &file.to_string_lossy()]);
}

/// All as this version has it, and no objects.
fn restore() {
    kubectl(&["delete", "papi", "-A", "--all"]);
    kubectl(&[
        "delete",
        "crd",
        "--ignore-not-found",
        "protectedapis.check.palisade.dev",
    ]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for kind in palisade::api::KINDS {
        apply_file(&root.join(format!("crds/{kind}.palisade.dev.yaml")));
    }
    kubectl(&["wait", "--for=condition=Established", "crd", OBJECTS]);
}

fn petstore(name: &str) -> Value {
    let mut object = crate::petstore::petstore();
    object["metadata"] = json!({"name": name, "namespace": "default"});
    object
}
