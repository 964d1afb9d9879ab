//! What others put into the web ACL before our rules, and what of it lets requests pass.

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
        message: format!(
            "rule {} of web ACL {} allows requests before all rules of this object are asked; give it a priority above \
             {}, or, where Firewall Manager wrote it, have its policy changed so that it allows nothing",
            culprit["Name"],
            found.content.entity.name,
            priority(rules[last_of_ours])
        ),
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

/// The rule group that a rule stands for, and which kind of reference it is.
fn group_of(rule: &Value) -> Option<(&'static str, &Value)> {
    let statements = [&rule["Statement"], &rule["FirewallManagerStatement"]];
    ["ManagedRuleGroupStatement", "RuleGroupReferenceStatement"]
        .into_iter()
        .find_map(|kind| {
            statements
                .iter()
                .find_map(|statement| Some((kind, statement.get(kind)?)))
        })
}

/// Whether a rule lets requests pass: by itself, or by what it makes of rules of a group.
fn allows(rule: &Value) -> bool {
    if rule["Action"].get("Allow").is_some() {
        return true;
    }
    let overrides = group_of(rule).map(|(_, group)| &group["RuleActionOverrides"]);
    let mut overrides = overrides.and_then(Value::as_array).into_iter().flatten();
    !counts(rule) && overrides.any(|one| one["ActionToUse"].get("Allow").is_some())
}

/// Whether whatever a group decides is only counted.
fn counts(rule: &Value) -> bool {
    rule["OverrideAction"].get("Count").is_some()
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
