//! `kubectl palisade plan` tries the spec on a real API server, as one that is about to be applied.

use super::plan::{all, answers, asks, ended, manifest, plans, report, told};
use super::run;
use crate::kubernetes;
use crate::petstore::{create, petstore, untyped};
use kube::api::ListParams;
use serde_json::{Value, json};

#[tokio::test]
async fn a_field_that_never_changes_is_refused_in_the_api_servers_words_and_no_plan_is_asked_for() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let objects = untyped(&client, &namespace);
    create(&client, &namespace, &petstore()).await;
    let plans = plans(&client, &namespace);
    let mut moved = petstore();
    moved["spec"]["origin"]["endpoint"] = "f9e8d7c6b5.execute-api.eu-north-1.amazonaws.com".into();
    let file = manifest(&moved, &folder);
    let file = file.to_str().expect("UTF-8");
    let arguments = ["plan", "-f", file, "-n", &namespace];
    let error = told(&run(kubernetes::kubeconfig(), &arguments), 1);
    for part in [
        "the API server refuses the spec: ",
        "\"petstore\" is invalid",
        "spec.origin.endpoint is immutable: create another ProtectedApi for another API",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(all(&plans).await.is_empty());

    // For another object the same is new.
    let other = [&arguments[..], &["--object", "orders"]].concat();
    let child = asks(kubernetes::kubeconfig(), &other);
    let found = answers(&plans, "True", "Planned", Some(report(1))).await;
    assert_eq!(found.data["spec"]["objectName"], "orders");
    let told = ended(child, 2);
    assert!(!told.contains("not tried"), "{told}");
    let stored = objects.list(&ListParams::default()).await.expect("objects").items;
    let stored: Vec<&Value> = stored.iter().map(|found| &found.data["spec"]).collect();
    assert_eq!(stored, [&petstore()["spec"]], "nothing is stored");
}

/// Refuses all objects of a namespace of which this does not hold, by the code that the API server has for whoever has no right.
fn policy(namespace: &str, holds: &str) -> [Value; 2] {
    let name = format!("refuses-{namespace}");
    let here = format!("request.namespace == '{namespace}'");
    let rule = json!({"apiGroups": ["palisade.dev"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": ["protectedapis"]});
    let spec = json!({
        "failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule]},
        "matchConditions": [{"name": "here", "expression": here}],
        "validations": [{"expression": holds, "reason": "Forbidden", "message": "ask the platform team first"}],
    });
    let binding = json!({"policyName": name, "validationActions": ["Deny"]});
    [("ValidatingAdmissionPolicy", spec), ("ValidatingAdmissionPolicyBinding", binding)].map(|(kind, spec)| {
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})
    })
}

#[tokio::test]
async fn what_admission_refuses_is_refused_and_not_taken_for_a_right_that_is_missing() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let policy = folder.path().join("policy.json");
    let list = json!({"apiVersion": "v1", "kind": "List", "items": self::policy(&namespace, "false")});
    std::fs::write(&policy, list.to_string()).expect("a policy");
    let policy = policy.to_str().expect("UTF-8");
    kubernetes::kubectl(&["apply", "-f", policy]);
    let file = manifest(&petstore(), &folder);
    let file = file.to_str().expect("UTF-8");
    let arguments = ["plan", "-f", file, "-n", &namespace, "--timeout", "1s"];
    loop {
        let error = told(&run(kubernetes::kubeconfig(), &arguments), 1);
        // The API server learns of new policies by a watch of its own.
        if !error.contains("no controller has looked") {
            assert!(
                error.contains("the API server refuses the spec: ")
                    && error.contains("ask the platform team first"),
                "{error}"
            );
            break;
        }
    }
    kubernetes::kubectl(&["delete", "-f", policy]);
    assert!(all(&plans(&client, &namespace)).await.is_empty());
}

#[tokio::test]
async fn labels_of_the_file_are_tried_with_the_spec_since_policies_ask_for_them() {
    let client = kubernetes::client().await;
    let namespace = kubernetes::namespace(&client, &[]).await;
    let folder = tempfile::tempdir().expect("a folder");
    create(&client, &namespace, &petstore()).await;
    let policy = folder.path().join("policy.json");
    let holds = "has(object.metadata.labels) && 'team' in object.metadata.labels";
    let list = json!({"apiVersion": "v1", "kind": "List", "items": self::policy(&namespace, holds)});
    std::fs::write(&policy, list.to_string()).expect("a policy");
    let policy = policy.to_str().expect("UTF-8");
    kubernetes::kubectl(&["apply", "-f", policy]);
    let plans = plans(&client, &namespace);
    let mut object = petstore();
    let bare = manifest(&object, &folder);
    let bare = bare.to_str().expect("UTF-8");
    let arguments = ["plan", "-f", bare, "-n", &namespace, "--timeout", "1s"];
    loop {
        let error = told(&run(kubernetes::kubeconfig(), &arguments), 1);
        // The API server learns of new policies by a watch of its own.
        if !error.contains("no controller has looked") {
            assert!(error.contains("ask the platform team first"), "{error}");
            assert!(error.contains("palisade-planner"), "{error}");
            break;
        }
    }
    object["metadata"]["labels"] = json!({"team": "pets"});
    let labelled = manifest(&object, &folder);
    let labelled = labelled.to_str().expect("UTF-8");
    // The object that there is, and one that there is not.
    for name in ["petstore", "orders"] {
        let arguments = ["plan", "-f", labelled, "-n", &namespace, "--object", name];
        let child = asks(kubernetes::kubeconfig(), &arguments);
        answers(&plans, "True", "Planned", Some(report(1))).await;
        let told = ended(child, 2);
        assert!(!told.contains("not tried"), "{told}");
    }
    kubernetes::kubectl(&["delete", "-f", policy]);
}
