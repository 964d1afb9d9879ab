//! `kubectl palisade adopt` and `release` against a real API server. What a controller would answer, the test does.

use super::plan::{all, asked, asks, ended, plans, report, tells, told};
use super::{acting_as, run, shown};
use crate::kubernetes;
use crate::petstore::{create, petstore, untyped};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};
use std::path::Path;

const ID: &str = "E1ABCDEF2GHIJK";

/// The answer of a controller that has read a distribution.
fn answer(adoption: &Value) -> Value {
    let mut spec = petstore()["spec"].clone();
    spec["distribution"] = json!({"httpVersion": "http2", "adopt": {"id": ID}});
    let mut plan = report(1);
    plan["adoption"] = adoption.clone();
    json!({
        "observedGeneration": 1,
        "conditions": [{
            "type": "Planned", "status": "True", "reason": "Planned", "message": "1 to make",
            "lastTransitionTime": "2026-01-01T00:00:00Z", "observedGeneration": 1,
        }],
        "perimeter": spec,
        "plan": plan,
    })
}

fn planned() -> Value {
    json!({
        "id": ID, "state": "Planned", "hash": "7f3a9c41",
        "changes": [{"field": "webAclArn", "from": "\"old\"", "effect": "Visible"}],
        "rivals": [{
            "tool": "CloudFormation", "seen": "stack api-perimeter", "command": "Set DeletionPolicy: Retain on it.", "needsConsent": false,
        }],
    })
}

/// What the plugin prints and how it ends, where the controller answers so.
async fn adopted(arguments: &[&str], adoption: &Value, code: i32) -> String {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let plans = plans(&client, &namespace);
    let common = ["adopt", ID, "-n", &namespace, "--name", "petstore"];
    let child = asks(kubernetes::kubeconfig(), &[&common, arguments].concat());
    let found = asked(&plans).await;
    assert_eq!(found.data["spec"]["objectName"], "petstore");
    assert_eq!(found.data["spec"]["adopt"]["distributionId"], ID);
    assert_eq!(found.data["spec"]["perimeter"], Value::Null);
    let name = found.metadata.name.expect("a name");
    tells(&plans, &name, &answer(adoption)).await;
    let shown = ended(child, code);
    assert!(all(&plans).await.is_empty(), "the plan is deleted");
    shown.replace(&namespace, "shop")
}

#[tokio::test]
async fn a_manifest_is_shown_with_its_plan_and_the_next_commands() {
    let text = adopted(&[], &planned(), 0).await;
    for part in [
        "kind: ProtectedApi",
        "httpVersion: http2",
        "Adoption of distribution E1ABCDEF2GHIJK: planned",
        "CloudFormation: stack api-perimeter",
        "Set DeletionPolicy: Retain on it.",
        r#"kubectl -n shop patch protectedapi petstore --type=merge -p '{"spec":{"distribution":{"adopt":{"confirm":"7f3a9c41"}}}}'"#,
        "kubectl palisade release petstore -n shop",
    ] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[tokio::test]
async fn a_consent_that_is_missing_is_asked_for_and_one_that_is_given_is_handed_on() {
    let mut waiting = planned();
    waiting["state"] = "Refused".into();
    waiting["hash"] = Value::Null;
    waiting["rivals"][0]["needsConsent"] = true.into();
    waiting["refusals"] = json!([{
        "reason": "RivalNotLetGo", "field": "spec.distribution.adopt.letGo", "message": "it bears tags", "remedy": "Retain it.",
    }]);
    let text = adopted(&[], &waiting, 0).await;
    assert!(
        text.contains("--name petstore --let-go CloudFormation\n"),
        "{text}"
    );
    assert!(!text.contains("kubectl apply"), "{text}");

    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let plans = plans(&client, &namespace);
    let arguments = [
        "adopt",
        ID,
        "-n",
        &namespace,
        "--name",
        "petstore",
        "--let-go",
        "CloudFormation",
    ];
    let child = asks(kubernetes::kubeconfig(), &arguments);
    let found = asked(&plans).await;
    assert_eq!(found.data["spec"]["adopt"]["letGo"], json!(["CloudFormation"]));
    tells(&plans, &found.metadata.name.expect("a name"), &answer(&planned())).await;
    ended(child, 0);
}

#[tokio::test]
async fn the_manifest_alone_is_one_that_the_api_server_takes() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let yaml = adopted(&["-o", "yaml", "--stage", "prod"], &planned(), 0).await;
    let mut object: Value = serde_yaml::from_str(&yaml).expect("YAML");
    assert_eq!(object["metadata"]["namespace"], "shop");
    object["metadata"]["namespace"] = namespace.clone().into();
    create(&client, &namespace, &object).await;
}

#[tokio::test]
async fn what_cannot_be_adopted_says_why_and_is_a_failure() {
    let refusal = json!({
        "reason": "StagingDistribution", "field": "spec.distribution.adopt.id", "message": "it is a staging distribution",
        "remedy": "Adopt its primary.",
    });
    let refused = json!({"id": ID, "state": "Refused", "refusals": [refusal]});
    let text = adopted(&[], &refused, 1).await;
    assert!(
        text.contains("it is a staging distribution (StagingDistribution)"),
        "{text}"
    );
    assert!(
        text.contains("Adopt its primary.") && !text.contains("kubectl apply"),
        "{text}"
    );
    let yaml = adopted(&["-o", "yaml"], &refused, 1).await;
    assert!(yaml.contains("the same command without -o says why"), "{yaml}");
}

/// A petstore that has adopted its distribution; its namespace.
async fn standing(state: &str) -> (kube::Client, String) {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let mut object = petstore();
    object["spec"]["distribution"] = json!({"adopt": {"id": ID, "confirm": "7f3a9c41"}});
    create(&client, &namespace, &object).await;
    let status = json!({"status": {"observedGeneration": 1, "adoption": {"id": ID, "state": state, "hash": "7f3a9c41"}}});
    untyped(&client, &namespace)
        .patch_status("petstore", &PatchParams::default(), &Patch::Merge(status))
        .await
        .expect("a status");
    (client, namespace)
}

#[tokio::test]
async fn a_release_is_shown_and_asked_for_only_with_yes() {
    let (client, namespace) = standing("Adopted").await;
    let plans = plans(&client, &namespace);
    for is_sure in [false, true] {
        let mut arguments = vec!["release", "petstore", "-n", &namespace];
        arguments.extend(is_sure.then_some("--yes"));
        let child = asks(kubernetes::kubeconfig(), &arguments);
        let found = asked(&plans).await;
        assert_eq!(
            found.data["spec"]["perimeter"]["distribution"]["adopt"]["release"],
            true
        );
        let name = found.metadata.name.expect("a name");
        tells(&plans, &name, &answer(&json!({"id": ID, "state": "Releasing"}))).await;
        let text = ended(child, 0);
        let object = untyped(&client, &namespace).get("petstore").await.expect("it");
        let asked_for = &object.data["spec"]["distribution"]["adopt"]["release"];
        if is_sure {
            assert_eq!(asked_for, true, "{text}");
            assert!(
                text.contains("asked for: kubectl palisade status petstore"),
                "{text}"
            );
        } else {
            assert_eq!(*asked_for, Value::Null, "{text}");
            assert!(text.contains(r"To ask for it: kubectl -n "), "{text}");
        }
    }
}

#[tokio::test]
async fn what_has_nothing_to_give_back_says_so_and_nobody_is_asked() {
    let (client, namespace) = standing("Planned").await;
    let here = kubernetes::kubeconfig();
    let error = told(&run(here, &["release", "petstore", "-n", &namespace, "--yes"]), 1);
    assert!(error.contains("has not adopted its distribution yet"), "{error}");
    assert!(all(&plans(&client, &namespace)).await.is_empty());
}

#[tokio::test]
async fn an_adoption_that_waits_is_shown_with_the_command_that_confirms_it() {
    let (client, namespace) = standing("Planned").await;
    let status = json!({"status": {"adoption": planned()}});
    untyped(&client, &namespace)
        .patch_status("petstore", &PatchParams::default(), &Patch::Merge(status))
        .await
        .expect("a status");
    let here = kubernetes::kubeconfig();
    let data: Value = serde_json::from_str(&shown(&run(
        here,
        &["status", "petstore", "-n", &namespace, "-o", "json"],
    )))
    .expect("JSON");
    let remarks = data["remarks"].to_string();
    assert!(
        remarks.contains("is not adopted yet: 1 of its fields would change"),
        "{remarks}"
    );
    assert!(remarks.contains("7f3a9c41"), "{remarks}");
    let doctor = run(here, &["doctor", "petstore", "-n", &namespace, "-o", "json"]);
    let found = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        found.contains("CloudFormation may write distribution E1ABCDEF2GHIJK, too"),
        "{found}"
    );
}

#[tokio::test]
async fn who_may_not_read_the_object_is_told_what_to_ask_for() {
    let (_, namespace) = standing("Adopted").await;
    let folder = tempfile::tempdir().expect("a folder");
    let nobody = acting_as("plugin-releaser", &folder);
    let error = told(
        &run(&nobody, &["release", "petstore", "-n", &namespace, "--yes"]),
        1,
    );
    assert!(error.contains("palisade-view"), "{error}");
}

#[test]
fn options_that_are_wrong_end_with_two() {
    let nowhere = Path::new("/nonexistent");
    for arguments in [
        &["adopt"][..],
        &["adopt", ID],
        &["adopt", ID, "--name", "petstore", "--timeout", "2h"],
        &["release"],
        &["release", "petstore", "--timeout", "2h"],
    ] {
        told(&run(nowhere, arguments), 2);
    }
}
