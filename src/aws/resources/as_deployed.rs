//! What a stage asks for as deployed, and what the working copy has besides.
//!
//! What only says more, and decides nothing by its absence, is no error where it cannot be read: an export that fails is
//! told, and nothing waits for it that does not need it.

use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::aws::errors::ErrorKind;
use crate::aws::remedies::remedy;
use crate::domain::access::as_deployed::{Deployed, Served};
use crate::domain::access::authorization::{
    AWS_IAM, Deployment, Gate, Integration, Observed, Pending, Route, Stage, is_ours,
};
use crate::domain::access::authorizer::Entry;
use crate::domain::access::gateway_responses::refused_as;
use crate::domain::access::pending;
use crate::domain::access::policy::{Policies, carries, tells_of_policy};
use crate::domain::access::proof::Proof;
use crate::domain::kernel::identity::Owner;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Extension under which an export has the API's resource policy.
const POLICY: &str = "x-amazon-apigateway-policy";
/// A WebSocket API's routes and integrations as deployed are shown by nothing.
pub(super) const NO_EXPORT: &str = "WebSocket APIs cannot be exported";

/// Reads one stage's routes.
pub(super) struct Reader<'a> {
    pub cloud: &'a dyn Cloud,
    pub gate: &'a Gate,
    pub owner: &'a Owner,
    pub proof: &'a Proof,
}

/// What a stage serves.
pub(super) struct AsDeployed {
    pub deployed: Deployed,
    pub canary: Option<Deployed>,
    pub pending: Pending,
    /// REST: as [`Observed::refused_as`].
    pub refused_as: Option<BTreeSet<u16>>,
    pub policies: Policies,
    /// HTTP: fingerprint of the working copy that was compared with the stage.
    pub compared: Option<String>,
    /// REST, as edited: whether an authorizer, and not the caller, gives the API key.
    pub keys_from_authorizer: bool,
}

/// The stage itself.
///
/// # Errors
/// What AWS answered.
pub async fn stage(cloud: &dyn Cloud, gate: &Gate) -> Result<Stage, CloudError> {
    let (region, id, stage) = (gate.region.clone(), gate.api_id.clone(), gate.stage.clone());
    match gate.r#type {
        OriginType::Rest => cloud.get_rest_stage(region, id, stage).await,
        OriginType::Http | OriginType::WebSocket => cloud.get_stage(region, id, stage).await,
    }
}

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

    pub async fn stage(&self) -> Result<Stage, CloudError> {
        stage(self.cloud, self.gate).await
    }

    /// What `stage` serves of an API whose working copy has `routes`, the policy `edited`, and takes keys from there.
    pub async fn as_deployed(
        &self,
        routes: &[Route],
        stage: &Stage,
        (edited, keys_from_authorizer): (Value, bool),
    ) -> Result<AsDeployed, CloudError> {
        let mut found = AsDeployed {
            deployed: Deployed::Nothing,
            canary: None,
            pending: Pending::Unread,
            refused_as: None,
            policies: Policies {
                edited,
                ..Policies::default()
            },
            compared: None,
            keys_from_authorizer,
        };
        let Some(deployment) = &stage.deployment else {
            return Ok(found);
        };
        match self.gate.r#type {
            OriginType::Rest => self.of_rest(&mut found, deployment, stage, routes).await?,
            _ if stage.auto_deploy => found.deployed = self.by_itself(stage, None, routes).await,
            OriginType::Http | OriginType::WebSocket => {
                self.by_hand(&mut found, deployment, routes).await?;
            }
        }
        Ok(found)
    }

    async fn of_rest(
        &self,
        found: &mut AsDeployed,
        deployment: &str,
        stage: &Stage,
        routes: &[Route],
    ) -> Result<(), CloudError> {
        let served = self.rest_deployment(deployment).await?;
        found.deployed = Deployed::of_rest(&served, self.owner, self.proof);
        found.policies.description.clone_from(&served.description);
        if let Some(canary) = stage.own_canary() {
            found.canary = Some(match self.rest_deployment(canary).await {
                Ok(deployment) => Deployed::of_rest(&deployment, self.owner, self.proof),
                Err(error) => Deployed::Unknown(error.to_string()),
            });
        }
        // A policy is to be seen nowhere else, nor which authorizers are asked; our own deployment tells which policy it carries.
        let is_known =
            is_ours(&served.description, self.owner) && carries(&served.description, &found.policies.edited);
        let is_signed = served.routes.routes().values().any(|route| route.kind == AWS_IAM);
        if is_known {
            found.policies.served = found.policies.edited.clone();
        }
        let has_policy =
            !found.policies.edited.is_null() || tells_of_policy(&served.description) || is_signed;
        let untold = found.deployed.untold(routes);
        if found.deployed.has_untold() || (has_policy && !is_known) || !untold.is_empty() {
            self.compare_rest(found, routes).await;
        }
        Ok(())
    }

    async fn rest_deployment(&self, id: &str) -> Result<Deployment, CloudError> {
        let (region, api_id) = (self.gate.region.clone(), self.gate.api_id.clone());
        self.cloud
            .get_rest_deployment(region, api_id, id.to_owned())
            .await
    }

    /// Compares a REST API's working copy with what the stage's export shows.
    async fn compare_rest(&self, found: &mut AsDeployed, routes: &[Route]) {
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
                edited.into_iter().fold(edits, Pending::and)
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

    /// What an HTTP or WebSocket API's stage serves that takes the deployments that it is told to.
    async fn by_hand(
        &self,
        found: &mut AsDeployed,
        deployment: &str,
        routes: &[Route],
    ) -> Result<(), CloudError> {
        let (region, api_id) = (self.gate.region.clone(), self.gate.api_id.clone());
        let served = self
            .cloud
            .get_deployment(region, api_id, deployment.to_owned())
            .await?;
        found.policies.description.clone_from(&served.description);
        let kind = self.gate.r#type;
        let told = Deployed::of_description(&served, kind, self.owner, self.proof, routes);
        if kind == OriginType::WebSocket {
            found.pending = Pending::Unknown(NO_EXPORT.to_owned());
            found.deployed = told.unwrap_or_else(|| Deployed::Unknown(NO_EXPORT.to_owned()));
        } else if let Some(told) = told {
            found.deployed = told;
        } else {
            (found.deployed, found.pending, found.compared) = self.compare_http(routes).await;
        }
        Ok(())
    }

    /// Compares an HTTP API's working copy with what the stage's export shows.
    async fn compare_http(&self, routes: &[Route]) -> (Deployed, Pending, Option<String>) {
        let exports = tokio::try_join!(self.export(None), self.export(Some(&self.gate.stage)));
        match exports {
            Ok((edited, served)) => (
                Deployed::of_exports(&served, &edited, routes),
                pending::of_http(&edited, &served),
                Some(pending::fingerprint(&edited)),
            ),
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
    async fn export(&self, stage: Option<&str>) -> Result<Value, CloudError> {
        let (region, id) = (self.gate.region.clone(), self.gate.api_id.clone());
        self.cloud
            .export_api(region, id, stage.map(ToOwned::to_owned))
            .await
    }

    /// What a stage serves that deploys by itself. `since` is the deployment that it served before a change of ours.
    async fn by_itself(&self, stage: &Stage, since: Option<&String>, routes: &[Route]) -> Deployed {
        let shown = match self.gate.r#type {
            OriginType::Http => self.shown(&self.gate.stage, routes).await,
            OriginType::Rest | OriginType::WebSocket => Err(NO_EXPORT.to_owned()),
        };
        let in_step = || Served::in_step(stage, since, routes).map(Deployed::Routes);
        match shown {
            Ok(deployed @ (Deployed::Routes(_) | Deployed::CutShort(_))) => deployed,
            Ok(deployed) => in_step().unwrap_or(deployed),
            Err(why) => in_step().unwrap_or_else(|| Deployed::Unknown(stage.said.clone().unwrap_or(why))),
        }
    }

    /// What the export of an HTTP API's stage shows.
    async fn shown(&self, stage: &str, routes: &[Route]) -> Result<Deployed, String> {
        let said = |error: CloudError| error.to_string();
        let served = self.export(Some(stage)).await.map_err(said)?;
        if let Some(found) = Served::of_export(&served, None, routes) {
            return Ok(Deployed::Routes(found));
        }
        let edited = self.export(None).await.map_err(said)?;
        Ok(Deployed::of_exports(&served, &edited, routes))
    }

    /// `known`, and what a stage has since a change of ours: what it deployed by itself, or a canary that was made meanwhile.
    pub async fn with_stage(&self, mut known: Observed) -> Result<Observed, CloudError> {
        if self.gate.r#type == OriginType::Rest {
            let stage = self.stage().await?;
            if stage != known.stage {
                let edited = (known.policies.edited.clone(), known.keys_from_authorizer);
                let read = self.as_deployed(&known.routes, &stage, edited).await?;
                let vanished = std::mem::take(&mut known.policies.vanished);
                (known.deployed, known.canary, *known.policies) = (read.deployed, read.canary, read.policies);
                known.policies.vanished = vanished;
                known.stage = stage;
            }
            known.is_stage_known = true;
            return Ok(known);
        }
        let since = match &known.deployed {
            Deployed::Outdated(since) => since.clone(),
            _ => None,
        };
        known.deployed = match self.stage().await {
            Ok(stage) => {
                known.stage = stage;
                self.by_itself(&known.stage, since.as_ref(), &known.routes).await
            }
            Err(error) => Deployed::Unknown(error.to_string()),
        };
        Ok(known)
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
