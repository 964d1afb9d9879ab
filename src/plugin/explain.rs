//! `explain`: which value of an object came from where: from the object itself, from its class, or from the built-in baseline.

use super::look::Look;
use super::read::part;
use crate::api::{AppliedClass, ChosenBy, ProtectedApiSpec, ProtectedApiStatus};
use crate::domain::adoption::deletion_policy;
use crate::domain::classes::baseline::baseline;
use serde::Serialize;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// So wide a value may be where people read it.
const SHOWN: usize = 60;

/// Where the values of an object come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    /// The class that it goes by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<AppliedClass>,
    /// Why what is declared is not acted upon, where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// The fields by their paths.
    pub fields: Vec<Field>,
    /// How many fields of the class there are that its status does not list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<i64>,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Its path.
    pub field: String,
    /// Its value as JSON; of a list that class and object make up together, the part that is from there.
    pub value: String,
    /// Where it comes from.
    pub from: From,
    /// Where in the class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub enum From {
    Object,
    Class,
    Baseline,
}

/// Explains an object as the API server has it.
///
/// # Errors
/// When its status is not understood.
pub fn explained(object: &Value) -> Result<Explained, serde_json::Error> {
    let status: Option<ProtectedApiStatus> = part(&object["status"])?;
    let metadata: Value = part(&object["metadata"])?;
    let spec: Value = part(&object["spec"])?;
    let text = |field: &str| metadata[field].as_str().unwrap_or_default().to_owned();
    let status = status.unwrap_or_default();
    let mut fields = Vec::new();
    flat("spec", &spec, &mut |field, value| {
        fields.push(of(field, value, From::Object));
    });
    let effective = status.effective.clone().unwrap_or_default();
    fields.extend(effective.fields.into_iter().map(|given| Field {
        field: given.field,
        value: given.value,
        from: From::Class,
        at: Some(given.from),
    }));
    let mut others = Vec::new();
    flat("spec", &baseline(), &mut |field, value| {
        others.push(of(field, value, From::Baseline));
    });
    // What was adopted, or is handed over, stays where nobody says otherwise.
    let typed: Option<ProtectedApiSpec> = serde_json::from_value(spec.clone()).ok();
    let policy = json!(deletion_policy(typed.as_ref(), Some(&status)));
    for other in others
        .iter_mut()
        .filter(|other| other.field == "spec.deletionPolicy")
    {
        other.value = policy.to_string();
    }
    let is_said = |path: &str| fields.iter().any(|said| said.field == path);
    others.retain(|other| !is_said(&other.field));
    fields.extend(others);
    fields.sort_by(|a, b| a.field.cmp(&b.field));
    let accepted = status.conditions.iter().find(|found| found.type_ == "Accepted");
    let refused = accepted.filter(|found| found.status == "False");
    Ok(Explained {
        namespace: text("namespace"),
        name: text("name"),
        class: status.class,
        refused: refused.map(|found| found.message.clone()),
        fields,
        more: effective.more,
    })
}

fn of(field: &str, value: &Value, from: From) -> Field {
    Field {
        field: field.to_owned(),
        value: value.to_string(),
        from,
        at: None,
    }
}

/// The scalars and lists of a spec, by their paths.
fn flat(path: &str, value: &Value, found: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                let below = if path == "spec.tags" {
                    format!("{path}[{name}]")
                } else {
                    format!("{path}.{name}")
                };
                flat(&below, value, found);
            }
        }
        value => found(path, value),
    }
}

/// The same for people.
#[must_use]
pub fn text(explained: &Explained, look: Look) -> String {
    let mut out = String::new();
    let object = format!("{}/{}", explained.namespace, explained.name);
    let _ = writeln!(out, "{object} {}", goes_by(explained.class.as_ref()));
    if let Some(refused) = &explained.refused {
        let _ = writeln!(out, "What is declared is not acted upon: {refused}");
    }
    let width = explained.fields.iter().map(|field| field.field.len()).max();
    let width = width.unwrap_or_default();
    for Field {
        field,
        value,
        from,
        at,
    } in &explained.fields
    {
        let from = match from {
            From::Object => "object",
            From::Class => "class",
            From::Baseline => "baseline",
        };
        let at = at.as_ref().map(|at| format!("  {at}")).unwrap_or_default();
        let _ = writeln!(out, "  {field:width$}  {from:8}  {}{at}", cut(value, look));
    }
    if let Some(more) = explained.more {
        let _ = writeln!(
            out,
            "  and {more} fields more of the class, which status does not list"
        );
    }
    out
}

fn goes_by(class: Option<&AppliedClass>) -> String {
    let Some(class) = class else {
        return "goes by no class".to_owned();
    };
    let by = match class.chosen_by {
        Some(ChosenBy::Object) => ", which its spec.className names",
        Some(ChosenBy::Namespace) => ", which its Namespace names",
        Some(ChosenBy::Default) => ", the default class",
        None => "",
    };
    let revision = match &class.revision {
        Some(revision) => format!(" (revision {revision})"),
        None => " (not known)".to_owned(),
    };
    format!("goes by PerimeterClass {}{by}{revision}", class.name)
}

fn cut(value: &str, look: Look) -> String {
    let end = if look.unicode { "…" } else { "..." };
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}{end}", &value[..at]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn petstore() -> Value {
        json!({
            "metadata": {"namespace": "shop", "name": "petstore"},
            "spec": {"origin": {"stage": "prod"}, "tags": {"team": "pets"}, "deletionPolicy": "Retain"},
            "status": {
                "class": {"name": "public", "revision": "ab", "chosenBy": "Namespace"},
                "effective": {"fields": [
                    {"field": "spec.access.mode", "from": "spec.defaults.access.mode", "value": "\"SecretHeader\""},
                    {"field": "spec.webAcl", "from": "spec.limits.requiredRules", "value": "[]", "appended": true},
                ]},
            },
        })
    }

    fn from(explained: &Explained, path: &str) -> Vec<(From, String)> {
        let fields = explained.fields.iter().filter(|field| field.field == path);
        fields.map(|field| (field.from, field.value.clone())).collect()
    }

    #[test]
    fn each_value_is_of_the_object_of_its_class_or_of_the_baseline() {
        let explained = explained(&petstore()).unwrap();
        let one = |from, value: &str| vec![(from, value.to_owned())];
        assert_eq!(from(&explained, "spec.tags[team]"), one(From::Object, "\"pets\""));
        assert_eq!(
            from(&explained, "spec.deletionPolicy"),
            one(From::Object, "\"Retain\"")
        );
        assert_eq!(
            from(&explained, "spec.access.mode"),
            one(From::Class, "\"SecretHeader\"")
        );
        assert_eq!(
            from(&explained, "spec.probes"),
            one(From::Baseline, "\"Enabled\"")
        );
        assert_eq!(from(&explained, "spec.webAcl.rateLimits").len(), 1);
    }

    #[test]
    fn people_read_a_line_for_each_field_and_who_chose_the_class() {
        let look = Look {
            width: 100,
            unicode: false,
            colour: false,
        };
        let text = text(&explained(&petstore()).unwrap(), look);
        assert!(
            text.starts_with(
                "shop/petstore goes by PerimeterClass public, which its Namespace names (revision ab)\n"
            ),
            "{text}"
        );
        assert!(
            text.lines()
                .any(|line| line.contains("spec.access.mode") && line.contains("class ")),
            "{text}"
        );
    }

    #[test]
    fn an_object_without_a_class_has_values_of_its_own_and_of_the_baseline() {
        let mut object = petstore();
        object["status"] = Value::Null;
        let explained = explained(&object).unwrap();
        assert_eq!(explained.class, None);
        assert!(explained.fields.iter().all(|field| field.from != From::Class));
    }

    #[test]
    fn what_stays_by_a_limit_of_the_class_is_not_called_deleted() {
        let mut object = petstore();
        object["spec"]["deletionPolicy"] = json!("Delete");
        object["status"]["effective"]["fields"] = json!([{
            "field": "spec.deletionPolicy", "from": "spec.limits.deletionPolicy", "value": "\"Retain\"",
        }]);
        let all = from(&explained(&object).unwrap(), "spec.deletionPolicy");
        assert!(all.contains(&(From::Class, "\"Retain\"".to_owned())), "{all:?}");
        object["spec"]["deletionPolicy"] = Value::Null;
        let object = explained(&object).unwrap();
        let is_baseline = |(from, _): &(From, String)| *from == From::Baseline;
        assert!(!from(&object, "spec.deletionPolicy").iter().any(is_baseline));
    }

    #[test]
    fn what_is_adopted_or_handed_over_stays_where_nobody_says_otherwise() {
        let origin = json!({
            "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
        });
        for (more, policy, wanted) in [
            (json!({}), Value::Null, "\"Delete\""),
            (
                json!({"distribution": {"adopt": {"id": "E1ABCDEF2GHIJK"}}}),
                Value::Null,
                "\"Retain\"",
            ),
            (
                json!({"distribution": {"adopt": {"id": "E1ABCDEF2GHIJK"}}}),
                json!("Delete"),
                "\"Delete\"",
            ),
        ] {
            let mut object = petstore();
            object["spec"] = more.clone();
            object["spec"]["origin"] = origin.clone();
            if !policy.is_null() {
                object["spec"]["deletionPolicy"] = policy;
            }
            let explained = explained(&object).unwrap();
            assert_eq!(
                from(&explained, "spec.deletionPolicy")
                    .into_iter()
                    .map(|(_, value)| value)
                    .collect::<Vec<_>>(),
                [wanted],
                "{more}"
            );
        }
    }
}
