//! APIs as `OpenAPI` documents.

use super::{Door, Doors};
use serde_json::{Map, Value, json};

/// `OpenAPI` 3.0 with API Gateway's extensions.
pub fn document(title: &str, doors: &Doors) -> Value {
    let mut paths = Map::new();
    for (key, door) in doors {
        let (method, path) = key.split_once(' ').unwrap_or(("ANY", "/$default"));
        let place = match method {
            "ANY" => "x-amazon-apigateway-any-method".to_owned(),
            method => method.to_lowercase(),
        };
        let methods = paths.entry(path).or_insert_with(|| json!({}));
        methods[place] = operation(door);
    }
    json!({"openapi": "3.0.1", "info": {"title": title, "version": "2026-01-01T00:00:00Z"}, "paths": paths})
}

fn operation(door: &Door) -> Value {
    let mut found = json!({"responses": {}});
    let mut security = Vec::new();
    if door.authorization.api_key_required {
        security.push(json!({"api_key": []}));
    }
    if door.authorization.kind == "AWS_IAM" {
        security.push(json!({"sigv4": []}));
        found["x-amazon-apigateway-auth"] = json!({"type": "AWS_IAM"});
    }
    if let Some(authorizer) = &door.authorization.authorizer {
        security.push(json!({authorizer: []}));
    }
    if !security.is_empty() {
        found["security"] = json!(security);
    }
    if !door.integration.is_null() {
        found["x-amazon-apigateway-integration"] = door.integration.clone();
    }
    found
}
