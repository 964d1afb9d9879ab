//! The controller's Deployments, as far as whoever asks may see them.

use super::reach::Reach;
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, ListParams, ObjectList};
use palisade::plugin::doctor::{Controller, Known, SELECTOR};

/// Where the manifests and the chart's examples install it.
const NAMESPACE: &str = "palisade-system";

/// Those of all namespaces; of the usual one where only that may be looked into.
pub(super) async fn controllers(reach: &Reach) -> Known<Vec<Controller>> {
    let client = reach.client();
    let found = match in_these(reach, &Api::all(client.clone())).await {
        Known::NotPermitted => in_these(reach, &Api::namespaced(client, NAMESPACE)).await,
        found => found,
    };
    found.map(|found| {
        let all = found
            .items
            .iter()
            .filter_map(|found| serde_json::to_value(found).ok());
        all.filter_map(|found| Controller::of(&found)).collect()
    })
}

async fn in_these(reach: &Reach, deployments: &Api<Deployment>) -> Known<ObjectList<Deployment>> {
    known(reach, deployments.list(&ListParams::default().labels(SELECTOR))).await
}

/// What was answered, or why nothing was.
pub(super) async fn known<T>(
    reach: &Reach,
    request: impl Future<Output = Result<T, kube::Error>>,
) -> Known<T> {
    match reach.heard(request).await {
        Ok(Ok(found)) => Known::Seen(found),
        Ok(Err(kube::Error::Api(status))) if status.code == 403 => Known::NotPermitted,
        Ok(Err(error)) => Known::Failed(reach.told(&error).to_string()),
        Err(silent) => Known::Failed(silent.to_string()),
    }
}
