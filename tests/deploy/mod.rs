//! `deploy/`, the examples and the README, as a real API server takes them.

mod controller;
mod documents;
#[allow(
    clippy::duplicate_mod,
    reason = "an instance of its own: its tests would disturb those of the others"
)]
#[path = "../support/kubernetes.rs"]
mod kubernetes;
mod metrics;
mod requests;
mod rights;

use crate::aws;
use palisade::api::{AwsAccount, PerimeterClass, PerimeterPlan, ProtectedApi};
use palisade::domain::tenancy::permissions::{Namespace, Tenancy, permit};
use serde::Deserialize as _;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Held by tests that cannot share the cluster: a controller looks after the objects of all Namespaces.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything below `folder` whose name ends with `extension`.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path, extension)
            } else if path.to_string_lossy().ends_with(extension) {
                vec![path]
            } else {
                vec![]
            }
        })
        .collect();
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The documents of a YAML text.
fn documents(text: &str, from: &str) -> Vec<Value> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| Value::deserialize(document).unwrap_or_else(|error| panic!("{from}: {error}")))
        .collect()
}

/// The blocks of a Markdown text that are marked as `language`.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let parts = text.split(&start).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

/// Runs kubectl with all rights; answers whether it succeeded, and all that it said.
fn try_kubectl(arguments: &[&str]) -> (bool, String) {
    try_kubectl_of(kubernetes::kubeconfig(), arguments)
}

/// The same in the cluster that has this kubeconfig.
fn try_kubectl_of(kubeconfig: &Path, arguments: &[&str]) -> (bool, String) {
    let output = Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("kubectl runs");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn kubectl(arguments: &[&str]) -> String {
    let (succeeded, said) = try_kubectl(arguments);
    assert!(succeeded, "kubectl {}: {said}", arguments.join(" "));
    said
}

/// Once for all tests: two of them at a time would each find the namespace missing, and make it.
fn apply_base() {
    static APPLIED: OnceLock<()> = OnceLock::new();
    APPLIED.get_or_init(|| drop(kubectl(&["apply", "-k", "deploy/base"])));
}

/// Repeats `attempt` until it answers something.
pub fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = attempt() {
            return answer;
        }
        let waited = began.elapsed();
        assert!(
            waited < Duration::from_mins(3),
            "not within three minutes: {what}"
        );
        // Most attempts run kubectl, which takes a tenth of a second of a processor.
        std::thread::sleep((waited / 4).clamp(Duration::from_millis(200), Duration::from_secs(1)));
    }
}

#[test]
fn every_manifest_and_every_block_of_the_documentation_parses() {
    // What a chart holds is judged as it is rendered: tests/chart.
    let manifests = files(&root().join("deploy"), ".yaml").into_iter();
    for path in manifests.filter(|path| !path.to_string_lossy().contains("/templates/")) {
        assert!(!documents(&read(&path), &path.to_string_lossy()).is_empty());
    }
    for path in files(&root().join("deploy"), ".json") {
        serde_json::from_str::<Value>(&read(&path))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let mut pages = files(&root().join("docs"), ".md");
    pages.push(root().join("README.md"));
    for page in pages {
        for block in blocks(&read(&page), "yaml") {
            documents(&block, &page.to_string_lossy());
        }
    }
}

/// The objects of our kinds in the examples, the README and the start, as YAML.
fn example_objects() -> Vec<(String, Value)> {
    let examples = files(&root().join("deploy/examples"), ".yaml");
    let examples = examples
        .iter()
        .map(|path| (path.to_string_lossy().into_owned(), read(path)));
    let pages = ["README.md", "docs/start.md"].into_iter();
    let of_pages = pages.flat_map(|page| {
        let blocks = blocks(&read(&root().join(page)), "yaml");
        blocks.into_iter().map(move |block| (page.to_owned(), block))
    });
    examples
        .chain(of_pages)
        .flat_map(|(from, text)| {
            let all = documents(&text, &from).into_iter();
            let ours = ["ProtectedApi", "AwsAccount", "PerimeterClass", "PerimeterPlan"];
            all.filter(move |document| ours.iter().any(|kind| document["kind"] == *kind))
                .map(move |document| (from.clone(), document))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn the_examples_are_what_the_api_server_and_we_understand() {
    let objects = example_objects();
    assert!(objects.len() >= 4, "{objects:?}");
    kubectl(&["apply", "-f", "deploy/examples/namespace.yaml"]);
    let folder = tempfile::tempdir().expect("a folder");
    for (index, (from, mut object)) in objects.into_iter().enumerate() {
        let read = match object["kind"].as_str() {
            Some("AwsAccount") => serde_json::from_value::<AwsAccount>(object.clone()).map(drop),
            Some("PerimeterClass") => serde_json::from_value::<PerimeterClass>(object.clone()).map(drop),
            Some("PerimeterPlan") => serde_json::from_value::<PerimeterPlan>(object.clone()).map(drop),
            _ => serde_json::from_value::<ProtectedApi>(object.clone()).map(drop),
        };
        read.unwrap_or_else(|error| panic!("{from}: {error}"));
        // A plan's spec is immutable, and another test may have made one of that name.
        if object["kind"] == "PerimeterPlan" {
            object["metadata"]["name"] = format!("example-{index}").into();
        }
        let file = folder.path().join(format!("{index}.json"));
        std::fs::write(&file, object.to_string()).expect("a file");
        // kubectl refuses fields that the schema does not have.
        let (taken, said) = try_kubectl(&["apply", "--dry-run=server", "-f", &file.to_string_lossy()]);
        assert!(taken, "{from}: {said}");
    }
}

#[test]
fn the_examples_name_what_their_namespace_permits() {
    let from = root().join("deploy/examples/namespace.yaml");
    let namespace = documents(&read(&from), &from.to_string_lossy()).remove(0);
    let annotations =
        serde_json::from_value(namespace["metadata"]["annotations"].clone()).expect("annotations");
    let namespace = Namespace {
        name: namespace["metadata"]["name"].as_str().expect("a name"),
        annotations: &annotations,
    };
    for (from, object) in example_objects() {
        if object["kind"] == "ProtectedApi" {
            let object: ProtectedApi = serde_json::from_value(object).expect("an object");
            permit(Tenancy::Enforced, &object.spec, namespace)
                .unwrap_or_else(|refusal| panic!("{from}: {}", refusal.message));
        }
    }
}

#[test]
fn the_base_is_taken_and_its_pods_keep_to_the_restricted_standard() {
    apply_base();
    for overlay in std::fs::read_dir(root().join("deploy/overlays")).expect("a folder") {
        let overlay = overlay.expect("an entry").path();
        kubectl(&["apply", "--dry-run=server", "-k", &overlay.to_string_lossy()]);
    }
    let deployment: Value = serde_json::from_str(&kubectl(&[
        "get",
        "deployment",
        "palisade",
        "-n",
        "palisade-system",
        "-o",
        "json",
    ]))
    .expect("a Deployment");
    let mut pod = deployment["spec"]["template"].clone();
    pod["apiVersion"] = "v1".into();
    pod["kind"] = "Pod".into();
    pod["metadata"]["name"] = "palisade".into();
    pod["metadata"]["namespace"] = "palisade-system".into();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pod.json");
    std::fs::write(&file, pod.to_string()).expect("a file");
    let create = |file: &Path| try_kubectl(&["apply", "--dry-run=server", "-f", &file.to_string_lossy()]);
    let (taken, said) = eventually("its ServiceAccount", || {
        Some(create(&file)).filter(|(_, said)| !said.contains("serviceaccount \"palisade\" not found"))
    });
    assert!(taken, "{said}");

    // That is no accident: the Namespace refuses others.
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = true.into();
    std::fs::write(&file, pod.to_string()).expect("a file");
    let (taken, said) = create(&file);
    assert!(!taken && said.contains("violates PodSecurity"), "{said}");
}

#[test]
fn deleting_the_controller_deletes_no_definition_and_deleting_a_definition_needs_somebodys_word() {
    // Of its own: nobody guards the definition of plans, which takes those of other tests with it.
    let cluster = kubernetes::start();
    let try_kubectl = |arguments: &[&str]| try_kubectl_of(&cluster.kubeconfig, arguments);
    let kubectl = |arguments: &[&str]| kubernetes::kubectl_of(&cluster.kubeconfig, arguments);
    kubectl(&["apply", "-k", "deploy/base"]);
    for folder in ["deploy/base", "deploy/overlays/eks"] {
        let all = kubectl(&["delete", "--dry-run=client", "-o", "name", "-k", folder]);
        assert!(all.contains("deployment.apps/palisade"), "{all}");
        assert!(!all.contains("customresourcedefinition"), "{folder}: {all}");
    }
    kubectl(&["apply", "-k", "deploy/crds"]);
    for name in [
        "protectedapis.palisade.dev",
        "awsaccounts.palisade.dev",
        "perimeterclasses.palisade.dev",
    ] {
        let delete = || try_kubectl(&["delete", "crd", name, "--dry-run=server"]);
        let (_, said) = eventually("the policy refuses", || {
            Some(delete()).filter(|(deleted, _)| !deleted)
        });
        let word = format!("kubectl annotate crd {name} palisade.dev/allow-delete=true");
        assert!(said.contains(&word), "{said}");
        kubectl(&["annotate", "crd", name, "palisade.dev/allow-delete=true"]);
        let (deleted, said) = delete();
        assert!(deleted, "{said}");
        kubectl(&["annotate", "crd", name, "palisade.dev/allow-delete-"]);
    }
    // One deletion of all leaves the definitions, and what guards them.
    let (deleted, said) = try_kubectl(&["delete", "-k", "deploy/crds", "--wait=false"]);
    assert!(!deleted, "{said}");
    let guard = ["validatingadmissionpolicy", "validatingadmissionpolicybinding"];
    for kind in guard {
        let found = kubectl(&["get", kind, "palisade-protect-crds", "-o", "yaml"]);
        assert!(found.contains("deletionTimestamp"), "{found}");
    }
    let (deleted, said) = try_kubectl(&["delete", "crd", "protectedapis.palisade.dev", "--dry-run=server"]);
    assert!(!deleted && said.contains("allow-delete"), "{said}");
    // Whoever means it takes the finalizers off.
    let off = r#"{"metadata":{"finalizers":null}}"#;
    for kind in guard {
        kubectl(&["patch", kind, "palisade-protect-crds", "--type=merge", "-p", off]);
        eventually("it goes", || {
            (!try_kubectl(&["get", kind, "palisade-protect-crds"]).0).then_some(())
        });
    }
    kubectl(&["apply", "-k", "deploy/crds"]);
    // Definitions of others are none of its business.
    let other = root().join("tests/deploy/other-crd.yaml");
    kubectl(&["apply", "-f", &other.to_string_lossy()]);
    kubectl(&["delete", "-f", &other.to_string_lossy()]);
}

const PETSTORE: &str = r#"{"apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi", "metadata": {"name": "petstore"}, "spec": {
    "origin": {"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"}}}"#;

#[test]
fn a_perimeter_and_its_namespace_are_deleted_only_after_somebody_has_said_so() {
    let _alone = alone();
    let folder = tempfile::tempdir().expect("a folder");
    let petstore = folder.path().join("petstore.json");
    std::fs::write(&petstore, PETSTORE).expect("a file");
    let petstore = petstore.to_string_lossy().into_owned();
    kubectl(&["apply", "-k", "deploy/policies"]);
    for name in ["guarded", "open"] {
        kubectl(&["create", "namespace", name]);
        kubectl(&["create", "-n", name, "-f", &petstore]);
    }
    kubectl(&["annotate", "namespace", "guarded", "palisade.dev/allowed-apis=*"]);

    let delete = ["delete", "papi", "petstore", "-n", "guarded"];
    let dry = [&delete[..], &["--dry-run=server"]].concat();
    // Policies are in force some moments after they are made.
    let said = eventually("the policy refuses", || {
        Some(try_kubectl(&dry)).filter(|(deleted, _)| !deleted)
    })
    .1;
    assert!(
        said.contains("kubectl annotate papi -n guarded petstore palisade.dev/allow-delete=true"),
        "{said}"
    );
    let dry = ["delete", "namespace", "guarded", "--dry-run=server"];
    let said = eventually("the other, too", || {
        Some(try_kubectl(&dry)).filter(|(deleted, _)| !deleted)
    })
    .1;
    assert!(
        said.contains("kubectl annotate namespace guarded palisade.dev/allow-delete=true"),
        "{said}"
    );
    assert!(!try_kubectl(&["delete", "papi", "--all", "-n", "guarded"]).0);

    kubectl(&[
        "annotate",
        "papi",
        "-n",
        "guarded",
        "petstore",
        "palisade.dev/allow-delete=true",
    ]);
    kubectl(&delete);
    kubectl(&["create", "-n", "guarded", "-f", &petstore]);
    kubectl(&[
        "annotate",
        "namespace",
        "guarded",
        "palisade.dev/allow-delete=true",
    ]);
    kubectl(&["delete", "namespace", "guarded", "--timeout=180s"]);

    // A Namespace that nothing marks is deleted, and waits for the word.
    kubectl(&["delete", "namespace", "open", "--wait=false"]);
    eventually("its status says why it waits", || {
        kubectl(&["get", "namespace", "open", "-o", "yaml"])
            .contains("palisade.dev/allow-delete=true")
            .then_some(())
    });
    kubectl(&["get", "papi", "petstore", "-n", "open"]);
    kubectl(&["annotate", "namespace", "open", "palisade.dev/allow-delete=true"]);
    eventually("it goes", || {
        (!try_kubectl(&["get", "namespace", "open"]).0).then_some(())
    });
}
