//! The authorizers that an HTTP API's export names: all else knows them by their ids.

use crate::aws::cloud::{Cloud, CloudError, pages};
use crate::domain::access::asked::as_deployed::Deployed;
use crate::domain::access::asked::authorizer_names::NamedAuthorizer;
use crate::domain::access::authorization::{Gate, Route};
use crate::domain::access::credentials::authorizer::Entry;
use serde_json::Value;

/// What the `export` of a stage shows as deployed, with ids in place of names. Nothing is asked where each authorizer is known by the
/// routes as edited.
///
/// # Errors
/// What API Gateway answered.
pub(super) async fn with_ids(
    cloud: &dyn Cloud,
    gate: &Gate,
    deployed: Deployed,
    export: &Value,
    routes: &[Route],
) -> Result<Deployed, CloudError> {
    if !deployed.has_names(routes) {
        return Ok(deployed);
    }
    let (region, id) = (&gate.region, &gate.api_id);
    let named = |entry: Entry| {
        Some(NamedAuthorizer {
            id: entry.id,
            name: entry.name,
            function_arn: entry.settings.function_arn,
        })
    };
    let authorizers: Vec<NamedAuthorizer> = pages(
        |marker| cloud.list_authorizers(region.clone(), id.clone(), marker),
        named,
    )
    .await?;
    Ok(deployed.with_ids(export, &authorizers))
}
