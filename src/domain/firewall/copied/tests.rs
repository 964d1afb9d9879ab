//! Which rules are taken over of a former web ACL, and how.

use super::*;
use crate::api::ManagedRuleGroup;
use serde_json::json;

/// What a web ACL of ours, of this name, takes over.
const OWN: &str = "palisade-shop-petstore-1";

fn copied(former: &Value, spec: &WebAclSpec) -> Copied {
    super::copied(former, spec, OWN)
}

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

#[test]
fn two_bodies_of_which_one_has_a_name_of_ours_stay_two() {
    let answer = |body: &str| json!({"Block": {"CustomResponse": {"ResponseCode": 451, "CustomResponseBodyKey": body}}});
    let (mut first, mut second) = (block("first", 1), block("second", 2));
    first["Action"] = answer("palisade-sorry");
    second["Action"] = answer("former-sorry");
    let bodies =
        json!({"palisade-sorry": {"Content": "of the first"}, "former-sorry": {"Content": "of the second"}});
    let found = copied(
        &json!({"CustomResponseBodies": bodies, "Rules": [first, second]}),
        &spec(),
    );
    let document = found.applied_to(&json!({"Rules": []}));
    for (n, content) in ["of the first", "of the second"].into_iter().enumerate() {
        let answer = &document["Rules"][n]["Action"]["Block"]["CustomResponse"];
        let body = answer["CustomResponseBodyKey"].as_str().unwrap();
        assert_eq!(document[BODIES][body]["Content"], content, "{document}");
    }
}

/// A web ACL in which one rule sets a label, and another one looks at it by this statement.
fn labelled(statement: &Value) -> Value {
    let mut sets = block("sets", 1);
    sets["Action"] = json!({"Count": {}});
    sets["RuleLabels"] = json!([{"Name": "seen:bad"}]);
    let mut looks = block("looks", 2);
    looks["Statement"] = statement.clone();
    json!({"Name": "theirs", "LabelNamespace": "awswaf:111122223333:webacl:theirs:", "Rules": [sets, looks]})
}

fn label_match(key: &str) -> Value {
    json!({"NotStatement": {"Statement": {"LabelMatchStatement": {"Scope": "LABEL", "Key": key}}}})
}

#[test]
fn copied_rules_look_at_the_labels_that_copied_rules_set() {
    let ours = format!("awswaf:111122223333:webacl:{OWN}");
    let rate = |namespace: &str| {
        let keys = json!([{"LabelNamespace": {"Namespace": namespace}}]);
        json!({"RateBasedStatement": {"Limit": 100, "AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": keys}})
    };
    for (statement, expected) in [
        (
            label_match("awswaf:111122223333:webacl:theirs:seen:bad"),
            label_match(&format!("{ours}:seen:bad")),
        ),
        (
            rate("awswaf:111122223333:webacl:theirs:seen:"),
            rate(&format!("{ours}:seen:")),
        ),
    ] {
        let found = copied(&labelled(&statement), &spec());
        assert_eq!(found.rules[1]["Statement"], expected);
        assert_eq!(found.rules[0], labelled(&statement)["Rules"][0]);
        assert_eq!(found.relabelled, ["looks"]);
        assert!(found.mislabelled.is_empty());
    }
}

#[test]
fn labels_that_no_rule_of_the_former_web_acl_sets_keep_their_names() {
    for key in [
        "seen:bad",
        "awswaf:managed:aws:core-rule-set:X",
        "awswaf:111122223333:webacl:theirs-too:seen:bad",
        "awswaf:111122223333:rulegroup:theirs:seen:bad",
    ] {
        let former = labelled(&label_match(key));
        let found = copied(&former, &spec());
        assert_eq!(found.rules[1], former["Rules"][1]);
        assert!(
            found.relabelled.is_empty() && found.mislabelled.is_empty(),
            "{key}"
        );
    }
}

#[test]
fn a_text_that_only_reads_like_a_label_stays() {
    let text = "awswaf:111122223333:webacl:theirs:seen:bad";
    let former =
        labelled(&json!({"ByteMatchStatement": {"SearchString": text, "FieldToMatch": {"Body": {}}}}));
    assert_eq!(copied(&former, &spec()).rules[1], former["Rules"][1]);
}

#[test]
fn where_the_namespace_is_not_told_rules_that_name_such_labels_are_named() {
    let mut former = labelled(&label_match("awswaf:111122223333:webacl:theirs:seen:bad"));
    former["LabelNamespace"] = Value::Null;
    let found = copied(&former, &spec());
    assert_eq!(found.mislabelled, ["looks"]);
    former["Rules"][1]["Statement"] = label_match("seen:bad");
    assert!(copied(&former, &spec()).mislabelled.is_empty());
}

#[test]
fn rules_of_the_spec_that_look_at_labels_of_the_former_web_acl_are_named() {
    let of = |key: &str, former: &Value| {
        let mut looks = former["Rules"][1].clone();
        looks["Statement"] = label_match(key);
        let rules = Some(vec![looks]);
        copied(former, &WebAclSpec { rules, ..spec() }).outdated
    };
    let full = "awswaf:111122223333:webacl:theirs:seen:bad";
    let mut former = labelled(&label_match(full));
    assert_eq!(of(full, &former), ["looks"]);
    let ours = format!("awswaf:111122223333:webacl:{OWN}:seen:bad");
    for key in ["seen:bad", "awswaf:managed:aws:core-rule-set:X", &ours] {
        assert!(of(key, &former).is_empty(), "{key}");
    }
    former["LabelNamespace"] = Value::Null;
    assert_eq!(of(full, &former), ["looks"]);
    assert!(of("seen:bad", &former).is_empty());

    let limit = "rateLimits: [{name: bots, limit: 10, by: [{type: LabelNamespace, name: 'awswaf:111122223333:webacl:theirs:'}]}]";
    let limited: WebAclSpec = serde_yaml::from_str(limit).unwrap();
    let former = labelled(&label_match(full));
    assert_eq!(copied(&former, &limited).outdated, ["palisade-rate-bots"]);
}

#[test]
fn the_headers_that_are_inserted_where_no_rule_decides_are_inserted_still() {
    let mut former = former();
    let header = json!({"InsertHeaders": [{"Name": "from-edge", "Value": "1"}]});
    former["DefaultAction"] = json!({"Allow": {"CustomRequestHandling": header}});
    let found = copied(&former, &spec());
    assert_eq!(found.inserted_headers(), ["x-amzn-waf-from-edge"]);
    let bare = json!({"Rules": found.rules, "DefaultAction": {"Allow": {}}});
    assert!(!found.stands_in(&bare));
    let document = found.applied_to(&bare);
    assert!(found.stands_in(&document));
    assert_eq!(document["DefaultAction"], former["DefaultAction"]);
    let none = copied(&json!({"DefaultAction": {"Allow": {}}}), &spec());
    assert!(none.inserted_headers().is_empty());
    assert!(
        !none.stands_in(&document),
        "what was inserted before is not any more"
    );
}
