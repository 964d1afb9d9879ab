//! What `spec.webAcl.rules`, the rules in WAF's own JSON, may not say: what WAF would take and understand otherwise.

use super::desired::Rejection;
use super::reason::Reason;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD as BASE64};
use serde_json::Value;

/// Stray bits at the end change nothing of what is meant; padding is asked for, since a text that needs none is rarely base64.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Looks for what is not meant as it would be understood.
///
/// # Errors
/// The first such value, with its field and what to write instead.
pub fn check(rules: &[Value]) -> Result<(), Rejection> {
    rules.iter().try_for_each(|rule| {
        let name = rule["Name"].as_str().unwrap_or_default();
        check_value(rule, &format!("spec.webAcl.rules[{name}]"))
    })
}

fn check_value(value: &Value, path: &str) -> Result<(), Rejection> {
    match value {
        Value::Object(fields) => fields.iter().try_for_each(|(key, inner)| {
            let path = format!("{path}.{key}");
            match key.as_str() {
                "SearchString" => check_search_string(inner, &path),
                "SearchStringBase64" => Err(invalid(format!(
                    "{path}: that is CloudFormation's name for it; write the same text as SearchString"
                ))),
                _ => check_value(inner, &path),
            }
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(at, item)| check_value(item, &format!("{path}[{at}]"))),
        _ => Ok(()),
    }
}

/// The API takes base64, the console shows plain text: `curl` is base64 of bytes that no request has.
fn check_search_string(value: &Value, path: &str) -> Result<(), Rejection> {
    let Some(given) = value.as_str() else {
        return Err(invalid(format!("{path}: write the text to look for, in base64")));
    };
    if TOLERANT.decode(given).is_ok_and(|bytes| is_text(&bytes)) {
        return Ok(());
    }
    Err(invalid(format!(
        "{path}: WAF takes base64 here, and {given:?} does not stand for a text: if it is meant as it stands, write {}; look \
         for bytes that are no text with a RegexMatchStatement",
        BASE64.encode(given)
    )))
}

/// Whether somebody can have meant this: NUL is looked for against evasion, further control characters are not.
fn is_text(bytes: &[u8]) -> bool {
    let is_meant = |c: char| !c.is_control() || matches!(c, '\0' | '\t' | '\r' | '\n');
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(is_meant))
}

fn invalid(message: String) -> Rejection {
    Rejection::new(Reason::InvalidSpec, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matching(search: &Value) -> Vec<Value> {
        vec![json!({"Name": "mine", "Statement": {"ByteMatchStatement": {"SearchString": search}}})]
    }

    #[test]
    fn plain_text_as_the_console_shows_it_is_refused_with_the_encoded_form() {
        for (plain, encoded) in [
            ("curl", "Y3VybA=="),
            ("wget", "d2dldA=="),
            ("/api", "L2FwaQ=="),
            ("OPTIONS", "T1BUSU9OUw=="),
            ("key=", "a2V5PQ=="),
            ("../", "Li4v"),
            ("sqlmap/1.", "c3FsbWFwLzEu"),
        ] {
            let refusal = check(&matching(&json!(plain))).unwrap_err();
            assert_eq!(refusal.reason, Reason::InvalidSpec);
            let field = "spec.webAcl.rules[mine].Statement.ByteMatchStatement.SearchString";
            assert!(refusal.message.starts_with(field), "{}", refusal.message);
            assert!(refusal.message.contains(encoded), "{}", refusal.message);
            assert_eq!(check(&matching(&json!(encoded))), Ok(()));
        }
    }

    #[test]
    fn what_stands_for_a_text_in_base64_is_taken() {
        for given in ["c2hvcC1hcHAvMS4=", "AA==", "w6TDtsO8"] {
            assert_eq!(check(&matching(&json!(given))), Ok(()), "{given}");
        }
    }

    #[test]
    fn a_search_string_is_found_wherever_it_is_nested() {
        let nested = json!({"Name": "deep", "Statement": {"RateBasedStatement": {"ScopeDownStatement": {"AndStatement":
            {"Statements": [{"GeoMatchStatement": {}}, {"NotStatement": {"Statement": {"ByteMatchStatement":
            {"SearchString": "/api"}}}}]}}}}});
        let refusal = check(&[nested]).unwrap_err();
        let field = "RateBasedStatement.ScopeDownStatement.AndStatement.Statements[1].NotStatement.Statement.ByteMatchStatement";
        assert!(refusal.message.contains(field), "{}", refusal.message);
    }

    #[test]
    fn cloud_formations_name_is_refused_with_the_right_one() {
        let rule =
            json!({"Name": "cfn", "Statement": {"ByteMatchStatement": {"SearchStringBase64": "Y3VybA=="}}});
        let refusal = check(&[rule]).unwrap_err();
        assert!(refusal.message.contains("as SearchString"), "{}", refusal.message);
    }
}
