//! The controller's Deployments and which of them leads, as far as whoever asks may see them.

use super::reach::Reach;
use crate::cli::failure::Failure;
use futures::future::join_all;
use hyper::Request;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::{Api, ListParams, ObjectList};
use kube::client::Body;
use palisade::plugin::doctor::{
    Controller, Held, Known, SELECTOR, leases, most_telling, nobody_leads, where_to_look,
};

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

/// What there is to know where no controller has done anything for this namespace, or for what is in none: that none leads, and where to
/// look.
pub(super) async fn told_of(
    reach: &Reach,
    controllers: &Known<Vec<Controller>>,
    namespace: Option<&str>,
) -> String {
    let look = where_to_look(controllers, reach.context());
    let now = server_time(reach).await.ok().flatten();
    let now = now.unwrap_or_else(Timestamp::now);
    let lease = lease(reach, controllers, namespace, now).await;
    match lease.and_then(|lease| nobody_leads(&lease, now)) {
        Some(nobody) => format!("{nobody}. And {look}"),
        None => look,
    }
}

/// The Lease that tells whether one of the controllers leads that look after this namespace, or after what is in none.
pub(super) async fn lease(
    reach: &Reach,
    controllers: &Known<Vec<Controller>>,
    namespace: Option<&str>,
    now: Timestamp,
) -> Option<Known<Option<Held>>> {
    let Known::Seen(controllers) = controllers else {
        return None;
    };
    let read = leases(controllers, namespace)
        .into_iter()
        .map(|(namespace, name)| {
            let api: Api<Lease> = Api::namespaced(reach.client(), namespace);
            async move {
                let found = known(reach, api.get_opt(name)).await;
                let held = |found| Held::of(&serde_json::to_value(found).unwrap_or_default());
                found.map(|found| found.map(held))
            }
        });
    most_telling(join_all(read).await, now)
}

/// The API server's time, by the header that each answer has.
pub(super) async fn server_time(reach: &Reach) -> Result<Option<Timestamp>, Failure> {
    let request = Request::get("/version").body(Body::empty())?;
    let client = reach.client();
    let answer = reach.heard(client.send(request)).await?;
    let answer = answer.map_err(|error| reach.told(&error))?;
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
    Ok(date
        .and_then(|date| rfc2822::parse(date).ok())
        .map(|date| date.timestamp()))
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
