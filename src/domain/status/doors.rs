//! What people are told of the ways around the declared stage, beside the condition that speaks of it.

use super::conditions::{Pass, is_locked_as_asked, is_true, types};
pub use super::door_words::described;
use super::identifiers::is_deploying;
use super::mutual_tls;
pub use super::mutual_tls::is_of_certificates;
use crate::api::{
    AccessMode, Enforcement, OriginType, OtherDoor, OtherDoorState, OtherDoorType, ProtectedApi,
};
use crate::domain::access::asked::other_signers::let_in_besides;
use crate::domain::access::authorization::Desired;
use crate::domain::access::held::{held_mode, proof_meanwhile};
use crate::domain::access::obstacles::policy_wanted::is_in_force;
use crate::domain::access::proof::Proof;
use crate::domain::access::words::listed;
use crate::domain::mutual_tls::leaving::is_declared;
use crate::domain::perimeter::observed::Observed;

/// So many characters status holds of why something could not be read.
const UNREAD: usize = 1024;

/// Whether `object` has a perimeter built before its stage, and goes on seeing to it.
#[must_use]
pub fn declares(object: &ProtectedApi) -> bool {
    is_to_lock(object) && object.metadata.deletion_timestamp.is_none()
}

/// Whether the spec asks for a lock, and is carried out.
fn is_to_lock(object: &ProtectedApi) -> bool {
    let access = object.spec.access.as_ref();
    let enforcement = access.and_then(|access| access.enforcement);
    enforcement.unwrap_or_default() == Enforcement::Enforce && !object.spec.suspend.unwrap_or_default()
}

/// Whether `object` has locked its stage, and goes on seeing to it: what only observes, is suspended, refused or on its way out
/// keeps nobody from the stage tomorrow. While nobody knows, it has not: whoever asks then reads the stage for themselves.
#[must_use]
pub fn has_locked(object: &ProtectedApi) -> bool {
    let Some(status) = &object.status else {
        return false;
    };
    let is = |wanted: &str| is_true(&status.conditions, wanted);
    declares(object) && is(types::ACCEPTED) && is(types::ACCESS_RESTRICTED)
}

/// Whether `object` has locked its stage by an API key, as it is declared now, and goes on seeing to it: the API's methods ask for its
/// key, also while somebody has opened the stage, or nobody can read it.
#[must_use]
pub fn has_locked_by_key(object: &ProtectedApi) -> bool {
    let Some(status) = &object.status else {
        return false;
    };
    let access = status.access.as_ref();
    let known = access.filter(|access| access.locked_stage.as_ref() == Some(&object.spec.origin.stage));
    let is_locked = match known.and_then(|access| access.locked_mode) {
        Some(mode) => mode == AccessMode::ApiKey,
        // Earlier versions did not write it.
        None => {
            status.observed_generation == object.metadata.generation
                && is_locked_as_asked(&status.conditions)
                && has_locked(object)
        }
    };
    is_locked && declares(object) && proof_meanwhile(&object.spec, held_mode(status)) == Proof::Key
}

/// Whether viewers of `object` may come by its API's default endpoint: it has a distribution, and that was not seen to show a client
/// certificate, which it does to another name, everywhere. Whatever becomes of the object, they come as long as that stands.
#[must_use]
pub fn comes_by_default_endpoint(object: &ProtectedApi) -> bool {
    let status = object.status.as_ref();
    let Some(status) = status.filter(|status| status.distribution.is_some()) else {
        return false;
    };
    let access = status.access.as_ref();
    let known = access.and_then(|access| access.mutual_tls.as_ref());
    let is_shown = known.is_some_and(|known| known.client_certificate_arn.is_some());
    !is_shown || is_deploying(status)
}

/// Whether the lock of `object` hangs on its API's default endpoint being off: that is off by it, and no other mode that its spec names
/// was read to lock its stage. What is not known, such as where status is lost, counts as such: whose stage that opens, nobody could say.
/// The object is meant with what its class gives.
#[must_use]
pub fn hangs_on_endpoint(object: &ProtectedApi) -> bool {
    let declared = object.spec.access.as_ref();
    let is_open = declared.is_some_and(|access| access.enforcement == Some(Enforcement::Observe));
    let Some(status) = &object.status else {
        return !is_open;
    };
    let access = status.access.as_ref();
    let known = access.and_then(|access| access.mutual_tls.as_ref());
    let is_off = known.map(|known| known.default_endpoint_off);
    if is_declared(&object.spec) {
        return is_off.unwrap_or(!is_open);
    }
    let wanted = proof_meanwhile(&object.spec, held_mode(status)).access_mode();
    let stage = Some(&object.spec.origin.stage);
    let is_locked = access
        .is_some_and(|access| access.locked_stage.as_ref() == stage && access.locked_mode == Some(wanted));
    is_off.unwrap_or_default() && !(is_open || is_locked)
}

/// Whether `other` locks another stage of `object`'s API: they share its methods.
#[must_use]
pub fn shares(other: &ProtectedApi, object: &ProtectedApi) -> bool {
    let (theirs, own) = (&other.spec.origin, &object.spec.origin);
    theirs.endpoint == own.endpoint && theirs.stage != own.stage && is_to_lock(other)
}

/// An object that shares an API's methods, for people.
#[must_use]
pub fn sharer(object: &ProtectedApi) -> String {
    let of = |text: &Option<String>| text.clone().unwrap_or_default();
    let metadata = &object.metadata;
    format!(
        "{}/{} (stage {})",
        of(&metadata.namespace),
        of(&metadata.name),
        object.spec.origin.stage
    )
}

/// Who is let in, as a clause.
pub(super) fn accepted(access: &Desired) -> String {
    match &access.exclusive {
        Some(role) => format!("requests that the perimeter's role {role} has signed"),
        None => "requests that are signed for this account".to_owned(),
    }
}

/// Whether the signer's role alone is let in, where that is asked for.
pub(super) fn is_exclusive(access: &Desired, observed: Option<&Observed>) -> bool {
    let found = observed.and_then(|observed| observed.access.present());
    let others = observed.and_then(|observed| observed.other_signers.as_ref());
    found.is_none_or(|found| is_in_force(access, found, others))
}

/// Whose signatures are let in besides, where the signer's alone should be.
pub(super) fn let_in_besides_the_signer(pass: &Pass<'_>) -> Option<String> {
    pass.access()?.exclusive.as_ref()?;
    let_in_besides(&pass.observed?.other_signers.as_ref()?.left)
}

/// Begins what is told of names and distributions by which the declared stage itself is called.
const OWN_NAMES: &str =
    "other addresses lead to this very stage past the perimeter, and are as open as it is: ";

/// What leads around the declared stage, as clauses to add.
pub(super) fn besides(pass: &Pass<'_>) -> String {
    let Some(outputs) = pass.observed.map(|observed| &observed.outputs) else {
        return String::new();
    };
    let of = |is_open: bool| -> Vec<String> {
        let doors = outputs.other_doors.iter().filter(|door| !is_origin(pass, door));
        let doors = doors.filter(|door| (door.state == OtherDoorState::Open) == is_open);
        let doors = doors.filter(|door| !(is_open && is_own_name(pass, door)));
        doors.map(described).collect()
    };
    let (open, others) = (of(true), of(false));
    let own: Vec<String> = own_names(pass).map(described).collect();
    let clauses = [
        (OWN_NAMES, &own),
        (
            "but the API can be called past the perimeter, until each of these stages has a ProtectedApi of its own: ",
            &open,
        ),
        ("it is also reached by ", &others),
        (
            "its resource policy asks for the caller's address, which is CloudFront's now: ",
            &outputs.source_ip_statements,
        ),
    ];
    let told = clauses.iter().filter(|(_, names)| !names.is_empty());
    let told: Vec<String> = told
        .map(|(clause, names)| format!("; {clause}{}", listed(names)))
        .collect();
    let mut doors = outputs.other_doors.iter();
    let has_stages = doors.any(|door| door.r#type == OtherDoorType::Stage);
    let shared = pass
        .access()
        .filter(|_| has_stages)
        .map(|access| shared_with(access.gate.r#type));
    let unread = outputs.other_doors_unread.as_ref();
    let unread = unread.map(|why| format!("; what else leads to it could not be read: {why}"));
    told.concat() + shared.unwrap_or_default() + &unread.unwrap_or_default()
}

/// What becomes of other stages that no object has locked: what the lock changes is the API's.
fn shared_with(r#type: OriginType) -> &'static str {
    match r#type {
        OriginType::Rest => {
            "; methods belong to the API, so another stage is locked with its next deployment, and refuses who does not come \
             through a perimeter of its own"
        }
        OriginType::Http | OriginType::WebSocket => {
            "; routes belong to the API, so another stage is locked with its next deployment, or at once where it deploys by \
             itself, and refuses who does not come through a perimeter of its own"
        }
    }
}

/// What a person must know of other ways to the API that stand open, though the declared stage is locked.
pub(super) fn ways_around(pass: &Pass<'_>) -> Option<String> {
    if pass.desired.is_some_and(|desired| desired.mutual_tls.is_some()) {
        return mutual_tls::around(pass);
    }
    let doors = &pass.observed?.outputs.other_doors;
    let open = doors.iter().filter(|door| door.state == OtherDoorState::Open);
    let open: Vec<String> = open
        .filter(|door| !is_own_name(pass, door))
        .map(described)
        .collect();
    let own: Vec<String> = own_names(pass).map(described).collect();
    let of_others = (!open.is_empty()).then(|| {
        let named = listed(&open);
        format!(
            "the API can also be called past the perimeter: {named}; a ProtectedApi of its own locks each such stage"
        )
    });
    let of_own = (!own.is_empty()).then(|| {
        let named = listed(&own);
        format!("{OWN_NAMES}{named}")
    });
    let told: Vec<String> = of_others.into_iter().chain(of_own).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// Custom domain names and distributions by which the declared stage itself is called, while it stands open.
fn own_names<'a>(pass: &'a Pass<'_>) -> impl Iterator<Item = &'a OtherDoor> {
    let doors = pass
        .observed
        .iter()
        .flat_map(|observed| &observed.outputs.other_doors);
    let is_open = move |door: &&OtherDoor| door.state == OtherDoorState::Open && !is_origin(pass, door);
    doors.filter(is_open).filter(move |door| is_own_name(pass, door))
}

/// Whether a door is the name by which CloudFront reaches the API with its client certificate.
fn is_origin(pass: &Pass<'_>, door: &OtherDoor) -> bool {
    let declared = pass.desired.and_then(|desired| desired.mutual_tls.as_ref());
    let host = door.name.split(['/', ' ']).next();
    declared.is_some_and(|declared| host == Some(declared.origin_domain.as_str()))
}

/// Whether a door is no stage, and leads to the declared one: no other object is to lock that.
fn is_own_name(pass: &Pass<'_>, door: &OtherDoor) -> bool {
    let own = pass.access().map(|access| access.gate.stage.as_str());
    door.r#type != OtherDoorType::Stage && own == Some(door.stage.as_str())
}

/// Why other doors could not be read, as status holds it.
#[must_use]
pub fn unread(why: &str) -> String {
    why.chars().take(UNREAD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn object(spec: &Value, accepted: &str, restricted: &str, deleted: bool) -> ProtectedApi {
        let mut all = json!({"origin": {"endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "dev"}});
        for (field, value) in spec.as_object().unwrap() {
            all[field] = value.clone();
        }
        let condition = |kind: &str, status: &str| json!({"type": kind, "status": status, "reason": "Any", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"});
        let mut metadata = json!({"name": "petstore", "namespace": "shop"});
        if deleted {
            metadata["deletionTimestamp"] = json!("2026-01-02T00:00:00Z");
        }
        let conditions = [
            condition("Accepted", accepted),
            condition("AccessRestricted", restricted),
        ];
        serde_json::from_value(json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi", "metadata": metadata, "spec": all,
            "status": {"conditions": conditions}
        }))
        .unwrap()
    }

    #[test]
    fn a_stage_stays_locked_by_key_while_nobody_can_read_it() {
        let by_key = |restricted: &str, mode: Option<&str>| {
            let mut object = object(
                &json!({"access": {"mode": "ApiKey"}}),
                "Unknown",
                restricted,
                false,
            );
            let access =
                json!({"verifiedAt": "2026-01-01T00:00:00Z", "lockedStage": "dev", "lockedMode": mode});
            object.status.as_mut().unwrap().access = Some(serde_json::from_value(access).unwrap());
            object
        };
        for restricted in ["True", "Unknown", "False"] {
            assert!(
                has_locked_by_key(&by_key(restricted, Some("ApiKey"))),
                "{restricted}"
            );
            assert!(
                !has_locked_by_key(&by_key(restricted, Some("SigV4"))),
                "{restricted}"
            );
        }
        assert!(!has_locked_by_key(&by_key("Unknown", None)));
        let mut elsewhere = by_key("Unknown", Some("ApiKey"));
        elsewhere.spec.origin.stage = "prod".to_owned();
        assert!(!has_locked_by_key(&elsewhere));
        let mut suspended = by_key("True", Some("ApiKey"));
        suspended.spec.suspend = Some(true);
        assert!(!has_locked_by_key(&suspended));
    }

    #[test]
    fn only_what_is_locked_and_goes_on_being_seen_to_has_locked_its_stage() {
        assert!(has_locked(&object(&json!({}), "True", "True", false)));
        for (spec, accepted, restricted, is_leaving) in [
            (
                json!({"access": {"enforcement": "Observe"}}),
                "True",
                "True",
                false,
            ),
            (json!({"suspend": true}), "True", "True", false),
            (json!({}), "False", "True", false),
            (json!({}), "True", "False", false),
            (json!({}), "True", "Unknown", false),
            (json!({}), "True", "True", true),
        ] {
            let other = object(&spec, accepted, restricted, is_leaving);
            assert!(!has_locked(&other), "{:?}", other.spec);
        }
        let mut new = object(&json!({}), "True", "True", false);
        new.status = None;
        assert!(!has_locked(&new));
    }

    #[test]
    fn a_lock_hangs_on_the_default_endpoint_until_another_mode_was_read_to_lock_the_stage() {
        let of = |access: Value, is_off: bool, locked: Option<&str>| {
            let mut found = object(&json!({"access": access}), "True", "True", false);
            let access = json!({
                "verifiedAt": "", "lockedStage": "dev", "lockedMode": locked, "mutualTls": {"defaultEndpointOff": is_off},
            });
            found.status = Some(serde_json::from_value(json!({"access": access})).unwrap());
            found
        };
        let names =
            json!({"hostedZoneId": "Z1", "originDomain": "origin.example.com", "truststoreBucket": "store"});
        let declared = json!({"mode": "MutualTls", "mutualTls": names});
        assert!(hangs_on_endpoint(&of(declared.clone(), true, None)));
        assert!(!hangs_on_endpoint(&of(declared.clone(), false, None)));
        let by_key = json!({"mode": "ApiKey"});
        assert!(hangs_on_endpoint(&of(by_key.clone(), true, Some("MutualTls"))));
        assert!(!hangs_on_endpoint(&of(by_key.clone(), true, Some("ApiKey"))));
        let observed = json!({"enforcement": "Observe"});
        assert!(!hangs_on_endpoint(&of(observed.clone(), true, None)));
        // Of what has lost its status, or was refused since and looked at nothing, nobody knows.
        for status in [Value::Null, json!({"conditions": []})] {
            let of = |access: &Value| {
                let mut found = of(access.clone(), true, None);
                found.status = serde_json::from_value(status.clone()).unwrap();
                hangs_on_endpoint(&found)
            };
            assert!(of(&declared) && !of(&observed));
            assert_eq!(of(&by_key), status.is_null());
        }
    }

    #[test]
    fn viewers_come_by_the_default_endpoint_until_the_certificate_is_shown_everywhere() {
        let of = |state: &str, shown: Option<&str>, is_leaving: bool| {
            let mut found = object(&json!({}), "True", "True", is_leaving);
            let status = json!({
                "access": {"verifiedAt": "", "mutualTls": {"clientCertificateArn": shown}},
                "distribution": {"id": "E1", "arn": "arn:1", "domainName": "d1.example.net", "state": state},
            });
            found.status = Some(serde_json::from_value(status).unwrap());
            found
        };
        let certificate = Some("arn:aws:acm:us-east-1:111122223333:certificate/1");
        assert!(comes_by_default_endpoint(&of("Deployed", None, false)));
        assert!(comes_by_default_endpoint(&of("InProgress", certificate, false)));
        assert!(!comes_by_default_endpoint(&of("Deployed", certificate, false)));
        assert!(
            comes_by_default_endpoint(&of("Deployed", None, true)),
            "they come until it is gone"
        );
        let mut unbuilt = of("Deployed", None, false);
        unbuilt.status.as_mut().unwrap().distribution = None;
        assert!(!comes_by_default_endpoint(&unbuilt));
    }
}
