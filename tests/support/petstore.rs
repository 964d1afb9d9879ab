//! The petstore as an object of a real Kubernetes API: made, read, and what was told of it.

use k8s_openapi::api::events::v1::Event;
use kube::Client;
use kube::api::{Api, DynamicObject, ListParams, PostParams};
use kube::core::{ApiResource, GroupVersionKind};
use palisade::api::ProtectedApi;
use serde_json::{Value, json};

pub fn petstore() -> Value {
    json!({
        "apiVersion": "palisade.dev/v1alpha1",
        "kind": "ProtectedApi",
        "metadata": {"name": "petstore"},
        "spec": {"origin": {
            "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
        }},
    })
}

/// Objects as they are, whether or not our types can hold them.
pub fn untyped(client: &Client, namespace: &str) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("palisade.dev", "v1alpha1", "ProtectedApi");
    Api::namespaced_with(client.clone(), namespace, &ApiResource::from_gvk(&kind))
}

pub fn api(client: &Client, namespace: &str) -> Api<ProtectedApi> {
    Api::namespaced(client.clone(), namespace)
}

pub async fn create(client: &Client, namespace: &str, object: &Value) {
    let object = serde_json::from_value(object.clone()).expect("an object");
    untyped(client, namespace)
        .create(&PostParams::default(), &object)
        .await
        .expect("created");
}

/// The events of a Namespace that have this reason.
pub async fn events(client: &Client, namespace: &str, reason: &str) -> Vec<Event> {
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    let all = events.list(&ListParams::default()).await.expect("events").items;
    all.into_iter()
        .filter(|event| event.reason.as_deref() == Some(reason))
        .collect()
}
