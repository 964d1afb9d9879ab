//! `kubectl palisade plan` and `diff` against a real API server. What a controller would answer, the test does.

use super::doctor::install;
use super::{acting_as, plugin, run};
use crate::kubernetes;
use crate::petstore::{create, petstore, untyped};
use k8s_openapi::api::apps::v1::Deployment;
use kube::Client;
use kube::api::{Api, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::time::sleep;

pub(super) fn plans(client: &Client, namespace: &str) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "PerimeterPlan");
    Api::namespaced_with(client.clone(), namespace, &ApiResource::from_gvk(&kind))
}

pub(super) async fn all(plans: &Api<DynamicObject>) -> Vec<DynamicObject> {
    plans.list(&ListParams::default()).await.expect("plans").items
}

/// The plan that somebody asks for.
pub(super) async fn asked(plans: &Api<DynamicObject>) -> DynamicObject {
    loop {
        if let Some(found) = all(plans).await.pop() {
            return found;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Answers as the controller does.
pub(super) async fn answers(
    plans: &Api<DynamicObject>,
    status: &str,
    reason: &str,
    plan: Option<Value>,
) -> DynamicObject {
    let found = asked(plans).await;
    let name = found.metadata.name.clone().expect("a name");
    let mut answer = json!({
        "observedGeneration": 1,
        "conditions": [{
            "type": "Planned", "status": status, "reason": reason, "message": format!("{reason} is so"),
            "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1,
        }],
    });
    if let Some(plan) = plan {
        answer["plan"] = plan;
    }
    tells(plans, &name, &answer).await;
    found
}

/// Writes the status of a plan.
pub(super) async fn tells(plans: &Api<DynamicObject>, name: &str, status: &Value) {
    let patch = Patch::Merge(json!({"status": status}));
    plans
        .patch_status(name, &PatchParams::default(), &patch)
        .await
        .expect("a status");
}

pub(super) fn report(create: i64) -> Value {
    let step = json!({
        "kind": "role", "name": "palisade-shop-petstore-<uid>", "verb": "Create", "viewers": "None", "known": true,
        "effect": "Viewers notice nothing: the role is the signer's own.", "changes": [{"path": "path", "to": "\"/palisade/\""}],
    });
    let steps: Vec<Value> = (0..create).map(|_| step.clone()).collect();
    json!({
        "hash": "h1", "calls": 3 * create, "steps": steps,
        "summary": {"changes": create, "create": create, "change": 0, "delete": 0, "wait": 0, "problems": 0},
    })
}

pub(super) fn manifest(object: &Value, folder: &TempDir) -> PathBuf {
    let path = folder.path().join("petstore.yaml");
    std::fs::write(&path, serde_yaml::to_string(object).expect("YAML")).expect("a manifest");
    path
}

/// The plugin, while it waits for a plan.
pub(super) fn asks(kubeconfig: &Path, arguments: &[&str]) -> Child {
    let mut command = plugin(kubeconfig, arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().expect("the plugin starts")
}

/// What it printed, once it has ended with this code.
pub(super) fn ended(child: Child, code: i32) -> String {
    told(&child.wait_with_output().expect("an end"), code)
}

pub(super) fn told(output: &Output, code: i32) -> String {
    let all = [output.stdout.clone(), output.stderr.clone()].concat();
    let all = String::from_utf8_lossy(&all).into_owned();
    assert_eq!(output.status.code(), Some(code), "{all}");
    all
}

#[tokio::test]
async fn a_plan_is_asked_for_shown_and_deleted_and_its_exit_code_says_that_there_is_something_to_do() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = manifest(&petstore(), &folder);
    let file = file.to_str().expect("UTF-8");
    let plans = plans(&client, &namespace);

    let child = asks(kubernetes::kubeconfig(), &["plan", "-f", file, "-n", &namespace]);
    let found = answers(&plans, "True", "Planned", Some(report(1))).await;
    assert_eq!(found.data["spec"]["objectName"], "petstore");
    assert_eq!(found.data["spec"]["perimeter"], petstore()["spec"]);
    assert_eq!(found.metadata.generate_name.as_deref(), Some("petstore-"));
    let shown = ended(child, 2);
    assert!(
        shown.contains(&format!("{namespace}/petstore: 1 to create")),
        "{shown}"
    );
    assert!(shown.contains("+ role palisade-shop-petstore-<uid>"), "{shown}");
    assert!(shown.contains("path: \"/palisade/\""), "{shown}");
    assert!(!shown.contains('\u{1b}'), "no terminal, no colour: {shown}");
    assert!(all(&plans).await.is_empty());
}

#[tokio::test]
async fn a_plan_of_standard_input_is_printed_as_data_and_with_nothing_to_do_it_ends_well() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let plans = plans(&client, &namespace);
    let arguments = [
        "plan", "-f", "-", "-n", &namespace, "--object", "orders", "-o", "json", "--keep",
    ];
    let mut child = asks(kubernetes::kubeconfig(), &arguments);
    let mut input = child.stdin.take().expect("its input");
    input
        .write_all(petstore().to_string().as_bytes())
        .expect("written");
    drop(input);
    let found = answers(&plans, "True", "Planned", Some(report(0))).await;
    assert_eq!(found.data["spec"]["objectName"], "orders");
    let output = child.wait_with_output().expect("an end");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{error}");
    let data: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(data["summary"]["changes"], 0);
    assert!(error.contains("kept: perimeterplan orders-"), "{error}");
    assert_eq!(all(&plans).await.len(), 1, "it is kept");
}

#[tokio::test]
async fn a_plan_that_is_refused_says_why_and_one_that_is_tried_again_is_waited_for() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = manifest(&petstore(), &folder);
    let file = file.to_str().expect("UTF-8");
    let plans = plans(&client, &namespace);
    let here = kubernetes::kubeconfig();

    let child = asks(here, &["plan", "-f", file, "-n", &namespace]);
    answers(&plans, "Unknown", "Throttled", None).await;
    answers(&plans, "False", "NotPermitted", None).await;
    let error = ended(child, 1);
    assert!(
        error.contains("there is no plan: NotPermitted is so (NotPermitted)"),
        "{error}"
    );
    assert!(all(&plans).await.is_empty());

    let child = asks(here, &["plan", "-f", file, "-n", &namespace, "--timeout", "3s"]);
    answers(&plans, "Unknown", "Throttled", None).await;
    let error = ended(child, 1);
    assert!(
        error.contains("waiting for the plan: Throttled is so (Throttled)")
            && error.contains("Throttled is so (Throttled). --timeout"),
        "{error}"
    );
    assert!(all(&plans).await.is_empty());
}

#[tokio::test]
async fn a_controller_that_is_not_there_is_told_and_no_plan_is_left_behind() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = manifest(&petstore(), &folder);
    let file = file.to_str().expect("UTF-8");
    let arguments = ["plan", "-f", file, "-n", &namespace, "--timeout", "1s"];
    let error = told(&run(kubernetes::kubeconfig(), &arguments), 1);
    assert!(
        error.contains("no controller has looked at the plan within 1 s"),
        "{error}"
    );
    assert!(error.contains("Deployment"), "{error}");
    assert!(all(&plans(&client, &namespace)).await.is_empty());
}

#[tokio::test]
async fn an_older_controller_that_answers_nothing_is_told_with_both_versions_while_the_plan_is_waited_for() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = manifest(&petstore(), &folder);
    install(&client, &namespace).await;
    let is_ready = Patch::Merge(json!({"status": {"replicas": 1, "readyReplicas": 1}}));
    Api::<Deployment>::namespaced(client.clone(), &namespace)
        .patch_status("palisade", &PatchParams::default(), &is_ready)
        .await
        .expect("a status");
    let plans = plans(&client, &namespace);

    let arguments = ["plan", "-f", file.to_str().expect("UTF-8"), "-n", &namespace];
    let mut child = asks(kubernetes::kubeconfig(), &arguments);
    let said = BufReader::new(child.stderr.take().expect("its words")).lines();
    let mut said = said.map(|line| line.expect("UTF-8"));
    let first = said.next().expect("a word before the end");
    for part in [
        "no controller has looked at the plan within 10 s".to_owned(),
        format!(
            "the Deployment {namespace}/palisade has 1 of 1 pods ready, and runs 0.0.1, while this plugin is of {}",
            env!("CARGO_PKG_VERSION")
        ),
        "says whether its version knows PerimeterPlans".to_owned(),
        "; waiting on".to_owned(),
    ] {
        assert!(first.contains(&part), "{part}: {first}");
    }
    answers(&plans, "True", "Planned", Some(report(0))).await;
    said.for_each(drop);
    ended(child, 0);
    assert!(all(&plans).await.is_empty());
}

#[tokio::test]
async fn what_the_api_server_would_not_take_of_the_object_is_refused_in_the_objects_words() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let refusal = |object: &Value| {
        let file = manifest(object, &folder);
        let file = file.to_str().expect("UTF-8");
        told(
            &run(kubernetes::kubeconfig(), &["plan", "-f", file, "-n", &namespace]),
            1,
        )
    };
    let mut unknown = petstore();
    unknown["spec"]["colour"] = "blue".into();
    let error = refusal(&unknown);
    assert!(error.contains("unknown field \"spec.colour\""), "{error}");
    let mut wrong = petstore();
    wrong["spec"]["origin"]["path"] = "/dev".into();
    let error = refusal(&wrong);
    assert!(
        error.contains("spec.origin.path must be empty") && !error.contains("perimeter."),
        "{error}"
    );
    let mut elsewhere = petstore();
    elsewhere["metadata"]["namespace"] = "elsewhere".into();
    let error = refusal(&elsewhere);
    assert!(error.contains("leave one of them out"), "{error}");
    let error = refusal(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}));
    assert!(error.contains("it is ConfigMap a of v1"), "{error}");
    assert!(all(&plans(&client, &namespace)).await.is_empty());
}

#[tokio::test]
async fn who_may_not_plan_reads_what_to_ask_for() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = manifest(&petstore(), &folder);
    let nobody = acting_as("plugin-planner", &folder);
    let arguments = ["plan", "-f", file.to_str().expect("UTF-8"), "-n", &namespace];
    let error = told(&run(&nobody, &arguments), 1);
    assert!(
        error.contains("let you create PerimeterPlans") && error.contains("palisade-planner"),
        "{error}"
    );
}

#[tokio::test]
async fn a_team_with_the_planners_role_alone_plans_what_it_may_not_apply() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    create(&client, &namespace, &petstore()).await;
    kubernetes::kubectl(&["apply", "-f", "deploy/base/user-roles.yaml"]);
    kubernetes::kubectl(&[
        "create",
        "rolebinding",
        "team",
        "--clusterrole=palisade-planner",
        "--user=plugin-team",
        "-n",
        &namespace,
    ]);
    let team = acting_as("plugin-team", &folder);
    let kubectl = |arguments: &[&str]| {
        let mut command = Command::new("kubectl");
        command.arg("--kubeconfig").arg(&team).args(["-n", &namespace]);
        command.args(arguments).output().expect("kubectl runs")
    };
    while !kubectl(&["auth", "can-i", "create", "perimeterplans.palisade.dev"])
        .status
        .success()
    {
        // The API server learns of new roles by a watch of its own.
        tokio::task::yield_now().await;
    }

    let mut object = petstore();
    object["spec"]["distribution"] = json!({"priceClass": "PriceClass_100"});
    let plans = plans(&client, &namespace);
    for (name, verb) in [("petstore", "patch"), ("another", "create")] {
        object["metadata"]["name"] = name.into();
        let file = manifest(&object, &folder);
        let file = file.to_str().expect("UTF-8");
        let child = asks(&team, &["plan", "-f", file, "-n", &namespace]);
        let found = answers(&plans, "True", "Planned", Some(report(1))).await;
        assert_eq!(found.data["spec"]["objectName"], name);
        let printed = ended(child, 2);
        for part in ["was not tried on the API server", "cannot patch resource"] {
            assert!(printed.contains(part), "{part}: {printed}");
        }
        assert!(all(&plans).await.is_empty());

        let refused = told(&kubectl(&["apply", "-f", file]), 1);
        assert!(
            refused.contains("Forbidden") && refused.contains(&format!("cannot {verb} resource")),
            "{refused}"
        );
    }
    let objects = untyped(&client, &namespace).list(&ListParams::default()).await;
    let objects = objects.expect("objects").items;
    let specs: Vec<&Value> = objects.iter().map(|found| &found.data["spec"]).collect();
    assert_eq!(specs, [&petstore()["spec"]], "nothing was applied");
}

#[tokio::test]
async fn a_diff_asks_for_the_spec_that_the_cluster_has_and_says_where_that_is_suspended() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let mut object = petstore();
    object["spec"]["suspend"] = true.into();
    create(&client, &namespace, &object).await;
    let plans = plans(&client, &namespace);
    let child = asks(kubernetes::kubeconfig(), &["diff", "petstore", "-n", &namespace]);
    let found = answers(&plans, "True", "Planned", Some(report(1))).await;
    assert_eq!(found.data["spec"]["perimeter"], object["spec"]);
    let shown = ended(child, 2);
    assert!(shown.contains("spec.suspend is true"), "{shown}");

    let missing = run(kubernetes::kubeconfig(), &["diff", "petshop", "-n", &namespace]);
    assert!(told(&missing, 1).contains("no ProtectedApi petshop in namespace"));
}

#[test]
fn an_option_that_is_wrong_is_not_told_as_something_to_do() {
    let nowhere = Path::new("/nonexistent");
    for arguments in [
        &["plan"][..],
        &["plan", "-f", "x", "-o", "png"],
        &["plan", "-f", "x", "--timeout", "2h"],
        &["plan", "-f", "/nonexistent/petstore.yaml"],
        &["diff"],
        &["diff", "petstore", "--timeout", "soon"],
    ] {
        told(&run(nowhere, arguments), 1);
    }
    let help = told(&run(nowhere, &["plan", "--help"]), 0);
    for word in [
        "--filename",
        "--object",
        "--timeout",
        "--keep",
        "2 something to do",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
}
