//! The rules that come of a spec, as they are known before there is a web ACL.

use super::allowances::allows;
use super::rules::{ALLOW, BLOCK, rules};
use crate::api::WebAclSpec;
use serde_json::{Map, Value};

/// All of them; what their IP sets are is not known yet, so that nobody writes them.
pub(super) fn rules_to_be(spec: &WebAclSpec) -> Vec<Value> {
    let lists = [(BLOCK, &spec.block_cidrs), (ALLOW, &spec.allow_cidrs)].into_iter();
    let filled = lists.filter(|(_, cidrs)| cidrs.as_ref().is_some_and(|cidrs| !cidrs.is_empty()));
    let sets = filled.map(|(list, _)| (format!("{list}-v4"), String::new()));
    rules(spec, &sets.collect())
}

/// The name of each, with what becomes of a request that it fits.
#[must_use]
pub fn told(spec: &WebAclSpec) -> Vec<String> {
    let rules = rules_to_be(spec);
    let each = rules.iter().map(|rule| {
        let name = rule["Name"].as_str().unwrap_or_default();
        format!("{name} ({})", action(rule))
    });
    each.collect()
}

/// Names of those that let requests in, which no other rule is asked of then, nor the default action.
#[must_use]
pub fn allowing(spec: &WebAclSpec) -> Vec<String> {
    let rules = rules_to_be(spec).into_iter().filter(allows);
    let names = rules.filter_map(|rule| rule["Name"].as_str().map(str::to_owned));
    names.collect()
}

fn action(rule: &Value) -> &str {
    let of_group = &rule["OverrideAction"];
    if of_group.get("None").is_some() {
        return "as its group says";
    }
    let own = if of_group.is_null() {
        &rule["Action"]
    } else {
        of_group
    };
    let mut actions = own.as_object().into_iter().flat_map(Map::keys);
    actions.next().map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_told_with_what_they_do() {
        let spec = "{blockCidrs: [198.51.100.0/24], rateLimits: [{name: per-ip, limit: 2000}], managedRuleGroups: [{name: \
                    AWSManagedRulesCommonRuleSet}, {name: AWSManagedRulesSQLiRuleSet, action: Count}]}";
        let spec: WebAclSpec = serde_yaml::from_str(spec).unwrap();
        assert_eq!(
            told(&spec),
            [
                "palisade-block (Block)",
                "palisade-rate-per-ip (Block)",
                "palisade-AWSManagedRulesCommonRuleSet (as its group says)",
                "palisade-AWSManagedRulesSQLiRuleSet (Count)",
            ]
        );
    }
}
