//! `kubectl palisade orphans` against a real API server.

use super::{acting_as, refused, run, shown};
use crate::kubernetes;
use crate::petstore::{petstore, untyped};
use kube::Client;
use kube::api::{Api, DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};

fn accounts(client: &Client) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "AwsAccount");
    Api::all_with(client.clone(), &ApiResource::from_gvk(&kind))
}

#[tokio::test]
async fn what_no_object_owns_is_shown_with_what_to_do_and_as_data() {
    let accounts = accounts(&kubernetes::client().await);
    let account = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": "plugin-orphans"},
        "spec": {"roleArn": "arn:aws:iam::111122223333:role/palisade-spoke"},
    });
    let account: DynamicObject = serde_json::from_value(account).expect("an account");
    accounts
        .create(&PostParams::default(), &account)
        .await
        .expect("created");
    let distribution = "arn:aws:cloudfront::111122223333:distribution/E1";
    let uid = "0f1e2d3c-0000-4000-8000-000000000000";
    let orphan = json!({
        "kind": "distribution", "arn": distribution, "namespace": "shop", "name": "petstore", "uid": uid,
        "since": "2026-01-01T00:00:00Z", "retained": true, "mayServe": true,
    });
    let status = Patch::Merge(json!({"status": {"accountId": "111122223333", "orphans": [orphan]}}));
    accounts
        .patch_status("plugin-orphans", &PatchParams::default(), &status)
        .await
        .expect("a status");

    let here = kubernetes::kubeconfig();
    let text = shown(&run(here, &["orphans"]));
    for part in [
        "AWS account 111122223333 (AwsAccount plugin-orphans)",
        "of shop/petstore (UID 0f1e2d3c-0000-4000-8000-000000000000), retained since",
        distribution,
        "Delete nothing of it.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let data: Value = serde_json::from_str(&shown(&run(here, &["orphans", "-o", "json"]))).expect("JSON");
    let mut all = data["accounts"].as_array().expect("accounts").iter();
    let found = all
        .find(|account| account["name"] == "plugin-orphans")
        .expect("ours");
    assert_eq!(found["orphans"][0]["mayServe"], true);
    is_taken_over(uid).await;
    let kept = refused(&run(here, &["orphans", "delete", uid]));
    assert!(kept.contains("Delete nothing of it."), "{kept}");
    accounts
        .delete("plugin-orphans", &DeleteParams::default())
        .await
        .expect("deleted");

    let folder = tempfile::tempdir().expect("a folder");
    let nobody = acting_as("plugin-orphans", &folder);
    let error = refused(&run(&nobody, &["orphans"]));
    assert!(error.contains("you may not list AwsAccounts"), "{error}");
}

/// The object of a file takes it over: it is shown first, and then made, held up, and not made over another.
async fn is_taken_over(uid: &str) {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("petstore.yaml");
    std::fs::write(&file, petstore().to_string()).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let adopt = |more: &[&str]| {
        let arguments = ["orphans", "adopt", uid, "-f", file, "-n", namespace.as_str()];
        run(kubernetes::kubeconfig(), &[&arguments[..], more].concat())
    };
    let text = shown(&adopt(&[]));
    assert!(text.contains("suspend: true") && text.contains(uid), "{text}");
    let objects = untyped(&client, &namespace);
    let found = objects.get_opt("petstore").await.expect("an answer");
    assert!(found.is_none(), "nothing is made without --yes");
    let text = shown(&adopt(&["--yes"]));
    assert!(text.contains("The object is made"), "{text}");
    let made = objects.get("petstore").await.expect("an object").data;
    assert_eq!(made["spec"]["suspend"], true);
    assert_eq!(made["spec"]["takeOver"]["uid"], uid);
    assert_eq!(made["spec"]["accountName"], "plugin-orphans");
    let again = refused(&adopt(&["--yes"]));
    assert!(again.contains("already exists"), "{again}");
}
