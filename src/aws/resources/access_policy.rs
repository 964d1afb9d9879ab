//! The resource policy of a REST API.

use crate::api::OriginType;
use crate::aws::cloud::{Cloud, CloudError};
use crate::aws::operations::{Class, Operation, Service};
use crate::domain::resources::access::Gate;
use serde_json::Value;

/// The policy as edited; null where there is none, and of APIs that can have none. Besides, whether an authorizer gives the
/// API's keys.
pub(super) async fn of_api(cloud: &dyn Cloud, gate: &Gate) -> Result<(Value, bool), CloudError> {
    if gate.r#type != OriginType::Rest {
        return Ok((Value::Null, false));
    }
    let found = cloud
        .get_rest_api(gate.region.clone(), gate.api_id.clone())
        .await?;
    Ok((found.policy, found.keys_from_authorizer))
}

/// Replaces the policy, if it is still `from`: API Gateway has no lock token for it.
pub(super) async fn replace(
    cloud: &dyn Cloud,
    gate: &Gate,
    from: &Value,
    to: &str,
) -> Result<Value, CloudError> {
    if of_api(cloud, gate).await?.0 != *from {
        let operation = Operation {
            service: Service::ApiGateway,
            name: "UpdateRestApi",
            class: Class::Update,
        };
        let message = "the resource policy was changed by somebody else meanwhile";
        return Err(CloudError::new(operation, "ConflictException", message));
    }
    let (region, id) = (gate.region.clone(), gate.api_id.clone());
    cloud.update_rest_api_policy(region, id, to.to_owned()).await?;
    Ok(serde_json::from_str(to).unwrap_or_default())
}
