//! By what a rate limit counts: `spec.webAcl.rateLimits[].by` in WAF's words.
//!
//! <https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html>

use crate::api::{RateLimit, RateLimitFallback, RateLimitKey, RateLimitKeyType};
use serde_json::{Value, json};

/// The header of a forwarded address where none is named.
const FORWARDED_FOR: &str = "X-Forwarded-For";

/// Several keys, or one that is no address.
const CUSTOM_KEYS: &str = "CUSTOM_KEYS";

/// API Gateway decodes what it is asked: one value that is spelt in many ways is one all the same.
const DECODED: &[&str] = &["URL_DECODE"];

/// As a rate limit's `pathPrefix` is compared.
const PATH: &[&str] = &["URL_DECODE", "NORMALIZE_PATH"];

/// Tokens and session ids are told apart by each character.
const AS_IT_IS: &[&str] = &["NONE"];

/// Puts into a rate-based statement by what it counts.
pub(super) fn count_by(statement: &mut Value, by: &[RateLimitKey]) {
    let kind = aggregate_key_type(by);
    statement["AggregateKeyType"] = json!(kind);
    let is_forwarded = |key: &&RateLimitKey| key.r#type == RateLimitKeyType::ForwardedAddress;
    if let Some(key) = by.iter().find(is_forwarded) {
        statement["ForwardedIPConfig"] = json!({
            "HeaderName": key.name.as_deref().unwrap_or(FORWARDED_FOR),
            "FallbackBehavior": fallback(key),
        });
    }
    if kind == CUSTOM_KEYS {
        statement["CustomKeys"] = by.iter().map(custom_key).collect();
    }
}

/// Whether the limit counts by labels, which only rules before it can have set.
pub(super) fn counts_by_label(limit: &RateLimit) -> bool {
    let mut keys = limit.by.iter().flatten();
    keys.any(|key| key.r#type == RateLimitKeyType::LabelNamespace)
}

/// WAF takes an address as a custom key only beside another.
fn aggregate_key_type(by: &[RateLimitKey]) -> &'static str {
    match by {
        [] => "IP",
        [key] if key.r#type == RateLimitKeyType::Address => "IP",
        [key] if key.r#type == RateLimitKeyType::ForwardedAddress => "FORWARDED_IP",
        _ => CUSTOM_KEYS,
    }
}

fn custom_key(key: &RateLimitKey) -> Value {
    match key.r#type {
        RateLimitKeyType::Address => json!({"IP": {}}),
        RateLimitKeyType::ForwardedAddress => json!({"ForwardedIP": {}}),
        RateLimitKeyType::Header => json!({"Header": named(key, AS_IT_IS)}),
        RateLimitKeyType::Cookie => json!({"Cookie": named(key, AS_IT_IS)}),
        RateLimitKeyType::QueryArgument => json!({"QueryArgument": named(key, DECODED)}),
        RateLimitKeyType::Path => json!({"UriPath": {"TextTransformations": transformations(PATH)}}),
        RateLimitKeyType::Method => json!({"HTTPMethod": {}}),
        RateLimitKeyType::Ja3 => json!({"JA3Fingerprint": {"FallbackBehavior": fallback(key)}}),
        RateLimitKeyType::Ja4 => json!({"JA4Fingerprint": {"FallbackBehavior": fallback(key)}}),
        RateLimitKeyType::Asn => json!({"ASN": {}}),
        RateLimitKeyType::LabelNamespace => json!({"LabelNamespace": {"Namespace": key.name}}),
    }
}

fn named(key: &RateLimitKey, steps: &[&str]) -> Value {
    json!({"Name": key.name, "TextTransformations": transformations(steps)})
}

fn transformations(steps: &[&str]) -> Value {
    let steps = steps.iter().enumerate();
    steps
        .map(|(priority, step)| json!({"Priority": priority, "Type": step}))
        .collect()
}

fn fallback(key: &RateLimitKey) -> &'static str {
    match key.fallback.unwrap_or_default() {
        RateLimitFallback::NoMatch => "NO_MATCH",
        RateLimitFallback::Match => "MATCH",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a limit that counts so adds to its statement.
    fn counted(by: &str) -> Value {
        let keys: Vec<RateLimitKey> = serde_yaml::from_str(by).unwrap();
        let mut statement = json!({});
        count_by(&mut statement, &keys);
        statement
    }

    #[test]
    fn the_viewers_address_alone_is_no_custom_key() {
        assert_eq!(counted("[]"), json!({"AggregateKeyType": "IP"}));
        assert_eq!(counted("[{type: Address}]"), json!({"AggregateKeyType": "IP"}));
    }

    #[test]
    fn a_forwarded_address_alone_is_no_custom_key_and_names_its_header() {
        let config = |header: &str, fallback: &str| {
            json!({"AggregateKeyType": "FORWARDED_IP",
                   "ForwardedIPConfig": {"HeaderName": header, "FallbackBehavior": fallback}})
        };
        assert_eq!(
            counted("[{type: ForwardedAddress}]"),
            config("X-Forwarded-For", "NO_MATCH")
        );
        assert_eq!(
            counted("[{type: ForwardedAddress, name: X-Real-IP, fallback: Match}]"),
            config("X-Real-IP", "MATCH")
        );
    }

    #[test]
    fn each_kind_of_key_is_said_in_wafs_words() {
        let plain = json!([{"Priority": 0, "Type": "NONE"}]);
        let decoded = json!([{"Priority": 0, "Type": "URL_DECODE"}]);
        let path = json!([{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "NORMALIZE_PATH"}]);
        let namespace = "awswaf:managed:aws:bot-control:bot:category:";
        for (key, said) in [
            (
                "{type: Header, name: authorization}",
                json!({"Header": {"Name": "authorization", "TextTransformations": plain}}),
            ),
            (
                "{type: Cookie, name: session}",
                json!({"Cookie": {"Name": "session", "TextTransformations": plain}}),
            ),
            (
                "{type: QueryArgument, name: key}",
                json!({"QueryArgument": {"Name": "key", "TextTransformations": decoded}}),
            ),
            ("{type: Path}", json!({"UriPath": {"TextTransformations": path}})),
            ("{type: Method}", json!({"HTTPMethod": {}})),
            (
                "{type: Ja3}",
                json!({"JA3Fingerprint": {"FallbackBehavior": "NO_MATCH"}}),
            ),
            (
                "{type: Ja4, fallback: Match}",
                json!({"JA4Fingerprint": {"FallbackBehavior": "MATCH"}}),
            ),
            ("{type: Asn}", json!({"ASN": {}})),
            (
                "{type: LabelNamespace, name: 'awswaf:managed:aws:bot-control:bot:category:'}",
                json!({"LabelNamespace": {"Namespace": namespace}}),
            ),
        ] {
            let alone = counted(&format!("[{key}]"));
            assert_eq!(
                alone,
                json!({"AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": [said]}),
                "{key}"
            );
        }
    }

    #[test]
    fn addresses_beside_other_keys_are_custom_keys_in_the_order_of_the_list() {
        assert_eq!(
            counted("[{type: ForwardedAddress}, {type: Address}, {type: Method}]"),
            json!({
                "AggregateKeyType": "CUSTOM_KEYS",
                "ForwardedIPConfig": {"HeaderName": "X-Forwarded-For", "FallbackBehavior": "NO_MATCH"},
                "CustomKeys": [{"ForwardedIP": {}}, {"IP": {}}, {"HTTPMethod": {}}],
            })
        );
    }
}
