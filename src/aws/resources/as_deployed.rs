//! What a stage asks for as deployed.

use super::exported_authorizers::with_ids;
use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError};
use crate::domain::access::asked::as_deployed::{Deployed, Served};
use crate::domain::access::asked::policy::{Policies, carries, tells_of_policy};
use crate::domain::access::authorization::{
    AWS_IAM, Deployment, Gate, Observed, Pending, Route, Stage, is_ours,
};
use crate::domain::access::proof::Proof;
use crate::domain::kernel::identity::Owner;
use serde_json::Value;
use std::collections::BTreeSet;

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

    /// What `stage` serves by now of an API of which all else is `known`.
    pub async fn again(&self, known: &Observed, stage: &Stage) -> Result<AsDeployed, CloudError> {
        let edited = (known.policies.edited.clone(), known.keys_from_authorizer);
        let mut read = self.as_deployed(&known.routes, stage, edited).await?;
        // Whose objects are gone is no matter of deployments.
        read.policies.vanished.clone_from(&known.policies.vanished);
        Ok(read)
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
        let shown = Deployed::of_exports(&served, &edited, routes);
        with_ids(self.cloud, self.gate, shown, &served, routes)
            .await
            .map_err(said)
    }

    /// `known`, and what a stage has since a change of ours: what it deployed by itself, or a canary that was made meanwhile.
    pub async fn with_stage(&self, mut known: Observed) -> Result<Observed, CloudError> {
        if self.gate.r#type == OriginType::Rest {
            let stage = self.stage().await?;
            if stage != known.stage {
                let read = self.again(&known, &stage).await?;
                (known.deployed, known.canary, *known.policies) = (read.deployed, read.canary, read.policies);
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
}
