//! Gateway responses of a REST API, as exported: what its team has API Gateway say in place of its own refusals.

use super::exported::has_authorizer;
use crate::domain::access::proof::Proof;
use serde_json::Value;
use std::collections::BTreeSet;

/// Extension under which an export has them, by their types.
const RESPONSES: &str = "x-amazon-apigateway-gateway-responses";
/// The parameter that replaces the header in which API Gateway names its errors.
const ERROR_TYPE: &str = "gatewayresponse.header.x-amzn-errortype";

/// A type of refusal.
struct Refusal {
    kind: &'static str,
    /// What says how it is answered where its own type says nothing.
    class: &'static str,
    /// Its status where neither says one.
    status: u16,
}

const fn caller(kind: &'static str, status: u16) -> Refusal {
    Refusal {
        kind,
        class: "DEFAULT_4XX",
        status,
    }
}

const fn failure(kind: &'static str) -> Refusal {
    Refusal {
        kind,
        class: "DEFAULT_5XX",
        status: 500,
    }
}

/// What a signature is refused with.
const OF_SIGNATURES: [Refusal; 4] = [
    caller("ACCESS_DENIED", 403),
    caller("EXPIRED_TOKEN", 403),
    caller("INVALID_SIGNATURE", 403),
    caller("MISSING_AUTHENTICATION_TOKEN", 403),
];
/// What whoever an authorizer does not let in is refused with, and everybody where it cannot be asked.
const OF_AUTHORIZERS: [Refusal; 4] = [
    caller("ACCESS_DENIED", 403),
    failure("AUTHORIZER_CONFIGURATION_ERROR"),
    failure("AUTHORIZER_FAILURE"),
    caller("UNAUTHORIZED", 401),
];
const OF_KEYS: [Refusal; 1] = [caller("INVALID_API_KEY", 403)];
/// A web ACL of the stage refuses whatever is asked for.
const OF_WEB_ACLS: [Refusal; 1] = [caller("WAF_FILTERED", 403)];

/// The statuses of refusals, where `proof` is asked for, whose error type is replaced: such a refusal is told from an answer of the
/// backend's by nothing but its status.
#[must_use]
pub fn refused_as(export: &Value, proof: &Proof) -> BTreeSet<u16> {
    let responses = &export[RESPONSES];
    let hidden = |refusal: &Refusal| {
        let own = &responses[refusal.kind];
        let response = if own.is_object() {
            own
        } else {
            &responses[refusal.class]
        };
        let is_hidden = replaces_error_type(&response["responseParameters"]);
        is_hidden.then(|| status(&response["statusCode"]).unwrap_or(refusal.status))
    };
    let of_mode: &[&[Refusal]] = match proof {
        Proof::Signature => &[&OF_SIGNATURES],
        Proof::Header(_) => &[&OF_AUTHORIZERS],
        // The team's authorizers are asked before the key.
        Proof::Key if has_authorizer(export) => &[&OF_AUTHORIZERS, &OF_KEYS],
        Proof::Key => &[&OF_KEYS],
        // Of these API Gateway does not say how a certificate is refused.
        Proof::Certificate => &[],
    };
    let refusals = of_mode.iter().copied().flatten().chain(&OF_WEB_ACLS);
    refusals.filter_map(hidden).collect()
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

    fn header() -> Proof {
        Proof::Header("x-origin-verify".to_owned())
    }

    /// What a refusal is given where its error type is taken away.
    fn without_type(status: &Value) -> Value {
        json!({"statusCode": status, "responseParameters": {"gatewayresponse.header.x-amzn-ErrorType": "''"}})
    }

    fn found(responses: &Value, proof: &Proof) -> Vec<u16> {
        refused_as(&json!({RESPONSES: responses}), proof)
            .into_iter()
            .collect()
    }

    #[test]
    fn a_refusal_whose_error_type_is_taken_away_is_known_by_its_status_alone() {
        for status in [json!("404"), json!(404)] {
            let responses = json!({"MISSING_AUTHENTICATION_TOKEN": without_type(&status)});
            assert_eq!(found(&responses, &Proof::Signature), [404]);
        }
        let cors = json!({"statusCode": "404", "responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}});
        for (kind, response) in [("DEFAULT_4XX", cors), ("THROTTLED", without_type(&json!("404")))] {
            assert_eq!(
                found(&json!({kind: response}), &Proof::Signature),
                [0; 0],
                "{kind}"
            );
        }
        assert!(refused_as(&json!({}), &Proof::Signature).is_empty());
    }

    #[test]
    fn a_status_that_is_not_said_is_the_one_that_the_refusal_has_by_itself() {
        let all =
            json!({"DEFAULT_4XX": without_type(&Value::Null), "DEFAULT_5XX": without_type(&Value::Null)});
        assert_eq!(found(&all, &Proof::Signature), [403]);
        assert_eq!(found(&all, &Proof::Key), [403]);
        assert_eq!(found(&all, &header()), [401, 403, 500]);
        let said = json!({"DEFAULT_4XX": without_type(&json!("200"))});
        assert_eq!(found(&said, &header()), [200]);
    }

    #[test]
    fn a_type_of_its_own_comes_before_the_class() {
        let named = json!({"statusCode": "403"});
        let responses = json!({
            "DEFAULT_4XX": without_type(&json!("404")),
            "ACCESS_DENIED": named, "EXPIRED_TOKEN": named, "INVALID_SIGNATURE": named, "MISSING_AUTHENTICATION_TOKEN": named,
            "WAF_FILTERED": named,
        });
        assert_eq!(found(&responses, &Proof::Signature), [0; 0]);
        assert_eq!(found(&responses, &Proof::Key), [404]);
    }

    #[test]
    fn authorizers_of_the_team_refuse_before_a_key_is_looked_at() {
        let responses = json!({"UNAUTHORIZED": without_type(&Value::Null)});
        assert_eq!(found(&responses, &Proof::Key), [0; 0]);
        let scheme =
            json!({"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": "cognito_user_pools"}});
        let export = json!({RESPONSES: responses, "components": {"securitySchemes": {"users": scheme}}});
        assert_eq!(
            refused_as(&export, &Proof::Key).into_iter().collect::<Vec<_>>(),
            [401]
        );
        assert!(refused_as(&export, &Proof::Signature).is_empty());
    }
}
