//! Deployments of ours that nothing needs any more, and the stages that may serve them.

use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::access::asked::description_of_opened;
use crate::domain::access::authorization::{Deployment, Gate, Stage, is_of_one_route, is_ours};
use crate::domain::access::obstacles::other_doors::NamedStage;
use crate::domain::access::table::marks::Phase;
use crate::domain::access::words::words_of_lock::{description_of_what_was, is_of_what_was};
use crate::domain::perimeter::observed::Observed as Everything;
use std::collections::BTreeSet;

/// What a cut-over has to know of the API's deployments.
#[derive(Default)]
pub(super) struct Deployments {
    /// Ours that nothing serves, and that nobody goes back to: within a cut-over all but what it began from, else only those
    /// with one route locked, or without the lock that the stage serves; and what was made twice to free the same viewers.
    pub unused_deployments: Vec<String>,
    /// Whether the one that it goes back to was deleted.
    pub is_before_gone: bool,
}

/// Those of the API, as `phase` and the steady state need them.
pub(super) async fn deployments(
    cloud: &dyn Cloud,
    gate: &Gate,
    stage: &Stage,
    everything: &Everything,
    phase: Option<&Phase>,
) -> Result<Deployments, CloudError> {
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    let all: Vec<Deployment> = match gate.r#type {
        OriginType::Rest => {
            pages(
                |marker| cloud.list_rest_deployments(region.clone(), id.clone(), marker),
                Some,
            )
            .await?
        }
        OriginType::Http | OriginType::WebSocket => {
            pages(
                |marker| cloud.list_deployments(region.clone(), id.clone(), marker),
                Some,
            )
            .await?
        }
    };
    let before = phase.and_then(|phase| phase.before.as_ref());
    let what_was = phase.map(|phase| description_of_what_was(&everything.owner, phase));
    let is_before_gone = before.is_some_and(|before| all.iter().all(|found| found.id != *before));
    let owner = &everything.owner;
    let is_served = |found: &&Deployment| stage.deployment.as_ref() == Some(&found.id);
    let served_as = all.iter().find(is_served).map(|found| found.description.clone());
    let served_as = served_as.unwrap_or_default();
    let serves_ours = is_ours(&served_as, owner);
    let frees_viewers = is_of_what_was(&served_as, owner);
    let is_unused = |found: &Deployment| {
        let is_before = before.is_some_and(|before| found.id == *before);
        if is_before || is_served(&found) {
            return false;
        }
        // Both were made to free the same viewers: the answer of the one that nothing serves was lost.
        if frees_viewers && found.description == served_as {
            return true;
        }
        // The team may go back to a whole lock. Without it they would go back to what stood open.
        if phase.is_none() {
            let is_unserved_opening = found.description == description_of_opened(owner);
            return serves_ours && (is_unserved_opening || is_of_one_route(&found.description, owner));
        }
        is_ours(&found.description, owner) || what_was.as_ref() == Some(&found.description)
    };
    let mut unused_deployments: Vec<String> =
        all.into_iter().filter(is_unused).map(|found| found.id).collect();
    if !unused_deployments.is_empty() {
        // Any stage may serve it by now: the one of an earlier spec, or another of the team's.
        let served = served(cloud, gate).await?;
        unused_deployments.retain(|id| !served.contains(id));
    }
    Ok(Deployments {
        unused_deployments,
        is_before_gone,
    })
}

/// The deployments that the API's stages and their canaries serve.
async fn served(cloud: &dyn Cloud, gate: &Gate) -> Result<BTreeSet<String>, CloudError> {
    let served = stages(cloud, gate).await?.into_iter().flat_map(|found| {
        let canary = found.stage.canary.map(|canary| canary.deployment);
        found.stage.deployment.into_iter().chain(canary)
    });
    Ok(served.collect())
}

/// All stages of the API.
///
/// # Errors
/// What API Gateway answered.
pub async fn stages(cloud: &dyn Cloud, gate: &Gate) -> Result<Vec<NamedStage>, CloudError> {
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    match gate.r#type {
        OriginType::Rest => cloud.list_rest_stages(region, id).await,
        OriginType::Http | OriginType::WebSocket => {
            pages(
                |marker| cloud.list_stages(region.clone(), id.clone(), marker),
                Some,
            )
            .await
        }
    }
}
