//! What a spec comes to, by the list of prices and by others.

use super::specs::{BASELINE, RICH, any_spec, spec};
use palisade::api::{
    CostPart, CostPartName, CostStatus, PricingPlanStatus, ProtectedApiSpec, ProtectedApiStatus, ShieldStatus,
};
use palisade::domain::cost::prices::Prices;
use palisade::domain::status::cost::cost;
use proptest::prelude::*;
use std::collections::BTreeMap;

const DOCUMENT: &str = include_str!("../../docs/costs.md");

/// Everything of Shield's that costs something.
const SHIELD: &str = "
shield:
  healthCheck: {path: /prod/pets, interval: 10s}
  ddosAlarm: {snsTopicArn: 'arn:aws:sns:us-east-1:123456789012:attacks'}
";

fn by_list(spec: &ProtectedApiSpec) -> CostStatus {
    cost(spec, &ProtectedApiStatus::default(), &Prices::default())
}

/// What it costs once Shield Advanced protects the distribution.
fn protected(spec: &ProtectedApiSpec) -> CostStatus {
    let status = ProtectedApiStatus {
        shield: Some(ShieldStatus {
            protection_id: Some("1".to_owned()),
            ..ShieldStatus::default()
        }),
        ..ProtectedApiStatus::default()
    };
    cost(spec, &status, &Prices::default())
}

fn sums(cost: &CostStatus) -> (&str, &str) {
    (&cost.monthly, &cost.per_million_requests)
}

fn part(cost: &CostStatus, name: CostPartName) -> Option<&CostPart> {
    cost.parts.iter().find(|part| part.name == name)
}

/// A free rule that is a group of AWS's, with more of its statement.
fn group(name: &str, more: &str) -> String {
    let statement = format!("ManagedRuleGroupStatement: {{VendorName: AWS, Name: {name}{more}}}");
    format!("{{Name: {name}, OverrideAction: {{None: {{}}}}, Statement: {{{statement}}}}}")
}

fn bots(level: &str) -> String {
    let config = format!("{{AWSManagedRulesBotControlRuleSet: {{InspectionLevel: {level}}}}}");
    group(
        "AWSManagedRulesBotControlRuleSet",
        &format!(", ManagedRuleGroupConfigs: [{config}]"),
    )
}

fn with_rules(rules: &[String]) -> String {
    format!("webAcl: {{rules: [{}]}}", rules.join(", "))
}

#[test]
fn a_spec_comes_to_what_its_parts_cost() {
    let (common, targeted) = (with_rules(&[bots("COMMON")]), with_rules(&[bots("TARGETED")]));
    let anti_ddos = with_rules(&[group("AWSManagedRulesAntiDDoSRuleSet", "")]);
    let undemanding = "webAcl: {managedRuleGroups: [], rateLimits: []}";
    let both = with_rules(&[
        bots("COMMON"),
        bots("TARGETED").replace("{Name: AWS", "{Name: more-AWS"),
    ]);
    for (yaml, monthly, per_million) in [
        (BASELINE, "9.00", "2.43"),
        (RICH, "34.00", "2.58"),
        (undemanding, "5.00", "2.43"),
        (
            "webAcl: {blockCidrs: [192.0.2.0/24], allowCidrs: []}",
            "10.00",
            "2.43",
        ),
        ("webAcl: {antiDdos: {}}", "30.00", "2.58"),
        (anti_ddos.as_str(), "30.00", "2.58"),
        ("access: {mode: ApiKey}", "9.00", "1.80"),
        ("access: {mode: SecretHeader}", "9.00", "2.00"),
        (common.as_str(), "20.00", "3.43"),
        (targeted.as_str(), "20.00", "12.43"),
        (both.as_str(), "21.00", "12.43"),
        // Without a protection nothing of Shield's is there, and AWS takes what it takes of everybody.
        (SHIELD, "9.00", "2.43"),
    ] {
        assert_eq!(sums(&by_list(&spec(yaml))), (monthly, per_million), "{yaml}");
    }
}

#[test]
fn under_shield_the_web_acl_costs_nothing_and_the_subscription_is_told_and_not_counted() {
    let found = protected(&spec(SHIELD));
    assert_eq!(sums(&found), ("2.60", "1.83"));
    let monthly = |name| part(&found, name).and_then(|part| part.monthly.as_deref());
    assert_eq!(monthly(CostPartName::WebAcl), Some("0.00"));
    assert_eq!(monthly(CostPartName::WebAclRules), Some("0.00"));
    assert_eq!(monthly(CostPartName::HealthCheck), Some("2.50"));
    assert_eq!(monthly(CostPartName::Alarm), Some("0.10"));
    let subscription = part(&found, CostPartName::ShieldAdvanced).expect("told");
    assert!(subscription.shared);
    assert_eq!(subscription.monthly.as_deref(), Some("3000.00"));

    let named = "shield: {healthCheck: {id: 0f1e2d3c-0000-4000-8000-000000000000}}";
    assert_eq!(part(&protected(&spec(named)), CostPartName::HealthCheck), None);
}

#[test]
fn the_dearest_region_of_the_price_class_is_told_where_it_takes_more() {
    for (class, at_most) in [
        ("PriceClass_All", Some("2.20")),
        ("PriceClass_200", None),
        ("PriceClass_100", None),
    ] {
        let found = by_list(&spec(&format!("distribution: {{priceClass: {class}}}")));
        let requests = part(&found, CostPartName::CloudFrontRequests).expect("a part");
        assert_eq!(requests.per_million_requests.as_deref(), Some("1.20"));
        assert_eq!(
            requests.per_million_requests_at_most.as_deref(),
            at_most,
            "{class}"
        );
    }
}

#[test]
fn what_is_paid_for_and_not_counted_is_named() {
    assert_eq!(by_list(&spec(BASELINE)).left_out, Vec::<String>::new());
    assert_eq!(
        by_list(&spec(RICH)).left_out,
        ["WebAclLogs", "DistributionLogs", "SignerLogs"]
    );
    let rules = with_rules(&[group("AWSManagedRulesATPRuleSet", ""), bots("COMMON")]);
    let vendors = rules.replace(
        "webAcl: {",
        "webAcl: {managedRuleGroups: [{name: OWASP_Rules, vendor: Fortinet}], ",
    );
    assert_eq!(
        by_list(&spec(&vendors)).left_out,
        ["RuleGroup OWASP_Rules", "RuleGroup AWSManagedRulesATPRuleSet"]
    );
}

#[test]
fn other_prices_count_and_the_rest_stays_as_listed() {
    let others = r#"{"asOf": "2026-11-01", "webAclRule": "0.5", "cloudFrontRequests": "2.30"}"#;
    let prices = Prices::with(others).expect("prices");
    let found = cost(&spec(BASELINE), &ProtectedApiStatus::default(), &prices);
    assert_eq!(sums(&found), ("7.00", "3.53"));
    assert_eq!(found.as_of, "2026-11-01");
    // No Region is dearer then.
    let requests = part(&found, CostPartName::CloudFrontRequests).expect("a part");
    assert_eq!(requests.per_million_requests_at_most, None);
}

#[test]
fn a_file_of_prices_that_says_something_else_is_refused_by_its_name() {
    for (wrong, named) in [
        (r#"{"webAcls": "4.50"}"#, "`webAcls`"),
        (r#"{"webAcl": "cheap"}"#, "\"cheap\""),
        (r#"{"webAcl": "-1.00"}"#, "\"-1.00\""),
        (r#"{"webAcl": 4.5}"#, "4.5"),
        (r#"{"webAcl": "4.50", "webAcl": "5.00"}"#, "`webAcl`"),
        (r#"{"asOf": "soon"}"#, "line 1"),
        ("", "EOF"),
    ] {
        let refusal = Prices::with(wrong).expect_err("refused");
        assert!(refusal.contains(named), "{wrong}: {refusal}");
    }
}

#[test]
fn the_page_about_costs_has_each_price_of_the_list_and_no_other() {
    let listed = serde_json::to_value(Prices::default()).expect("prices");
    let listed = listed.as_object().expect("an object").iter();
    let listed: BTreeMap<&str, &str> = listed
        .map(|(key, price)| (key.as_str(), price.as_str().unwrap_or_default()))
        .collect();
    let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<(&str, &str)> = rows
        .map(|row| {
            let (key, rest) = row.split_once("` | ").expect("a key");
            (key, rest.split(" |").next().unwrap_or_default())
        })
        .collect();
    assert_eq!(rows.len(), listed.len(), "a row for each key");
    assert_eq!(rows.into_iter().collect::<BTreeMap<_, _>>(), listed);
}

/// The example is what the baseline comes to.
#[test]
fn the_page_about_costs_shows_what_an_object_says() {
    let example = DOCUMENT.split("```yaml\n").nth(1).expect("an example");
    let example = example.split("```").next().unwrap_or_default();
    let shown: BTreeMap<String, BTreeMap<String, CostStatus>> =
        serde_yaml::from_str(example).expect("a status");
    assert_eq!(shown["status"]["cost"], by_list(&spec(BASELINE)));
}

/// An amount as it is told, in cents.
fn cents(told: &str) -> u64 {
    let (dollars, cents) = told.split_once('.').expect("two decimals");
    assert_eq!(cents.len(), 2, "{told}");
    dollars.parse::<u64>().unwrap() * 100 + cents.parse::<u64>().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_sums_are_those_of_the_parts_as_they_are_told((spec, _) in any_spec(), is_protected in any::<bool>()) {
        let found = if is_protected { protected(&spec) } else { by_list(&spec) };
        let counted = || found.parts.iter().filter(|part| !part.shared);
        let monthly = counted().filter_map(|part| part.monthly.as_deref()).map(cents).sum::<u64>();
        let requests = counted().filter_map(|part| part.per_million_requests.as_deref()).map(cents).sum::<u64>();
        prop_assert_eq!((monthly, requests), (cents(&found.monthly), cents(&found.per_million_requests)));
    }
}

#[test]
fn a_pricing_plan_takes_the_place_of_what_it_covers_and_functions_at_the_edge_stay() {
    let of = |state: &str| {
        let status = ProtectedApiStatus {
            pricing_plan: Some(PricingPlanStatus {
                tier: "Pro".to_owned(),
                state: state.to_owned(),
                ..PricingPlanStatus::default()
            }),
            ..ProtectedApiStatus::default()
        };
        cost(&spec(BASELINE), &status, &Prices::default())
    };
    let covered = of("ACTIVE");
    assert_eq!(sums(&covered), ("0.00", "0.63"));
    assert_eq!(covered.left_out, ["PricingPlan Pro"]);
    assert!(part(&covered, CostPartName::WebAcl).unwrap().in_pricing_plan);
    assert!(
        !part(&covered, CostPartName::LambdaAtEdge)
            .unwrap()
            .in_pricing_plan
    );
    assert_eq!(of("PENDING_APPROVAL"), by_list(&spec(BASELINE)));
}
