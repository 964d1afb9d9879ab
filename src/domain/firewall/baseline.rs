//! What `spec.webAcl` comes to where it says nothing.

use crate::api::{ManagedRuleGroup, RateLimit, RuleAction, RuleGroupOverride, WebAclSpec};

/// The baseline of `spec.webAcl`.
pub(in crate::domain) fn web_acl_spec(spec: WebAclSpec) -> WebAclSpec {
    let mut spec = spec;
    spec.managed_rule_groups.get_or_insert_with(baseline_rule_groups);
    spec.rate_limits.get_or_insert_with(|| {
        vec![RateLimit {
            name: "per-ip".into(),
            limit: 2000,
            window: None,
            action: None,
            by: None,
            scope: None,
            promote: None,
        }]
    });
    spec
}

fn baseline_rule_groups() -> Vec<ManagedRuleGroup> {
    let group = |name: &str, overrides: Option<Vec<RuleGroupOverride>>| ManagedRuleGroup {
        name: name.to_owned(),
        vendor: None,
        version: None,
        action: None,
        overrides,
        promote: None,
    };
    // The rule blocks bodies over 8 KB, which APIs take every day.
    let count = RuleGroupOverride {
        rule: "SizeRestrictions_BODY".into(),
        action: RuleAction::Count,
    };
    vec![
        group("AWSManagedRulesAmazonIpReputationList", None),
        group("AWSManagedRulesCommonRuleSet", Some(vec![count])),
        group("AWSManagedRulesKnownBadInputsRuleSet", None),
    ]
}
