//! What of the behaviours and of the origin stands in the way of a lock.

use super::{ID, Judged, refusal};
use crate::api::AdoptionRefusal;
use crate::domain::access::proof::Proof;
use crate::domain::edge::places::api_origin;
use crate::domain::edge::xml::{self, Element};
use crate::domain::kernel::secret::Secret;

/// What would be refused by the lock, or written over.
pub(super) fn of_behaviours(judged: &Judged<'_>, config: &Element) -> Vec<AdoptionRefusal> {
    let origin = api_origin(config, judged.origin.0);
    let mut refusals = Vec::new();
    let others = xml::items_at(config, "CacheBehaviors").into_iter();
    let to_api = others.filter(|it| xml::text_at(it, "TargetOriginId").as_ref() == Some(&origin));
    let patterns: Vec<String> = to_api.filter_map(|it| xml::text_at(it, "PathPattern")).collect();
    if *judged.proof == Proof::Signature && !patterns.is_empty() {
        refusals.push(refusal(
            "BehaviorLeadsToApi",
            ID,
            format!(
                "its behaviours {} lead to the same API without the signer of this object, so that their viewers may be refused once the API \
                 is locked",
                patterns.join(", ")
            ),
            "let the default behavior serve their paths in place of these, or write spec.access.mode: SecretHeader, which \
             CloudFront sends for all of them"
                .to_owned(),
        ));
    }
    let Some(header) = judged.proof.header() else {
        return refusals;
    };
    let mut origins = xml::items_at(config, "Origins").into_iter();
    let own = origins.find(|it| xml::text_at(it, "Id").as_ref() == Some(&origin));
    let headers = own
        .into_iter()
        .flat_map(|origin| xml::items_at(origin, "CustomHeaders"));
    let theirs = headers.filter(|it| {
        let value = xml::text_at(it, "HeaderValue");
        value.is_none_or(|value| !Secret::new(value).is_ours())
    });
    let mut names = theirs.filter_map(|it| xml::text_at(it, "HeaderName"));
    if names.any(|name| name.eq_ignore_ascii_case(header)) {
        refusals.push(refusal(
            "HeaderTaken",
            "spec.access",
            format!("it sends the header {header} to the API already, and its value could not be given back"),
            "choose another spec.access.secretHeader.name, or spec.access.mode: SigV4".to_owned(),
        ));
    }
    refusals
}
