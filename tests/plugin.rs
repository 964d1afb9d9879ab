//! `kubectl palisade status` against a real API server, and against servers that are none; below, the other commands.

mod adopt;
mod doctor;
mod handover;
mod opening;
mod orphans;
mod plan;
mod tried;

use crate::kubernetes;
use crate::petstore::{create, petstore, untyped};
use kube::Client;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The binary as kubectl calls it.
fn plugin(kubeconfig: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_palisade"));
    command
        .arg0("/usr/local/bin/kubectl-palisade")
        .args(arguments)
        .env_clear()
        .env("KUBECONFIG", kubeconfig)
        .env("LANG", "C.UTF-8");
    command
}

fn run(kubeconfig: &Path, arguments: &[&str]) -> Output {
    plugin(kubeconfig, arguments).output().expect("the plugin runs")
}

fn shown(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn refused(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    error
}

/// A status with these conditions: type, status and reason.
fn status(conditions: &[(&str, &str, &str)]) -> Value {
    let conditions: Vec<Value> = conditions
        .iter()
        .map(|(is, status, reason)| {
            json!({
                "type": is, "status": status, "reason": reason, "message": format!("{reason} is so"),
                "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1,
            })
        })
        .collect();
    json!({"observedGeneration": 1, "url": "https://d1.cloudfront.net", "conditions": conditions})
}

fn deploying() -> Value {
    status(&[
        ("DistributionDeployed", "False", "Deploying"),
        ("Ready", "False", "Deploying"),
        ("Reconciling", "True", "Deploying"),
    ])
}

fn ready() -> Value {
    status(&[
        ("DistributionDeployed", "True", "Deployed"),
        ("Ready", "True", "Ready"),
    ])
}

async fn says(client: &Client, namespace: &str, status: Value) {
    let patch = Patch::Merge(json!({"status": status}));
    untyped(client, namespace)
        .patch_status("petstore", &PatchParams::default(), &patch)
        .await
        .expect("a status");
}

#[tokio::test]
async fn an_object_is_shown_as_a_tree_a_line_data_and_a_picture() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    create(&client, &namespace, &petstore()).await;
    let here = kubernetes::kubeconfig();
    let status = |more: &[&str]| shown(&run(here, &[&["status", "-n", &namespace], more].concat()));

    let unseen = status(&["petstore"]);
    assert!(unseen.contains("no controller has looked at it yet"), "{unseen}");

    says(&client, &namespace, deploying()).await;
    let tree = status(&["petstore"]);
    assert!(tree.contains("… CloudFront"), "{tree}");
    assert!(tree.contains("usually 3 to 10 minutes"), "{tree}");
    assert!(!tree.contains('\u{1b}'), "no terminal, no colour: {tree}");

    let list = status(&[]);
    assert_eq!(list.lines().count(), 1, "{list}");
    assert!(
        list.contains(&format!("{namespace}/petstore  Deploying")),
        "{list}"
    );
    let all = shown(&run(here, &["status", "-A"]));
    assert!(all.contains(&format!("{namespace}/petstore")), "{all}");

    let data: Value = serde_json::from_str(&status(&["petstore", "-o", "json"])).expect("JSON");
    assert_eq!(data["ready"]["awaited"]["usually"], "usually 3 to 10 minutes");
    let data: Value = serde_yaml::from_str(&status(&["-o", "yaml"])).expect("YAML");
    assert_eq!(data["items"][0]["name"], "petstore");
    assert!(status(&["petstore", "-o", "svg"]).starts_with("<svg"));
    assert!(status(&["petstore", "-o", "html"]).starts_with("<!DOCTYPE html>"));
}

#[tokio::test]
async fn a_watch_shows_what_changes_and_ends_when_the_object_is_ready() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    create(&client, &namespace, &petstore()).await;
    watches(&client, &namespace, kubernetes::kubeconfig()).await;
}

/// Watches an object that is deployed and then ready.
async fn watches(client: &Client, namespace: &str, kubeconfig: &Path) {
    says(client, namespace, deploying()).await;
    let arguments = ["status", "petstore", "-n", namespace, "--watch"];
    let mut child = plugin(kubeconfig, &arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the plugin starts");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut lines = lines.map(|line| line.expect("UTF-8"));
    assert!(lines.any(|line| line.contains("Ready: Deploying")));
    says(client, namespace, ready()).await;
    assert!(lines.any(|line| line.contains("Ready: Ready")));
    lines.for_each(drop);
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}

/// The kubeconfig of one who acts as `user`.
fn acting_as(user: &str, folder: &TempDir) -> PathBuf {
    let text = std::fs::read_to_string(kubernetes::kubeconfig()).expect("a kubeconfig");
    let mut config: Value = serde_yaml::from_str(&text).expect("YAML");
    config["users"][0]["user"]["as"] = user.into();
    written(&serde_yaml::to_string(&config).expect("YAML"), folder)
}

fn written(text: &str, folder: &TempDir) -> PathBuf {
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, text).expect("a kubeconfig");
    path
}

#[tokio::test]
async fn who_may_get_list_and_watch_sees_all_and_who_may_not_reads_what_to_ask_for() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    create(&client, &namespace, &petstore()).await;
    says(&client, &namespace, ready()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let viewer = acting_as("plugin-viewer", &folder);

    for arguments in [
        ["status", "petstore", "-n", &namespace].as_slice(),
        &["status", "-A"],
    ] {
        let error = refused(&run(&viewer, arguments));
        assert!(error.contains("get, list and watch of protectedapis"), "{error}");
    }
    kubernetes::kubectl(&[
        "create",
        "clusterrole",
        "plugin-viewer",
        "--verb=get,list,watch",
        "--resource=protectedapis.palisade.dev",
    ]);
    kubernetes::kubectl(&[
        "create",
        "clusterrolebinding",
        "plugin-viewer",
        "--clusterrole=plugin-viewer",
        "--user=plugin-viewer",
    ]);
    let is_seen = || run(&viewer, &["status", "-A"]).status.success();
    while !is_seen() {
        // The API server learns of new roles by a watch of its own.
        tokio::task::yield_now().await;
    }
    watches(&client, &namespace, &viewer).await;
}

#[tokio::test]
async fn what_is_not_there_is_named_with_what_to_do() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let here = kubernetes::kubeconfig();
    let error = refused(&run(here, &["status", "petshop", "-n", &namespace]));
    assert!(error.contains("no ProtectedApi petshop in namespace"), "{error}");
    assert!(error.contains("status -A"), "{error}");
    let error = refused(&run(here, &["status", "--context", "elsewhere"]));
    assert!(error.contains("kubectl config get-contexts"), "{error}");
    let error = refused(&run(Path::new("/nonexistent"), &["status"]));
    assert!(error.contains("set KUBECONFIG"), "{error}");
    let empty = run(here, &["status", "-n", &namespace]);
    assert_eq!(shown(&empty), "");
    assert!(String::from_utf8_lossy(&empty.stderr).contains("no ProtectedApi in namespace"));
}

/// A kubeconfig that leads to `server`.
fn leading_to(server: &TcpListener, folder: &TempDir) -> PathBuf {
    let address = server.local_addr().expect("an address");
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "a", "user": {}}],
    });
    written(&config.to_string(), folder)
}

/// A kubeconfig that leads to a server which answers everything so.
fn leading_to_one_that_says(status: &'static str, kind: &str, body: &str, folder: &TempDir) -> PathBuf {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let kubeconfig = leading_to(&server, folder);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    std::thread::spawn(move || {
        for connection in server.incoming() {
            let mut connection = connection.expect("a connection");
            let mut asked = BufReader::new(connection.try_clone().expect("the same"));
            // An empty line ends the request.
            while asked.read_line(&mut String::new()).is_ok_and(|read| read > 2) {}
            connection.write_all(answer.as_bytes()).expect("answered");
        }
    });
    kubeconfig
}

#[test]
fn a_cluster_without_palisade_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    // As API servers answer of a kind that they do not have.
    let kubeconfig = leading_to_one_that_says("404 Not Found", "text/plain", "404 page not found\n", &folder);
    for arguments in [&["status"][..], &["status", "petstore"]] {
        let error = refused(&run(&kubeconfig, arguments));
        assert!(error.contains("has no kind ProtectedApi"), "{error}");
    }
}

#[test]
fn a_page_of_a_proxy_in_the_api_servers_place_is_told_as_that_and_not_shown() {
    let page =
        "<html>\r\n<head><title>Sorry</title></head>\r\n<body><center>nginx</center></body>\r\n</html>\r\n";
    for (status, expected) in [
        ("502 Bad Gateway", "answered 502 with a page for browsers"),
        ("404 Not Found", "answered 404 with a page for browsers"),
        ("200 OK", "is not the Kubernetes API"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let kubeconfig = leading_to_one_that_says(status, "text/html", page, &folder);
        for arguments in [&["status"][..], &["status", "petstore"]] {
            let error = refused(&run(&kubeconfig, arguments));
            assert!(error.contains(expected), "{status}: {error}");
            assert!(!error.contains("nginx"), "{status}: {error}");
        }
    }
}

#[test]
fn a_kubeconfig_that_is_of_no_use_is_told_as_that_without_what_is_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let no_context = json!({"apiVersion": "v1", "kind": "Config"}).to_string();
    let unknown = json!({"apiVersion": "v1", "kind": "Config", "current-context": "gone"}).to_string();
    for text in ["users: [{name: a, user: {token: s3cret", &no_context, &unknown] {
        let kubeconfig = written(text, &folder);
        let error = refused(&run(&kubeconfig, &["status"]));
        assert!(error.contains("the kubeconfig cannot be used"), "{text}: {error}");
        assert!(
            !error.contains("s3cret") && !error.contains("set KUBECONFIG"),
            "{error}"
        );
    }
    let nowhere = refused(&run(Path::new("/nonexistent"), &["status"]));
    assert!(nowhere.contains("set KUBECONFIG"), "{nowhere}");
}

#[test]
fn several_names_are_refused_with_what_shows_several() {
    let output = run(Path::new("/nonexistent"), &["status", "petstore", "orders"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains("petstore, orders") && error.contains("Leave the names out"),
        "{error}"
    );
}

#[test]
fn a_cluster_that_does_not_answer_is_given_up_with_its_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let kubeconfig = leading_to(&server, &folder);
    // Connections are taken by the system, and nobody reads them.
    let error = refused(&run(&kubeconfig, &["status"]));
    let address = server.local_addr().expect("an address").to_string();
    assert!(
        error.contains(&address) && error.contains("nothing was heard"),
        "{error}"
    );
    drop(server);
    let error = refused(&run(&kubeconfig, &["status"]));
    assert!(error.contains("does not answer"), "{error}");
}

#[test]
fn completions_are_printed_and_wrong_options_named() {
    let nowhere = Path::new("/nonexistent");
    for shell in ["bash", "zsh", "fish"] {
        let script = shown(&run(nowhere, &["completion", shell]));
        assert!(
            script.contains("kubectl-palisade") && script.contains("all-namespaces"),
            "{script}"
        );
    }
    for arguments in [
        &["status", "--watch", "-o", "svg"][..],
        &["status", "petstore", "-A"],
        &["status", "-o", "png"],
    ] {
        assert_eq!(run(nowhere, arguments).status.code(), Some(2), "{arguments:?}");
    }
    // By its own name it is the same.
    let help = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(["kubectl", "status", "--help"])
        .output()
        .expect("palisade runs");
    assert!(shown(&help).contains("--all-namespaces"));
}
