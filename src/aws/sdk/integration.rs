//! A method's integration as `GetExport` writes it, so that what is edited and what is deployed can be compared.

use serde_json::{Map, Value, json};

/// API Gateway's default, which it exports sometimes and sometimes not.
const DEFAULT_TIMEOUT: i64 = 29_000;
/// How an export writes a template that is there but says nothing.
const NO_TEMPLATE: &str = "__passthrough__";
const EXTENSION: &str = "x-amazon-apigateway-integration";

/// The integration in the spelling of `x-amazon-apigateway-integration`, in its canonical form; null where there is
/// none. A cache namespace that is the resource's id is the default, which is exported as little.
pub fn render(integration: Option<&Value>, resource: &str) -> Value {
    let Some(Value::Object(fields)) = integration else {
        return Value::Null;
    };
    let mut found = fields.clone();
    let responses = found.remove("integrationResponses");
    let responses = responses
        .as_ref()
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let responses: Map<String, Value> = responses.map(|(_, answer)| response(answer)).collect();
    found.insert("responses".to_owned(), responses.into());
    found.remove("_links");
    if found
        .get("cacheNamespace")
        .is_some_and(|namespace| *namespace == resource)
    {
        found.remove("cacheNamespace");
    }
    if found.get("timeoutInMillis").is_some_and(|timeout| *timeout == 0) {
        found.remove("timeoutInMillis");
    }
    if found
        .get("tlsConfig")
        .is_some_and(|tls| tls["insecureSkipVerification"] != true)
    {
        found.remove("tlsConfig");
    }
    let mut found = Value::Object(found);
    canonicalize(&mut found);
    found
}

/// Brings the integrations of an exported API to the form of [`render`].
pub fn canonicalize_export(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, methods) in paths {
        for (_, method) in methods.as_object_mut().into_iter().flatten() {
            if let Some(integration) = method.get_mut(EXTENSION) {
                canonicalize(integration);
            }
        }
    }
}

/// What is unset, empty or a default is left out; enumerations that are exported in lower case are in it.
fn canonicalize(integration: &mut Value) {
    drop_empty(integration);
    let Some(fields) = integration.as_object_mut() else {
        return;
    };
    for name in ["type", "passthroughBehavior"] {
        if let Some(Value::String(text)) = fields.get_mut(name) {
            *text = text.to_lowercase();
        }
    }
    for (name, default) in [
        ("timeoutInMillis", json!(DEFAULT_TIMEOUT)),
        ("connectionType", json!("INTERNET")),
        ("responseTransferMode", json!("BUFFERED")),
    ] {
        if fields.get(name) == Some(&default) {
            fields.remove(name);
        }
    }
}

fn drop_empty(value: &mut Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.values_mut().for_each(drop_empty);
        fields.retain(|_, value| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty() && text != NO_TEMPLATE,
            Value::Array(items) => !items.is_empty(),
            Value::Object(fields) => !fields.is_empty(),
            _ => true,
        });
    }
}

/// A response under the pattern that selects it; the one without a pattern is the default.
fn response(answer: &Value) -> (String, Value) {
    let pattern = answer["selectionPattern"].as_str().filter(|it| !it.is_empty());
    let mut found = answer.clone();
    if let Some(fields) = found.as_object_mut() {
        fields.remove("selectionPattern");
    }
    (pattern.unwrap_or("default").to_owned(), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_without_an_integration_has_none() {
        assert_eq!(render(None, "a1b2c3"), Value::Null);
        assert_eq!(render(Some(&Value::Null), "a1b2c3"), Value::Null);
    }

    #[test]
    fn an_integration_reads_as_api_gateway_exports_it() {
        let integration = json!({
            "type": "HTTP",
            "httpMethod": "GET",
            "uri": "http://petstore.example.com/pets",
            "connectionType": "VPC_LINK",
            "connectionId": "link",
            "requestParameters": {"integration.request.querystring.page": "method.request.querystring.page"},
            "requestTemplates": {"application/json": "{}", "text/plain": null},
            "passthroughBehavior": "WHEN_NO_MATCH",
            "timeoutInMillis": 29000,
            "cacheNamespace": "a1b2c3",
            "cacheKeyParameters": [],
            "integrationResponses": {
                "200": {
                    "statusCode": "200",
                    "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'*'"},
                    "responseTemplates": {"application/json": null}
                },
                "500": {
                    "statusCode": "500",
                    "selectionPattern": "5\\d\\d",
                    "responseTemplates": {"application/json": "{}"},
                    "contentHandling": "CONVERT_TO_TEXT"
                }
            }
        });
        let expected = json!({
            "type": "http",
            "httpMethod": "GET",
            "uri": "http://petstore.example.com/pets",
            "connectionType": "VPC_LINK",
            "connectionId": "link",
            "requestParameters": {"integration.request.querystring.page": "method.request.querystring.page"},
            "requestTemplates": {"application/json": "{}"},
            "passthroughBehavior": "when_no_match",
            "responses": {
                "default": {
                    "statusCode": "200",
                    "responseParameters": {"method.response.header.Access-Control-Allow-Origin": "'*'"}
                },
                "5\\d\\d": {
                    "statusCode": "500",
                    "responseTemplates": {"application/json": "{}"},
                    "contentHandling": "CONVERT_TO_TEXT"
                }
            }
        });
        assert_eq!(render(Some(&integration), "a1b2c3"), expected);
    }

    #[test]
    fn an_exported_integration_and_the_same_as_edited_are_equal() {
        let integration = json!({
            "type": "AWS_PROXY",
            "httpMethod": "POST",
            "uri": "arn:aws:apigateway:eu-north-1:lambda:path/x/invocations",
            "connectionType": "INTERNET",
            "passthroughBehavior": "WHEN_NO_MATCH",
            "timeoutInMillis": 29000,
            "tlsConfig": {"insecureSkipVerification": false},
            "integrationResponses": {"200": {"statusCode": "200", "selectionPattern": ""}}
        });
        let mut export = json!({"openapi": "3.0.1", "paths": {"/pets": {"parameters": [], "get": {
            "responses": {},
            "x-amazon-apigateway-integration": {
                "type": "AWS_PROXY",
                "httpMethod": "POST",
                "uri": "arn:aws:apigateway:eu-north-1:lambda:path/x/invocations",
                "responses": {"default": {
                    "statusCode": "200", "responseTemplates": {"application/json": "__passthrough__"}
                }},
                "passthroughBehavior": "when_no_match",
                "timeoutInMillis": 29000
            }
        }}}});
        canonicalize_export(&mut export);
        let exported = &export["paths"]["/pets"]["get"]["x-amazon-apigateway-integration"];
        assert_eq!(exported, &render(Some(&integration), "a1b2c3"));
    }

    #[test]
    fn a_cache_namespace_of_its_own_is_told() {
        let integration = json!({
            "type": "MOCK", "cacheNamespace": "shared", "cacheKeyParameters": ["method.request.path.id"]
        });
        let expected = json!({
            "type": "mock", "cacheNamespace": "shared", "cacheKeyParameters": ["method.request.path.id"]
        });
        assert_eq!(render(Some(&integration), "a1b2c3"), expected);
    }
}
