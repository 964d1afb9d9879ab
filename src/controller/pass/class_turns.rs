//! Which revision of its class an object goes by in a pass: the one that it has, until it is its turn.

use super::classes::{Classed, by_class, unclassed, unknown};
use super::context::Context;
use crate::api::{CLASS, PerimeterClass, PerimeterClassSpec, ProtectedApi};
use crate::domain::classes::choice::{Choice, invalid, left_behind, left_unknown};
use crate::domain::classes::effective::{contradiction, revision};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::rollout::goes_by::{GoesBy, goes_by};
use crate::domain::status::identifiers::names_any;
use crate::domain::status::rollout::{Look, look, own, remembered, spec_of_revision};
use jiff::Timestamp;
use kube::ResourceExt as _;

/// What an object goes by.
pub(super) struct Turn<'a> {
    /// The revision of the class.
    pub revision: &'a str,
    /// What it says.
    pub spec: &'a PerimeterClassSpec,
    /// Whether the class's rollout waits for a look at the object: all is read and probed then, as for another generation.
    pub look: Look,
}

impl Context {
    /// What `object` comes to by the revision of `class` that it goes by.
    pub(super) fn in_turn<'a>(
        &self,
        object: &'a ProtectedApi,
        choice: &Choice,
        class: &PerimeterClass,
    ) -> Classed<'a> {
        if self.settings.namespace.is_some() {
            // Whoever does not see all objects of a class rolls nothing out.
            return by_newest(object, choice, class);
        }
        match goes_by(remembered(class), own(object, &choice.name, choice.by)) {
            GoesBy::Revision(name) => by_revision(object, choice, class, &name),
            GoesBy::Before => self.before(object, choice),
            GoesBy::NotYet => {
                // Nothing of such a class is rolled out, so that its status never has a rollout.
                let why = contradiction(&class.spec);
                let refused = why.map_or_else(|| not_seen(&choice.name), |why| invalid(&choice.name, &why));
                unknown(object, Some(choice), refused)
            }
        }
    }

    /// What an object comes to for which no class is chosen.
    pub(super) fn unchosen<'a>(&self, object: &'a ProtectedApi) -> Classed<'a> {
        let Some(former) = self.left_behind(object) else {
            return unclassed(object);
        };
        let went_by = object.status.as_ref().and_then(|status| status.class.as_ref());
        let held = went_by.and_then(|went_by| went_by.revision.as_ref());
        let class = self.watched.classes.get(&former.name);
        let readable = class.as_ref().and_then(|class| class.0.as_ref().ok());
        match held.zip(readable) {
            Some((_, class)) if self.settings.namespace.is_some() => by_newest(object, &former, class),
            Some((name, class)) if is_known(object, class, name) => by_revision(object, &former, class, name),
            _ => {
                let namespace = object.namespace().unwrap_or_default();
                unknown(object, Some(&former), left_unknown(&former.name, &namespace))
            }
        }
    }

    /// The class that `object` goes on by although none is chosen for it any more.
    pub(super) fn left_behind(&self, object: &ProtectedApi) -> Option<Choice> {
        let status = object.status.as_ref().filter(|status| names_any(status))?;
        if !matches!(self.class_of(object), Ok(None)) {
            return None;
        }
        let annotations = self.namespace_annotations(&object.namespace().unwrap_or_default());
        let of_namespace = annotations
            .as_ref()
            .and_then(|annotations| annotations.get(CLASS));
        left_behind(status, of_namespace.map(String::as_str))
    }

    /// What an object goes by that others have brought to another class, until it is its turn there.
    fn before<'a>(&self, object: &'a ProtectedApi, choice: &Choice) -> Classed<'a> {
        let went_by = object.status.as_ref().and_then(|status| status.class.as_ref());
        let Some(went_by) = went_by else {
            return unclassed(object);
        };
        let class = self.watched.classes.get(&went_by.name);
        let readable = class.as_ref().and_then(|class| class.0.as_ref().ok());
        let chosen = went_by.chosen_by.zip(went_by.revision.as_ref()).zip(readable);
        if let Some(((by, name), class)) = chosen {
            let former = Choice {
                name: class.name_any(),
                by,
            };
            by_revision(object, &former, class, name)
        } else {
            let name = went_by.revision.as_deref().unwrap_or("?");
            unknown(object, Some(choice), not_kept(&went_by.name, name))
        }
    }
}

fn by_newest<'a>(object: &'a ProtectedApi, choice: &Choice, class: &PerimeterClass) -> Classed<'a> {
    let turn = Turn {
        revision: &revision(&class.spec),
        spec: &class.spec,
        look: Look::NotAwaited,
    };
    by_class(object, choice, &turn)
}

/// Whether it is known what `object` comes to by the revision `name`.
fn is_known(object: &ProtectedApi, class: &PerimeterClass, name: &str) -> bool {
    object.metadata.deletion_timestamp.is_some() || said(class, name).is_some()
}

/// What the revision `name` of a class says.
pub(super) fn said(class: &PerimeterClass, name: &str) -> Option<PerimeterClassSpec> {
    spec_of_revision(class, name).or_else(|| (revision(&class.spec) == name).then(|| class.spec.clone()))
}

fn by_revision<'a>(
    object: &'a ProtectedApi,
    choice: &Choice,
    class: &PerimeterClass,
    name: &str,
) -> Classed<'a> {
    let is_leaving = object.metadata.deletion_timestamp.is_some();
    let spec = match said(class, name) {
        Some(spec) => spec,
        // Nothing is built of it any more, and what must stay the class says now.
        None if is_leaving => return by_newest(object, choice, class),
        None => return unknown(object, Some(choice), not_kept(&choice.name, name)),
    };
    let turn = Turn {
        revision: name,
        spec: &spec,
        look: look(class, object, Timestamp::now()),
    };
    by_class(object, choice, &turn)
}

fn not_seen(class: &str) -> Rejection {
    let message = format!(
        "spec.className: PerimeterClass {class} is not looked at yet, which takes seconds. What stands goes on as it is"
    );
    Rejection::for_now(Reason::ClassNotFound, message)
}

fn not_kept(class: &str, revision: &str) -> Rejection {
    let message = format!(
        "spec.className: the object goes by revision {revision} of PerimeterClass {class}, which the class's status does not have \
         any more; it moves to the newest one in its turn, where it is not suspended. What stands goes on as it is"
    );
    Rejection::for_now(Reason::RolloutWaiting, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ChosenBy, DeletionPolicy};
    use serde_json::{Value, json};

    fn object(metadata: &Value) -> ProtectedApi {
        let mut object = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
            "metadata": {"namespace": "shop", "name": "petstore", "generation": 3},
            "spec": {"origin": {
                "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
            }},
            "status": {"class": {"name": "public", "revision": "lost", "chosenBy": "Object"}},
        });
        for (field, value) in metadata.as_object().unwrap() {
            object["metadata"][field] = value.clone();
        }
        serde_json::from_value(object).unwrap()
    }

    fn class(limits: &Value) -> PerimeterClass {
        let class = json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "PerimeterClass", "metadata": {"name": "public"},
            "spec": {"limits": limits},
        });
        serde_json::from_value(class).unwrap()
    }

    #[test]
    fn an_object_whose_revision_is_lost_waits_and_can_be_deleted() {
        let choice = Choice {
            name: "public".into(),
            by: ChosenBy::Object,
        };
        let policy = |metadata: &Value, limits: &Value| {
            let object = object(metadata);
            let classed = by_revision(&object, &choice, &class(limits), "lost");
            (classed.unknown.is_some(), classed.deletion_policy)
        };
        let deleted = json!({"deletionTimestamp": "2026-01-01T00:00:00Z"});
        let retain = json!({"deletionPolicy": "Retain"});
        assert_eq!(policy(&json!({}), &json!({})), (true, None));
        assert_eq!(
            policy(&deleted, &json!({})),
            (false, Some(DeletionPolicy::Delete))
        );
        assert_eq!(policy(&deleted, &retain), (false, Some(DeletionPolicy::Retain)));
    }
}
