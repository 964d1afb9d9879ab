//! `kubectl palisade doctor` against a real API server.

use super::{acting_as, deploying, leading_to, run, says};
use crate::kubernetes;
use crate::petstore::{create, petstore};
use kube::api::{Api, PostParams};
use serde_json::{Value, json};
use std::net::TcpListener;

/// A Deployment of the controller whose pods never come.
pub(super) async fn install(client: &kube::Client, namespace: &str) {
    let labels = json!({"app.kubernetes.io/name": "palisade"});
    let deployment = json!({
        "metadata": {"name": "palisade", "labels": labels},
        "spec": {
            "replicas": 1, "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "controller", "image": "palisade:0.0.1", "args": ["controller"]}]},
            },
        },
    });
    let deployment: k8s_openapi::api::apps::v1::Deployment =
        serde_json::from_value(deployment).expect("a Deployment");
    Api::namespaced(client.clone(), namespace)
        .create(&PostParams::default(), &deployment)
        .await
        .expect("created");
}

#[tokio::test]
async fn what_works_and_what_does_not_has_a_line_each_and_a_failure_ends_with_one() {
    let client = kubernetes::client().await;
    let allowed = [("palisade.dev/allowed-apis", "*")];
    let namespace = kubernetes::namespace(&client, &allowed).await;
    install(&client, &namespace).await;
    create(&client, &namespace, &petstore()).await;
    says(&client, &namespace, deploying()).await;
    let doctor = |more: &[&str]| {
        let arguments = [&["doctor", "-n", &namespace], more].concat();
        run(kubernetes::kubeconfig(), &arguments)
    };

    let output = doctor(&[]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    for line in [
        "ok   clock: ",
        "ok   definitions: protectedapis, awsaccounts, perimeterclasses, perimeterplans of palisade.dev are\n     served",
        "ok   versions: what is served",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        format!("FAIL controller: the Deployment {namespace}/palisade has 0 of 1 pods ready"),
        format!("{namespace}/palisade runs 0.0.1, and this plugin is of"),
        format!("ok rights: you may create, get, delete perimeterplans in {namespace}"),
        format!("ok {namespace}/petstore: its namespace permits what its spec names"),
        "DistributionDeployed: Deploying; waits for CloudFront".to_owned(),
    ] {
        assert!(words.contains(&said), "{said}: {text}");
    }

    let data: Value = serde_json::from_slice(&doctor(&["petstore", "-o", "json"]).stdout).expect("JSON");
    let levels = data["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|found| found["level"].clone());
    assert!(
        levels.clone().any(|level| level == "fail") && levels.clone().any(|level| level == "ok"),
        "{data}"
    );
    let missing = doctor(&["petshop"]);
    let text = String::from_utf8_lossy(&missing.stdout).into_owned();
    assert!(text.contains("no ProtectedApi petshop"), "{text}");
}

#[tokio::test]
async fn who_may_read_little_is_told_what_is_not_known_and_what_to_ask_for() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = acting_as("plugin-patient", &folder);
    let output = run(&nobody, &["doctor", "-n", &namespace]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    for said in [
        "warn controller: not known: you may not read Deployments",
        "FAIL rights: you may not get, list, watch protectedapis",
        "palisade-view",
        "warn objects: not known",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn a_cluster_that_does_not_answer_is_an_error_with_its_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    let kubeconfig = leading_to(&server, &folder);
    let address = server.local_addr().expect("an address").to_string();
    drop(server);
    let output = run(&kubeconfig, &["doctor"]);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(
        error.contains(&address) && error.contains("does not answer"),
        "{error}"
    );
}
