//! The resource policy of a REST API.

use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::errors::ErrorKind;
use crate::aws::operations::{Operation, OperationClass, Service};
use crate::domain::access::asked::api;
use crate::domain::access::asked::policy::{Policies, Rival, sid_end};
use crate::domain::access::authorization::Gate;
use crate::domain::kernel::identity::{IAM_PATH, is_abandoned};
use crate::domain::perimeter::observed::Observed as Everything;
use serde_json::Value;
use std::collections::BTreeSet;

/// The API as a whole, with its policy.
///
/// # Errors
/// What AWS answered.
pub async fn read_api(cloud: &dyn Cloud, gate: &Gate) -> Result<api::Observed, CloudError> {
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    match gate.r#type {
        OriginType::Rest => cloud.get_rest_api(region, id).await,
        OriginType::Http | OriginType::WebSocket => cloud.get_api(region, id).await,
    }
}

/// Which objects are gone that left statements for the stage: nothing in this cluster has their UID, and the roles that they let
/// in are deleted, or belong to nobody any more. Only roles of this account under our path are asked for.
pub(super) async fn vanished(
    cloud: &dyn Cloud,
    policies: &Policies,
    gate: &Gate,
    everything: &Everything,
) -> BTreeSet<String> {
    let mut vanished = BTreeSet::new();
    for rival in policies.rivals(&gate.stage, &everything.owner) {
        let mut siblings = everything.siblings.iter().flatten();
        let is_alive = siblings.any(|uid| sid_end(uid) == rival.uid);
        if !is_alive && are_abandoned(cloud, &rival, everything).await {
            vanished.insert(rival.uid);
        }
    }
    vanished
}

async fn are_abandoned(cloud: &dyn Cloud, rival: &Rival, everything: &Everything) -> bool {
    for arn in &rival.roles {
        let Some((_, name)) = arn.split_once(&format!(":role{IAM_PATH}")) else {
            return false;
        };
        let is_alive = |uid: &str| everything.may_be_alive(uid);
        match cloud.get_role(name.to_owned()).await {
            Ok(role) if is_abandoned(&role.tags, &everything.owner.cluster, is_alive) => {}
            Err(error) if error.kind == ErrorKind::NotFound => {}
            // What cannot be read is left alone, and looked at again with the routes.
            Ok(_) | Err(_) => return false,
        }
    }
    !rival.roles.is_empty()
}

/// Replaces the policy, if it is still `from`: API Gateway has no lock token for it.
pub(super) async fn replace(
    cloud: &dyn Cloud,
    gate: &Gate,
    from: &Value,
    to: &str,
) -> Result<Value, CloudError> {
    if read_api(cloud, gate).await?.policy != *from {
        let operation = Operation {
            service: Service::ApiGateway,
            name: "UpdateRestApi",
            class: OperationClass::Update,
        };
        let message = "the resource policy was changed by somebody else meanwhile";
        return Err(CloudError::new(operation, "ConflictException", message));
    }
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    cloud.update_rest_api_policy(region, id, to.to_owned()).await?;
    Ok(serde_json::from_str(to).unwrap_or_default())
}
