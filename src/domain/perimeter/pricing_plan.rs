//! What of a perimeter flat-rate pricing plans limit, and what a plan that it is in keeps from being deleted.

use super::desired::Desired;
use super::observed::Observed;
use crate::domain::edge::cache_policies::{is_managed_cache_policy, is_managed_request_policy};
use crate::domain::firewall::rules::{ANTI_DDOS, FREE_RULE, RULE_PREFIX, rules};
use crate::domain::pricing_plans::limits::{Feature, Wanted, refusals};
use crate::domain::pricing_plans::subscription::Subscription;
use serde_json::Value;
use std::collections::BTreeMap;

/// Rule groups of AWS's that no plan takes.
const ACCOUNT_PROTECTION: [&str; 2] = ["AWSManagedRulesATPRuleSet", "AWSManagedRulesACFPRuleSet"];
const BOT_CONTROL: &str = "AWSManagedRulesBotControlRuleSet";
/// Statements that have a regular expression.
const REGEX: [&str; 2] = ["RegexMatchStatement", "RegexPatternSetReferenceStatement"];

impl Desired {
    /// What pricing plans limit of it.
    #[must_use]
    pub fn wanted_of_plan(&self) -> Wanted {
        let spec = &self.web_acl.spec;
        // Those of the lists know their IP sets only later, and are one rule each.
        let rules = rules(spec, &BTreeMap::new());
        let lists = [&spec.block_cidrs, &spec.allow_cidrs].into_iter().flatten();
        let lists = lists.filter(|list| !list.is_empty()).count();
        let mut features: Vec<(Feature, String)> = rules.iter().flat_map(of_rule).collect();
        features.extend(self.other_features());
        Wanted {
            rules: rules.len() + lists,
            // The default behaviour; all others are somebody else's.
            behaviours: 1,
            features,
        }
    }

    fn other_features(&self) -> impl Iterator<Item = (Feature, String)> {
        let settings = &self.distribution.settings;
        let all = [
            (self.logging.is_some(), Feature::WebAclLogs, "spec.webAcl.logging"),
            (
                settings.logging.is_some(),
                Feature::AccessLogs,
                "spec.distribution.logging",
            ),
            (
                !is_managed_cache_policy(&settings.cache_policy_id),
                Feature::CachePolicy,
                "spec.distribution.cachePolicyId",
            ),
            (
                !is_managed_request_policy(&settings.origin_request_policy_id),
                Feature::OriginRequestPolicy,
                "spec.distribution.originRequestPolicyId",
            ),
            (
                self.mutual_tls.is_some(),
                Feature::OriginMutualTls,
                "spec.access.mutualTls",
            ),
            (self.shield.is_some(), Feature::ShieldAdvanced, "spec.shield"),
        ];
        let wanted = all.into_iter().filter(|(is_wanted, ..)| *is_wanted);
        wanted.map(|(_, feature, field)| (feature, field.to_owned()))
    }
}

impl Observed {
    /// ARNs of what may be in a plan: the distribution, and the web ACL.
    #[must_use]
    pub fn arns_of_plan(&self) -> Vec<String> {
        let distribution = self.distribution_arn().map(ToOwned::to_owned);
        let web_acl = self.web_acl_arn().or_else(|| self.outputs.web_acl_arn.clone());
        distribution.into_iter().chain(web_acl).collect()
    }

    /// Why the plan that the distribution is in takes no client certificate; `None` where it does, or where there is none.
    pub(super) fn why_plan_takes_no_certificate(&self) -> Option<String> {
        let tier = self.plan_of(self.distribution_arn()?)?.tier()?;
        let wanted = Wanted {
            features: vec![(Feature::OriginMutualTls, "spec.access.mutualTls".to_owned())],
            ..Wanted::default()
        };
        refusals(tier, &wanted).into_iter().next()
    }

    /// The plan that the resource with this ARN is in.
    #[must_use]
    pub fn plan_of(&self, arn: &str) -> Option<&Subscription> {
        self.pricing_plan.in_force().filter(|plan| plan.is_for(arn))
    }
}

/// What a rule has that plans limit, with the field that asks for it.
fn of_rule(rule: &Value) -> Vec<(Feature, String)> {
    let mut found = of_group(rule);
    let has = |names: &[&str]| names.iter().any(|name| has_key(rule, name));
    let of_content = [
        (has(&["Captcha"]), Feature::Captcha),
        (has(&["CustomResponse"]), Feature::CustomResponse),
        (has(&["RuleGroupReferenceStatement"]), Feature::OwnRuleGroup),
        // The AntiDDoS group's own exemptions are no such statement.
        (has(&REGEX), Feature::Regex),
    ];
    found.extend(
        of_content
            .into_iter()
            .filter(|(is_found, _)| *is_found)
            .map(|(_, feature)| feature),
    );
    let field = field(rule);
    found
        .into_iter()
        .map(|feature| (feature, field.clone()))
        .collect()
}

/// The managed group of a rule, if it is one that plans limit.
fn of_group(rule: &Value) -> Vec<Feature> {
    let group = &rule["Statement"]["ManagedRuleGroupStatement"];
    let Some(name) = group["Name"].as_str() else {
        return vec![];
    };
    let mut configs = group["ManagedRuleGroupConfigs"].as_array().into_iter().flatten();
    let feature = if group["VendorName"] != "AWS" {
        Some(Feature::PartnerRuleGroup)
    } else if ACCOUNT_PROTECTION.contains(&name) {
        Some(Feature::AccountProtection)
    } else if name == ANTI_DDOS {
        Some(Feature::AntiDdos)
    } else if name != BOT_CONTROL {
        None
    } else if configs.any(|config| config[BOT_CONTROL]["InspectionLevel"] == "TARGETED") {
        Some(Feature::TargetedBotControl)
    } else {
        Some(Feature::BotControl)
    };
    feature.into_iter().collect()
}

/// The field of the spec that a rule of ours is from.
fn field(rule: &Value) -> String {
    let name = rule["Name"].as_str().unwrap_or_default();
    let group = rule["Statement"]["ManagedRuleGroupStatement"]["Name"].as_str();
    match (name.strip_prefix(FREE_RULE), group) {
        (Some(free), _) => format!("spec.webAcl.rules[{free}]"),
        (None, Some(ANTI_DDOS)) => "spec.webAcl.antiDdos".to_owned(),
        (None, Some(group)) => format!("spec.webAcl.managedRuleGroups[{group}]"),
        (None, None) => {
            let limit = name.strip_prefix(RULE_PREFIX).unwrap_or(name);
            format!("spec.webAcl.rateLimits[{limit}]")
        }
    }
}

/// Whether an object anywhere in `value` has this key.
fn has_key(value: &Value, key: &str) -> bool {
    match value {
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name == key || has_key(value, key)),
        Value::Array(items) => items.iter().any(|item| has_key(item, key)),
        _ => false,
    }
}
