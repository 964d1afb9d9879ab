//! What Flux and Argo CD make of our objects: by the library that Flux asks, and by the engine that runs Argo CD's rules.

use super::{kubernetes, petstore};
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn binary() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Command::new(root().join("tests/env/kstatus/build")).output();
        let built = built.expect("tests/env/kstatus/build runs");
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        PathBuf::from(String::from_utf8_lossy(&built.stdout).trim())
    })
}

/// What is made of `object`: the status and its message. By kstatus, or by the rule for Argo CD in `rule`.
fn judged(object: &Value, rule: Option<&Path>) -> (String, String) {
    let mut process = Command::new(binary())
        .args(rule)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("kstatus runs");
    let mut input = process.stdin.take().expect("its input");
    input.write_all(object.to_string().as_bytes()).expect("an object");
    drop(input);
    let output = process.wait_with_output().expect("its end");
    assert!(output.status.success(), "{object}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let (status, message) = text.split_once('\n').expect("two lines");
    (status.to_owned(), message.trim().to_owned())
}

/// The rule for Argo CD.
fn rule(kind: &str) -> PathBuf {
    let rules = root().join("deploy/argocd/resource_customizations/palisade.dev");
    rules.join(kind).join("health.lua")
}

fn api(client: kube::Client, kind: &str, namespace: Option<&str>) -> Api<DynamicObject> {
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("palisade.dev", "v1alpha1", kind));
    match namespace {
        Some(namespace) => Api::namespaced_with(client, namespace, &kind),
        None => Api::all_with(client, &kind),
    }
}

/// Writes a status as the controller does; answers the object as the API server has it then.
async fn told(api: &Api<DynamicObject>, name: &str, generation: i64, conditions: &[(&str, &str)]) -> Value {
    let conditions: Vec<Value> = conditions
        .iter()
        .map(|(kind, status)| {
            json!({
                "type": kind, "status": status, "reason": "R", "message": format!("{kind} is {status}"),
                "observedGeneration": generation, "lastTransitionTime": "2026-01-01T00:00:00Z",
            })
        })
        .collect();
    let status = json!({"observedGeneration": generation, "conditions": conditions});
    let patch = Patch::Merge(json!({ "status": status }));
    let object = api.patch_status(name, &PatchParams::default(), &patch).await;
    serde_json::to_value(object.expect("patched")).expect("JSON")
}

#[tokio::test]
async fn nothing_is_taken_for_done_before_the_controller_has_looked_at_it_and_found_it_so() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let account = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": "gitops"},
        "spec": {"allowedNamespaces": {"selector": {}}},
    });
    for (object, api) in [
        (petstore(), api(client.clone(), "ProtectedApi", Some(&namespace))),
        (account, api(client.clone(), "AwsAccount", None)),
    ] {
        let name = object["metadata"]["name"].as_str().expect("a name").to_owned();
        let rule = rule(object["kind"].as_str().expect("a kind"));
        let object = serde_json::from_value(object).expect("an object");
        let made = api
            .create(&PostParams::default(), &object)
            .await
            .expect("created");
        let made = serde_json::to_value(made).expect("JSON");
        assert_eq!(made["status"], json!({"observedGeneration": -1}), "{made}");
        let read = serde_json::to_value(api.get(&name).await.expect("read")).expect("JSON");
        let of = |object: &Value| (judged(object, None).0, judged(object, Some(&rule)).0);
        let pair = |flux: &str, argo: &str| (flux.to_owned(), argo.to_owned());
        for object in [&made, &read] {
            assert_eq!(of(object), pair("InProgress", "Progressing"), "{object}");
        }
        let ready = told(&api, &name, 1, &[("Ready", "True")]).await;
        assert_eq!(of(&ready), pair("Current", "Healthy"));
        // Of an earlier spec.
        let mut changed = ready.clone();
        changed["metadata"]["generation"] = 2.into();
        assert_eq!(of(&changed), pair("InProgress", "Progressing"));
    }
}

#[tokio::test]
async fn work_under_way_and_what_a_person_must_mend_are_told_apart() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let api = api(client, "ProtectedApi", Some(&namespace));
    let object = serde_json::from_value(petstore()).expect("an object");
    api.create(&PostParams::default(), &object)
        .await
        .expect("created");
    let rule = rule("ProtectedApi");
    let under_way = [("Ready", "False"), ("Reconciling", "True")];
    let under_way = told(&api, "petstore", 1, &under_way).await;
    assert_eq!(judged(&under_way, None).0, "InProgress");
    let argo = judged(&under_way, Some(&rule));
    assert_eq!(argo, ("Progressing".into(), "Ready is False".into()));
    let stuck = told(&api, "petstore", 1, &[("Ready", "False"), ("Stalled", "True")]).await;
    assert_eq!(judged(&stuck, None), ("Failed".into(), "Stalled is True".into()));
    let argo = judged(&stuck, Some(&rule));
    assert_eq!(argo, ("Degraded".into(), "Stalled is True".into()));
}
