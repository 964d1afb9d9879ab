//! Objects that are looked for on the API server itself: a watch may lag.

use crate::api_server::answered;
use kube::api::{Api, ApiResource, DynamicObject, ListParams};
use kube::{Client, Error, ResourceExt as _};
use serde_json::Value;

/// So many are listed at a time.
const PAGE: u32 = 500;

/// Namespace and name of an object of `kind` that is such, as the API server has it, whether it can be read or not.
///
/// # Errors
/// A list that was refused, or not answered.
pub async fn first_of(
    client: &Client,
    kind: &ApiResource,
    is_such: impl Fn(&Value) -> bool,
) -> Result<Option<String>, Error> {
    let api: Api<DynamicObject> = Api::all_with(client.clone(), kind);
    let mut params = ListParams::default().limit(PAGE);
    loop {
        let page = answered(api.list(&params)).await?;
        for object in page.items {
            let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
            let value = serde_json::to_value(object).map_err(Error::SerdeError)?;
            if is_such(&value) {
                return Ok(Some(format!("{namespace}/{name}")));
            }
        }
        match page.metadata.continue_.filter(|next| !next.is_empty()) {
            Some(next) => params = params.continue_token(&next),
            None => return Ok(None),
        }
    }
}
