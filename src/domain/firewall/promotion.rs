//! Count first: which rules of a web ACL count, and which have their own action by now, as status tells.

use super::canonical::canonical;
use super::required::{REQUIRED_RULE, own_groups};
use super::rules::{
    ANTI_DDOS_RULE, BLOCK, COUNTRIES, FREE_RULE, PROMOTE, RULE_PREFIX, bare, rate_limit_list, rules,
};
use super::web_acl::{is_ours, rules_of};
use crate::api::{
    Promotion, PromotionState, PromotionStatus, ProtectedApiStatus, RateLimit, RuleAction, RuleGroupAction,
    WebAclSpec,
};
use crate::domain::kernel::hash;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Samples are read once an hour: whoever looks is never so late.
const OLD: SignedDuration = SignedDuration::from_hours(2);

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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// What status has of them.
    known: Vec<PromotionStatus>,
    /// The rules of ours that do more than count in AWS, by name, in one spelling.
    enforced: BTreeMap<String, Value>,
    /// Whether status is lost: what has its own action in AWS keeps it, whatever the spec says of it by now.
    is_lost: bool,
}

/// Whether status has nothing of a rule of `spec` that counts first, so that AWS has to be asked whether it blocks already.
#[must_use]
pub fn is_unknown(spec: &WebAclSpec, status: &ProtectedApiStatus) -> bool {
    let is_known = |rule: &Declared| status.promotions.iter().any(|known| known.rule == rule.rule);
    !declared(spec, &Standing::default()).iter().all(is_known)
}

/// Whether what status has of a rule that counts is so old that it may be from before the promotion, as in a cluster that was restored
/// from a backup: AWS has to be asked whether the rule blocks already. Nobody has looked at its matches for longer than they are kept.
#[must_use]
pub fn is_old(known: &PromotionStatus, now: Timestamp) -> bool {
    // One that is held for what AWS does not tell is looked at in vain.
    let is_looked_at = match known.state {
        PromotionState::Counting => true,
        PromotionState::Held => known.held_matches.is_some(),
        PromotionState::Promoted => false,
    };
    let last = known.last_sampled.as_ref().unwrap_or(&known.since);
    let last: Option<Timestamp> = last.parse().ok();
    is_looked_at && last.is_some_and(|last| now.duration_since(last) >= OLD)
}

impl Standing {
    /// The same without what is too old at `now` to tell.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.known.retain(|known| !is_old(known, now));
        self
    }

    /// What `status` knows; of which rules it knows nothing, what the web ACL tells that was `found`.
    #[must_use]
    pub fn of(status: &ProtectedApiStatus, found: Option<&Value>) -> Self {
        Self {
            known: status.promotions.clone(),
            enforced: found.map(enforced).unwrap_or_default(),
            is_lost: status.web_acl.is_none() && status.promotions.is_empty(),
        }
    }

    /// `own`: the rule as it is with its own action, with any IP sets.
    fn promotes(&self, rule: &str, hash: &str, own: Option<&Value>) -> bool {
        let mut known = self.known.iter();
        if let Some(known) = known.find(|known| known.rule == rule) {
            return known.declared == hash && known.state == PromotionState::Promoted;
        }
        let enforced = self.enforced.get(rule);
        let is_same = |enforced| own.is_some_and(|own| canonical(&with_any_sets(own)) == enforced);
        enforced.is_some_and(|enforced| self.is_lost || is_same(canonical(&with_any_sets(enforced))))
    }

    /// Whether a rule refuses already, whatever it is by now: who adds one address or country to it lets nobody through.
    fn refuses(&self, rule: &str) -> bool {
        let mut known = self.known.iter();
        match known.find(|known| known.rule == rule) {
            Some(known) => known.state == PromotionState::Promoted,
            None => self.enforced.contains_key(rule),
        }
    }
}

/// The rules of ours that do more than count.
fn enforced(document: &Value) -> BTreeMap<String, Value> {
    let rules = rules_of(document).into_iter();
    let rules = rules.filter(|rule| is_ours(rule) && !counts(rule));
    rules
        .filter_map(|rule| Some((rule["Name"].as_str()?.to_owned(), canonical(rule))))
        .collect()
}

/// Whether a rule in WAF's own JSON only counts.
fn counts(rule: &Value) -> bool {
    !rule["Action"]["Count"].is_null() || !rule["OverrideAction"]["Count"].is_null()
}

impl Declared {
    /// Whether a match of `rule`, a rule of the group, will meet more than Count.
    pub(super) fn would_act(&self, rule: Option<&str>) -> bool {
        let name = rule.and_then(|rule| rule.rsplit('#').next());
        name.is_none_or(|name| !self.harmless.contains(name))
    }
}

/// The rules of `spec` that count first. One whose own action is Count never does more.
#[must_use]
pub fn declared(spec: &WebAclSpec, standing: &Standing) -> Vec<Declared> {
    let own = if standing.enforced.is_empty() {
        vec![]
    } else {
        rules(spec, &any_sets(spec))
    };
    let of = |rule: String, metric: Option<&str>, content: &Value, promote: &Promotion| {
        let hash = hash::short(content);
        Declared {
            metric: metric.map_or_else(|| rule.clone(), ToOwned::to_owned),
            hours: promote.after.trim_end_matches('h').parse().unwrap_or(i64::MAX),
            max_matches: promote.max_matches,
            harmless: BTreeSet::new(),
            is_promoted: {
                let own = own.iter().find(|own| own["Name"] == rule.as_str());
                standing.promotes(&rule, &hash, own)
            },
            rule,
            hash,
        }
    };
    let limits = spec.rate_limits.iter().flatten().filter_map(|limit| {
        let promote = limit.promote.as_ref()?;
        if limit.action == Some(RuleAction::Count) {
            return None;
        }
        Some(of(name_of(limit), None, &bare(json!(limit)), promote))
    });
    let required = spec.required.as_ref();
    let groups = required.into_iter().flat_map(|required| &required.groups);
    let groups = groups.chain(own_groups(spec)).filter_map(|group| {
        let promote = group.promote.as_ref()?;
        if group.action == Some(RuleGroupAction::Count) {
            return None;
        }
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
        if counts(rule) {
            return None;
        }
        let name = format!("{prefix}{}", rule["Name"].as_str().unwrap_or_default());
        let metric = rule["VisibilityConfig"]["MetricName"].as_str();
        Some(of(name, metric, &bare(rule.clone()), &promote))
    });
    let fields = of_fields(spec).map(|(name, content, promote)| {
        let rule = of(format!("{RULE_PREFIX}{name}"), None, &content, promote);
        Declared {
            is_promoted: standing.refuses(&rule.rule),
            ..rule
        }
    });
    fields.chain(limits).chain(groups).chain(free).collect()
}

/// What counts first of the fields that are one rule each: the rule's name, and what is declared of it.
fn of_fields(spec: &WebAclSpec) -> impl Iterator<Item = (&'static str, Value, &Promotion)> {
    let anti_ddos = spec.anti_ddos.as_ref().and_then(|group| {
        let promote = group.promote.as_ref()?;
        Some((ANTI_DDOS_RULE, bare(json!(group)), promote))
    });
    let countries = spec.countries.as_ref().and_then(|filter| {
        let promote = filter.promote.as_ref()?;
        Some((COUNTRIES, bare(json!(filter)), promote))
    });
    let list = spec.block_cidrs.as_ref().filter(|list| !list.is_empty());
    let refused = list.and_then(|list| Some((BLOCK, json!(list), spec.block_cidrs_promote.as_ref()?)));
    anti_ddos.into_iter().chain(countries).chain(refused)
}

/// The ARN that stands for those of the IP sets of a rate limit's scope.
const ANY_SETS: &str = "any";

/// That ARN for each rate limit whose scope has addresses: theirs are known to AWS alone.
fn any_sets(spec: &WebAclSpec) -> BTreeMap<String, String> {
    let limits = spec.rate_limits.iter().flatten();
    let with_addresses = limits.filter(|limit| {
        let cidrs = limit.scope.as_ref().and_then(|scope| scope.cidrs.as_ref());
        cidrs.is_some_and(|cidrs| !cidrs.is_empty())
    });
    with_addresses
        .map(|limit| {
            (
                format!("{}-v4", rate_limit_list(&limit.name)),
                ANY_SETS.to_owned(),
            )
        })
        .collect()
}

/// A rate limit of ours, with that ARN in place of its IP sets, of one kind of addresses or both. Other rules stay as they are: what
/// they refer to was declared.
fn with_any_sets(rule: &Value) -> Value {
    let mut rule = rule.clone();
    let is_limit = rule["Name"]
        .as_str()
        .is_some_and(|name| name.starts_with(&format!("{RULE_PREFIX}{}", rate_limit_list(""))));
    if let Some(scope) = rule
        .pointer_mut("/Statement/RateBasedStatement/ScopeDownStatement")
        .filter(|_| is_limit)
    {
        let parts = scope.pointer_mut("/AndStatement/Statements");
        match parts.and_then(Value::as_array_mut) {
            Some(parts) => parts.iter_mut().for_each(forget_sets),
            None => forget_sets(scope),
        }
    }
    rule
}

fn forget_sets(statement: &mut Value) {
    let is_set = |statement: &Value| statement.get("IPSetReferenceStatement").is_some();
    let any = statement
        .pointer("/OrStatement/Statements")
        .and_then(Value::as_array);
    if is_set(statement) || any.is_some_and(|any| any.iter().all(is_set)) {
        *statement = json!({"IPSetReferenceStatement": {"ARN": ANY_SETS}});
    }
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
pub fn counting(spec: WebAclSpec, declared: &[Declared]) -> WebAclSpec {
    let counting = declared.iter().filter(|rule| !rule.is_promoted);
    WebAclSpec {
        counting: counting.map(|rule| rule.rule.clone()).collect(),
        ..spec
    }
}

/// A rule of a group in which one rule only counts.
#[cfg(test)]
pub(super) fn declared_fixture() -> Declared {
    let yaml = "{managedRuleGroups: [{name: AWSManagedRulesSQLiRuleSet, overrides: [{rule: Counted, action: Count}], promote: {from: \
                Count, after: 2h, maxMatches: 10}}]}";
    let spec: WebAclSpec = serde_yaml::from_str(yaml).unwrap();
    declared(&spec, &Standing::default()).remove(0)
}

#[cfg(test)]
mod tests;
