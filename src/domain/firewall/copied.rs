//! What the web ACL takes over of one that protected an adopted distribution before: its rules, where the spec says nothing else. They
//! are taken over byte for byte, but for names that are ours, for labels that are named after their web ACL, and for priorities that would
//! have them asked after our own rules.

use super::allowances::{HANDLING, allows, inserts_headers};
use super::bodies::{BODIES, BODY_KEY, with_keys};
use super::label_names::{Namespaces, names_web_acl};
use super::own_rules::rules_to_be;
use super::rules::{FREE_RULE, RULE_PREFIX};
use super::web_acl::{FIRST_PRIORITY, is_ours, priority, rules_of};
use crate::api::WebAclSpec;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

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

/// What becomes of requests that no rule decides on.
const DEFAULT_ACTION: &str = "DefaultAction";
/// WAF puts it before the names of the headers that it inserts.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-incoming-request.html>
const INSERTED: &str = "x-amzn-waf-";

/// What of a rule looks at labels that earlier rules set.
const LOOK_AT_LABELS: [&str; 2] = ["LabelMatchStatement", "LabelNamespace"];
/// Statements of groups, whose rules may set labels.
const GROUPS: [&str; 2] = ["ManagedRuleGroupStatement", RULE_GROUP];
const RULE_GROUP: &str = "RuleGroupReferenceStatement";

/// Start of the names of the rules that Shield's automatic response puts into a web ACL.
const SHIELD_RULE: &str = "ShieldMitigationRuleGroup_";

/// Start of the names under which rules are taken over, and bodies of answers, whose own names are those of ours: of a perimeter whose
/// cluster is lost, or of somebody who chose such names.
const TAKEN_OVER: &str = "former-";

/// What is taken over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Copied {
    /// Rules in order, with their priorities.
    pub rules: Vec<Value>,
    /// Names of the rules that are not taken over, since the spec says it.
    pub left: Vec<String>,
    /// Names of the rules that are not taken over, since Shield puts such a one there by itself.
    pub of_shield: Vec<String>,
    /// Names that rules are taken over under, by their own.
    pub renamed: BTreeMap<String, String>,
    /// Names that rules have in the former web ACL which let requests pass before ours are asked.
    pub allowing: Vec<String>,
    /// Those of them that insert headers, which a list of addresses would not.
    pub inserting: Vec<String>,
    /// Rules that look at labels and are taken over, each with a rule that may set them, stood before it, and is not.
    pub unlabelled: Vec<Unlabelled>,
    /// Names of the rules that look at labels by their full names, which are others from now on.
    pub relabelled: Vec<String>,
    /// Names of such rules where the former namespace of labels is not known, so that they would look at labels that nobody sets.
    pub mislabelled: Vec<String>,
    /// Names of the spec's own rules that look at labels of the former web ACL by their full names: as they stand in the spec they are
    /// written, and nobody sets such labels from now on.
    pub outdated: Vec<String>,
    /// What becomes of requests that no rule decides on, where they are let in, with the headers that WAF inserts.
    default_action: Option<Value>,
    /// Whether requests are sampled, where that is told.
    is_sampled: Option<bool>,
    /// Other fields of the document.
    fields: Map<String, Value>,
    /// Bodies of answers that the rules name.
    bodies: Map<String, Value>,
}

/// A rule that would look at labels before they are set: what is taken over is asked before our own rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unlabelled {
    /// The name of the rule.
    pub rule: String,
    /// The name of the rule that may set the labels.
    pub labelled_by: String,
}

/// What the web ACL that is called `own`, with the rules of `spec`, takes over of `former`.
#[must_use]
pub fn copied(former: &Value, spec: &WebAclSpec, own: &str) -> Copied {
    let said = Said::of(spec);
    let (left, rules): (Vec<&Value>, Vec<&Value>) =
        rules_of(former).into_iter().partition(|rule| said.has(rule));
    let (of_shield, left): (Vec<&Value>, Vec<&Value>) = left.into_iter().partition(|rule| is_of_shield(rule));
    let mut named = BTreeSet::new();
    for rule in &rules {
        collect_bodies(rule, &mut named);
    }
    let answers = renamed(named.iter().cloned().collect());
    let renamed = renamed(rules.iter().copied().map(name).collect());
    let namespaces = Namespaces::of(former, own);
    let translated = |rule: &Value| match &namespaces {
        Some(namespaces) => namespaces.translated(rule),
        None => rule.clone(),
    };
    let looks_at_former = |rule: &Value| match &namespaces {
        Some(namespaces) => namespaces.translated(rule) != *rule,
        None => names_web_acl(rule),
    };
    let names_of = |is_such: &dyn Fn(&Value) -> bool| -> Vec<String> {
        rules
            .iter()
            .copied()
            .filter(|rule| is_such(rule))
            .map(name)
            .collect()
    };
    let bodies = former[BODIES].as_object().into_iter().flatten();
    let fields = FIELDS.into_iter().filter_map(|field| {
        let value = former.get(field).filter(|value| !value.is_null())?;
        Some((field.to_owned(), value.clone()))
    });
    Copied {
        rules: before_ours(
            rules
                .iter()
                .map(|rule| under_new_names(&translated(rule), &renamed, &answers))
                .collect(),
        ),
        left: left.into_iter().map(name).collect(),
        of_shield: of_shield.into_iter().map(name).collect(),
        allowing: names_of(&|rule| allows(rule)),
        inserting: names_of(&|rule| inserts_headers(rule)),
        relabelled: names_of(&|rule| namespaces.is_some() && looks_at_former(rule)),
        mislabelled: names_of(&|rule| namespaces.is_none() && looks_at_former(rule)),
        outdated: said.names_of(looks_at_former),
        default_action: Some(&former[DEFAULT_ACTION])
            .filter(|action| action.get("Allow").is_some())
            .cloned(),
        unlabelled: unlabelled(former, &said),
        is_sampled: former[VISIBILITY][SAMPLED].as_bool(),
        fields: fields.collect(),
        bodies: bodies
            .filter(|(key, _)| named.contains(*key))
            .map(|(key, body)| (answers.get(key).unwrap_or(key).clone(), body.clone()))
            .collect(),
        renamed,
    }
}

/// `name`, or one in its place where it is one of ours.
fn not_ours(name: &str) -> String {
    match name.strip_prefix(RULE_PREFIX) {
        Some(rest) => format!("{TAKEN_OVER}{rest}"),
        None => name.to_owned(),
    }
}

/// Other names for those of `names` that are ours; no two are the same.
fn renamed(names: Vec<String>) -> BTreeMap<String, String> {
    let mut taken: BTreeSet<String> = names.iter().cloned().collect();
    let mut renamed = BTreeMap::new();
    for own in names.into_iter().filter(|name| name.starts_with(RULE_PREFIX)) {
        let wanted = not_ours(&own);
        let mut free = wanted.clone();
        let mut n = 2;
        while !taken.insert(free.clone()) {
            free = format!("{wanted}-{n}");
            n += 1;
        }
        renamed.insert(own, free);
    }
    renamed
}

/// `rule` without names of ours: its own, its metric, and those of the bodies that it answers.
fn under_new_names(
    rule: &Value,
    renamed: &BTreeMap<String, String>,
    bodies: &BTreeMap<String, String>,
) -> Value {
    let mut rule = with_keys(rule, &|key: &str| {
        bodies.get(key).map_or(key, String::as_str).to_owned()
    });
    if let Some(new) = renamed.get(&name(&rule)) {
        rule["Name"] = json!(new);
        let metric = rule[VISIBILITY]["MetricName"].as_str().unwrap_or_default();
        if metric.starts_with(RULE_PREFIX) {
            rule[VISIBILITY]["MetricName"] = json!(new);
        }
    }
    rule
}

/// `rules`, which are in their order, with priorities by which all are asked before ours: an allow list of ours must not let in what one
/// of them blocks.
fn before_ours(mut rules: Vec<Value>) -> Vec<Value> {
    if rules.iter().any(|rule| priority(rule) >= FIRST_PRIORITY) {
        for (n, rule) in rules.iter_mut().enumerate() {
            rule["Priority"] = json!(n);
        }
    }
    rules
}

impl Copied {
    /// Names of the rules.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.rules.iter().map(name).collect()
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
        if let Some(action) = &self.default_action {
            document[DEFAULT_ACTION] = action.clone();
        }
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

    /// Whether the rules of others in `document` are these, and requests that no rule decides on fare as they should.
    #[must_use]
    pub fn stands_in(&self, document: &Value) -> bool {
        let others = rules_of(document).into_iter().filter(|rule| !is_ours(rule));
        let action = self.default_action.as_ref();
        others.eq(self.rules.iter()) && action.is_none_or(|action| document[DEFAULT_ACTION] == *action)
    }

    /// The headers that WAF inserts into requests that no rule decides on, by the names that the API meets.
    #[must_use]
    pub fn inserted_headers(&self) -> Vec<String> {
        let handling = self
            .default_action
            .as_ref()
            .map(|action| &action["Allow"][HANDLING]);
        let headers = handling.and_then(|handling| handling["InsertHeaders"].as_array());
        let names = headers
            .into_iter()
            .flatten()
            .filter_map(|header| header["Name"].as_str());
        names.map(|name| format!("{INSERTED}{name}")).collect()
    }

    /// What of it, besides its rules, an update has to bring.
    #[must_use]
    pub fn default_action(&self) -> Option<&Value> {
        self.default_action.as_ref()
    }

    /// Names of the rules that ask groups of the account's own, whose rules nobody reads here and which may look at labels of others.
    #[must_use]
    pub fn asking_groups(&self) -> Vec<String> {
        if !self.rules.iter().any(names_labels) {
            return vec![];
        }
        let asks = |rule: &&Value| rule["Statement"].get(RULE_GROUP).is_some();
        self.rules.iter().filter(asks).map(name).collect()
    }
}

/// What a spec says of rules.
struct Said<'a> {
    spec: &'a WebAclSpec,
    /// All rules that come of it.
    rules: Vec<Value>,
}

impl<'a> Said<'a> {
    fn of(spec: &'a WebAclSpec) -> Self {
        Self {
            spec,
            rules: rules_to_be(spec),
        }
    }

    /// Names of such rules that come of it: those of free rules as the spec has them.
    fn names_of(&self, is_such: impl Fn(&Value) -> bool) -> Vec<String> {
        let such = self.rules.iter().filter(|rule| is_such(rule)).map(name);
        such.map(|name| name.strip_prefix(FREE_RULE).unwrap_or(&name).to_owned())
            .collect()
    }

    /// Whether the spec says what this rule does: a managed group that both have, a rule of the same name, or what Shield puts there by
    /// itself.
    fn has(&self, rule: &Value) -> bool {
        let group = &rule["Statement"]["ManagedRuleGroupStatement"];
        let mut groups = self.spec.managed_rule_groups.iter().flatten();
        let is_group = groups.any(|wanted| {
            let vendor = wanted.vendor.as_deref().unwrap_or("AWS");
            group["Name"] == *wanted.name && group["VendorName"] == vendor
        });
        let mut free = self.spec.rules.iter().flatten();
        let is_free = free.any(|wanted| wanted["Name"] == rule["Name"]);
        let mut all = self.rules.iter();
        is_group || is_free || all.any(|own| own["Name"] == rule["Name"]) || is_of_shield(rule)
    }
}

fn is_of_shield(rule: &Value) -> bool {
    name(rule).starts_with(SHIELD_RULE)
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

fn names_labels(rule: &Value) -> bool {
    let labels = rule["RuleLabels"].as_array();
    labels.is_some_and(|labels| !labels.is_empty())
}

/// A group may set labels, and a rule that names some.
fn may_set_labels(rule: &Value) -> bool {
    names_labels(rule) || GROUPS.iter().any(|group| rule["Statement"].get(*group).is_some())
}

fn unlabelled(former: &Value, said: &Said<'_>) -> Vec<Unlabelled> {
    let mut setting: Option<&Value> = None;
    let mut found = Vec::new();
    for rule in rules_of(former) {
        if said.has(rule) {
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
mod tests;
