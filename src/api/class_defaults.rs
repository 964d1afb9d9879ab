//! The schema of `spec.defaults` of a `PerimeterClass`: that of a `ProtectedApi`'s spec, without what is one object's own.

use super::protected_api::ProtectedApiSpec;
use super::schema::{rename, without_rules, without_transitions};
use schemars::{JsonSchema as _, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// The fields that only an object can say of itself: what it protects and where, its names and what proves them, Secrets of its
/// namespace, what stands already and who is let in there, and acts that its namespace must consent to.
pub const OWN_FIELDS: [&[&str]; 18] = [
    &["origin"],
    &["accountName"],
    &["className"],
    &["takeOver"],
    &["handOver"],
    &["access", "apiKey"],
    &["access", "mutualTls"],
    &["access", "probe"],
    &["distribution", "adopt"],
    &["distribution", "aliases"],
    &["distribution", "certificateArn"],
    &["distribution", "requestCertificate"],
    &["distribution", "hostedZoneId"],
    &["distribution", "takeOverAliases"],
    &["distribution", "viewerProtocolPolicy"],
    &["distribution", "ipv6"],
    &["distribution", "allowedMethods"],
    &["shield", "healthCheck", "id"],
];

/// The schema of a spec without [`OWN_FIELDS`], and without the rules that need one of them.
pub fn defaults(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = without_transitions(ProtectedApiSpec::json_schema(generator));
    let fields = schema.ensure_object();
    for path in OWN_FIELDS {
        remove(fields, path);
    }
    without_rules(fields, |rule| {
        let mut own = OWN_FIELDS.iter().filter_map(|path| path.last());
        rule.contains("'MutualTls'") || own.any(|name| mentions(rule, name))
    });
    if let Some(mode) = below(fields, &["access", "mode"]) {
        leave_out(mode, "enum", "MutualTls");
    }
    if let Some(check) = below(fields, &["shield", "healthCheck"]) {
        check.insert("required".to_owned(), json!(["path"]));
        without_rules(check, |_| true);
    }
    rename(&mut schema, "spec.", "spec.defaults.");
    schema
}

/// Whether a rule speaks of a field of this name.
fn mentions(rule: &str, name: &str) -> bool {
    let mut found = rule.match_indices(name);
    found.any(|(at, _)| {
        let after = rule[at + name.len()..].chars().next();
        rule[..at].ends_with('.') && !after.is_some_and(|next| next.is_ascii_alphanumeric())
    })
}

/// The schema of the property at `path`.
fn below<'a>(schema: &'a mut Map<String, Value>, path: &[&str]) -> Option<&'a mut Map<String, Value>> {
    path.iter().try_fold(schema, |schema, name| {
        schema.get_mut("properties")?.get_mut(name)?.as_object_mut()
    })
}

fn remove(schema: &mut Map<String, Value>, path: &[&str]) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    let Some(parent) = below(schema, parents) else {
        return;
    };
    leave_out(parent, "required", last);
    if let Some(Value::Object(properties)) = parent.get_mut("properties") {
        properties.remove(*last);
    }
}

fn leave_out(schema: &mut Map<String, Value>, list: &str, entry: &str) {
    if let Some(Value::Array(entries)) = schema.get_mut(list) {
        entries.retain(|other| other != entry);
        if entries.is_empty() {
            schema.remove(list);
        }
    }
}
