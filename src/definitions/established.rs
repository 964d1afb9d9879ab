//! Waits for the API server to make something of a definition.

use super::error::{ApplyError, of_api};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_mins(1);
const AGAIN: Duration = Duration::from_millis(200);

/// Waits until the API server has taken the definition's names and serves its objects.
pub(super) async fn established(api: &Api<CustomResourceDefinition>, name: &str) -> Result<(), ApplyError> {
    let until = Instant::now() + PATIENCE;
    loop {
        let found = api.get(name).await.map_err(of_api("waiting for a definition"))?;
        let conditions = found
            .status
            .and_then(|status| status.conditions)
            .unwrap_or_default();
        let holds = |wanted: &str| {
            conditions
                .iter()
                .any(|condition| condition.type_ == wanted && condition.status == "True")
        };
        if holds("Established") && holds("NamesAccepted") {
            return Ok(());
        }
        if Instant::now() > until {
            return Err(ApplyError::NotEstablished(name.to_owned()));
        }
        sleep(AGAIN).await;
    }
}
