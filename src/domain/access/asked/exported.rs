//! APIs as API Gateway exports them: `OpenAPI` with extensions.

use super::authorizer_names::function_name;
use super::{AWS_IAM, Authorization, CUSTOM};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What stands in an export for every method.
const ANY: &str = "x-amazon-apigateway-any-method";
/// Methods as an export writes them.
const METHODS: [&str; 7] = ["delete", "get", "head", "options", "patch", "post", "put"];
/// The path under which an export has the route that takes what no other takes.
const DEFAULT_PATH: &str = "/$default";
/// That route's key.
const DEFAULT_ROUTE: &str = "$default";
/// Where an export tells how an operation is authorized, besides its security.
const AUTH: &str = "x-amazon-apigateway-auth";

/// Where an export's scheme has the definition of an authorizer.
const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
/// What an authorizer is made from, as exports spell it.
const DEFINITION: [&str; 7] = [
    "type",
    "authorizerUri",
    "authorizerCredentials",
    "authorizerResultTtlInSeconds",
    "identitySource",
    "identityValidationExpression",
    "providerARNs",
];

/// Those of them whose case an export may change, or does not count.
const CASELESS: [&str; 2] = ["type", "identitySource"];

/// What an export shows of one route.
pub(in crate::domain::access) struct Shown {
    pub asked: Authorization,
    /// All that speaks of authorization, as it stands there.
    pub told: Value,
}

/// The routes of an exported API.
pub(in crate::domain::access) fn shown(export: &Value) -> BTreeMap<String, Shown> {
    let schemes = &export["components"]["securitySchemes"];
    let shown = |operation: &Value| Shown {
        asked: asked(operation, schemes),
        // Two authorizers of one name may ask different functions.
        told: json!([
            operation["security"],
            operation[AUTH],
            demanded(operation, schemes).collect::<Vec<_>>()
        ]),
    };
    operations(export)
        .map(|(key, operation)| (key, shown(operation)))
        .collect()
}

/// The operations of an export, by the route's key.
pub(in crate::domain::access) fn operations(export: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = export["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten();
        operations.filter_map(move |(method, operation)| {
            let name = match method.as_str() {
                ANY if path == DEFAULT_PATH => return Some((DEFAULT_ROUTE.to_owned(), operation)),
                ANY => "ANY".to_owned(),
                method if METHODS.contains(&method) => method.to_uppercase(),
                _ => return None,
            };
            Some((format!("{name} {path}"), operation))
        })
    })
}

/// The schemes that an operation demands.
fn demanded<'a>(operation: &'a Value, schemes: &'a Value) -> impl Iterator<Item = &'a Value> {
    let demands = operation["security"].as_array().into_iter().flatten();
    let names = demands.flat_map(|demand| demand.as_object().into_iter().flatten());
    names.map(move |(name, _)| &schemes[name])
}

/// Whether the route `key` of an exported REST API asks the Lambda function of that name, by that header and nothing else.
pub(super) fn asks_function(export: &Value, key: &str, function: &str, header: &str) -> bool {
    let source = format!("method.request.header.{header}");
    let is_meant = |scheme: &Value| {
        let authorizer = &scheme[AUTHORIZER];
        let text = |field: &str| authorizer[field].as_str().unwrap_or_default();
        text("type").eq_ignore_ascii_case("request")
            && text("authorizerUri").ends_with(&format!(":function:{function}/invocations"))
            && text("identitySource").eq_ignore_ascii_case(&source)
    };
    demands(export, key, is_meant)
}

/// Whether an export has an authorizer of that name which asks the Lambda function of that ARN: two of one name, the one as deployed and
/// the other as edited, may ask different functions.
pub(super) fn has_named(export: &Value, name: &str, function_arn: &str) -> bool {
    let uri = &export["components"]["securitySchemes"][name][AUTHORIZER]["authorizerUri"];
    let end = format!("/functions/{function_arn}/invocations");
    uri.as_str().is_some_and(|uri| uri.ends_with(&end))
}

/// Whether the route `key` of an export demands a scheme that is such.
fn demands(export: &Value, key: &str, is_such: impl Fn(&Value) -> bool) -> bool {
    let schemes = &export["components"]["securitySchemes"];
    let mut found = operations(export).filter(|(found, _)| found == key);
    found.any(|(_, operation)| demanded(operation, schemes).any(&is_such))
}

/// Whether an exported API has an authorizer.
pub(in crate::domain::access) fn has_authorizer(export: &Value) -> bool {
    let schemes = export["components"]["securitySchemes"].as_object();
    let mut schemes = schemes.into_iter().flat_map(serde_json::Map::values);
    schemes.any(|scheme| !scheme[AUTHORIZER].is_null())
}

/// Whether an exported REST API's route `key` demands an authorizer that is made from something else than `edited`, which is in the
/// spelling of exports. What only one of them tells of is not compared.
pub(in crate::domain::access) fn is_other_authorizer(export: &Value, key: &str, edited: &Value) -> bool {
    let is_other = |scheme: &Value| {
        let served = &scheme[AUTHORIZER];
        DEFINITION.iter().any(|field| {
            let (served, edited) = (&served[*field], &edited[*field]);
            !served.is_null() && !edited.is_null() && !is_same(field, served, edited)
        })
    };
    demands(export, key, is_other)
}

/// Whether two values of `field` of a definition are the same: the order of words does not count.
fn is_same(field: &str, a: &Value, b: &Value) -> bool {
    let word = |text: &str| {
        if CASELESS.contains(&field) {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    let words = |value: &Value| -> Vec<String> {
        let of = |value: &Value| value.as_str().map_or_else(|| value.to_string(), word);
        let mut words: Vec<String> = match value {
            Value::Array(all) => all.iter().map(of).collect(),
            Value::String(text) => text.split(',').map(|part| word(part.trim())).collect(),
            other => vec![of(other)],
        };
        words.sort();
        words
    };
    words(a) == words(b)
}

/// Names of authorizers that both exports of an HTTP API have, and that are made from something else in the one than in the other.
pub(in crate::domain::access) fn other_authorizers(edited: &Value, served: &Value) -> Vec<String> {
    let (edited, served) = (
        &edited["components"]["securitySchemes"],
        &served["components"]["securitySchemes"],
    );
    let schemes = edited.as_object().into_iter().flatten();
    let both = schemes.filter_map(|(name, scheme)| Some((name, scheme, served.get(name)?)));
    let other = both.filter(|(_, edited, served)| {
        let (edited, served) = (&edited[AUTHORIZER], &served[AUTHORIZER]);
        edited != served && !is_of_ours(edited)
    });
    other.map(|(name, _, _)| name.clone()).collect()
}

/// Whether a definition asks a function that is named as Palisade names its authorizers: nobody else writes them, or we mend it.
fn is_of_ours(definition: &Value) -> bool {
    let uri = definition["authorizerUri"].as_str().unwrap_or_default();
    function_name(uri.trim_end_matches("/invocations")).is_some()
}

/// What an exported operation asks for.
fn asked(operation: &Value, schemes: &Value) -> Authorization {
    let kind = operation[AUTH]["type"].as_str().unwrap_or_default();
    if kind.eq_ignore_ascii_case(AWS_IAM) {
        return Authorization::aws_iam();
    }
    let demands = operation["security"].as_array().into_iter().flatten();
    let mut names = demands.flat_map(|demand| demand.as_object().into_iter().flatten());
    let Some((name, _)) = names.next() else {
        return Authorization::none();
    };
    let scheme = &schemes[name];
    let authorizer = &scheme[AUTHORIZER];
    let is_signature = scheme["x-amazon-apigateway-authtype"]
        .as_str()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("awsSigv4"));
    if is_signature {
        return Authorization::aws_iam();
    }
    let is_jwt =
        authorizer["type"] == "jwt" || scheme["type"] == "oauth2" || scheme["type"] == "openIdConnect";
    Authorization {
        kind: if is_jwt { "JWT" } else { CUSTOM }.to_owned(),
        authorizer: Some(name.clone()),
        api_key_required: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::asked::NONE;

    #[test]
    fn every_spelling_of_an_authorization_is_read() {
        let schemes = json!({
            "sigv4": {"type": "apiKey", "x-amazon-apigateway-authtype": "awsSigv4"},
            "users": {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt"}},
            "lambda": {"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "request"}},
        });
        for (operation, kind) in [
            (json!({}), NONE),
            (json!({"security": []}), NONE),
            (json!({"x-amazon-apigateway-auth": {"type": "aws_iam"}}), AWS_IAM),
            (json!({"security": [{"sigv4": []}]}), AWS_IAM),
            (json!({"security": [{"users": ["read"]}]}), "JWT"),
            (json!({"security": [{"lambda": []}]}), CUSTOM),
        ] {
            assert_eq!(asked(&operation, &schemes).kind, kind, "{operation}");
        }
    }
}
