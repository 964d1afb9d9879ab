//! Lambda authorizers of REST, HTTP and WebSocket APIs.

use super::apigateway::{PAGE as REST_PAGE, replace};
use super::apigatewayv2::PAGE;
use super::failure::Failure;
use super::marker;
use super::regional::Clients;
use crate::api::OriginType;
use crate::aws::cloud::Page;
use crate::domain::access::credentials::authorizer::{Entry, Settings};
use aws_sdk_apigateway::types::{Authorizer as RestAuthorizer, AuthorizerType as RestType};
use aws_sdk_apigatewayv2::types::{self, AuthorizerType};
use serde_json::{Value, json};

/// What stands before a header's name in an identity source.
const REST_HEADER: &str = "method.request.header.";
const HTTP_HEADER: &str = "$request.header.";
const WEBSOCKET_HEADER: &str = "route.request.header.";
/// The form of events and answers that the function of an HTTP API's authorizer understands.
const PAYLOAD: &str = "2.0";

/// An [`Entry`] from any of the REST service's types that carry one. Another kind of authorizer has no header of ours.
macro_rules! rest_entry {
    ($output:expr) => {{
        let output = $output;
        let is_request = output.r#type == Some(RestType::Request);
        let source = output.identity_source.filter(|_| is_request).unwrap_or_default();
        Ok(Entry {
            id: output.id.ok_or_else(|| Failure::missing("id"))?,
            name: output.name.unwrap_or_default(),
            settings: Settings {
                function_arn: function_of(output.authorizer_uri.as_deref().unwrap_or_default()),
                header: header(REST_HEADER, &source),
                ttl: output.authorizer_result_ttl_in_seconds.unwrap_or_default(),
            },
            exported: Value::Null,
        })
    }};
}

/// An [`Entry`] from any of the other service's types that carry one.
macro_rules! entry {
    ($output:expr) => {{
        let output = $output;
        let is_request = output.authorizer_type == Some(AuthorizerType::Request);
        let is_simple = output.authorizer_payload_format_version.as_deref() == Some(PAYLOAD)
            && output.enable_simple_responses == Some(true);
        let sources = output.identity_source.filter(|_| is_request).unwrap_or_default();
        let header = match sources.as_slice() {
            [source] if source.starts_with(HTTP_HEADER) && is_simple => header(HTTP_HEADER, source),
            [source] => header(WEBSOCKET_HEADER, source),
            _ => String::new(),
        };
        Ok(Entry {
            id: output
                .authorizer_id
                .ok_or_else(|| Failure::missing("authorizerId"))?,
            name: output.name.unwrap_or_default(),
            settings: Settings {
                function_arn: function_of(output.authorizer_uri.as_deref().unwrap_or_default()),
                header,
                ttl: output.authorizer_result_ttl_in_seconds.unwrap_or_default(),
            },
            exported: Value::Null,
        })
    }};
}

/// Writes settings into the other service's creation or update of an authorizer.
macro_rules! described {
    ($call:expr, $uri:expr, $protocol:expr, $settings:expr) => {{
        let call = $call.authorizer_type(AuthorizerType::Request);
        let call = call.authorizer_uri($uri);
        let call = call.identity_source(source_of($protocol, &$settings.header));
        if $protocol == OriginType::Http {
            call.authorizer_payload_format_version(PAYLOAD)
                .enable_simple_responses(true)
                .authorizer_result_ttl_in_seconds($settings.ttl)
        } else {
            call
        }
    }};
}

pub async fn list_rest_authorizers(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Entry>, Failure> {
    let call = clients.of(region).v1.get_authorizers().rest_api_id(api_id);
    let output = call.limit(REST_PAGE).set_position(marker.clone()).send().await?;
    let authorizers = output.items.unwrap_or_default().into_iter();
    let entry = |found: RestAuthorizer| {
        let exported = exported(&found);
        let entry: Result<Entry, Failure> = rest_entry!(found);
        Ok(Entry { exported, ..entry? })
    };
    Ok(Page {
        items: authorizers.map(entry).collect::<Result<_, Failure>>()?,
        next: marker::next("position", output.position, marker.as_ref())?,
    })
}

/// An authorizer as an export writes it; what it does not have is null.
fn exported(found: &RestAuthorizer) -> Value {
    let providers = found.provider_arns();
    json!({
        "type": found.r#type().map(|kind| kind.as_str().to_lowercase()),
        "authorizerUri": found.authorizer_uri(),
        "authorizerCredentials": found.authorizer_credentials(),
        "authorizerResultTtlInSeconds": found.authorizer_result_ttl_in_seconds(),
        "identitySource": found.identity_source(),
        "identityValidationExpression": found.identity_validation_expression(),
        "providerARNs": (!providers.is_empty()).then_some(providers),
    })
}

pub async fn create_rest_authorizer(
    clients: &Clients,
    region: String,
    api_id: String,
    name: String,
    settings: Settings,
) -> Result<Entry, Failure> {
    let uri = uri_of(&region, &settings.function_arn);
    let call = clients.of(region).v1.create_authorizer().rest_api_id(api_id);
    let call = call.name(name).r#type(RestType::Request).authorizer_uri(uri);
    let call = call.identity_source(format!("{REST_HEADER}{}", settings.header));
    let call = call.authorizer_result_ttl_in_seconds(settings.ttl);
    rest_entry!(call.send().await?)
}

pub async fn update_rest_authorizer(
    clients: &Clients,
    region: String,
    api_id: String,
    id: String,
    settings: Settings,
) -> Result<Entry, Failure> {
    let patches = vec![
        replace("/type", RestType::Request.as_str().to_owned()),
        replace("/authorizerUri", uri_of(&region, &settings.function_arn)),
        replace("/identitySource", format!("{REST_HEADER}{}", settings.header)),
        replace("/authorizerResultTtlInSeconds", settings.ttl.to_string()),
    ];
    let call = clients.of(region).v1.update_authorizer().rest_api_id(api_id);
    let call = call.authorizer_id(id).set_patch_operations(Some(patches));
    rest_entry!(call.send().await?)
}

pub async fn delete_rest_authorizer(
    clients: &Clients,
    region: String,
    api_id: String,
    id: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v1.delete_authorizer().rest_api_id(api_id);
    call.authorizer_id(id).send().await?;
    Ok(())
}

pub async fn list_authorizers(
    clients: &Clients,
    region: String,
    api_id: String,
    marker: Option<String>,
) -> Result<Page<Entry>, Failure> {
    let call = clients.of(region).v2.get_authorizers().api_id(api_id);
    let output = call
        .max_results(PAGE)
        .set_next_token(marker.clone())
        .send()
        .await?;
    let authorizers = output.items.unwrap_or_default().into_iter();
    let entry = |found: types::Authorizer| entry!(found);
    Ok(Page {
        items: authorizers.map(entry).collect::<Result<_, Failure>>()?,
        next: marker::next("nextToken", output.next_token, marker.as_ref())?,
    })
}

pub async fn create_authorizer(
    clients: &Clients,
    region: String,
    api_id: String,
    protocol: OriginType,
    name: String,
    settings: Settings,
) -> Result<Entry, Failure> {
    let uri = uri_of(&region, &settings.function_arn);
    let call = clients.of(region).v2.create_authorizer().api_id(api_id);
    entry!(
        described!(call.name(name), uri, protocol, settings)
            .send()
            .await?
    )
}

pub async fn update_authorizer(
    clients: &Clients,
    region: String,
    api_id: String,
    protocol: OriginType,
    id: String,
    settings: Settings,
) -> Result<Entry, Failure> {
    let uri = uri_of(&region, &settings.function_arn);
    let call = clients.of(region).v2.update_authorizer().api_id(api_id);
    entry!(
        described!(call.authorizer_id(id), uri, protocol, settings)
            .send()
            .await?
    )
}

pub async fn delete_authorizer(
    clients: &Clients,
    region: String,
    api_id: String,
    id: String,
) -> Result<(), Failure> {
    let call = clients.of(region).v2.delete_authorizer().api_id(api_id);
    call.authorizer_id(id).send().await?;
    Ok(())
}

fn source_of(protocol: OriginType, header: &str) -> String {
    match protocol {
        OriginType::WebSocket => format!("{WEBSOCKET_HEADER}{header}"),
        OriginType::Http | OriginType::Rest => format!("{HTTP_HEADER}{header}"),
    }
}

/// The header that an identity source names; empty where it names something else, or more than one.
fn header(prefix: &str, source: &str) -> String {
    let name = source.strip_prefix(prefix).filter(|it| !it.contains(','));
    name.unwrap_or_default().to_lowercase()
}

/// How API Gateway writes the invocation of a function.
fn uri_of(region: &str, function_arn: &str) -> String {
    format!("arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function_arn}/invocations")
}

/// The function that a URI invokes; the URI itself where it is of another form.
fn function_of(uri: &str) -> String {
    let function = uri
        .split_once(":lambda:path/2015-03-31/functions/")
        .and_then(|(_, rest)| rest.strip_suffix("/invocations"));
    function.unwrap_or(uri).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:eu-north-1:123456789012:function:palisade-a";

    #[test]
    fn a_function_is_read_from_its_invocation() {
        assert_eq!(function_of(&uri_of("eu-north-1", FUNCTION)), FUNCTION);
        assert_eq!(function_of("https://example.com"), "https://example.com");
    }

    #[test]
    fn one_header_is_read_in_lower_case_and_nothing_else_is() {
        assert_eq!(
            header(REST_HEADER, "method.request.header.X-Origin-Verify"),
            "x-origin-verify"
        );
        for other in [
            "",
            "method.request.querystring.key",
            "method.request.header.a,method.request.header.b",
            "context.identity.sourceIp",
        ] {
            assert_eq!(header(REST_HEADER, other), "", "{other}");
        }
    }

    #[test]
    fn an_http_apis_authorizer_of_another_form_is_not_ours() {
        let found = |version: &str, simple: bool, source: &str| -> Result<Entry, Failure> {
            entry!(
                types::Authorizer::builder()
                    .authorizer_id("a")
                    .name("a")
                    .authorizer_type(AuthorizerType::Request)
                    .authorizer_payload_format_version(version)
                    .enable_simple_responses(simple)
                    .identity_source(source)
                    .build()
            )
        };
        let header = |version, simple, source| found(version, simple, source).unwrap().settings.header;
        assert_eq!(header(PAYLOAD, true, "$request.header.x-a"), "x-a");
        assert_eq!(header(PAYLOAD, false, "$request.header.x-a"), "");
        assert_eq!(header("1.0", true, "$request.header.x-a"), "");
        assert_eq!(header("1.0", false, "route.request.header.x-a"), "x-a");
    }
}
