//! What Flux and Argo CD make of our objects: by the library that Flux asks, and by the engine that runs Argo CD's rules.

use super::{kubernetes, petstore};
use crate::judges::{both, judged, rule};
use kube::api::{Api, DynamicObject, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use serde_json::{Value, json};

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
    let class = json!({
        "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass", "metadata": {"name": "gitops"}, "spec": {},
    });
    for (object, api) in [
        (petstore(), api(client.clone(), "ProtectedApi", Some(&namespace))),
        (account, api(client.clone(), "AwsAccount", None)),
        (class, api(client.clone(), "PerimeterClass", None)),
    ] {
        let name = object["metadata"]["name"].as_str().expect("a name").to_owned();
        let object = serde_json::from_value(object).expect("an object");
        let made = api
            .create(&PostParams::default(), &object)
            .await
            .expect("created");
        let made = serde_json::to_value(made).expect("JSON");
        assert_eq!(made["status"], json!({"observedGeneration": -1}), "{made}");
        let read = serde_json::to_value(api.get(&name).await.expect("read")).expect("JSON");
        let pair = |flux: &str, argo: &str| (flux.to_owned(), argo.to_owned());
        for object in [&made, &read] {
            assert_eq!(both(object), pair("InProgress", "Progressing"), "{object}");
        }
        let ready = told(&api, &name, 1, &[("Ready", "True")]).await;
        assert_eq!(both(&ready), pair("Current", "Healthy"));
        // Of an earlier spec.
        let mut changed = ready.clone();
        changed["metadata"]["generation"] = 2.into();
        assert_eq!(both(&changed), pair("InProgress", "Progressing"));
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
