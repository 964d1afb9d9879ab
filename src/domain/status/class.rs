//! Status of a `PerimeterClass`, from the objects that go by it: pure, written once a pass.

use super::account::{condition, used_by};
use super::conditions::keeping;
use super::conditions::types::{ACCEPTED, READY, RECONCILING, STALLED};
use super::rollout::ROLLED_OUT;
use crate::api::{PerimeterClassStatus, ProtectedApi, RefusedObject};
use crate::domain::kernel::reason::Reason;
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;

/// Whether it is the one class of objects for which nobody names one; present where it says that it is.
pub const IS_DEFAULT: &str = "IsDefault";
/// All condition types of a `PerimeterClass`.
pub const TYPES: &[&str] = &[ACCEPTED, IS_DEFAULT, ROLLED_OUT, READY, RECONCILING, STALLED];
/// So many refused objects are listed,
const LISTED: usize = 20;
/// with so many characters of what is said of each.
const SAID: usize = 1000;

/// A pass over a `PerimeterClass`.
#[derive(Debug, Clone)]
pub struct Pass<'a> {
    /// The generation of the spec that was looked at.
    pub generation: Option<i64>,
    /// What tells the content of the spec from others.
    pub revision: String,
    /// Where the class contradicts itself.
    pub contradiction: Option<String>,
    /// All classes that say that they are the default, where this one is among them.
    pub defaults: Option<Vec<String>>,
    /// The objects that go by it.
    pub objects: &'a [&'a ProtectedApi],
    /// Those of them that no class is chosen for any more, by namespace and name.
    pub leaving: Vec<String>,
    /// Whether it is being deleted.
    pub is_leaving: bool,
    /// The status before.
    pub previous: &'a PerimeterClassStatus,
    /// The time of the pass.
    pub now: Timestamp,
}

/// The status that follows from a pass; of the rollout it says what was said before.
#[must_use]
pub fn status(pass: &Pass<'_>) -> PerimeterClassStatus {
    let refused = refused(pass.objects);
    let ready = pass.objects.iter().filter(|object| is(object, READY)).count();
    PerimeterClassStatus {
        observed_generation: pass.generation,
        conditions: conditions(pass),
        revision: Some(pass.revision.clone()),
        objects: count(pass.objects.len()),
        ready: count(ready),
        refused: count(refused.len()),
        refusals: refused.into_iter().take(LISTED).collect(),
        leaving: leaving(pass).into_iter().take(LISTED).collect(),
        ..pass.previous.clone()
    }
}

fn leaving(pass: &Pass<'_>) -> Vec<String> {
    let mut leaving = pass.leaving.clone();
    leaving.sort();
    leaving
}

fn count(of: usize) -> Option<i64> {
    i64::try_from(of).ok()
}

fn conditions(pass: &Pass<'_>) -> Vec<Condition> {
    let mut found = vec![match &pass.contradiction {
        Some(what) => condition(ACCEPTED, Some(false), Reason::ClassInvalid, what),
        None => condition(ACCEPTED, Some(true), Reason::Valid, "objects can go by it"),
    }];
    found.extend(pass.defaults.as_deref().map(is_default));
    let ready = ready(pass);
    if ready.status != "True" {
        let is_stuck = pass.contradiction.is_some() && !pass.is_leaving;
        found.push(Condition {
            type_: if is_stuck { STALLED } else { RECONCILING }.to_owned(),
            status: "True".to_owned(),
            ..ready.clone()
        });
    }
    found.push(ready);
    found.into_iter().map(|found| stamped(pass, found)).collect()
}

fn is_default(defaults: &[String]) -> Condition {
    let mut names = defaults.to_vec();
    names.sort();
    match &names[..] {
        [] | [_] => {
            let message = "objects go by it that name no class, and whose Namespace names none";
            condition(IS_DEFAULT, Some(true), Reason::Valid, message)
        }
        several => {
            let message = format!(
                "{} classes say that they are the default: {}. Objects that name no class, and whose Namespace names none, are \
                 refused: take the annotation palisade.dev/is-default-class from all but one",
                several.len(),
                several.join(", ")
            );
            condition(IS_DEFAULT, Some(false), Reason::DefaultClassAmbiguous, message)
        }
    }
}

fn ready(pass: &Pass<'_>) -> Condition {
    let names: Vec<String> = pass.objects.iter().map(|object| named(object)).collect();
    if let (true, Some(held_by)) = (pass.is_leaving, used_by(&names)) {
        return condition(
            READY,
            Some(false),
            Reason::InUse,
            format!("the deletion waits: {held_by}"),
        );
    }
    match &pass.contradiction {
        Some(what) => condition(
            READY,
            Some(false),
            Reason::ClassInvalid,
            format!("{ACCEPTED}: {what}"),
        ),
        None => condition(READY, Some(true), Reason::Ready, ready_with(&leaving(pass))),
    }
}

/// What there is to know of a class that is ready: who goes by it without being meant to.
fn ready_with(leaving: &[String]) -> String {
    let Some(first) = leaving.first() else {
        return "Ready".to_owned();
    };
    format!(
        "Ready. Objects go on by it that no class is chosen for any more ({}, such as {first}): name a class in spec.className or in \
         the annotation palisade.dev/class of their Namespace; empty (\"\"), it lets the objects there go by none",
        leaving.len()
    )
}

fn named(object: &ProtectedApi) -> String {
    let of = |name: &Option<String>| name.clone().unwrap_or_default();
    let metadata = &object.metadata;
    format!("{}/{}", of(&metadata.namespace), of(&metadata.name))
}

fn found<'a>(object: &'a ProtectedApi, is: &str) -> Option<&'a Condition> {
    let mut conditions = object.status.as_ref()?.conditions.iter();
    conditions.find(|condition| condition.type_ == is)
}

fn is(object: &ProtectedApi, is: &str) -> bool {
    found(object, is).is_some_and(|condition| condition.status == "True")
}

fn refused(objects: &[&ProtectedApi]) -> Vec<RefusedObject> {
    let mut refused: Vec<RefusedObject> = objects
        .iter()
        .filter_map(|object| {
            let accepted = found(object, ACCEPTED)?;
            (accepted.status == "False").then(|| RefusedObject {
                object: named(object),
                reason: accepted.reason.clone(),
                message: accepted.message.chars().take(SAID).collect(),
            })
        })
        .collect();
    refused.sort_by(|a, b| a.object.cmp(&b.object));
    refused
}

/// The transition time moves only with the status.
fn stamped(pass: &Pass<'_>, condition: Condition) -> Condition {
    keeping(condition, &pass.previous.conditions, pass.generation, pass.now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn object(name: &str, revision: &str, accepted: &str, ready: &str) -> ProtectedApi {
        let condition = |is: &str, status: &str| {
            json!({"type": is, "status": status, "reason": "ForbiddenByClass", "message": "spec.access.mode: no",
                "lastTransitionTime": "2026-01-01T00:00:00Z"})
        };
        serde_json::from_value(json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
            "metadata": {"namespace": "shop", "name": name},
            "spec": {"origin": {"endpoint": "e", "type": "REST", "stage": "prod"}},
            "status": {
                "conditions": [condition("Accepted", accepted), condition("Ready", ready)],
                "class": {"name": "public", "revision": revision},
            },
        }))
        .unwrap()
    }

    fn pass<'a>(objects: &'a [&'a ProtectedApi], previous: &'a PerimeterClassStatus) -> Pass<'a> {
        Pass {
            generation: Some(2),
            revision: "b".into(),
            contradiction: None,
            defaults: None,
            objects,
            leaving: vec![],
            is_leaving: false,
            previous,
            now: "2026-01-02T00:00:00Z".parse().unwrap(),
        }
    }

    fn found<'a>(status: &'a PerimeterClassStatus, is: &str) -> &'a Condition {
        let mut conditions = status.conditions.iter();
        conditions.find(|condition| condition.type_ == is).unwrap()
    }

    #[test]
    fn a_class_counts_its_objects_and_names_those_that_are_refused() {
        let objects = [
            object("b", "b", "False", "False"),
            object("a", "a", "False", "False"),
            object("c", "b", "True", "True"),
        ];
        let objects: Vec<&ProtectedApi> = objects.iter().collect();
        let none = PerimeterClassStatus::default();
        let status = status(&pass(&objects, &none));
        assert_eq!(
            (status.objects, status.ready, status.refused),
            (Some(3), Some(1), Some(2))
        );
        let names: Vec<&str> = status
            .refusals
            .iter()
            .map(|refused| refused.object.as_str())
            .collect();
        assert_eq!(names, ["shop/a", "shop/b"]);
        assert_eq!(found(&status, READY).status, "True");
    }

    #[test]
    fn the_deletion_of_a_class_waits_for_its_objects_and_names_them() {
        let petstore = object("petstore", "b", "True", "True");
        let objects = [&petstore];
        let none = PerimeterClassStatus::default();
        let leaving = Pass {
            is_leaving: true,
            ..pass(&objects, &none)
        };
        let status = status(&leaving);
        let ready = found(&status, READY);
        assert_eq!((ready.status.as_str(), ready.reason.as_str()), ("False", "InUse"));
        assert!(ready.message.contains("shop/petstore"), "{}", ready.message);
        assert_eq!(found(&status, RECONCILING).status, "True");
    }

    #[test]
    fn a_class_names_those_that_go_on_by_it_without_being_chosen() {
        let (petstore, orders) = (
            object("petstore", "b", "True", "True"),
            object("orders", "b", "True", "True"),
        );
        let objects = [&petstore, &orders];
        let none = PerimeterClassStatus::default();
        let left = Pass {
            leaving: vec!["shop/petstore".into(), "shop/orders".into()],
            ..pass(&objects, &none)
        };
        let named = status(&left);
        assert_eq!(named.leaving, ["shop/orders", "shop/petstore"]);
        let ready = found(&named, READY);
        assert_eq!(ready.status, "True");
        assert!(
            ready.message.contains("2, such as shop/orders"),
            "{}",
            ready.message
        );
        let again = status(&pass(&objects, &named));
        assert!(again.leaving.is_empty());
        assert_eq!(found(&again, READY).message, "Ready");
    }

    #[test]
    fn a_class_that_contradicts_itself_waits_for_a_person() {
        let none = PerimeterClassStatus::default();
        let contradicting = Pass {
            contradiction: Some("spec.defaults.access.mode breaks it".into()),
            ..pass(&[], &none)
        };
        let status = status(&contradicting);
        assert_eq!(found(&status, ACCEPTED).reason, "ClassInvalid");
        assert_eq!(found(&status, STALLED).status, "True");
    }

    #[test]
    fn two_default_classes_name_each_other() {
        let none = PerimeterClassStatus::default();
        let of = |defaults: &Value| {
            let pass = Pass {
                defaults: serde_json::from_value(defaults.clone()).unwrap(),
                ..pass(&[], &none)
            };
            found(&status(&pass), IS_DEFAULT).clone()
        };
        assert_eq!(of(&json!(["public"])).status, "True");
        let two = of(&json!(["public", "internal"]));
        assert_eq!(two.reason, "DefaultClassAmbiguous");
        assert!(two.message.contains("internal, public"), "{}", two.message);
    }
}
