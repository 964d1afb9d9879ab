//! One API and stage has one owner: within the cluster, and across clusters.

use crate::api::{Enforcement, MutualTlsStatus, Origin, OriginType, ProtectedApiSpec};
use crate::domain::access::proof::Proof;
use crate::domain::edge::distribution::Listed;
use crate::domain::kernel::identity::{Owner, TAG_CLUSTER, TAG_RETAINED, Tags, owner_of};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use std::collections::BTreeSet;

/// An object that protects the same API and stage; the smaller one comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// Who has it already comes before the others, however old those are.
    pub hold: Hold,
    /// RFC 3339, which sorts by time.
    pub created: String,
    /// Breaks ties between objects of one second.
    pub uid: String,
    /// `<namespace>/<name>`, for people.
    pub object: String,
    /// Whether it has resources, also where it waits for another one by now: they may serve viewers.
    pub stands: bool,
    /// Whether it is being deleted.
    pub is_leaving: bool,
}

/// How far an object has come with what it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// As it is declared now, it was accepted.
    Accepted,
    /// It has resources, of what it declared before or declares now.
    Built,
    /// It has nothing yet, or waits for another one.
    Waiting,
}

/// Whether an object that is refused for this reason only waits for another object.
#[must_use]
pub fn waits_for_another(reason: Reason) -> bool {
    matches!(reason, Reason::OwnedByAnother | Reason::AccessDiffers)
}

/// Whether an object that is refused for this reason is so by what it says itself: what can be built of it nobody waits for.
/// Accounts and classes may be ready in a moment, and what stands elsewhere may go.
#[must_use]
pub fn is_void(reason: Reason) -> bool {
    !waits_for_another(reason)
        && !matches!(
            reason,
            Reason::ProtectedElsewhere
                | Reason::TakeOverRefused
                | Reason::HandedOver
                | Reason::HandoverPending
                | Reason::AccountNotFound
                | Reason::AccountNotReady
                | Reason::AccountChanged
                | Reason::ClassNotFound
                | Reason::ClassInvalid
                | Reason::DefaultClassAmbiguous
                | Reason::QuotaReached
        )
}

/// The claim that comes before `own`, if one does.
#[must_use]
pub fn first_of<'a>(own: &Claim, others: impl IntoIterator<Item = &'a Claim>) -> Option<&'a Claim> {
    others
        .into_iter()
        .filter(|other| other.uid != own.uid && *other < own)
        .min()
}

/// The claim of another stage, whose lock contradicts that of `own`, that keeps `own` back, if one does. `by_header`: `own`
/// asks for a secret header, which shuts out whoever comes through another lock of the methods that both share. So whoever
/// stands is in its way, however young; only what was accepted as it is declared now keeps that lock.
#[must_use]
pub fn bound_by<'a>(
    own: &Claim,
    by_header: bool,
    others: impl IntoIterator<Item = &'a Claim>,
) -> Option<&'a Claim> {
    let may_begin = by_header && own.hold != Hold::Accepted;
    let others = others.into_iter().filter(|other| other.uid != own.uid);
    others
        .filter(|other| *other < own || (may_begin && other.stands))
        .min()
}

/// The refusal of an object that waits until `owner`, which protects `what` and is being deleted, is gone.
fn until_gone(reason: Reason, field: &str, owner: &Claim, what: &str) -> Rejection {
    let first = &owner.object;
    let message = format!(
        "{field}: {first} protects {what}, and is being deleted. Nothing is to be done here: once it is gone, this object goes on by \
         itself. Should that take long, the condition Ready of {first} says what its deletion waits for"
    );
    Rejection::for_now(reason, message)
}

/// The refusal of an object whose API and stage belong to `owner`.
#[must_use]
pub fn owned_by(owner: &Claim, origin: &Origin) -> Rejection {
    if owner.is_leaving {
        let stage = format!("stage {} of {}", origin.stage, origin.endpoint);
        return until_gone(Reason::OwnedByAnother, "spec.origin", owner, &stage);
    }
    Rejection::new(
        Reason::OwnedByAnother,
        format!(
            "spec.origin: stage {stage} of {} is protected by {first}, which was there first and may serve viewers. A stage has \
             one ProtectedApi: write into {first} what you want of the stage, or name another stage here. Once {first} is gone \
             or names another stage, this object goes on by itself",
            origin.endpoint,
            stage = origin.stage,
            first = owner.object
        ),
    )
}

/// Whether two specs name one distribution to adopt.
#[must_use]
pub fn adopts_same(a: &ProtectedApiSpec, b: &ProtectedApiSpec) -> bool {
    let id = |spec: &ProtectedApiSpec| {
        let adopt = spec.distribution.as_ref()?.adopt.as_ref()?;
        Some(adopt.id.clone())
    };
    id(a).is_some() && id(a) == id(b)
}

/// The refusal of an object that names a distribution which `owner` adopts.
#[must_use]
pub fn adopted_by(owner: &Claim, spec: &ProtectedApiSpec) -> Rejection {
    let adopt = spec
        .distribution
        .as_ref()
        .and_then(|wanted| wanted.adopt.as_ref());
    let id = adopt.map(|adopt| adopt.id.as_str()).unwrap_or_default();
    let field = "spec.distribution.adopt.id";
    if owner.is_leaving {
        return until_gone(
            Reason::OwnedByAnother,
            field,
            owner,
            &format!("what distribution {id} serves"),
        );
    }
    Rejection::new(
        Reason::OwnedByAnother,
        format!(
            "{field}: {first} names distribution {id}, too, and was there first. A distribution has one ProtectedApi: write into {first} \
             what you want of it. Once {first} is gone, this object goes on by itself",
            first = owner.object
        ),
    )
}

/// Why two specs ask for locks that stages of one API cannot both have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// One asks for mutual TLS, which switches off the default endpoint by which the perimeter of the other reaches its stage.
    Endpoint,
    /// Both ask for mutual TLS, and not both let other stages lose the default endpoint.
    Stages,
    /// One asks for a secret header: each object has an authorizer of its own, and a method asks one.
    Header,
    /// They differ otherwise, and stages share their methods.
    Otherwise,
}

/// Whether two specs ask for locks that stages of one API, which share their methods or routes and the default endpoint, cannot both
/// have: different ones; authorizers, since each object has one of its own, and a method asks one; or that the default endpoint is
/// switched off, unless both let the other stages lose it.
#[must_use]
pub fn asks_otherwise(a: &ProtectedApiSpec, b: &ProtectedApiSpec) -> bool {
    let lock = |spec: &ProtectedApiSpec| {
        let access = spec.access.clone().unwrap_or_default();
        let excluded: BTreeSet<_> = access.exclude_methods.unwrap_or_default().into_iter().collect();
        (Proof::of(spec), access.enforcement.unwrap_or_default(), excluded)
    };
    let is_agreed = is_for_all_stages(a) && is_for_all_stages(b);
    let (a, b) = (lock(a), lock(b));
    let locks_by_header = matches!(a, (Proof::Header(_), Enforcement::Enforce, _));
    let switches_off = matches!(a, (Proof::Certificate, Enforcement::Enforce, _));
    a != b || locks_by_header || (switches_off && !is_agreed)
}

/// Whether other stages of the API may lose its default endpoint, too.
fn is_for_all_stages(spec: &ProtectedApiSpec) -> bool {
    let access = spec.access.as_ref();
    let mutual_tls = access.and_then(|access| access.mutual_tls.as_ref());
    mutual_tls.is_some_and(|wanted| wanted.disable_for_all_stages.unwrap_or_default())
}

/// Why two specs that [`asks_otherwise`] tells apart cannot both be had.
#[must_use]
pub fn clash(a: &ProtectedApiSpec, b: &ProtectedApiSpec) -> Clash {
    let by_certificate = [a, b].map(|spec| Proof::of(spec) == Proof::Certificate);
    match by_certificate {
        [true, true] if !(is_for_all_stages(a) && is_for_all_stages(b)) => Clash::Stages,
        [true, false] | [false, true] => Clash::Endpoint,
        _ if asks_for_header(a) || asks_for_header(b) => Clash::Header,
        _ => Clash::Otherwise,
    }
}

/// The refusal of an object whose lock would contradict that of `owner`, on another stage of the same API.
#[must_use]
pub fn access_differs(owner: &Claim, origin: &Origin, clash: Clash) -> Rejection {
    if owner.is_leaving {
        let stage = format!("another stage of {} in another way", origin.endpoint);
        return until_gone(Reason::AccessDiffers, "spec.access", owner, &stage);
    }
    let modes = match origin.r#type {
        OriginType::Rest => "SigV4, or both to ApiKey",
        OriginType::Http | OriginType::WebSocket => "SigV4",
    };
    let (other, endpoint) = (&owner.object, &origin.endpoint);
    let message = match clash {
        Clash::Endpoint => format!(
            "spec.access.mode: {other} protects another stage of {endpoint}, and one of the two has the mode MutualTls, which switches \
             off the API's default endpoint. It is the endpoint of all stages, and in the other modes CloudFront reaches the API by \
             it. Where nothing is built for this object yet, declare it anew with the mode of {other}; where it was changed to MutualTls, \
             set it back, or change {other} as well, with spec.access.mutualTls.disableForAllStages: true in both; where it was changed from \
             MutualTls, change {other} as well. What stands goes on as it is"
        ),
        Clash::Stages => format!(
            "spec.access.mutualTls.disableForAllStages: {other} protects another stage of {endpoint}, and the default endpoint, which \
             is switched off, is that of both: set it to true in both objects. What stands goes on as it is"
        ),
        Clash::Header => format!(
            "spec.access.mode: {other} protects another stage of {endpoint}; stages share their methods, a method asks one authorizer, \
             and under SecretHeader each object has one of its own. Set the mode of both to {modes}, with the same enforcement \
             and excludeMethods. What stands goes on as it is"
        ),
        Clash::Otherwise => format!(
            "spec.access: {other} protects another stage of {endpoint}, and stages share their methods: give both the same mode, \
             enforcement and excludeMethods. What stands goes on as it is"
        ),
    };
    Rejection::new(Reason::AccessDiffers, message)
}

/// Whether a spec asks for a secret header.
#[must_use]
pub fn asks_for_header(spec: &ProtectedApiSpec) -> bool {
    matches!(Proof::of(spec), Proof::Header(_))
}

/// Whether tags name another cluster than the owner's, and an object there that did not leave its perimeter behind.
#[must_use]
pub fn is_elsewhere(tags: &Tags, owner: &Owner) -> bool {
    names_other_cluster(tags, &owner.cluster)
}

pub(in crate::domain) fn names_other_cluster(tags: &Tags, cluster: &str) -> bool {
    !tags.contains_key(TAG_RETAINED) && tags.get(TAG_CLUSTER).is_some_and(|found| found != cluster)
}

/// The refusal of an object before whose API another cluster's distribution stands, which bears `tags`.
#[must_use]
pub fn protected_elsewhere(distribution: &Listed, tags: &Tags) -> Rejection {
    let take_over = owner_of(tags).map(|owner| {
        format!(
            "To take it over as it stands, write spec.takeOver: {{uid: {uid}}} here, and there set spec.deletionPolicy: Retain on \
             {object} and delete that object; if that cluster is lost, and only then, write spec.takeOver: {{uid: {uid}, keeperIsGone: \
             true}} instead. ",
            uid = owner.uid,
            object = owner.keeper().object(),
        )
    });
    Rejection::new(
        Reason::ProtectedElsewhere,
        format!(
            "spec.origin: distribution {id} of another cluster, {cluster} ({comment}), stands before the same API and path, and serves \
             viewers. {take_over}To build another perimeter beside it, have it retained there alike, without spec.takeOver here; if \
             that cluster is gone, run `aws cloudfront tag-resource --resource {arn} --tags 'Items=[{{Key={TAG_RETAINED},Value=moved}}]'`",
            id = distribution.id,
            arn = distribution.arn,
            cluster = tags.get(TAG_CLUSTER).map_or("", String::as_str),
            comment = distribution.comment,
            take_over = take_over.unwrap_or_default(),
        ),
    )
}

/// The same of an object that mutual TLS serves: what stands goes on, and nobody replaces its client certificate meanwhile.
#[must_use]
pub fn while_it_stands(rejection: Rejection, known: &MutualTlsStatus) -> Rejection {
    let (Some(name), Some(until)) = (&known.origin_domain, &known.client_certificate_not_after) else {
        return rejection;
    };
    let message = format!(
        "{}. This object's own viewers come by {name} as before, until its client certificate expires at {until}: none takes its place while \
         two clusters stand before one API and path. Within that time set spec.access of the other object back to MutualTls: this one is \
         looked after again by that. Where both are for one stage, lead these viewers to the other distribution instead; where the other one \
         is for another stage, a spec.origin.path of its own there (/STAGE), which takes the stage off its viewers' paths, helps as well",
        rejection.message
    );
    Rejection { message, ..rejection }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn spec(access: &Value) -> ProtectedApiSpec {
        let origin = json!({"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod"});
        serde_json::from_value(json!({"origin": origin, "access": access})).unwrap()
    }

    fn by_certificate(is_for_all: bool, enforcement: &str) -> ProtectedApiSpec {
        spec(&json!({
            "mode": "MutualTls", "enforcement": enforcement,
            "mutualTls": {
                "hostedZoneId": "Z1", "originDomain": "origin.shop.example.com", "truststoreBucket": "shop-truststores",
                "disableForAllStages": is_for_all,
            },
        }))
    }

    fn said(clash: Clash) -> String {
        let owner = Claim {
            hold: Hold::Accepted,
            created: String::new(),
            uid: "1".to_owned(),
            object: "shop/first".to_owned(),
            stands: true,
            is_leaving: false,
        };
        access_differs(&owner, &spec(&json!({})).origin, clash).message
    }

    #[test]
    fn what_stands_by_mutual_tls_is_told_until_when_and_what_to_do() {
        let refused = Rejection::new(Reason::ProtectedElsewhere, "spec.origin: taken".to_owned());
        let mut known = MutualTlsStatus {
            client_certificate_not_after: Some("2026-03-31T12:00:00Z".into()),
            ..MutualTlsStatus::default()
        };
        assert_eq!(
            while_it_stands(refused.clone(), &known),
            refused,
            "it leaves nothing"
        );
        known.origin_domain = Some("origin.shop.example.com".into());
        let said = while_it_stands(refused, &known);
        assert_eq!(said.reason, Reason::ProtectedElsewhere);
        for part in [
            "spec.origin: taken. ",
            "origin.shop.example.com",
            "2026-03-31T12:00:00Z",
            "back to MutualTls",
        ] {
            assert!(said.message.contains(part), "{}", said.message);
        }
    }

    #[test]
    fn two_stages_lose_the_default_endpoint_together_only_where_both_objects_agree() {
        let of = |is_for_all: bool| by_certificate(is_for_all, "Enforce");
        assert!(!asks_otherwise(&of(true), &of(true)));
        for (a, b) in [(true, false), (false, true), (false, false)] {
            assert!(asks_otherwise(&of(a), &of(b)), "{a} {b}");
            assert_eq!(clash(&of(a), &of(b)), Clash::Stages);
        }
        let message = said(Clash::Stages);
        assert!(
            message.starts_with("spec.access.mutualTls.disableForAllStages: shop/first"),
            "{message}"
        );
        let observed = |is_for_all: bool| by_certificate(is_for_all, "Observe");
        let differ = asks_otherwise(&observed(true), &observed(false));
        assert!(!differ, "nothing is switched off");
    }

    #[test]
    fn a_stage_that_is_reached_by_the_default_endpoint_stands_beside_no_mutual_tls() {
        for mode in ["SigV4", "ApiKey", "SecretHeader"] {
            let (other, own) = (spec(&json!({"mode": mode})), by_certificate(true, "Enforce"));
            assert!(asks_otherwise(&other, &own), "{mode}");
            assert!(asks_otherwise(&own, &other), "{mode}");
            assert_eq!(clash(&other, &own), Clash::Endpoint, "{mode}");
        }
        let told = said(Clash::Endpoint);
        assert!(told.contains("default endpoint") && told.contains("disableForAllStages: true in both"));
    }

    #[test]
    fn other_modes_clash_by_the_header_or_by_whatever_else_they_differ_in() {
        let of = |mode: &str| spec(&json!({"mode": mode}));
        assert_eq!(clash(&of("SecretHeader"), &of("SigV4")), Clash::Header);
        assert_eq!(clash(&of("ApiKey"), &of("SigV4")), Clash::Otherwise);
        assert!(said(Clash::Header).contains("SecretHeader"));
        assert!(said(Clash::Otherwise).starts_with("spec.access: shop/first"));
    }
}
