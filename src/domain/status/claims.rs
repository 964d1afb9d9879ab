//! What an object claims, as its status tells: who has a stage already keeps it. It is read from status alone, so that every
//! replica comes to the same answer.

use super::conditions::types;
use super::identifiers::names_any;
use crate::api::{ProtectedApi, ProtectedApiSpec};
use crate::domain::classes::remembered::remembered;
use crate::domain::kernel::reason::Reason;
use crate::domain::tenancy::rivals::{Claim, Hold, is_void, waits_for_another};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// The claim of `object` to the stage that it declares.
#[must_use]
pub fn claim(object: &ProtectedApi) -> Claim {
    let metadata = &object.metadata;
    let created = metadata.creation_timestamp.as_ref();
    let named = |name: &Option<String>| name.clone().unwrap_or_default();
    let is_built = object.status.as_ref().is_some_and(names_any);
    Claim {
        hold: match accepted(object) {
            Some((true, _)) => Hold::Accepted,
            Some((false, reason)) if reason.is_some_and(waits_for_another) => Hold::Waiting,
            _ if is_built => Hold::Built,
            _ => Hold::Waiting,
        },
        created: created.map(|time| time.0.to_string()).unwrap_or_default(),
        uid: named(&metadata.uid),
        object: format!("{}/{}", named(&metadata.namespace), named(&metadata.name)),
        stands: is_built,
        is_leaving: metadata.deletion_timestamp.is_some(),
    }
}

/// The claim of `object`, of which its class makes `spec`. Another revision of the class is no edit of the object: who was accepted
/// keeps what it has, unless it asks for another lock by now, and who waits for another one goes on to wait.
#[must_use]
pub fn claim_by_class(object: &ProtectedApi, spec: &ProtectedApiSpec) -> Claim {
    let claim = claim(object);
    if claim.hold != Hold::Accepted || remembered(object).access == spec.access {
        return claim;
    }
    let hold = if claim.stands { Hold::Built } else { Hold::Waiting };
    Claim { hold, ..claim }
}

/// Whether `object`, as it is declared now, was accepted, and why not.
fn accepted(object: &ProtectedApi) -> Option<(bool, Option<Reason>)> {
    let conditions = &object.status.as_ref()?.conditions;
    let is_current = |condition: &&Condition| {
        condition.type_ == types::ACCEPTED
            && condition.observed_generation == object.metadata.generation
            && condition.status != "Unknown"
    };
    let found = conditions.iter().find(is_current)?;
    Some((found.status == "True", Reason::parse(&found.reason)))
}

/// Whether `object` keeps others from the stage: not if it is refused for what it says itself, and nothing of it was ever built.
#[must_use]
pub fn claims(object: &ProtectedApi) -> bool {
    let is_built = || object.status.as_ref().is_some_and(names_any);
    match accepted(object) {
        // What it names as built is another object's.
        Some((false, Some(Reason::HandedOver))) => false,
        Some((false, reason)) => !reason.is_some_and(is_void) || is_built(),
        Some((true, _)) | None => true,
    }
}

/// Whether `object` waits for another one, as far as its status tells.
#[must_use]
pub fn is_waiting(object: &ProtectedApi) -> bool {
    let found = accepted(object);
    found.is_some_and(|(_, reason)| reason.is_some_and(waits_for_another))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tenancy::rivals::{bound_by, first_of};
    use serde_json::{Value, json};

    fn object(created: &str, uid: &str, status: &Value) -> ProtectedApi {
        serde_json::from_value(json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
            "metadata": {
                "namespace": "shop", "name": uid, "uid": uid, "generation": 2,
                "creationTimestamp": created,
            },
            "spec": {"origin": {
                "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
            }},
            "status": status,
        }))
        .unwrap()
    }

    fn accepted(is: &str, reason: &str, generation: i64) -> Value {
        json!({"conditions": [{
            "type": "Accepted", "status": is, "reason": reason, "message": "", "observedGeneration": generation,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }]})
    }

    fn built(mut status: Value) -> Value {
        status["distribution"] =
            json!({"id": "E1", "arn": "arn", "domainName": "d1.cloudfront.net", "state": "Deployed"});
        status
    }

    const FIRST: &str = "2026-01-01T00:00:00Z";
    const LATER: &str = "2026-01-02T00:00:00Z";

    /// Whether the first of two comes before the second.
    fn precedes(a: &ProtectedApi, b: &ProtectedApi) -> bool {
        let (a, b) = (claim(a), claim(b));
        assert_eq!(first_of(&b, [&a, &b]).is_some(), first_of(&a, [&a, &b]).is_none());
        first_of(&b, [&a, &b]).is_some()
    }

    #[test]
    fn the_older_object_comes_first() {
        assert!(precedes(
            &object(FIRST, "b", &json!({})),
            &object(LATER, "a", &json!({}))
        ));
    }

    #[test]
    fn of_two_objects_of_one_second_the_smaller_uid_comes_first_unless_the_other_has_the_stage() {
        let (a, b) = (object(FIRST, "a", &json!({})), object(FIRST, "b", &json!({})));
        assert!(precedes(&a, &b));
        let holder = object(FIRST, "b", &built(accepted("True", "Valid", 2)));
        assert!(precedes(&holder, &a));
    }

    #[test]
    fn who_has_the_stage_keeps_it_when_an_older_object_becomes_valid() {
        let holder = object(LATER, "b", &built(accepted("True", "Valid", 2)));
        assert!(precedes(&holder, &object(FIRST, "a", &json!({}))));
        // In the moment of an edit, too, and while the edit is refused.
        for status in [accepted("True", "Valid", 1), accepted("False", "InvalidSpec", 2)] {
            let edited = object(LATER, "b", &built(status));
            assert!(precedes(&edited, &object(FIRST, "a", &json!({}))));
        }
    }

    #[test]
    fn who_comes_from_another_stage_does_not_take_this_one_from_who_has_it() {
        let moved = object(FIRST, "a", &built(accepted("True", "Valid", 1)));
        let holder = object(LATER, "b", &built(accepted("True", "Valid", 2)));
        assert!(precedes(&holder, &moved));
    }

    #[test]
    fn who_waits_for_another_has_nothing_whatever_is_left_of_it() {
        let waiting = object(FIRST, "a", &built(accepted("False", "OwnedByAnother", 2)));
        let holder = object(LATER, "b", &accepted("True", "Valid", 2));
        assert!(precedes(&holder, &waiting));
        assert!(claims(&waiting));
    }

    #[test]
    fn who_stands_on_another_stage_is_in_the_way_of_whoever_begins_to_ask_for_a_secret_header() {
        let standing = object(LATER, "b", &built(accepted("False", "AccessDiffers", 2)));
        let edited = object(FIRST, "a", &built(accepted("True", "Valid", 1)));
        let settled = object(FIRST, "a", &built(accepted("True", "Valid", 2)));
        let fresh = object(LATER, "b", &json!({}));
        let is_bound =
            |own: &ProtectedApi, other: &ProtectedApi| bound_by(&claim(own), true, [&claim(other)]).is_some();
        assert!(is_bound(&edited, &standing), "of an older one as well");
        assert!(bound_by(&claim(&edited), false, [&claim(&standing)]).is_none());
        assert!(!is_bound(&settled, &standing), "what was accepted keeps its lock");
        assert!(!is_bound(&edited, &fresh) && is_bound(&fresh, &edited));
    }

    #[test]
    fn another_revision_of_a_class_is_no_edit_unless_it_asks_for_another_lock() {
        let holder = object(LATER, "b", &built(accepted("True", "Valid", 2)));
        let waiting = object(FIRST, "a", &built(accepted("False", "OwnedByAnother", 2)));
        let with = |more: &Value| {
            let mut spec = holder.spec.clone();
            spec.access = serde_json::from_value(more["access"].clone()).unwrap();
            spec.tags = serde_json::from_value(more["tags"].clone()).unwrap();
            spec
        };
        let tagged = with(&json!({"tags": {"team": "pets"}}));
        let by_header = with(&json!({"access": {"mode": "SecretHeader"}}));
        assert_eq!(claim_by_class(&holder, &tagged).hold, Hold::Accepted);
        assert_eq!(claim_by_class(&holder, &by_header).hold, Hold::Built);
        for spec in [&tagged, &by_header] {
            let (own, other) = (claim_by_class(&holder, spec), claim_by_class(&waiting, spec));
            assert!(first_of(&own, [&other]).is_none(), "who has the stage keeps it");
        }
        let standing = object(FIRST, "a", &built(accepted("False", "AccessDiffers", 2)));
        let other = claim(&standing);
        assert!(bound_by(&claim_by_class(&holder, &tagged), true, [&other]).is_none());
        assert!(bound_by(&claim_by_class(&holder, &by_header), true, [&other]).is_some());
        // What the class gave before is no other lock when it gives it again.
        let mut given = holder.clone();
        given.status.get_or_insert_default().effective = serde_json::from_value(json!({"fields": [{
            "field": "spec.access.mode", "from": "spec.defaults.access.mode", "value": "\"SecretHeader\"",
        }]}))
        .unwrap();
        assert_eq!(claim_by_class(&given, &by_header).hold, Hold::Accepted);
    }

    #[test]
    fn an_object_that_is_refused_for_what_it_says_keeps_nobody_from_the_stage() {
        for reason in Reason::ALL.iter().filter(|reason| is_void(**reason)) {
            let void = accepted("False", reason.as_str(), 2);
            assert!(!claims(&object(FIRST, "a", &void)), "{reason:?}");
            assert!(claims(&object(FIRST, "a", &built(void))), "{reason:?}");
            // It says something else by now.
            let earlier = accepted("False", reason.as_str(), 1);
            assert!(claims(&object(FIRST, "a", &earlier)), "{reason:?}");
        }
        for reason in ["OwnedByAnother", "AccountNotReady", "ProtectedElsewhere"] {
            assert!(
                claims(&object(FIRST, "a", &accepted("False", reason, 2))),
                "{reason}"
            );
        }
    }
}
