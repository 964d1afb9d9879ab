//! What AWS WAF refuses about what a rate-based statement counts by.

use super::super::refusal::Outcome;
use super::refusals;
use serde_json::{Map, Value};

pub fn check(body: &Value) -> Outcome<()> {
    let kind = body["AggregateKeyType"].as_str().unwrap_or_default();
    let keys = body["CustomKeys"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let is_custom = kind == "CUSTOM_KEYS";
    if is_custom == keys.is_empty() {
        let reason = "The custom keys go with the aggregate key type CUSTOM_KEYS, which needs some.";
        return Err(refusals::invalid("CUSTOM_KEYS", kind, reason));
    }
    if keys.len() > 5 {
        let rule = "have length less than or equal to 5";
        return Err(refusals::constraint("customKeys", None, rule));
    }
    keys.iter().try_for_each(check_key)?;
    let is = |name: &str| keys.iter().any(|key| key.get(name).is_some());
    if is_custom && keys.len() == 1 && (is("IP") || is("ForwardedIP")) {
        let reason = "An IP address as a custom key requires at least one other key.";
        return Err(refusals::invalid("CUSTOM_KEYS", kind, reason));
    }
    let config = &body["ForwardedIPConfig"];
    if config.is_null() {
        if kind == "FORWARDED_IP" || is("ForwardedIP") {
            let reason = "A forwarded IP address requires a forwarded IP configuration.";
            return Err(refusals::invalid("FORWARDED_IP_CONFIG", kind, reason));
        }
        return Ok(());
    }
    if config["HeaderName"].as_str().is_none_or(str::is_empty) {
        return Err(refusals::constraint(
            "forwardedIPConfig.headerName",
            None,
            "not be null",
        ));
    }
    check_fallback(config)
}

/// AWS WAF answers names of headers and query arguments in small letters (go-to-k/cdk-real-drift#876 saw it of statements).
pub fn fill_in(rate: &mut Map<String, Value>) {
    let keys = rate.get_mut("CustomKeys").and_then(Value::as_array_mut);
    for key in keys.into_iter().flatten() {
        for kind in ["Header", "QueryArgument"] {
            if let Some(Value::String(name)) = key.get_mut(kind).and_then(|body| body.get_mut("Name")) {
                name.make_ascii_lowercase();
            }
        }
    }
}

fn check_key(key: &Value) -> Outcome<()> {
    let mut members = key.as_object().into_iter().flatten();
    let (Some((kind, body)), None) = (members.next(), members.next()) else {
        let reason = "You have used none or multiple values for a field that requires exactly one value.";
        return Err(refusals::invalid("CUSTOM_KEYS", &key.to_string(), reason));
    };
    // Of a key that is newer nothing is said.
    let needs: &[&str] = match kind.as_str() {
        "Header" | "Cookie" | "QueryArgument" => &["Name", "TextTransformations"],
        "QueryString" | "UriPath" => &["TextTransformations"],
        "LabelNamespace" => &["Namespace"],
        "JA3Fingerprint" | "JA4Fingerprint" => &["FallbackBehavior"],
        _ => &[],
    };
    if let Some(member) = needs.iter().find(|member| body[**member].is_null()) {
        let place = format!("customKeys.{kind}.{member}");
        return Err(refusals::constraint(&place, None, "not be null"));
    }
    let namespace = body["Namespace"].as_str();
    if kind == "LabelNamespace" && namespace.is_none_or(|namespace| !namespace.ends_with(':')) {
        let rule = "satisfy regular expression pattern: ^[0-9A-Za-z_\\-:]+:$";
        return Err(refusals::constraint(
            "customKeys.labelNamespace.namespace",
            namespace,
            rule,
        ));
    }
    if needs.contains(&"FallbackBehavior") {
        check_fallback(body)?;
    }
    Ok(())
}

fn check_fallback(body: &Value) -> Outcome<()> {
    let fallback = body["FallbackBehavior"].as_str();
    if matches!(fallback, Some("MATCH" | "NO_MATCH")) {
        return Ok(());
    }
    let rule = "satisfy enum value set: [MATCH, NO_MATCH]";
    Err(refusals::constraint("fallbackBehavior", fallback, rule))
}
