//! What the web ACL takes over of one that protected an adopted distribution before: its rules, byte for byte, where the spec says
//! nothing else.

use super::bodies::{BODIES, BODY_KEY};
use super::foreign::allows;
use super::web_acl::{is_ours, rules_of};
use crate::api::WebAclSpec;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Fields of a web ACL besides its rules that decide how requests are looked at. WAF answers none of them empty.
const FIELDS: [&str; 8] = [
    "ApplicationConfig",
    "AssociationConfig",
    "CaptchaConfig",
    "ChallengeConfig",
    "DataProtectionConfig",
    "MonetizationConfig",
    "OnSourceDDoSProtectionConfig",
    "TokenDomains",
];

/// Whether requests are sampled is taken over; the metric is that of the web ACL itself.
const VISIBILITY: &str = "VisibilityConfig";
const SAMPLED: &str = "SampledRequestsEnabled";

/// What of a rule looks at labels that earlier rules set.
const LOOK_AT_LABELS: [&str; 2] = ["LabelMatchStatement", "LabelNamespace"];
/// Statements of groups, whose rules may set labels.
const GROUPS: [&str; 2] = ["ManagedRuleGroupStatement", "RuleGroupReferenceStatement"];

/// Start of the names of the rules that Shield's automatic response puts into a web ACL.
const SHIELD_RULE: &str = "ShieldMitigationRuleGroup_";

/// What is taken over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copied {
    /// Rules in order, with their priorities.
    pub rules: Vec<Value>,
    /// Names of the rules that are not taken over, since the spec says it.
    pub left: Vec<String>,
    /// Rules that look at labels and are taken over, each with a rule that may set them, stood before it, and is not.
    pub unlabelled: Vec<Unlabelled>,
    /// Whether requests are sampled, where that is told.
    is_sampled: Option<bool>,
    /// Other fields of the document.
    fields: Map<String, Value>,
    /// Bodies of answers that the rules name.
    bodies: Map<String, Value>,
}

/// A rule that would look at labels before they are set: what is taken over is asked before our own rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlabelled {
    /// The name of the rule.
    pub rule: String,
    /// The name of the rule that may set the labels.
    pub labelled_by: String,
}

/// What a web ACL with the rules of `spec` takes over of `former`.
#[must_use]
pub fn copied(former: &Value, spec: &WebAclSpec) -> Copied {
    let (said, rules): (Vec<&Value>, Vec<&Value>) =
        rules_of(former).into_iter().partition(|rule| is_said(rule, spec));
    let mut named = BTreeSet::new();
    for rule in &rules {
        collect_bodies(rule, &mut named);
    }
    let bodies = former[BODIES].as_object().into_iter().flatten();
    let fields = FIELDS.into_iter().filter_map(|field| {
        let value = former.get(field).filter(|value| !value.is_null())?;
        Some((field.to_owned(), value.clone()))
    });
    Copied {
        rules: rules.into_iter().cloned().collect(),
        left: said.into_iter().map(name).collect(),
        unlabelled: unlabelled(former, spec),
        is_sampled: former[VISIBILITY][SAMPLED].as_bool(),
        fields: fields.collect(),
        bodies: bodies
            .filter(|(key, _)| named.contains(*key))
            .map(|(key, body)| (key.clone(), body.clone()))
            .collect(),
    }
}

impl Copied {
    /// Names of the rules.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.rules.iter().map(name).collect()
    }

    /// Names of the rules that let requests pass before ours are asked.
    #[must_use]
    pub fn allowing(&self) -> Vec<String> {
        self.rules.iter().filter(|rule| allows(rule)).map(name).collect()
    }

    /// `document` with all of it, in place of the rules of others that it has.
    #[must_use]
    pub fn applied_to(&self, document: &Value) -> Value {
        let mut document = document.clone();
        let ours = rules_of(&document)
            .into_iter()
            .filter(|rule| is_ours(rule))
            .cloned();
        let rules: Vec<Value> = self.rules.iter().cloned().chain(ours).collect();
        document["Rules"] = Value::Array(rules);
        for (field, value) in &self.fields {
            document[field] = value.clone();
        }
        if let (Some(is_sampled), Some(visibility)) = (
            self.is_sampled,
            document.get_mut(VISIBILITY).and_then(Value::as_object_mut),
        ) {
            visibility.insert(SAMPLED.to_owned(), Value::Bool(is_sampled));
        }
        if !self.bodies.is_empty() {
            let known = document[BODIES].as_object().cloned().unwrap_or_default();
            let all: Map<String, Value> = known.into_iter().chain(self.bodies.clone()).collect();
            document[BODIES] = Value::Object(all);
        }
        document
    }

    /// Whether the rules of others in `document` are these.
    #[must_use]
    pub fn stands_in(&self, document: &Value) -> bool {
        let others = rules_of(document).into_iter().filter(|rule| !is_ours(rule));
        others.eq(self.rules.iter())
    }
}

/// Whether the spec says what this rule does: a managed group that both have, a rule of the same name, or what Shield puts there by
/// itself.
fn is_said(rule: &Value, spec: &WebAclSpec) -> bool {
    let group = &rule["Statement"]["ManagedRuleGroupStatement"];
    let mut groups = spec.managed_rule_groups.iter().flatten();
    let is_group = groups.any(|wanted| {
        let vendor = wanted.vendor.as_deref().unwrap_or("AWS");
        group["Name"] == *wanted.name && group["VendorName"] == vendor
    });
    let mut free = spec.rules.iter().flatten();
    let is_free = free.any(|wanted| wanted["Name"] == rule["Name"]);
    is_ours(rule) || is_group || is_free || name(rule).starts_with(SHIELD_RULE)
}

/// Whether `rule` looks at labels, in whatever statement of it.
#[must_use]
pub fn looks_at_labels(rule: &Value) -> bool {
    match rule {
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| LOOK_AT_LABELS.contains(&key.as_str()) || looks_at_labels(value)),
        Value::Array(items) => items.iter().any(looks_at_labels),
        _ => false,
    }
}

/// A group may set labels, and a rule that names some.
fn may_set_labels(rule: &Value) -> bool {
    let names_some = rule["RuleLabels"]
        .as_array()
        .is_some_and(|labels| !labels.is_empty());
    names_some || GROUPS.iter().any(|group| rule["Statement"].get(*group).is_some())
}

fn unlabelled(former: &Value, spec: &WebAclSpec) -> Vec<Unlabelled> {
    let mut setting: Option<&Value> = None;
    let mut found = Vec::new();
    for rule in rules_of(former) {
        if is_said(rule, spec) {
            if may_set_labels(rule) {
                setting = Some(rule);
            }
        } else if let Some(setting) = setting.filter(|_| looks_at_labels(rule)) {
            found.push(Unlabelled {
                rule: name(rule),
                labelled_by: name(setting),
            });
        }
    }
    found
}

fn name(rule: impl std::borrow::Borrow<Value>) -> String {
    rule.borrow()["Name"].as_str().unwrap_or_default().to_owned()
}

fn collect_bodies(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(body) if key == BODY_KEY => drop(out.insert(body.clone())),
                    other => collect_bodies(other, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_bodies(item, out)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ManagedRuleGroup;
    use serde_json::json;

    fn managed(name: &str, group: &str, priority: i64) -> Value {
        json!({"Name": name, "Priority": priority, "OverrideAction": {"None": {}},
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": group}}})
    }

    fn former() -> Value {
        json!({
            "Name": "theirs", "DefaultAction": {"Allow": {}}, "TokenDomains": ["shop.example.com"],
            "CustomResponseBodies": {"sorry": {"Content": "sorry"}, "unused": {"Content": "unused"}},
            "Rules": [
                managed("common", "AWSManagedRulesCommonRuleSet", 3),
                {"Name": "slow", "Priority": 1, "Statement": {"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}},
                    "Action": {"Block": {"CustomResponse": {"ResponseCode": 429, "CustomResponseBodyKey": "sorry"}}}},
                managed("sql", "AWSManagedRulesSQLiRuleSet", 2),
                {"Name": "ShieldMitigationRuleGroup_1_x", "Priority": 10_000_000, "OverrideAction": {"None": {}}, "Statement": {}},
            ],
        })
    }

    fn spec() -> WebAclSpec {
        WebAclSpec {
            managed_rule_groups: Some(vec![ManagedRuleGroup {
                name: "AWSManagedRulesCommonRuleSet".into(),
                vendor: None,
                version: None,
                action: None,
                overrides: None,
                promote: None,
            }]),
            ..WebAclSpec::default()
        }
    }

    #[test]
    fn rules_are_taken_over_to_the_byte_but_for_what_the_spec_says_and_what_shield_does() {
        let found = copied(&former(), &spec());
        assert_eq!(found.names(), ["slow", "sql"]);
        assert_eq!(found.left, ["common", "ShieldMitigationRuleGroup_1_x"]);
        let document = found.applied_to(&json!({"Rules": [{"Name": "palisade-x", "Priority": 1000}]}));
        assert_eq!(document["Rules"][0], former()["Rules"][1]);
        assert_eq!(document["Rules"][2]["Name"], "palisade-x");
        assert_eq!(document["TokenDomains"], json!(["shop.example.com"]));
        assert_eq!(document[BODIES], json!({"sorry": {"Content": "sorry"}}));
        assert!(found.stands_in(&document));
        assert!(!found.stands_in(&former()));
    }

    #[test]
    fn a_rule_that_the_spec_has_by_name_is_not_taken_over() {
        let said = WebAclSpec {
            rules: Some(vec![json!({"Name": "slow"})]),
            ..spec()
        };
        assert_eq!(copied(&former(), &said).names(), ["sql"]);
    }

    #[test]
    fn all_that_an_update_takes_besides_what_is_ours_is_taken_over() {
        let mut former = former();
        for field in FIELDS {
            former[field] = json!({"of": field});
        }
        former["VisibilityConfig"] = json!({"SampledRequestsEnabled": false, "MetricName": "theirs"});
        let visibility = json!({"SampledRequestsEnabled": true, "MetricName": "ours"});
        let document = copied(&former, &spec()).applied_to(&json!({"VisibilityConfig": visibility}));
        for field in FIELDS {
            assert_eq!(document[field], json!({"of": field}));
        }
        let visibility = json!({"SampledRequestsEnabled": false, "MetricName": "ours"});
        assert_eq!(document["VisibilityConfig"], visibility);
        assert_eq!(document["Name"], Value::Null);
    }

    #[test]
    fn a_rule_that_looks_at_labels_of_a_group_before_it_is_told_with_that_group() {
        let labels = |name: &str, priority: i64| {
            let label = json!({"LabelMatchStatement": {"Scope": "LABEL", "Key": "awswaf:managed:aws:core-rule-set:X"}});
            json!({"Name": name, "Priority": priority, "Action": {"Block": {}}, "Statement": {"NotStatement": {"Statement": label}}})
        };
        let mut former = former();
        let rules = former["Rules"].as_array_mut().unwrap();
        rules.extend([labels("before", 0), labels("after", 5)]);
        let lost = |spec: &WebAclSpec| copied(&former, spec).unlabelled;
        let told = Unlabelled {
            rule: "after".to_owned(),
            labelled_by: "common".to_owned(),
        };
        assert_eq!(lost(&spec()), [told]);
        assert!(
            lost(&WebAclSpec::default()).is_empty(),
            "the group is copied, too, in its order"
        );
    }

    #[test]
    fn rules_that_let_requests_pass_are_named() {
        let mut former = former();
        former["Rules"][1]["Action"] = json!({"Allow": {}});
        assert_eq!(copied(&former, &spec()).allowing(), ["slow"]);
    }
}
