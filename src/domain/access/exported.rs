//! APIs as API Gateway exports them: `OpenAPI` with extensions.

use super::authorization::{AWS_IAM, Authorization, CUSTOM};
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

/// What an export shows of one door.
pub(super) struct Shown {
    pub asked: Authorization,
    /// All that speaks of authorization, as it stands there.
    pub told: Value,
}

/// The doors of an exported API.
pub(super) fn shown(export: &Value) -> BTreeMap<String, Shown> {
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

/// The operations of an export, by the door's key.
pub(super) fn operations(export: &Value) -> impl Iterator<Item = (String, &Value)> {
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

/// Whether the door `key` of an exported REST API asks the Lambda function of that name, by that header and nothing else.
pub(super) fn asks_function(export: &Value, key: &str, function: &str, header: &str) -> bool {
    let schemes = &export["components"]["securitySchemes"];
    let source = format!("method.request.header.{header}");
    let is_meant = |scheme: &Value| {
        let authorizer = &scheme["x-amazon-apigateway-authorizer"];
        let text = |field: &str| authorizer[field].as_str().unwrap_or_default();
        text("type").eq_ignore_ascii_case("request")
            && text("authorizerUri").ends_with(&format!(":function:{function}/invocations"))
            && text("identitySource").eq_ignore_ascii_case(&source)
    };
    let mut found = operations(export).filter(|(found, _)| found == key);
    found.any(|(_, operation)| demanded(operation, schemes).any(is_meant))
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
    let authorizer = &scheme["x-amazon-apigateway-authorizer"];
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
    use crate::domain::access::authorization::NONE;

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
