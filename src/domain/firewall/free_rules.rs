//! What `spec.webAcl.rules`, the rules in WAF's own JSON, may not say: what WAF would take and understand otherwise.

use super::bodies::BODY_KEY;
use super::promotion::misdeclared;
use super::rule_names;
use super::rules::free_rule;
use crate::api::WebAclSpec;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD as BASE64};
use serde_json::Value;
use std::collections::BTreeSet;

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
pub fn check(spec: &WebAclSpec) -> Result<(), Rejection> {
    rule_names::check(spec)?;
    let bodies = spec.custom_response_bodies.iter().flatten();
    let bodies: BTreeSet<&str> = bodies.map(|body| body.name.as_str()).collect();
    spec.rules.iter().flatten().try_for_each(|rule| {
        let name = rule["Name"].as_str().unwrap_or_default();
        let path = format!("spec.webAcl.rules[{name}]");
        check_value(rule, &bodies, &path)?;
        if let Some(wrong) = misdeclared(rule) {
            return Err(invalid(format!("{path}{wrong}")));
        }
        check_action(rule, &path)
    })
}

/// Statements whose groups have actions of their own.
const GROUPS: [&str; 2] = ["ManagedRuleGroupStatement", "RuleGroupReferenceStatement"];

/// WAF takes one of the two, by what the rule matches: one without either, or with the other, is refused only when it is written.
fn check_action(rule: &Value, path: &str) -> Result<(), Rejection> {
    let is_group = GROUPS.iter().any(|group| !rule["Statement"][group].is_null());
    let (wanted, other) = if is_group {
        ("OverrideAction", "Action")
    } else {
        ("Action", "OverrideAction")
    };
    if !rule[wanted].is_null() && rule[other].is_null() {
        return Ok(());
    }
    Err(invalid(if is_group {
        format!(
            "{path}: a rule that refers to a rule group has OverrideAction and no Action: write OverrideAction: {{None: {{}}}} to \
             have the group's own actions, or {{Count: {{}}}}"
        )
    } else {
        format!(
            "{path}: a rule has Action, and OverrideAction only where its Statement refers to a rule group: write Action: {{Block: \
             {{}}}}, or Allow, Count, Captcha or Challenge"
        )
    }))
}

fn check_value(value: &Value, bodies: &BTreeSet<&str>, path: &str) -> Result<(), Rejection> {
    match value {
        Value::Object(fields) => fields.iter().try_for_each(|(key, inner)| {
            let path = format!("{path}.{key}");
            match key.as_str() {
                "SearchString" => check_search_string(inner, &path),
                BODY_KEY if inner.as_str().is_none_or(|name| !bodies.contains(name)) => Err(invalid(format!(
                    "{path}: spec.webAcl.customResponseBodies has no body {inner}: declare it there, or name another"
                ))),
                "SearchStringBase64" => Err(invalid(format!(
                    "{path}: that is CloudFormation's name for it; write the same text as SearchString"
                ))),
                _ => check_value(inner, bodies, &path),
            }
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(at, item)| check_value(item, bodies, &format!("{path}[{at}]"))),
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

/// A rule that refers to something outside the web ACL.
#[derive(Debug, Clone, PartialEq)]
pub struct Referring {
    /// Its name in the spec.
    pub name: String,
    /// To what it refers.
    pub arns: Vec<String>,
    /// The rule as WAF takes it.
    pub rule: Value,
}

impl Referring {
    /// What is to be done where something of it is not there.
    #[must_use]
    pub fn words(&self) -> String {
        format!(
            "spec.webAcl.rules[{}] refers to {} there: make it (of scope CLOUDFRONT, in us-east-1), or correct the ARN; until then \
             the web ACL stays as it is",
            self.name,
            match &self.arns[..] {
                [arn] => format!("{arn}, which is not"),
                arns => format!("{}, of which one is not", arns.join(" and ")),
            }
        )
    }
}

/// The rules of the user's that refer to IP sets, sets of patterns or rule groups.
#[must_use]
pub fn referring(spec: &WebAclSpec) -> Vec<Referring> {
    let rules = spec.rules.iter().flatten();
    let referring = rules.filter_map(|given| {
        let mut arns = Vec::new();
        collect_references(given, &mut arns);
        let name = given["Name"].as_str()?.to_owned();
        let mut rule = free_rule(given);
        rule["Priority"] = 0.into();
        (!arns.is_empty()).then_some(Referring { name, arns, rule })
    });
    referring.collect()
}

fn collect_references(value: &Value, arns: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, inner)| match inner["ARN"].as_str() {
                Some(arn) if key.ends_with("ReferenceStatement") => arns.push(arn.to_owned()),
                _ => collect_references(inner, arns),
            }),
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, arns)),
        _ => {}
    }
}

fn invalid(message: String) -> Rejection {
    Rejection::new(Reason::InvalidSpec, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::CustomResponseBody;
    use serde_json::json;

    fn with(rules: Vec<Value>) -> WebAclSpec {
        WebAclSpec {
            rules: Some(rules),
            ..WebAclSpec::default()
        }
    }

    fn matching(search: &Value) -> WebAclSpec {
        with(vec![
            json!({"Name": "mine", "Statement": {"ByteMatchStatement": {"SearchString": search}}, "Action": {"Block": {}}}),
        ])
    }

    #[test]
    fn a_body_that_is_not_declared_is_named() {
        let action = json!({"Block": {"CustomResponse": {"ResponseCode": 503, "CustomResponseBodyKey": "maintenance"}}});
        let mut spec = with(vec![json!({"Name": "closed", "Action": action})]);
        let refusal = check(&spec).unwrap_err();
        let field = "spec.webAcl.rules[closed].Action.Block.CustomResponse.CustomResponseBodyKey: ";
        assert!(refusal.message.starts_with(field), "{}", refusal.message);
        spec.custom_response_bodies = Some(vec![CustomResponseBody {
            name: "maintenance".into(),
            content_type: None,
            content: "back soon".into(),
        }]);
        assert_eq!(check(&spec), Ok(()));
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
        let refusal = check(&with(vec![nested])).unwrap_err();
        let field = "RateBasedStatement.ScopeDownStatement.AndStatement.Statements[1].NotStatement.Statement.ByteMatchStatement";
        assert!(refusal.message.contains(field), "{}", refusal.message);
    }

    #[test]
    fn a_rule_has_the_action_that_its_statement_takes() {
        let group = json!({"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesBotControlRuleSet"}});
        let country = json!({"GeoMatchStatement": {"CountryCodes": ["KP"]}});
        let check_with = |statement: &Value, actions: &[&str]| {
            let mut rule = json!({"Name": "mine", "Statement": statement});
            for action in actions {
                rule[*action] = json!({"Count": {}});
            }
            check(&with(vec![rule]))
        };
        for (statement, takes, other) in [
            (&group, "OverrideAction", "Action"),
            (&country, "Action", "OverrideAction"),
        ] {
            assert_eq!(check_with(statement, &[takes]), Ok(()));
            for wrong in [&[][..], &[other], &[takes, other]] {
                let refusal = check_with(statement, wrong).unwrap_err();
                let field = "spec.webAcl.rules[mine]: ";
                assert!(refusal.message.starts_with(field), "{}", refusal.message);
                assert!(
                    refusal.message.contains(&format!("write {takes}")),
                    "{}",
                    refusal.message
                );
            }
        }
    }

    #[test]
    fn cloud_formations_name_is_refused_with_the_right_one() {
        let rule =
            json!({"Name": "cfn", "Statement": {"ByteMatchStatement": {"SearchStringBase64": "Y3VybA=="}}});
        let refusal = check(&with(vec![rule])).unwrap_err();
        assert!(refusal.message.contains("as SearchString"), "{}", refusal.message);
    }
}
