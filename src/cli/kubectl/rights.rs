//! What whoever asks may do.

use super::controllers::known;
use super::reach::Reach;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::api::{Api, ObjectMeta, PostParams};
use palisade::api::GROUP;
use palisade::plugin::doctor::Known;

/// Whether that is `verb` of this kind of our group, by what the API server says; `None` where it says nothing.
pub(super) async fn may(reach: &Reach, resource: &str, verb: &str, namespace: Option<&str>) -> Option<bool> {
    let api: Api<SelfSubjectAccessReview> = Api::all(reach.client());
    let review = SelfSubjectAccessReview {
        metadata: ObjectMeta::default(),
        spec: SelfSubjectAccessReviewSpec {
            resource_attributes: Some(ResourceAttributes {
                group: Some(GROUP.to_owned()),
                resource: Some(resource.to_owned()),
                verb: Some(verb.to_owned()),
                namespace: namespace.map(ToOwned::to_owned),
                ..ResourceAttributes::default()
            }),
            ..SelfSubjectAccessReviewSpec::default()
        },
        status: None,
    };
    match known(reach, api.create(&PostParams::default(), &review)).await {
        Known::Seen(review) => review.status.map(|status| status.allowed),
        Known::NotPermitted | Known::Failed(_) => None,
    }
}
