//! An object as the API server has it, whichever version of the controller wrote its status.

use crate::api::{ProtectedApi, ProtectedApiSpec, ProtectedApiStatus};
use crate::domain::classes::remembered::remembered;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Stands in `status.observedGeneration` before the controller has looked at an object.
pub(super) const NOT_LOOKED_AT: i64 = -1;

/// An object, and what of it this version does not understand.
#[derive(Debug, Clone)]
pub struct Read {
    /// The object, without control characters in any text, and with what its class gives.
    pub object: ProtectedApi,
    /// Fields that are left out, such as `status.access`.
    pub unread: Vec<String>,
}

/// Why an object cannot be shown.
#[derive(Debug, thiserror::Error)]
#[error(
    "{why}: use the kubectl-palisade of the version that runs in the cluster, or see what kubectl describe says"
)]
pub struct Unreadable {
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    why: serde_json::Error,
}

/// Reads an object.
///
/// # Errors
/// Where not even metadata and `spec.origin` are understood.
pub fn read(object: &Value) -> Result<Read, Unreadable> {
    let object = cleaned(object);
    let mut unread = Vec::new();
    let of = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    let parsed = parsed(&object, &mut unread).map_err(|why| Unreadable {
        namespace: of("namespace"),
        name: of("name"),
        why,
    })?;
    Ok(Read {
        object: ProtectedApi {
            spec: remembered(&parsed).into_owned(),
            ..parsed
        },
        unread,
    })
}

/// A part of an object, without control characters in any text.
///
/// # Errors
/// Where this version does not understand it.
pub(super) fn part<T: DeserializeOwned>(value: &Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(cleaned(value))
}

fn parsed(object: &Value, unread: &mut Vec<String>) -> Result<ProtectedApi, serde_json::Error> {
    let metadata: ObjectMeta = serde_json::from_value(object["metadata"].clone())?;
    let spec: ProtectedApiSpec = understood("spec", &object["spec"], Some("origin"), unread)?;
    let status: Option<ProtectedApiStatus> = match &object["status"] {
        Value::Null => None,
        status => Some(understood("status", status, None, unread)?),
    };
    Ok(ProtectedApi {
        metadata,
        spec,
        status,
    })
}

/// `part` with the fields that are understood; the others are named in `unread`. Without the field `needed` there is none.
fn understood<T: DeserializeOwned>(
    name: &str,
    part: &Value,
    needed: Option<&str>,
    unread: &mut Vec<String>,
) -> Result<T, serde_json::Error> {
    if let Ok(whole) = serde_json::from_value(part.clone()) {
        return Ok(whole);
    }
    let fields = part.as_object().cloned().unwrap_or_default();
    let (first, others): (Map<String, Value>, Map<String, Value>) = fields
        .into_iter()
        .partition(|(field, _)| Some(field.as_str()) == needed);
    let mut kept = first;
    for (field, value) in others {
        kept.insert(field.clone(), value);
        if serde_json::from_value::<T>(Value::Object(kept.clone())).is_err() {
            kept.remove(&field);
            unread.push(format!("{name}.{field}"));
        }
    }
    serde_json::from_value(Value::Object(kept))
}

/// The same without characters that steer a terminal, turn the direction of writing, hide or may not stand in XML.
fn cleaned(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(text)),
        Value::Array(items) => Value::Array(items.iter().map(cleaned).collect()),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (clean(name), cleaned(value)));
            Value::Object(fields.collect())
        }
        other => other.clone(),
    }
}

/// Direction of writing, and what XML does not know.
const STEERS: [char; 14] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{fffe}', '\u{ffff}',
];

/// Whether a letter is not to be seen, so that two texts that look alike are not the same.
fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// `text` on one line, with a mark in the place of each letter that steers a terminal, turns the direction of writing or hides.
#[must_use]
pub fn clean(text: &str) -> String {
    let each = text.chars().map(|letter| match letter {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
        letter if letter.is_control() || STEERS.contains(&letter) || is_hidden(letter) => '\u{fffd}',
        letter => letter,
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(status: &Value) -> Value {
        json!({
            "metadata": {"namespace": "shop", "name": "petstore"},
            "spec": {"origin": {
                "endpoint": "a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com", "type": "REST", "stage": "prod",
            }},
            "status": status,
        })
    }

    #[test]
    fn a_field_of_another_version_is_left_out_and_named_and_the_others_are_read() {
        let mut object =
            object(&json!({"url": "https://d1.cloudfront.net", "access": {"deployment": "d-1"}}));
        object["spec"]["access"] = json!({"mode": "Passkey"});
        let read = read(&object).expect("an object");
        assert_eq!(read.unread, ["spec.access", "status.access"]);
        let status = read.object.status.expect("a status");
        assert_eq!(status.url.as_deref(), Some("https://d1.cloudfront.net"));
    }

    #[test]
    fn an_object_without_an_api_that_is_understood_is_refused_by_name() {
        let mut object = object(&Value::Null);
        object["spec"]["origin"]["type"] = json!("GRAPHQL");
        let error = read(&object).expect_err("no such type");
        assert_eq!(
            (error.namespace.as_str(), error.name.as_str()),
            ("shop", "petstore")
        );
        assert!(error.to_string().contains("GRAPHQL"), "{error}");
    }

    #[test]
    fn what_hides_in_a_text_is_seen() {
        for hidden in [
            '\u{200b}',
            '\u{200d}',
            '\u{2060}',
            '\u{feff}',
            '\u{ad}',
            '\u{e0041}',
        ] {
            let mut object = object(&json!({"url": format!("a{hidden}b")}));
            object["metadata"]["name"] = json!(format!("pet{hidden}store"));
            let read = read(&object).expect("an object").object;
            assert_eq!(read.metadata.name.as_deref(), Some("pet\u{fffd}store"));
            let url = read.status.and_then(|status| status.url);
            assert_eq!(url.as_deref(), Some("a\u{fffd}b"), "{hidden:?}");
        }
    }

    #[test]
    fn what_steers_a_terminal_is_gone_from_every_text() {
        let read = read(&object(&json!({"url": "a\u{1b}[2Jb\nc\u{202e}d\u{9b}"}))).expect("an object");
        let url = read.object.status.and_then(|status| status.url);
        assert_eq!(url.as_deref(), Some("a\u{fffd}[2Jb c\u{fffd}d\u{fffd}"));
    }
}
