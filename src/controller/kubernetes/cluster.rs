//! Which cluster this is: AWS resources are marked with it.

use crate::api_server::answered;
use k8s_openapi::api::core::v1::Namespace;
use kube::api::ObjectMeta;
use kube::{Api, Client};

/// Why it is not known which cluster this is.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The API server's answer.
    #[error(transparent)]
    Unread(#[from] kube::Error),
    /// AWS resources would be marked as those of no cluster.
    #[error(
        "the answer has no metadata.uid, by which AWS resources are marked as this cluster's; look at `kubectl get namespace \
         kube-system -o yaml`, and at what stands between the controller and the API server"
    )]
    NoUid,
}

/// UID of the Namespace kube-system, which stands for the cluster.
///
/// # Errors
/// [`ClusterError`].
pub async fn cluster_uid(client: &Client) -> Result<String, ClusterError> {
    let namespaces = Api::<Namespace>::all(client.clone());
    let namespace = answered(namespaces.get_metadata("kube-system")).await?;
    uid_of(&namespace.metadata)
}

fn uid_of(namespace: &ObjectMeta) -> Result<String, ClusterError> {
    let uid = namespace.uid.clone().filter(|uid| !uid.is_empty());
    uid.ok_or(ClusterError::NoUid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_without_a_uid_is_none_and_what_is_missing_is_named() {
        let of = |uid: Option<&str>| {
            uid_of(&ObjectMeta {
                uid: uid.map(ToOwned::to_owned),
                ..ObjectMeta::default()
            })
        };
        assert_eq!(of(Some("c1")).expect("a UID"), "c1");
        for missing in [None, Some("")] {
            let error = of(missing).expect_err("no UID").to_string();
            assert!(error.contains("metadata.uid"), "{error}");
        }
    }
}
