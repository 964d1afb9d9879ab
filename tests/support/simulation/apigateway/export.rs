//! APIs as `OpenAPI` documents.

use super::{Route, Routes};
use palisade::domain::access::credentials::authorizer::Settings;
use serde_json::{Map, Value, json};

/// `OpenAPI` 3.0 with API Gateway's extensions.
pub fn document(title: &str, routes: &Routes) -> Value {
    let mut paths = Map::new();
    for (key, route) in routes {
        let (method, path) = key.split_once(' ').unwrap_or(("ANY", "/$default"));
        let place = match method {
            "ANY" => "x-amazon-apigateway-any-method".to_owned(),
            method => method.to_lowercase(),
        };
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        methods[place] = operation(route);
    }
    let mut document = json!({"openapi": "3.0.1", "info": {"title": title, "version": "2026-01-01T00:00:00Z"}, "paths": paths,
        "servers": [{"url": "https://api.example.com/{basePath}", "variables": {"basePath": {"default": "/prod"}}}], "components": {}});
    let schemes: Map<String, Value> = routes.values().filter_map(scheme).collect();
    if !schemes.is_empty() {
        document["components"] = json!({"securitySchemes": schemes});
    }
    document
}

/// The authorizer that a route asks.
fn scheme(route: &Route) -> Option<(String, Value)> {
    let name = scheme_name(route)?;
    if route.authorization.kind == "JWT" {
        let authorizer = json!({"type": "jwt", "identitySource": "$request.header.Authorization"});
        return Some((
            name,
            json!({"type": "oauth2", "x-amazon-apigateway-authorizer": authorizer}),
        ));
    }
    let asked = route.asks.as_ref()?;
    let authorizer = authorizer(&asked.settings);
    let scheme = json!({"type": "apiKey", "name": asked.settings.header, "in": "header", "x-amazon-apigateway-authtype": "custom",
        "x-amazon-apigateway-authorizer": authorizer});
    Some((name, scheme))
}

/// What an authorizer is made from.
pub fn authorizer(asked: &Settings) -> Value {
    let region = asked.function_arn.split(':').nth(3).unwrap_or_default();
    let uri = format!(
        "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{}/invocations",
        asked.function_arn
    );
    json!({
        "type": "request", "authorizerUri": uri, "authorizerResultTtlInSeconds": asked.ttl,
        "identitySource": format!("method.request.header.{}", asked.header),
    })
}

/// Exports have an authorizer's name, which is never its id.
fn scheme_name(route: &Route) -> Option<String> {
    let id = route.authorization.authorizer.as_ref()?;
    let named = route.asks.as_ref().map(|entry| entry.name.clone());
    Some(named.unwrap_or_else(|| format!("authorizer-{id}")))
}

fn operation(route: &Route) -> Value {
    let mut found = json!({"responses": {"200": {"description": "200 response", "content": {}}}});
    let mut security = Vec::new();
    if route.authorization.api_key_required {
        security.push(json!({"api_key": []}));
    }
    if route.authorization.kind == "AWS_IAM" {
        security.push(json!({"sigv4": []}));
        found["x-amazon-apigateway-auth"] = json!({"type": "AWS_IAM"});
    }
    if let Some(authorizer) = scheme_name(route) {
        security.push(json!({authorizer: []}));
    }
    if !security.is_empty() {
        found["security"] = json!(security);
    }
    if !route.integration.is_null() {
        found["x-amazon-apigateway-integration"] = route.integration.clone();
    }
    found
}
