//! What of a perimeter flat-rate pricing plans limit.

use super::specs::{BASELINE, facts, owner, spec};
use palisade::domain::perimeter::desired::desired;
use palisade::domain::pricing_plans::limits::{Feature, Wanted, refusals};
use palisade::domain::pricing_plans::subscription::Tier;

fn limited(yaml: &str) -> Wanted {
    let desired = desired(&spec(yaml), &facts(&owner(), "code")).unwrap();
    desired.wanted_of_plan()
}

#[test]
fn the_baseline_fits_every_plan() {
    let found = limited(BASELINE);
    assert_eq!((found.rules, found.behaviours), (4, 1));
    for tier in Tier::ALL {
        assert_eq!(refusals(tier, &found), Vec::<String>::new(), "{tier:?}");
    }
}

#[test]
fn lists_and_groups_count_as_one_rule_each() {
    let found = limited(
        "webAcl: {blockCidrs: [192.0.2.0/24, 198.51.100.0/24, 2001:db8::/32], allowCidrs: [203.0.113.0/24]}",
    );
    assert_eq!(found.rules, 6);
    assert_eq!(refusals(Tier::Free, &found).len(), 1);
    assert_eq!(refusals(Tier::Pro, &found), Vec::<String>::new());
}

#[test]
fn what_plans_limit_is_found_with_its_field() {
    let own = "11111111-2222-3333-4444-555555555555";
    let regex = "{RegexMatchStatement: {RegexString: a, FieldToMatch: {UriPath: {}}, TextTransformations: [{Priority: 0, Type: NONE}]}}";
    for (yaml, feature, field) in [
        (
            "webAcl: {logging: {destinationArn: 'arn:aws:s3:::aws-waf-logs-a'}}".to_owned(),
            Feature::WebAclLogs,
            "spec.webAcl.logging",
        ),
        (
            "distribution: {logging: {bucket: logs.s3.amazonaws.com}}".to_owned(),
            Feature::AccessLogs,
            "spec.distribution.logging",
        ),
        (
            format!("distribution: {{cachePolicyId: {own}}}"),
            Feature::CachePolicy,
            "spec.distribution.cachePolicyId",
        ),
        (
            format!("distribution: {{originRequestPolicyId: {own}}}"),
            Feature::OriginRequestPolicy,
            "spec.distribution.originRequestPolicyId",
        ),
        (
            "webAcl: {antiDdos: {}}".to_owned(),
            Feature::AntiDdos,
            "spec.webAcl.antiDdos",
        ),
        (
            format!("webAcl: {{rules: [{{Name: odd, Action: {{Block: {{}}}}, Statement: {regex}}}]}}"),
            Feature::Regex,
            "spec.webAcl.rules[odd]",
        ),
        (
            "webAcl: {managedRuleGroups: [{name: TheirRules, vendor: Somebody}]}".to_owned(),
            Feature::PartnerRuleGroup,
            "spec.webAcl.managedRuleGroups[TheirRules]",
        ),
    ] {
        let found = limited(&yaml).features;
        assert_eq!(found, [(feature, field.to_owned())], "{yaml}");
    }
}
