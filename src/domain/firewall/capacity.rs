//! Web ACL capacity units (WCU) that are known without asking AWS.

use super::baseline::web_acl_spec;
use super::required::{REQUIRED_RATE, REQUIRED_RULE};
use super::rules::{FREE_RULE, rules};
use crate::api::ProtectedApiSpec;
use crate::domain::kernel::reason::Reason;
use crate::domain::kernel::rejection::Rejection;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What one web ACL may use.
pub const LIMIT: i64 = 5_000;

/// AWS's managed rule groups and their capacity:
/// <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>
const MANAGED: [(&str, i64); 13] = [
    ("AWSManagedRulesCommonRuleSet", 700),
    ("AWSManagedRulesAdminProtectionRuleSet", 100),
    ("AWSManagedRulesKnownBadInputsRuleSet", 200),
    ("AWSManagedRulesSQLiRuleSet", 200),
    ("AWSManagedRulesLinuxRuleSet", 200),
    ("AWSManagedRulesUnixRuleSet", 100),
    ("AWSManagedRulesWindowsRuleSet", 200),
    ("AWSManagedRulesPHPRuleSet", 100),
    ("AWSManagedRulesWordPressRuleSet", 100),
    ("AWSManagedRulesAmazonIpReputationList", 25),
    ("AWSManagedRulesAnonymousIpList", 50),
    ("AWSManagedRulesBotControlRuleSet", 50),
    ("AWSManagedRulesAntiDDoSRuleSet", 50),
];

/// What the rule group of Shield's automatic response takes:
/// <https://docs.aws.amazon.com/waf/latest/developerguide/ddos-automatic-app-layer-response-rg.html>
const SHIELD: i64 = 150;

/// What each custom key of a rate-based statement takes:
/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html>
const RATE_KEY: i64 = 30;

/// What must stay free for Shield's rule group, where its automatic response is asked for.
fn of_shield(spec: &ProtectedApiSpec) -> Option<(i64, String)> {
    let response = spec.shield.as_ref()?.automatic_response.as_ref();
    response.map(|_| (SHIELD, "spec.shield.automaticResponse".to_owned()))
}

/// The rules of `spec`, with the baseline merged in.
fn rules_of(spec: &ProtectedApiSpec) -> Vec<Value> {
    let web_acl = web_acl_spec(spec.web_acl.clone().unwrap_or_default());
    rules(&web_acl, &BTreeMap::new())
}

/// Refuses rules whose known capacity alone is over the limit; AWS counts the rest.
///
/// # Errors
/// The known sum and the largest parts.
pub fn check(spec: &ProtectedApiSpec) -> Result<(), Rejection> {
    let rules = rules_of(spec);
    let parts = rules.iter().map(|rule| (known(&rule["Statement"]), name(rule)));
    refuse_excess(parts.chain(of_shield(spec)).collect())
}

/// The rules whose capacity only AWS can tell (free rules, groups that are not AWS's own), as `CheckCapacity` takes them.
#[must_use]
pub fn uncounted(spec: &ProtectedApiSpec) -> Vec<Value> {
    let rules = rules_of(spec);
    let mut uncounted: Vec<Value> = rules.into_iter().filter(|rule| !is_counted(rule)).collect();
    for (priority, rule) in uncounted.iter_mut().enumerate() {
        rule["Priority"] = json!(priority);
    }
    uncounted
}

/// Like [`check`], with what AWS says of the rules in [`uncounted`].
///
/// # Errors
/// The sum and the largest parts.
pub fn check_with(spec: &ProtectedApiSpec, uncounted: i64) -> Result<(), Rejection> {
    let rules = rules_of(spec);
    let counted = rules.iter().filter(|rule| is_counted(rule));
    let mut parts: Vec<(i64, String)> = counted
        .map(|rule| (known(&rule["Statement"]), name(rule)))
        .chain(of_shield(spec))
        .collect();
    parts.push((
        uncounted,
        "spec.webAcl.rules and groups of other vendors".to_owned(),
    ));
    refuse_excess(parts)
}

/// Whether we know exactly what the rule costs.
fn is_counted(rule: &Value) -> bool {
    let name = name(rule);
    let is_free = [FREE_RULE, REQUIRED_RULE]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        && name != REQUIRED_RATE;
    let group = &rule["Statement"]["ManagedRuleGroupStatement"];
    !is_free && (group.is_null() || managed(group) > 0)
}

fn name(rule: &Value) -> String {
    rule["Name"].as_str().unwrap_or_default().to_owned()
}

fn refuse_excess(mut parts: Vec<(i64, String)>) -> Result<(), Rejection> {
    let sum: i64 = parts.iter().map(|(units, _)| units).sum();
    if sum <= LIMIT {
        return Ok(());
    }
    parts.sort_by(|a, b| b.cmp(a));
    let largest: Vec<String> = parts
        .iter()
        .take(3)
        .map(|(units, name)| format!("{name} {units}"))
        .collect();
    Err(Rejection::new(
        Reason::CapacityExceeded,
        format!(
            "spec.webAcl: at least {sum} capacity units are needed, and a web ACL has 5,000; the largest are {}: \
             remove or simplify some",
            largest.join(", ")
        ),
    ))
}

/// Units that the statement uses for sure.
fn known(statement: &Value) -> i64 {
    match statement {
        Value::Object(fields) => fields
            .iter()
            .map(|(kind, content)| match kind.as_str() {
                "ManagedRuleGroupStatement" => managed(content),
                "RateBasedStatement" => 2 + RATE_KEY * rate_keys(content) + known(content),
                "GeoMatchStatement"
                | "IPSetReferenceStatement"
                | "LabelMatchStatement"
                | "SizeConstraintStatement" => 1,
                "SqliMatchStatement" => 20,
                "XssMatchStatement" => 40,
                "RegexPatternSetReferenceStatement" => 25,
                "RegexMatchStatement" => 3,
                "ByteMatchStatement" => 2 + 10 * transformations(content),
                _ => known(content),
            })
            .sum(),
        Value::Array(items) => items.iter().map(known).sum(),
        _ => 0,
    }
}

/// How many text transformations the statement has done: each has its price.
fn transformations(content: &Value) -> i64 {
    let steps = content["TextTransformations"].as_array().into_iter().flatten();
    let steps = steps.filter(|step| step["Type"] != "NONE").count();
    i64::try_from(steps).unwrap_or_default()
}

/// How many custom keys the rate-based statement counts by.
fn rate_keys(content: &Value) -> i64 {
    let keys = content["CustomKeys"].as_array().map_or(0, Vec::len);
    i64::try_from(keys).unwrap_or_default()
}

fn managed(group: &Value) -> i64 {
    let name = group["Name"].as_str().unwrap_or_default();
    MANAGED
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(0, |(_, units)| *units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{MostPermissiveRate, RequiredRules};

    /// A web ACL whose rules take 4,950 units, and more in `spec`.
    fn filled(more: &str) -> ProtectedApiSpec {
        let rule = |number: usize| {
            format!("{{name: AWSManagedRulesCommonRuleSet, vendor: AWS, version: Version_1.{number}}}")
        };
        let groups: Vec<String> = (0..7).map(rule).collect();
        let yaml = format!(
            "origin: {{endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}}\n\
             webAcl: {{rateLimits: [], managedRuleGroups: [{}, {{name: AWSManagedRulesAnonymousIpList}}]}}\n{more}",
            groups.join(", ")
        );
        serde_yaml::from_str(&yaml).unwrap()
    }

    #[test]
    fn each_custom_key_of_a_rate_limit_has_its_price() {
        let units = |limit: &str| {
            let yaml = format!(
                "origin: {{endpoint: a1b2c3d4e5.execute-api.eu-north-1.amazonaws.com, type: REST, stage: prod}}\n\
                 webAcl: {{managedRuleGroups: [], rateLimits: [{{name: a, limit: 10, {limit}}}]}}"
            );
            let spec: ProtectedApiSpec = serde_yaml::from_str(&yaml).unwrap();
            known(&rules_of(&spec)[0]["Statement"])
        };
        assert_eq!(units("by: [{type: Address}]"), 2);
        assert_eq!(units("by: [{type: ForwardedAddress}]"), 2);
        assert_eq!(units("by: [{type: Header, name: x-client}]"), 32);
        let scoped = "by: [{type: Address}, {type: Path}, {type: Method}, {type: Asn}, {type: Ja4}], scope: {countries: [SE]}";
        assert_eq!(units(scoped), 2 + 5 * 30 + 1);
    }

    #[test]
    fn the_rate_that_a_class_requires_is_counted_without_asking_aws() {
        let mut spec = filled("");
        let web_acl = spec.web_acl.as_mut().unwrap();
        web_acl.required = Some(RequiredRules {
            rate: Some(MostPermissiveRate {
                limit: 1000,
                window: None,
            }),
            ..RequiredRules::default()
        });
        let rules = rules_of(&spec);
        let rate = rules.iter().find(|rule| name(rule) == REQUIRED_RATE).unwrap();
        assert_eq!(known(&rate["Statement"]), 2);
        assert!(uncounted(&spec).iter().all(|rule| name(rule) != REQUIRED_RATE));
    }

    #[test]
    fn room_is_left_for_shields_rule_group_where_its_response_is_asked_for() {
        assert_eq!(check(&filled("")), Ok(()));
        let with = filled("shield: {automaticResponse: {action: Count}}");
        let refusal = check(&with).unwrap_err();
        assert_eq!(refusal.reason, Reason::CapacityExceeded);
        assert!(refusal.message.contains("5100"), "{}", refusal.message);
        assert!(check_with(&with, 0).is_err());
    }
}
