//! Count first: which rules of a web ACL count, and which have their own action by now, as status tells.

use super::required::{REQUIRED_RULE, own_groups};
use super::rules::{FREE_RULE, PROMOTE, RULE_PREFIX, bare, rate_limit_list};
use super::web_acl::{is_ours, rules_of};
use crate::api::{
    Promotion, PromotionState, PromotionStatus, ProtectedApiStatus, RateLimit, RuleAction, RuleGroupAction,
    WebAclSpec,
};
use crate::domain::kernel::hash;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A rule that counts first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Declared {
    /// Its name in the web ACL.
    pub rule: String,
    /// Name of its metric.
    pub metric: String,
    /// Hash of what is declared, without when it is promoted.
    pub hash: String,
    /// How long it has to count.
    pub hours: i64,
    /// So many matches it may have in that time.
    pub max_matches: i64,
    /// Rules of the group whose matches pass anyhow.
    harmless: BTreeSet<String>,
    /// Whether it has its own action by now.
    pub is_promoted: bool,
}

/// By what rules are known to be promoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Status has them.
    Known(Vec<PromotionStatus>),
    /// Status is lost: what has its own action in AWS keeps it. By name.
    Found(BTreeSet<String>),
}

impl Default for Standing {
    fn default() -> Self {
        Self::Known(vec![])
    }
}

/// Whether status does not tell of the web ACL, so that AWS has to be asked what is promoted.
#[must_use]
pub fn is_lost(status: &ProtectedApiStatus) -> bool {
    status.web_acl.is_none() && status.promotions.is_empty()
}

impl Standing {
    /// What `status` knows; where that is lost, what the web ACL tells that was `found`.
    #[must_use]
    pub fn of(status: &ProtectedApiStatus, found: Option<&Value>) -> Self {
        match found {
            Some(document) if is_lost(status) => Self::Found(enforced(document)),
            _ => Self::Known(status.promotions.clone()),
        }
    }

    fn promotes(&self, rule: &str, hash: &str) -> bool {
        match self {
            Self::Known(all) => all.iter().any(|known| {
                known.rule == rule && known.declared == hash && known.state == PromotionState::Promoted
            }),
            Self::Found(names) => names.contains(rule),
        }
    }
}

/// The rules of ours that do more than count.
fn enforced(document: &Value) -> BTreeSet<String> {
    let counts =
        |rule: &Value| !rule["Action"]["Count"].is_null() || !rule["OverrideAction"]["Count"].is_null();
    let rules = rules_of(document).into_iter();
    let rules = rules.filter(|rule| is_ours(rule) && !counts(rule));
    rules
        .filter_map(|rule| rule["Name"].as_str().map(ToOwned::to_owned))
        .collect()
}

impl Declared {
    /// Whether a match of `rule`, a rule of the group, will meet more than Count.
    pub(super) fn would_act(&self, rule: Option<&str>) -> bool {
        let name = rule.and_then(|rule| rule.rsplit('#').next());
        name.is_none_or(|name| !self.harmless.contains(name))
    }
}

/// Whether any rule of `spec` counts first.
#[must_use]
pub fn is_asked_for(spec: &WebAclSpec) -> bool {
    !declared(spec, &Standing::default()).is_empty()
}

/// The rules of `spec` that count first.
#[must_use]
pub fn declared(spec: &WebAclSpec, standing: &Standing) -> Vec<Declared> {
    let of = |rule: String, metric: Option<&str>, content: &Value, promote: &Promotion| {
        let hash = hash::short(content);
        Declared {
            metric: metric.map_or_else(|| rule.clone(), ToOwned::to_owned),
            hours: promote.after.trim_end_matches('h').parse().unwrap_or(i64::MAX),
            max_matches: promote.max_matches,
            harmless: BTreeSet::new(),
            is_promoted: standing.promotes(&rule, &hash),
            rule,
            hash,
        }
    };
    let limits = spec.rate_limits.iter().flatten().filter_map(|limit| {
        let promote = limit.promote.as_ref()?;
        Some(of(name_of(limit), None, &bare(json!(limit)), promote))
    });
    let required = spec.required.as_ref();
    let groups = required.into_iter().flat_map(|required| &required.groups);
    let groups = groups.chain(own_groups(spec)).filter_map(|group| {
        let promote = group.promote.as_ref()?;
        let rule = format!("{RULE_PREFIX}{}", group.name);
        let passes = |action| matches!(action, RuleAction::Count | RuleAction::Allow);
        let overrides = group.overrides.iter().flatten();
        let harmless = overrides
            .filter(|one| passes(one.action))
            .map(|one| one.rule.clone());
        Some(Declared {
            harmless: harmless.collect(),
            ..of(rule, None, &bare(json!(group)), promote)
        })
    });
    let of_class = required.into_iter().flat_map(|required| &required.rules);
    let of_class = of_class.map(|rule| (REQUIRED_RULE, rule));
    let own = spec.rules.iter().flatten().map(|rule| (FREE_RULE, rule));
    let free = of_class.chain(own).filter_map(|(prefix, rule)| {
        let promote: Promotion = serde_json::from_value(rule[PROMOTE].clone()).ok()?;
        let name = format!("{prefix}{}", rule["Name"].as_str().unwrap_or_default());
        let metric = rule["VisibilityConfig"]["MetricName"].as_str();
        Some(of(name, metric, &bare(rule.clone()), &promote))
    });
    limits.chain(groups).chain(free).collect()
}

fn name_of(limit: &RateLimit) -> String {
    format!("{RULE_PREFIX}{}", rate_limit_list(&limit.name))
}

/// What is wrong with `promote` of a rule in WAF's own JSON, after its path.
#[must_use]
pub fn misdeclared(rule: &Value) -> Option<&'static str> {
    if rule[PROMOTE].is_null() {
        return None;
    }
    if serde_json::from_value::<Promotion>(rule[PROMOTE].clone()).is_err() {
        return Some(
            ".promote: write from, after and maxMatches, such as {from: Count, after: 72h, maxMatches: 10}",
        );
    }
    (rule["VisibilityConfig"]["SampledRequestsEnabled"] == json!(false)).then_some(
        ".promote needs samples of the requests that match: leave VisibilityConfig out, or set SampledRequestsEnabled: true",
    )
}

/// `spec` with Count in place of the actions of rules that are not promoted yet.
#[must_use]
pub fn counting(mut spec: WebAclSpec, declared: &[Declared]) -> WebAclSpec {
    let counts = |name: &str| declared.iter().any(|rule| rule.rule == name && !rule.is_promoted);
    for limit in spec.rate_limits.iter_mut().flatten() {
        if limit.promote.take().is_some() && counts(&name_of(limit)) {
            limit.action = Some(RuleAction::Count);
        }
    }
    let (of_class, required) = match &mut spec.required {
        Some(required) => (Some(&mut required.groups), Some(&mut required.rules)),
        None => (None, None),
    };
    let groups = of_class.into_iter().chain(&mut spec.managed_rule_groups);
    for group in groups.flatten() {
        if group.promote.take().is_some() && counts(&format!("{RULE_PREFIX}{}", group.name)) {
            group.action = Some(RuleGroupAction::Count);
        }
    }
    let required = required.into_iter().flatten().map(|rule| (REQUIRED_RULE, rule));
    let own = spec.rules.iter_mut().flatten().map(|rule| (FREE_RULE, rule));
    for (prefix, rule) in required.chain(own) {
        let name = format!("{prefix}{}", rule["Name"].as_str().unwrap_or_default());
        *rule = bare(rule.take());
        if counts(&name) {
            let action = if rule["OverrideAction"].is_null() {
                "Action"
            } else {
                "OverrideAction"
            };
            rule[action] = json!({"Count": {}});
        }
    }
    spec
}

/// A rule of a group in which one rule only counts.
#[cfg(test)]
pub(super) fn declared_fixture() -> Declared {
    let yaml = "{managedRuleGroups: [{name: AWSManagedRulesSQLiRuleSet, overrides: [{rule: Counted, action: Count}], promote: {from: \
                Count, after: 2h, maxMatches: 10}}]}";
    let spec: WebAclSpec = serde_yaml::from_str(yaml).unwrap();
    declared(&spec, &Standing::default()).remove(0)
}
