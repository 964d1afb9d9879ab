//! Which rules are taken over of a former web ACL, and how.

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
    assert_eq!(found.left, ["common"]);
    assert_eq!(found.of_shield, ["ShieldMitigationRuleGroup_1_x"]);
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
        let label =
            json!({"LabelMatchStatement": {"Scope": "LABEL", "Key": "awswaf:managed:aws:core-rule-set:X"}});
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
    assert_eq!(copied(&former, &spec()).allowing, ["slow"]);
}

fn block(name: &str, priority: i64) -> Value {
    json!({"Name": name, "Priority": priority, "Action": {"Block": {}}, "Statement": {"GeoMatchStatement": {"CountryCodes": ["KP"]}},
        "VisibilityConfig": {"MetricName": name}})
}

fn ours(allow: &[&str]) -> WebAclSpec {
    WebAclSpec {
        allow_cidrs: Some(allow.iter().map(ToString::to_string).collect()),
        ..spec()
    }
}

#[test]
fn rules_that_would_be_asked_after_ours_get_priorities_before_them_in_their_order() {
    let former = json!({"Rules": [block("late", 5000), block("first", 3), block("later", 70_000)]});
    let found = copied(&former, &spec());
    assert_eq!(found.names(), ["first", "late", "later"]);
    let priorities: Vec<i64> = found.rules.iter().map(priority).collect();
    assert!(priorities.is_sorted(), "{priorities:?}");
    assert!(
        priorities.iter().all(|priority| *priority < FIRST_PRIORITY),
        "{priorities:?}"
    );
    let early = json!({"Rules": [block("b", 999), block("a", 3)]});
    let priorities: Vec<i64> = copied(&early, &spec()).rules.iter().map(priority).collect();
    assert_eq!(
        priorities,
        [3, 999],
        "what is asked before ours anyway is taken over to the byte"
    );
}

#[test]
fn rules_with_names_of_ours_are_taken_over_under_others_unless_the_spec_has_them() {
    let mut answering = block("palisade-block", 1000);
    answering["Action"] = json!({"Block": {"CustomResponse": {"ResponseCode": 451, "CustomResponseBodyKey": "palisade-sorry"}}});
    let former = json!({
        "CustomResponseBodies": {"palisade-sorry": {"Content": "sorry"}},
        "Rules": [answering, block("former-block", 1), block("palisade-rate-per-ip", 1010), block("palisade-allow", 1005)],
    });
    let found = copied(&former, &ours(&["192.0.2.0/24"]));
    assert_eq!(found.left, ["palisade-allow"], "the spec has such a rule");
    assert_eq!(
        found.names(),
        ["former-block", "former-block-2", "former-rate-per-ip"]
    );
    assert_eq!(found.renamed["palisade-block"], "former-block-2");
    let document = found.applied_to(&json!({"Rules": []}));
    assert_eq!(
        document["Rules"][1]["VisibilityConfig"]["MetricName"],
        "former-block-2"
    );
    let answer = &document["Rules"][1]["Action"]["Block"]["CustomResponse"];
    assert_eq!(answer["CustomResponseBodyKey"], "former-sorry");
    assert_eq!(document[BODIES], json!({"former-sorry": {"Content": "sorry"}}));
    assert!(found.stands_in(&document));
    let none = copied(&former, &ours(&[]));
    assert!(
        none.left.is_empty(),
        "an empty list makes no rule: {:?}",
        none.left
    );
}
