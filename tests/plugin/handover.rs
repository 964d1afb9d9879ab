//! `kubectl palisade handover` against a real API server.

use super::plan::told;
use super::run;
use crate::kubernetes;
use crate::petstore::{create, petstore, untyped};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

const TO: &str = "d2d2d2d2-0000-4000-8000-000000000000/store/pets";

#[tokio::test]
async fn a_handover_is_shown_with_its_manifest_and_offered_only_with_yes() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    create(&client, &namespace, &petstore()).await;
    let api = untyped(&client, &namespace);
    let here = kubernetes::kubeconfig();
    let arguments = ["handover", "petstore", "-n", &namespace, "--to", TO];
    let error = told(&run(here, &arguments), 1);
    assert!(error.contains("has no distribution yet"), "{error}");
    let distribution =
        json!({"id": "E1", "arn": "arn", "domainName": "d1.cloudfront.net", "state": "Deployed"});
    let status = Patch::Merge(json!({"status": {"distribution": distribution}}));
    let patched = api
        .patch_status("petstore", &PatchParams::default(), &status)
        .await;
    let uid = patched.expect("a status").metadata.uid.expect("a UID");

    let shown = run(here, &arguments);
    let text = String::from_utf8_lossy(&shown.stdout);
    assert!(text.contains(&format!("allowed-perimeters={uid}")), "{text}");
    assert!(text.contains("2. Here, offer it: kubectl"), "{text}");
    let object = api.get("petstore").await.expect("it");
    assert_eq!(object.data["spec"]["handOver"], Value::Null);

    let offered = run(here, &[&arguments[..], &["--yes", "-o", "yaml"]].concat());
    let manifest: Value = serde_yaml::from_slice(&offered.stdout).expect("a manifest");
    assert_eq!(
        manifest["metadata"],
        json!({"name": "pets", "namespace": "store"})
    );
    assert_eq!(manifest["spec"]["takeOver"]["uid"], json!(uid));
    let object = api.get("petstore").await.expect("it");
    assert_eq!(object.data["spec"]["handOver"]["to"], TO);
}

#[test]
fn a_target_that_is_no_object_of_a_cluster_is_refused() {
    let wrong = ["handover", "petstore", "-n", "shop"];
    told(&run(kubernetes::kubeconfig(), &wrong), 2);
}
