//! Writing an object's status and finalizer.

use crate::api::{FINALIZER, ProtectedApi, ProtectedApiStatus};
use kube::api::{ObjectMeta, PartialObjectMeta, Patch, PatchParams};
use kube::{Api, Client, Resource, ResourceExt};
use serde_json::{Value, json};

/// The field manager of everything that the controller writes.
pub const FIELD_MANAGER: &str = "palisade";

const STATUS_ATTEMPTS: u32 = 5;

/// Why an object could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The status was refused.
    #[error("writing the status: {0}")]
    Status(#[source] kube::Error),
    /// Another object has the name now.
    #[error("writing the status: the object was deleted and made again")]
    Replaced,
    /// Others wrote the object at every attempt.
    #[error("writing the status: others changed the object {STATUS_ATTEMPTS} times meanwhile")]
    Contended,
    /// The finalizer was refused.
    #[error("writing the finalizer: {0}")]
    Finalizer(#[source] kube::Error),
    /// The patch cannot be put into words.
    #[error("writing the finalizer: {0}")]
    Patch(#[from] serde_json::Error),
}

impl WriteError {
    /// Name of the failed step, for conditions, events and metrics.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self {
            Self::Status(_) | Self::Replaced | Self::Contended => "StatusNotWritten",
            Self::Finalizer(_) | Self::Patch(_) => "FinalizerNotWritten",
        }
    }
}

/// Writes `status`, unless `object` has just that.
///
/// # Errors
/// When the API server refuses it, or the object was deleted, perhaps made again, meanwhile.
pub async fn apply_status(
    client: &Client,
    object: &ProtectedApi,
    status: &ProtectedApiStatus,
) -> Result<(), WriteError> {
    if object.status.as_ref() == Some(status) {
        return Ok(());
    }
    let api = api(client, &object.metadata);
    let name = object.name_any();
    let mut version = object.metadata.resource_version.clone();
    for _ in 0..STATUS_ATTEMPTS {
        match apply_to_version(&api, &name, version, status).await {
            Err(kube::Error::Api(refusal)) if refusal.code == 409 => {}
            result => return result.map_err(WriteError::Status),
        }
        let current = api
            .get_metadata(&name)
            .await
            .map_err(WriteError::Status)?
            .metadata;
        if current.uid != object.metadata.uid {
            return Err(WriteError::Replaced);
        }
        version = current.resource_version;
    }
    Err(WriteError::Contended)
}

/// The version keeps the status of a deleted object from its successor of the same name; a UID in the patch would not:
/// the API server puts the metadata of a status back before it looks at it.
async fn apply_to_version(
    api: &Api<ProtectedApi>,
    name: &str,
    version: Option<String>,
    status: &ProtectedApiStatus,
) -> Result<(), kube::Error> {
    let patch = json!({
        "apiVersion": ProtectedApi::api_version(&()),
        "kind": ProtectedApi::kind(&()),
        "metadata": {"resourceVersion": version},
        "status": status,
    });
    let options = PatchParams::apply(FIELD_MANAGER).force();
    api.patch_status(name, &options, &Patch::Apply(patch)).await?;
    Ok(())
}

/// Whether the object waits for us before it goes.
#[must_use]
pub fn has_finalizer(metadata: &ObjectMeta) -> bool {
    position(metadata).is_some()
}

/// Makes the object wait for us before it goes.
///
/// # Errors
/// When the API server refuses it.
pub async fn add_finalizer(client: &Client, metadata: &ObjectMeta) -> Result<(), WriteError> {
    match metadata.finalizers.as_deref() {
        _ if has_finalizer(metadata) => Ok(()),
        None | Some([]) => {
            let add = json!({"op": "add", "path": "/metadata/finalizers", "value": [FINALIZER]});
            // Another controller's finalizer must not be lost, if it came meanwhile.
            let test = json!({"op": "test", "path": "/metadata/finalizers", "value": metadata.finalizers});
            patch_finalizers(client, metadata, vec![test, add]).await
        }
        Some(_) => {
            let add = json!({"op": "add", "path": "/metadata/finalizers/-", "value": FINALIZER});
            patch_finalizers(client, metadata, vec![add]).await
        }
    }
}

/// Lets the object go, as far as it is up to us. Works on metadata alone, so also for a malformed object.
///
/// # Errors
/// When the API server refuses it; that the object is gone already is none.
pub async fn remove_finalizer(client: &Client, metadata: &ObjectMeta) -> Result<(), WriteError> {
    let Some(at) = position(metadata) else {
        return Ok(());
    };
    let path = format!("/metadata/finalizers/{at}");
    let test = json!({"op": "test", "path": path, "value": FINALIZER});
    let remove = json!({"op": "remove", "path": path});
    match patch_finalizers(client, metadata, vec![test, remove]).await {
        Err(WriteError::Finalizer(kube::Error::Api(status))) if status.code == 404 => Ok(()),
        result => result,
    }
}

fn position(metadata: &ObjectMeta) -> Option<usize> {
    metadata
        .finalizers
        .iter()
        .flatten()
        .position(|finalizer| finalizer == FINALIZER)
}

async fn patch_finalizers(
    client: &Client,
    metadata: &ObjectMeta,
    mut steps: Vec<Value>,
) -> Result<(), WriteError> {
    // A successor of the same name is another object.
    steps.insert(
        0,
        json!({"op": "test", "path": "/metadata/uid", "value": metadata.uid}),
    );
    let patch = Patch::<()>::Json(serde_json::from_value(Value::Array(steps))?);
    let options = PatchParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PatchParams::default()
    };
    let name = metadata.name.as_deref().unwrap_or_default();
    let _: PartialObjectMeta<ProtectedApi> = api(client, metadata)
        .patch_metadata(name, &options, &patch)
        .await
        .map_err(WriteError::Finalizer)?;
    Ok(())
}

fn api(client: &Client, metadata: &ObjectMeta) -> Api<ProtectedApi> {
    Api::namespaced(client.clone(), metadata.namespace.as_deref().unwrap_or_default())
}
