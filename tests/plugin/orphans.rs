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

async fn create(accounts: &Api<DynamicObject>, name: &str) {
    let account = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "AwsAccount", "metadata": {"name": name},
        "spec": {"roleArn": "arn:aws:iam::111122223333:role/palisade-spoke"},
    });
    let account: DynamicObject = serde_json::from_value(account).expect("an account");
    accounts
        .create(&PostParams::default(), &account)
        .await
        .expect("created");
}

#[tokio::test]
async fn what_no_object_owns_is_shown_with_what_to_do_and_as_data() {
    let accounts = accounts(&kubernetes::client().await);
    create(&accounts, "plugin-orphans").await;
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

const ACCOUNT: &str = "plugin-orphans-delete";
const WISH: &str = "/metadata/annotations/palisade.dev~1delete-orphans";

/// An account whose status lists a role that serves nobody.
async fn with_a_role(accounts: &Api<DynamicObject>, uid: &str) {
    create(accounts, ACCOUNT).await;
    let role = json!({
        "kind": "role", "arn": "arn:aws:iam::111122223333:role/palisade/r", "namespace": "shop", "name": "petstore", "uid": uid,
        "since": "2026-01-01T00:00:00Z", "retained": false, "mayServe": false,
    });
    let ready = json!({
        "type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
    });
    let status = Patch::Merge(json!({"status": {"conditions": [ready], "orphans": [role]}}));
    accounts
        .patch_status(ACCOUNT, &PatchParams::default(), &status)
        .await
        .expect("a status");
}

/// As a controller answers: with this state, once it is asked.
async fn answer(accounts: &Api<DynamicObject>, uid: &str, state: &str) {
    loop {
        let account = accounts.get(ACCOUNT).await.expect("an account");
        let account = serde_json::to_value(account).expect("JSON");
        if account.pointer(WISH) == Some(&json!(uid)) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let told =
        json!({"uid": uid, "state": state, "message": "so it is: look", "since": "2026-01-01T00:00:00Z"});
    let status = Patch::Merge(json!({"status": {"orphanDeletions": [told]}}));
    accounts
        .patch_status(ACCOUNT, &PatchParams::default(), &status)
        .await
        .expect("a status");
    let done = Patch::Merge(json!({"metadata": {"annotations": {"palisade.dev/delete-orphans": null}}}));
    accounts
        .patch(ACCOUNT, &PatchParams::default(), &done)
        .await
        .expect("an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_go_is_asked_for_and_its_end_shown_and_where_nobody_answers_it_is_taken_back() {
    let accounts = accounts(&kubernetes::client().await);
    let uid = "1f1e2d3c-0000-4000-8000-000000000000";
    with_a_role(&accounts, uid).await;
    let here = kubernetes::kubeconfig();
    let delete = |more: &[&str]| run(here, &[&["orphans", "delete", uid], more].concat());

    let unasked = refused(&delete(&[]));
    assert!(unasked.contains("--yes"), "{unasked}");
    let commands = shown(&delete(&["--commands"]));
    assert!(commands.contains("aws iam delete-role "), "{commands}");
    let wish = accounts.get(ACCOUNT).await.expect("an account");
    assert!(wish.metadata.annotations.is_none(), "{wish:?}");

    for (state, code) in [("Deleted", 0), ("Kept", 1)] {
        let asked = accounts.clone();
        let answering = tokio::spawn(async move { answer(&asked, uid, state).await });
        let output = tokio::task::block_in_place(|| delete(&["--yes", "-o", "json"]));
        answering.await.expect("an answer");
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let data: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(data["accounts"][0]["result"]["state"], state, "{data}");
    }

    let unheard = tokio::task::block_in_place(|| refused(&delete(&["--yes", "--timeout", "3s"])));
    assert!(unheard.contains("nothing is deleted"), "{unheard}");
    let left = serde_json::to_value(accounts.get(ACCOUNT).await.expect("an account")).expect("JSON");
    assert_eq!(left.pointer(WISH), None, "nobody does it in a month");
    accounts
        .delete(ACCOUNT, &DeleteParams::default())
        .await
        .expect("deleted");
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
