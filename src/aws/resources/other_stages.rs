//! What other stages of an API ask for.

use super::deployments::stages;
use super::exported_authorizers::with_ids;
use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::domain::access::asked::as_deployed::{Deployed, Served};
use crate::domain::access::asked::earlier_stages::EarlierStage;
use crate::domain::access::authorization::{Gate, Observed};
use crate::domain::access::obstacles::other_doors::{MOST, NamedStage};
use crate::domain::perimeter::observed::Observed as Everything;
use serde_json::Value;
use std::collections::BTreeMap;

/// Reads what other stages of an API ask for: each deployment once, and no more of them than status tells of.
pub struct OtherStages<'a> {
    cloud: &'a dyn Cloud,
    gate: &'a Gate,
    found: &'a Observed,
    /// By the deployment's id.
    known: BTreeMap<String, Deployed>,
    /// HTTP: the export of the working copy.
    edited: Option<Value>,
}

impl<'a> OtherStages<'a> {
    /// Of the API of `gate`, whose declared stage is `found`.
    #[must_use]
    pub fn new(cloud: &'a dyn Cloud, gate: &'a Gate, found: &'a Observed) -> Self {
        Self {
            cloud,
            gate,
            found,
            known: BTreeMap::new(),
            edited: None,
        }
    }

    /// What `stage` asks for, and its canary where it has one.
    ///
    /// # Errors
    /// What API Gateway answered, but for "not found".
    pub async fn read(&mut self, stage: &NamedStage) -> Result<Vec<Deployed>, CloudError> {
        if self.gate.r#type == OriginType::WebSocket {
            let known = Served::in_step(&stage.stage, None, &self.found.routes).map(Deployed::Routes);
            return Ok(known.into_iter().collect());
        }
        let mut deployed = Vec::new();
        let ids = stage.stage.deployment.as_deref().into_iter();
        for id in ids.chain(stage.stage.own_canary()) {
            let known = match self.known.get(id) {
                Some(known) => known.clone(),
                None if self.known.len() >= MOST => {
                    let limit = format!(
                        "of the API's deployments only {MOST} are read, and this one is not among them"
                    );
                    Deployed::Unknown(limit)
                }
                None => self.look(id, &stage.name).await?,
            };
            self.known.insert(id.to_owned(), known.clone());
            deployed.push(known);
        }
        Ok(deployed)
    }

    async fn look(&mut self, id: &str, stage: &str) -> Result<Deployed, CloudError> {
        let (region, api_id) = (self.gate.region.clone(), self.gate.api_id.clone());
        if self.gate.r#type == OriginType::Rest {
            return match self
                .cloud
                .get_rest_deployment(region, api_id, id.to_owned())
                .await
            {
                Ok(deployment) => Ok(Deployed::of_summary(&deployment)),
                Err(error) if error.kind == ErrorKind::NotFound => Ok(Deployed::Unknown(error.to_string())),
                Err(error) => Err(error),
            };
        }
        let export = |stage| self.cloud.export_api(region.clone(), api_id.clone(), stage);
        let served = export(Some(stage.to_owned())).await?;
        let edited = match self.edited.take() {
            Some(edited) => edited,
            None => export(None).await?,
        };
        let shown = Deployed::of_exports(&served, &edited, &self.found.routes);
        self.edited = Some(edited);
        with_ids(self.cloud, self.gate, shown, &served, &self.found.routes).await
    }
}

/// What the stages ask for that the object has locked before that of `gate`, as `everything` remembers. What cannot be read may ask
/// for all that it did: nothing else waits for it.
pub(super) async fn earlier_stages(
    cloud: &dyn Cloud,
    gate: &Gate,
    found: &Observed,
    everything: &Everything,
) -> Vec<EarlierStage> {
    let known = everything.outputs.locked_stages.iter();
    let names = known.map(|known| &known.stage);
    let names: Vec<&String> = names.filter(|name| **name != gate.stage).collect();
    if names.is_empty() {
        return vec![];
    }
    let all = match stages(cloud, gate).await {
        Ok(all) => all,
        Err(error) => {
            let unread = names.into_iter();
            return unread
                .map(|name| EarlierStage::unread(name, error.to_string()))
                .collect();
        }
    };
    let is_named = |stage: &&NamedStage| names.contains(&&stage.name);
    let locked: Vec<&NamedStage> = all.iter().filter(is_named).collect();
    let mut reader = OtherStages::new(cloud, gate, found);
    let mut earlier = Vec::new();
    for stage in locked {
        earlier.push(match reader.read(stage).await {
            Ok(deployed) => EarlierStage::of(stage, deployed),
            Err(error) => EarlierStage::unread(&stage.name, error.to_string()),
        });
    }
    earlier
}
