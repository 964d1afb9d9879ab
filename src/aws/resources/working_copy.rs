//! An API's working copy: its routes, and what it has besides that the stage does not serve.
//!
//! What only says more, and decides nothing by its absence, is no error where it cannot be read: an export that fails is
//! told, and nothing waits for it that does not need it.

use super::as_deployed::{AsDeployed, NO_EXPORT, Reader};
use super::exported_authorizers::with_ids;
use crate::api::OriginType;
use crate::aws::cloud::{CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::aws::remedies::remedy;
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::asked::gateway_responses::refused_as;
use crate::domain::access::authorization::{AWS_IAM, Integration, Observed, Pending, Route};
use crate::domain::access::credentials::authorizer::Entry;
use crate::domain::access::obstacles::pending;
use crate::domain::access::proof::Proof;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Extension under which an export has the API's resource policy.
const POLICY: &str = "x-amazon-apigateway-policy";

impl Reader<'_> {
    /// The working copy's routes.
    pub async fn routes(&self) -> Result<Vec<Route>, CloudError> {
        let (cloud, region, id) = (self.cloud, &self.gate.region, &self.gate.api_id);
        match self.gate.r#type {
            OriginType::Rest => {
                pages(
                    |marker| cloud.list_methods(region.clone(), id.clone(), marker),
                    Some,
                )
                .await
            }
            OriginType::Http | OriginType::WebSocket => {
                pages(
                    |marker| cloud.list_routes(region.clone(), id.clone(), marker),
                    Some,
                )
                .await
            }
        }
    }

    /// The same, with the credentials of their integrations where those matter.
    async fn routes_with_credentials(&self) -> Result<Vec<Route>, CloudError> {
        let mut routes = self.routes().await?;
        self.add_credentials(&mut routes).await?;
        Ok(routes)
    }

    /// Adds to `routes` whose credentials their integrations use. Routes do not tell; it matters only where a route asks for the
    /// signature that we show, so that the signer is who calls.
    pub async fn add_credentials(&self, routes: &mut [Route]) -> Result<(), CloudError> {
        let is_signed = routes.iter().any(|route| route.authorization.kind == AWS_IAM);
        if self.gate.r#type == OriginType::Rest || *self.proof != Proof::Signature || !is_signed {
            return Ok(());
        }
        let (cloud, region, id) = (self.cloud, &self.gate.region, &self.gate.api_id);
        let read = pages(
            |marker| cloud.list_integrations(region.clone(), id.clone(), marker),
            |found: Integration| Some((format!("integrations/{}", found.id), found.credentials?)),
        );
        let credentials: BTreeMap<String, String> = match read.await {
            Ok(credentials) => credentials,
            Err(error) if matches!(error.kind, ErrorKind::Throttled | ErrorKind::Transient) => {
                return Err(error);
            }
            // What it would say is told beside the lock, which does not wait for a right.
            Err(_) => return Ok(()),
        };
        for route in routes {
            let target = route.integration["target"].as_str();
            if let Some(known) = target.and_then(|target| credentials.get(target)) {
                route.integration["credentials"] = json!(known);
            }
        }
        Ok(())
    }

    /// Compares a REST API's working copy with what the stage's export shows.
    pub(super) async fn compare_rest(&self, found: &mut AsDeployed, routes: &[Route]) {
        let gate = self.gate;
        let (region, id, stage) = (gate.region.clone(), gate.api_id.clone(), gate.stage.clone());
        let export = match self.cloud.export_rest_stage(region, id, stage).await {
            Ok(export) => export,
            Err(error) => {
                found.pending = not_told(&error);
                found.policies.untold = Some(error.to_string());
                if !found.deployed.untold(routes).is_empty() {
                    found.deployed = Deployed::CutShort(error.to_string());
                }
                return;
            }
        };
        found.refused_as = Some(refused_as(&export, self.proof));
        found.policies.untold = None;
        found.policies.served = export[POLICY].clone();
        let deployed = std::mem::replace(&mut found.deployed, Deployed::Nothing);
        let untold = deployed.untold(routes);
        let deployed = deployed.left_out_by(&export, &untold);
        found.deployed = deployed.shown_by(&export, self.owner, self.proof);
        let policy = found.policies.pending();
        let edits =
            pending::of_rest(routes, found.keys_from_authorizer, &found.deployed, &export).and(policy);
        found.pending = match self.authorizers(routes).await {
            Ok(edited) => {
                let edited = pending::authorizers_of_rest(routes, &edited, &export);
                edits.and(edited)
            }
            Err(error) => not_told(&error),
        };
    }

    /// A REST API's authorizers as edited, where routes ask any.
    async fn authorizers(&self, routes: &[Route]) -> Result<Vec<Entry>, CloudError> {
        if !pending::asks_authorizers(routes) {
            return Ok(vec![]);
        }
        let (region, id) = (&self.gate.region, &self.gate.api_id);
        pages(
            |marker| {
                self.cloud
                    .list_rest_authorizers(region.clone(), id.clone(), marker)
            },
            Some,
        )
        .await
    }

    /// Compares an HTTP API's working copy with what the stage's export shows.
    pub(super) async fn compare_http(&self, routes: &[Route]) -> (Deployed, Pending, Option<String>) {
        let exports = tokio::try_join!(self.export(None), self.export(Some(&self.gate.stage)));
        match exports {
            Ok((edited, served)) => {
                let shown = Deployed::of_exports(&served, &edited, routes);
                let deployed = with_ids(self.cloud, self.gate, shown, &served, routes).await;
                (
                    deployed.unwrap_or_else(|error| Deployed::Unknown(error.to_string())),
                    pending::of_http(&edited, &served),
                    Some(pending::fingerprint(&edited)),
                )
            }
            Err(error) => (Deployed::Unknown(error.to_string()), not_told(&error), None),
        }
    }

    /// What of an HTTP API's working copy was edited since it was compared with the stage, if it was.
    pub async fn edited_since(&self, known: &Observed) -> Result<Vec<String>, CloudError> {
        let Some(compared) = &known.compared else {
            return Ok(vec![]);
        };
        let is_edited = pending::fingerprint(&self.export(None).await?) != *compared;
        Ok(is_edited.then(|| "the API".to_owned()).into_iter().collect())
    }

    /// An HTTP API's export, of a stage or of the working copy.
    pub(super) async fn export(&self, stage: Option<&str>) -> Result<Value, CloudError> {
        let (region, id) = (self.gate.region.clone(), self.gate.api_id.clone());
        self.cloud
            .export_api(region, id, stage.map(ToOwned::to_owned))
            .await
    }

    /// `known`, and what its working copy has besides that the stage does not serve.
    pub async fn with_pending(&self, mut known: Observed) -> Observed {
        self.compare(&mut known).await;
        // A page that was cut short looks like methods that were removed: it takes two to believe it.
        if matches!(known.pending, Pending::At(_)) {
            match self.routes_with_credentials().await {
                Ok(routes) if routes != known.routes => {
                    known.routes = routes;
                    self.compare(&mut known).await;
                }
                Ok(_) => {}
                Err(error) => known.pending = not_told(&error),
            }
        }
        known
    }

    async fn compare(&self, known: &mut Observed) {
        match self.gate.r#type {
            OriginType::Rest => {
                let mut found = AsDeployed {
                    deployed: known.deployed.clone(),
                    canary: None,
                    pending: Pending::Unread,
                    refused_as: known.refused_as.take(),
                    policies: std::mem::take(&mut *known.policies),
                    compared: None,
                    keys_from_authorizer: known.keys_from_authorizer,
                };
                self.compare_rest(&mut found, &known.routes).await;
                (known.pending, *known.policies) = (found.pending, found.policies);
                (known.deployed, known.refused_as) = (found.deployed, found.refused_as);
            }
            OriginType::Http => {
                (_, known.pending, known.compared) = self.compare_http(&known.routes).await;
            }
            OriginType::WebSocket => known.pending = Pending::Unknown(NO_EXPORT.to_owned()),
        }
    }
}

/// What is known of edits where API Gateway does not tell.
fn not_told(error: &CloudError) -> Pending {
    match error.kind {
        ErrorKind::Throttled => Pending::Throttled(error.to_string()),
        ErrorKind::Transient => Pending::Failing(error.to_string()),
        ErrorKind::Denied if error.code.starts_with("AccessDenied") => Pending::Denied(with_remedy(error)),
        _ => Pending::Unknown(error.to_string()),
    }
}

fn with_remedy(error: &CloudError) -> String {
    let said = error.to_string();
    match remedy(error) {
        Some(remedy) => format!("{}; {remedy}", said.trim_end_matches('.')),
        None => said,
    }
}
