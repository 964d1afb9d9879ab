//! What of a rule lets requests pass.

use serde_json::Value;

/// The rule group that a rule stands for, and which kind of reference it is.
pub(super) fn group_of(rule: &Value) -> Option<(&'static str, &Value)> {
    let statements = [&rule["Statement"], &rule["FirewallManagerStatement"]];
    ["ManagedRuleGroupStatement", "RuleGroupReferenceStatement"]
        .into_iter()
        .find_map(|kind| {
            statements
                .iter()
                .find_map(|statement| Some((kind, statement.get(kind)?)))
        })
}

/// Of an action, what is done with a request besides: headers that are inserted.
pub(super) const HANDLING: &str = "CustomRequestHandling";

/// Whether a rule lets requests pass: by itself, or by what it makes of rules of a group.
pub(super) fn allows(rule: &Value) -> bool {
    !allowances(rule).is_empty()
}

/// Whether it does, and headers are inserted into them.
pub(super) fn inserts_headers(rule: &Value) -> bool {
    allowances(rule).iter().any(|allow| !allow[HANDLING].is_null())
}

/// What it says of requests that it lets pass.
fn allowances(rule: &Value) -> Vec<&Value> {
    if let Some(allow) = rule["Action"].get("Allow") {
        return vec![allow];
    }
    let group = group_of(rule).filter(|_| !counts(rule));
    let overrides = group.and_then(|(_, group)| group["RuleActionOverrides"].as_array());
    let actions = overrides.into_iter().flatten();
    actions
        .filter_map(|one| one["ActionToUse"].get("Allow"))
        .collect()
}

/// Whether whatever a group decides is only counted.
pub(super) fn counts(rule: &Value) -> bool {
    rule["OverrideAction"].get("Count").is_some()
}
