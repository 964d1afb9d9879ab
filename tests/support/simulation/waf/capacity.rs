//! What rules cost, in web ACL capacity units.
//!
//! <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html> says what each statement costs.

use super::catalogue;
use serde_json::Value;

/// Shield's own group turns up in a web ACL without anybody's doing.
const SHIELD_GROUP: i64 = 150;

pub fn of_rules(rules: &Value) -> i64 {
    list(rules)
        .iter()
        .map(|rule| of_statement(&rule["Statement"]))
        .sum()
}

/// Firewall Manager's groups stand beside the rules and count as well.
pub fn of_firewall_manager(document: &Value) -> i64 {
    [
        "PreProcessFirewallManagerRuleGroups",
        "PostProcessFirewallManagerRuleGroups",
    ]
    .iter()
    .flat_map(|key| list(&document[*key]))
    .map(|group| of_statement(&group["FirewallManagerStatement"]))
    .sum()
}

fn of_statement(statement: &Value) -> i64 {
    let Some(members) = statement.as_object() else {
        return 0;
    };
    members.iter().map(|(kind, body)| of_kind(kind, body)).sum()
}

fn of_kind(kind: &str, body: &Value) -> i64 {
    match kind {
        "ByteMatchStatement" => {
            let contains = body["PositionalConstraint"]
                .as_str()
                .is_some_and(|found| found.starts_with("CONTAINS"));
            transformed(if contains { 10 } else { 2 }, body)
        }
        "SqliMatchStatement" => transformed(
            if body["SensitivityLevel"] == "HIGH" {
                30
            } else {
                20
            },
            body,
        ),
        "XssMatchStatement" => transformed(40, body),
        "SizeConstraintStatement" => transformed(1, body),
        "RegexMatchStatement" => transformed(3, body),
        "RegexPatternSetReferenceStatement" => transformed(25, body),
        "RateBasedStatement" => {
            let keys = i64::try_from(list(&body["CustomKeys"]).len()).unwrap_or(0);
            2 + 30 * keys + of_statement(&body["ScopeDownStatement"])
        }
        "ManagedRuleGroupStatement" => {
            let known = body["Name"].as_str().and_then(catalogue::group);
            known.map_or(0, |group| group.capacity) + of_statement(&body["ScopeDownStatement"])
        }
        "RuleGroupReferenceStatement" => {
            let shield = body["ARN"]
                .as_str()
                .is_some_and(|arn| arn.contains("ShieldMitigationRuleGroup"));
            if shield { SHIELD_GROUP } else { 0 }
        }
        "IPSetReferenceStatement" if body["IPSetForwardedIPConfig"]["Position"] == "ANY" => 5,
        "AndStatement" | "OrStatement" => list(&body["Statements"]).iter().map(of_statement).sum(),
        "NotStatement" => of_statement(&body["Statement"]),
        _ => 1,
    }
}

fn transformed(base: i64, body: &Value) -> i64 {
    let field = &body["FieldToMatch"];
    let all_arguments = if field.get("AllQueryArguments").is_some() {
        10
    } else {
        0
    };
    let times = if field.get("JsonBody").is_some() { 2 } else { 1 };
    let steps = list(&body["TextTransformations"])
        .iter()
        .filter(|step| step["Type"] != "NONE")
        .count();
    (base + all_arguments) * times + 10 * i64::try_from(steps).unwrap_or(0)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
