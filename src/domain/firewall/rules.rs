//! The web ACL's rules, from the spec: AntiDDoS, what the class requires, block list, allow list, countries, rate limits, managed groups, free rules, rate
//! limits by labels.

use super::bodies::{bodies, with_our_keys};
use super::rate_keys::{count_by, counts_by_label};
use super::required::{own_groups, required, required_rate};
use crate::api::{
    AntiDdos, ManagedRuleGroup, RateLimit, RateLimitScope, RateLimitWindow, RuleAction, RuleGroupAction,
    RuleGroupOverride, Sensitivity, WebAclSpec,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Start of the names of our rules: every other rule is foreign.
pub const RULE_PREFIX: &str = "palisade-";

/// ARNs of IP sets by part.
type Arns = BTreeMap<String, String>;

/// Name of the block list's IP sets.
pub const BLOCK: &str = "block";

/// Name of the rule of countries.
pub(super) const COUNTRIES: &str = "countries";

/// Name of the rule of [`ANTI_DDOS`].
pub(super) const ANTI_DDOS_RULE: &str = "anti-ddos";

/// Name of the allow list's IP sets.
pub const ALLOW: &str = "allow";

/// Name of the IP sets of Route 53's health checkers.
pub const CHECKERS: &str = "health-checkers";

/// AWS's rule group against floods of requests.
pub const ANTI_DDOS: &str = "AWSManagedRulesAntiDDoSRuleSet";

/// Start of the names of the user's own rules.
pub const FREE_RULE: &str = "palisade-rule-";

/// Name of the IP sets of a rate limit's scope.
#[must_use]
pub fn rate_limit_list(name: &str) -> String {
    format!("rate-{name}")
}

/// What is ours of a web ACL.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parts {
    /// Rules in order, without priorities.
    pub rules: Vec<Value>,
    /// Bodies of answers, by key.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub bodies: Map<String, Value>,
}

/// All that is ours of the web ACL. `arns` holds the IP sets that the lists of `spec` need.
#[must_use]
pub fn parts(spec: &WebAclSpec, arns: &Arns) -> Parts {
    Parts {
        rules: rules(spec, arns),
        bodies: bodies(spec),
    }
}

/// All rules of ours, in order, without priorities. `arns` holds the IP sets that the lists of `spec` need.
#[must_use]
pub fn rules(spec: &WebAclSpec, arns: &Arns) -> Vec<Value> {
    let mut out = Vec::new();
    let limits = spec.rate_limits.iter().flatten();
    let (by_label, others): (Vec<&RateLimit>, Vec<&RateLimit>) =
        limits.partition(|limit| counts_by_label(limit));
    out.extend(spec.anti_ddos.as_ref().map(anti_ddos));
    out.extend(required(spec));
    out.extend(ip_list(BLOCK, "Block", arns));
    out.extend(ip_list(ALLOW, "Allow", arns));
    out.extend(countries(spec, arns));
    out.extend(others.into_iter().map(|limit| rate_limit(limit, arns)));
    out.extend(own_groups(spec).map(managed_rule_group));
    out.extend(spec.rules.iter().flatten().map(free_rule));
    // A label is seen by the rules after the one that sets it.
    out.extend(by_label.into_iter().map(|limit| rate_limit(limit, arns)));
    let is_counting = |rule: &&mut Value| {
        rule["Name"]
            .as_str()
            .is_some_and(|name| spec.counting.contains(name))
    };
    out.iter_mut().filter(is_counting).for_each(count);
    out
}

/// Has a rule count in place of its own action.
fn count(rule: &mut Value) {
    let action = if rule["OverrideAction"].is_null() {
        "Action"
    } else {
        "OverrideAction"
    };
    rule[action] = json!({"Count": {}});
}

/// Whether any rule of ours limits a rate.
#[must_use]
pub fn has_rate_limit(spec: &WebAclSpec) -> bool {
    let limits_rate = |rule: &Value| rule["Statement"].get("RateBasedStatement").is_some();
    required_rate(spec).is_some()
        || spec.rate_limits.as_ref().is_some_and(|limits| !limits.is_empty())
        || spec.rules.iter().flatten().any(limits_rate)
}

/// Its Challenge is for browsers: programs, which API clients are, cannot solve it. What AWS would fill in is said, so that
/// what is read is what was written.
fn anti_ddos(spec: &AntiDdos) -> Value {
    let sensitivity = match spec.sensitivity.unwrap_or_default() {
        Sensitivity::Low => "LOW",
        Sensitivity::Medium => "MEDIUM",
        Sensitivity::High => "HIGH",
    };
    let challenge = match &spec.exempt_paths {
        None => json!({"UsageOfAction": "DISABLED"}),
        Some(paths) => {
            let paths: Vec<Value> = paths.iter().map(|path| json!({"RegexString": path})).collect();
            json!({"UsageOfAction": "ENABLED", "Sensitivity": "HIGH", "ExemptUriRegularExpressions": paths})
        }
    };
    let config = json!({ANTI_DDOS: {
        "ClientSideActionConfig": {"Challenge": challenge},
        "SensitivityToBlock": sensitivity,
    }});
    let group = json!({"VendorName": "AWS", "Name": ANTI_DDOS, "ManagedRuleGroupConfigs": [config]});
    rule(
        ANTI_DDOS_RULE,
        &json!({"Statement": {"ManagedRuleGroupStatement": group}, "OverrideAction": {"None": {}}}),
    )
}

fn ip_list(list: &str, action: &str, arns: &Arns) -> Option<Value> {
    let statement = ip_statement(list, arns)?;
    Some(rule(
        list,
        &json!({"Statement": statement, "Action": {action: {}}}),
    ))
}

/// A statement that is true for addresses of the list's sets; `None` where the list has no set.
fn ip_statement(list: &str, arns: &Arns) -> Option<Value> {
    let parts = [format!("{list}-v4"), format!("{list}-v6")];
    let references = parts
        .iter()
        .filter_map(|part| arns.get(part))
        .map(|arn| json!({"IPSetReferenceStatement": {"ARN": arn}}));
    any_of(references.collect())
}

/// Route 53's checkers are let through this rule, and meet all others.
fn countries(spec: &WebAclSpec, arns: &Arns) -> Option<Value> {
    let filter = spec.countries.as_ref()?;
    let codes = |codes: &[String]| json!({"GeoMatchStatement": {"CountryCodes": codes}});
    let statement = match (&filter.allow, &filter.block) {
        (Some(allow), _) => json!({"NotStatement": {"Statement": codes(allow)}}),
        (None, Some(block)) => codes(block),
        (None, None) => return None,
    };
    let statement = match ip_statement(CHECKERS, arns) {
        None => statement,
        Some(checkers) => {
            let others = json!({"NotStatement": {"Statement": checkers}});
            json!({"AndStatement": {"Statements": [others, statement]}})
        }
    };
    Some(rule(
        COUNTRIES,
        &json!({"Statement": statement, "Action": {"Block": {}}}),
    ))
}

fn rate_limit(limit: &RateLimit, arns: &Arns) -> Value {
    let mut statement = json!({
        "Limit": limit.limit,
        "EvaluationWindowSec": seconds(limit.window.unwrap_or_default()),
    });
    count_by(&mut statement, limit.by.as_deref().unwrap_or_default());
    if let Some(scope) = limit
        .scope
        .as_ref()
        .and_then(|scope| scope_statement(&limit.name, scope, arns))
    {
        statement["ScopeDownStatement"] = scope;
    }
    rule(
        &rate_limit_list(&limit.name),
        &json!({
            "Statement": {"RateBasedStatement": statement},
            "Action": {action_name(limit.action.unwrap_or_default()): {}},
        }),
    )
}

pub(super) fn seconds(window: RateLimitWindow) -> i64 {
    match window {
        RateLimitWindow::OneMinute => 60,
        RateLimitWindow::TwoMinutes => 120,
        RateLimitWindow::FiveMinutes => 300,
        RateLimitWindow::TenMinutes => 600,
    }
}

fn scope_statement(name: &str, scope: &RateLimitScope, arns: &Arns) -> Option<Value> {
    let path = scope.path_prefix.as_deref().and_then(path_statement);
    let countries = scope
        .countries
        .as_ref()
        .map(|codes| json!({"GeoMatchStatement": {"CountryCodes": codes}}));
    let addresses = scope
        .cidrs
        .as_ref()
        .and_then(|_| ip_statement(&rate_limit_list(name), arns));
    let mut parts: Vec<Value> = [path, countries, addresses].into_iter().flatten().collect();
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(json!({"AndStatement": {"Statements": parts}})),
    }
}

/// A statement that is true for all spellings of paths that start with `prefix`: API Gateway routes `/%6frders`, and `.` and
/// `..` in between, like `/orders`.
fn path_statement(prefix: &str) -> Option<Value> {
    let forms = path_forms(prefix).into_iter();
    let statements = forms.map(|form| {
        json!({"ByteMatchStatement": {
            "SearchString": BASE64.encode(form),
            "FieldToMatch": {"UriPath": {}},
            "TextTransformations": [
                {"Priority": 0, "Type": "URL_DECODE"},
                {"Priority": 1, "Type": "NORMALIZE_PATH"},
            ],
            "PositionalConstraint": "STARTS_WITH",
        }})
    });
    any_of(statements.collect())
}

/// The prefix as WAF sees paths after its transformations. It may take a plus for a blank, so both are looked for.
fn path_forms(prefix: &str) -> BTreeSet<Vec<u8>> {
    let plain = normalized(&percent_decoded(prefix.as_bytes()));
    let blank = normalized(&percent_decoded(prefix.replace('+', " ").as_bytes()));
    BTreeSet::from([plain, blank])
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        // A sign is no digit of it.
        let hex = hex.filter(|hex| hex.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = byte.filter(|_| *first == b'%') {
            out.push(byte);
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

/// Without empty segments, `.` and `..`; what ends with a slash still does.
fn normalized(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in path.split(|byte| *byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
    }
    let mut out: Vec<u8> = kept
        .iter()
        .flat_map(|segment| [b"/", *segment].concat())
        .collect();
    if out.is_empty() || path.ends_with(b"/") {
        out.push(b'/');
    }
    out
}

fn any_of(mut statements: Vec<Value>) -> Option<Value> {
    match statements.len() {
        0 | 1 => statements.pop(),
        _ => Some(json!({"OrStatement": {"Statements": statements}})),
    }
}

pub(super) fn managed_rule_group(group: &ManagedRuleGroup) -> Value {
    let vendor = group.vendor.as_deref().unwrap_or("AWS");
    let mut statement = json!({"VendorName": vendor, "Name": group.name});
    if let Some(version) = &group.version {
        statement["Version"] = json!(version);
    }
    let overrides: Vec<Value> = group.overrides.iter().flatten().map(rule_override).collect();
    if !overrides.is_empty() {
        statement["RuleActionOverrides"] = json!(overrides);
    }
    let action = match group.action.unwrap_or_default() {
        RuleGroupAction::Enforce => json!({"None": {}}),
        RuleGroupAction::Count => json!({"Count": {}}),
    };
    rule(
        &group.name,
        &json!({"Statement": {"ManagedRuleGroupStatement": statement}, "OverrideAction": action}),
    )
}

fn rule_override(wanted: &RuleGroupOverride) -> Value {
    json!({"Name": wanted.rule, "ActionToUse": {action_name(wanted.action): {}}})
}

fn action_name(action: RuleAction) -> &'static str {
    match action {
        RuleAction::Block => "Block",
        RuleAction::Count => "Count",
        RuleAction::Allow => "Allow",
        RuleAction::Captcha => "Captcha",
        RuleAction::Challenge => "Challenge",
    }
}

/// A rule of the user's, under our prefix: so we know it again once it is gone from the spec.
#[must_use]
pub fn free_rule(given: &Value) -> Value {
    let name = format!("rule-{}", given["Name"].as_str().unwrap_or_default());
    rule(&name, &with_our_keys(given))
}

/// The field of a rule in WAF's own JSON that is ours: it counts first.
pub(super) const PROMOTE: &str = "promote";

/// A rule without what is ours of it.
pub(super) fn bare(mut rule: Value) -> Value {
    if let Some(fields) = rule.as_object_mut() {
        fields.shift_remove(PROMOTE);
    }
    rule
}

/// `content` with our name, and with a `VisibilityConfig` where it has none.
pub(super) fn rule(name: &str, content: &Value) -> Value {
    let name = format!("{RULE_PREFIX}{name}");
    let mut rule = bare(content.clone());
    rule["Name"] = json!(name);
    if rule["VisibilityConfig"].is_null() {
        rule["VisibilityConfig"] = json!({
            "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": name
        });
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_by_labels_runs_after_all_rules_that_may_set_them() {
        let yaml = "{managedRuleGroups: [{name: AWSManagedRulesCommonRuleSet}], rateLimits: [{name: bots, limit: 10, by: \
                    [{type: Address}, {type: LabelNamespace, name: 'awswaf:a:'}]}, {name: per-ip, limit: 10}], rules: [{Name: mine}]}";
        let spec: WebAclSpec = serde_yaml::from_str(yaml).unwrap();
        let rules = rules(&spec, &Arns::new());
        let names: Vec<&str> = rules.iter().filter_map(|rule| rule["Name"].as_str()).collect();
        let wanted = [
            "rate-per-ip",
            "AWSManagedRulesCommonRuleSet",
            "rule-mine",
            "rate-bots",
        ];
        assert_eq!(names, wanted.map(|name| format!("{RULE_PREFIX}{name}")));
    }
}
