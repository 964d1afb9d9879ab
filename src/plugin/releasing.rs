//! How an adopted distribution is given back: what is asked for, and of which objects.

use super::adoption::remarks;
use super::read::{clean, part};
use super::words::{argument, in_context};
use crate::api::{AdoptionState, AdoptionStatus};
use crate::domain::adoption::release::VIEWERS_REFUSED;
use serde_json::{Value, json};

/// Why there is nothing to give back.
#[derive(Debug, thiserror::Error)]
pub enum Nothing {
    /// The object made its distribution itself.
    #[error(
        "{0} has adopted no distribution: its spec has no spec.distribution.adopt, and there is nothing to give back"
    )]
    NotDeclared(String),
    /// It was not confirmed yet.
    #[error(
        "{0} has not adopted its distribution yet, so there is nothing to give back: delete the object, and the distribution stays as \
         it is"
    )]
    NotAdopted(String),
    /// It is refused, so that what the object has besides is not known here.
    #[error("{object} has adopted no distribution that could be given back: its adoption is refused. {why}")]
    Refused {
        /// The object.
        object: String,
        /// Why, and what to do.
        why: String,
    },
    /// No pass has looked at it, as after a restored backup.
    #[error(
        "whether {object} has adopted its distribution is not known yet, since its status has no adoption: delete nothing, and ask again \
         once the controller has looked at it ({status})"
    )]
    NotKnown {
        /// The object.
        object: String,
        /// The command that shows it.
        status: String,
    },
    /// It is given back.
    #[error("{0} has given its distribution back already: the object may be deleted")]
    Released(String),
    /// Viewers were refused, and it is not given back until somebody says so anew.
    #[error(
        "the release of {0} was taken back, since viewers were refused: mend what status.adoption.refusals says, set \
         spec.distribution.adopt.release to false, wait until status.adoption.state is Adopted, and ask again"
    )]
    TakenBack(String),
}

/// Whether `object`, which was read in the cluster of this context, has a distribution to give back.
///
/// # Errors
/// [`Nothing`].
pub fn is_adopted(object: &Value, context: Option<&str>) -> Result<(), Nothing> {
    let text = |field: &str| clean(object["metadata"][field].as_str().unwrap_or_default());
    let name = format!("{}/{}", text("namespace"), text("name"));
    if object["spec"]["distribution"]["adopt"].is_null() {
        return Err(Nothing::NotDeclared(name));
    }
    let adoption: Option<AdoptionStatus> = part(&object["status"]["adoption"]).ok().flatten();
    let mut refusals = adoption.iter().flat_map(|adoption| &adoption.refusals);
    if refusals.any(|refusal| refusal.reason == VIEWERS_REFUSED) {
        return Err(Nothing::TakenBack(name));
    }
    match adoption.map(|adoption| adoption.state) {
        Some(AdoptionState::Released) => Err(Nothing::Released(name)),
        Some(AdoptionState::Adopting | AdoptionState::Adopted | AdoptionState::Releasing) => Ok(()),
        // What is refused on its way back was adopted, and is asked for again.
        Some(AdoptionState::Refused) if object["spec"]["distribution"]["adopt"]["release"] == true => Ok(()),
        // The object may have a distribution of its own, which would go with it.
        Some(AdoptionState::Refused) => Err(Nothing::Refused {
            why: why(object),
            object: name,
        }),
        Some(AdoptionState::Planned) => Err(Nothing::NotAdopted(name)),
        None => {
            let (name, namespace) = (text("name"), text("namespace"));
            let status = format!(
                "kubectl palisade status {} -n {}",
                argument(&name),
                argument(&namespace)
            );
            Err(Nothing::NotKnown {
                object: format!("{namespace}/{name}"),
                status: in_context(&status, context),
            })
        }
    }
}

/// What its status has of why nothing is adopted.
fn why(object: &Value) -> String {
    let adoption: Option<AdoptionStatus> = part(&object["status"]["adoption"]).ok().flatten();
    adoption.map_or_else(String::new, |adoption| remarks(&adoption, "", "", None).join(" "))
}

/// The object's spec with the distribution to be given back.
#[must_use]
pub fn asked(object: &Value) -> Value {
    let mut spec = object["spec"].clone();
    spec["distribution"]["adopt"]["release"] = json!(true);
    spec
}

/// The merge patch that asks for it.
#[must_use]
pub fn patch() -> Value {
    json!({"spec": {"distribution": {"adopt": {"release": true}}}})
}

/// The command that asks for it, in the cluster of this context.
#[must_use]
pub fn command(namespace: &str, name: &str, context: Option<&str>) -> String {
    let command = format!(
        "kubectl -n {namespace} patch protectedapi {name} --type=merge -p '{}'",
        patch()
    );
    in_context(&command, context)
}

/// The command that shows how far it is, in the cluster of this context.
#[must_use]
pub fn watching(namespace: &str, name: &str, context: Option<&str>) -> String {
    in_context(
        &format!("kubectl palisade status {name} -n {namespace} --watch"),
        context,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(state: Option<&str>) -> Value {
        let adoption = state.map(|state| json!({"id": "E1ABCDEF2GHIJK", "state": state}));
        json!({
            "metadata": {"namespace": "shop", "name": "petstore"},
            "spec": {"origin": {"stage": "prod"}, "distribution": {"adopt": {"id": "E1ABCDEF2GHIJK", "confirm": "7f3a9c41"}}},
            "status": {"adoption": adoption},
        })
    }

    #[test]
    fn what_is_adopted_or_on_its_way_can_be_given_back() {
        for state in ["Adopting", "Adopted", "Releasing"] {
            assert!(is_adopted(&object(Some(state)), None).is_ok(), "{state}");
        }
    }

    #[test]
    fn nobody_is_told_to_delete_what_may_have_a_distribution() {
        let why = |object: &Value| is_adopted(object, Some("prod")).expect_err("nothing").to_string();
        let unknown = why(&object(None));
        assert!(unknown.contains("delete nothing"), "{unknown}");
        let status = "(kubectl palisade status petstore -n shop --context prod)";
        assert!(unknown.contains(status), "{unknown}");
        let mut another = object(Some("Refused"));
        another["status"]["adoption"]["refusals"] = json!([{
            "reason": "HasAnother", "field": "spec.distribution.adopt.id", "message": "this object has the distribution E2 already",
            "remedy": "declare another object for E1ABCDEF2GHIJK",
        }]);
        let refused = why(&another);
        assert!(
            refused.contains("has the distribution E2 already. declare another object")
                && !refused.contains("delete"),
            "{refused}"
        );
    }

    #[test]
    fn what_has_nothing_to_give_back_says_why() {
        let why = |object: &Value| is_adopted(object, Some("prod")).expect_err("nothing").to_string();
        let mut other = object(None);
        other["spec"] = json!({});
        assert!(why(&other).contains("shop/petstore has adopted no distribution"));
        assert!(why(&object(Some("Planned"))).contains("has not adopted its distribution yet"));
        assert!(why(&object(Some("Released"))).contains("has given its distribution back already"));
    }

    #[test]
    fn a_release_that_was_taken_back_is_not_asked_for_as_if_that_did_anything() {
        let mut object = object(Some("Refused"));
        object["spec"]["distribution"]["adopt"]["release"] = json!(true);
        assert!(is_adopted(&object, None).is_ok());
        let refusal = json!({"reason": "ViewersRefused", "field": "f", "message": "m", "remedy": "r"});
        object["status"]["adoption"]["refusals"] = json!([refusal]);
        let why = is_adopted(&object, None)
            .expect_err("it was taken back")
            .to_string();
        assert!(why.contains("was taken back"), "{why}");
    }

    #[test]
    fn the_plan_is_of_the_spec_that_the_patch_makes() {
        let spec = asked(&object(Some("Adopted")));
        assert_eq!(spec["origin"]["stage"], "prod");
        assert_eq!(
            spec["distribution"]["adopt"],
            json!({"id": "E1ABCDEF2GHIJK", "confirm": "7f3a9c41", "release": true})
        );
        assert_eq!(
            command("shop", "petstore", None),
            r#"kubectl -n shop patch protectedapi petstore --type=merge -p '{"spec":{"distribution":{"adopt":{"release":true}}}}'"#
        );
        let elsewhere = command("shop", "petstore", Some("prod"));
        assert!(
            elsewhere.starts_with("kubectl --context prod -n shop patch"),
            "{elsewhere}"
        );
        assert_eq!(
            watching("shop", "petstore", Some("prod")),
            "kubectl palisade status petstore -n shop --watch --context prod"
        );
    }
}
