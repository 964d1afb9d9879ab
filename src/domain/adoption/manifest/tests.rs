//! What becomes of a distribution in a spec.

use super::*;
use crate::domain::edge::config::Logging;
use serde_json::json;

const HOST: &str = "a7b8c9d0e1.execute-api.eu-north-1.amazonaws.com";
const SIGNER: &str = "arn:aws:lambda:us-east-1:123456789012:function:signer:1";

/// The stack of AWS's guide.
fn guide() -> Found {
    let mut settings = Settings::baseline();
    settings.origin.domain_name = HOST.to_owned();
    settings.origin.read_timeout = 30;
    settings.price_class = "PriceClass_All".to_owned();
    settings.http_version = "http2".to_owned();
    settings.viewer_protocol_policy = Some("redirect-to-https".to_owned());
    settings.geo_restriction.kind = "none".to_owned();
    settings.cache_policy_id = CACHING_DISABLED.to_owned();
    settings.origin_request_policy_id = ALL_VIEWER_EXCEPT_HOST.to_owned();
    settings.signer_version_arn = SIGNER.to_owned();
    let group = |name: &str| {
        let statement = json!({"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}});
        json!({"Name": name, "Statement": statement, "OverrideAction": {"None": {}}})
    };
    let rate =
        json!({"RateBasedStatement": {"Limit": 2000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"}});
    let rate = json!({"Name": "RateLimit", "Statement": rate, "Action": {"Block": {}}});
    Found {
        id: "E1ABCDEF2GHIJK".to_owned(),
        settings,
        protocol: OriginType::Rest,
        stages: BTreeSet::from(["prod".to_owned()]),
        web_acl: Some(json!({"Rules": [group("AWSManagedRulesCommonRuleSet"), rate]})),
        stage: None,
        let_go: None,
        account_name: None,
    }
}

fn of(found: &Found) -> Value {
    serde_json::to_value(manifest(found).unwrap()).unwrap()
}

fn rules(rules: &Value) -> Value {
    let mut found = guide();
    found.web_acl = Some(json!({"Rules": rules}));
    of(&found)["webAcl"].clone()
}

#[test]
fn the_stack_of_awss_guide_is_said_in_few_words() {
    assert_eq!(
        of(&guide()),
        json!({
            "origin": {"endpoint": HOST, "type": "REST", "stage": "prod"},
            "distribution": {
                "adopt": {"id": "E1ABCDEF2GHIJK"},
                "httpVersion": "http2",
                "viewerProtocolPolicy": "redirect-to-https",
            },
            "webAcl": {
                "managedRuleGroups": [{"name": "AWSManagedRulesCommonRuleSet"}],
                "rateLimits": [],
            },
        })
    );
}

#[test]
fn what_differs_from_the_baseline_is_written() {
    let mut found = guide();
    let settings = &mut found.settings;
    settings.aliases = BTreeSet::from(["api.shop.example.com".to_owned()]);
    settings.certificate_arn = Some("arn:aws:acm:us-east-1:123456789012:certificate/1".to_owned());
    settings.minimum_tls_version = Some("TLSv1.2_2019".to_owned());
    settings.price_class = "PriceClass_100".to_owned();
    settings.origin.read_timeout = 45;
    settings.origin.path = "/prod/v1".to_owned();
    settings.geo_restriction.kind = "blacklist".to_owned();
    settings.geo_restriction.countries = BTreeSet::from(["KP".to_owned()]);
    settings.logging = Some(Logging {
        bucket: "logs.s3.amazonaws.com".to_owned(),
        prefix: String::new(),
    });
    let spec = of(&found);
    assert_eq!(spec["origin"]["path"], "/prod/v1");
    assert_eq!(
        spec["distribution"],
        json!({
            "adopt": {"id": "E1ABCDEF2GHIJK"},
            "aliases": ["api.shop.example.com"],
            "certificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1",
            "minimumTlsVersion": "TLSv1.2_2019",
            "priceClass": "PriceClass_100",
            "httpVersion": "http2",
            "viewerProtocolPolicy": "redirect-to-https",
            "originReadTimeout": "45s",
            "logging": {"bucket": "logs.s3.amazonaws.com"},
            "geoRestriction": {"block": ["KP"]},
        })
    );
}

#[test]
fn who_comes_by_ipv4_alone_or_by_few_methods_still_does() {
    let mut found = guide();
    found.settings.ipv6 = Some(false);
    found.settings.allowed_methods = Some(["GET", "HEAD", "OPTIONS"].map(str::to_owned).into());
    let spec = &of(&found)["distribution"];
    assert_eq!(spec["ipv6"], false);
    assert_eq!(spec["allowedMethods"], json!(["GET", "HEAD", "OPTIONS"]));
}

#[test]
fn who_is_waited_for_longer_than_a_spec_can_say_is_waited_for_as_long_as_it_can() {
    let mut found = guide();
    found.settings.origin.read_timeout = 180;
    assert_eq!(of(&found)["distribution"]["originReadTimeout"], "120s");
}

#[test]
fn a_tls_policy_that_no_longer_counts_as_secure_is_left_out() {
    let mut found = guide();
    found.settings.aliases = BTreeSet::from(["api.shop.example.com".to_owned()]);
    found.settings.certificate_arn = Some("arn:aws:acm:us-east-1:123456789012:certificate/1".to_owned());
    found.settings.minimum_tls_version = Some("TLSv1.1_2016".to_owned());
    assert_eq!(of(&found)["distribution"]["minimumTlsVersion"], Value::Null);
}

#[test]
fn where_nothing_signs_the_api_is_only_looked_at() {
    let mut found = guide();
    found.settings.signer_version_arn = String::new();
    assert_eq!(of(&found)["access"], json!({"enforcement": "Observe"}));
    assert_eq!(of(&guide())["access"], Value::Null);
}

#[test]
fn where_there_is_no_web_acl_what_the_baseline_would_refuse_is_counted() {
    let mut found = guide();
    found.web_acl = None;
    let spec = manifest(&found).unwrap().web_acl.unwrap();
    let groups = spec.managed_rule_groups.unwrap();
    assert_eq!(groups.len(), COUNTED_GROUPS.len());
    assert!(
        groups
            .iter()
            .all(|group| group.action == Some(RuleGroupAction::Count))
    );
    let limits = spec.rate_limits.unwrap();
    assert!(limits.iter().all(|limit| limit.action == Some(RuleAction::Count)));
}

#[test]
fn a_rule_that_says_more_than_a_spec_can_is_left_to_be_copied() {
    let group = |more: Value| {
        let mut statement = json!({"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"});
        for (field, value) in more.as_object().unwrap() {
            statement[field] = value.clone();
        }
        json!({"Name": "g", "Statement": {"ManagedRuleGroupStatement": statement}, "OverrideAction": {"None": {}}})
    };
    let answer = json!({"Block": {"CustomResponse": {"ResponseCode": 429}}});
    let rate = json!({"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "IP"}});
    for rule in [
        group(json!({"ScopeDownStatement": {"GeoMatchStatement": {"CountryCodes": ["SE"]}}})),
        group(json!({"Name": "AWSManagedRulesBotControlRuleSet"})),
        group(json!({"VendorName": "Fortinet", "Name": "Common"})),
        group(json!({"RuleActionOverrides": [{"Name": "x", "ActionToUse": answer}]})),
        json!({"Name": "r", "Statement": rate, "Action": {"Block": {}}}),
        json!({"Name": "b", "Statement": {"GeoMatchStatement": {"CountryCodes": ["SE"]}}, "Action": {"Block": {}}}),
    ] {
        let spec = rules(&json!([rule]));
        assert_eq!(spec, json!({"managedRuleGroups": [], "rateLimits": []}), "{rule}");
    }
}

#[test]
fn a_group_that_two_rules_use_is_left_to_be_copied() {
    let group = |more: Value| {
        let mut statement = json!({"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"});
        if !more.is_null() {
            statement["ScopeDownStatement"] = more;
        }
        json!({"Name": "g", "Statement": {"ManagedRuleGroupStatement": statement}, "OverrideAction": {"None": {}}})
    };
    let scoped = json!({"GeoMatchStatement": {"CountryCodes": ["SE"]}});
    let spec = rules(&json!([group(Value::Null), group(scoped)]));
    assert_eq!(spec["managedRuleGroups"], json!([]));
}

#[test]
fn where_a_rule_looks_at_labels_all_rules_are_left_to_be_copied_in_their_order() {
    let group =
        json!({"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}});
    let group = json!({"Name": "g", "Statement": group, "OverrideAction": {"None": {}}});
    assert_ne!(rules(&json!([group]))["managedRuleGroups"], json!([]));
    let label =
        json!({"LabelMatchStatement": {"Scope": "LABEL", "Key": "awswaf:managed:aws:core-rule-set:X"}});
    let country = json!({"GeoMatchStatement": {"CountryCodes": ["SE"]}});
    let both = json!({"AndStatement": {"Statements": [label, country]}});
    let keys = json!([{"LabelNamespace": {"Namespace": "awswaf:managed:"}}]);
    let counted =
        json!({"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": keys}});
    for statement in [both, counted] {
        let by_label = json!({"Name": "l", "Statement": statement, "Action": {"Block": {}}});
        let spec = rules(&json!([group, by_label]));
        assert_eq!(spec, json!({"managedRuleGroups": [], "rateLimits": []}));
    }
}

#[test]
fn a_group_keeps_its_version_and_what_is_only_counted() {
    let statement = json!({
        "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet", "Version": "Version_1.10",
        "RuleActionOverrides": [{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}],
    });
    let rule = json!({"Name": "g", "Statement": {"ManagedRuleGroupStatement": statement}, "OverrideAction": {"Count": {}}});
    assert_eq!(
        rules(&json!([rule]))["managedRuleGroups"],
        json!([{
            "name": "AWSManagedRulesCommonRuleSet", "version": "Version_1.10", "action": "Count",
            "overrides": [{"rule": "SizeRestrictions_BODY", "action": "Count"}],
        }])
    );
}

#[test]
fn the_stage_is_the_one_that_is_named_that_of_the_path_or_the_only_one() {
    let stage = |path: &str, stages: &[&str], named: Option<&str>| {
        let mut found = guide();
        found.settings.origin.path = path.to_owned();
        found.stages = stages.iter().map(ToString::to_string).collect();
        found.stage = named.map(ToOwned::to_owned);
        manifest(&found).map(|spec| spec.origin.stage).ok()
    };
    assert_eq!(stage("", &["prod"], None).as_deref(), Some("prod"));
    assert_eq!(
        stage("/test/v1", &["prod", "test"], None).as_deref(),
        Some("test")
    );
    assert_eq!(
        stage("", &["$default", "test"], None).as_deref(),
        Some("$default")
    );
    assert_eq!(
        stage("", &["prod", "test"], Some("test")).as_deref(),
        Some("test")
    );
    assert_eq!(stage("", &["prod", "test"], None), None);
    assert_eq!(stage("", &[], None), None);
}

#[test]
fn what_leads_elsewhere_or_shows_a_certificate_of_iam_is_refused() {
    let mut found = guide();
    found.settings.origin.domain_name = "pages.s3.amazonaws.com".to_owned();
    let refusal = manifest(&found).unwrap_err();
    assert_eq!(refusal.reason, Reason::AdoptionRefused);
    assert!(
        refusal.message.contains("leads to pages.s3.amazonaws.com"),
        "{}",
        refusal.message
    );

    let mut found = guide();
    found.settings.aliases = BTreeSet::from(["api.shop.example.com".to_owned()]);
    let refusal = manifest(&found).unwrap_err();
    assert!(
        refusal.message.contains("import it into ACM"),
        "{}",
        refusal.message
    );
}

#[test]
fn a_web_acl_that_is_not_shown_is_not_taken_for_none() {
    let mut found = guide();
    found.settings.web_acl_arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/theirs/1".to_owned();
    assert!(manifest(&found).is_ok());
    found.web_acl = None;
    let refusal = manifest(&found).unwrap_err();
    assert_eq!(refusal.reason, Reason::AdoptionRefused);
    assert!(refusal.message.contains("does not show"), "{}", refusal.message);
}
