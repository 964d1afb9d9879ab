//! A method's integration as `GetExport` writes it, so that what is edited and what is deployed can be compared.

use aws_sdk_apigateway::types::{
    ConnectionType, ContentHandlingStrategy, Integration, IntegrationResponse, IntegrationType,
    ResponseTransferMode,
};
use serde_json::{Map, Value, json};

/// API Gateway's default, which it exports sometimes and sometimes not.
const DEFAULT_TIMEOUT: i64 = 29_000;
/// How an export writes a template that is there but says nothing.
const NO_TEMPLATE: &str = "__passthrough__";
const EXTENSION: &str = "x-amazon-apigateway-integration";

/// The integration in the spelling of `x-amazon-apigateway-integration`, in its canonical form; null where there is
/// none. A cache namespace that is the resource's id is the default, which is exported as little.
pub fn render(integration: Option<&Integration>, resource: &str) -> Value {
    let Some(integration) = integration else {
        return Value::Null;
    };
    let namespace = integration.cache_namespace.as_ref();
    let insecure = integration
        .tls_config
        .as_ref()
        .is_some_and(|tls| tls.insecure_skip_verification);
    let responses = integration.integration_responses.iter().flatten();
    let mut found = json!({
        "type": integration.r#type.as_ref().map(IntegrationType::as_str),
        "uri": integration.uri,
        "httpMethod": integration.http_method,
        "credentials": integration.credentials,
        "connectionType": integration.connection_type.as_ref().map(ConnectionType::as_str),
        "connectionId": integration.connection_id,
        "integrationTarget": integration.integration_target,
        "passthroughBehavior": integration.passthrough_behavior,
        "contentHandling": integration.content_handling.as_ref().map(ContentHandlingStrategy::as_str),
        "responseTransferMode": integration.response_transfer_mode.as_ref().map(ResponseTransferMode::as_str),
        "timeoutInMillis": Some(integration.timeout_in_millis).filter(|it| *it > 0),
        "tlsConfig": insecure.then(|| json!({"insecureSkipVerification": true})),
        "cacheNamespace": namespace.filter(|it| *it != resource),
        "cacheKeyParameters": integration.cache_key_parameters,
        "requestParameters": integration.request_parameters,
        "requestTemplates": integration.request_templates,
        "responses": responses.map(|(_, answer)| response(answer)).collect::<Map<_, _>>(),
    });
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
fn response(answer: &IntegrationResponse) -> (String, Value) {
    let pattern = answer.selection_pattern.as_deref().filter(|it| !it.is_empty());
    let found = json!({
        "statusCode": answer.status_code,
        "responseParameters": answer.response_parameters,
        "responseTemplates": answer.response_templates,
        "contentHandling": answer.content_handling.as_ref().map(ContentHandlingStrategy::as_str),
    });
    (pattern.unwrap_or("default").to_owned(), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_without_an_integration_has_none() {
        assert_eq!(render(None, "a1b2c3"), Value::Null);
    }

    #[test]
    fn an_integration_reads_as_api_gateway_exports_it() {
        let answer = IntegrationResponse::builder()
            .status_code("200")
            .response_parameters("method.response.header.Access-Control-Allow-Origin", "'*'")
            .build();
        let failed = IntegrationResponse::builder()
            .status_code("500")
            .selection_pattern("5\\d\\d")
            .response_templates("application/json", "{}")
            .content_handling(ContentHandlingStrategy::ConvertToText)
            .build();
        let integration = Integration::builder()
            .r#type(IntegrationType::Http)
            .http_method("GET")
            .uri("http://petstore.example.com/pets")
            .connection_type(ConnectionType::VpcLink)
            .connection_id("link")
            .request_parameters(
                "integration.request.querystring.page",
                "method.request.querystring.page",
            )
            .request_templates("application/json", "{}")
            .passthrough_behavior("WHEN_NO_MATCH")
            .timeout_in_millis(29_000)
            .cache_namespace("a1b2c3")
            .set_cache_key_parameters(Some(vec![]))
            .integration_responses("200", answer)
            .integration_responses("500", failed)
            .build();
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
        let integration = Integration::builder()
            .r#type(IntegrationType::AwsProxy)
            .http_method("POST")
            .uri("arn:aws:apigateway:eu-north-1:lambda:path/x/invocations")
            .connection_type(ConnectionType::Internet)
            .passthrough_behavior("WHEN_NO_MATCH")
            .timeout_in_millis(29_000)
            .integration_responses("200", IntegrationResponse::builder().status_code("200").build())
            .build();
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
        let integration = Integration::builder()
            .r#type(IntegrationType::Mock)
            .cache_namespace("shared")
            .cache_key_parameters("method.request.path.id")
            .build();
        let expected = json!({
            "type": "mock", "cacheNamespace": "shared", "cacheKeyParameters": ["method.request.path.id"]
        });
        assert_eq!(render(Some(&integration), "a1b2c3"), expected);
    }
}
