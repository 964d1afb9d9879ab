//! What an object comes to by its class: looked up once at the beginning of a pass, and wherever another object's spec is read.

use super::class_turns::Turn;
use super::context::Context;
use crate::api::{
    AppliedClass, CLASS, ChosenBy, DeletionPolicy, EffectiveStatus, ProtectedApi, ProtectedApiStatus,
};
use crate::controller::watch::perimeter_classes::is_default;
use crate::domain::adoption::deletion_policy;
use crate::domain::classes::choice::{self, Choice, choose};
use crate::domain::classes::effective::effective;
use crate::domain::classes::limits;
use crate::domain::classes::remembered::remembered;
use crate::domain::kernel::rejection::Rejection;
use crate::domain::status::claims::{claim, claim_by_class};
use crate::domain::status::identifiers::was_locked;
use crate::domain::status::rollout::{Look, standing, verified};
use crate::domain::tenancy::permissions::{Namespace, permit_class};
use crate::domain::tenancy::rivals::Claim;
use jiff::Timestamp;
use kube::{Resource as _, ResourceExt as _};
use std::borrow::Cow;
use std::time::Duration;

/// No look follows another one sooner.
const SOON: Duration = Duration::from_secs(1);

/// An object with what its class makes of it.
pub(super) struct Classed<'a> {
    /// The object, with the spec that is acted upon. Where the class is another one than in the last pass, its status is of an
    /// earlier generation: nothing that was found out then is known of this spec.
    pub object: Cow<'a, ProtectedApi>,
    /// What the object claims; its status above may be of an earlier generation for its class alone.
    pub claim: Claim,
    /// The class, for status.
    pub class: Option<AppliedClass>,
    /// Whether the class's rollout waits for a look at the object: one that is due, this pass takes.
    pub look: Look,
    /// What of the spec the class gave, for status.
    pub effective: Option<EffectiveStatus>,
    /// Why the spec, which is known, must not be acted upon.
    pub forbidden: Option<Rejection>,
    /// Why the spec is not known.
    pub unknown: Option<Rejection>,
    /// What becomes of the resources of the object when it is deleted; `None` where that is not known.
    pub deletion_policy: Option<DeletionPolicy>,
}

impl Classed<'_> {
    /// When the object has to be looked at for its class's rollout, whatever else is next.
    pub(super) fn look_in(&self) -> Option<Duration> {
        match self.look {
            Look::In(left) => Some(left.unsigned_abs().max(SOON)),
            Look::NotAwaited | Look::Due => None,
        }
    }

    /// Writes what is said of the class into a status of the object; `is_whole`: nothing failed in the pass.
    pub(super) fn tell(&self, status: &mut ProtectedApiStatus, is_whole: bool) {
        let is_looked_at = self.look == Look::Due && is_whole;
        status.class = self
            .class
            .as_ref()
            .map(|class| verified(class, is_looked_at, Timestamp::now()));
        status.effective.clone_from(&self.effective);
    }
}

impl Context {
    /// What `object` comes to by its class. One that goes by none is as it says.
    pub(super) fn classed<'a>(&self, object: &'a ProtectedApi) -> Classed<'a> {
        let choice = match self.class_of(object) {
            Ok(None) => return self.unchosen(object),
            Ok(Some(choice)) => choice,
            Err(refused) => return unknown(object, None, refused),
        };
        let namespace = object.namespace().unwrap_or_default();
        let found = match self.watched.classes.get(&choice.name) {
            Some(found) => found,
            None if !self.watched.classes.are_listed() => {
                let refused = choice::not_readable(&choice.name);
                return unknown(object, Some(&choice), refused);
            }
            None => {
                let refused = choice::not_found(&choice, &namespace);
                return unknown(object, Some(&choice), refused);
            }
        };
        match &found.0 {
            Ok(class) => self.in_turn(object, &choice, class),
            Err(invalid) => {
                let refused = choice::invalid(&choice.name, &format!("it cannot be read: {}", invalid.error));
                unknown(object, Some(&choice), refused)
            }
        }
    }

    /// The class that `object` goes by, whether or not it is there.
    pub(super) fn class_of(&self, object: &ProtectedApi) -> Result<Option<Choice>, Rejection> {
        self.class_among(object, &self.default_classes())
    }

    /// The same, where `defaults` were the classes that say that they are the default.
    pub(super) fn class_among(
        &self,
        object: &ProtectedApi,
        defaults: &[String],
    ) -> Result<Option<Choice>, Rejection> {
        let namespace = object.namespace().unwrap_or_default();
        let annotations = self.namespace_annotations(&namespace);
        let named = object.spec.class_name.as_deref();
        let went_by = object.status.as_ref().and_then(|status| status.class.as_ref());
        if let (None, None, Some(went_by)) = (named, &annotations, went_by)
            && went_by.chosen_by == Some(ChosenBy::Namespace)
        {
            return Err(choice::namespace_not_seen(&went_by.name, &namespace));
        }
        if let (Some(named), Some(annotations)) = (named, &annotations) {
            // Else it would go by its limits, and by what it says of a deletion. Who has gone by it is let go by it.
            let has_gone_by = went_by.is_some_and(|went_by| went_by.name == named);
            if object.metadata.deletion_timestamp.is_none() || !has_gone_by {
                let tenancy = self.accounts.own().engine.options.tenancy;
                let name = &namespace;
                permit_class(tenancy, named, Namespace { name, annotations })?;
            }
        }
        let of_namespace = annotations
            .as_ref()
            .and_then(|annotations| annotations.get(CLASS));
        let chosen = choose(named, of_namespace.map(String::as_str), defaults)?;
        match (chosen, went_by) {
            // It may have gone by the default class, which nobody can see any more.
            (None, Some(went_by)) if !self.watched.classes.are_listed() => {
                Err(choice::not_readable(&went_by.name))
            }
            (chosen, _) => Ok(chosen),
        }
    }

    /// The classes that say that they are the default.
    pub(super) fn default_classes(&self) -> Vec<String> {
        let all = self.watched.classes.all();
        let said = all.iter().filter(|class| is_default(class));
        choice::defaults(said.map(|class| (class.name_any(), class.meta().deletion_timestamp.is_some())))
    }
}

/// What `object` comes to by what it goes by.
pub(super) fn by_class<'a>(object: &'a ProtectedApi, choice: &Choice, turn: &Turn<'_>) -> Classed<'a> {
    let class = turn.spec;
    let found = effective(&object.spec, &choice.name, class);
    let went_by = object.status.as_ref().and_then(|status| status.class.as_ref());
    let standing = standing(went_by, &choice.name, turn.revision, Timestamp::now());
    let claim = claim_by_class(object, &found.spec);
    let mut merged = object.clone();
    let wanted = deletion_policy(Some(&found.spec), object.status.as_ref());
    let policy = limits::deletion_policy(Some(wanted), class.limits.as_ref());
    let stage = &object.spec.origin.stage;
    let was_locked = object
        .status
        .as_ref()
        .is_some_and(|status| was_locked(status, stage));
    let status = object.status.as_ref();
    let adoption = status.and_then(|status| status.adoption.as_ref());
    let broken = limits::of_suspension(&found.spec, class, was_locked)
        .or_else(|| limits::of_release(&found.spec, class, adoption.map(|known| known.state)));
    merged.spec = found.spec;
    if turn.look == Look::Due {
        as_of_earlier(&mut merged);
    } else {
        age_status(&mut merged, Some(turn.revision));
    }
    Classed {
        object: Cow::Owned(merged),
        claim,
        class: Some(AppliedClass {
            name: choice.name.clone(),
            revision: Some(turn.revision.to_owned()),
            chosen_by: Some(choice.by),
            standing: Some(standing),
        }),
        look: turn.look,
        effective: Some(found.status),
        forbidden: found
            .refused
            .or_else(|| broken.map(|found| found.rejection(&choice.name))),
        unknown: None,
        deletion_policy: Some(policy),
    }
}

pub(super) fn unclassed(object: &ProtectedApi) -> Classed<'_> {
    let claim = claim_by_class(object, &object.spec);
    let went_by = object.status.as_ref().and_then(|status| status.class.as_ref());
    let object = if went_by.is_some() {
        let mut without = object.clone();
        age_status(&mut without, None);
        Cow::Owned(without)
    } else {
        Cow::Borrowed(object)
    };
    Classed {
        deletion_policy: Some(deletion_policy(Some(&object.spec), object.status.as_ref())),
        object,
        claim,
        class: None,
        look: Look::NotAwaited,
        effective: None,
        forbidden: None,
        unknown: None,
    }
}

/// An object of which it is not known what it comes to: what it went by is told as before.
pub(super) fn unknown<'a>(
    object: &'a ProtectedApi,
    choice: Option<&Choice>,
    refused: Rejection,
) -> Classed<'a> {
    let status = object.status.as_ref();
    // What it went by it goes by again, once that is known.
    let went_by = status.and_then(|status| status.class.as_ref());
    let class = choice.map(|choice| {
        let same = went_by.filter(|went_by| went_by.name == choice.name);
        AppliedClass {
            name: choice.name.clone(),
            revision: same.and_then(|same| same.revision.clone()),
            chosen_by: Some(choice.by),
            standing: same.and_then(|same| same.standing.clone()),
        }
    });
    // Whatever the class says, it takes nothing down that the object wants to stay.
    let own = object.spec.deletion_policy;
    let went_by = match remembered(object) {
        Cow::Borrowed(_) => Cow::Borrowed(object),
        Cow::Owned(spec) => Cow::Owned(ProtectedApi {
            spec,
            ..object.clone()
        }),
    };
    Classed {
        object: went_by,
        claim: claim(object),
        class: class.or_else(|| status.and_then(|status| status.class.clone())),
        look: Look::NotAwaited,
        effective: status.and_then(|status| status.effective.clone()),
        forbidden: None,
        unknown: Some(refused),
        deletion_policy: own.filter(|own| *own == DeletionPolicy::Retain),
    }
}

/// Has the status of `object` be that of an earlier generation, where the object went by something else then.
fn age_status(object: &mut ProtectedApi, revision: Option<&str>) {
    let Some(status) = &object.status else { return };
    let went_by = status.class.as_ref().and_then(|class| class.revision.as_deref());
    let had_class = status.class.is_some();
    if went_by != revision || had_class != revision.is_some() {
        as_of_earlier(object);
    }
}

fn as_of_earlier(object: &mut ProtectedApi) {
    let Some(status) = &mut object.status else { return };
    let earlier = |generation: Option<i64>| generation.map(|generation| generation - 1);
    let current = object.metadata.generation;
    if status.observed_generation == current {
        status.observed_generation = earlier(current);
    }
    for condition in &mut status.conditions {
        if condition.observed_generation == current {
            condition.observed_generation = earlier(current);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::PerimeterClassSpec;
    use serde_json::{Value, json};

    fn object(status: &Value) -> ProtectedApi {
        serde_json::from_value(json!({
            "apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi",
            "metadata": {"namespace": "shop", "name": "petstore", "generation": 3},
            "spec": {"origin": {
                "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
            }},
            "status": status,
        }))
        .unwrap()
    }

    fn status(class: &Value) -> Value {
        let accepted = json!({
            "type": "Accepted", "status": "True", "reason": "Valid", "message": "", "observedGeneration": 3,
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        });
        json!({"observedGeneration": 3, "conditions": [accepted], "class": class})
    }

    fn observed(object: &ProtectedApi) -> (Option<i64>, Option<i64>) {
        let status = object.status.as_ref().unwrap();
        (
            status.observed_generation,
            status.conditions[0].observed_generation,
        )
    }

    #[test]
    fn another_class_is_as_another_generation_and_the_same_one_is_not() {
        let went_by = |revision: &str| status(&json!({"name": "public", "revision": revision}));
        let choice = Choice {
            name: "public".into(),
            by: ChosenBy::Object,
        };
        let class = PerimeterClassSpec::default();
        let turn = |look| Turn {
            revision: "r0",
            spec: &class,
            look,
        };
        let same = object(&went_by("r0"));
        let by = |object: &ProtectedApi, look| observed(&by_class(object, &choice, &turn(look)).object);
        assert_eq!(by(&same, Look::NotAwaited), (Some(3), Some(3)));
        assert_eq!(
            by(&same, Look::Due),
            (Some(2), Some(2)),
            "its rollout waits for a look"
        );
        let other = object(&went_by("0123"));
        assert_eq!(by(&other, Look::NotAwaited), (Some(2), Some(2)));
        assert_eq!(observed(&unclassed(&other).object), (Some(2), Some(2)));
    }

    #[test]
    fn a_look_that_its_rollout_waits_for_leaves_an_object_what_it_has() {
        let mut own = status(&json!({"name": "public", "revision": "r0"}));
        own["distribution"] =
            json!({"id": "E1", "arn": "a", "domainName": "d1.cloudfront.net", "state": "Deployed"});
        let own = object(&own);
        let choice = Choice {
            name: "public".into(),
            by: ChosenBy::Object,
        };
        let turn = Turn {
            revision: "r0",
            spec: &PerimeterClassSpec::default(),
            look: Look::Due,
        };
        let classed = by_class(&own, &choice, &turn);
        assert_eq!(observed(&classed.object), (Some(2), Some(2)));
        assert_eq!(classed.claim, claim(&own));
    }

    #[test]
    fn an_object_without_a_class_is_not_even_copied() {
        let without = object(&status(&Value::Null));
        assert!(matches!(unclassed(&without).object, Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_not_known_is_deleted_only_where_everything_stays() {
        let refused = || choice::not_readable("public");
        let mut gone = object(&Value::Null);
        assert_eq!(unknown(&gone, None, refused()).deletion_policy, None);
        gone.spec.deletion_policy = Some(DeletionPolicy::Delete);
        assert_eq!(unknown(&gone, None, refused()).deletion_policy, None);
        gone.spec.deletion_policy = Some(DeletionPolicy::Retain);
        assert_eq!(
            unknown(&gone, None, refused()).deletion_policy,
            Some(DeletionPolicy::Retain)
        );
    }

    #[test]
    fn what_an_object_went_by_is_not_forgotten_while_its_class_is_not_known() {
        let held = object(&status(&json!({"name": "public", "revision": "r0"})));
        let choice = |name: &str| Choice {
            name: name.into(),
            by: ChosenBy::Object,
        };
        let told = |name: &str| {
            let found = unknown(&held, Some(&choice(name)), choice::not_readable(name));
            found.class.and_then(|class| class.revision)
        };
        assert_eq!(told("public").as_deref(), Some("r0"));
        assert_eq!(told("internal"), None);
    }
}
