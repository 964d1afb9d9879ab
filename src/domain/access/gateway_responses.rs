//! Gateway responses of a REST API, as exported: what its team has API Gateway say in place of its own refusals.

use serde_json::Value;
use std::collections::BTreeSet;

/// Extension under which an export has them, by their types.
const RESPONSES: &str = "x-amazon-apigateway-gateway-responses";
/// The parameter that replaces the header in which API Gateway names its errors.
const ERROR_TYPE: &str = "gatewayresponse.header.x-amzn-errortype";
/// Types of responses to callers who are not let in.
const REFUSALS: [&str; 10] = [
    "ACCESS_DENIED",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "AUTHORIZER_FAILURE",
    "DEFAULT_4XX",
    "EXPIRED_TOKEN",
    "INVALID_API_KEY",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "UNAUTHORIZED",
    "WAF_FILTERED",
];

/// The statuses, other than those of errors of the caller's, of refusals whose error type is replaced: nothing tells such a
/// refusal from an answer of the backend's.
#[must_use]
pub fn refused_as(export: &Value) -> BTreeSet<u16> {
    let responses = export[RESPONSES].as_object().into_iter().flatten();
    let refusals = responses.filter(|(kind, response)| {
        REFUSALS.contains(&kind.as_str()) && replaces_error_type(&response["responseParameters"])
    });
    let statuses = refusals.filter_map(|(_, response)| status(&response["statusCode"]));
    statuses.filter(|status| !(400..500).contains(status)).collect()
}

fn replaces_error_type(parameters: &Value) -> bool {
    let mut names = parameters.as_object().into_iter().flatten();
    names.any(|(name, _)| name.eq_ignore_ascii_case(ERROR_TYPE))
}

/// A status, which stands there as a number or as text.
fn status(value: &Value) -> Option<u16> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|status| status.try_into().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_refusal_is_hidden_only_where_neither_its_status_nor_its_error_type_is_left() {
        let without = json!({"gatewayresponse.header.x-amzn-ErrorType": "''"});
        let cors = json!({"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"});
        let of = |kind: &str, status: Value, parameters: &Value| {
            let response = json!({"statusCode": status, "responseParameters": parameters});
            refused_as(&json!({RESPONSES: {kind: response}}))
        };
        for status in [json!("200"), json!(200)] {
            assert_eq!(
                of("MISSING_AUTHENTICATION_TOKEN", status, &without),
                BTreeSet::from([200])
            );
        }
        assert!(
            of("DEFAULT_4XX", json!("200"), &cors).is_empty(),
            "the error type is left"
        );
        assert!(
            of("DEFAULT_4XX", json!("404"), &without).is_empty(),
            "it is an error of the caller's"
        );
        assert!(
            of("DEFAULT_4XX", Value::Null, &without).is_empty(),
            "the status is left"
        );
        assert!(
            of("THROTTLED", json!("200"), &without).is_empty(),
            "it is no refusal"
        );
        assert!(refused_as(&json!({})).is_empty());
    }
}
