//! Recorded answers are kept as botocore parsed them: here they become again what was on the wire.

use serde_json::{Map, Value, json};

/// A moment; what recordings leave of one is often the word that it was one.
const MOMENT: &str = "2026-01-02T03:04:05Z";
const SECONDS: f64 = 1_767_323_045.0;

/// How a protocol writes names and moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// JSON with the names as they are, moments in seconds.
    Json,
    /// JSON with names in lower camel case, moments as text: API Gateway's second version.
    Lower,
}

/// Maps whose keys are the user's.
const FREE: [&str; 4] = ["Tags", "RouteSettings", "StageVariables", "Options"];

/// An answer as JSON.
pub fn json_of(data: &Value, protocol: Protocol) -> Value {
    match data {
        Value::Object(fields) if fields.contains_key("__class__") => match protocol {
            Protocol::Json => json!(SECONDS),
            Protocol::Lower => json!(MOMENT),
        },
        Value::Object(fields) => {
            let mut wire = Map::new();
            for (key, value) in fields {
                if key == "ResponseMetadata" {
                    continue;
                }
                let value = match value {
                    // A document in a text, which some recorders have read.
                    Value::Object(_) if key == "policy" => json!(value.to_string()),
                    Value::String(text) if is_moment(key, text) => json!(SECONDS),
                    Value::Object(_) if protocol == Protocol::Lower && FREE.contains(&key.as_str()) => {
                        value.clone()
                    }
                    value => json_of(value, protocol),
                };
                wire.insert(named(key, protocol), value);
            }
            Value::Object(wire)
        }
        Value::Array(items) => items.iter().map(|item| json_of(item, protocol)).collect(),
        other => other.clone(),
    }
}

fn is_moment(key: &str, text: &str) -> bool {
    matches!(text, "datetime" | "<datetime>" | "date" | "timestamp") && key != "LastModified"
}

fn named(key: &str, protocol: Protocol) -> String {
    match (protocol, key.split_at_checked(1)) {
        (Protocol::Lower, Some((first, rest))) => first.to_lowercase() + rest,
        _ => key.to_owned(),
    }
}

/// An answer as XML, in an element of this name.
pub fn xml_of(name: &str, data: &Value) -> String {
    let inner = match data {
        Value::Object(fields) if fields.contains_key("__class__") => MOMENT.to_owned(),
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "ResponseMetadata" | "ETag" | "Location"))
            .map(|(key, value)| match value {
                Value::Array(items) => {
                    let member = member_of(name, key);
                    let items: String = items.iter().map(|item| xml_of(member, item)).collect();
                    format!("<{key}>{items}</{key}>")
                }
                Value::String(text) if is_moment(key, text) => xml_of(key, &json!(MOMENT)),
                value => xml_of(key, value),
            })
            .collect(),
        Value::String(text) => text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;"),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    format!("<{name}>{inner}</{name}>")
}

/// What the items of a list are called, which parsed answers do not tell.
fn member_of(parent: &str, list: &str) -> &'static str {
    match (parent, list) {
        ("Aliases", _) => "CNAME",
        ("Origins", _) => "Origin",
        ("CustomHeaders", _) => "OriginCustomHeader",
        ("AllowedMethods" | "CachedMethods", _) => "Method",
        ("LambdaFunctionAssociations", _) => "LambdaFunctionAssociation",
        ("FunctionAssociations", _) => "FunctionAssociation",
        ("CacheBehaviors", _) => "CacheBehavior",
        ("Headers" | "WhitelistedNames" | "QueryStringCacheKeys" | "CookieNames", _) => "Name",
        ("OriginSslProtocols", _) => "SslProtocol",
        ("GeoRestriction", _) => "Location",
        ("CustomErrorResponses", _) => "CustomErrorResponse",
        ("OriginGroups", _) => "OriginGroup",
        ("Members", _) => "OriginGroupMember",
        ("StatusCodes", _) => "StatusCode",
        ("TrustedSigners", _) => "AwsAccountNumber",
        ("TrustedKeyGroups", _) => "KeyGroup",
        ("DistributionList", _) => "DistributionSummary",
        ("Tags", _) => "Tag",
        (_, "AliasICPRecordals") => "AliasICPRecordal",
        (_, "VPCs") => "VPC",
        (_, "NameServers") => "NameServer",
        _ => "member",
    }
}
