//! What of the behaviours and of the origin stands in the way of a lock.

use super::{ID, Judged, refusal};
use crate::api::AdoptionRefusal;
use crate::domain::access::proof::Proof;
use crate::domain::edge::places::api_origin;
use crate::domain::edge::xml::{self, Element};
use crate::domain::kernel::secret::Secret;
use std::collections::BTreeSet;

/// What would be refused by the lock, or written over.
pub(super) fn of_behaviours(judged: &Judged<'_>, config: &Element) -> Vec<AdoptionRefusal> {
    let origin = api_origin(config, judged.origin.0);
    let mut refusals: Vec<AdoptionRefusal> = without_proof(judged, config, &origin).into_iter().collect();
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

/// Behaviours beside the default one that lead to the API without its proof: the signer is the default behaviour's alone, and a secret
/// value goes into one origin alone, that of the default behaviour.
fn without_proof(judged: &Judged<'_>, config: &Element, own: &str) -> Option<AdoptionRefusal> {
    let is_sent = |origin: &str| judged.proof.has_value() && origin == own;
    let of_api = origins_of(config, judged.origin.0);
    let others = xml::items_at(config, "CacheBehaviors").into_iter();
    let refused: Vec<String> = others
        .filter(|behaviour| {
            let target = xml::text_at(behaviour, "TargetOriginId").unwrap_or_default();
            let mut reached = reached_by(config, &target).into_iter();
            reached.any(|origin| of_api.contains(&origin) && !is_sent(&origin))
        })
        .filter_map(|behaviour| xml::text_at(behaviour, "PathPattern"))
        .collect();
    if refused.is_empty() {
        return None;
    }
    let patterns = refused.join(", ");
    let (message, remedy) = if *judged.proof == Proof::Signature {
        (
            format!(
                "its behaviours {patterns} lead to the same API without the signer of this object, so that their viewers may be refused \
                 once the API is locked"
            ),
            format!(
                "let the default behavior serve their paths in place of these. Or have them use the origin {own} alone, which the default \
                 behavior uses, and write spec.access.mode: SecretHeader: CloudFront sends the header to that origin"
            ),
        )
    } else {
        (
            format!(
                "its behaviours {patterns} lead to the same API by another origin than {own}, which alone is sent the secret value, so \
                 that their viewers may be refused once the API is locked"
            ),
            format!(
                "have these behaviours use the origin {own} alone, which the default behavior uses, or let the default behavior serve \
                 their paths"
            ),
        )
    };
    Some(refusal("BehaviorLeadsToApi", ID, message, remedy))
}

/// Ids of all origins that are the API: a configuration may have it more than once.
fn origins_of(config: &Element, domain: &str) -> BTreeSet<String> {
    let origins = xml::items_at(config, "Origins").into_iter();
    let is_api = |origin: &&Element| {
        xml::text_at(origin, "DomainName").is_some_and(|name| name.eq_ignore_ascii_case(domain))
    };
    origins
        .filter(is_api)
        .filter_map(|origin| xml::text_at(origin, "Id"))
        .collect()
}

/// Ids of the origins that a behaviour with this target may ask: the target itself, or the members of a group that it is.
fn reached_by(config: &Element, target: &str) -> Vec<String> {
    let mut groups = xml::items_at(config, "OriginGroups").into_iter();
    let group = groups.find(|group| xml::text_at(group, "Id").as_deref() == Some(target));
    let Some(group) = group else {
        return vec![target.to_owned()];
    };
    let members = xml::items_at(group, "Members").into_iter();
    members
        .filter_map(|member| xml::text_at(member, "OriginId"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::adoption::fixtures::{API, found, refused, web_acl};

    /// The reasons, where a behaviour has this target beside an origin `api2` of this name, and a group of it and the API's own origin.
    fn reasons(target: &str, name: &str, proof: &Proof) -> Vec<String> {
        let found = found(|config, _| {
            let mut origins: Vec<Element> = xml::items_at(config, "Origins").into_iter().cloned().collect();
            let mut other = origins[0].clone();
            xml::put(&mut other, xml::text("Id", "api2"), &[]);
            xml::put(&mut other, xml::text("DomainName", name), &[]);
            origins.push(other);
            xml::put(config, xml::list("Origins", origins), &[]);
            let member = |id: &str| xml::parent("OriginGroupMember", vec![xml::text("OriginId", id)]);
            let members = xml::list("Members", vec![member("their-api"), member("api2")]);
            let group = xml::parent("OriginGroup", vec![xml::text("Id", "group"), members]);
            xml::put(config, xml::list("OriginGroups", vec![group]), &[]);
            let behaviour = vec![
                xml::text("PathPattern", "/pets/*"),
                xml::text("TargetOriginId", target),
            ];
            let behaviours = xml::list("CacheBehaviors", vec![xml::parent("CacheBehavior", behaviour)]);
            xml::put(config, behaviours, &[]);
        });
        let refused = refused(&found, web_acl(), None, proof).into_iter();
        refused.map(|(reason, _)| reason).collect()
    }

    #[test]
    fn each_behaviour_that_leads_to_the_api_without_its_proof_is_refused() {
        const REFUSED: [&str; 1] = ["BehaviorLeadsToApi"];
        let shouted = API.to_uppercase();
        let header = Proof::Header("x-origin-verify".into());
        for proof in [Proof::Signature, Proof::Key, header.clone()] {
            for (target, name) in [("api2", API), ("api2", &shouted), ("group", API)] {
                assert_eq!(
                    reasons(target, name, &proof),
                    REFUSED,
                    "{target} {name} {proof:?}"
                );
            }
        }
        assert_eq!(
            reasons("their-api", "else.example.com", &Proof::Signature),
            REFUSED
        );
        assert_eq!(reasons("group", "else.example.com", &Proof::Signature), REFUSED);
        assert!(reasons("api2", "else.example.com", &Proof::Signature).is_empty());
        for target in ["their-api", "api2", "group"] {
            let reasons = reasons(target, "else.example.com", &header);
            assert!(
                reasons.is_empty(),
                "{target}: CloudFront sends the header to that origin"
            );
        }
    }
}
