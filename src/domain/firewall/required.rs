//! What an object's class puts before all that could let a request pass.

use super::rate_keys::count_by;
use super::rules::{managed_rule_group, rule, seconds};
use crate::api::{ManagedRuleGroup, MostPermissiveRate, WebAclSpec};
use serde_json::{Value, json};

/// Start of the names of rules that an object's class requires.
pub const REQUIRED_RULE: &str = "palisade-required-";

/// The name of the rule by which no client sends more than the class allows, whatever address the object lets through.
pub const REQUIRED_RATE: &str = "palisade-required-rate";

/// A rule of the class cannot have this name beside [`REQUIRED_RATE`].
pub const RATE: &str = "rate";

/// The rules, in order.
pub(super) fn required(spec: &WebAclSpec) -> Vec<Value> {
    let Some(required) = &spec.required else {
        return vec![];
    };
    let rules = required.rules.iter().map(|given| {
        let name = given["Name"].as_str().unwrap_or_default();
        rule(&format!("required-{name}"), given)
    });
    let groups = required.groups.iter().map(managed_rule_group);
    let rate = required_rate(spec).map(rate_rule);
    groups.chain(rules).chain(rate).collect()
}

/// The most that the class lets a client send.
pub(super) fn required_rate(spec: &WebAclSpec) -> Option<&MostPermissiveRate> {
    spec.required.as_ref()?.rate.as_ref()
}

fn rate_rule(rate: &MostPermissiveRate) -> Value {
    let mut statement = json!({
        "Limit": rate.limit,
        "EvaluationWindowSec": seconds(rate.window.unwrap_or_default()),
    });
    count_by(&mut statement, &[]);
    rule(
        &format!("required-{RATE}"),
        &json!({"Statement": {"RateBasedStatement": statement}, "Action": {"Block": {}}}),
    )
}

/// The groups that are not required anyhow: a web ACL has each once.
pub(super) fn own_groups(spec: &WebAclSpec) -> impl Iterator<Item = &ManagedRuleGroup> {
    let required = spec
        .required
        .as_ref()
        .map_or(&[][..], |required| &required.groups);
    let groups = spec.managed_rule_groups.iter().flatten();
    groups.filter(|group| !required.iter().any(|required| required.name == group.name))
}

#[cfg(test)]
mod tests {
    use super::super::rules::rules;
    use super::*;
    use crate::api::RequiredRules;
    use std::collections::BTreeMap;

    #[test]
    fn what_a_class_requires_stands_once_and_before_the_addresses_that_the_object_allows() {
        let yaml = "{managedRuleGroups: [{name: AWSManagedRulesSQLiRuleSet}, {name: AWSManagedRulesCommonRuleSet}], rateLimits: []}";
        let mut spec: WebAclSpec = serde_yaml::from_str(yaml).unwrap();
        spec.required = Some(RequiredRules {
            groups: serde_yaml::from_str("[{name: AWSManagedRulesSQLiRuleSet, version: Version_1.0}]")
                .unwrap(),
            rules: vec![json!({"Name": "no-tor", "Statement": {}, "Action": {"Block": {}}})],
            rate: Some(MostPermissiveRate {
                limit: 1000,
                window: None,
            }),
        });
        let arns = BTreeMap::from([("allow-v4".to_owned(), "arn".to_owned())]);
        let rules = rules(&spec, &arns);
        let names: Vec<&str> = rules.iter().filter_map(|rule| rule["Name"].as_str()).collect();
        assert_eq!(
            names,
            [
                "palisade-AWSManagedRulesSQLiRuleSet",
                "palisade-required-no-tor",
                "palisade-required-rate",
                "palisade-allow",
                "palisade-AWSManagedRulesCommonRuleSet",
            ]
        );
        assert_eq!(
            rules[0]["Statement"]["ManagedRuleGroupStatement"]["Version"],
            "Version_1.0"
        );
        assert_eq!(
            rules[2]["Statement"]["RateBasedStatement"],
            json!({"Limit": 1000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"})
        );
        assert_eq!(rules[2]["Action"], json!({"Block": {}}));
    }
}
