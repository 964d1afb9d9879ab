//! A real Kubernetes API, started once per test binary and gone with it. A test binary takes it in by
//! `#[path = "support/kubernetes.rs"] mod kubernetes;`, apart from the rest of `support`, which takes long to compile.
#![allow(dead_code, reason = "each test binary uses its own part")]

use kube::api::{Api, ObjectMeta, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A control plane. It ends when our end of its standard input closes, however we end.
pub struct ControlPlane {
    /// A kubeconfig with all rights.
    pub kubeconfig: PathBuf,
    _process: Child,
}

/// Outlives us by the moment that it takes to clean up: nothing static is ever dropped.
const RUN_AND_CLEAN_UP: &str = r#"trap '' INT TERM; "$0" --dir "$1" --exit-with-stdin; rm -rf "$1""#;

static CONTROL_PLANE: OnceLock<ControlPlane> = OnceLock::new();
static NAMESPACES: AtomicU32 = AtomicU32::new(0);

/// The kubeconfig of the control plane, with all rights and the CRDs of `crds/` installed.
pub fn kubeconfig() -> &'static Path {
    &CONTROL_PLANE.get_or_init(start).kubeconfig
}

/// A client of the control plane. One for each test: a client lives on the runtime that made it.
pub async fn client() -> Client {
    client_of(kubeconfig()).await
}

/// The same of the control plane that has this kubeconfig.
pub async fn client_of(kubeconfig: &Path) -> Client {
    let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("a kubeconfig");
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .expect("a config");
    // Whatever the machine's is, this API is here.
    config.proxy_url = None;
    Client::try_from(config).expect("a client")
}

/// A new Namespace with `annotations`; answers its name.
pub async fn namespace(client: &Client, annotations: &[(&str, &str)]) -> String {
    let name = format!("test-{}", NAMESPACES.fetch_add(1, Ordering::Relaxed));
    let annotations = annotations
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    let namespace = k8s_openapi::api::core::v1::Namespace {
        metadata: ObjectMeta {
            name: Some(name.clone()),
            annotations: Some(annotations),
            ..ObjectMeta::default()
        },
        ..Default::default()
    };
    Api::all(client.clone())
        .create(&PostParams::default(), &namespace)
        .await
        .expect("a namespace");
    name
}

/// Runs kubectl against the control plane; answers what it printed.
///
/// # Panics
/// When kubectl fails.
pub fn kubectl(arguments: &[&str]) -> String {
    kubectl_of(kubeconfig(), arguments)
}

/// The same against the control plane that has this kubeconfig.
///
/// # Panics
/// When kubectl fails.
pub fn kubectl_of(kubeconfig: &Path, arguments: &[&str]) -> String {
    let output = Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(arguments)
        .output()
        .expect("kubectl runs");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "kubectl {}: {error}",
        arguments.join(" ")
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Starts a control plane with the CRDs of `crds/`: a cluster with a UID of its own.
pub fn start() -> ControlPlane {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let build = Command::new(root.join("tests/env/kubernetes/build"))
        .stderr(Stdio::inherit())
        .output()
        .expect("tests/env/kubernetes/build runs");
    assert!(build.status.success(), "tests/env/kubernetes/build failed");
    let binary = String::from_utf8(build.stdout).expect("a path");

    let folder = tempfile::Builder::new()
        .prefix("palisade-kubernetes-")
        .tempdir()
        .expect("a folder")
        .keep();
    let mut process = Command::new("sh")
        .args(["-c", RUN_AND_CLEAN_UP, binary.trim()])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the control plane starts");
    let mut line = String::new();
    let output = process.stdout.take().expect("its output");
    BufReader::new(output)
        .read_line(&mut line)
        .expect("a line when it is ready");
    let ready: Value =
        serde_json::from_str(&line).expect("the control plane's line of JSON; its logs are above");
    let kubeconfig = PathBuf::from(ready["kubeconfig"].as_str().expect("a kubeconfig"));
    install_crds(&kubeconfig, &root.join("crds"));
    ControlPlane {
        kubeconfig,
        _process: process,
    }
}

fn install_crds(kubeconfig: &Path, crds: &Path) {
    let kubectl = |arguments: &[&str], file: &Path| {
        let status = Command::new("kubectl")
            .arg("--kubeconfig")
            .arg(kubeconfig)
            .args(arguments)
            .arg("-f")
            .arg(file)
            .stdout(Stdio::null())
            .status()
            .expect("kubectl runs");
        assert!(status.success(), "kubectl {}", arguments.join(" "));
    };
    kubectl(&["apply"], crds);
    kubectl(&["wait", "--for=condition=Established", "--timeout=30s"], crds);
}
