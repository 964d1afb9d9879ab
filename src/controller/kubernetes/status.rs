//! Writing an object's status and finalizer.

use crate::api::{
    ACCOUNT_FINALIZER, AwsAccount, AwsAccountStatus, CLASS_FINALIZER, FIELD_MANAGER, FINALIZER,
    PerimeterClass, PerimeterClassStatus, PerimeterPlan, PerimeterPlanStatus, ProtectedApi,
    ProtectedApiStatus,
};
use crate::api_server::answered;
use kube::api::{DeleteParams, ObjectMeta, PartialObjectMeta, Patch, PatchParams, Preconditions};
use kube::{Api, Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fmt::Debug;

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
    /// The finalizer, or an annotation, was refused.
    #[error("writing the finalizer or an annotation: {0}")]
    Finalizer(#[source] kube::Error),
    /// The deletion was refused.
    #[error("the object was not deleted: {0}")]
    Deletion(#[source] kube::Error),
    /// The patch cannot be put into words.
    #[error("writing the finalizer: {0}")]
    Patch(#[from] serde_json::Error),
}

impl WriteError {
    /// Whether the API server does not let us, as it will not the next time either.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Status(kube::Error::Api(status))
            | Self::Finalizer(kube::Error::Api(status))
            | Self::Deletion(kube::Error::Api(status)) => {
                matches!(status.code, 400 | 401 | 403 | 405)
            }
            _ => false,
        }
    }

    /// Name of the failed step, for conditions, events and metrics.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self {
            Self::Status(_) | Self::Replaced | Self::Contended => "StatusNotWritten",
            Self::Finalizer(_) | Self::Patch(_) => "FinalizerNotWritten",
            Self::Deletion(_) => "NotDeleted",
        }
    }
}

/// A kind whose status we write.
pub trait Told: Resource<DynamicType = ()> + DeserializeOwned + Clone + Debug {
    /// Its status.
    type Status: Serialize + PartialEq + Sync;
    /// Where an object with this metadata is written.
    fn api(client: &Client, metadata: &ObjectMeta) -> Api<Self>;
    /// The object's status.
    fn status(&self) -> Option<&Self::Status>;
}

/// A kind that we look after until we let it go.
pub trait Kept: Told {
    /// What we hold an object by.
    const FINALIZER: &'static str;
}

impl Kept for ProtectedApi {
    const FINALIZER: &'static str = FINALIZER;
}

impl Kept for AwsAccount {
    const FINALIZER: &'static str = ACCOUNT_FINALIZER;
}

impl Kept for PerimeterClass {
    const FINALIZER: &'static str = CLASS_FINALIZER;
}

impl Told for ProtectedApi {
    type Status = ProtectedApiStatus;

    fn api(client: &Client, metadata: &ObjectMeta) -> Api<Self> {
        Api::namespaced(client.clone(), metadata.namespace.as_deref().unwrap_or_default())
    }

    fn status(&self) -> Option<&ProtectedApiStatus> {
        self.status.as_ref()
    }
}

impl Told for AwsAccount {
    type Status = AwsAccountStatus;

    fn api(client: &Client, _: &ObjectMeta) -> Api<Self> {
        Api::all(client.clone())
    }

    fn status(&self) -> Option<&AwsAccountStatus> {
        self.status.as_ref()
    }
}

impl Told for PerimeterClass {
    type Status = PerimeterClassStatus;

    fn api(client: &Client, _: &ObjectMeta) -> Api<Self> {
        Api::all(client.clone())
    }

    fn status(&self) -> Option<&PerimeterClassStatus> {
        self.status.as_ref()
    }
}

impl Told for PerimeterPlan {
    type Status = PerimeterPlanStatus;

    fn api(client: &Client, metadata: &ObjectMeta) -> Api<Self> {
        Api::namespaced(client.clone(), metadata.namespace.as_deref().unwrap_or_default())
    }

    fn status(&self) -> Option<&PerimeterPlanStatus> {
        self.status.as_ref()
    }
}

/// Writes `status`, unless `object` has just that; as often as others change the object meanwhile.
///
/// # Errors
/// When the API server refuses it, or the object was deleted, perhaps made again, meanwhile.
pub async fn apply_status<K: Told>(
    client: &Client,
    object: &K,
    status: &K::Status,
) -> Result<(), WriteError> {
    let mut version = object.resource_version();
    for _ in 0..STATUS_ATTEMPTS {
        match apply_to_version(client, object, version, status).await {
            Err(kube::Error::Api(refusal)) if refusal.code == 409 => {}
            result => return result.map_err(WriteError::Status),
        }
        let api = K::api(client, object.meta());
        let current = answered(api.get_metadata(&object.name_any())).await;
        let current = current.map_err(WriteError::Status)?.metadata;
        if current.uid != object.uid() {
            return Err(WriteError::Replaced);
        }
        version = current.resource_version;
    }
    Err(WriteError::Contended)
}

/// Writes `status`, unless `object` has just that. That others changed the object meanwhile is an error, and calls for
/// another pass: this needs no right to read the object anew.
///
/// # Errors
/// When the API server refuses it.
pub async fn apply_status_once<K: Told>(
    client: &Client,
    object: &K,
    status: &K::Status,
) -> Result<(), WriteError> {
    let written = apply_to_version(client, object, object.resource_version(), status).await;
    written.map_err(WriteError::Status)
}

/// Writes `status`, unless `object` has just that, as long as the object's version is still `version`.
///
/// The version keeps the status of a deleted object from its successor of the same name; a UID in the patch would not:
/// the API server puts the metadata of a status back before it looks at it.
async fn apply_to_version<K: Told>(
    client: &Client,
    object: &K,
    version: Option<String>,
    status: &K::Status,
) -> Result<(), kube::Error> {
    if object.status() == Some(status) {
        return Ok(());
    }
    let patch = json!({
        "apiVersion": K::api_version(&()),
        "kind": K::kind(&()),
        "metadata": {"resourceVersion": version},
        "status": status,
    });
    let options = PatchParams::apply(FIELD_MANAGER).force();
    let api = K::api(client, object.meta());
    let (name, patch) = (object.name_any(), Patch::Apply(patch));
    answered(api.patch_status(&name, &options, &patch)).await?;
    Ok(())
}

/// Deletes the object, which nothing holds; that it is gone already is no error, and neither is a successor of its name.
///
/// # Errors
/// When the API server refuses it.
pub async fn delete<K: Told>(client: &Client, metadata: &ObjectMeta) -> Result<(), WriteError> {
    let options = DeleteParams {
        preconditions: Some(Preconditions {
            uid: metadata.uid.clone(),
            resource_version: None,
        }),
        ..DeleteParams::default()
    };
    let name = metadata.name.as_deref().unwrap_or_default();
    match answered(K::api(client, metadata).delete(name, &options)).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
        Err(error) => Err(WriteError::Deletion(error)),
    }
}

/// Whether the object waits for us before it goes.
#[must_use]
pub fn has_finalizer<K: Kept>(metadata: &ObjectMeta) -> bool {
    position::<K>(metadata).is_some()
}

/// Makes the object wait for us before it goes.
///
/// # Errors
/// When the API server refuses it.
pub async fn add_finalizer<K: Kept>(client: &Client, metadata: &ObjectMeta) -> Result<(), WriteError> {
    match metadata.finalizers.as_deref() {
        _ if has_finalizer::<K>(metadata) => Ok(()),
        None | Some([]) => {
            let add = json!({"op": "add", "path": "/metadata/finalizers", "value": [K::FINALIZER]});
            // Another controller's finalizer must not be lost, if it came meanwhile.
            let test = json!({"op": "test", "path": "/metadata/finalizers", "value": metadata.finalizers});
            patch_metadata::<K>(client, metadata, vec![test, add]).await
        }
        Some(_) => {
            let add = json!({"op": "add", "path": "/metadata/finalizers/-", "value": K::FINALIZER});
            patch_metadata::<K>(client, metadata, vec![add]).await
        }
    }
}

/// Lets the object go, as far as it is up to us. Works on metadata alone, so also for a malformed object.
///
/// # Errors
/// When the API server refuses it; that the object is gone already is none.
pub async fn remove_finalizer<K: Kept>(client: &Client, metadata: &ObjectMeta) -> Result<(), WriteError> {
    let Some(at) = position::<K>(metadata) else {
        return Ok(());
    };
    let path = format!("/metadata/finalizers/{at}");
    let test = json!({"op": "test", "path": path, "value": K::FINALIZER});
    let remove = json!({"op": "remove", "path": path});
    match patch_metadata::<K>(client, metadata, vec![test, remove]).await {
        Err(WriteError::Finalizer(kube::Error::Api(status))) if status.code == 404 => Ok(()),
        result => result,
    }
}

/// Writes `value` into an annotation that has `before`; where others changed it meanwhile, that is an error, and calls for another pass.
///
/// # Errors
/// When the API server refuses it.
pub async fn change_annotation<K: Told>(
    client: &Client,
    metadata: &ObjectMeta,
    key: &str,
    (before, value): (&str, Option<&str>),
) -> Result<(), WriteError> {
    let path = format!(
        "/metadata/annotations/{}",
        key.replace('~', "~0").replace('/', "~1")
    );
    let test = json!({"op": "test", "path": path, "value": before});
    let change = match value {
        Some(value) => json!({"op": "add", "path": path, "value": value}),
        None => json!({"op": "remove", "path": path}),
    };
    patch_metadata::<K>(client, metadata, vec![test, change]).await
}

fn position<K: Kept>(metadata: &ObjectMeta) -> Option<usize> {
    metadata
        .finalizers
        .iter()
        .flatten()
        .position(|finalizer| finalizer == K::FINALIZER)
}

async fn patch_metadata<K: Told>(
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
    let api = K::api(client, metadata);
    let written = answered(api.patch_metadata(name, &options, &patch)).await;
    let _: PartialObjectMeta<K> = written.map_err(WriteError::Finalizer)?;
    Ok(())
}
