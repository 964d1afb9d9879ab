//! What AWS WAF refuses about rules.

use super::super::account::Account;
use super::super::clock;
use super::super::refusal::{Outcome, Refusal};
use super::{capacity, catalogue, check_name, rate_keys, refusals};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const WINDOWS: &[i64] = &[60, 120, 300, 600];
const GROUPS: &[&str] = &["ManagedRuleGroupStatement", "RuleGroupReferenceStatement"];
/// Statements that are known to be no group: of others nothing is said.
const PLAIN: &[&str] = &[
    "RateBasedStatement",
    "IPSetReferenceStatement",
    "GeoMatchStatement",
    "ByteMatchStatement",
    "AndStatement",
    "OrStatement",
    "NotStatement",
    "SqliMatchStatement",
    "XssMatchStatement",
    "SizeConstraintStatement",
    "RegexMatchStatement",
];
const ONE_VALUE: &str = "You have used none or multiple values for a field that requires exactly one value.";

impl Account {
    /// Refuses bad rules; answers the capacity of good ones.
    pub(super) fn check_rules(&self, rules: &Value) -> Outcome<i64> {
        let list = rules
            .as_array()
            .ok_or_else(|| refusals::constraint("rules", None, "be a list"))?;
        let (mut names, mut priorities) = (BTreeSet::new(), BTreeSet::new());
        for (index, rule) in list.iter().enumerate() {
            check_form(rule, &format!("rules.{}.member", index + 1))?;
            let (name, priority) = (
                rule["Name"].as_str().unwrap_or_default(),
                rule["Priority"].as_i64(),
            );
            if !names.insert(name) {
                let reason = "You have used the same rule name more than once in the web ACL.";
                return Err(refusals::invalid("RULE", name, reason));
            }
            if !priorities.insert(priority) {
                let reason = "You have used the same priority for more than one rule.";
                return Err(refusals::invalid("RULE", &rule["Priority"].to_string(), reason));
            }
        }
        for rule in list {
            check_action(rule)?;
            objects(&rule["Statement"])
                .into_iter()
                .try_for_each(|object| self.check_statement(object))?;
        }
        let rated = list
            .iter()
            .filter(|rule| rule["Statement"].get("RateBasedStatement").is_some())
            .count();
        if rated > self.settings.limits.rate_rules {
            return Err(refusals::too_many());
        }
        Ok(capacity::of_rules(rules))
    }

    /// Any object of a rule may hold a statement under its name.
    fn check_statement(&self, object: &Map<String, Value>) -> Outcome<()> {
        for (kind, body) in object.iter().filter(|(_, body)| body.is_object()) {
            match kind.as_str() {
                "RateBasedStatement" => check_rate(body)?,
                "IPSetReferenceStatement" => self.check_ip_set(body)?,
                "ManagedRuleGroupStatement" => self.check_managed(body)?,
                "GeoMatchStatement" => check_geo(body)?,
                "ByteMatchStatement" => check_byte_match(body)?,
                "AndStatement" | "OrStatement" => check_several(body)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn check_ip_set(&self, body: &Value) -> Outcome<()> {
        let arn = body["ARN"].as_str().unwrap_or_default();
        if !arn.starts_with("arn:aws:wafv2:") {
            let reason = "The ARN isn't valid. A valid ARN begins with arn: and includes other information.";
            return Err(refusals::invalid("IP_SET_REFERENCE_STATEMENT", arn, reason));
        }
        let found = self
            .waf
            .ip_sets
            .values()
            .find(|set| set.content.entity.arn == arn);
        let set = found.ok_or_else(refusals::missing)?;
        if clock::now() < set.created + self.settings.waf_propagation {
            return Err(refusals::unavailable());
        }
        Ok(())
    }

    fn check_managed(&self, body: &Value) -> Outcome<()> {
        let field = "MANAGED_RULE_SET_STATEMENT";
        let (vendor, name) = (
            body["VendorName"].as_str(),
            body["Name"].as_str().unwrap_or_default(),
        );
        let Some(group) = catalogue::group(name).filter(|_| vendor == Some("AWS")) else {
            let parameter = format!("{}/{name}", vendor.unwrap_or_default());
            let reason = "The referenced managed rule group does not exist.";
            return Err(refusals::invalid(field, &parameter, reason));
        };
        if let Some(version) = body["Version"].as_str() {
            if !group.versions.contains(&version) {
                let reason = "The version of the managed rule group is not valid.";
                return Err(refusals::invalid(field, version, reason));
            }
            if self
                .settings
                .expired_managed_versions
                .contains(&format!("{name}/{version}"))
            {
                return Err(refusals::expired_version());
            }
        }
        let overridden = ["RuleActionOverrides", "ExcludedRules"]
            .iter()
            .filter_map(|key| body[*key].as_array());
        for rule in overridden.flatten().filter_map(|rule| rule["Name"].as_str()) {
            if !group.rules.contains(&rule) {
                let reason = "The rule does not exist in the managed rule group.";
                return Err(refusals::invalid("EXCLUDED_RULE", rule, reason));
            }
        }
        Ok(())
    }
}

/// What AWS WAF writes into rules, and what it leaves out of them.
pub fn fill_in(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Object(rate)) = members.get_mut("RateBasedStatement") {
                rate.entry("EvaluationWindowSec").or_insert(json!(300));
                rate_keys::fill_in(rate);
            }
            // hashicorp/terraform-provider-aws#48446 and #39825: false is dropped from what is targeted, and added to what is
            // not.
            if let Some(Value::Object(bots)) = members.get_mut("AWSManagedRulesBotControlRuleSet")
                && bots.get("EnableMachineLearning") != Some(&json!(true))
            {
                bots.shift_remove("EnableMachineLearning");
                if bots.get("InspectionLevel") == Some(&json!("COMMON")) {
                    bots.insert("EnableMachineLearning".to_owned(), json!(false));
                }
            }
            members.values_mut().for_each(fill_in);
        }
        Value::Array(items) => items.iter_mut().for_each(fill_in),
        _ => {}
    }
}

/// A rule can name a body of the web ACL only.
pub fn check_bodies(document: &Value) -> Outcome<()> {
    let bodies = &document["CustomResponseBodies"];
    if bodies.as_object().is_some_and(Map::is_empty) {
        let reason = "The set of custom response bodies is empty.";
        return Err(refusals::invalid(
            "CUSTOM_RESPONSE_BODY",
            "CustomResponseBodies",
            reason,
        ));
    }
    let rules = objects(&document["Rules"]);
    let mut named = rules
        .iter()
        .filter_map(|object| object.get("CustomResponseBodyKey")?.as_str());
    match named.find(|key| bodies.get(key).is_none()) {
        Some(key) => {
            let reason = "The custom response body that the rule refers to does not exist.";
            Err(refusals::invalid("CUSTOM_RESPONSE", key, reason))
        }
        None => Ok(()),
    }
}

/// Whether a document refers to the IP set `arn` anywhere.
pub fn references(document: &Value, arn: &str) -> bool {
    objects(document).iter().any(|object| {
        object
            .get("IPSetReferenceStatement")
            .is_some_and(|reference| reference["ARN"] == arn)
    })
}

pub fn check_visibility(given: &Value, place: &str) -> Outcome<()> {
    if given.is_null() {
        return Err(refusals::constraint(place, None, "not be null"));
    }
    for (member, key) in [
        ("sampledRequestsEnabled", "SampledRequestsEnabled"),
        ("cloudWatchMetricsEnabled", "CloudWatchMetricsEnabled"),
        ("metricName", "MetricName"),
    ] {
        if given[key].is_null() {
            return Err(refusals::constraint(
                &format!("{place}.{member}"),
                None,
                "not be null",
            ));
        }
    }
    Ok(())
}

fn check_form(rule: &Value, place: &str) -> Outcome<()> {
    for (member, key) in [
        ("name", "Name"),
        ("priority", "Priority"),
        ("statement", "Statement"),
    ] {
        if rule[key].is_null() {
            return Err(refusals::constraint(
                &format!("{place}.{member}"),
                None,
                "not be null",
            ));
        }
    }
    check_name(
        &format!("{place}.name"),
        rule["Name"].as_str().unwrap_or_default(),
    )?;
    if rule["Priority"].as_i64().is_none_or(|priority| priority < 0) {
        let shown = rule["Priority"].to_string();
        let place = format!("{place}.priority");
        return Err(refusals::constraint(
            &place,
            Some(&shown),
            "have value greater than or equal to 0",
        ));
    }
    check_visibility(&rule["VisibilityConfig"], &format!("{place}.visibilityConfig"))?;
    if rule["Statement"]
        .as_object()
        .is_none_or(|statement| statement.len() != 1)
    {
        let reason = "Your statement has multiple values set for a field that requires exactly one value.";
        return Err(refusals::invalid("STATEMENT", "Statement", reason));
    }
    Ok(())
}

/// Groups take an override action, everything else an action; never both, never neither.
fn check_action(rule: &Value) -> Outcome<()> {
    let name = rule["Name"].as_str().unwrap_or_default();
    let (action, override_action) = (rule.get("Action"), rule.get("OverrideAction"));
    if action.is_none() == override_action.is_none() {
        return Err(refusals::invalid("RULE", name, ONE_VALUE));
    }
    let is_any_of = |kinds: &[&str]| kinds.iter().any(|kind| rule["Statement"].get(kind).is_some());
    if is_any_of(GROUPS) && override_action.is_none() {
        let reason = "A rule that references a rule group requires an override action.";
        return Err(refusals::invalid("OVERRIDE_ACTION", name, reason));
    }
    if is_any_of(PLAIN) && action.is_none() {
        let reason = "A rule that does not reference a rule group requires an action.";
        return Err(refusals::invalid("RULE_ACTION", name, reason));
    }
    Ok(())
}

fn check_rate(body: &Value) -> Outcome<()> {
    let field = "RATE_BASED_STATEMENT";
    if body["Limit"]
        .as_i64()
        .is_none_or(|limit| !(10..=2_000_000_000).contains(&limit))
    {
        let reason = "The rate limit must be between 10 and 2,000,000,000.";
        return Err(refusals::invalid(field, &body["Limit"].to_string(), reason));
    }
    let window = &body["EvaluationWindowSec"];
    if !window.is_null() && window.as_i64().is_none_or(|window| !WINDOWS.contains(&window)) {
        let reason = "The evaluation window must be 60, 120, 300 or 600 seconds.";
        return Err(refusals::invalid(field, &window.to_string(), reason));
    }
    let kind = body["AggregateKeyType"].as_str();
    if !matches!(kind, Some("IP" | "FORWARDED_IP" | "CUSTOM_KEYS" | "CONSTANT")) {
        let rule = "satisfy enum value set: [IP, FORWARDED_IP, CUSTOM_KEYS, CONSTANT]";
        return Err(refusals::constraint("aggregateKeyType", kind, rule));
    }
    rate_keys::check(body)
}

fn check_geo(body: &Value) -> Outcome<()> {
    let codes = body["CountryCodes"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let is_bad = |code: &&Value| {
        code.as_str()
            .is_none_or(|code| code.len() != 2 || !code.chars().all(|c| c.is_ascii_uppercase()))
    };
    if codes.is_empty() || codes.iter().any(|code| is_bad(&code)) {
        let shown = codes
            .iter()
            .find(is_bad)
            .map_or_else(|| "[]".to_owned(), ToString::to_string);
        return Err(refusals::invalid(
            "GEO_MATCH_STATEMENT",
            &shown,
            "The country code is not valid.",
        ));
    }
    Ok(())
}

fn check_byte_match(body: &Value) -> Outcome<()> {
    for (member, key) in [
        ("searchString", "SearchString"),
        ("fieldToMatch", "FieldToMatch"),
        ("textTransformations", "TextTransformations"),
        ("positionalConstraint", "PositionalConstraint"),
    ] {
        if body[key].is_null() {
            return Err(refusals::constraint(
                &format!("byteMatchStatement.{member}"),
                None,
                "not be null",
            ));
        }
    }
    let search = body["SearchString"].as_str().unwrap_or_default();
    if BASE64.decode(search).is_err() {
        let message = "SearchString: a blob is base64 in JSON.";
        return Err(Refusal::new("SerializationException", message));
    }
    Ok(())
}

fn check_several(body: &Value) -> Outcome<()> {
    if body["Statements"]
        .as_array()
        .is_none_or(|statements| statements.len() < 2)
    {
        let reason = "A logical statement requires at least two statements.";
        return Err(refusals::invalid("STATEMENT", "Statements", reason));
    }
    Ok(())
}

/// All objects within a value, for finding statements wherever they are nested.
fn objects(value: &Value) -> Vec<&Map<String, Value>> {
    match value {
        Value::Object(members) => std::iter::once(members)
            .chain(members.values().flat_map(objects))
            .collect(),
        Value::Array(items) => items.iter().flat_map(objects).collect(),
        _ => vec![],
    }
}
