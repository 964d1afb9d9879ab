//! Which class an object goes by.

use crate::api::{ChosenBy, ProtectedApiStatus};
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;

/// The class of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its name.
    pub name: String,
    /// Who chose it.
    pub by: ChosenBy,
}

/// What the object itself names comes before what its Namespace names, and that before the default class. `defaults` are the
/// classes that say that they are the default.
///
/// # Errors
/// When two classes are the default and neither the object nor its Namespace names one.
pub fn choose(
    object: Option<&str>,
    namespace: Option<&str>,
    defaults: &[String],
) -> Result<Option<Choice>, Rejection> {
    let choice = |name: &str, by| {
        Ok(Some(Choice {
            name: name.to_owned(),
            by,
        }))
    };
    // An annotation that was emptied names none.
    let namespace = namespace.map(str::trim).filter(|name| !name.is_empty());
    match (object, namespace, defaults) {
        (Some(name), _, _) => choice(name, ChosenBy::Object),
        (None, Some(name), _) => choice(name, ChosenBy::Namespace),
        (None, None, []) => Ok(None),
        (None, None, [name]) => choice(name, ChosenBy::Default),
        (None, None, several) => Err(Rejection::new(
            Reason::DefaultClassAmbiguous,
            two_defaults(several),
        )),
    }
}

/// The class that an object goes on by although none is chosen for it any more, where something stands for it. Its Namespace, or a
/// default class, had chosen it: whoever takes that away may not know what for. An empty annotation `namespace` says that it is meant.
#[must_use]
pub fn left_behind(status: &ProtectedApiStatus, namespace: Option<&str>) -> Option<Choice> {
    let is_let_go = namespace.is_some_and(|name| name.trim().is_empty());
    let went_by = status.class.as_ref().filter(|_| !is_let_go)?;
    // It may have been chosen and never gone by.
    let has_given = went_by.revision.is_some() || status.effective.is_some();
    let by = went_by.chosen_by.filter(|by| *by != ChosenBy::Object)?;
    has_given.then(|| Choice {
        name: went_by.name.clone(),
        by,
    })
}

/// The refusal of an object that goes on by a class of which it is not known what it said.
#[must_use]
pub fn left_unknown(name: &str, namespace: &str) -> Rejection {
    Rejection::for_now(
        Reason::ClassNotFound,
        format!(
            "spec.className: no class is chosen for the object any more, and what PerimeterClass {name} gave it is not known: name a \
             class in spec.className, or in the annotation palisade.dev/class of namespace {namespace}; empty (\"\"), it lets \
             the objects there go by none. What stands goes on as it is"
        ),
    )
}

/// The refusal of an object whose class its Namespace chose, where that is not seen: it has not said that there is none.
#[must_use]
pub fn namespace_not_seen(name: &str, namespace: &str) -> Rejection {
    Rejection::for_now(
        Reason::ClassNotFound,
        format!(
            "spec.className: namespace {namespace}, whose annotation palisade.dev/class chose PerimeterClass {name}, is not seen; may \
             the controller list and watch Namespaces? What stands goes on as it is"
        ),
    )
}

/// The default classes, by name, of those that say so and whether they are being deleted: one that is counts only where no other does, since
/// the deletion waits until its objects have gone to that one.
#[must_use]
pub fn defaults(said: impl IntoIterator<Item = (String, bool)>) -> Vec<String> {
    let (going, staying): (Vec<_>, Vec<_>) = said.into_iter().partition(|(_, is_going)| *is_going);
    let counting = if staying.is_empty() { going } else { staying };
    counting.into_iter().map(|(name, _)| name).collect()
}

/// The default classes, were the class `name` one (`is_default`) or not; `None`: as it is.
#[must_use]
pub fn defaults_with(defaults: &[String], name: &str, is_default: Option<bool>) -> Vec<String> {
    let is_among = defaults.iter().any(|default| default == name);
    let others = defaults.iter().filter(|default| *default != name).cloned();
    let own = is_default.unwrap_or(is_among).then(|| name.to_owned());
    others.chain(own).collect()
}

/// What is wrong with two default classes.
#[must_use]
pub fn two_defaults(names: &[String]) -> String {
    let mut names = names.to_vec();
    names.sort();
    format!(
        "spec.className: it names no class, and {} PerimeterClasses are the default: {}. Take the annotation \
         palisade.dev/is-default-class from all but one, or name a class in spec.className. What stands goes on as it is",
        names.len(),
        names.join(", ")
    )
}

/// Where the name of a class stands, for people.
#[must_use]
pub fn field_of(choice: &Choice, namespace: &str) -> String {
    match choice.by {
        ChosenBy::Object => "spec.className".to_owned(),
        ChosenBy::Namespace => {
            format!("spec.className, by the annotation palisade.dev/class of namespace {namespace}")
        }
        ChosenBy::Default => "spec.className, by the default class".to_owned(),
    }
}

/// The refusal of an object whose class is not there.
#[must_use]
pub fn not_found(choice: &Choice, namespace: &str) -> Rejection {
    Rejection::new(
        Reason::ClassNotFound,
        format!(
            "{}: there is no PerimeterClass {}; name one that `kubectl get perimeterclasses` lists. What stands goes on as it is",
            field_of(choice, namespace),
            choice.name
        ),
    )
}

/// The refusal of an object that goes, or went, by a class, where classes cannot be read.
#[must_use]
pub fn not_readable(name: &str) -> Rejection {
    Rejection::new(
        Reason::ClassNotFound,
        format!(
            "spec.className: PerimeterClass {name} cannot be read; is the CRD of PerimeterClasses installed (`palisade crd --apply`), \
             and may the controller list and watch them? What stands goes on as it is"
        ),
    )
}

/// The refusal of an object whose class cannot be gone by.
#[must_use]
pub fn invalid(name: &str, why: &str) -> Rejection {
    Rejection::new(
        Reason::ClassInvalid,
        format!(
            "spec.className: PerimeterClass {name} cannot be gone by: {why}. The platform team corrects it (`kubectl edit pclass \
             {name}`). What stands goes on as it is"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{AppliedClass, EffectiveStatus};

    fn named(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_object_comes_before_its_namespace_and_that_before_the_default_class() {
        let of = |object, namespace, defaults: &[&str]| {
            let choice = choose(object, namespace, &named(defaults)).unwrap();
            choice.map(|choice| (choice.name, choice.by))
        };
        let chosen = |name: &str, by| Some((name.to_owned(), by));
        assert_eq!(of(Some("a"), Some("b"), &["c"]), chosen("a", ChosenBy::Object));
        assert_eq!(of(None, Some("b"), &["c"]), chosen("b", ChosenBy::Namespace));
        assert_eq!(of(None, Some(" "), &["c"]), chosen("c", ChosenBy::Default));
        assert_eq!(of(None, None, &[]), None);
    }

    #[test]
    fn a_class_is_reckoned_among_the_default_ones_as_it_is_asked_for() {
        let of = |is_default| defaults_with(&named(&["public", "internal"]), "public", is_default);
        assert_eq!(of(None), named(&["internal", "public"]));
        assert_eq!(of(Some(false)), named(&["internal"]));
        assert_eq!(of(Some(true)), named(&["internal", "public"]));
        let none = |is_default| defaults_with(&[], "public", is_default);
        assert_eq!(none(None), named(&[]));
        assert_eq!(none(Some(true)), named(&["public"]));
    }

    #[test]
    fn a_default_class_that_is_being_deleted_makes_way_for_another() {
        let of =
            |said: &[(&str, bool)]| defaults(said.iter().map(|(name, going)| ((*name).to_owned(), *going)));
        assert_eq!(of(&[("old", true), ("new", false)]), named(&["new"]));
        assert_eq!(
            of(&[("old", true)]),
            named(&["old"]),
            "its objects wait for nobody"
        );
        assert_eq!(of(&[("old", true), ("older", true)]), named(&["old", "older"]));
        assert_eq!(of(&[("a", false), ("b", false)]), named(&["a", "b"]));
    }

    #[test]
    fn what_others_chose_for_an_object_holds_until_its_namespace_says_that_there_is_none() {
        let status = |by, revision: Option<&str>| ProtectedApiStatus {
            class: Some(AppliedClass {
                name: "public".into(),
                revision: revision.map(ToOwned::to_owned),
                chosen_by: by,
                standing: None,
            }),
            ..ProtectedApiStatus::default()
        };
        let held =
            |by, namespace| left_behind(&status(Some(by), Some("r0")), namespace).map(|held| held.name);
        for by in [ChosenBy::Namespace, ChosenBy::Default] {
            assert_eq!(held(by, None).as_deref(), Some("public"));
            assert_eq!(held(by, Some("")), None);
        }
        assert_eq!(
            held(ChosenBy::Object, None),
            None,
            "the object itself has let it go"
        );
        let by = Some(ChosenBy::Namespace);
        assert_eq!(left_behind(&status(by, None), None), None, "it never went by it");
        let mut given = status(by, None);
        given.effective = Some(EffectiveStatus::default());
        assert!(left_behind(&given, None).is_some());
    }

    #[test]
    fn two_default_classes_are_both_named_and_hold_up_only_who_names_none() {
        let defaults = named(&["public", "internal"]);
        let refused = choose(None, None, &defaults).unwrap_err();
        assert_eq!(refused.reason, Reason::DefaultClassAmbiguous);
        assert!(
            refused
                .message
                .contains("2 PerimeterClasses are the default: internal, public"),
            "{}",
            refused.message
        );
        assert!(choose(Some("a"), None, &defaults).is_ok());
        assert!(choose(None, Some("a"), &defaults).is_ok());
    }
}
