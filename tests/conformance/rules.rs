//! What AWS WAF refuses about rules, and what rules cost.

use crate::conformance::world::{World, conformance, refused, settings};
use crate::support::pieces::{managed_rule, rate, rule, tags, web_acl};
use palisade::aws::cloud::Cloud;
use palisade::aws::errors::ErrorKind::{NotYet, Terminal};
use serde_json::{Value, json};

conformance!(
    capacity_is_told_before_an_update,
    a_web_acl_above_five_thousand_units_is_refused,
    names_and_priorities_must_differ,
    a_group_takes_an_override_action_and_nothing_else_does,
    a_rate_limit_below_ten_is_refused,
    a_window_that_aws_does_not_have_is_refused,
    what_a_rate_limit_counts_by_has_its_price,
    what_no_rate_limit_can_count_by_is_refused,
    names_that_a_rate_limit_counts_by_come_back_in_small_letters,
    more_rate_rules_than_the_quota_are_refused,
    a_group_version_or_rule_that_does_not_exist_is_refused,
    an_expired_group_version_blocks_an_update,
    a_country_that_does_not_exist_is_refused,
    a_reference_to_a_missing_ip_set_is_refused,
    a_statement_that_nobody_knows_is_kept,
    a_search_string_that_is_not_base64_is_refused,
    a_false_of_bot_control_is_dropped_or_added,
);

async fn capacity_is_told_before_an_update(cloud: &dyn Cloud, _: &dyn World) {
    let path = json!({"ByteMatchStatement": {
        "SearchString": "L3Byb2QvbG9naW4=", "FieldToMatch": {"UriPath": {}},
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}], "PositionalConstraint": "STARTS_WITH"
    }});
    let mut scoped = rate(100);
    scoped["RateBasedStatement"]["ScopeDownStatement"] = json!({"AndStatement": {"Statements": [
        path, {"GeoMatchStatement": {"CountryCodes": ["SE"]}}
    ]}});
    for (rule, capacity) in [
        (
            managed_rule("common", 1, &group("AWSManagedRulesCommonRuleSet")),
            700,
        ),
        (
            managed_rule("inputs", 1, &group("AWSManagedRulesKnownBadInputsRuleSet")),
            200,
        ),
        (
            managed_rule("reputation", 1, &group("AWSManagedRulesAmazonIpReputationList")),
            25,
        ),
        (
            managed_rule("ddos", 1, &group("AWSManagedRulesAntiDDoSRuleSet")),
            50,
        ),
        (rule("rate", 1, &rate(100)), 2),
        (rule("scoped", 1, &scoped), 5),
        (
            rule(
                "countries",
                1,
                &json!({"GeoMatchStatement": {"CountryCodes": ["SE", "NO"]}}),
            ),
            1,
        ),
    ] {
        let name = rule["Name"].clone();
        assert_eq!(
            cloud.check_capacity(json!([rule])).await.unwrap(),
            capacity,
            "{name}"
        );
    }
}

async fn a_web_acl_above_five_thousand_units_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let rules: Vec<_> = (0..8)
        .map(|number| {
            managed_rule(
                &format!("common-{number}"),
                number,
                &group("AWSManagedRulesCommonRuleSet"),
            )
        })
        .collect();
    let made = cloud
        .create_web_acl("petstore".to_owned(), web_acl(&rules[..7]), tags("petstore"))
        .await
        .unwrap();
    let code = "WAFInvalidParameterException";
    refused(cloud.update_web_acl(made, web_acl(&rules)).await, code, Terminal);
    let refusal = cloud
        .create_web_acl("another".to_owned(), web_acl(&rules), tags("another"))
        .await;
    refused(refusal, code, Terminal);
}

async fn names_and_priorities_must_differ(cloud: &dyn Cloud, _: &dyn World) {
    let first = rule("one", 1, &rate(100));
    invalid(cloud, &[first.clone(), rule("one", 2, &rate(100))]).await;
    invalid(cloud, &[first, rule("two", 1, &rate(100))]).await;
}

async fn a_group_takes_an_override_action_and_nothing_else_does(cloud: &dyn Cloud, _: &dyn World) {
    let mut both = managed_rule("both", 1, &group("AWSManagedRulesCommonRuleSet"));
    both["Action"] = json!({"Block": {}});
    invalid(cloud, &[both]).await;
    let statement = json!({"ManagedRuleGroupStatement": group("AWSManagedRulesCommonRuleSet")});
    invalid(cloud, &[rule("group", 1, &statement)]).await;
    let mut plain = rule("plain", 1, &rate(100));
    plain.as_object_mut().unwrap().remove("Action");
    plain["OverrideAction"] = json!({"None": {}});
    invalid(cloud, &[plain]).await;
}

async fn a_rate_limit_below_ten_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    invalid(cloud, &[rule("rate", 1, &rate(9))]).await;
    cloud
        .check_capacity(json!([rule("rate", 1, &rate(10))]))
        .await
        .unwrap();
}

async fn a_window_that_aws_does_not_have_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let within = |window: u32| {
        let mut statement = rate(100);
        statement["RateBasedStatement"]["EvaluationWindowSec"] = json!(window);
        rule("rate", 1, &statement)
    };
    for window in [60, 120, 300, 600] {
        cloud.check_capacity(json!([within(window)])).await.unwrap();
    }
    invalid(cloud, &[within(90)]).await;
}

async fn what_a_rate_limit_counts_by_has_its_price(cloud: &dyn Cloud, _: &dyn World) {
    let forwarded = json!({"HeaderName": "X-Forwarded-For", "FallbackBehavior": "NO_MATCH"});
    let two = json!([{"ForwardedIP": {}}, {"IP": {}}, {"HTTPMethod": {}}]);
    let mut cases = vec![
        (
            json!({"AggregateKeyType": "FORWARDED_IP", "ForwardedIPConfig": forwarded}),
            2,
        ),
        (
            json!({"AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": two, "ForwardedIPConfig": forwarded}),
            92,
        ),
    ];
    let plain = json!([{"Priority": 0, "Type": "NONE"}]);
    for key in [
        json!({"Header": {"Name": "authorization", "TextTransformations": plain}}),
        json!({"Cookie": {"Name": "session", "TextTransformations": plain}}),
        json!({"QueryArgument": {"Name": "key", "TextTransformations": plain}}),
        json!({"UriPath": {"TextTransformations": plain}}),
        json!({"HTTPMethod": {}}),
        json!({"JA3Fingerprint": {"FallbackBehavior": "NO_MATCH"}}),
        json!({"JA4Fingerprint": {"FallbackBehavior": "MATCH"}}),
        json!({"ASN": {}}),
        json!({"LabelNamespace": {"Namespace": "awswaf:clientip:geo:country:"}}),
    ] {
        cases.push((by(&[key]), 32));
    }
    for (more, capacity) in cases {
        let found = cloud.check_capacity(json!([counting(&more)])).await;
        assert_eq!(found.unwrap(), capacity, "{more}");
    }
}

async fn what_no_rate_limit_can_count_by_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    for more in [
        by(&[]),
        by(&[json!({"IP": {}})]),
        by(&[json!({"ForwardedIP": {}})]),
        by(&[json!({"ForwardedIP": {}}), json!({"HTTPMethod": {}})]),
        by(&[json!({"IP": {}, "HTTPMethod": {}})]),
        json!({"CustomKeys": [{"HTTPMethod": {}}]}),
        json!({"AggregateKeyType": "FORWARDED_IP"}),
    ] {
        invalid(cloud, &[counting(&more)]).await;
    }
    let six: Vec<Value> = std::iter::repeat_n(json!({"HTTPMethod": {}}), 6).collect();
    for more in [
        by(&six),
        by(&[json!({"Header": {"Name": "authorization"}})]),
        by(&[json!({"JA3Fingerprint": {}})]),
        by(&[json!({"LabelNamespace": {"Namespace": "awswaf:clientip"}})]),
    ] {
        let answer = cloud.check_capacity(json!([counting(&more)])).await;
        refused(answer, "ValidationException", Terminal);
    }
}

async fn names_that_a_rate_limit_counts_by_come_back_in_small_letters(cloud: &dyn Cloud, _: &dyn World) {
    let plain = json!([{"Priority": 0, "Type": "NONE"}]);
    let named = |kind: &str, name: &str| json!({kind: {"Name": name, "TextTransformations": plain}});
    let keys = [named("Header", "X-Client"), named("QueryArgument", "apiKey")];
    let document = web_acl(&[counting(&by(&keys))]);
    let made = cloud
        .create_web_acl("petstore".to_owned(), document, tags("petstore"))
        .await
        .unwrap();
    let found = cloud.get_web_acl(made.id, made.name).await.unwrap().document;
    assert_eq!(
        found["Rules"][0]["Statement"]["RateBasedStatement"]["CustomKeys"],
        json!([named("Header", "x-client"), named("QueryArgument", "apikey")])
    );
}

/// A rate-based rule with other members in its statement.
fn counting(more: &Value) -> Value {
    let mut statement = rate(100);
    for (member, value) in more.as_object().unwrap() {
        statement["RateBasedStatement"][member] = value.clone();
    }
    rule("rate", 1, &statement)
}

fn by(keys: &[Value]) -> Value {
    json!({"AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": keys})
}

async fn more_rate_rules_than_the_quota_are_refused(cloud: &dyn Cloud, _: &dyn World) {
    let rules: Vec<_> = (0..11)
        .map(|number| rule(&format!("rate-{number}"), number, &rate(100)))
        .collect();
    let refusal = cloud
        .create_web_acl("petstore".to_owned(), web_acl(&rules), tags("petstore"))
        .await;
    refused(refusal, "WAFLimitsExceededException", Terminal);
    cloud
        .create_web_acl("petstore".to_owned(), web_acl(&rules[..10]), tags("petstore"))
        .await
        .unwrap();
}

async fn a_group_version_or_rule_that_does_not_exist_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    invalid(
        cloud,
        &[managed_rule("group", 1, &group("AWSManagedRulesOfNobody"))],
    )
    .await;
    let mut version = group("AWSManagedRulesCommonRuleSet");
    version["Version"] = json!("Version_99.0");
    invalid(cloud, &[managed_rule("version", 1, &version)]).await;
    let mut overridden = group("AWSManagedRulesCommonRuleSet");
    overridden["RuleActionOverrides"] = json!([{"Name": "NoSuchRule", "ActionToUse": {"Count": {}}}]);
    invalid(cloud, &[managed_rule("overridden", 1, &overridden)]).await;
}

async fn an_expired_group_version_blocks_an_update(cloud: &dyn Cloud, world: &dyn World) {
    let mut pinned = group("AWSManagedRulesCommonRuleSet");
    pinned["Version"] = json!("Version_1.14");
    let document = web_acl(&[managed_rule("common", 1, &pinned)]);
    let made = cloud
        .create_web_acl("petstore".to_owned(), document.clone(), tags("petstore"))
        .await
        .unwrap();
    let expired = "AWSManagedRulesCommonRuleSet/Version_1.14".to_owned();
    world
        .configure(settings(|s| s.expired_managed_versions = [expired].into()))
        .await;
    let refusal = cloud.update_web_acl(made, document).await;
    refused(refusal, "WAFExpiredManagedRuleGroupVersionException", Terminal);
}

async fn a_country_that_does_not_exist_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    invalid(
        cloud,
        &[rule(
            "countries",
            1,
            &json!({"GeoMatchStatement": {"CountryCodes": ["Sweden"]}}),
        )],
    )
    .await;
}

async fn a_reference_to_a_missing_ip_set_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let arn = "arn:aws:wafv2:us-east-1:123456789012:global/ipset/gone/11111111-2222-4333-8444-555555555555";
    let document = web_acl(&[rule(
        "listed",
        1,
        &json!({"IPSetReferenceStatement": {"ARN": arn}}),
    )]);
    let refusal = cloud
        .create_web_acl("petstore".to_owned(), document, tags("petstore"))
        .await;
    refused(refusal, "WAFNonexistentItemException", NotYet);
}

async fn a_statement_that_nobody_knows_is_kept(cloud: &dyn Cloud, _: &dyn World) {
    let unknown = rule(
        "unknown",
        1,
        &json!({"MoodMatchStatement": {"Mood": "GRIM", "Since": null, "Depth": [1.5]}}),
    );
    let document = web_acl(std::slice::from_ref(&unknown));
    let made = cloud
        .create_web_acl("petstore".to_owned(), document, tags("petstore"))
        .await
        .unwrap();
    let found = cloud.get_web_acl(made.id, made.name).await.unwrap();
    assert_eq!(found.document["Rules"][0].to_string(), unknown.to_string());
}

fn group(name: &str) -> Value {
    json!({"VendorName": "AWS", "Name": name})
}

/// Creating and checking the capacity both say what is wrong, and where.
async fn invalid(cloud: &dyn Cloud, rules: &[Value]) {
    let code = "WAFInvalidParameterException";
    let refusal = cloud
        .create_web_acl("invalid".to_owned(), web_acl(rules), tags("invalid"))
        .await;
    let message = refused(refusal, code, Terminal);
    assert!(
        message.contains("field: ") && message.contains("parameter: "),
        "{message}"
    );
    refused(cloud.check_capacity(json!(rules)).await, code, Terminal);
}

async fn a_search_string_that_is_not_base64_is_refused(cloud: &dyn Cloud, _: &dyn World) {
    let matching = |search: &str| {
        json!({"ByteMatchStatement": {
            "SearchString": search, "FieldToMatch": {"Method": {}},
            "TextTransformations": [{"Priority": 0, "Type": "NONE"}], "PositionalConstraint": "EXACTLY"
        }})
    };
    let refusal = cloud
        .check_capacity(json!([rule("options", 1, &matching("OPTIONS"))]))
        .await;
    refused(refusal, "SerializationException", Terminal);
    // Base64, though nobody means it: WAF cannot know.
    for search in ["T1BUSU9OUw==", "curl"] {
        let capacity = cloud
            .check_capacity(json!([rule("method", 1, &matching(search))]))
            .await;
        assert_eq!(capacity.unwrap(), 2, "{search}");
    }
}

async fn a_false_of_bot_control_is_dropped_or_added(cloud: &dyn Cloud, _: &dyn World) {
    let bots = |level: &str| {
        let config = json!({"InspectionLevel": level, "EnableMachineLearning": false});
        json!({"VendorName": "AWS", "Name": "AWSManagedRulesBotControlRuleSet",
               "ManagedRuleGroupConfigs": [{"AWSManagedRulesBotControlRuleSet": config}]})
    };
    for (name, level, kept) in [("a", "TARGETED", json!(null)), ("b", "COMMON", json!(false))] {
        let rules = [managed_rule("bots", 1, &bots(level))];
        let made = cloud
            .create_web_acl(name.to_owned(), web_acl(&rules), tags(name))
            .await
            .unwrap();
        let found = cloud.get_web_acl(made.id, made.name).await.unwrap().document;
        let group = &found["Rules"][0]["Statement"]["ManagedRuleGroupStatement"];
        let config = &group["ManagedRuleGroupConfigs"][0]["AWSManagedRulesBotControlRuleSet"];
        assert_eq!(config["EnableMachineLearning"], kept, "{level}");
    }
}
