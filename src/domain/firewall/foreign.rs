//! What others put into the web ACL before our rules, and what of it lets requests pass.

use super::allowances::{allows, counts, group_of};
use super::web_acl::{Observed, is_ours, priority, rules_of};
use crate::domain::kernel::planning::{Id, Kind, Problem};
use crate::domain::kernel::reason::Reason;
use serde_json::Value;

/// A foreign rule that lets requests pass before the last of our rules is asked.
pub(super) fn foreign_allow(found: &Observed) -> Option<Problem> {
    let before = before_ours(&found.content.document);
    let culprit = before.iter().find(|rule| allows(rule))?;
    let rules = rules_of(&found.content.document);
    let last_of_ours = rules.iter().rposition(|rule| is_ours(rule))?;
    Some(Problem {
        id: Id::of(Kind::WebAcl),
        reason: Reason::ForeignAllowRule,
        field: None,
        message: format!(
            "rule {} of web ACL {} allows requests before this object's last rule is asked; give it a priority above \
             {}, or, where Firewall Manager wrote it, have its policy changed so that it allows nothing",
            culprit["Name"],
            found.content.entity.name,
            priority(rules[last_of_ours])
        ),
        remedy: None,
        stands: false,
        retry_after: None,
    })
}

/// Foreign rules that are asked before the last of ours, Firewall Manager's first groups among them.
fn before_ours(document: &Value) -> Vec<&Value> {
    let rules = rules_of(document);
    let last_of_ours = rules.iter().rposition(|rule| is_ours(rule)).unwrap_or_default();
    let first = document["PreProcessFirewallManagerRuleGroups"].as_array();
    let foreign = rules.into_iter().take(last_of_ours).filter(|rule| !is_ours(rule));
    first.into_iter().flatten().chain(foreign).collect()
}

/// Foreign rule groups before ours whose rules are not read, and which may let requests pass. AWS's own groups do not.
#[must_use]
pub fn unread_groups(document: &Value) -> Vec<String> {
    let is_unread = |rule: &&&Value| match group_of(rule) {
        Some(("ManagedRuleGroupStatement", group)) => group["VendorName"] != "AWS",
        Some((_, group)) => !is_of_shield(group),
        None => false,
    };
    let unread = before_ours(document);
    let unread = unread.iter().filter(|rule| !counts(rule)).filter(is_unread);
    unread
        .filter_map(|rule| rule["Name"].as_str().map(ToOwned::to_owned))
        .collect()
}

/// Shield's own group blocks only.
fn is_of_shield(group: &Value) -> bool {
    group["ARN"]
        .as_str()
        .is_some_and(|arn| arn.contains("/ShieldMitigationRuleGroup_"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const OURS: &str = "palisade-rate-per-ip";
    const GROUP: &str = "arn:aws:wafv2:us-east-1:123456789012:global/rulegroup/theirs/1";
    const OF_SHIELD: &str =
        "arn:aws:wafv2:us-east-1:153427709519:global/rulegroup/ShieldMitigationRuleGroup_123456789012_x/1";

    /// A rule that stands for a group, with the Override of what it decides.
    fn rule(kind: &str, group: &Value, decides: &str) -> Value {
        json!({"Name": "theirs", "Priority": 1, "OverrideAction": {decides: {}}, "Statement": {kind: group}})
    }

    fn reference(arn: &str, decides: &str) -> Value {
        rule("RuleGroupReferenceStatement", &json!({"ARN": arn}), decides)
    }

    fn managed(vendor: &str, decides: &str) -> Value {
        rule(
            "ManagedRuleGroupStatement",
            &json!({"VendorName": vendor, "Name": "Common"}),
            decides,
        )
    }

    fn before_ours(rule: &Value) -> Value {
        json!({"Rules": [{"Name": OURS, "Priority": 5}, rule]})
    }

    fn after_ours(rule: &Value) -> Value {
        json!({"Rules": [{"Name": OURS, "Priority": 0}, rule]})
    }

    /// Firewall Manager's first groups have a place of their own, and its own word for a statement.
    fn of_firewall_manager(group: &Value, decides: &str) -> Value {
        let group = json!({"Name": "first", "Priority": 0, "OverrideAction": {decides: {}},
            "FirewallManagerStatement": {"RuleGroupReferenceStatement": group}});
        json!({"PreProcessFirewallManagerRuleGroups": [group], "Rules": [{"Name": OURS, "Priority": 0}]})
    }

    #[test]
    fn groups_whose_rules_nobody_reads_are_named_where_they_are_asked_before_ours() {
        let cases = [
            (before_ours(&reference(GROUP, "None")), vec!["theirs"]),
            (before_ours(&managed("Fortinet", "None")), vec!["theirs"]),
            (of_firewall_manager(&json!({"ARN": GROUP}), "None"), vec!["first"]),
            (before_ours(&managed("AWS", "None")), vec![]),
            (before_ours(&reference(OF_SHIELD, "None")), vec![]),
            (before_ours(&reference(GROUP, "Count")), vec![]),
            (of_firewall_manager(&json!({"ARN": GROUP}), "Count"), vec![]),
            (after_ours(&reference(GROUP, "None")), vec![]),
        ];
        for (document, named) in cases {
            assert_eq!(unread_groups(&document), named, "{document}");
        }
    }

    #[test]
    fn a_group_lets_requests_pass_where_what_its_rules_decide_is_changed_to_that() {
        let allow = json!([{"Name": "r", "ActionToUse": {"Allow": {}}}]);
        let block = json!([{"Name": "r", "ActionToUse": {"Block": {}}}]);
        let of = |vendor: &str, overrides: &Value, decides: &str| {
            let group = json!({"VendorName": vendor, "Name": "Common", "RuleActionOverrides": overrides});
            rule("ManagedRuleGroupStatement", &group, decides)
        };
        let first = |overrides: &Value, decides: &str| {
            let group = json!({"ARN": GROUP, "RuleActionOverrides": overrides});
            of_firewall_manager(&group, decides)["PreProcessFirewallManagerRuleGroups"][0].clone()
        };
        for (rule, is_open) in [
            (of("AWS", &allow, "None"), true),
            (first(&allow, "None"), true),
            (of("AWS", &block, "None"), false),
            (of("AWS", &allow, "Count"), false),
            (first(&allow, "Count"), false),
            (reference(GROUP, "None"), false),
            (json!({"Name": "theirs", "Action": {"Allow": {}}}), true),
            (json!({"Name": "theirs", "Action": {"Block": {}}}), false),
        ] {
            assert_eq!(allows(&rule), is_open, "{rule}");
        }
    }
}
